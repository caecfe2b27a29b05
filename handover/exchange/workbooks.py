"""Small workbooks: texts as texts, numbers only where no digit is lost, the same bytes for the same content."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from handover.canonical import decimal_text
from handover.cell_texts import protected
from handover.queries.statements.sections import Exact, Section, Value

KEPT_DIGITS: Final = 15
"""The digits that a spreadsheet keeps of a number."""
LONGEST_TEXT: Final = 32_767
"""UTF-16 units that a cell holds."""
LONGEST_NAME: Final = 31
"""Characters of a sheet's name."""
FIRST_DAY: Final = dt.date(1900, 3, 1)
"""Spreadsheets count days before this one wrongly, or not at all."""
OPTIONS: Final[dict[str, object]] = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
FORMATS: Final[dict[str, dict[str, object]]] = {
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF2", "border": 1},
    "label": {"bold": True, "valign": "top", "text_wrap": True},
    # Stays a text when somebody edits it, as if an apostrophe had been typed before it.
    "text": {"num_format": "@", "quote_prefix": True, "text_wrap": True, "valign": "top"},
    "day": {"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"},
    "number": {"num_format": "General", "valign": "top"},
}
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")


class Book:
    """A workbook in memory.

    Args:
        instant: when it was written; the same content at the same instant gives the same bytes.
    """

    def __init__(self, *, instant: dt.datetime) -> None:
        self.buffer = io.BytesIO()
        self.workbook: Any = xlsxwriter.Workbook(self.buffer, dict(OPTIONS))
        self.workbook.set_properties({"created": instant.astimezone(dt.UTC).replace(tzinfo=None)})
        self.formats = {name: self.workbook.add_format(said) for name, said in FORMATS.items()}
        self.names: set[str] = set()

    def bytes(self) -> bytes:
        """Finish it, and give its bytes."""
        self.workbook.close()
        return self.buffer.getvalue()

    def named(self, title: str) -> str:
        """Make a sheet's name of a title: short enough, without forbidden signs, and not taken."""
        name = _FORBIDDEN.sub(" ", title).strip(" '") or "1"
        short, number = name[:LONGEST_NAME].strip(" '"), 1
        while short.lower() in self.names:
            number += 1
            mark = f" {number}"
            short = name[: LONGEST_NAME - len(mark)].strip(" '") + mark
        self.names.add(short.lower())
        return short

    def put(self, sheet: Any, line: int, column: int, value: Value) -> None:
        """Write a cell."""
        match value:
            case None | "":
                return
            case Exact():
                self._text(sheet, line, column, value.text)
            case dt.date() if value >= FIRST_DAY:
                moment = dt.datetime.combine(value, dt.time())
                sheet.write_datetime(line, column, moment, self.formats["day"])
            case int() | Decimal() if fits(Decimal(value)):
                sheet.write_number(line, column, float(value), self.formats["number"])
            case int() | Decimal():
                self._text(sheet, line, column, decimal_text(Decimal(value)))
            case _:
                self._text(sheet, line, column, protected(str(value)))

    def _text(self, sheet: Any, line: int, column: int, text: str) -> None:
        """Write a text; of one that no cell holds its beginning, and a mark that there was more."""
        if len(text) > LONGEST_TEXT // 2 and len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            text = text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - 2)].decode("utf-16-le", "ignore") + " …"
        sheet.write_string(line, column, text, self.formats["text"])

    def section(self, section: Section, *, title: str = "") -> None:
        """Write a section on a sheet of its own: sentences, facts, the table."""
        sheet = self.workbook.add_worksheet(self.named(title or section.title))
        line = 0
        for text in section.said:
            sheet.write_string(line, 0, protected(text))
            line += 1
        for label, value in section.facts:
            sheet.write_string(line, 0, protected(label), self.formats["label"])
            self.put(sheet, line, 1, value)
            line += 1
        if section.rows:
            line += 1 if line else 0
            for column, head in enumerate(section.head):
                sheet.write_string(line, column, protected(head), self.formats["head"])
            for row in section.rows:
                line += 1
                for column, value in enumerate(row):
                    self.put(sheet, line, column, value)
        elif section.empty:
            sheet.write_string(line, 0, protected(section.empty))
        for column, width in enumerate(_widths(section)):
            sheet.set_column(column, column, width)


def _widths(section: Section) -> Sequence[int]:
    """Give columns' widths: in the proportions of the paper, wide enough for facts beside their labels."""
    shares = list(section.widths) or [3] * len(section.head)
    widths = [max(10, min(60, 6 * share)) for share in shares]
    if section.facts or section.said or not widths:
        widths[:2] = [max(36, *widths[:1], 0), max(48, *widths[1:2], 0)]
    return widths


def fits(exact: Decimal) -> bool:
    """Tell whether a spreadsheet keeps every digit of a number."""
    digits = "".join(map(str, exact.as_tuple().digits)).strip("0")
    return len(digits) <= KEPT_DIGITS and abs(exact.adjusted()) < 300
