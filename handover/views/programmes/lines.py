"""Lines of registers in words and in forms: every register alike, made from its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.languages import NOTHING, day, money, number, translated
from handover.models import LegalAct
from handover.queries.register_lines import references
from handover.views.forms import AmountField, DayField
from handover.views.programmes.nouns import HINTS, LABELS, MONEY, Noun
from handover.views.programmes.texts import WIDE, TextsForm

YEARS: Final = frozenset({"year"})
SMALL: Final = {"years": (0, 50), "months": (0, 11), "due_month": (1, 12), "due_day": (1, 31)}
"""Columns that count a few: the least and the most that they take."""


def called(row: Any) -> str:
    """Call a row that a line refers to, or a line itself."""
    if isinstance(row, LegalAct):
        kind = translated(row.get_kind_display()).capitalize()
        return f"{kind} {row.number}" + (f": {row.title}" if row.title else "")
    return str(getattr(row, "title", "") or getattr(row, "name", "") or row)


def said(row: Any, name: str) -> str:
    """Say what stands in a column of a line."""
    value = getattr(row, name)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if getattr(row._meta.get_field(name), "choices", None):
        return translated(getattr(row, f"get_{name}_display")()).capitalize()
    if name in YEARS:
        return str(value)
    if isinstance(value, dt.date):
        return day(value)
    if name in MONEY:
        return money(value, getattr(row, "currency", ""))
    if isinstance(value, int | Decimal):
        return number(value)
    return called(value) if isinstance(value, models.Model) else str(value)


def field_of(column: models.Field[Any, Any], offered: Mapping[str, Sequence[tuple[str, Any]]]) -> forms.Field:
    """Make the field of a form for a column of a register."""
    name = column.name
    said_as: dict[str, Any] = {
        "label": LABELS[name],
        "help_text": HINTS.get(name, ""),
        "required": not (column.blank or column.null or column.has_default()),
    }
    made = _made(column, offered, said_as)
    made.error_messages["required"] = gettext("Enter this: %(label)s.") % {"label": LABELS[name]}
    return made


def _made(
    column: models.Field[Any, Any],
    offered: Mapping[str, Sequence[tuple[str, Any]]],
    said_as: dict[str, Any],
) -> forms.Field:
    nothing = [] if said_as["required"] else [("", gettext("Not said"))]
    if isinstance(column, models.ForeignKey):
        rows = [(key, called(row)) for key, row in offered[column.related_model.__name__]]
        return forms.ChoiceField(choices=[*(nothing or [("", "")]), *rows], **said_as)
    if column.choices:
        told = [(value, translated(str(label)).capitalize()) for value, label in column.flatchoices if value]
        return forms.ChoiceField(choices=[*nothing, *told], **said_as)
    if isinstance(column, models.BooleanField):
        return forms.BooleanField(**said_as | {"required": False})
    if isinstance(column, models.DateField):
        return DayField(**said_as)
    if isinstance(column, models.DecimalField):
        return AmountField(max_digits=column.max_digits, decimal_places=column.decimal_places, **said_as)
    if column.name in SMALL:
        few = forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-2"})
        least, most = SMALL[column.name]
        return forms.IntegerField(min_value=least, max_value=most, widget=few, **said_as)
    if isinstance(column, models.IntegerField):
        whole = forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-4"})
        return forms.IntegerField(min_value=1900, max_value=2199, widget=whole, **said_as)
    if isinstance(column, models.TextField):
        return forms.CharField(max_length=10_000, widget=forms.Textarea({"rows": 3}), **said_as)
    short = column.max_length == 3
    widget = forms.TextInput({"class": "govuk-input--width-5"} if short else WIDE)
    return forms.CharField(max_length=column.max_length, widget=widget, **said_as)


class LineForm(TextsForm):
    """A line of a register, made from its columns."""

    def __init__(
        self,
        *args: Any,
        noun: Noun,
        columns: Sequence[str],
        offered: Mapping[str, Sequence[tuple[str, Any]]],
        responsibilities: Sequence[tuple[str, str]] = (),
        asks_why: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._columns = list(columns)
        self._references = {field.name for field in references(noun.model)}
        if responsibilities:
            self.fields["responsibility"] = forms.ChoiceField(
                label=str(LABELS["responsibility"]),
                choices=responsibilities,
                help_text=_("It hangs on this responsibility, and moves with it."),
            )
        for name in columns:
            column: Any = noun.model._meta.get_field(name)
            self.fields[name] = field_of(column, offered)
        if asks_why:
            self.fields["reason"] = forms.CharField(
                label=_("Why"),
                required=False,
                max_length=1000,
                widget=forms.TextInput(WIDE),
                help_text=_("Needed where a stage goes back."),
            )

    def columns(self) -> dict[str, Any]:
        """Give what was entered as the actions take it: nothing is nothing, a reference is its UUID."""
        found: dict[str, Any] = {}
        for name in self._columns:
            value = self.cleaned_data[name]
            if name in self._references:
                value = UUID(value) if value else None
            found[name] = value
        return found

    def changes(self, start: Mapping[str, Any]) -> dict[str, Any]:
        """Give of what was entered what differs from what the form began with (``start_of``)."""
        return {
            name: value
            for name, value in self.columns().items()
            if (str(value) if isinstance(value, UUID) else value) != start[name]
        }


def start_of(row: Any, columns: Sequence[str]) -> dict[str, Any]:
    """Give what the form of a line begins with."""
    found: dict[str, Any] = {}
    for name in columns:
        value: Any = getattr(row, name)
        found[name] = str(value.uuid) if hasattr(value, "uuid") else value
    return found
