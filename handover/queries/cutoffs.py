"""Cut-offs: where an organisation's view of a programme ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Q

from handover import clock
from handover.access import Actor
from handover.models import Standing


def cutoffs(actor: Actor) -> dict[int, dt.datetime]:
    """Give, for each programme where every present standing of the actor's organisation has a cut-off, the latest."""
    ends: dict[int, list[dt.datetime | None]] = {}
    rows = Standing.objects.filter(organisation=actor.organisation, valid__contains=clock.now())
    for programme, cutoff in rows.values_list("programme_id", "cutoff"):
        ends.setdefault(programme, []).append(cutoff)
    known = {programme: [end for end in found if end is not None] for programme, found in ends.items()}
    return {programme: max(found) for programme, found in known.items() if len(found) == len(ends[programme])}


def before_cutoffs(actor: Actor, column: str, *, programme: str = "programme_id") -> Q:
    """Give the condition that leaves out what was recorded after the actor's cut-offs.

    Args:
        column: the name of the instant at which a row was recorded.
        programme: the name of the column of its programme's key.
    """
    return before(cutoffs(actor), column, programme=programme)


def before(ends: Mapping[int, dt.datetime], column: str, *, programme: str = "programme_id") -> Q:
    """Give the same condition for whoever has read the cut-offs already, by the programme's key."""
    kept = Q()
    for key, end in ends.items():
        kept &= ~Q(**{programme: key, f"{column}__gt": end})
    return kept
