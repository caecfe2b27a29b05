"""Sight: where a caller's view of a programme ends, and where they see totals alone. As the pages have it."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from handover import access, clock
from handover.access import Actor
from handover.errors import NotAllowed
from handover.models import Programme, Standing
from handover.permissions import Permission, StandingKind

M = TypeVar("M", bound=Model)


def totals(actor: Actor, rows: QuerySet[M]) -> QuerySet[M]:
    """Leave out groups and places of programmes that the actor reads as a donor alone."""
    apart = _own(actor)
    inside = apart.filter(programme=OuterRef("programme")).exclude(kind=StandingKind.DONOR.value)
    donors = apart.filter(kind=StandingKind.DONOR.value).exclude(Exists(inside)).values_list("programme_id")
    if not donors.exists():
        return rows
    return rows.filter(Q(cell="", place__isnull=True) | ~Q(programme_id__in=donors))


def refuse_donors(actor: Actor, programme: Programme) -> None:
    """Refuse to tell groups and places to whoever reads a programme as a donor alone.

    Raises:
        NotAllowed: the actor does.
    """
    if not access.reach(actor, programme).standings - {StandingKind.DONOR}:
        raise NotAllowed(
            "not_allowed",
            "Your organisation reads this programme as its donor: groups and places are not open to it.",
            permission=Permission.VIEW.value,
        )


def _own(actor: Actor) -> QuerySet[Any]:
    return Standing.objects.filter(organisation=actor.organisation, valid__contains=clock.now())
