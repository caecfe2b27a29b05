"""The form of sheets to fill in: a field for each group and place, what changed in it, and its totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover import languages
from handover.canonical import decimal_text
from handover.errors import Gate, Invalid
from handover.narratives import best
from handover.views.forms import AmountField
from indicators.actions.drafts import Row
from indicators.exchange.canonical_lines import share
from indicators.models.cells import TOTAL, parse_cell
from indicators.models.codes import NUMERIC_MEASURES, Measure
from indicators.views import sheets as drawn
from indicators.views import words
from indicators.views.sheets import Sheet, Slot

PARTS: Final = {"v": _("value"), "n": _("numerator"), "d": _("denominator")}


@dataclass
class Changes:
    """What was entered: rows to be put, each with its field, and drafts to be taken out."""

    rows: list[tuple[Row, str]] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)


class GridForm(forms.Form):
    """Values of some indicators for some periods."""

    layout = forms.CharField(widget=forms.HiddenInput, strip=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=_("Why do values change?"),
        help_text=_("Needed where you correct a value that was reported before."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=5000,
        required=False,
    )

    def __init__(
        self, sheets: Sequence[Sheet], seen: Sequence[Mapping[Slot, int]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sheets = sheets
        self.seen = seen
        self.changes = Changes()
        self.initial["layout"] = drawn.written(sheets)
        for number, sheet in enumerate(sheets):
            for row, column, slot in sheet.slots:
                for kind in sheet.kinds:
                    name = drawn.fieldname(number, row, column, kind)
                    self.fields[name] = _field(sheet)
                    self.initial[name] = _local(drawn.entered(sheet, slot, kind))

    def clean(self) -> dict[str, Any]:
        """Find what changed; a field that says what stands already changes nothing."""
        given: dict[str, Any] = super().clean() or {}
        self.changes = Changes()
        for number, sheet in enumerate(self.sheets):
            for row, column, slot in sheet.slots:
                name = drawn.fieldname(number, row, column, sheet.kinds[0])
                try:
                    self._slot(number, sheet, (row, column), slot, given)
                except ValidationError as error:
                    self.add_error(name, error)
        return given

    def _slot(
        self, number: int, sheet: Sheet, at: tuple[int, int], slot: Slot, given: Mapping[str, Any]
    ) -> None:
        names = {kind: drawn.fieldname(number, *at, kind) for kind in sheet.kinds}
        if any(name in self.errors for name in names.values()):
            return
        said = {kind: given.get(name) for kind, name in names.items()}
        drafted, standing = sheet.drafted.get(slot), sheet.standing.get(slot)
        if all(item in (None, "") for item in said.values()):
            if drafted is not None:
                self.changes.gone.append(drafted.uuid)
            elif standing is not None:
                raise ValidationError(
                    gettext(
                        "A value that was reported cannot be emptied: write the right one, and why it changes."
                    )
                )
            return
        if standing is not None and _same(standing, said):
            if drafted is not None:
                self.changes.gone.append(drafted.uuid)
            return
        self.changes.rows.append(
            (self._row(sheet, slot, said, self.seen[number].get(slot, 0)), next(iter(names.values())))
        )

    def _row(self, sheet: Sheet, slot: Slot, said: Mapping[str, Any], revision: int) -> Row:
        """Make a row of what was entered.

        Raises:
            ValidationError: half a share, or one that is more than possible.
        """
        place, name = slot
        numerator, denominator = said.get("n"), said.get("d")
        value = said.get("v")
        if sheet.shares:
            if numerator is None or denominator is None:
                raise ValidationError(gettext("A share needs both numbers: how many, and of how many."))
            value = share(decimal_text(numerator), decimal_text(denominator)) or None
        return Row(
            indicator=sheet.indicator.uuid,
            starts_on=sheet.starts_on,
            ends_on=sheet.ends_on,
            place=place,
            dimensions={item["name"]: item["value"] for item in parse_cell(name)},
            value=value,
            numerator=numerator,
            denominator=denominator,
            reason=self.cleaned_data.get("reason", ""),
            revision=revision,
        )

    def told(self, error: Invalid) -> bool:
        """Put what is wrong with single rows at their fields; give whether that was all."""
        problems: Any = error.details.get("problems", ())
        placed = 0
        for item in problems:
            line = int(item.get("line", 0))
            if 0 < line <= len(self.changes.rows):
                name = self.changes.rows[line - 1][1]
                self.add_error(name, languages.refusal(Gate(str(item["code"]), str(item["sentence"]))))
                placed += 1
        return bool(placed) and placed == len(problems)


def _field(sheet: Sheet) -> forms.Field:
    indicator = sheet.indicator
    if indicator.measure == Measure.ORDINAL and indicator.scale:
        steps = [(item["code"], best(item.get("title") or []) or item["code"]) for item in indicator.scale]
        return forms.ChoiceField(choices=[("", ""), *steps], required=False)
    if indicator.measure in NUMERIC_MEASURES:
        return AmountField(required=False)
    return forms.CharField(required=False, max_length=5000)


def _same(known: drawn.Known, said: Mapping[str, Any]) -> bool:
    if "n" in said:
        return (known.numerator, known.denominator) == (said["n"], said["d"])
    value = said.get("v")
    if isinstance(value, Decimal):
        return known.value == value
    return str(value) == (known.value_text or "")


def _local(text: str) -> str:
    """Write a number into a field with the reader's decimal mark."""
    if languages.language() == "en" or not text.replace(".", "", 1).lstrip("-").isdigit():
        return text
    return text.replace(".", ",")


