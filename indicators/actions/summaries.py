"""Summaries, kept by the transaction that enters values: added to where values are new, else made anew.

``indicators_staged`` holds what a batch enters (``actions.batches``). A summary is never read to say what a value is:
it can be made anew from the values at any time, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.models import Programme
from handover.permissions import Permission


@action
def rebuild(*, by: Actor, programme_uuid: UUID) -> int:
    """Make all summaries of a programme anew from its values, and tell how many there are.

    Raises:
        NotFound, NotAllowed: the actor may not define the programme's indicators.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.DEFINE_INDICATORS)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM indicators_summary WHERE programme_id = %s", [programme.pk])
        cursor.execute(f"{_INSERT} {_CURRENT.format(which='')} {_GROUPED}", {"programme": programme.pk})
        count = int(cursor.rowcount)
    ledger.record(
        verb="summaries.rebuilt", by=by, programme=programme, subject=programme.uuid, data={"count": count}
    )
    return count


def add(programme: Programme, *, spans: str) -> None:
    """Add what is staged, all of it new values, to the summaries. Inside an action, after the values were entered.

    Args:
        spans: SQL that gives ``indicator_id, starts_on, ends_on, id`` of the periods of staged dates.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH span AS MATERIALIZED ({spans}), way AS MATERIALIZED (
              SELECT cell, indicators_split(cell) AS split FROM (SELECT DISTINCT cell FROM indicators_staged) cells
            ), current AS (
              SELECT %(programme)s::bigint AS programme_id, s.indicator_id, coalesce(s.period_id, span.id) AS period_id,
                     s.place_id, way.split, s.position, s.value, s.numerator, s.denominator, s.value_text, s.locations,
                     s.cell, %(now)s::timestamptz AS recorded_at
                FROM indicators_staged s JOIN way ON way.cell = s.cell
                LEFT JOIN span ON s.period_id IS NULL AND span.indicator_id = s.indicator_id
                     AND span.starts_on = s.starts_on AND span.ends_on = s.ends_on
            )
            {_INSERT} SELECT * FROM current) {_GROUPED}
            """,
            {"programme": programme.pk, "now": clock.now()},
        )


def remake(programme: Programme, periods: Collection[int]) -> None:
    """Make the summaries of some periods anew from their values. Inside an action."""
    values: dict[str, Any] = {"programme": programme.pk, "periods": list(periods)}
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM indicators_summary WHERE programme_id = %(programme)s AND period_id = ANY(%(periods)s)",
            values,
        )
        current = _CURRENT.format(which="AND v.period_id = ANY(%(periods)s)")
        cursor.execute(f"{_INSERT} {current} {_GROUPED}", values)


_INSERT = """
INSERT INTO indicators_summary AS summary (
  programme_id, indicator_id, period_id, place_id, split, "values", numbers, fractions, positions, located, value,
  numerator, denominator, smallest, largest, reported, said, first_at, last_at)
SELECT programme_id, indicator_id, period_id, place_id, split, count(*), count(value), count(denominator),
       max(position) + 1, count(*) FILTER (WHERE locations <> '[]'), sum(value), sum(numerator), sum(denominator),
       min(value), max(value), max(value) FILTER (WHERE whole), max(value_text) FILTER (WHERE whole), min(recorded_at),
       max(recorded_at)
  FROM (SELECT *, cell = '' AND place_id IS NULL AND locations = '[]' AND position = 0 AS whole FROM (
"""

_CURRENT = """
    SELECT DISTINCT ON (v.period_id, v.cell, v.place_id, v.position) v.*, indicators_split(v.cell) AS split
      FROM indicators_value v WHERE v.programme_id = %(programme)s {which}
     ORDER BY v.period_id, v.cell, v.place_id, v.position, v.revision DESC)
"""

_GROUPED = """
  rows) current
 GROUP BY programme_id, indicator_id, period_id, place_id, split
 ON CONFLICT (period_id, place_id, split) DO UPDATE SET
   "values" = summary."values" + excluded."values", numbers = summary.numbers + excluded.numbers,
   fractions = summary.fractions + excluded.fractions, positions = greatest(summary.positions, excluded.positions),
   located = summary.located + excluded.located,
   value = CASE WHEN summary.value IS NULL THEN excluded.value
                ELSE summary.value + coalesce(excluded.value, 0) END,
   numerator = CASE WHEN summary.numerator IS NULL THEN excluded.numerator
                    ELSE summary.numerator + coalesce(excluded.numerator, 0) END,
   denominator = CASE WHEN summary.denominator IS NULL THEN excluded.denominator
                      ELSE summary.denominator + coalesce(excluded.denominator, 0) END,
   smallest = least(summary.smallest, excluded.smallest), largest = greatest(summary.largest, excluded.largest),
   reported = coalesce(excluded.reported, summary.reported), said = coalesce(excluded.said, summary.said),
   first_at = least(summary.first_at, excluded.first_at), last_at = greatest(summary.last_at, excluded.last_at)
"""
