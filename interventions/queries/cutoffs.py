"""Where a view ends: records that an organisation no longer sees in a programme that it reads only up to a day."""

from __future__ import annotations

from uuid import UUID

from handover.access import Actor
from handover.models import Programme
from handover.queries.cutoffs import cutoffs
from interventions.queries.feeding import hidden


def hidden_records(actor: Actor) -> frozenset[UUID]:
    """Name the records that were entered or changed after the actor's view of their programme ended.

    Two queries where there is such a programme, and one more for each further one; else one.
    """
    ends = cutoffs(actor)
    found = Programme.objects.filter(pk__in=ends).order_by("id") if ends else ()
    return frozenset(key for programme in found for key in hidden(programme, ends[programme.pk]))
