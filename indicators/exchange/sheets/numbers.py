"""Numbers as people write them: ``1.100,50``, ``1 100,50``, ``1'100.50``, ``1100.50``, ``33 %``.

A text is read twice, once with the point as decimal mark and once with the comma. Where both readings exist and
differ, as with ``1.100``, the text alone does not say which is meant: the rest of its column may, otherwise it is
asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from indicators.exchange.sheets.cells import Number

POINT: Final = "."
COMMA: Final = ","
MARKS: Final = (POINT, COMMA)
UNDECIDED: Final = ""
"""No number of the column needed a decision: only such numbers are read that mean the same either way."""

SPACES: Final = " \u00a0\u2009\u202f"
APOSTROPHES: Final = "'\u2019"
_MINUS: Final = str.maketrans({"\u2212": "-"})
_EXPONENT: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+", re.ASCII)


def _pattern(mark: str, other: str) -> re.Pattern[str]:
    groups = rf"[1-9][0-9]{{0,2}}(?P<by>[{re.escape(other + SPACES + APOSTROPHES)}])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*"
    return re.compile(rf"[+-]?(?:[0-9]+|{groups})(?:{re.escape(mark)}[0-9]+)?", re.ASCII)


_PATTERNS: Final = {POINT: _pattern(POINT, COMMA), COMMA: _pattern(COMMA, POINT)}
_UNGROUPED: Final = {
    mark: str.maketrans(
        {COMMA: "." if mark == COMMA else None, POINT: "." if mark == POINT else None, "+": None}
    )
    | str.maketrans(dict.fromkeys(SPACES + APOSTROPHES))
    for mark in MARKS
}


def read(text: str, mark: str) -> str | None:
    """Read a number by one decimal mark, exactly; ``None`` if the text is none. Thousands may be grouped or not."""
    if text.isdigit() and text.isascii():
        return text
    bare = text.strip().translate(_MINUS)
    if _PATTERNS[mark].fullmatch(bare) is None:
        return None
    return bare.translate(_UNGROUPED[mark])


def either(text: str) -> tuple[str | None, str | None]:
    """Read a number by the point and by the comma."""
    return read(text, POINT), read(text, COMMA)


def without_percent(text: str) -> str | None:
    """Give what stands before a per cent sign at the end; ``None`` if there is no such sign."""
    if "%" not in text:
        return None
    said = text.strip()
    return said[:-1].rstrip(SPACES) if said.endswith("%") else None


def shortened(text: str) -> bool:
    """Tell whether a program wrote a long number short (``1,1E+05``), so that digits are gone."""
    return _EXPONENT.fullmatch(text.strip()) is not None


def hundredfold(text: str) -> str:
    """Multiply by 100, exactly."""
    return plainly(Decimal(text).scaleb(2))


def plainly(value: Decimal) -> str:
    """Write a number without an exponent and without zeros that say nothing."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(slots=True)
class Evidence:
    """What the texts of one column say about its decimal mark."""

    point: str = ""
    comma: str = ""
    unclear: str = ""
    numbers: int = 0
    others: int = 0
    percents: int = 0
    plain: int = 0

    def add(self, cell: str) -> None:
        """Look at one more cell; the first example of each kind is kept."""
        if not cell or cell.isspace():
            return
        percent = isinstance(cell, Number) and cell.percent
        bare = None if percent else without_percent(cell)
        if not isinstance(cell, Number) and not self._look(cell if bare is None else bare, cell):
            self.others += 1
            return
        self.numbers += 1
        if percent or bare is not None:
            self.percents += 1
        elif cell not in {"0", "0.0"}:
            self.plain += 1

    def _look(self, text: str, cell: str) -> bool:
        """Tell whether a text is a number, and keep what it says about the marks."""
        by_point, by_comma = either(text)
        if by_point is None and by_comma is None:
            return False
        if by_point == by_comma:
            return True
        if by_comma is None:
            self.point = self.point or cell
        elif by_point is None:
            self.comma = self.comma or cell
        else:
            self.unclear = self.unclear or cell
        return True

    @property
    def mark(self) -> str | None:
        """Give the decimal mark, ``UNDECIDED`` if none is needed, or ``None`` if it must be asked."""
        if self.point and self.comma:
            return None
        if self.point or self.comma:
            return POINT if self.point else COMMA
        return None if self.unclear else UNDECIDED


def evidence(cells: Iterable[str]) -> Evidence:
    """Look at the cells of one column."""
    found = Evidence()
    for cell in cells:
        found.add(cell)
    return found
