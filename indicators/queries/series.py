"""Indicators over time: what each period says by the indicator's rules, between breaks and handovers.

``queries.rules`` says what becomes one number, ``queries.totals`` makes it, ``queries.cuts`` knows the parts of periods
that a handover cut, ``queries.calculated`` what is calculated from others. The number of queries depends neither on
the indicators nor on their periods.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from handover.models import Programme
from indicators.models import Indicator
from indicators.queries.aggregates import Aggregate, aggregates, by_place
from indicators.queries.building import Builder, reported
from indicators.queries.calculated import parts_of
from indicators.queries.continuity import Continuity, continuity
from indicators.queries.periods import keyed, last_with_values, with_sums
from indicators.queries.points import How, Input, Missing, Point, Total
from indicators.queries.totals import over_periods, total_over

__all__ = [
    "How",
    "Input",
    "Missing",
    "Point",
    "Total",
    "all_series",
    "by_group",
    "latest",
    "over_periods",
    "place_series",
    "segments",
    "series",
    "total_over",
    "whole_series",
]

LOOKBACK = 12
"""Periods with values from which an indicator's last point is made: it may be cut, or calculated from others."""


def series(programme: Programme, indicator: Indicator, *, cutoff: dt.datetime | None) -> list[Point]:
    """Give an indicator's periods in the order of time: three queries, a few more where it is calculated.

    Args:
        cutoff: ``Reach.cutoff``.
    """
    return all_series(programme, cutoff=cutoff, indicators=[indicator])[indicator]


def all_series(
    programme: Programme,
    *,
    cutoff: dt.datetime | None,
    indicators: Sequence[Indicator] | None = None,
    between: Continuity | None = None,
) -> dict[Indicator, list[Point]]:
    """Give the series of all indicators of a programme, or of those that are named.

    Three queries; one more to read the indicators (those that a calculated one needs, if some are named), one where
    groups and places follow different rules, one where overlaps were stated by group, one where reported shares are
    weighted.

    Args:
        cutoff: ``Reach.cutoff``.
        between: what lies between the periods of the programme's series, where it was read before.
    """
    wanted, rows = _with_parts(programme, indicators)
    if between is None:
        between = continuity(programme, cutoff=cutoff)
    return whole_series([programme.pk], rows, wanted=wanted, between=between, cutoff=cutoff)


def whole_series(
    programmes: Sequence[int],
    rows: Sequence[Indicator],
    *,
    wanted: Sequence[Indicator] | None = None,
    between: Continuity,
    cutoff: dt.datetime | None,
) -> dict[Indicator, list[Point]]:
    """Give the series of indicators of one or several programmes, in one query; two where there is a cut-off.

    Args:
        rows: the indicators, with all that those are calculated from.
        wanted: of which of them; of all, where nothing is said.
        between: what lies between the periods of all of them.
    """
    periods, sums = with_sums(programmes, rows, cutoff=cutoff)
    build = Builder(rows, periods, sums, between, cutoff)
    return {row: build.points(row) for row in (rows if wanted is None else wanted)}


def latest(
    programme: Programme, indicators: Sequence[Indicator], *, cutoff: dt.datetime | None
) -> dict[int, Point]:
    """Give each indicator's last period with values, by the indicator's key, in four queries however many there are.

    One more where something is calculated from indicators that are not among those given.
    """
    wanted, rows = _with_parts(programme, indicators)
    between = continuity(programme, cutoff=cutoff)
    days = [each.day for each in between.handovers]
    periods = last_with_values(programme, rows, count=LOOKBACK, days=days, cutoff=cutoff)
    build = Builder(rows, periods, aggregates(keyed(periods), cutoff=cutoff), between, cutoff)
    found = {row.pk: max(reported(build.points(row)), key=_last_first, default=None) for row in wanted}
    return {key: point for key, point in found.items() if point is not None}


def place_series(
    programme: Programme, *, cutoff: dt.datetime | None, indicators: Sequence[Indicator] | None = None
) -> dict[tuple[int, int], list[Point]]:
    """Give the series of each place that has values, by the keys of indicator and place; as many queries."""
    wanted, rows = _with_parts(programme, indicators)
    between = continuity(programme, cutoff=cutoff)
    periods, _ = with_sums([programme.pk], rows, cutoff=cutoff)
    apart: dict[int, dict[int, Aggregate]] = {}
    for (period, place), found in by_place(keyed(periods), cutoff=cutoff).items():
        if place is not None:
            apart.setdefault(place, {})[period] = found
    series_of: dict[tuple[int, int], list[Point]] = {}
    for place, sums in sorted(apart.items()):
        here = [replace(row, target=None) for row in periods if row.pk in sums]
        build = Builder(rows, here, sums, between, cutoff, place=place)
        for indicator in wanted:
            points = build.points(indicator)
            if points:
                series_of[indicator.pk, place] = points
    return series_of


def segments(points: Iterable[Point]) -> list[list[Point]]:
    """Give the points of each stretch between breaks, in the order of time."""
    found: dict[int, list[Point]] = {}
    for point in points:
        found.setdefault(point.segment, []).append(point)
    return [found[key] for key in sorted(found)]


def _with_parts(
    programme: Programme, indicators: Sequence[Indicator] | None
) -> tuple[list[Indicator], list[Indicator]]:
    """Give the indicators that are wanted, and with them those that they are calculated from."""
    if indicators is None:
        rows = list(
            Indicator.objects.filter(programme=programme).order_by("result__position", "position", "id")
        )
        return rows, rows
    known = {row.uuid for row in indicators}
    if all(uuid in known for row in indicators for uuid in parts_of(row).values()):
        return list(indicators), list(indicators)
    others = Indicator.objects.filter(programme=programme).exclude(uuid__in=known).in_bulk(field_name="pk")
    by_uuid = {row.uuid: row for row in (*indicators, *others.values())}
    needed = {row.uuid: row for row in indicators}
    waiting = list(indicators)
    while waiting:
        for uuid in parts_of(waiting.pop()).values():
            if uuid in by_uuid and uuid not in needed:
                needed[uuid] = by_uuid[uuid]
                waiting.append(by_uuid[uuid])
    return list(indicators), list(needed.values())


def _last_first(point: Point) -> tuple[dt.date, dt.date]:
    return point.ends_on or dt.date.min, point.starts_on or dt.date.min


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
