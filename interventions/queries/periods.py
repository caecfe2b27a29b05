"""Periods as people name them: months, quarters, half-years, years, or two days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from handover.errors import Invalid

Span: TypeAlias = tuple[dt.date, dt.date]
"""The first and the last day."""

MONTHS: Final[Mapping[str, int]] = MappingProxyType({"month": 1, "quarter": 3, "half": 6, "year": 12})
"""How many months a period has, counted from January."""

_NAMED: Final = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|H([12])|([0-9]{2})))?", re.IGNORECASE)


def named(text: str) -> Span:
    """Read a period: ``2026``, ``2026-H1``, ``2026-Q1``, ``2026-03``, or ``2026-01-01..2026-03-31``.

    Raises:
        Invalid: it is none, or ends before it begins.
    """
    first, dots, last = text.strip().partition("..")
    try:
        if dots:
            return _checked(dt.date.fromisoformat(first.strip()), dt.date.fromisoformat(last.strip()))
        found = _NAMED.fullmatch(first)
        if found is None:
            raise ValueError
        year, quarter, half, month = (int(part) if part else 0 for part in found.groups())
        if quarter:
            return around("quarter", dt.date(year, 3 * quarter, 1))
        if half:
            return around("half", dt.date(year, 6 * half, 1))
        if found.group(4) is not None:
            return around("month", dt.date(year, month, 1))
        return around("year", dt.date(year, 1, 1))
    except (ValueError, OverflowError):
        raise Invalid(
            "wrong_period",
            f"“{text}” is no period: write 2026, 2026-H1, 2026-Q1, 2026-03 or 2026-01-01..2026-03-31.",
            field="period",
        ) from None


def around(by: str, day: dt.date) -> Span:
    """Give the month, quarter, half-year or year in which a day lies.

    Raises:
        Invalid: there is no such kind of period.
    """
    months = MONTHS.get(by)
    if months is None:
        raise Invalid("wrong_period", f"“{by}” is no period: there are {', '.join(MONTHS)}.", field="by")
    begins = (day.month - 1) // months * months + 1
    return dt.date(day.year, begins, 1), _last_day(day.year, begins + months - 1)


def label(first: dt.date, last: dt.date) -> str:
    """Name a span as shortly as it can be: ``2026-Q1``, or its two days."""
    for by in ("month", "quarter", "half", "year"):
        if around(by, first) == (first, last):
            return _name(by, first)
    return f"{first}..{last}"


def spanning(by: str, first: dt.date, last: dt.date) -> tuple[str, Span]:
    """Name the period in which two days lie; where they lie in two, ``first–last``, and both together."""
    one, other = around(by, first), around(by, last)
    if one == other:
        return _name(by, first), one
    return f"{_name(by, first)}–{_name(by, last)}", (one[0], other[1])


def _name(by: str, day: dt.date) -> str:
    part = {
        "month": f"-{day.month:02}",
        "quarter": f"-Q{(day.month + 2) // 3}",
        "half": f"-H{(day.month + 5) // 6}",
        "year": "",
    }[by]
    return f"{day.year:04}{part}"


def _last_day(year: int, month: int) -> dt.date:
    return dt.date.max if (year, month) == (9999, 12) else _next_month(year, month) - dt.timedelta(days=1)


def _next_month(year: int, month: int) -> dt.date:
    return dt.date(year + month // 12, month % 12 + 1, 1)


def _checked(first: dt.date, last: dt.date) -> Span:
    if last < first:
        raise Invalid("dates_reversed", f"The period {first}..{last} ends before it begins.", field="period")
    return first, last
