"""What SQL says of the current values of a period: counts, sums, extremes, and the one value for everybody.

Read from the summaries, which the transaction that enters values keeps; for a reader whose view ended at some instant,
from the values as they stood then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from indicators.models import Period


@dataclass(frozen=True)
class Aggregate:
    """What SQL says of the current values of one period (and place)."""

    values: int
    numbers: int
    """Values that are numbers."""
    fractions: int
    """Values with numerator and denominator."""
    splits: int
    """Ways of disaggregating: groups exclude each other only if there is one."""
    places: int
    total: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    reported: Decimal | None
    """The one value for everybody and everywhere, if it was reported."""
    said: str | None
    smallest: Decimal | None = None
    largest: Decimal | None = None
    first_at: dt.datetime | None = None
    """When the first of the values that stand was recorded."""
    last_at: dt.datetime | None = None
    reported_numerator: Decimal | None = None
    """Of the one value for everybody, where it is a share or an average."""
    reported_denominator: Decimal | None = None


def aggregates(periods: Iterable[Period | int], *, cutoff: dt.datetime | None) -> dict[int, Aggregate]:
    """Aggregate the current values of periods (or of their keys), by the period's key, in one query."""
    keys = _keys(periods)
    if not keys:
        return {}
    with connection.cursor() as cursor:
        source = _SUMMARIES if cutoff is None else _VALUES
        cursor.execute(_BY_PERIOD.format(source=source), {"periods": keys, "cutoff": cutoff})
        return {int(key): Aggregate(*row) for key, *row in cursor.fetchall()}


def by_place(
    periods: Iterable[Period | int], *, cutoff: dt.datetime | None
) -> dict[tuple[int, int | None], Aggregate]:
    """Aggregate the current values of periods at each place, by the keys of both (no place: ``None``), in one query."""
    keys = _keys(periods)
    if not keys:
        return {}
    with connection.cursor() as cursor:
        source = _SUMMARIES if cutoff is None else _VALUES
        cursor.execute(_BY_PLACE.format(source=source), {"periods": keys, "cutoff": cutoff})
        return {
            (int(period), None if place is None else int(place)): Aggregate(*row)
            for period, place, *row in cursor.fetchall()
        }


@dataclass(frozen=True)
class Part:
    """What SQL says of one way of disaggregating a period at one place; ``split`` is empty for everybody."""

    place: int | None
    split: str
    values: int
    numbers: int
    fractions: int
    total: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None


def parts(periods: Iterable[Period | int], *, cutoff: dt.datetime | None) -> dict[int, list[Part]]:
    """Give what was reported for each place and each way of disaggregating, by the period's key, in one query."""
    keys = _keys(periods)
    found: dict[int, list[Part]] = {}
    if not keys:
        return found
    with connection.cursor() as cursor:
        source = _SUMMARIES if cutoff is None else _VALUES
        cursor.execute(_PARTS.format(source=source), {"periods": keys, "cutoff": cutoff})
        for key, *row in cursor.fetchall():
            found.setdefault(int(key), []).append(Part(*row))
    return found


def _keys(periods: Iterable[Period | int]) -> list[int]:
    return [period if isinstance(period, int) else period.pk for period in periods]


_SUMMARIES = "SELECT * FROM indicators_summary WHERE period_id = ANY(%(periods)s)"

_VALUES = """
SELECT programme_id, indicator_id, period_id, place_id, indicators_split(cell) AS split, count(*) AS "values",
       count(value) AS numbers, count(denominator) AS fractions, max(position) + 1 AS positions,
       count(*) FILTER (WHERE locations <> '[]') AS located, sum(value) AS value, sum(numerator) AS numerator,
       sum(denominator) AS denominator, min(value) AS smallest, max(value) AS largest,
       max(value) FILTER (WHERE whole) AS reported, max(value_text) FILTER (WHERE whole) AS said,
       min(recorded_at) AS first_at, max(recorded_at) AS last_at
  FROM (
    SELECT DISTINCT ON (v.period_id, v.cell, v.place_id, v.position) v.*,
           cell = '' AND place_id IS NULL AND locations = '[]' AND position = 0 AS whole
      FROM indicators_value v
     WHERE v.period_id = ANY(%(periods)s) AND v.recorded_at <= %(cutoff)s
     ORDER BY v.period_id, v.cell, v.place_id, v.position, v.revision DESC) current
 GROUP BY programme_id, indicator_id, period_id, place_id, indicators_split(cell)
"""
"""The same columns as a summary, from the values as they stood at the cut-off."""

_MEASURES = """
       sum("values")::bigint, sum(numbers)::bigint, sum(fractions)::bigint,
       count(DISTINCT split) + max(positions) - 1, count(DISTINCT coalesce(place_id, 0)),
       trim_scale(sum(value)), trim_scale(sum(numerator)), trim_scale(sum(denominator)), trim_scale(max(reported)),
       max(said), trim_scale(min(smallest)), trim_scale(max(largest)), min(first_at), max(last_at),
       trim_scale(sum(numerator) FILTER (WHERE split = '' AND place_id IS NULL)),
       trim_scale(sum(denominator) FILTER (WHERE split = '' AND place_id IS NULL))
"""

_BY_PERIOD = f"WITH summary AS ({{source}}) SELECT period_id, {_MEASURES} FROM summary GROUP BY period_id"

_BY_PLACE = (
    f"WITH summary AS ({{source}}) SELECT period_id, place_id, {_MEASURES} FROM summary"
    " GROUP BY period_id, place_id"
)

_PARTS = """
WITH summary AS ({source})
SELECT period_id, place_id, split, "values", numbers, fractions, trim_scale(value), trim_scale(numerator),
       trim_scale(denominator)
  FROM summary ORDER BY period_id, place_id NULLS FIRST, split
"""
