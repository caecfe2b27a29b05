"""What is staged, held against what stands: new, the same, changed, or changed by somebody else in the meantime.

What is the same is not entered again, so that a file that comes twice changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from handover.models import Programme
from indicators.actions import batches
from indicators.actions.batches import ALREADY_REPORTED, Problem, Problems

CHANGED_SINCE: Final = "changed_since"


@dataclass(frozen=True)
class Comparison:
    """How many of the staged rows are new, the same, changed, or in conflict, and what is wrong with the last."""

    new: int
    same: int
    changed: int
    conflicts: int
    problems: Problems


def compare(
    programme: Programme,
    *,
    staged: int,
    reason: str,
    comments: bool,
    seen: bool,
    cutoff: dt.datetime | None,
    shown: int = batches.SHOWN,
) -> Comparison:
    """Compare what is staged, take out what is the same, and make revisions of what changed.

    Args:
        staged: how many rows are staged.
        reason: why values change, where a row does not say so itself.
        comments: the rows say what the comment is; otherwise it stays.
        seen: the rows say which revision their sender saw.
        cutoff: values recorded later are not the actor's to see, and not to correct.
        shown: problems to list at most.
    """
    values: dict[str, Any] = {
        "programme": programme.pk,
        "reason": reason,
        "comments": comments,
        "cutoff": cutoff,
        "shown": shown,
    }
    with connection.cursor() as cursor:
        if not seen:
            cursor.execute(_ANY, values)
            (there,) = cursor.fetchone() or (False,)
            if not there:
                return Comparison(staged, 0, 0, 0, Problems([], 0))
        batches.drop("indicators_met")
        cursor.execute(f"ANALYZE indicators_staged ({_JOINED})")
        cursor.execute(_MEET, values)
        cursor.execute(_COUNT, values)
        same, changed, conflicts, hidden, met, unseen = cursor.fetchone() or (0, 0, 0, 0, 0, 0)
        problems = Problems([], 0)
        if conflicts or hidden or unseen:
            cursor.execute(_PROBLEMS, values)
            found = [
                Problem(int(line), *_problem(kind, said, revision), "value")
                for line, kind, said, revision in cursor.fetchall()
            ]
            problems = Problems(found, int(conflicts) + int(hidden) + int(unseen))
        cursor.execute(
            "DELETE FROM indicators_staged s USING indicators_met m WHERE m.line = s.line AND m.kind = 'same'"
        )
        cursor.execute(_REVISE, values)
        batches.drop("indicators_met")
    lost = int(conflicts) + int(unseen)
    return Comparison(staged - int(met) - int(unseen), int(same), int(changed), lost, problems)


def _problem(kind: str, said: str | None, revision: int | None) -> tuple[str, str]:
    match kind:
        case "conflict":
            now = f"it is “{said or ''}” now (revision {revision})"
            return CHANGED_SINCE, f"Somebody changed it after this file was made: {now}. Download it again."
        case "unseen":
            return (
                CHANGED_SINCE,
                "There is no such value that could have been corrected: leave its revision at 0.",
            )
        case _:
            return ALREADY_REPORTED


_JOINED: Final = "line, indicator_id, period_id, starts_on, ends_on, place_id, cell, position"
"""Columns by which statements join what is staged: a look at the others, wide ones among them, takes longer."""

_ANY = """
SELECT EXISTS (
  SELECT FROM indicators_summary m
   WHERE m.programme_id = %(programme)s
     AND m.indicator_id IN (SELECT DISTINCT indicator_id FROM indicators_staged))
"""

_MEET = f"""
CREATE TEMPORARY TABLE indicators_met ON COMMIT DROP AS
WITH span AS MATERIALIZED ({batches.SPANS}), slot AS MATERIALIZED (
  SELECT s.*, coalesce(s.period_id, span.id) AS slot_period
    FROM indicators_staged s
    LEFT JOIN span ON s.period_id IS NULL AND span.indicator_id = s.indicator_id
         AND span.starts_on = s.starts_on AND span.ends_on = s.ends_on
), met AS (
  SELECT slot.line, slot.reason, slot.given_revision, v.revision, v.value_text, v.dimensions, v.locations, v.documents,
         v.extra, v.comment, v.recorded_at,
         CASE WHEN slot.value IS NULL AND v.value IS NULL THEN slot.value_text IS NOT DISTINCT FROM v.value_text
              ELSE slot.value IS NOT DISTINCT FROM v.value END
           AND (slot.denominator IS NULL AND slot.value IS NOT NULL OR (
                slot.numerator IS NOT DISTINCT FROM v.numerator
                AND slot.denominator IS NOT DISTINCT FROM v.denominator))
           AND (NOT %(comments)s OR slot.comment = v.comment
                OR (jsonb_array_length(v.comment) = 1 AND slot.comment -> 0 ->> 'text' = v.comment -> 0 ->> 'text'))
           AS same
    FROM slot CROSS JOIN LATERAL (
      SELECT * FROM indicators_value v
       WHERE v.period_id = slot.slot_period AND v.cell = slot.cell AND v.position = slot.position
         AND slot.place_id IS NOT NULL AND v.place_id = slot.place_id
       UNION ALL
      SELECT * FROM indicators_value v
       WHERE v.period_id = slot.slot_period AND v.cell = slot.cell AND v.position = slot.position
         AND slot.place_id IS NULL AND v.place_id IS NULL
       ORDER BY revision DESC LIMIT 1) v
)
SELECT *, CASE
    WHEN recorded_at > %(cutoff)s::timestamptz THEN 'hidden'
    WHEN same THEN 'same'
    WHEN given_revision IS NOT NULL AND given_revision <> revision THEN 'conflict'
    WHEN reason = '' AND %(reason)s = '' THEN 'hidden'
    ELSE 'changed' END AS kind
  FROM met
"""
"""Slots are materialised: under row level security the index takes a plain column, and no coalesce().

A value that is there and may not be seen, or not be changed without a reason, is told in the same words."""

_UNSEEN = """
  FROM indicators_staged s
 WHERE s.given_revision > 0 AND NOT EXISTS (SELECT FROM indicators_met m WHERE m.line = s.line)
"""

_COUNT = f"""
SELECT count(*) FILTER (WHERE kind = 'same'), count(*) FILTER (WHERE kind = 'changed'),
       count(*) FILTER (WHERE kind = 'conflict'), count(*) FILTER (WHERE kind = 'hidden'), count(*),
       (SELECT count(*) {_UNSEEN})
  FROM indicators_met
"""

_PROBLEMS = f"""
SELECT line, kind, value_text, revision FROM indicators_met WHERE kind IN ('conflict', 'hidden')
UNION ALL
SELECT s.line, 'unseen', NULL, NULL {_UNSEEN}
 ORDER BY line LIMIT %(shown)s
"""

_REVISE = """
UPDATE indicators_staged s
   SET revision = m.revision + 1, reason = coalesce(nullif(s.reason, ''), %(reason)s), dimensions = m.dimensions,
       locations = m.locations, documents = m.documents, extra = m.extra,
       comment = CASE WHEN %(comments)s THEN s.comment ELSE m.comment END
  FROM indicators_met m WHERE m.line = s.line AND m.kind = 'changed'
"""
