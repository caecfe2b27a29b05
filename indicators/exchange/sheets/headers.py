"""Where the headings of a sheet are: below its notes, in one row or in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from indicators.exchange.sheets.cells import Number
from indicators.exchange.sheets.headings import column_of, facets, text_of
from indicators.exchange.sheets.numbers import either, without_percent
from indicators.exchange.sheets.vocabulary import Known

LOOKED_AT: Final = 40
Row = tuple[int, Sequence[str]]
Merged = Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Header:
    """The headings by column, and the first and last row in which they stand."""

    first: int
    last: int
    headings: tuple[str, ...]


def find(rows: Sequence[Row], merged: Merged, known: Known) -> Header | None:
    """Find the first row that reads as headings, with the row above or below if the two belong together."""
    for index, (number, cells) in enumerate(rows[:LOOKED_AT]):
        if not _reads_as_headings(cells, known):
            continue
        if index and (above := _with_parent(rows[index - 1], rows[index], merged, known)):
            return above
        if index + 1 < len(rows) and _may_be_below(cells, rows[index + 1][1], known):
            below = _with_parent(rows[index], rows[index + 1], merged, known)
            if below is not None:
                return below
        return Header(number, number, _texts(cells))
    return None


def at(rows: Sequence[Row], row: int, merged: Merged, known: Known) -> Header | None:
    """Take the headings of the row that somebody named; ``None`` if it is blank or too far down."""
    for index, (number, cells) in enumerate(rows):
        if number == row:
            above = _with_parent(rows[index - 1], rows[index], merged, known) if index else None
            return above or Header(number, number, _texts(cells))
    return None


def _texts(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(text_of(cell) for cell in cells)


def _known_headings(cells: Sequence[str], known: Known) -> int:
    return sum(
        1 for index, text in enumerate(_texts(cells)) if text and column_of(index, text, known) is not None
    )


def _holds_numbers(cells: Sequence[str], known: Known) -> bool:
    """Tell whether a row has numbers that are no years: then it is data."""
    return any(_is_number(cell) and facets(text_of(cell), known) is None for cell in cells if cell)


def _is_number(cell: str) -> bool:
    if isinstance(cell, Number):
        return True
    bare = without_percent(cell)
    return either(cell if bare is None else bare) != (None, None)


def _reads_as_headings(cells: Sequence[str], known: Known) -> bool:
    filled = sum(1 for cell in cells if cell.strip())
    found = _known_headings(cells, known)
    return found >= 2 and found * 2 >= filled and not _holds_numbers(cells, known)


def _may_be_below(parent: Sequence[str], cells: Sequence[str], known: Known) -> bool:
    """Tell whether the row below the headings goes on with them: it fills gaps, holds no number, and is known."""
    gaps = any(not text.strip() for text in parent) or len(cells) > len(parent)
    filled = [text for text in cells if text.strip()]
    return (
        gaps
        and bool(filled)
        and not _holds_numbers(cells, known)
        and sum(1 for text in filled if column_of(0, text_of(text), known) is not None) * 2 > len(filled)
    )


def _with_parent(parent: Row, child: Row, merged: Merged, known: Known) -> Header | None:
    """Join two rows of headings; ``None`` if the upper one says nothing about the lower one's columns."""
    above, below = _texts(parent[1]), _texts(child[1])
    if _holds_numbers(parent[1], known):
        return None
    width = max(len(above), len(below))
    filled = _filled(parent[0], above, below, merged, known)
    joined, headings = 0, []
    for index in range(width):
        upper, lower = filled[index], below[index] if index < len(below) else ""
        both = f"{upper} {lower}"
        found = facets(both, known) if upper and lower else None
        if found is not None and found.anything:
            joined += 1
            headings.append(both)
        else:
            headings.append(lower or (upper if index < len(above) else ""))
    return Header(parent[0], child[0], tuple(headings)) if joined else None


def _filled(row: int, above: Sequence[str], below: Sequence[str], merged: Merged, known: Known) -> list[str]:
    """Repeat an upper heading over the columns that it stands above: as merged, otherwise up to the next one."""
    width = max(len(above), len(below))
    filled = [above[index] if index < len(above) else "" for index in range(width)]
    spans = {left: right for top, left, bottom, right in merged if top == row and right > left}
    if merged:
        for left, right in spans.items():
            for index in range(left + 1, min(right + 1, width)):
                filled[index] = filled[left] if left < width else ""
        return filled
    for index in range(1, width):
        lower = below[index] if index < len(below) else ""
        if not filled[index] and lower and filled[index - 1] and facets(filled[index - 1], known) is not None:
            filled[index] = filled[index - 1]
    return filled
