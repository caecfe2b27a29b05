"""Numbers, days and reasons as people read them: the same in pages and on the command line."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from handover.canonical import decimal_text
from handover.errors import Invalid, NotFound
from indicators.models import Baseline, Indicator
from indicators.models.codes import Measure
from indicators.queries import codelists
from indicators.queries.points import How, Point
from indicators.queries.progress import Goal

HOW: Final = {
    How.ADDED: "groups or places added",
    How.SHARE: "made anew from numerators and denominators",
    How.COMBINED: "of the parts before and after a handover",
    How.CALCULATED: "calculated",
    How.MINIMUM: "the smallest",
    How.MAXIMUM: "the largest",
    How.LATEST: "the latest",
}
NOTHING: Final = "–"


def amount(measure: str, value: Decimal | None, *, currency: str = "") -> str:
    """Write a number: shares with their sign and one place, amounts with their currency, all else as it is."""
    if value is None:
        return NOTHING
    if measure == Measure.PERCENTAGE:
        value = value.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
        return f"{decimal_text(value)}%"
    return f"{decimal_text(value)} {currency}".strip()


def of_indicator(indicator: Indicator, value: Decimal | None) -> str:
    """Write a number of an indicator."""
    return amount(indicator.measure, value, currency=indicator.currency)


def said(indicator: Indicator, point: Point | None) -> str:
    """Say what a period came to: its number, its words, or why it has neither."""
    if point is None:
        return "nothing reported yet"
    if point.total is not None:
        return of_indicator(indicator, point.total)
    if point.said is not None:
        return f"“{point.said}”"
    if point.at_least is not None and point.at_most is not None:
        return (
            f"between {of_indicator(indicator, point.at_least)} and {of_indicator(indicator, point.at_most)}"
        )
    if not point.values:
        return NOTHING
    return f"no total: {point.missing.help}" if point.missing else "no total"


def baseline(indicator: Indicator, row: Baseline | None) -> str:
    """Say where an indicator stood."""
    if row is None or (row.value is None and not row.value_text):
        return NOTHING
    text = of_indicator(indicator, row.value) if row.value is not None else f"“{row.value_text}”"
    return f"{text} ({row.year})" if row.year else text


def goal(indicator: Indicator, found: Goal | None) -> str:
    """Say what is aimed at, and for which days."""
    return (
        NOTHING
        if found is None
        else f"{of_indicator(indicator, found.value)} ({span(found.starts_on, found.ends_on)})"
    )


def span(starts_on: dt.date | None, ends_on: dt.date | None) -> str:
    """Name a period: a year, half-year, quarter or month by its name, anything else by its days."""
    if starts_on is None or ends_on is None:
        return "no dates" if starts_on is ends_on else f"{starts_on or '…'} to {ends_on or '…'}"
    if starts_on == ends_on:
        return str(ends_on)
    last = calendar.monthrange(ends_on.year, ends_on.month)[1]
    if starts_on.day != 1 or ends_on.day != last or starts_on.year != ends_on.year:
        return f"{starts_on} to {ends_on}"
    year, first, months = starts_on.year, starts_on.month, ends_on.month - starts_on.month + 1
    if months == 12:
        return str(year)
    if months == 6 and first in {1, 7}:
        return f"{year} H{1 if first == 1 else 2}"
    if months == 3 and first % 3 == 1:
        return f"{year} Q{first // 3 + 1}"
    return f"{year}-{first:02}" if months == 1 else f"{starts_on} to {ends_on}"


def code_title(vocabulary: str, uri: str, code: str, lang: str = "en") -> str:
    """Give a code's title where a list that is shipped knows it; else nothing."""
    for name in (uri, vocabulary):
        try:
            found = codelists.title(name, code, lang)
        except (NotFound, Invalid):
            continue
        return "" if found == code else found
    return ""
