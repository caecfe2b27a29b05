"""Spans of days: both ends included, regular where an indicator states how often it is measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, TypeAlias

from indicators.models.codes import Frequency

Span: TypeAlias = tuple[dt.date, dt.date]
"""The first and the last day."""

MONTHS: Final = {
    Frequency.MONTHLY: 1,
    Frequency.QUARTERLY: 3,
    Frequency.HALF_YEARLY: 6,
    Frequency.YEARLY: 12,
}
"""How many months a period has, counted from January."""

SCHOOL_YEAR_BEGINS: Final = 9
"""The month with whose first day a school year begins."""

ONE_DAY: Final = dt.timedelta(days=1)


def regular(frequency: str, day: dt.date) -> Span | None:
    """Give the period of a frequency in which a day lies; ``None`` where the frequency has none of its own."""
    if frequency == Frequency.SCHOOL_YEAR:
        year = day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1
        return _months(year, SCHOOL_YEAR_BEGINS, 12)
    months = MONTHS.get(Frequency(frequency)) if frequency else None
    if months is None:
        return None
    return _months(day.year, (day.month - 1) // months * months + 1, months)


def calendar(first: dt.date, last: dt.date) -> bool:
    """Tell whether a span is exactly a month, a quarter, half a year or a year."""
    return any(regular(frequency, first) == (first, last) for frequency in MONTHS)


def following(first: dt.date, last: dt.date) -> Span:
    """Give the span after one, as many months long; for spans of whole months."""
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    begins = last + ONE_DAY
    return _months(begins.year, begins.month, months)


def pieces(first: dt.date, last: dt.date, days: Iterable[dt.date]) -> list[Span]:
    """Cut a span before each of these days that lies after its first; one that nothing cuts stays whole."""
    starts = [first, *sorted({day for day in days if first < day <= last})]
    return [(start, end - ONE_DAY) for start, end in pairwise([*starts, last + ONE_DAY])]


def tiles(spans: Iterable[Span], first: dt.date, last: dt.date) -> bool:
    """Tell whether spans, one after the other, fill another one without a gap and without meeting twice."""
    expected = first
    for start, end in sorted(spans):
        if start != expected:
            return False
        expected = end + ONE_DAY
    return expected == last + ONE_DAY


def _months(year: int, month: int, count: int) -> Span:
    after, rest = divmod(month - 1 + count, 12)
    return dt.date(year, month, 1), dt.date(year + after, rest + 1, 1) - ONE_DAY
