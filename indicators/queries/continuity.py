"""What lies between the periods of a series: breaks, handovers, and people whom both sides of a handover counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from django.db import connection

from handover.models import Programme
from handover.names import read
from handover.queries.handovers import Handover, handovers_of
from indicators.models import Indicator

OverlapKey: TypeAlias = tuple[int, dt.date, dt.date, dt.date]
"""Indicator, first and last day of the whole period, first day of the receiver."""

Group: TypeAlias = tuple[int | None, str]
"""Place and cell; ``(None, "")`` is everybody."""


@dataclass(frozen=True)
class BreakMark:
    """A break in a series: from ``on`` something else is counted, or counted otherwise."""

    uuid: UUID
    on: dt.date
    kind: str
    reason: str
    stated_by: str
    organisation: str
    stated_at: dt.datetime


@dataclass(frozen=True)
class Continuity:
    """Breaks, handovers and overlaps of the indicators of a programme, or of several."""

    handovers: Sequence[Handover] = ()
    breaks: Mapping[int, tuple[BreakMark, ...]] = field(default_factory=dict)
    """By the indicator's key, in the order of time."""
    overlaps: Mapping[OverlapKey, Mapping[Group, Decimal]] = field(default_factory=dict)

    def days(self, indicator: Indicator) -> list[Handover]:
        """Give the handovers that concern an indicator: of its responsibility, or else of the stewardship."""
        asked = (indicator.programme_id, indicator.responsibility_id)
        return [found for found in self.handovers if (found.programme_id, found.responsibility_id) == asked]


def continuity(programme: Programme, *, cutoff: dt.datetime | None) -> Continuity:
    """Read what lies between the periods of all of a programme's series, in two queries.

    Args:
        cutoff: ``Reach.cutoff``: what was stated after it is left out.
    """
    return continuity_of([programme.pk], cutoff=cutoff)


def continuity_of(programmes: Sequence[int], *, cutoff: dt.datetime | None) -> Continuity:
    """Read the same for several programmes by their keys, in as many queries."""
    breaks: dict[int, list[BreakMark]] = {}
    overlaps: dict[OverlapKey, dict[Group, Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STATED, {"programmes": list(programmes), "cutoff": cutoff})
        for indicator, uuid, first, last, cut, place, text, *rest in cursor.fetchall():
            if cut is None:
                breaks.setdefault(indicator, []).append(
                    BreakMark(uuid, first, text, rest[1], read(rest[2]), *rest[3:])
                )
            else:
                overlaps.setdefault((indicator, first, last, cut), {})[place, text] = rest[0]
    return Continuity(
        handovers=[each for found in handovers_of(programmes, cutoff=cutoff).values() for each in found],
        breaks={key: tuple(sorted(found, key=lambda mark: mark.on)) for key, found in breaks.items()},
        overlaps=overlaps,
    )


_STATED = """
SELECT indicator_id, uuid, "on", NULL::date, NULL::date, NULL::bigint, kind, NULL::numeric, reason,
       handover_named(stated_by_name),
       organisation_name, stated_at
  FROM indicators_break
 WHERE programme_id = ANY(%(programmes)s) AND (%(cutoff)s::timestamptz IS NULL OR stated_at <= %(cutoff)s)
UNION ALL
(SELECT DISTINCT ON (indicator_id, starts_on, ends_on, cut_on, place_id, cell)
       indicator_id, uuid, starts_on, ends_on, cut_on, place_id, cell, trim_scale(count), reason,
       handover_named(stated_by_name),
       organisation_name, stated_at
  FROM indicators_overlap
 WHERE programme_id = ANY(%(programmes)s) AND (%(cutoff)s::timestamptz IS NULL OR stated_at <= %(cutoff)s)
 ORDER BY indicator_id, starts_on, ends_on, cut_on, place_id, cell, revision DESC)
"""
