"""Overlaps: how many people may be said to be counted on both sides of a handover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection

from indicators.models import Indicator
from indicators.queries.spans import Span


def limit(
    indicator: Indicator, parts: Sequence[Span], cut_on: dt.date, *, place: int | None, cell: str
) -> Decimal | None:
    """Give the most people that can have been counted both before a cut and in the part that begins with it.

    ``None`` where one of the sides has not reported yet, or not so that it can be said: the reading then looks again.

    Args:
        parts: the parts of the whole period.
        place, cell: of whom it is said; ``None`` and the empty text are everybody.
    """
    counted = _counted(indicator, parts, place=place, cell=cell)
    before = [counted.get(part) for part in parts if part[1] < cut_on]
    after = next((counted.get(part) for part in parts if part[0] == cut_on), None)
    known = [count for count in before if count is not None]
    if after is None or len(known) < len(before):
        return None
    return min(sum(known, Decimal(0)), after)


def _counted(
    indicator: Indicator, parts: Sequence[Span], *, place: int | None, cell: str
) -> dict[Span, Decimal]:
    """Give what was reported for a group in each of these periods: its own value, or for everybody its groups'."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTED,
            {
                "indicator": indicator.pk,
                "firsts": [first for first, _ in parts],
                "lasts": [last for _, last in parts],
                "place": place,
                "cell": cell,
            },
        )
        return {(first, last): count for first, last, count in cursor.fetchall() if count is not None}


_COUNTED = """
WITH current AS (
  SELECT DISTINCT ON (v.period_id, v.cell, v.place_id, v.position) p.starts_on, p.ends_on, v.cell, v.value, v.place_id,
         v.cell = %(cell)s AND v.place_id IS NOT DISTINCT FROM %(place)s::bigint AS asked
    FROM indicators_period p
    JOIN unnest(%(firsts)s::date[], %(lasts)s::date[]) AS part (first, last)
      ON part.first = p.starts_on AND part.last = p.ends_on
    JOIN indicators_value v ON v.period_id = p.id AND (%(place)s::bigint IS NULL OR v.place_id = %(place)s)
   WHERE p.indicator_id = %(indicator)s
   ORDER BY v.period_id, v.cell, v.place_id, v.position, v.revision DESC
)
SELECT starts_on, ends_on,
       CASE WHEN bool_or(asked) THEN sum(value) FILTER (WHERE asked)
            WHEN count(DISTINCT coalesce(place_id, 0)) > 1 THEN NULL
            WHEN %(cell)s <> '' THEN sum(value) FILTER (WHERE cell = %(cell)s)
            -- Groups of one way of disaggregating exclude each other; of several they do not.
            WHEN count(DISTINCT indicators_split(cell)) = 1 THEN sum(value) END
  FROM current GROUP BY starts_on, ends_on
"""
