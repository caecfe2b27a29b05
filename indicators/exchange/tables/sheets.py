"""One way to write cells into a workbook: texts as texts, numbers only where nothing is lost, dates as dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from handover.cell_texts import protected
from handover.errors import Invalid
from indicators.exchange.tables.rows import Column, Kind
from indicators.models.cells import number

KEPT_DIGITS: Final = 15
"""The digits that a spreadsheet keeps of a number."""

LONGEST_TEXT: Final = 32_767
"""UTF-16 units that a cell holds."""

ROWS: Final = 1_048_576
"""Rows that a sheet holds."""

NOTED: Final = 100
"""Numbers written as texts that get a note of their own; of more, the sheet about the file tells."""

FIRST_DAY: Final = dt.date(1900, 3, 1)
"""Spreadsheets count days before this one wrongly, or not at all."""

OPTIONS: Final[Mapping[str, object]] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}

FORMATS: Final[Mapping[str, Mapping[str, object]]] = {
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF2", "border": 1},
    # Stays a text when somebody edits it, as if an apostrophe had been typed before it.
    "text": {"num_format": "@", "quote_prefix": True, "valign": "top"},
    "wrapped": {"num_format": "@", "quote_prefix": True, "text_wrap": True, "valign": "top"},
    "day": {"num_format": "yyyy-mm-dd", "valign": "top"},
    "number": {"num_format": "General", "valign": "top"},
}


class Book:
    """A workbook that is being written, row by row and sheet by sheet, without keeping it in memory."""

    def __init__(self, path: Path, *, instant: dt.datetime) -> None:
        self.workbook: Any = xlsxwriter.Workbook(str(path), dict(OPTIONS))
        # The same content at the same instant gives the same bytes.
        self.workbook.set_properties({"created": instant.astimezone(dt.UTC).replace(tzinfo=None)})
        self.formats = {name: self.workbook.add_format(dict(said)) for name, said in FORMATS.items()}
        self.texts = 0
        """Numbers that were written as texts, because a spreadsheet would have lost digits."""

    def __enter__(self) -> Book:
        """Write into it."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Finish the file; after an error too, so that nothing temporary stays behind."""
        self.workbook.close()

    def sheet(self, name: str, columns: Sequence[Column], *, widths: Mapping[str, int] | None = None) -> Any:
        """Begin a sheet with frozen headings."""
        sheet = self.workbook.add_worksheet(name)
        for index, column in enumerate(columns):
            width = (widths or {}).get(column.name, WIDTHS[column.kind])
            sheet.set_column(index, index, width, None)
        sheet.freeze_panes(1, 0)
        for index, column in enumerate(columns):
            sheet.write_string(0, index, protected(column.name), self.formats["head"])
        return sheet

    def put(self, sheet: Any, line: int, index: int, column: Column, text: str, *, form: Any = None) -> None:
        """Write one cell as its column says; in a format of one's own, an empty one too."""
        day = _day(text) if column.kind is Kind.DAY else None
        if not text:
            if form is not None:
                sheet.write_blank(line, index, None, form)
        elif day is not None:
            moment = dt.datetime.combine(day, dt.time())
            sheet.write_datetime(line, index, moment, form or self.formats["day"])
        elif column.kind in (Kind.NUMBER, Kind.WHOLE) and number(text) is not None:
            self._put_number(sheet, line, index, text, form)
        else:
            said = text if column.kind is Kind.KEY else protected(text)
            self.put_text(sheet, line, index, said, form or "text")

    def _put_number(self, sheet: Any, line: int, index: int, text: str, form: Any) -> None:
        """Write a number as a number if a spreadsheet keeps every digit of it, else as a text."""
        exact = Decimal(text.strip())
        if fits(exact):
            sheet.write_number(line, index, float(exact), form or self.formats["number"])
            return
        self.texts += 1
        self.put_text(sheet, line, index, text, form or "text")
        if self.texts <= NOTED:
            sheet.write_comment(
                line, index, "Written as text: a spreadsheet would lose digits of this number."
            )

    def put_text(self, sheet: Any, line: int, index: int, text: str, form: Any = "text") -> None:
        """Write a text as a text, whatever it looks like; ``form`` is a format, or the name of one.

        Raises:
            Invalid: it is longer than a cell can be.
        """
        if len(text) > LONGEST_TEXT // 2 and len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            raise Invalid(
                "text_too_long_for_a_cell",
                f"A text has {len(text)} characters, and a cell of a workbook holds {LONGEST_TEXT}:"
                " take CSV or a package.",
                line=line + 1,
            )
        sheet.write_string(line, index, text, self.formats[form] if isinstance(form, str) else form)


WIDTHS: Final[Mapping[Kind, int]] = {
    Kind.KEY: 38,
    Kind.TEXT: 18,
    Kind.DAY: 12,
    Kind.NUMBER: 14,
    Kind.WHOLE: 10,
}


def fits(exact: Decimal) -> bool:
    """Tell whether a spreadsheet keeps every digit of a number."""
    digits = "".join(map(str, exact.as_tuple().digits)).strip("0")
    return len(digits) <= KEPT_DIGITS and abs(exact.adjusted()) < 300


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= FIRST_DAY else None
