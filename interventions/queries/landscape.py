"""A programme's needs and interventions as one graph in memory: what coverage and sequence are thought out on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import IntegerField, Value

from handover.models import Programme
from handover.narratives import best
from interventions.models import (
    Intervention,
    InterventionDependency,
    InterventionNeed,
    Need,
    NeedPrerequisite,
)
from interventions.models.needs import NeedState


@dataclass(frozen=True)
class NeedNode:
    """A need that stands or is met. ``level`` counts from 1, the most basic; ``severity`` is 1 to 5."""

    key: int
    uuid: UUID
    title: str
    level: int
    level_title: str
    severity: int
    people: int
    parent: int | None
    met: bool = False


@dataclass(frozen=True)
class InterventionNode:
    """An intervention. ``effort`` is what beginning it takes of the capacity of a period."""

    key: int
    uuid: UUID
    title: str
    effort: Decimal = Decimal(1)
    responsibility: int | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


@dataclass(frozen=True)
class Landscape:
    """Needs and interventions by key, and the links between them. Keys of links that lead nowhere are left out."""

    needs: Mapping[int, NeedNode]
    interventions: Mapping[int, InterventionNode]
    answers: Iterable[tuple[int, int]] = ()
    """(intervention, need)"""
    requires: Iterable[tuple[int, int]] = ()
    """(need, the need that comes first)"""
    after: Iterable[tuple[int, int]] = ()
    """(intervention, the intervention that comes first)"""
    _memo: dict[int, frozenset[int]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def answered_by(self) -> Mapping[int, list[int]]:
        """Give the interventions that answer each need itself."""
        return _grouped(((need, done) for done, need in self.answers), self.needs, self.interventions)

    @cached_property
    def needs_of(self) -> Mapping[int, list[int]]:
        """Give the needs that each intervention answers."""
        return _grouped(self.answers, self.interventions, self.needs)

    @cached_property
    def prerequisites(self) -> Mapping[int, list[int]]:
        """Give what each need waits for itself."""
        return _grouped(self.requires, self.needs, self.needs)

    @cached_property
    def dependencies(self) -> Mapping[int, list[int]]:
        """Give the interventions that each intervention was said to follow."""
        return _grouped(self.after, self.interventions, self.interventions)

    @cached_property
    def children(self) -> Mapping[int, list[int]]:
        """Give the needs directly below each need."""
        pairs = ((need.parent, need.key) for need in self.needs.values() if need.parent is not None)
        return _grouped(pairs, self.needs, self.needs)

    @cached_property
    def answered(self) -> frozenset[int]:
        """Give the needs that are met, that an intervention answers, or whose parts are all answered."""
        found: set[int] = set()
        for need in self._from_leaves():
            below = self.children.get(need.key, [])
            if need.met or self.answered_by.get(need.key) or (below and found.issuperset(below)):
                found.add(need.key)
        return frozenset(found)

    def answering(self, need: int) -> frozenset[int]:
        """Give the interventions that answer a need itself or, where none does, its parts."""
        if need not in self._memo:
            own = frozenset(self.answered_by.get(need, ()))
            parts = (self.answering(child) for child in self.children.get(need, ()))
            self._memo[need] = own or frozenset().union(*parts)
        return self._memo[need]

    def line(self, need: int) -> list[NeedNode]:
        """Give a need and all above it, itself first."""
        found: list[NeedNode] = []
        here: int | None = need
        while here is not None and here in self.needs and len(found) <= len(self.needs):
            found.append(self.needs[here])
            here = self.needs[here].parent
        return found

    def path(self, need: int) -> tuple[str, ...]:
        """Give the titles from the top of the hierarchy down to a need."""
        return tuple(node.title for node in reversed(self.line(need)))

    def _from_leaves(self) -> list[NeedNode]:
        """Give the needs so that every one comes after all below it."""
        order: list[NeedNode] = []
        pending = [need for need in self.needs.values() if need.parent not in self.needs]
        while pending:
            need = pending.pop()
            order.append(need)
            pending.extend(self.needs[child] for child in self.children.get(need.key, ()))
        return order[::-1]


def _grouped(
    pairs: Iterable[tuple[int | None, int]], known: Mapping[int, object], others: Mapping[int, object]
) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for key, other in pairs:
        if key is not None and key in known and other in others:
            found.setdefault(key, []).append(other)
    return found


def landscape(programme: Programme, *, lang: str = "en") -> Landscape:
    """Load a programme's needs (but merged and split ones) and interventions with their links, in three queries."""
    needs = Need.objects.filter(programme=programme, state__in=[NeedState.STANDING, NeedState.MET])
    rows = needs.order_by("level__position", "rank", "id").values_list(
        "id",
        "uuid",
        "title",
        "level__position",
        "level__title",
        "severity",
        "people_affected",
        "parent_id",
        "state",
    )
    done = Intervention.objects.filter(programme=programme).order_by("id")
    fields = ("id", "uuid", "title", "effort", "responsibility_id", "starts_on", "ends_on")
    answers, requires, after = _links(programme)
    return Landscape(
        needs={
            key: NeedNode(
                key=key,
                uuid=uuid,
                title=best(title, lang),
                level=level,
                level_title=best(level_title, lang),
                severity=severity,
                people=people or 0,
                parent=parent,
                met=state == NeedState.MET,
            )
            for key, uuid, title, level, level_title, severity, people, parent, state in rows
        },
        interventions={
            key: InterventionNode(
                key=key,
                uuid=uuid,
                title=best(title, lang),
                effort=Decimal(1) if effort is None else effort,
                responsibility=responsibility,
                starts_on=starts_on,
                ends_on=ends_on,
            )
            for key, uuid, title, effort, responsibility, starts_on, ends_on in done.values_list(*fields)
        },
        answers=answers,
        requires=requires,
        after=after,
    )


def _links(programme: Programme) -> tuple[list[tuple[int, int]], ...]:
    """Give the pairs of keys of every kind of link, the oldest first, in one query."""
    kinds: tuple[tuple[Any, str, str], ...] = (
        (InterventionNeed.objects, "intervention_id", "need_id"),
        (NeedPrerequisite.objects, "need_id", "requires_id"),
        (InterventionDependency.objects, "intervention_id", "after_id"),
    )
    parts = [
        rows.filter(programme=programme)
        .order_by()
        .annotate(kind=Value(number, output_field=IntegerField()))
        .values_list("kind", "id", left, right)
        for number, (rows, left, right) in enumerate(kinds)
    ]
    found: tuple[list[tuple[int, int]], ...] = ([], [], [])
    for number, _, left, right in sorted(parts[0].union(*parts[1:], all=True)):
        found[number].append((left, right))
    return found
