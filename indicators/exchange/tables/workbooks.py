"""Values as a workbook for people: the values, the definitions, and a sheet that says what the file is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from handover.canonical import instant_text
from handover.errors import Invalid
from handover.narratives import best
from indicators.exchange.tables import definitions
from indicators.exchange.tables.csv_files import Counted
from indicators.exchange.tables.rows import Column, Copy, Kind
from indicators.exchange.tables.sheets import ROWS, Book

VALUES: Final = "Values"
DEFINITIONS: Final = "Definitions"
ABOUT: Final = "About"
WIDTHS: Final = {"title": 44, "result": 30, "comment": 40, "description": 44, "place": 14}
PROTECTION: Final = (
    "A text that a spreadsheet might compute (it begins with =, +, - or @) has an apostrophe before it; importing the"
    " file takes it away again. Numbers and dates are never changed."
)
RULES: Final = (
    "Every row is the last revision of one value. What may be added up over time, places and groups stands in the"
    " columns over_time, over_places and over_groups of the definitions. Shares never add up."
)


def write(copy: Copy, path: Path) -> Counted:
    """Write a programme's values as a workbook.

    Raises:
        Invalid: there are more values than a sheet has rows, or a text is longer than a cell can be.
    """
    if copy.total >= ROWS:
        raise Invalid(
            "workbook_full",
            f"There are {copy.total} values, and a sheet holds {ROWS - 1}: take CSV or a package, or name indicators.",
            field="format",
        )
    with Book(path, instant=copy.instant) as book:
        rows = write_values(book, VALUES, copy.columns, copy.rows())
        write_values(
            book,
            DEFINITIONS,
            definitions.COLUMNS,
            (definitions.row(item, copy.lang) for item in copy.indicators),
        )
        notes = [*copy.notes, *_texts(book)]
        write_about(
            book,
            [*about(copy), ("Values", str(rows)), ("Texts", PROTECTION), *(("Note", note) for note in notes)],
        )
    return counted(path, rows, notes)


def write_values(book: Book, name: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> int:
    """Write a sheet of rows under frozen headings, with a filter, and give how many there were."""
    sheet = book.sheet(name, columns, widths=WIDTHS)
    line = 0
    for line, row in enumerate(rows, start=1):
        for index, (column, text) in enumerate(zip(columns, row, strict=True)):
            if text:
                book.put(sheet, line, index, column, text)
    sheet.autofilter(0, 0, line, len(columns) - 1)
    return line


def about(copy: Copy) -> list[tuple[str, str]]:
    """Give what a file of this copy says of itself: source, date, who took it out."""
    return [
        ("Programme", best(copy.programme.title, copy.lang)),
        ("Identifier", copy.programme.identifier),
        ("UUID", str(copy.programme.uuid)),
        ("Steward", copy.programme.steward.name),
        ("Exported at", instant_text(copy.instant)),
        ("Exported by", f"{copy.by.user.display_name}, {copy.by.organisation.name}"),
        ("Rules", RULES),
    ]


def write_about(book: Book, lines: Iterable[tuple[str, str]]) -> None:
    """Write the sheet that says what the file is."""
    sheet: Any = book.workbook.add_worksheet(ABOUT)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    what = Column("", Kind.TEXT)
    for line, (name, text) in enumerate(lines):
        sheet.write_string(line, 0, name, book.formats["head"])
        book.put(sheet, line, 1, what, text)


def counted(path: Path, rows: int | None, notes: Sequence[str]) -> Counted:
    """Give size and digest of a file that was written."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Counted(rows, path.stat().st_size, digest, tuple(notes))


def _texts(book: Book) -> list[str]:
    if not book.texts:
        return []
    said = (
        f"{book.texts} of the numbers have more than the 15 digits that a spreadsheet keeps:"
        " they are written as texts, so that no digit is lost."
    )
    return [said]
