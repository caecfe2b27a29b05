"""Needs as people read them: the tree with what answers each need, and all that hangs on one need."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from handover.models import Programme
from handover.narratives import best
from interventions.models import (
    InterventionNeed,
    Need,
    NeedLevel,
    NeedLineage,
    NeedPlace,
    NeedPrerequisite,
    NeedState,
    Saying,
)
from interventions.queries import lineage
from interventions.queries.needs import Node, tree, walk


@dataclass(frozen=True)
class Answer:
    """An intervention that answers a need."""

    uuid: UUID
    title: str
    starts_on: dt.date | None
    ends_on: dt.date | None


@dataclass
class Shown:
    """A need in its tree. ``covered``: it is met, an intervention answers it, or all its parts are covered."""

    node: Node
    answers: Sequence[Answer]
    covered: bool = False
    children: list[Shown] = field(default_factory=list)

    @property
    def need(self) -> Need:
        """Give the need."""
        return self.node.need

    @property
    def own(self) -> bool:
        """Tell whether it is covered by itself and not by its parts."""
        return self.node.answered_by > 0 or self.need.state == NeedState.MET

    def walk(self) -> Iterator[Shown]:
        """Give this one and all below it, in the order in which they are read."""
        pending = [self]
        while pending:
            here = pending.pop()
            yield here
            pending.extend(reversed(here.children))


@dataclass(frozen=True)
class Counts:
    """How the needs of a programme stand, each counted at its lowest: one with parts is not counted beside them."""

    needs: int
    met: int
    answered: int
    open: int


def needs_tree(programme: Programme, lang: str = "en", *, named: bool = True) -> list[Shown]:
    """Give the needs that stand, as a tree with what answers each, in two queries.

    Args:
        named: whether the interventions are named; without, it is one query.
    """
    answers = answers_of(programme, lang) if named else {}
    return [_shown(root, answers) for root in tree(programme)]


def answers_of(programme: Programme, lang: str) -> Mapping[int, list[Answer]]:
    """Give the interventions that answer each need (its key), in one query."""
    found: defaultdict[int, list[Answer]] = defaultdict(list)
    rows = InterventionNeed.objects.filter(programme=programme).order_by("id")
    for need, uuid, title, first, last in rows.values_list(
        "need_id",
        "intervention__uuid",
        "intervention__title",
        "intervention__starts_on",
        "intervention__ends_on",
    ):
        found[need].append(Answer(uuid, best(title, lang), first, last))
    return found


def _shown(root: Node, answers: Mapping[int, list[Answer]]) -> Shown:
    made = {node.need.pk: Shown(node, answers.get(node.need.pk, [])) for node in root.walk()}
    # Parts come after what they are parts of: read from the end, every part is known before its whole.
    for node in reversed(list(root.walk())):
        here = made[node.need.pk]
        here.children = [made[child.need.pk] for child in node.children]
        here.covered = here.own or (bool(here.children) and all(part.covered for part in here.children))
    return made[root.need.pk]


def counts(roots: Sequence[Shown]) -> Counts:
    """Count the needs at their lowest: met, answered, and open."""
    lowest = [item for root in roots for item in root.walk() if not item.children]
    met = sum(item.need.state == NeedState.MET for item in lowest)
    whole = _answered_as_a_whole(roots)
    answered = sum(
        item.need.state != NeedState.MET and (item.node.answered_by > 0 or item.need.pk in whole)
        for item in lowest
    )
    return Counts(len(lowest), met, answered, len(lowest) - met - answered)


def _answered_as_a_whole(roots: Sequence[Shown]) -> frozenset[int]:
    """Give the needs above which another one is answered as a whole."""
    found: set[int] = set()
    for root in roots:
        for item in root.walk():
            if item.node.answered_by or item.need.pk in found:
                found.update(child.need.pk for child in item.children)
    return frozenset(found)


def levels_of(programme: Programme) -> list[NeedLevel]:
    """Give a programme's levels, lowest first, in one query."""
    return list(NeedLevel.objects.filter(programme=programme).order_by("position", "id"))


@dataclass(frozen=True)
class About:
    """One need, with all that hangs on it."""

    need: Need
    above: Sequence[Need]
    number: str
    below: Sequence[Shown]
    answers: Sequence[Answer]
    covered: bool
    first: Sequence[Need]
    """What has to be answered before it."""
    waiting: Sequence[Need]
    """What waits for it."""
    places: Sequence[NeedPlace]
    sayings: Sequence[Saying]
    lineage: Sequence[NeedLineage]
    siblings: int


def need_of(programme: Programme, key: UUID) -> Need | None:
    """Fetch a need of a programme, merged and split ones too, in one query."""
    return (
        Need.objects.filter(programme=programme, uuid=key)
        .select_related("level", "place", "responsibility", "raised_in", "parent", "programme")
        .first()
    )


def about(need: Need, lang: str = "en") -> About:
    """Give all that hangs on a need, in six queries."""
    programme = need.programme
    roots = needs_tree(programme, lang)
    nodes = {item.need.pk: item for root in roots for item in root.walk()}
    here = nodes.get(need.pk)
    links = list(
        NeedPrerequisite.objects.filter(programme=programme).select_related("need", "requires").order_by("id")
    )
    places = NeedPlace.objects.filter(need=need).select_related("place").order_by("id")
    sayings = Saying.objects.filter(need=need).select_related("consultation").order_by("id")
    return About(
        need=need,
        above=_above(need, nodes),
        number=here.node.number if here else "",
        below=here.children if here else [],
        answers=here.answers if here else [],
        covered=here.covered if here else False,
        first=[link.requires for link in links if link.need_id == need.pk],
        waiting=[link.need for link in links if link.requires_id == need.pk],
        places=list(places),
        sayings=list(sayings),
        lineage=lineage.lineage(need),
        siblings=sum(
            item.need.parent_id == need.parent_id and item.need.level_id == need.level_id
            for item in nodes.values()
        ),
    )


def _above(need: Need, nodes: Mapping[int, Shown]) -> list[Need]:
    found: list[Need] = []
    key = need.parent_id
    while key is not None and key in nodes and len(found) < len(nodes):
        found.append(nodes[key].need)
        key = nodes[key].need.parent_id
    return found[::-1]


def numbered(programme: Programme, lang: str = "en") -> list[tuple[Node, str]]:
    """Give the needs that stand in the order in which they are read, each with its number and title, in one query."""
    return [(node, f"{node.number} {best(node.need.title, lang)}") for node in walk(tree(programme))]
