"""Lineage: needs merged and split, and everything that hangs on them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from handover import access
from handover.access import Actor, asking
from handover.actions import places
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import LedgerEntry, Place, Programme
from handover.models.guard import writing
from handover.queries.verification import verify_programme
from indicators.models import Indicator
from interventions.actions import interventions, lineage, needs
from interventions.actions.need_links import KEPT, mentions
from interventions.models import (
    Authority,
    AuthorityLevel,
    Commitment,
    InterventionNeed,
    Need,
    NeedLineage,
    NeedPlace,
    NeedPrerequisite,
    NeedState,
)
from interventions.queries import lineage as told
from interventions.queries.needs import tree, walk
from tests.factories import indicators as measures
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR

WHY = "The assembly said that they are one thing"


@pytest.fixture
def home(programme: Programme, cast: Cast) -> Programme:
    """Give the programme with its levels."""
    make.levels(programme, by=cast.giver)
    return programme


def three(home: Programme, by: Actor) -> tuple[Need, Need, Need]:
    """Give three needs at the top: Water, Wells, Papers."""
    return (
        make.need(home, by=by, title="Water"),
        make.need(home, by=by, title="Wells"),
        make.need(home, by=by, title="Papers"),
    )


def village(number: int = 1) -> Place:
    """Make a place."""
    return places.add_unit(
        by=OPERATOR, country="RO", nuts3="RO424", code=f"T-{number}", name=f"Place {number}"
    )


def answered(programme: Programme, by: Actor, *these: Need) -> UUID:
    """Make an intervention that answers these needs."""
    work = make.intervention(programme, by=by)
    for need in these:
        interventions.answer(by=by, intervention_uuid=work.uuid, need_uuid=need.uuid)
    return work.uuid


def promised(need: Need, by: Actor) -> Commitment:
    """Make a commitment on a need."""
    with asking(by), writing():
        authority = Authority.objects.create(
            programme=need.programme, name=f"Council {uuid4()}", level=AuthorityLevel.LOCAL, works_on="Water"
        )
        return Commitment.objects.create(
            programme=need.programme,
            authority=authority,
            need=need,
            text="Pipes",
            made_on=dt.date(2024, 1, 1),
        )


def links(programme: Programme, by: Actor) -> dict[str, set[tuple[str, str]]]:
    """Give what answers and what waits, by titles."""
    with asking(by):
        answers = InterventionNeed.objects.filter(programme=programme).select_related("intervention", "need")
        waits = NeedPrerequisite.objects.filter(programme=programme).select_related("need", "requires")
        return {
            "answers": {(str(row.intervention.uuid), str(row.need)) for row in answers},
            "waits": {(str(row.need), str(row.requires)) for row in waits},
        }


def merged(programme: Programme, by: Actor, into: Need, *others: Need) -> Need:
    """Merge needs."""
    return lineage.merge(
        by=by,
        programme_uuid=programme.uuid,
        need_uuids=[need.uuid for need in others],
        into=into.uuid,
        reason=WHY,
    )


# --- merging ---


def test_a_merge_moves_every_link_once(home: Programme, cast: Cast) -> None:
    water, wells, papers = three(home, cast.giver)
    health = make.need(home, by=cast.giver, title="Health")
    both, one = answered(home, cast.giver, water, wells), answered(home, cast.giver, wells)
    needs.require(by=cast.giver, need_uuid=wells.uuid, requires=papers.uuid)
    needs.require(by=cast.giver, need_uuid=water.uuid, requires=papers.uuid)
    needs.require(by=cast.giver, need_uuid=health.uuid, requires=wells.uuid)

    merged(home, cast.giver, water, wells)

    assert links(home, cast.giver) == {
        "answers": {(str(both), "Water"), (str(one), "Water")},
        "waits": {("Water", "Papers"), ("Health", "Water")},
    }


def test_what_stood_below_the_merged_stands_below_the_other_after_what_is_there(
    home: Programme, cast: Cast
) -> None:
    water, wells, _ = three(home, cast.giver)
    make.need(home, by=cast.giver, title="Pump", below=water)
    make.need(home, by=cast.giver, title="Rope", below=wells)
    make.need(home, by=cast.giver, title="Bucket", below=wells)

    merged(home, cast.giver, water, wells)

    with asking(cast.giver):
        shape = [(node.number, str(node.need)) for node in walk(tree(home))]
    assert shape == [("1", "Water"), ("1.1", "Pump"), ("1.2", "Rope"), ("1.3", "Bucket"), ("2", "Papers")]


def test_a_need_that_takes_in_what_it_stands_below_comes_up_to_its_place(home: Programme, cast: Cast) -> None:
    house = make.need(home, by=cast.giver, title="House")
    roof = make.need(home, by=cast.giver, title="Roof", below=house)
    tiles = make.need(home, by=cast.giver, title="Tiles", below=roof)
    make.need(home, by=cast.giver, title="Nails", below=tiles)
    make.need(home, by=cast.giver, title="Garden")

    merged(home, cast.giver, tiles, house)

    with asking(cast.giver):
        shape = [(node.number, str(node.need)) for node in walk(tree(home))]
    assert shape == [("1", "Tiles"), ("1.1", "Nails"), ("1.2", "Roof"), ("2", "Garden")]


def test_the_merged_ones_places_become_places_of_the_other_with_their_counts_and_source(
    home: Programme, cast: Cast
) -> None:
    here, there, far = village(1), village(2), village(3)
    water = make.need(home, by=cast.giver, title="Water", place=here.uuid)
    wells = make.need(
        home,
        by=cast.giver,
        title="Wells",
        place=there.uuid,
        people_affected=40,
        people_source="Survey of wells",
        places={here.uuid: 5, far.uuid: 7},
    )

    after = merged(home, cast.giver, water, wells)

    with asking(cast.giver):
        places_of = {str(row.need) for row in NeedPlace.objects.filter(programme=home)}
        counts = dict(NeedPlace.objects.filter(need=water).values_list("place__name", "people_affected"))
    assert places_of == {"Water"}
    assert counts == {"Place 1": 5, "Place 2": 40, "Place 3": 7}
    assert (after.people_affected, after.people_source) == (None, "Survey of wells")


def test_a_commitment_and_an_indicator_follow_and_the_ledger_still_verifies(
    home: Programme, cast: Cast
) -> None:
    water, wells, _ = three(home, cast.giver)
    promise = promised(wells, cast.giver)
    measure = measures.indicator(home, by=cast.giver, need=wells.uuid)

    merged(home, cast.giver, water, wells)

    with asking(cast.giver):
        followed = Commitment.objects.get(pk=promise.pk)
        assert (followed.need_id, followed.version) == (water.pk, 2)
        assert Indicator.objects.get(pk=measure.pk).need_id == water.pk
    with asking(cast.giver), access.custody(home.pk):
        assert verify_programme(home) == []


def test_every_column_that_names_a_need_is_moved_or_kept_on_purpose() -> None:
    known = {
        "interventions.commitment.need",
        "interventions.saying.need",
        "indicators.indicator.need",
    }

    assert {f"{column.model._meta.label_lower}.{column.name}" for column in mentions()} == known
    assert {model._meta.model_name for model in KEPT} == {"needlineage", "rankedneed", "ballotline"}


def test_a_prerequisite_between_two_that_become_one_falls_away_and_the_ledger_keeps_it(
    home: Programme, cast: Cast
) -> None:
    water, wells, papers = three(home, cast.giver)
    needs.require(by=cast.giver, need_uuid=water.uuid, requires=wells.uuid)
    needs.require(by=cast.giver, need_uuid=papers.uuid, requires=water.uuid)

    merged(home, cast.giver, water, wells)

    assert links(home, cast.giver)["waits"] == {("Papers", "Water")}
    with asking(cast.giver):
        body = LedgerEntry.objects.filter(programme_id=home.pk, body__contains="needs.merged").get().body
    fallen = json.loads(body)["data"]["fallen"]["interventions.needprerequisite"]
    assert [(row["need"], row["requires"]) for row in fallen] == [(str(water.uuid), str(wells.uuid))]


def test_a_merge_that_closes_a_circle_is_refused_with_the_circle_and_changes_nothing(
    home: Programme, cast: Cast
) -> None:
    water, wells, papers = three(home, cast.giver)
    answered(home, cast.giver, wells)
    needs.require(by=cast.giver, need_uuid=water.uuid, requires=papers.uuid)
    needs.require(by=cast.giver, need_uuid=papers.uuid, requires=wells.uuid)
    before = links(home, cast.giver)

    with pytest.raises(Invalid) as refusal:
        merged(home, cast.giver, water, wells)

    assert refusal.value.code == "prerequisite_cycle"
    assert refusal.value.sentence in {
        "A need cannot wait for itself: “Water” requires “Papers”, which requires “Water”.",
        "A need cannot wait for itself: “Papers” requires “Water”, which requires “Papers”.",
    }
    assert links(home, cast.giver) == before
    with asking(cast.giver):
        assert not NeedLineage.objects.filter(programme=home).exists()
        assert Need.objects.get(pk=wells.pk).state == NeedState.STANDING


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": " "}, "reason_missing"),
        ({"need_uuids": []}, "nothing_to_merge"),
        ({"into": "wells"}, "merged_into_itself"),
        ({"need_uuids": ["stranger"]}, "unknown_need"),
        ({"into": "stranger"}, "unknown_need"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused(
    home: Programme, cast: Cast, change: dict[str, Any], code: str
) -> None:
    water, wells, _ = three(home, cast.giver)
    other = programmes.programme(cast.giver)
    make.levels(other, by=cast.giver)
    keys = {"wells": wells.uuid, "stranger": make.need(other, by=cast.giver).uuid}
    said = {"need_uuids": [wells.uuid], "into": water.uuid, "reason": WHY, **change}
    said["into"] = keys.get(said["into"], said["into"])
    said["need_uuids"] = [keys.get(key, key) for key in said["need_uuids"]]

    with pytest.raises(Invalid) as refusal:
        lineage.merge(by=cast.giver, programme_uuid=home.uuid, **said)

    assert refusal.value.code == code
    if code == "unknown_need":
        assert str(keys["stranger"]) in refusal.value.sentence


def test_nothing_joins_a_need_that_is_met(home: Programme, cast: Cast) -> None:
    water, wells, _ = three(home, cast.giver)
    needs.meet(by=cast.giver, need_uuid=water.uuid, version=1, reason="Every house has a tap")

    with pytest.raises(Invalid) as refusal:
        merged(home, cast.giver, water, wells)

    assert refusal.value.code == "need_met"


def test_a_merged_need_is_not_changed_linked_or_merged_again(home: Programme, cast: Cast) -> None:
    water, wells, papers = three(home, cast.giver)
    merged(home, cast.giver, water, wells)
    work = make.intervention(home, by=cast.giver)
    by, gone = cast.giver, wells.uuid
    attempts: list[Callable[[], object]] = [
        lambda: needs.edit(by=by, need_uuid=gone, version=2, severity=1),
        lambda: needs.move(by=by, need_uuid=gone, version=2, parent=papers.uuid),
        lambda: needs.move(by=by, need_uuid=papers.uuid, version=1, parent=gone),
        lambda: needs.require(by=by, need_uuid=gone, requires=papers.uuid),
        lambda: needs.require(by=by, need_uuid=papers.uuid, requires=gone),
        lambda: needs.meet(by=by, need_uuid=gone, version=2, reason="Done"),
        lambda: make.need(home, by=by, below=wells),
        lambda: interventions.answer(by=by, intervention_uuid=work.uuid, need_uuid=gone),
        lambda: measures.indicator(home, by=by, need=gone),
        lambda: merged(home, by, papers, wells),
        lambda: lineage.split(by=by, need_uuid=gone, parts=[{"title": "A"}, {"title": "B"}], reason=WHY),
    ]

    for attempt in attempts:
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert refusal.value.code == "need_closed"
        assert "“Wells” was merged into another" in refusal.value.sentence


# --- splitting ---


def test_a_split_shares_out_what_is_claimed_and_gives_the_rest_to_all(home: Programme, cast: Cast) -> None:
    water, wells, papers = three(home, cast.giver)
    claimed, unclaimed = answered(home, cast.giver, water), answered(home, cast.giver, water)
    needs.require(by=cast.giver, need_uuid=water.uuid, requires=papers.uuid)
    needs.require(by=cast.giver, need_uuid=wells.uuid, requires=water.uuid)

    lineage.split(
        by=cast.giver,
        need_uuid=water.uuid,
        parts=[{"title": "Pipes", "required_by": [wells.uuid]}, {"title": "Quality", "answers": [claimed]}],
        reason=WHY,
    )

    assert links(home, cast.giver) == {
        "answers": {(str(claimed), "Quality"), (str(unclaimed), "Pipes"), (str(unclaimed), "Quality")},
        "waits": {("Pipes", "Papers"), ("Quality", "Papers"), ("Wells", "Pipes")},
    }


def test_the_parts_stand_where_the_need_stood_and_its_children_go_to_the_first_or_to_who_claims_them(
    home: Programme, cast: Cast
) -> None:
    water, _, _ = three(home, cast.giver)
    make.need(home, by=cast.giver, title="Pump", below=water)
    tests = make.need(home, by=cast.giver, title="Tests", below=water)

    lineage.split(
        by=cast.giver,
        need_uuid=water.uuid,
        parts=[{"title": "Pipes"}, {"title": "Quality", "children": [tests.uuid]}],
        reason=WHY,
    )

    with asking(cast.giver):
        shape = [(node.number, str(node.need)) for node in walk(tree(home))]
    assert shape == [
        ("1", "Pipes"),
        ("1.1", "Pump"),
        ("2", "Quality"),
        ("2.1", "Tests"),
        ("3", "Wells"),
        ("4", "Papers"),
    ]


def test_a_part_is_what_the_need_was_unless_it_says_otherwise_and_its_count_is_its_own(
    home: Programme, cast: Cast
) -> None:
    here = village()
    water = make.need(
        home,
        by=cast.giver,
        severity=5,
        trend="worsening",
        place=here.uuid,
        people_affected=90,
        people_source="Survey",
        raised_on=dt.date(2024, 2, 1),
    )

    one, two = lineage.split(
        by=cast.giver,
        need_uuid=water.uuid,
        parts=[{"title": "Pipes"}, {"title": "Quality", "severity": 2, "people_affected": 20}],
        reason=WHY,
    )

    assert (one.severity, one.trend, one.place_id, one.raised_on) == (
        5,
        "worsening",
        here.pk,
        dt.date(2024, 2, 1),
    )
    assert (one.people_affected, two.people_affected, two.severity) == (None, 20, 2)


def test_a_place_goes_with_its_count_to_the_one_part_that_claims_it(home: Programme, cast: Cast) -> None:
    here, there = village(1), village(2)
    water = make.need(home, by=cast.giver, people_source="Survey", places={here.uuid: 12, there.uuid: 30})

    lineage.split(
        by=cast.giver,
        need_uuid=water.uuid,
        parts=[{"title": "Pipes", "at_places": [here.uuid]}, {"title": "Quality"}],
        reason=WHY,
    )

    with asking(cast.giver):
        rows = NeedPlace.objects.filter(programme=home).select_related("need", "place")
        counts = {(str(row.need), row.place.name): row.people_affected for row in rows}
    assert counts == {("Pipes", "Place 1"): 12, ("Pipes", "Place 2"): None, ("Quality", "Place 2"): None}


def test_a_commitment_goes_to_the_part_that_claims_it_else_to_the_first(home: Programme, cast: Cast) -> None:
    water, _, _ = three(home, cast.giver)
    first, second = promised(water, cast.giver), promised(water, cast.giver)

    lineage.split(
        by=cast.giver,
        need_uuid=water.uuid,
        parts=[{"title": "Pipes"}, {"title": "Quality", "mentions": [second.uuid]}],
        reason=WHY,
    )

    with asking(cast.giver):
        assert str(Commitment.objects.get(pk=first.pk).need) == "Pipes"
        assert str(Commitment.objects.get(pk=second.pk).need) == "Quality"


@pytest.mark.parametrize(
    ("parts", "code", "field"),
    [
        ([{"title": "Pipes"}], "too_few_parts", "parts"),
        ([{"title": "Pipes"}, {"title": ""}], "invalid", "parts[1].title"),
        ([{"title": "Pipes"}, {"title": "Q", "severity": 9}], "invalid", "parts[1].severity"),
        ([{"title": "Pipes"}, {"title": "Q", "rank": 1}], "unknown_field", "parts[1].rank"),
        ([{"title": "Pipes", "answers": ["x"]}, {"title": "Q"}], "not_a_list", "parts[0].answers"),
        ([{"title": "P", "answers": [uuid4()]}, {"title": "Q"}], "not_linked", "parts[0].answers"),
        ([{"title": "P", "children": [uuid4()]}, {"title": "Q"}], "not_linked", "parts[0].children"),
        ([{"title": "P", "mentions": [uuid4()]}, {"title": "Q"}], "not_linked", "parts[0].mentions"),
        (
            [{"title": "P", "children": ["child"]}, {"title": "Q", "children": ["child"]}],
            "claimed_twice",
            None,
        ),
    ],
)
def test_a_split_that_makes_no_sense_is_refused_and_leaves_nothing(
    home: Programme, cast: Cast, parts: list[dict[str, Any]], code: str, field: str | None
) -> None:
    water, _, _ = three(home, cast.giver)
    child = make.need(home, by=cast.giver, below=water)
    said = [
        {**part, "children": [child.uuid]} if part.get("children") == ["child"] else part for part in parts
    ]

    with pytest.raises(Invalid) as refusal:
        lineage.split(by=cast.giver, need_uuid=water.uuid, parts=said, reason=WHY)

    assert refusal.value.code == code
    assert field is None or refusal.value.details["field"] == field
    with asking(cast.giver):
        assert Need.objects.filter(programme=home).count() == 4
        assert Need.objects.get(pk=water.pk).state == NeedState.STANDING


# --- what became of it ---


def test_the_lineage_of_a_need_tells_what_it_came_of_and_what_stands_for_it(
    home: Programme, cast: Cast
) -> None:
    water, wells, papers = three(home, cast.giver)
    merged(home, cast.giver, water, wells)
    pipes, quality = lineage.split(
        by=cast.giver, need_uuid=water.uuid, parts=[{"title": "Pipes"}, {"title": "Quality"}], reason=WHY
    )
    merged(home, cast.giver, papers, quality)

    with asking(cast.giver):
        now = told.now(home)
        of_pipes = [(str(row.before), str(row.after)) for row in told.lineage(pipes)]
        of_wells = [(str(row.before), str(row.after)) for row in told.lineage(wells)]
        standing = {str(node.need) for node in walk(tree(home))}
        lines = list(told.outline(told.steps(home)))
    assert now == {
        wells.pk: [pipes.pk, papers.pk],
        water.pk: [pipes.pk, papers.pk],
        quality.pk: [papers.pk],
    }
    assert of_pipes == [("Wells", "Water"), ("Water", "Pipes")]
    assert of_wells == [("Wells", "Water"), ("Water", "Pipes"), ("Water", "Quality"), ("Quality", "Papers")]
    assert standing == {"Pipes", "Papers"}
    assert all(line.endswith(WHY) for line in lines)


def test_only_who_may_change_the_needs_merges_and_splits_them(home: Programme, cast: Cast) -> None:
    water, wells, _ = three(home, cast.giver)
    parts = [{"title": "A"}, {"title": "B"}]

    for who, refusal in ((cast.community, NotAllowed), (cast.donor, NotAllowed), (cast.stranger, NotFound)):
        with pytest.raises(refusal):
            merged(home, who, water, wells)
        with pytest.raises(refusal):
            lineage.split(by=who, need_uuid=water.uuid, parts=parts, reason=WHY)
