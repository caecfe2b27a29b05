"""Where a view ends: programmes that an organisation reads only up to a day, and what it no longer sees there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.db.models import Q

from handover import clock
from handover.access import Actor
from handover.models import Programme, Standing
from interventions.queries.feeding import hidden


def cutoffs(actor: Actor) -> Mapping[int, dt.datetime]:
    """Give, by a programme's database key, the instant after which the actor sees nothing there; in one query.

    As ``access.reach`` says for one programme: only where every standing of the organisation ends the view.
    """
    rows = Standing.objects.filter(organisation=actor.organisation, valid__contains=clock.now())
    ends: dict[int, list[dt.datetime | None]] = {}
    for programme, cutoff in rows.values_list("programme_id", "cutoff"):
        ends.setdefault(programme, []).append(cutoff)
    return {
        programme: max(cutoff for cutoff in found if cutoff is not None)
        for programme, found in ends.items()
        if None not in found
    }


def hidden_records(actor: Actor) -> frozenset[UUID]:
    """Name the records that were entered or changed after the actor's view of their programme ended.

    Two queries where there is such a programme, and one more for each further one; else one.
    """
    ends = cutoffs(actor)
    found = Programme.objects.filter(pk__in=ends).order_by("id") if ends else ()
    return frozenset(key for programme in found for key in hidden(programme, ends[programme.pk]))


def after_the_end(actor: Actor, column: str) -> Q:
    """Make the condition of rows of which a column is later than the end of the actor's view of their programme."""
    later = Q(pk__in=[])
    for programme, cutoff in cutoffs(actor).items():
        later |= Q(programme_id=programme, **{f"{column}__gt": cutoff})
    return later
