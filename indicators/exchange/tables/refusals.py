"""The workbook that comes back: the rows that were refused, as they were given, and beside each what is wrong.

A wrong cell is coloured and says why; the last column says everything that is wrong with its row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from xlsxwriter.utility import xl_col_to_name

from handover import clock
from handover.cell_texts import protected, unprotected
from indicators.exchange.tables.sheets import FORMATS, LONGEST_TEXT, ROWS, Book

Problem = tuple[int, str | None, str, str]
"""Row number as in the file, letters of the column (``None``: the whole row), code, sentence."""

WHY: Final[Mapping[str, str]] = {
    "en": "Why it was refused",
    "ro": "De ce a fost refuzat",
    "lt": "Kodėl atmesta",
}
ROW: Final[Mapping[str, str]] = {"en": "Row in the file", "ro": "Rândul din fișier", "lt": "Failo eilutė"}
SHEETS: Final[Mapping[str, str]] = {"en": "Refused", "ro": "Refuzate", "lt": "Atmestos"}
NOTED: Final = 10_000
"""Cells that get a note; beyond, only the column says why."""


@dataclass(frozen=True)
class Returned:
    """What came back: rows that were refused, and what is wrong with them."""

    rows: int
    problems: int


def workbook(
    rows: Iterable[tuple[int, Sequence[str]]],
    problems: Iterable[Problem],
    path: Path,
    *,
    only_refused: bool = True,
    headings: Iterable[int] = (1,),
    lang: str = "en",
) -> Returned:
    """Write the rows of a file that was refused as a workbook, each with why.

    Args:
        rows: the file's rows with their numbers, in their order; cells as texts, as they were given.
        problems: what is wrong; in any order.
        only_refused: leave out rows with which nothing is wrong; otherwise all of them come back.
        headings: numbers of the rows that are headings: they always come back.
        lang: language of the new heading (``en``, ``ro``, ``lt``); sentences stay as they are.
    """
    wrong: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        wrong[problem[0]].append(problem)
    heads = frozenset(headings)
    kept = [row for row in rows if row[0] in heads or row[0] in wrong or not only_refused]
    width = max((len(cells) for _, cells in kept), default=0)
    with Book(path, instant=clock.now()) as book:
        sheet = _Sheet(book, width, lang)
        for number, cells in kept[: ROWS - 1]:
            sheet.row(number, cells, wrong.get(number, ()), heading=number in heads)
        sheet.finish()
    return Returned(rows=sum(number in wrong for number, _ in kept), problems=sum(map(len, wrong.values())))


class _Sheet:
    """The sheet that comes back, row by row."""

    def __init__(self, book: Book, width: int, lang: str) -> None:
        self.book, self.width, self.lang = book, width, lang if lang in WHY else "en"
        self.sheet: Any = book.workbook.add_worksheet(SHEETS[self.lang])
        self.sheet.set_column(0, max(width - 1, 0), 18)
        self.sheet.set_column(width, width, 80)
        self.bad = book.workbook.add_format(
            {**FORMATS["text"], "bg_color": "#F8D7DA", "border": 1, "border_color": "#B02A37"}
        )
        self.line = 0
        self.noted = 0
        self.frozen = 0

    def row(self, number: int, cells: Sequence[str], problems: Sequence[Problem], *, heading: bool) -> None:
        """Write one row as it was given; wrong cells are coloured, empty ones too."""
        by_column: dict[str, list[str]] = defaultdict(list)
        for _, letters, _, sentence in problems:
            by_column[letters or ""].append(sentence)
        for index in range(self.width):
            text = cells[index] if index < len(cells) else ""
            said = by_column.get(xl_col_to_name(index), ())
            self._cell(index, text, said, heading=heading)
        if heading:
            self.book.put_text(self.sheet, self.line, self.width, WHY[self.lang], "head")
            self.frozen = self.line + 1
        if problems:
            why = " ".join(_reasons(problems, number))
            self.book.put_text(
                self.sheet, self.line, self.width, protected(why)[: LONGEST_TEXT // 2], "wrapped"
            )
        self.line += 1

    def _cell(self, index: int, text: str, said: Sequence[str], *, heading: bool) -> None:
        form: Any = self.bad if said else "head" if heading else "text"
        if text:
            self.book.put_text(self.sheet, self.line, index, _as_given(text), form)
        elif said:
            self.sheet.write_blank(self.line, index, None, self.bad)
        if said and self.noted < NOTED:
            self.noted += 1
            self.sheet.write_comment(self.line, index, "\n".join(said)[:1000], {"x_scale": 2})

    def finish(self) -> None:
        """Freeze the headings and let people filter by reason."""
        self.sheet.freeze_panes(self.frozen, 0)
        if self.line > self.frozen >= 1:
            self.sheet.autofilter(self.frozen - 1, 0, self.line - 1, self.width)


def _as_given(text: str) -> str:
    """Write a text as it was given: what was protected already is not protected twice, too much is cut."""
    said = text if protected(unprotected(text)) == text else protected(text)
    return said[: LONGEST_TEXT // 2]


def _reasons(problems: Sequence[Problem], number: int) -> Iterator[str]:
    for _, letters, _, sentence in problems:
        yield f"{letters}{number}: {sentence}" if letters else sentence
