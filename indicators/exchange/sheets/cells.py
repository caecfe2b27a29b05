"""A cell of a sheet: it *is* its text, and its class says what the file knew about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

KEPT_DIGITS: Final = 15
"""The digits that a spreadsheet keeps of a number; what stands behind them is an artefact of binary fractions."""


class Number(str):
    """A number that a workbook stores as a number, in the digits in which it was written down."""

    formula = False
    percent = False


class Day(str):
    """A date that a workbook stores as a date: ``2026-03-31``, or with a time behind a ``T``."""

    formula = False


class Truth(str):
    """A cell that is true or false; its text is ``TRUE`` or ``FALSE``."""

    formula = False


class Fault(str):
    """A cell that holds an error such as ``#REF!``, or a formula that was never calculated (empty text)."""

    formula = False


class Calculated(str):
    """A text that a formula gave."""

    formula = True


def exact(number: str) -> Decimal | None:
    """Give a stored number as the spreadsheet shows it at its widest; ``None`` if it had more digits than are kept.

    A workbook keeps binary fractions: 0.1 + 0.2 is stored as 0.30000000000000004, and shown as 0.3. A whole number
    beyond 15 digits has lost its last ones already when it was typed.
    """
    value = Decimal(number)
    if value.is_zero():
        return Decimal(0)
    if value.adjusted() >= KEPT_DIGITS:
        return None
    places = KEPT_DIGITS - 1 - value.adjusted()
    return value if value.as_tuple().exponent >= -places else round(value, places)  # type: ignore[operator]


def letters(index: int) -> str:
    """Name a column as spreadsheets do: 0 is ``A``, 26 is ``AA``."""
    name = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_index(name: str) -> int | None:
    """Give the place of a column from its letters; ``None`` for what names no column."""
    if not (0 < len(name) <= 3 and name.isascii() and name.isalpha()):
        return None
    index = 0
    for letter in name.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1
