"""Search: indicators that are called so."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_noop

from handover import access
from handover.access import Actor
from handover.permissions import Permission
from handover.queries.search import Group, Hit, called, group_of, said_in
from indicators.models import Indicator


def search(actor: Actor, text: str, limit: int) -> list[Group]:
    """Give indicators of programmes that are open to an actor, in two queries."""
    reached = access.programme_ids(actor, may=Permission.VIEW)
    rows = (
        Indicator.objects.filter(programme_id__in=reached)
        .annotate(said=said_in("title"))
        .filter(Q(said__icontains=text))
        .select_related("programme")
        .order_by("programme__identifier", "pk")[: limit + 1]
    )
    hits = [
        Hit(
            called(row.title),
            called(row.programme.title, identifier=row.programme.identifier),
            (("indicator", (row.programme.uuid, row.uuid)),),
        )
        for row in rows
    ]
    return [group_of(gettext_noop("Indicators"), hits, limit)]
