"""Indicators after a handover: held against what they were before it and against their floors, and where they lead.

What was before is the mean of the year to the handover, what is now the mean of the year to the day on which one looks:
like is compared with like, season with season. A period that the handover cut stands on neither side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from handover.models import Programme
from handover.queries.sustained import Figure, Part, Stands, Warned, Warns, floor_of, stands
from indicators.models import Floor, Indicator
from indicators.queries.points import Point
from indicators.queries.progress import FALSE
from indicators.queries.series import all_series
from indicators.queries.trends import FEWEST, trend

YEAR: Final = dt.timedelta(days=366)
"""A year, and one day more for leap years."""
UNLIKE: Final = 20
"""Days by which periods may differ in length and still be compared: months and quarters are not equally long."""
PLACES: Final = 4
"""Places to which means are rounded."""


@dataclass(frozen=True)
class Sides:
    """An indicator before a handover and now, or why that is not known."""

    before: Decimal | None
    now: Decimal | None
    why: str = ""


def sustained(
    programme: Programme, since: dt.date, on: dt.date, until: dt.date, *, cutoff: dt.datetime | None = None
) -> tuple[list[Figure], list[Warned]]:
    """Tell of each indicator that was measured before the handover how it stands; warn of those that are below their
    floor, or will be by their trend before the next look, and tell of which too little is known for a trend.
    """
    rows = Indicator.objects.filter(programme=programme).select_related("floor")
    indicators = list(rows.order_by("result__position", "position", "id"))
    figures: list[Figure] = []
    warnings: list[Warned] = []
    for indicator, points in all_series(programme, cutoff=cutoff, indicators=indicators).items():
        floor = getattr(indicator, "floor", None)
        found = _figure(indicator, points, since, on, floor)
        figures += [found] if found is not None else []
        warnings += _warned(indicator, points, since, on, until, floor)
    return figures, warnings


def _figure(
    indicator: Indicator, points: Sequence[Point], since: dt.date, on: dt.date, floor: Floor | None
) -> Figure | None:
    sides = compared(points, since, on)
    if sides is None:
        return None
    less = less_is_better(indicator)
    level = floor.level if floor else None
    known = not sides.why
    return Figure(
        part=Part.INDICATORS,
        stands=stands(sides.before, sides.now, floor=level, less_is_better=less) if known else Stands.UNKNOWN,
        title=indicator.title,
        uuid=str(indicator.uuid),
        before=sides.before,
        now=sides.now,
        floor=level,
        unit=_unit(indicator),
        why=sides.why,
    )


def compared(points: Sequence[Point], since: dt.date, on: dt.date) -> Sides | None:
    """Give the mean of the year before a handover and of the year to a day; ``None`` where nothing was measured before.

    It is not known where nothing was reported for the last year, where a break lies between, or where the periods are
    not equally long.
    """
    before = _within(points, None, since - dt.timedelta(days=1))
    if not before:
        return None
    now = _within([point for point in points if point.starts_on and point.starts_on >= since], None, on)
    first = _last_year(before, before[-1].ends_on)
    if not now or now[-1].ends_on is None or now[-1].ends_on + YEAR < on:
        return Sides(_mean(first), None, "nothing_reported")
    last = _last_year(now, now[-1].ends_on)
    if before[-1].segment != now[-1].segment:
        return Sides(_mean(first), _mean(last), "break")
    last = [point for point in last if point.segment == now[-1].segment]
    first = [point for point in first if point.segment == before[-1].segment]
    if abs(_days(first[-1]) - _days(last[-1])) > UNLIKE:
        return Sides(_mean(first), _mean(last), "periods_differ")
    return Sides(_mean(first), _mean(last))


def _within(points: Sequence[Point], first: dt.date | None, last: dt.date) -> list[Point]:
    """Give the points with a total that end by a day, in the order of time."""
    found = [
        point
        for point in points
        if point.total is not None
        and point.starts_on is not None
        and point.ends_on is not None
        and point.ends_on <= last
        and (first is None or point.starts_on >= first)
    ]
    return sorted(found, key=lambda point: (point.ends_on or dt.date.min, point.starts_on or dt.date.min))


def _last_year(points: Sequence[Point], last: dt.date | None) -> list[Point]:
    start = (last or dt.date.max) - YEAR
    return [point for point in points if point.starts_on is not None and point.starts_on >= start] or [
        points[-1]
    ]


def _days(point: Point) -> int:
    return (point.ends_on - point.starts_on).days + 1 if point.starts_on and point.ends_on else 0


def _mean(points: Sequence[Point]) -> Decimal:
    totals = [Fraction(point.total) for point in points if point.total is not None]
    exact = sum(totals, Fraction()) / len(totals)
    return Decimal(round(exact * 10**PLACES)).scaleb(-PLACES)


def _warned(
    indicator: Indicator,
    points: Sequence[Point],
    since: dt.date,
    on: dt.date,
    until: dt.date,
    floor: Floor | None,
) -> Iterator[Warned]:
    less = less_is_better(indicator)
    level = floor.level if floor else _usual_floor(points, since, less)
    after = _within([point for point in points if point.starts_on and point.starts_on >= since], None, on)
    if level is None or not after:
        return
    after = [point for point in after if point.segment == after[-1].segment]
    now = after[-1].total
    said = {
        "title": indicator.title,
        "uuid": str(indicator.uuid),
        "now": now,
        "floor": level,
        "unit": _unit(indicator),
        "points": len(after),
        "until": until,
    }
    if now is not None and _beyond(now, level, less):
        yield Warned(warns=Warns.BELOW, **said)
        return
    line = trend(
        [(point.ends_on, point.total) for point in after if point.ends_on and point.total is not None]
    )
    if line is None:
        if len(after) < FEWEST:
            yield Warned(warns=Warns.TOO_FEW, **said)
        return
    low, middle, high = line.at(until)
    best = low if less else high
    if _beyond(middle, level, less):
        yield Warned(
            warns=Warns.FALLS if _beyond(best, level, less) else Warns.MAY_FALL,
            expected=middle,
            low=low,
            high=high,
            crosses_on=line.meets(level, after=on),
            **said,
        )


def _usual_floor(points: Sequence[Point], since: dt.date, less: bool) -> Decimal | None:
    before = _within(points, None, since - dt.timedelta(days=1))
    return floor_of(_mean(_last_year(before, before[-1].ends_on)), less_is_better=less) if before else None


def _beyond(value: Decimal, level: Decimal, less: bool) -> bool:
    return value > level if less else value < level


def less_is_better(indicator: Indicator) -> bool:
    """Tell whether an indicator is to go down."""
    return indicator.ascending.strip().lower() in FALSE


def _unit(indicator: Indicator) -> str:
    return "%" if indicator.measure == "2" else indicator.unit or indicator.currency
