"""The workbook that people fill in: one row for each value, with lists to choose from, in their language.

Headings and what is known already are locked, without a password: against slips, not against people. What the import
must know (which column is which, what a label means, which revision was seen) stands in hidden columns and sheets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from xlsxwriter.utility import xl_col_to_name

from handover.access import Actor
from handover.canonical import instant_text
from handover.cell_texts import protected
from handover.errors import Invalid
from handover.permissions import Permission
from indicators.exchange.tables import template_marks, template_rows
from indicators.exchange.tables.rows import Column, Kind, heading, taking_out
from indicators.exchange.tables.sheets import FORMATS, Book
from indicators.exchange.tables.template_marks import Marks
from indicators.exchange.tables.template_rows import Labels, Row
from indicators.exchange.tables.template_texts import LANGUAGES, Texts

SPARE: Final = 200
"""Empty rows at the end, for other places and periods."""

LISTS: Final = "lists"
ENDS: Final = ("value", "numerator", "denominator", "comment", "reason", "revision")
KINDS: Final[Mapping[str, Kind]] = {
    "start": Kind.DAY,
    "end": Kind.DAY,
    "value": Kind.NUMBER,
    "numerator": Kind.NUMBER,
    "denominator": Kind.NUMBER,
    "revision": Kind.WHOLE,
}
WIDTHS: Final[Mapping[str, int]] = {
    "indicator": 48,
    "place": 26,
    "comment": 36,
    "reason": 30,
    "start": 12,
    "end": 12,
}
INPUT: Final = "#FFFBE6"
PROTECTION: Final = {
    "format_columns": True,
    "format_rows": True,
    "sort": True,
    "autofilter": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}


@dataclass(frozen=True)
class Drawn:
    """What a template holds: rows to fill in, and indicators."""

    rows: int
    indicators: int


def template(
    by: Actor,
    programme: UUID | str,
    *,
    path: Path,
    indicators: Sequence[UUID | str] = (),
    period: tuple[dt.date, dt.date] | None = None,
    lang: str = "en",
) -> Drawn:
    """Write the template of a programme: the indicators that the actor may report, with what stands there now.

    Args:
        indicators: only these, by UUID or title.
        period: of this period; otherwise of the periods that each has, or the present one of its frequency.
        lang: ``en``, ``ro`` or ``lt``.

    Raises:
        NotFound: there is no such programme, or it is not open to the actor.
        NotAllowed: the actor may report none of the indicators.
        Invalid: an unknown indicator or language, a period the wrong way round, or too many rows.
    """
    if lang not in LANGUAGES:
        raise Invalid(
            "unknown_language", f"Templates speak {', '.join(LANGUAGES)}, not {lang}.", field="lang"
        )
    if period is not None and period[1] < period[0]:
        raise Invalid("dates_reversed", "The period ends before it begins.", field="period")
    with taking_out(by, programme, indicators=indicators, lang=lang, may=Permission.VIEW) as copy:
        chosen = template_rows.reportable(by, copy.programme, copy.indicators)
        axes = template_rows.axes_of(copy.programme)
        rows = list(template_rows.rows(copy, chosen, axes, period))
        named = {name for item in chosen for name in item.axes} | {
            name for row in rows for name in row.dimensions
        }
        used = [name for name in axes if name in named] + sorted(named - axes.keys())
        labels = template_rows.labels(copy.programme, chosen, axes, lang)
        facts = {
            "version": template_marks.VERSION,
            "programme": str(copy.programme.uuid),
            "downloaded_at": instant_text(copy.instant),
            "sheet": LANGUAGES[lang].values,
            "heading_row": "1",
            "first_row": "2",
        }
        with Book(path, instant=copy.instant) as book:
            _Template(book, LANGUAGES[lang], labels, used, facts).write(rows)
    return Drawn(len(rows), len(chosen))


class _Template:
    """A template that is being written."""

    def __init__(
        self, book: Book, texts: Texts, labels: Labels, axes: Sequence[str], facts: Mapping[str, str]
    ) -> None:
        self.book, self.texts, self.labels, self.axes, self.facts = book, texts, labels, axes, facts
        self.names = ("indicator", "start", "end", "place", *(heading(name) for name in axes), *ENDS)
        self.columns = [Column(name, KINDS.get(name, Kind.TEXT)) for name in self.names]
        self.at = {name: index for index, name in enumerate(self.names)}
        self.shown = {
            "indicator": _inverted(labels.indicators),
            "place": _inverted(labels.places),
            **{heading(name): _inverted(labels.categories.get(name, {})) for name in axes},
        }
        formats = book.workbook.add_format
        kinds = {Kind.TEXT: "text", Kind.DAY: "day", Kind.NUMBER: "number", Kind.WHOLE: "number"}
        self.locked = {
            kind: formats({**FORMATS[name], "bg_color": "#F3F3F3"}) for kind, name in kinds.items()
        }
        self.open = {
            kind: formats({**FORMATS[name], "quote_prefix": False, "locked": False, "bg_color": INPUT, "border": 1,
                           "border_color": "#D9D9D9"})
            for kind, name in kinds.items()
        }  # fmt: skip

    def write(self, rows: Sequence[Row]) -> None:
        """Write all sheets: the values first, which is what an import reads."""
        sheet = self.book.workbook.add_worksheet(self.texts.values)
        self._head(sheet)
        for line, row in enumerate(rows, start=1):
            self._row(sheet, line, row)
        for line in range(len(rows) + 1, len(rows) + SPARE + 1):
            self._spare(sheet, line)
        self._instructions()
        lists = self._lists()
        self._checks(sheet, rows, lists)
        sheet.autofilter(0, 0, len(rows) + SPARE, len(self.names) - 1)
        sheet.protect("", PROTECTION)
        self._marks()

    def _head(self, sheet: Any) -> None:
        axes = _inverted(self.labels.axes)
        titles = {heading(name): axes.get(name, name) for name in self.axes}
        sheet.freeze_panes(1, 1)
        for index, name in enumerate(self.names):
            options = {"hidden": True} if name == "revision" else {}
            sheet.set_column(index, index, WIDTHS.get(name, 16), None, options)
        for index, name in enumerate(self.names):
            title = titles.get(name)
            text = self.texts.headings.get(name, name) if title in (None, name) else str(title)
            self.book.put_text(sheet, 0, index, protected(text), "head")

    def _row(self, sheet: Any, line: int, row: Row) -> None:
        """Write a row; a value that stands keeps its place, which would otherwise be another value."""
        known = row.revision != "0"
        texts = {
            "indicator": str(row.indicator.uuid),
            "start": row.start.isoformat(),
            "end": row.end.isoformat(),
            "place": row.place,
            **{heading(name): value for name, value in row.dimensions.items()},
            "value": row.value,
            "numerator": row.numerator,
            "denominator": row.denominator,
            "comment": row.comment,
            "revision": row.revision,
        }
        for name, column in zip(self.names, self.columns, strict=True):
            fixed = name not in ENDS[:-1] and (name != "place" or known)
            text = texts.get(name, "")
            label = self.shown[name].get(text, text) if name in self.shown and text else text
            self._cell(sheet, line, column, label, locked=fixed)

    def _spare(self, sheet: Any, line: int) -> None:
        for name, column in zip(self.names, self.columns, strict=True):
            last = name == "revision"
            self._cell(sheet, line, column, "0" if last else "", locked=last)

    def _cell(self, sheet: Any, line: int, column: Column, text: str, *, locked: bool) -> None:
        form = (self.locked if locked else self.open)[column.kind]
        self.book.put(sheet, line, self.at[column.name], column, text, form=form)

    def _instructions(self) -> None:
        sheet = self.book.workbook.add_worksheet(self.texts.instructions)
        sheet.set_column(0, 0, 110)
        for line, text in enumerate(self.texts.lines):
            self.book.put_text(sheet, line, 0, text, "wrapped")
        sheet.protect("", PROTECTION)

    def _lists(self) -> dict[str, str]:
        """Write what can be chosen into a hidden sheet, and give where each list stands."""
        sheet = self.book.workbook.add_worksheet(LISTS)
        sheet.hide()
        found: dict[str, str] = {}
        lists = {name: list(labels.values()) for name, labels in self.shown.items()}
        for index, name in enumerate(lists):
            if lists[name]:
                letters = xl_col_to_name(index)
                found[name] = f"={LISTS}!${letters}$1:${letters}${len(lists[name])}"
        for line in range(max((len(each) for each in lists.values()), default=0)):
            for index, each in enumerate(lists.values()):
                if line < len(each):
                    self.book.put_text(sheet, line, index, protected(each[line]))
        return found

    def _checks(self, sheet: Any, rows: Sequence[Row], lists: Mapping[str, str]) -> None:
        """Let cells take only what can be read: lists, dates, numbers where only numbers are reported."""
        last = len(rows) + SPARE
        for name, source in lists.items():
            said = {"validate": "list", "source": source, "error_message": self.texts.not_listed}
            sheet.data_validation(1, self.at[name], last, self.at[name], said)
        for name in ("start", "end"):
            day: dict[str, object] = {
                "validate": "date",
                "criteria": ">",
                "value": dt.date(1900, 3, 1),
                "error_message": self.texts.not_a_day,
            }
            sheet.data_validation(len(rows) + 1, self.at[name], last, self.at[name], day)
        number = {
            "validate": "decimal",
            "criteria": "between",
            "minimum": -1e26,
            "maximum": 1e26,
            "error_message": self.texts.not_a_number,
        }
        for name in ("numerator", "denominator"):
            sheet.data_validation(1, self.at[name], last, self.at[name], number)
        line = 1
        for numeric, same in groupby(rows, key=lambda row: row.numeric):
            first, line = line, line + sum(1 for _ in same)
            if numeric:
                sheet.data_validation(first, self.at["value"], line - 1, self.at["value"], number)

    def _marks(self) -> None:
        marks = Marks(
            facts=self.facts,
            columns={xl_col_to_name(index): name for index, name in enumerate(self.names)},
            indicators=self.labels.indicators,
            places=self.labels.places,
            axes=self.labels.axes,
            categories=self.labels.categories,
        )
        sheet = self.book.workbook.add_worksheet(template_marks.SHEET)
        sheet.very_hidden()
        for line, row in enumerate(marks.rows()):
            for index, text in enumerate(row):
                self.book.put_text(sheet, line, index, protected(text))


def _inverted(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: label for label, key in labels.items()}
