"""Search: what is called so, in what is open to a person. Each app finds its own through its holding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Func, JSONField, Q, TextField
from django.db.models.functions import Cast
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_noop

from handover import access, clock, holdings
from handover.access import Actor
from handover.languages import language
from handover.models import Membership, Programme, Responsibility
from handover.narratives import Narrative, best
from handover.permissions import Permission
from handover.queries.tasks import Place

LEAST: Final = 2
"""Characters at least that are searched for."""
LIMIT: Final = 10
"""Hits of one kind that are shown."""


@dataclass(frozen=True)
class Hit:
    """Something that was found: what it is called, where it belongs, and the pages where it is seen, the best first."""

    title: str
    where: str = ""
    places: Sequence[Place] = ()

    @property
    def address(self) -> str:
        """Give the path of the first of its pages that there is; nothing where there is none."""
        for name, arguments in self.places:
            try:
                return reverse(name, args=arguments)
            except NoReverseMatch:
                continue
        return ""


@dataclass(frozen=True)
class Group:
    """Hits of one kind; its title is English, and translated where it is read."""

    title: str
    hits: Sequence[Hit]
    more: bool = False
    """There are more than are given."""


def search_for(actor: Actor, text: str, *, limit: int = LIMIT) -> list[Group]:
    """Give what is called so in what is open to an actor, by kind, in a fixed number of queries."""
    if len(text) < LEAST:
        return []
    found = [*_own(actor, text, limit)]
    for holding in holdings.holdings():
        found.extend(holding.search(actor, text, limit))
    return [group for group in found if group.hits]


def group_of(title: str, hits: Sequence[Hit], limit: int) -> Group:
    """Make a group of hits, of which one more than the limit were asked for."""
    return Group(title, hits[:limit], more=len(hits) > limit)


def said_in(column: str) -> Cast:
    """Give the texts of a column of narratives, without their languages, to be searched."""
    texts = Func(
        column,
        function="jsonb_path_query_array",
        template="%(function)s(%(expressions)s, '$[*].text')",
        output_field=JSONField(),
    )
    return Cast(texts, TextField())


def called(title: Sequence[Narrative], *, identifier: str = "") -> str:
    """Call a row by its title in the reader's language, else by its identifier."""
    return best(title, language()) or identifier


def _own(actor: Actor, text: str, limit: int) -> list[Group]:
    """Find in what the kernel keeps: programmes, responsibilities, and people of the actor's own organisation."""
    reached = access.programme_ids(actor, may=Permission.VIEW)
    programmes = (
        Programme.objects.filter(pk__in=reached)
        .annotate(said=said_in("title"))
        .filter(Q(said__icontains=text) | Q(identifier__icontains=text))
        .order_by("identifier")[: limit + 1]
    )
    responsibilities = (
        Responsibility.objects.filter(programme_id__in=reached, title__icontains=text)
        .select_related("programme")
        .order_by("title", "pk")[: limit + 1]
    )
    people = (
        Membership.objects.filter(
            Q(user__display_name__icontains=text) | Q(user__email__icontains=text),
            access.holding(clock.now()),
            organisation=actor.organisation,
            user__is_service=False,
            user__is_active=True,
        )
        .order_by("user__display_name", "user__uuid")
        .values_list("user__uuid", "user__display_name")
        .distinct()[: limit + 1]
    )
    return [
        group_of(
            gettext_noop("Programmes"),
            [
                Hit(
                    called(row.title, identifier=row.identifier),
                    row.identifier,
                    (("programme", (row.uuid,)),),
                )
                for row in programmes
            ],
            limit,
        ),
        group_of(
            gettext_noop("Responsibilities"),
            [
                Hit(
                    row.title,
                    called(row.programme.title, identifier=row.programme.identifier),
                    (
                        ("responsibility", (row.programme.uuid, row.uuid)),
                        ("programme-people", (row.programme.uuid,)),
                    ),
                )
                for row in responsibilities
            ],
            limit,
        ),
        group_of(
            gettext_noop("People of your organisation"),
            [Hit(name, "", (("organisation-member", (uuid,)),)) for uuid, name in people],
            limit,
        ),
    ]
