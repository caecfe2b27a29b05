"""A suggested sequence of interventions: what could begin when, and why. Nothing is imposed: people decide.

Two rules order it. An intervention begins after those that answer what its needs wait for, and after those that it was
said to follow. Among those that may begin, the one whose needs stand on the lowest level comes first, then the more
severe, then the one for more people; what others wait for is as urgent as the most urgent of them. In each period as
much begins as the capacity allows; what asks for more than a whole period's takes several. Interventions that wait for
each other in a circle (their needs do not, but each answers several) begin together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

import networkx as nx

from handover.errors import Invalid
from interventions.queries.landscape import InterventionNode, Landscape, NeedNode

Urgency: TypeAlias = tuple[int, int, int]
"""Level (from 1), severity (negative), people (negative): the smaller, the earlier."""

Reasons: TypeAlias = dict[tuple[int, int], str]
"""Why one intervention (first key) comes after another (second key), by keys."""

LAST: Urgency = (1_000_000, 0, 0)
"""The urgency of an intervention that answers no need."""

LONGEST = 1_000
"""So many periods one beginning may take; more is a capacity that was mistyped."""


@dataclass(frozen=True)
class Step:
    """An intervention in the sequence: ``period`` counts from 1 (0: it runs already), ``reasons`` tell why there."""

    intervention: InterventionNode
    period: int
    reasons: tuple[str, ...]
    until: int = 0
    """The last period that its beginning takes; the same as ``period`` unless it asks for more than one's capacity."""


@dataclass
class _Plan:
    """The sequence while it grows."""

    capacity: Decimal
    used: dict[int, Decimal] = field(default_factory=dict)
    begun: dict[int, int] = field(default_factory=dict)
    """The last period of each intervention's beginning."""

    def place(self, earliest: int, effort: Decimal) -> tuple[int, int]:
        """Take the first periods from ``earliest`` on in which an effort fits; give the first and the last of them."""
        period = earliest
        if effort <= self.capacity:
            while self.used.get(period, Decimal(0)) + effort > self.capacity:
                period += 1
            self.used[period] = self.used.get(period, Decimal(0)) + effort
            return period, period
        while self.used.get(period):
            period += 1
        last, left = period, effort
        while left > 0:
            if self.used.get(last):
                return self.place(last + 1, effort)
            left -= self.capacity
            last += 1
        for one in range(period, last):
            self.used[one] = min(self.capacity, effort - self.capacity * (one - period))
        return period, last - 1


def sequence(
    scene: Landscape, *, capacity: Decimal, today: dt.date | None = None, anew: bool = False
) -> list[Step]:
    """Suggest in which period each intervention begins.

    Args:
        capacity: how much effort can be begun in one period, above 0.
        today: an intervention that began by then runs already, one that ended before is left out.
        anew: as if none had begun.

    Raises:
        Invalid: the capacity is not above 0 or far too small, or an effort is below 0.
    """
    if not capacity.is_finite() or capacity <= 0:
        raise Invalid(
            "capacity_missing", "Say a capacity above 0: what can begin in one period.", field="capacity"
        )
    weak = next((item for item in scene.interventions.values() if item.effort < 0), None)
    if weak is not None:
        raise Invalid("negative_effort", f"“{weak.title}” has an effort below 0.", field="effort")
    vast = next((item for item in scene.interventions.values() if item.effort > capacity * LONGEST), None)
    if vast is not None:
        sentence = f"“{vast.title}” would take more than {LONGEST} periods to begin: say a greater capacity."
        raise Invalid("capacity_too_small", sentence, field="capacity")
    return _Sequence(scene, _Plan(capacity), None if anew else today).steps()


def _orders(scene: Landscape) -> Reasons:
    """Give every pair of interventions of which one comes first, with the reason."""
    found: Reasons = {}
    for later, firsts in scene.dependencies.items():
        for first in firsts:
            found[later, first] = f"it was said to follow “{scene.interventions[first].title}”"
    for done, needs in scene.needs_of.items():
        for need in needs:
            for waiting in scene.line(need):
                for first_need in scene.prerequisites.get(waiting.key, ()):
                    if scene.needs[first_need].met:
                        continue
                    sentence = f"“{waiting.title}” waits for “{scene.needs[first_need].title}”"
                    for first in sorted(scene.answering(first_need)):
                        if first != done and first not in scene.answered_by.get(need, ()):
                            found.setdefault((done, first), sentence)
    return found


def _urgency(scene: Landscape, key: int) -> Urgency:
    return min((_of_need(need) for need in _standing(scene, key)), default=LAST)


def _standing(scene: Landscape, key: int) -> list[NeedNode]:
    """Give the needs that an intervention answers and that are not met."""
    return [scene.needs[need] for need in scene.needs_of.get(key, ()) if not scene.needs[need].met]


def _of_need(need: NeedNode) -> Urgency:
    return need.level, -need.severity, -need.people


