"""The graph of needs under random moves, prerequisites, merges and splits, held against a model in plain Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from handover.access import Actor, asking
from handover.errors import DomainError
from handover.models import Programme
from handover.models.guard import writing
from interventions.actions import interventions, lineage, needs
from interventions.models import (
    Authority,
    AuthorityLevel,
    Commitment,
    InterventionNeed,
    Need,
    NeedPrerequisite,
)
from interventions.queries import lineage as told
from interventions.queries.needs import CLOSED, tree, walk
from tests.factories import interventions as make
from tests.factories.cast import Cast

SIZE = 6
PICK = some.integers(0, 1_000)
"""Picks one of the needs that there are: whichever number, it is taken modulo how many there are."""


class Graph:
    """What the needs should be: sets and mappings of numbers, changed by rules that know nothing of rows."""

    def __init__(self) -> None:
        self.above: dict[int, int | None] = {}
        self.waits: set[tuple[int, int]] = set()
        self.answers: set[tuple[int, int]] = set()
        self.promises: dict[int, int] = {}
        self.became: dict[int, list[int]] = {}

    def open(self) -> list[int]:
        """Give the needs that stand."""
        return [need for need in self.above if need not in self.became]

    def over(self, need: int | None) -> Iterator[int]:
        """Give what a need stands below, nearest first."""
        while need is not None and (need := self.above[need]) is not None:
            yield need

    def merge(self, into: int, others: list[int]) -> bool:
        """Merge; tells whether it could be done."""
        as_one = dict.fromkeys(others, into)
        waits = {(as_one.get(a, a), as_one.get(b, b)) for a, b in self.waits}
        waits = {(a, b) for a, b in waits if a != b}
        if goes_round(waits):
            return False
        topmost = [need for need in self.over(into) if need in others]
        if topmost:
            self.above[into] = self.above[topmost[-1]]
        for need in self.open():
            if need not in others and need != into and self.above[need] in others:
                self.above[need] = into
        self.waits = waits
        self.answers = {(work, as_one.get(need, need)) for work, need in self.answers}
        self.promises = {promise: as_one.get(need, need) for promise, need in self.promises.items()}
        self.became |= {other: [into] for other in others}
        return True

    def split(self, need: int, parts: list[int], claims: dict[tuple[str, int], int]) -> None:
        """Split; ``claims`` says to which part a link goes, of those that somebody claims."""

        def going(kind: str, end: int) -> list[int]:
            return [claims[kind, end]] if (kind, end) in claims else parts

        for part in parts:
            self.above[part] = self.above[need]
        self.answers = {
            (work, part)
            for work, of in self.answers
            for part in (going("answers", work) if of == need else [of])
        }
        self.waits = {
            (one, two)
            for a, b in self.waits
            for one in (going("prerequisites", b) if a == need else [a])
            for two in (going("required_by", a) if b == need else [b])
        }
        self.promises = {promise: parts[0] if of == need else of for promise, of in self.promises.items()}
        for child in self.open():
            if self.above[child] == need:
                self.above[child] = going("children", child)[0] if ("children", child) in claims else parts[0]
        self.became[need] = parts

    def now(self, need: int) -> set[int]:
        """Give what stands for a need today."""
        if need not in self.became:
            return {need}
        return {end for part in self.became[need] for end in self.now(part)}


def goes_round(edges: set[tuple[int, int]]) -> bool:
    """Tell whether edges go round: take away what waits for nothing until nothing is left, or nothing can be taken."""
    left = set(edges)
    while left:
        free = {end for _, end in left} - {start for start, _ in left}
        if not free:
            return True
        left = {(start, end) for start, end in left if end not in free}
    return False


class Needs(RuleBasedStateMachine):
    """Takes the actions at random, and the same steps on a ``Graph``."""

    by: Actor
    home: Programme

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(undone())
        self.graph = Graph()
        self.uuids: list[UUID] = []
        self.works: list[UUID] = []
        self.kept: list[UUID] = []
        self.said: set[tuple[int, int]] = set()

    def teardown(self) -> None:
        """Take everything back."""
        self.stack.close()

    @initialize(parents=some.lists(some.integers(-1, SIZE), min_size=SIZE, max_size=SIZE))
    def begin(self, parents: list[int]) -> None:
        """Make a few needs, each with a commitment, three of them waiting for the next; and two interventions."""
        for number, parent in enumerate(parents):
            below = parent if 0 <= parent < number else None
            self._made(number, make.need(self.home, by=self.by, title=f"N{number}").uuid, None)
            if below is not None:
                self.move(number, below)
        for later in range(3):
            self.require(later, later + 1)
        self.works = [make.intervention(self.home, by=self.by).uuid for _ in range(2)]
        with asking(self.by), writing():
            authority = Authority.objects.create(
                programme=self.home, name="Council", level=AuthorityLevel.LOCAL, works_on="Water"
            )
            for number, key in enumerate(self.uuids[:SIZE]):
                promise = Commitment.objects.create(
                    programme=self.home,
                    authority=authority,
                    need=Need.objects.get(uuid=key),
                    text="Pipes",
                    made_on=dt.date(2024, 1, 1),
                )
                self.kept.append(promise.uuid)
                self.graph.promises[number] = number

    @rule(which=PICK, where=PICK)
    def move(self, which: int, where: int) -> None:
        """Put a need below another, or, every fourth time, at the top."""
        need, parent = self._pick(which), None if where % 4 == 3 else self._pick(where)
        with asking(self.by):
            version = Need.objects.get(uuid=self.uuids[need]).version
        done = self._try(
            lambda: needs.move(
                by=self.by,
                need_uuid=self.uuids[need],
                parent=None if parent is None else self.uuids[parent],
                version=version,
            ),
            refused=parent is not None and need in {parent, *self.graph.over(parent)},
            code="parent_circle",
        )
        if done:
            self.graph.above[need] = parent

    @rule(later=PICK, earlier=PICK)
    def require(self, later: int, earlier: int) -> None:
        """Let a need wait for another."""
        pair = self._pick(later), self._pick(earlier)
        twice = pair in self.graph.waits
        done = self._try(
            lambda: needs.require(by=self.by, need_uuid=self.uuids[pair[0]], requires=self.uuids[pair[1]]),
            refused=twice or pair[0] == pair[1] or goes_round(self.graph.waits | {pair}),
            code="already_required" if twice else "prerequisite_cycle",
        )
        if done:
            self.graph.waits.add(pair)

    @rule(work=some.integers(0, 1), need=PICK)
    def answer(self, work: int, need: int) -> None:
        """Let an intervention answer a need."""
        pair = work, self._pick(need)
        done = self._try(
            lambda: interventions.answer(
                by=self.by, intervention_uuid=self.works[work], need_uuid=self.uuids[pair[1]]
            ),
            refused=pair in self.graph.answers,
            code="already_answered",
        )
        if done:
            self.graph.answers.add(pair)
            self.said.add(pair)

    @rule(into=PICK, others=some.lists(PICK, min_size=1, max_size=3))
    def merge(self, into: int, others: list[int]) -> None:
        """Merge needs into one."""
        target = self._pick(into)
        merged = sorted({self._pick(other) for other in others} - {target})
        if not merged:
            return
        possible = self.graph.merge(target, merged)
        self._try(
            lambda: lineage.merge(
                by=self.by,
                programme_uuid=self.home.uuid,
                need_uuids=[self.uuids[need] for need in merged],
                into=self.uuids[target],
                reason="One thing",
            ),
            refused=not possible,
            code="prerequisite_cycle",
        )

    @rule(which=PICK, claimed=some.sets(PICK, max_size=3))
    def split(self, which: int, claimed: set[int]) -> None:
        """Split a need in two; the second part claims some of its links."""
        need = self._pick(which)
        hanging = self._hanging(need)
        mine = sorted({hanging[number % len(hanging)] for number in claimed}) if hanging else []
        second: dict[str, list[UUID]] = {}
        for kind, end in mine:
            second.setdefault(kind, []).append((self.works if kind == "answers" else self.uuids)[end])
        made = lineage.split(
            by=self.by,
            need_uuid=self.uuids[need],
            parts=[{"title": "One"}, {"title": "Two", **second}],
            reason="Two things",
        )
        parts = [self._made(len(self.uuids), part.uuid, None) for part in made]
        self.graph.split(need, parts, dict.fromkeys(mine, parts[1]))

    @invariant()
    def the_rows_are_what_the_graph_says(self) -> None:
        """Compare what stands, where, for what it waits, what answers it, and what was promised on it."""
        if not self.kept:
            return
        number = {key: place for place, key in enumerate(self.uuids)}
        with asking(self.by):
            rows = {row.pk: row for row in Need.objects.filter(programme=self.home)}
            waits = NeedPrerequisite.objects.filter(programme=self.home).values_list("need", "requires")
            answers = InterventionNeed.objects.filter(programme=self.home)
            rows_of = Commitment.objects.filter(programme=self.home, need__isnull=False)
            promised = {row.uuid: row.need_id or 0 for row in rows_of}
            shown = {node.need.pk for node in walk(tree(self.home))}
            key = {pk: number[row.uuid] for pk, row in rows.items()}
            waiting = {(key[later], key[earlier]) for later, earlier in waits}
            answering = {
                (self.works.index(uuid), key[need])
                for uuid, need in answers.values_list("intervention__uuid", "need")
            }
            stands_for = {key[old]: {key[new] for new in ends} for old, ends in told.now(self.home).items()}
        standing = {pk: row for pk, row in rows.items() if row.state not in CLOSED}
        parents = {key[pk]: key[row.parent_id] if row.parent_id else None for pk, row in standing.items()}

        assert parents == {need: self.graph.above[need] for need in self.graph.open()}
        assert shown == set(standing), "a circle, or a need below one that stands no more, would not be shown"
        assert waiting == self.graph.waits
        assert not goes_round(waiting)
        assert answering == self.graph.answers
        assert {promise: key[promised[uuid]] for promise, uuid in enumerate(self.kept)} == self.graph.promises
        assert stands_for == {need: self.graph.now(need) for need in self.graph.became}

    @invariant()
    def no_answer_that_was_ever_given_is_lost(self) -> None:
        """Whatever an intervention once answered, it answers something that stands for it now."""
        for work, need in self.said:
            assert {(work, end) for end in self.graph.now(need)} & self.graph.answers

    def _pick(self, number: int) -> int:
        there = self.graph.open()
        return there[number % len(there)]

    def _made(self, number: int, uuid: UUID, above: int | None) -> int:
        self.uuids.append(uuid)
        self.graph.above[number] = above
        return number

    def _hanging(self, need: int) -> list[tuple[str, int]]:
        graph = self.graph
        return [
            *(("answers", work) for work, of in sorted(graph.answers) if of == need),
            *(("prerequisites", b) for a, b in sorted(graph.waits) if a == need),
            *(("required_by", a) for a, b in sorted(graph.waits) if b == need),
            *(("children", child) for child in graph.open() if graph.above[child] == need),
        ]

    def _try(self, step: Callable[[], object], *, refused: bool, code: str) -> bool:
        came = "accepted"
        try:
            step()
        except DomainError as refusal:
            came = refusal.code
        assert came == (code if refused else "accepted")
        return not refused


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written meanwhile."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_no_circle_and_no_lost_link_under_random_moves_merges_and_splits(
    programme: Programme, cast: Cast
) -> None:
    make.levels(programme, by=cast.giver)
    Needs.by, Needs.home = cast.giver, programme

    run_state_machine_as_test(
        Needs,
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
