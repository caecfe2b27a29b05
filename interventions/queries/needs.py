"""The needs tree of a programme: one query loads it, Python assembles it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from handover.holdings import Finding
from handover.models import Programme
from handover.narratives import best
from interventions.models import InterventionNeed, Need, NeedState, Trend

CLOSED: Final = frozenset({NeedState.MERGED, NeedState.SPLIT})
"""States of needs that stand no more: nothing is linked to them, and no tree holds them."""


@dataclass
class Node:
    """A need in its tree: ``number`` like ``1.2.3``, ``depth`` from 0, ``answered_by`` so many interventions."""

    need: Need
    answered_by: int
    depth: int = 0
    number: str = ""
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Give this node and all below it, in the order in which they are read."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))


def open_needs(programme: Programme) -> QuerySet[Need]:
    """Give the needs of a programme that were neither merged nor split; met ones are among them."""
    return Need.objects.filter(programme=programme).exclude(state__in=CLOSED)


def tree(programme: Programme) -> list[Node]:
    """Give the roots of a programme's needs, siblings by level, rank and age, in one query.

    Each node's ``need`` has its level and its place at hand. What was merged or split is not in it.
    """
    answers = InterventionNeed.objects.filter(need=OuterRef("pk")).order_by().values("need")
    needs = (
        open_needs(programme)
        .select_related("level", "place")
        .annotate(answered_by=Coalesce(Subquery(answers.annotate(count=Count("pk")).values("count")), 0))
        .order_by("level__position", "rank", "id")
    )
    nodes = {need.pk: Node(need=need, answered_by=need.answered_by) for need in needs}
    roots: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.need.parent_id) if node.need.parent_id else None
        (parent.children if parent else roots).append(node)
    _number(roots)
    return roots


def resting_on(programme: Programme, responsibilities: Collection[int]) -> list[Need]:
    """Give the needs that responsibilities (by their keys) answer, themselves or by their interventions; one query."""
    answered = InterventionNeed.objects.filter(
        programme=programme, intervention__responsibility__in=responsibilities
    )
    found = Q(responsibility__in=responsibilities) | Q(pk__in=answered.values("need"))
    return list(open_needs(programme).filter(found).order_by("level__position", "rank", "id"))


def walk(roots: Sequence[Node]) -> Iterator[Node]:
    """Give all nodes of a tree, in the order in which they are read."""
    for root in roots:
        yield from root.walk()


def outline(roots: Sequence[Node], *, lang: str = "en") -> Iterator[str]:
    """Tell a tree as indented lines: number, title, severity, trend, people, place, interventions, whether it is met.

    The level is named where a branch enters it.
    """
    levels: dict[int | None, int] = {}
    for node in walk(roots):
        need = node.need
        levels[need.pk] = need.level_id
        entered = levels.get(need.parent_id) != need.level_id
        facts = [best(need.level.title, lang) or need.level.key] if entered else []
        facts.append(f"severity {need.severity}/5")
        if need.trend:
            facts.append(str(Trend(need.trend).label))
        if need.people_affected is not None:
            facts.append(f"{need.people_affected} people")
        if need.place:
            facts.append(need.place.name)
        facts.append(_counted(node.answered_by))
        if need.state:
            facts.append(need.get_state_display())
        yield f"{'  ' * node.depth}{node.number} {best(need.title, lang)} ({', '.join(facts)})"


def lines(programme: Programme, *, lang: str = "en") -> Iterator[str]:
    """Tell a programme's needs as indented lines, in one query."""
    yield from outline(tree(programme), lang=lang)


def health(programme: Programme) -> Iterator[Finding]:
    """Name needs that are said to be met although one below them is not, in one query."""
    for root in tree(programme):
        for node in root.walk():
            if node.need.state != NeedState.MET:
                continue
            unmet = next((below for below in node.walk() if below.need.state != NeedState.MET), None)
            if unmet:
                sentence = (
                    f"“{node.need}” ({node.number}) is said to be met, but below it “{unmet.need}” "
                    f"({unmet.number}) is not."
                )
                yield Finding("met_above_unmet", sentence, str(node.need.uuid))


def _counted(interventions: int) -> str:
    match interventions:
        case 0:
            return "no intervention"
        case 1:
            return "1 intervention"
        case _:
            return f"{interventions} interventions"


def _number(roots: list[Node]) -> None:
    pending: list[tuple[list[Node], str, int]] = [(roots, "", 0)]
    while pending:
        siblings, before, depth = pending.pop()
        for position, node in enumerate(siblings, start=1):
            node.number, node.depth = f"{before}{position}", depth
            pending.append((node.children, f"{node.number}.", depth + 1))
