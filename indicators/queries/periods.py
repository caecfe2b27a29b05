"""Periods as a series needs them: their days, their target for everybody, and what SQL says of their values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from handover.models import Programme
from indicators.models import Indicator
from indicators.queries.aggregates import Aggregate, aggregates
from indicators.queries.spans import Span


@dataclass(frozen=True, slots=True)
class Row:
    """A period's row with its target for everybody; ``uuid`` is ``None`` where there is none."""

    pk: int
    uuid: UUID | None
    indicator_id: int
    starts_on: dt.date | None
    ends_on: dt.date | None
    target: Decimal | None

    @property
    def span(self) -> Span | None:
        """Give both days, where both are known."""
        return None if self.starts_on is None or self.ends_on is None else (self.starts_on, self.ends_on)


@dataclass(frozen=True)
class _Keyed:
    pk: int


def keyed(periods: Iterable[Row]) -> Any:
    """Give the keys of periods in the shape in which aggregates are asked for."""
    return [_Keyed(row.pk) for row in periods]


def with_sums(
    programmes: Sequence[int], indicators: Sequence[Indicator], *, cutoff: dt.datetime | None
) -> tuple[list[Row], dict[int, Aggregate]]:
    """Give all periods of indicators in the order of time, and what SQL says of those with values, in one query.

    With a cut-off it takes two, and a period that is there only because something was reported after it is not given.

    Args:
        programmes: the keys of the programmes whose the indicators are.
    """
    if cutoff is not None:
        rows = _rows(f"SELECT {_COLUMNS} {_KNOWN}", programmes, indicators, cutoff=cutoff)
        return rows, aggregates(keyed(rows), cutoff=cutoff)
    rows, sums = [], {}
    for columns in _fetched(_WITH_SUMS, programmes, indicators):
        row = _row(columns)
        rows.append(row)
        if columns[6] is not None:
            sums[row.pk] = Aggregate(*columns[6:])
    return rows, sums


def last_with_values(
    programme: Programme,
    indicators: Sequence[Indicator],
    *,
    count: int,
    days: Sequence[dt.date],
    cutoff: dt.datetime | None,
) -> list[Row]:
    """Give the last so many periods of each indicator that have values, or may be made of others, in one query.

    Args:
        days: a period around one of these days may be made of its parts.
    """
    source = _SUMMARISED if cutoff is None else _RECORDED
    return _rows(
        _LAST.format(source=source), [programme.pk], indicators, cutoff=cutoff, days=list(days), count=count
    )


def _rows(
    statement: str, programmes: Sequence[int], indicators: Iterable[Indicator], **given: Any
) -> list[Row]:
    return [_row(columns) for columns in _fetched(statement, programmes, indicators, **given)]


def _fetched(
    statement: str, programmes: Sequence[int], indicators: Iterable[Indicator], **given: Any
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"programmes": list(programmes), "indicators": [row.pk for row in indicators], **given},
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _row(columns: Sequence[Any]) -> Row:
    key, uuid, indicator, first, last, target = columns[:6]
    return Row(key, uuid, indicator, _date(first), _date(last), target)


def _date(ordinal: int | None) -> dt.date | None:
    """Make a date of its number: much quicker than of a text, and a page has hundreds."""
    return None if ordinal is None else dt.date.fromordinal(ordinal)


_COLUMNS = """
p.id, p.uuid, p.indicator_id, p.starts_on - date '0001-01-01' + 1, p.ends_on - date '0001-01-01' + 1,
       (SELECT trim_scale(t.value) FROM indicators_target t
         WHERE t.period_id = p.id AND t.value IS NOT NULL AND t.dimensions = '[]' AND t.locations = '[]'
         ORDER BY t.position, t.id LIMIT 1)
"""

_ORDER = "ORDER BY p.indicator_id, p.starts_on, p.ends_on, p.position, p.id"

_SUMS = """
SELECT period_id, sum("values")::bigint AS "values", sum(numbers)::bigint AS numbers,
       sum(fractions)::bigint AS fractions, count(DISTINCT split) + max(positions) - 1 AS splits,
       count(DISTINCT coalesce(place_id, 0)) AS places, trim_scale(sum(value)) AS value,
       trim_scale(sum(numerator)) AS numerator, trim_scale(sum(denominator)) AS denominator,
       trim_scale(max(reported)) AS reported, max(said) AS said, trim_scale(min(smallest)) AS smallest,
       trim_scale(max(largest)) AS largest
  FROM indicators_summary
 WHERE programme_id = ANY(%(programmes)s) AND indicator_id = ANY(%(indicators)s)
 GROUP BY period_id
"""
"""By the programme and not by hundreds of keys; instants, which are slow to read, are left out."""

_WITH_SUMS = f"""
WITH sums AS MATERIALIZED ({_SUMS})
SELECT {_COLUMNS}, sums."values", sums.numbers, sums.fractions, sums.splits, sums.places, sums.value, sums.numerator,
       sums.denominator, sums.reported, sums.said, sums.smallest, sums.largest
  FROM indicators_period p LEFT JOIN sums ON sums.period_id = p.id
 WHERE p.programme_id = ANY(%(programmes)s) AND p.indicator_id = ANY(%(indicators)s)
 {_ORDER}
"""
"""Materialised, so that the sums are made once, however few periods the planner expects."""

_SUMMARISED = """
SELECT FROM indicators_summary s
 WHERE s.programme_id = p.programme_id AND s.indicator_id = p.indicator_id AND s.period_id = p.id
"""

_RECORDED = "SELECT FROM indicators_value v WHERE v.period_id = p.id AND v.recorded_at <= %(cutoff)s"

_KNOWN = f"""
  FROM indicators_period p
 WHERE p.programme_id = ANY(%(programmes)s) AND p.indicator_id = ANY(%(indicators)s)
   AND (EXISTS ({_RECORDED})
        OR EXISTS (SELECT FROM indicators_target t WHERE t.period_id = p.id)
        OR NOT EXISTS ({_SUMMARISED}))
 {_ORDER}
"""

_LAST = f"""
SELECT {_COLUMNS}
  FROM indicators_indicator i
 CROSS JOIN LATERAL (
   SELECT * FROM indicators_period p
    WHERE p.indicator_id = i.id
      AND (i.expression <> ''
           OR EXISTS (SELECT FROM unnest(%(days)s::date[]) AS day WHERE p.starts_on < day AND day <= p.ends_on)
           OR EXISTS ({{source}}))
    ORDER BY p.ends_on DESC NULLS LAST, p.starts_on DESC NULLS LAST, p.id DESC
    LIMIT %(count)s) p
 WHERE i.programme_id = ANY(%(programmes)s) AND i.id = ANY(%(indicators)s)
 {_ORDER}
"""
