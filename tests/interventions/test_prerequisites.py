"""What has to come first: a graph without circles, however the edges come."""

from __future__ import annotations

import threading
from graphlib import TopologicalSorter
from itertools import pairwise

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from handover.access import Actor, asking
from handover.errors import DomainError, Invalid, NotFound
from handover.models import Programme
from interventions.actions import needs
from interventions.models import Need, NeedPrerequisite
from interventions.queries import order
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast

SIZE = 5
EDGES = some.lists(some.tuples(some.integers(0, SIZE - 1), some.integers(0, SIZE - 1)), max_size=14)


@pytest.fixture
def five(programme: Programme, cast: Cast) -> list[Need]:
    """Give five needs, named by letters."""
    make.levels(programme, by=cast.giver)
    return [make.need(programme, by=cast.giver, title=letter) for letter in "ABCDE"]


def test_a_need_waits_for_another(five: list[Need], cast: Cast) -> None:
    link = needs.require(by=cast.giver, need_uuid=five[0].uuid, requires=five[1].uuid)

    assert (link.need_id, link.requires_id) == (five[0].pk, five[1].pk)


def test_a_circle_is_refused_and_told_in_words(five: list[Need], cast: Cast) -> None:
    a, b, c, *_ = five
    needs.require(by=cast.giver, need_uuid=a.uuid, requires=b.uuid)
    needs.require(by=cast.giver, need_uuid=b.uuid, requires=c.uuid)

    with pytest.raises(DomainError) as refusal:
        needs.require(by=cast.giver, need_uuid=c.uuid, requires=a.uuid)

    assert refusal.value.code == "prerequisite_cycle"
    assert refusal.value.details["cycle"] == ["C", "A", "B", "C"]
    assert refusal.value.sentence == (
        "A need cannot wait for itself: “C” requires “A”, which requires “B”, which requires “C”."
    )


def test_a_need_does_not_wait_for_itself(five: list[Need], cast: Cast) -> None:
    with pytest.raises(DomainError) as refusal:
        needs.require(by=cast.giver, need_uuid=five[0].uuid, requires=five[0].uuid)

    assert refusal.value.code == "prerequisite_cycle"


def test_the_same_prerequisite_is_not_said_twice(five: list[Need], cast: Cast) -> None:
    needs.require(by=cast.giver, need_uuid=five[0].uuid, requires=five[1].uuid)

    with pytest.raises(Invalid) as refusal:
        needs.require(by=cast.giver, need_uuid=five[0].uuid, requires=five[1].uuid)

    assert refusal.value.code == "already_required"


def test_a_released_prerequisite_may_be_turned_round(five: list[Need], cast: Cast) -> None:
    needs.require(by=cast.giver, need_uuid=five[0].uuid, requires=five[1].uuid)

    needs.release(by=cast.giver, need_uuid=five[0].uuid, requires=five[1].uuid)

    needs.require(by=cast.giver, need_uuid=five[1].uuid, requires=five[0].uuid)


def test_what_is_not_required_cannot_be_released(five: list[Need], cast: Cast) -> None:
    with pytest.raises(NotFound):
        needs.release(by=cast.giver, need_uuid=five[0].uuid, requires=five[1].uuid)


def test_a_need_does_not_wait_for_one_of_another_programme(five: list[Need], cast: Cast) -> None:
    other = programmes.programme(cast.giver)
    make.levels(other, by=cast.giver)
    foreign = make.need(other, by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        needs.require(by=cast.giver, need_uuid=five[0].uuid, requires=foreign.uuid)

    assert refusal.value.code == "unknown_requires"


def required(later: Need, earlier: Need, *, by: Actor) -> str:
    """Require a need and give the refusal's code, or ``accepted``."""
    try:
        needs.require(by=by, need_uuid=later.uuid, requires=earlier.uuid)
    except DomainError as refusal:
        return refusal.code
    return "accepted"


@given(edges=EDGES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_insertions_leaves_a_circle(
    five: list[Need], cast: Cast, edges: list[tuple[int, int]]
) -> None:
    accepted: dict[int, set[int]] = {number: set() for number in range(SIZE)}
    with transaction.atomic():
        for later, earlier in edges:
            closes = bool(order.way(accepted, earlier, later))
            code = required(five[later], five[earlier], by=cast.giver)
            if closes:
                assert code == "prerequisite_cycle"
            else:
                assert code == ("already_required" if earlier in accepted[later] else "accepted")
                accepted[later].add(earlier)
        with asking(cast.giver):
            pairs = set(NeedPrerequisite.objects.values_list("need_id", "requires_id"))
        transaction.set_rollback(True)

    assert pairs == {
        (five[later].pk, five[earlier].pk) for later, items in accepted.items() for earlier in items
    }
    TopologicalSorter(accepted).prepare()


@given(edges=EDGES)
def test_waves_hold_every_node_once_and_after_what_it_waits_for(edges: list[tuple[int, int]]) -> None:
    waits: dict[int, set[int]] = {number: set() for number in range(SIZE)}
    for later, earlier in edges:
        waits[later].add(earlier)

    circle: list[object] = []
    waves: list[list[int]] = []
    try:
        waves = list(order.waves(waits))
    except order.CircleError as refusal:
        circle = refusal.nodes
    if circle:
        assert circle[0] == circle[-1]
        assert all(there in waits[int(str(here))] for here, there in pairwise(circle))
        return

    seen: set[int] = set()
    for wave in waves:
        assert all(waits[node] <= seen for node in wave)
        seen.update(wave)
    assert sorted(node for wave in waves for node in wave) == list(range(SIZE))


@pytest.mark.django_db(transaction=True)
def test_two_insertions_at_once_cannot_close_a_circle_together(five: list[Need], cast: Cast) -> None:
    a, b, *_ = five
    outcome: list[str] = []
    started = threading.Event()

    def other_way() -> None:
        try:
            started.set()
            outcome.append(required(b, a, by=cast.giver_officer))
        finally:
            connection.close()

    second = threading.Thread(target=other_way)
    with transaction.atomic():
        needs.require(by=cast.giver, need_uuid=a.uuid, requires=b.uuid)
        second.start()
        started.wait()
        second.join(timeout=0.5)
        assert second.is_alive(), "the second did not wait for the first"
    second.join(timeout=10)

    assert outcome == ["prerequisite_cycle"]
