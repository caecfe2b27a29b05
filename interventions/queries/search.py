"""Search: needs and interventions that are called so."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_noop

from handover import access
from handover.access import Actor
from handover.permissions import Permission
from handover.queries.search import Group, Hit, called, group_of, said_in
from interventions.models import Intervention, Need

KINDS: Final[tuple[tuple[str, Any, str, str], ...]] = (
    (gettext_noop("Needs"), Need, "need", "needs"),
    (gettext_noop("Interventions"), Intervention, "intervention", "interventions"),
)
"""What is searched: its name, its model, and the names of its page and of the page that lists it."""


def search(actor: Actor, text: str, limit: int) -> list[Group]:
    """Give needs and interventions of programmes that are open to an actor, in three queries."""
    reached = access.programme_ids(actor, may=Permission.VIEW)
    found = []
    for title, model, page, pages in KINDS:
        rows = (
            model.objects.filter(programme_id__in=reached)
            .annotate(said=said_in("title"))
            .filter(said__icontains=text)
            .select_related("programme")
            .order_by("programme__identifier", "pk")[: limit + 1]
        )
        hits = [
            Hit(
                called(row.title),
                called(row.programme.title, identifier=row.programme.identifier),
                (
                    (page, (row.programme.uuid, row.uuid)),
                    (pages, (row.programme.uuid,)),
                    ("programme", (row.programme.uuid,)),
                ),
            )
            for row in rows
        ]
        found.append(group_of(title, hits, limit))
    return found
