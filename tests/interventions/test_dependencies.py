"""What an intervention comes after: a graph without circles, however the edges come and go."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from handover.access import Actor, asking
from handover.errors import DomainError, Invalid, NotFound
from handover.models import Programme
from interventions.actions import documents, interventions
from interventions.models import Intervention, InterventionDependency
from interventions.queries import order
from interventions.queries.interventions import dependencies
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast

SIZE = 5
NUMBERS = some.integers(0, SIZE - 1)
STEPS = some.lists(some.tuples(some.booleans(), NUMBERS, NUMBERS), max_size=16)


@pytest.fixture
def five(programme: Programme, cast: Cast) -> list[Intervention]:
    """Give five interventions, named by letters."""
    return [make.intervention(programme, by=cast.giver, title=letter) for letter in "ABCDE"]


def test_an_intervention_comes_after_another_for_a_reason(five: list[Intervention], cast: Cast) -> None:
    link = interventions.after(
        by=cast.giver, intervention_uuid=five[0].uuid, after_uuid=five[1].uuid, reason="Papers before school"
    )

    assert (link.intervention_id, link.after_id, link.reason) == (
        five[0].pk,
        five[1].pk,
        "Papers before school",
    )
    with asking(cast.giver):
        assert dependencies(five[0].programme) == {five[0].pk: [five[1].pk]}


def test_a_circle_is_refused_and_named(five: list[Intervention], cast: Cast) -> None:
    a, b, c, *_ = five
    interventions.after(by=cast.giver, intervention_uuid=a.uuid, after_uuid=b.uuid)
    interventions.after(by=cast.giver, intervention_uuid=b.uuid, after_uuid=c.uuid)

    with pytest.raises(Invalid) as refusal:
        interventions.after(by=cast.giver, intervention_uuid=c.uuid, after_uuid=a.uuid)
    with pytest.raises(Invalid) as alone:
        interventions.after(by=cast.giver, intervention_uuid=a.uuid, after_uuid=a.uuid)

    assert (refusal.value.code, refusal.value.details["cycle"]) == ("dependency_cycle", ["C", "A", "B", "C"])
    assert refusal.value.sentence == (
        "An intervention cannot wait for itself: “C” comes after “A”, which comes after “B”, which comes after “C”."
    )
    assert (alone.value.code, alone.value.details["cycle"]) == ("dependency_cycle", ["A", "A"])


def test_a_dependency_is_said_once_and_taken_back_with_a_reason(five: list[Intervention], cast: Cast) -> None:
    a, b, *_ = five
    interventions.after(by=cast.giver, intervention_uuid=a.uuid, after_uuid=b.uuid)

    with pytest.raises(Invalid) as twice:
        interventions.after(by=cast.giver, intervention_uuid=a.uuid, after_uuid=b.uuid)
    with pytest.raises(Invalid) as silent:
        interventions.not_after(by=cast.giver, intervention_uuid=a.uuid, after_uuid=b.uuid, reason=" ")
    interventions.not_after(by=cast.giver, intervention_uuid=a.uuid, after_uuid=b.uuid, reason="Both at once")
    with pytest.raises(NotFound):
        interventions.not_after(by=cast.giver, intervention_uuid=a.uuid, after_uuid=b.uuid, reason="Again")
    interventions.after(by=cast.giver, intervention_uuid=b.uuid, after_uuid=a.uuid)

    assert (twice.value.code, silent.value.code) == ("already_after", "reason_missing")


def test_an_intervention_comes_after_none_of_another_programme(five: list[Intervention], cast: Cast) -> None:
    foreign = make.intervention(programmes.programme(cast.giver), by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        interventions.after(by=cast.giver, intervention_uuid=five[0].uuid, after_uuid=foreign.uuid)

    assert refusal.value.code == "unknown_intervention"
    assert str(foreign.uuid) in refusal.value.sentence


def attempted(five: list[Intervention], step: tuple[bool, int, int], *, by: Actor) -> str:
    """Take one step and give the refusal's code, or ``done``."""
    adds, later, earlier = step
    try:
        if adds:
            interventions.after(by=by, intervention_uuid=five[later].uuid, after_uuid=five[earlier].uuid)
        else:
            interventions.not_after(
                by=by,
                intervention_uuid=five[later].uuid,
                after_uuid=five[earlier].uuid,
                reason="Not any more",
            )
    except DomainError as refusal:
        return refusal.code
    return "done"


@given(steps=STEPS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_steps_leaves_a_circle_or_loses_a_link(
    five: list[Intervention], cast: Cast, steps: list[tuple[bool, int, int]]
) -> None:
    model: dict[int, set[int]] = {number: set() for number in range(SIZE)}
    with transaction.atomic():
        for adds, later, earlier in steps:
            closes, there = bool(order.way(model, earlier, later)), earlier in model[later]
            code = attempted(five, (adds, later, earlier), by=cast.giver)
            if not adds:
                assert code == ("done" if there else "not_found")
                model[later].discard(earlier)
            elif closes:
                assert code == "dependency_cycle"
            else:
                assert code == ("already_after" if there else "done")
                model[later].add(earlier)
        with asking(cast.giver):
            pairs = set(InterventionDependency.objects.values_list("intervention_id", "after_id"))
        transaction.set_rollback(True)

    assert pairs == {
        (five[later].pk, five[earlier].pk) for later, items in model.items() for earlier in items
    }
    TopologicalSorter(model).prepare()


@given(edges=some.sets(some.tuples(NUMBERS, NUMBERS), max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_document_is_loaded_exactly_if_it_has_no_circle(
    programme: Programme, cast: Cast, edges: set[tuple[int, int]]
) -> None:
    waits: dict[int, list[int]] = {number: [] for number in range(SIZE)}
    for later, earlier in sorted(edges):
        waits[later].append(earlier)
    rows = {
        str(number): {"title": f"I{number}", "field": "health", "after": [str(first) for first in items]}
        for number, items in waits.items()
    }
    circular = False
    try:
        list(order.waves(waits))
    except order.CircleError:
        circular = True

    code = ""
    with transaction.atomic():
        try:
            documents.load_interventions(by=cast.giver, programme_uuid=programme.uuid, rows=rows)
        except Invalid as refusal:
            code = refusal.code
        with asking(cast.giver):
            loaded = InterventionDependency.objects.count()
            made = Intervention.objects.count()
        transaction.set_rollback(True)

    assert code == ("dependency_cycle" if circular else "")
    assert (loaded, made) == ((0, 0) if circular else (len(edges), SIZE))
