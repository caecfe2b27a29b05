"""A suggested sequence: needs first, prerequisites before what waits for them, no more in a period than can begin."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.errors import Invalid
from interventions.queries.landscape import InterventionNode, Landscape
from interventions.queries.sequence import Step, lines, sequence
from tests.interventions.scenes import done, need, scene


def periods(steps: list[Step]) -> dict[int, int]:
    return {step.intervention.key: step.period for step in steps}


def order(steps: list[Step]) -> list[int]:
    return [step.intervention.key for step in steps]


def reasons(steps: list[Step], key: int) -> str:
    return "; ".join(next(step.reasons for step in steps if step.intervention.key == key))


def test_the_lowest_level_comes_first_then_severity_then_people() -> None:
    there = scene(
        [
            need(1, level=2, severity=5),
            need(2, severity=3),
            need(3, severity=4),
            need(4, severity=4, people=9),
        ],
        [done(1), done(2), done(3), done(4)],
        answers=[(1, 1), (2, 2), (3, 3), (4, 4)],
    )
    assert order(sequence(there, capacity=Decimal(1))) == [4, 3, 2, 1]


def test_what_answers_a_prerequisite_begins_a_period_before_what_waits_for_it() -> None:
    there = scene(
        [need(1, level=1), need(2, level=4)],
        [done(1), done(2)],
        answers=[(1, 1), (2, 2)],
        requires=[(1, 2)],
    )
    steps = sequence(there, capacity=Decimal(9))
    assert periods(steps) == {2: 1, 1: 2}
    assert "after “work 2” (period 1): “need 1” waits for “need 2”" in reasons(steps, 1)
    assert "comes early because “work 1” waits for it" in reasons(steps, 2)


def test_a_prerequisite_of_the_whole_holds_for_its_parts_and_is_answered_through_its_own_parts() -> None:
    there = scene(
        [need(1), need(2, parent=1), need(3), need(4, parent=3)],
        [done(1), done(2)],
        answers=[(1, 2), (2, 4)],
        requires=[(1, 3)],
    )
    assert periods(sequence(there, capacity=Decimal(9))) == {2: 1, 1: 2}


def test_a_met_prerequisite_holds_nothing_up() -> None:
    there = scene(
        [need(1), need(2, met=True)], [done(1), done(2)], answers=[(1, 1), (2, 2)], requires=[(1, 2)]
    )
    steps = sequence(there, capacity=Decimal(9))
    assert periods(steps) == {1: 1, 2: 1}
    assert reasons(steps, 2) == "answers no need that stands"


def test_capacity_moves_the_less_urgent_to_a_later_period_and_says_so() -> None:
    there = scene(
        [need(1, severity=5), need(2, severity=4), need(3, severity=3)],
        [done(1, effort=2), done(2, effort=2), done(3, effort=1)],
        answers=[(1, 1), (2, 2), (3, 3)],
    )
    steps = sequence(there, capacity=Decimal(3))
    assert periods(steps) == {1: 1, 3: 1, 2: 2}
    assert "the capacity of period 1 is used up" in reasons(steps, 2)


def test_what_asks_for_more_than_a_period_gives_takes_several() -> None:
    there = scene([need(1, severity=5), need(2)], [done(1, effort=5), done(2)], answers=[(1, 1), (2, 2)])
    steps = sequence(there, capacity=Decimal(2))
    assert [(step.period, step.until) for step in steps] == [(1, 3), (3, 3)]
    assert "it takes periods 1 to 3" in reasons(steps, 1)


def test_interventions_whose_needs_wait_for_each_other_crosswise_go_hand_in_hand() -> None:
    there = scene(
        [need(1), need(2), need(3)],
        [done(1), done(2)],
        answers=[(1, 1), (1, 3), (2, 2)],
        requires=[(1, 2), (2, 3)],
    )
    steps = sequence(there, capacity=Decimal(9))
    assert periods(steps) == {1: 1, 2: 1}
    assert "goes hand in hand with “work 2”" in reasons(steps, 1)


def test_what_runs_already_takes_no_capacity_and_what_has_ended_is_left_out() -> None:
    began, ended = dt.date(2024, 1, 1), dt.date(2024, 3, 1)
    there = scene(
        [need(1), need(2), need(3)],
        [
            InterventionNode(1, done(1).uuid, "work 1", starts_on=began),
            InterventionNode(2, done(2).uuid, "work 2", starts_on=began, ends_on=ended),
            done(3),
        ],
        answers=[(1, 1), (2, 2), (3, 3)],
        requires=[(3, 2)],
    )
    today = dt.date(2024, 6, 1)
    assert periods(sequence(there, capacity=Decimal(1), today=today)) == {1: 0, 3: 1}
    assert periods(sequence(there, capacity=Decimal(1), today=today, anew=True)) == {1: 1, 2: 2, 3: 3}


def test_an_intervention_without_a_need_comes_last() -> None:
    there = scene([need(1, level=6, severity=1)], [done(1), done(2)], answers=[(2, 1)])
    assert order(sequence(there, capacity=Decimal(1))) == [2, 1]


@pytest.mark.parametrize("capacity", ["0", "-1", "NaN"])
def test_a_capacity_that_lets_nothing_begin_is_refused(capacity: str) -> None:
    with pytest.raises(Invalid, match="capacity above 0") as refused:
        sequence(scene([], []), capacity=Decimal(capacity))
    assert refused.value.code == "capacity_missing"


def test_an_effort_below_zero_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="“work 1” has an effort below 0"):
        sequence(scene([], [done(1, effort=-1)]), capacity=Decimal(1))


def test_it_is_told_period_by_period_with_reasons() -> None:
    there = scene([need(1)], [done(1)], answers=[(1, 1)])
    assert lines(sequence(there, capacity=Decimal(1))) == [
        "Period 1",
        "  work 1",
        "    answers “need 1”: level 1 (level 1), severity 3 of 5",
    ]


@st.composite
def landscapes(draw: st.DrawFn) -> Landscape:
    """Draw needs in levels with acyclic prerequisites, and interventions that answer some of them."""
    count, works = draw(st.integers(1, 12)), draw(st.integers(0, 9))
    keys, kinds = st.integers(1, count), st.integers(1, max(works, 1))
    pairs = draw(st.lists(st.tuples(keys, keys), max_size=20))
    needs = [
        need(key, level=draw(st.integers(1, 6)), severity=draw(st.integers(1, 5)))
        for key in range(1, count + 1)
    ]
    efforts = [done(key, effort=draw(st.integers(0, 7))) for key in range(1, works + 1)]
    links = draw(st.sets(st.tuples(kinds, keys), max_size=20)) if works else set()
    later = draw(st.sets(st.tuples(kinds, kinds), max_size=6)) if works else set()
    return scene(
        needs,
        efforts,
        answers=sorted(links),
        requires=[(max(pair), min(pair)) for pair in pairs if len(set(pair)) == 2],
        after=[(max(pair), min(pair)) for pair in sorted(later) if len(set(pair)) == 2],
    )


@given(landscapes(), st.integers(1, 5))
def test_every_intervention_has_its_place_once_and_no_period_begins_more_than_it_can(
    there: Landscape, capacity: int
) -> None:
    steps = sequence(there, capacity=Decimal(capacity))
    assert sorted(order(steps)) == sorted(there.interventions)
    used: dict[int, Decimal] = {}
    for step in steps:
        left = step.intervention.effort
        for period in range(step.period, step.until + 1):
            share = min(left, Decimal(capacity))
            used[period] = used.get(period, Decimal(0)) + share
            left -= share
        assert left == 0
    assert all(amount <= capacity for amount in used.values())


@given(landscapes())
def test_nothing_begins_before_what_it_waits_for_unless_both_wait_for_each_other(there: Landscape) -> None:
    begun = periods(sequence(there, capacity=Decimal(2)))
    waits: dict[int, set[int]] = {key: set(there.dependencies.get(key, ())) for key in there.interventions}
    for later, needs in there.needs_of.items():
        for key in needs:
            for first in there.prerequisites.get(key, ()):
                waits[later] |= there.answering(first) - {later} - set(there.answered_by.get(key, ()))
    reach = {key: _reached(waits, key) for key in waits}
    for later, firsts in waits.items():
        for first in firsts:
            assert begun[first] < begun[later] or later in reach[first]


def _reached(waits: dict[int, set[int]], start: int) -> set[int]:
    found: set[int] = set()
    pending = [start]
    while pending:
        for key in waits[pending.pop()]:
            if key not in found:
                found.add(key)
                pending.append(key)
    return found


@given(landscapes())
def test_the_same_landscape_gives_the_same_sequence(there: Landscape) -> None:
    assert sequence(there, capacity=Decimal(2)) == sequence(there, capacity=Decimal(2))