# --- as it is shown -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """A total so far."""

    value: Decimal = Decimal(0)
    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.value + other.value, self.numerator + other.numerator, self.denominator + other.denominator
        )

    def said(self, sheet: Sheet) -> str:
        """Write it."""
        if not sheet.shares:
            return words.of(sheet.indicator, self.value)
        if not self.denominator:
            return languages.NOTHING
        return gettext("%(share)s (%(some)s of %(all)s)") % {
            "share": words.of(sheet.indicator, 100 * self.numerator / self.denominator),
            "some": languages.number(self.numerator),
            "all": languages.number(self.denominator),
        }


def shown(
    form: GridForm, places: Mapping[UUID, str], known: words.Titles, lang: str
) -> Iterator[dict[str, Any]]:
    """Give the sheets as a template shows them."""
    for number, sheet in enumerate(form.sheets):
        rows = [_row_shown(form, number, sheet, row, places, known) for row in range(len(sheet.cells))]
        parts = [row for row in rows if not row["whole"]] or rows
        columns = [_total(row["sums"][at] for row in parts) for at in range(len(sheet.places))]
        head = [_place(sheet, place, places) for place in sheet.places]
        yield {
            "number": number,
            "indicator": sheet.indicator.uuid,
            "title": best(sheet.indicator.title, lang) or str(sheet.indicator.uuid),
            "unit": sheet.indicator.currency or sheet.indicator.unit,
            "rule": sheet.indicator.get_counting_rule_display()
            if sheet.indicator.counting_rule != "none"
            else "",
            "span": words.span(sheet.starts_on, sheet.ends_on),
            "before": words.span(*sheet.before_span) if sheet.before_span else "",
            "shares": sheet.shares,
            "head": head,
            "rows": rows,
            "adds_groups": sheet.adds_groups and len(parts) > 1,
            "adds_places": sheet.adds_places and len(sheet.places) > 1,
            "columns": [
                {"place": place, "said": each.said(sheet)} for place, each in zip(head, columns, strict=True)
            ],
            "all": _total(columns).said(sheet),
            "percent": sheet.indicator.measure == Measure.PERCENTAGE,
        }


def _row_shown(
    form: GridForm, number: int, sheet: Sheet, row: int, places: Mapping[UUID, str], known: words.Titles
) -> dict[str, Any]:
    name = sheet.cells[row]
    cells, sums = [], []
    for column, place in enumerate(sheet.places):
        fields = [
            _field_shown(form, drawn.fieldname(number, row, column, kind), kind) for kind in sheet.kinds
        ]
        standing, before = sheet.standing.get((place, name)), sheet.before.get((place, name))
        cells.append(
            {
                "fields": fields,
                "column": column,
                "place": _place(sheet, place, places),
                "standing": _known(sheet, standing),
                "reporter": standing.reporter if standing else "",
                "before": _known(sheet, before),
            }
        )
        sums.append(_sum(fields))
    return {
        "row": row,
        "label": words.group(name, known),
        "whole": name == TOTAL and len(sheet.cells) > 1,
        "cells": cells,
        "sums": sums,
        "total": _total(sums).said(sheet),
    }


def _place(sheet: Sheet, place: UUID | None, places: Mapping[UUID, str]) -> str:
    """Name a column by its place; where nothing is reported by place it is simply the value."""
    if place is not None:
        return places.get(place, "")
    return gettext("No place") if len(sheet.places) > 1 else gettext("Value")


def _known(sheet: Sheet, known: drawn.Known | None) -> str:
    if known is None:
        return ""
    if sheet.shares and known.denominator is not None:
        return f"{languages.number(known.numerator)} / {languages.number(known.denominator)}"
    return words.of(sheet.indicator, known.value) if known.value is not None else known.value_text or ""


def _field_shown(form: GridForm, name: str, kind: str) -> dict[str, Any]:
    bound = form[name]
    value = bound.value()
    return {
        "name": name,
        "id": bound.id_for_label,
        "kind": kind,
        "label": str(PARTS[kind]),
        "value": "" if value is None else str(value),
        "errors": list(bound.errors),
        "choices": _steps(bound.field, str(value or "")),
        "numeric": isinstance(bound.field, AmountField),
    }


def _steps(field: forms.Field, chosen: str) -> list[dict[str, Any]]:
    """Give the steps of a scale to choose from."""
    offered: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
    return [{"code": code, "title": title, "chosen": chosen == code} for code, title in offered]


def _sum(fields: Iterable[Mapping[str, Any]]) -> Sum:
    read = {item["kind"]: _amount(item["value"]) for item in fields}
    return Sum(read.get("v", Decimal(0)), read.get("n", Decimal(0)), read.get("d", Decimal(0)))


def _amount(text: str) -> Decimal:
    try:
        return AmountField(required=False).clean(text) or Decimal(0)
    except ValidationError:
        return Decimal(0)


def _total(sums: Iterable[Sum]) -> Sum:
    found = Sum()
    for each in sums:
        found += each
    return found