class _Sequence:
    """One sequence in the making."""

    def __init__(self, scene: Landscape, plan: _Plan, today: dt.date | None) -> None:
        self.scene, self.plan, self.today = scene, plan, today
        self.why = _orders(scene)
        self.firsts: dict[int, list[int]] = {}
        for later, first in self.why:
            self.firsts.setdefault(later, []).append(first)
        self.own = {key: _urgency(scene, key) for key in scene.interventions}
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(scene.interventions)
        graph.add_edges_from((first, later) for later, first in self.why)
        self.groups: nx.DiGraph[int] = nx.condensation(graph)
        self.members: dict[int, set[int]] = {
            group: set(data["members"]) for group, data in self.groups.nodes(data=True)
        }
        self.lent = self._lent()

    def steps(self) -> list[Step]:
        """Give every intervention its period, the most urgent first wherever the order leaves a choice."""
        found: list[Step] = []
        for group in nx.lexicographical_topological_sort(
            self.groups, key=lambda group: (self.lent[group][0], min(self.members[group]))
        ):
            keys = sorted(self.members[group], key=lambda key: (self.own[key], key))
            awaited = {first for key in keys for first in self.firsts.get(key, ())} - self.members[group]
            earliest = 1 + max((self.plan.begun[first] for first in awaited), default=0)
            for key in keys:
                found += self._running(key) if self._begun(key) else [self._step(key, group, earliest)]
        return sorted(found, key=lambda step: step.period)

    def _begun(self, key: int) -> bool:
        starts_on = self.scene.interventions[key].starts_on
        return self.today is not None and starts_on is not None and starts_on <= self.today

    def _running(self, key: int) -> list[Step]:
        done = self.scene.interventions[key]
        self.plan.begun[key] = 0
        if self.today is None or (done.ends_on is not None and done.ends_on < self.today):
            return []
        return [Step(done, 0, (f"it runs since {done.starts_on:%d %B %Y}",))]

    def _step(self, key: int, group: int, earliest: int) -> Step:
        done = self.scene.interventions[key]
        period, last = self.plan.place(earliest, done.effort)
        self.plan.begun[key] = last
        reasons = [*self._need(key), *self._awaited(key)]
        others = [item for item in self.members[group] if item != key]
        urgent, waiting = self.lent[group]
        if others:
            names = ", ".join(f"“{self.scene.interventions[item].title}”" for item in sorted(others))
            reasons.append(f"goes hand in hand with {names}: each answers what the other waits for")
        elif waiting is not None and urgent < self.own[key]:
            reasons.append(f"comes early because “{waiting}” waits for it")
        if period > earliest:
            reasons.append(f"the capacity of {_periods(earliest, period - 1)} is used up")
        if last > period:
            reasons.append(f"asks for more than one period gives: it takes {_periods(period, last)}")
        return Step(done, period, tuple(reasons), last)

    def _need(self, key: int) -> Iterator[str]:
        standing = _standing(self.scene, key)
        if not standing:
            yield "answers no need that stands"
            return
        need = min(standing, key=_of_need)
        people = f", {need.people} people" if need.people else ""
        level = f"level {need.level} ({need.level_title})"
        yield f"answers “{need.title}”: {level}, severity {need.severity} of 5{people}"

    def _awaited(self, key: int) -> Iterator[str]:
        """Name the last of those that come first."""
        begun = [(self.plan.begun.get(first, 0), first) for first in self.firsts.get(key, ())]
        period, first = max(begun, default=(0, 0))
        if period:
            title = self.scene.interventions[first].title
            yield f"after “{title}” (period {period}): {self.why[key, first]}"

    def _lent(self) -> dict[int, tuple[Urgency, str | None]]:
        """Give each group its own urgency or, where greater, that of the most urgent intervention that waits for it."""
        found: dict[int, tuple[Urgency, str | None]] = {}
        for group in reversed(list(nx.topological_sort(self.groups))):
            urgent: tuple[Urgency, str | None] = (min(self.own[key] for key in self.members[group]), None)
            for later in self.groups.successors(group):
                given, title = found[later]
                if given < urgent[0]:
                    _, key = min((self.own[item], item) for item in self.members[later])
                    urgent = given, title or self.scene.interventions[key].title
            found[group] = urgent
        return found


def _periods(first: int, last: int) -> str:
    return f"period {first}" if first == last else f"periods {first} to {last}"


def lines(steps: Sequence[Step], *, explained: bool = True) -> list[str]:
    """Tell a sequence period by period, with the reasons below each intervention."""
    told: list[str] = []
    shown: int | None = None
    for step in steps:
        if step.period != shown:
            shown = step.period
            told.append("Runs already" if shown == 0 else f"Period {shown}")
        told.append(f"  {step.intervention.title}")
        if explained:
            told += [f"    {reason}" for reason in step.reasons]
    return told
