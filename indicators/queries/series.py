"""An indicator over time, as SQL aggregates: a period's total is read, added or made anew, or there is none.

See ``queries.rules`` for what adds up. A total that was reported as such is never second-guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import connection

from handover.models import Programme
from indicators.models import Indicator, Period, Target
from indicators.models.cells import DECIMAL_PLACES
from indicators.queries.aggregates import Aggregate, aggregates
from indicators.queries.rules import Additivity, additivity


class How(StrEnum):
    """Where a period's total comes from."""

    REPORTED = "reported"
    ADDED = "added"
    SHARE = "share"
    NONE = "none"


@dataclass(frozen=True)
class Point:
    """One period of an indicator. ``total`` in its unit (per cent for shares); ``None`` where nothing adds up."""

    period: UUID
    starts_on: dt.date | None
    ends_on: dt.date | None
    total: Decimal | None
    how: How
    said: str | None
    """The reported total as it was written, words included."""
    values: int
    target: Decimal | None


def series(programme: Programme, indicator: Indicator, *, cutoff: dt.datetime | None) -> list[Point]:
    """Give an indicator's periods in the order of time, in three queries.

    Args:
        cutoff: ``Reach.cutoff``.
    """
    periods = list(
        Period.objects.filter(programme=programme, indicator=indicator).order_by(
            "starts_on", "ends_on", "position"
        )
    )
    rule = additivity(indicator)
    sums = aggregates(periods, cutoff=cutoff)
    goals = targets(periods)
    return [_point(period, rule, sums.get(period.pk), goals.get(period.pk)) for period in periods]


def latest(
    programme: Programme, indicators: Sequence[Indicator], *, cutoff: dt.datetime | None
) -> dict[int, Point]:
    """Give each indicator's last period with values, by the indicator's key, in four queries however many there are."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"programme": programme.pk, "cutoff": cutoff})
        keys = [int(key) for (key,) in cursor.fetchall()]
    periods = Period.objects.in_bulk(keys)
    sums = aggregates(periods.values(), cutoff=cutoff)
    goals = targets(periods.values())
    by_key = {indicator.pk: indicator for indicator in indicators}
    return {
        period.indicator_id: _point(
            period, additivity(by_key[period.indicator_id]), sums.get(period.pk), goals.get(period.pk)
        )
        for period in periods.values()
        if period.indicator_id in by_key
    }


def over_periods(indicator: Indicator, points: Iterable[Point]) -> Decimal | None:
    """Add an indicator's periods up, where that means something and every period has a total; else ``None``.

    Periods must not overlap (quarters beside their year would count twice): then there is no sum either.
    """
    found = sorted(
        (point for point in points if point.values), key=lambda point: point.starts_on or dt.date.min
    )
    if not found or not additivity(indicator).periods or any(point.total is None for point in found):
        return None
    for before, after in pairwise(found):
        if before.ends_on is None or after.starts_on is None or before.ends_on >= after.starts_on:
            return None
    return sum((point.total for point in found if point.total is not None), Decimal(0))


def targets(periods: Iterable[Period]) -> dict[int, Decimal]:
    """Give the periods' targets for everybody and everywhere, in one query; disaggregated ones never add up to it."""
    rows = Target.objects.filter(period__in=[period.pk for period in periods], value__isnull=False)
    whole = rows.filter(dimensions=[], locations=[]).order_by("-position", "-id")
    return {key: value for key, value in whole.values_list("period_id", "value") if value is not None}


def _point(period: Period, rule: Additivity, sums: Aggregate | None, target: Decimal | None) -> Point:
    total, how = _total(rule, sums) if sums else (None, How.NONE)
    return Point(
        period=period.uuid,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        total=total,
        how=how,
        said=sums.said if sums else None,
        values=sums.values if sums else 0,
        target=target,
    )


def _total(rule: Additivity, sums: Aggregate) -> tuple[Decimal | None, How]:
    """Read, add or make a period's total, or say that there is none."""
    if sums.said is not None:
        return sums.reported, How.REPORTED
    if sums.splits != 1 or (sums.places > 1 and not rule.places):
        return None, How.NONE
    if rule.shares and sums.values == 1 and sums.total is not None:
        return sums.total, How.SHARE
    if rule.shares and sums.fractions == sums.values and sums.numerator is not None and sums.denominator:
        return _rounded(100 * sums.numerator / sums.denominator), How.SHARE
    # A count with a denominator is a rate or an average: those do not add up.
    if rule.groups and sums.numbers == sums.values and not sums.fractions:
        return sums.total, How.ADDED
    return None, How.NONE


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-min(DECIMAL_PLACES, 4)))


_LAST = """
SELECT DISTINCT ON (p.indicator_id) p.id
  FROM indicators_period p
 WHERE p.programme_id = %(programme)s
   AND EXISTS (SELECT FROM indicators_value v WHERE v.period_id = p.id
                  AND (%(cutoff)s::timestamptz IS NULL OR v.recorded_at <= %(cutoff)s))
 ORDER BY p.indicator_id, p.ends_on DESC NULLS LAST, p.starts_on DESC NULLS LAST, p.id DESC
"""


def by_group(
    programme: Programme, indicator: Indicator, *, cutoff: dt.datetime | None
) -> Sequence[Mapping[str, Any]]:
    """Give an indicator's current values as plain rows, by period, place and cell, in one query.

    Each row: ``starts_on``, ``ends_on``, ``place`` (name or ``None``), ``cell``, ``value``, ``numerator``,
    ``denominator``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (v.period_id, v.cell, v.place_id, v.position)
                   p.starts_on, p.ends_on, place.name AS place, v.cell, trim_scale(v.value) AS value,
                   trim_scale(v.numerator) AS numerator, trim_scale(v.denominator) AS denominator
              FROM indicators_period p JOIN indicators_value v ON v.period_id = p.id
              LEFT JOIN handover_place place ON place.id = v.place_id
             WHERE p.programme_id = %(programme)s AND p.indicator_id = %(indicator)s
               AND (%(cutoff)s::timestamptz IS NULL OR v.recorded_at <= %(cutoff)s)
             ORDER BY v.period_id, v.cell, v.place_id, v.position, v.revision DESC
            """,
            {"programme": programme.pk, "indicator": indicator.pk, "cutoff": cutoff},
        )
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return sorted(rows, key=lambda row: (row["starts_on"] or dt.date.min, row["place"] or "", row["cell"]))
