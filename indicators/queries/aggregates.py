"""What SQL says of the current values of a period: counts, sums, extremes, and the one value for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from indicators.models import Period


@dataclass(frozen=True)
class Aggregate:
    """What SQL says of the current values of one period."""

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


def aggregates(periods: Iterable[Period], *, cutoff: dt.datetime | None) -> dict[int, Aggregate]:
    """Aggregate the current values of periods, by the period's key, in one query."""
    keys = [period.pk for period in periods]
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_AGGREGATES, {"periods": keys, "cutoff": cutoff})
        return {int(key): Aggregate(*row) for key, *row in cursor.fetchall()}


_CURRENT = """
  SELECT DISTINCT ON (v.period_id, v.cell, v.place_id, v.position) v.*
    FROM indicators_value v
   WHERE v.period_id = ANY(%(periods)s) AND (%(cutoff)s::timestamptz IS NULL OR v.recorded_at <= %(cutoff)s)
   ORDER BY v.period_id, v.cell, v.place_id, v.position, v.revision DESC
"""

_AGGREGATES = f"""
WITH current AS ({_CURRENT}), row AS (
  SELECT c.*, (SELECT coalesce(string_agg(axis ->> 'name', '|' ORDER BY axis ->> 'name'), '')
                 FROM jsonb_array_elements(c.dimensions) axis) AS split,
         c.cell = '' AND c.place_id IS NULL AND c.locations = '[]' AND c.position = 0 AS whole
    FROM current c
)
SELECT period_id, count(*), count(value), count(denominator),
       count(DISTINCT split) + count(DISTINCT position) - 1, count(DISTINCT coalesce(place_id, 0)),
       trim_scale(sum(value)), trim_scale(sum(numerator)), trim_scale(sum(denominator)),
       trim_scale(max(value) FILTER (WHERE whole)), max(value_text) FILTER (WHERE whole)
  FROM row GROUP BY period_id
"""
