"""The cell of a disaggregation, and numbers as they are written: the two spellings that must never drift."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TypedDict

TOTAL: Final = ""
"""The cell of a value that is not disaggregated."""

WHOLE_DIGITS: Final = 26
DECIMAL_PLACES: Final = 12
_NUMBER: Final = re.compile(rf"[+-]?[0-9]{{1,{WHOLE_DIGITS}}}(\.[0-9]{{1,{DECIMAL_PLACES}}})?", re.ASCII)


class Dimension(TypedDict):
    """One axis of a disaggregation and the value on it, as in IATI's ``dimension``."""

    name: str
    value: str


def cell(dimensions: Iterable[Dimension]) -> str:
    r"""Name a cell: ``name=value`` pairs, sorted, joined by ``|``.

    Backslash, ``|`` and ``=`` are escaped by a backslash. The order in which the dimensions were given
    does not matter; they are sorted by code points, as with ``COLLATE "C"``.
    """
    return "|".join(sorted(f"{_escape(item['name'])}={_escape(item['value'])}" for item in dimensions))


def parse_cell(text: str) -> list[Dimension]:
    """Give the dimensions that a cell names, in its own order.

    Raises:
        ValueError: the text is no cell.
    """
    if text == TOTAL:
        return []
    return [_parse_pair(pair) for pair in _split(text, "|")]


def _escape(text: str) -> str:
    return re.sub(r"([\\|=])", r"\\\1", text)


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that no backslash escapes; the escapes stay."""
    parts = [""]
    escaped = False
    for letter in text:
        if letter == mark and not escaped:
            parts.append("")
            continue
        parts[-1] += letter
        escaped = letter == "\\" and not escaped
    if escaped:
        raise ValueError(f"{text!r} ends in the middle of an escape")
    return parts


def _parse_pair(pair: str) -> Dimension:
    sides = _split(pair, "=")
    if len(sides) != 2:
        raise ValueError(f"{pair!r} is no name=value")
    name, value = (re.sub(r"\\(.)", r"\1", side, flags=re.DOTALL) for side in sides)
    return Dimension(name=name, value=value)


def number(text: str | None) -> Decimal | None:
    """Read a number as IATI and CSV write it, exactly; ``None`` for what is none or too long to be kept."""
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    return Decimal(text.strip())
