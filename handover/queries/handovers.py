"""The days on which responsibility changed hands: stewardship by executed transfers, each responsibility by tenures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from handover.clock import HOUSE_ZONE
from handover.models import Programme
from handover.models.responsibilities import Capacity


@dataclass(frozen=True)
class Handover:
    """A day on which something changed hands. ``day`` is the receiver's first."""

    day: dt.date
    responsibility_id: int | None
    """``None``: the programme's stewardship, which all answer for that no responsibility does."""
    giver: str
    receiver: str
    giver_uuid: UUID
    receiver_uuid: UUID
    programme_id: int


def handovers(programme: Programme, *, cutoff: dt.datetime | None = None) -> list[Handover]:
    """Give the days on which a programme's stewardship and its responsibilities changed hands, in one query.

    What was handed over and came back on one day never changed hands.

    Args:
        cutoff: ``Reach.cutoff``: nothing after its day is told.
    """
    return handovers_of([programme.pk], cutoff=cutoff).get(programme.pk, [])


def handovers_of(
    programmes: Iterable[int], *, cutoff: dt.datetime | None = None
) -> dict[int, list[Handover]]:
    """Give the same for many programmes by their keys, in one query; one that never changed hands is left out."""
    last = cutoff.astimezone(HOUSE_ZONE).date() if cutoff else None
    found: dict[int, list[Handover]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _HANDOVERS,
            {
                "programmes": list(programmes),
                "holder": Capacity.HOLDER.value,
                "zone": str(HOUSE_ZONE),
                "last": last,
            },
        )
        for columns in cursor.fetchall():
            each = Handover(*columns)
            found.setdefault(each.programme_id, []).append(each)
    return found


_HANDOVERS = """
WITH turn AS (
  SELECT programme_id, responsibility_id, lower(valid) AS day, organisation_id AS receiver_id,
         lag(organisation_id) OVER (PARTITION BY responsibility_id ORDER BY lower(valid)) AS giver_id
    FROM handover_tenure
   WHERE programme_id = ANY(%(programmes)s) AND capacity = %(holder)s
), executed AS (
  SELECT programme_id, (executed_at AT TIME ZONE %(zone)s)::date AS day, giver_id, receiver_id, executed_at
    FROM handover_transfer
   WHERE programme_id = ANY(%(programmes)s) AND lead AND executed_at IS NOT NULL
), steward AS (
  SELECT DISTINCT programme_id, NULL::bigint AS responsibility_id, day,
         last_value(receiver_id) OVER whole AS receiver_id, first_value(giver_id) OVER whole AS giver_id
    FROM executed
  WINDOW whole AS (PARTITION BY programme_id, day ORDER BY executed_at
                   ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
SELECT found.day, found.responsibility_id, giver.name, receiver.name, giver.uuid, receiver.uuid, found.programme_id
  FROM (SELECT * FROM turn UNION ALL
        SELECT programme_id, responsibility_id, day, receiver_id, giver_id FROM steward) found
  JOIN handover_organisation giver ON giver.id = found.giver_id
  JOIN handover_organisation receiver ON receiver.id = found.receiver_id
 WHERE found.giver_id <> found.receiver_id AND (%(last)s::date IS NULL OR found.day <= %(last)s)
 ORDER BY found.programme_id, found.day, found.responsibility_id NULLS FIRST
"""
