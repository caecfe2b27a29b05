"""Needs: levels, nodes, where they stand, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from handover.access import asking
from handover.actions import places
from handover.errors import Invalid, Stale
from handover.models import LedgerEntry, Programme
from handover.models.guard import DirectWrite, writing
from handover.narratives import best
from interventions.actions import interventions, levels, needs
from interventions.models import (
    Consultation,
    Format,
    InterventionNeed,
    Need,
    NeedLevel,
    NeedPlace,
    NeedPrerequisite,
    NeedState,
)
from interventions.queries.needs import health
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR


@pytest.fixture
def home(programme: Programme, cast: Cast) -> Programme:
    """Give the programme with its levels."""
    make.levels(programme, by=cast.giver)
    return programme


def test_levels_stand_in_the_order_in_which_they_are_given(home: Programme, cast: Cast) -> None:
    levels.define(
        by=cast.giver,
        programme_uuid=home.uuid,
        levels={"health": {"en": "Health", "ro": "Sănătate"}, "survival": "Survival"},
    )

    with asking(cast.giver):
        assert [(level.key, level.position) for level in NeedLevel.objects.filter(programme=home)] == [
            ("health", 1),
            ("survival", 2),
        ]


def test_a_level_with_needs_on_it_cannot_be_left_out(home: Programme, cast: Cast) -> None:
    make.need(home, by=cast.giver, level="survival")

    with pytest.raises(Invalid) as refusal:
        levels.define(by=cast.giver, programme_uuid=home.uuid, levels={"health": "Health"})

    assert refusal.value.code == "level_in_use"


def test_redefining_levels_keeps_their_identifiers(home: Programme, cast: Cast) -> None:
    with asking(cast.giver):
        before = {level.key: level.uuid for level in NeedLevel.objects.filter(programme=home)}

    again = levels.define(
        by=cast.giver,
        programme_uuid=home.uuid,
        levels={"education": "Learning", "survival": "Survival", "health": "Health"},
    )

    assert {level.key: level.uuid for level in again} == before


def test_a_new_need_comes_last_among_its_siblings(home: Programme, cast: Cast) -> None:
    top = make.need(home, by=cast.giver)
    first, second = make.need(home, by=cast.giver, below=top), make.need(home, by=cast.giver, below=top)

    assert (first.rank, second.rank) == (1, 2)


@pytest.mark.parametrize("said", ["Wa\x00ter", {"en": "Water", "ro": "Ap\ud800"}])
def test_a_text_that_cannot_be_stored_is_refused(said: Any, home: Programme, cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        make.need(home, by=cast.giver, title=said)
    assert (caught.value.code, caught.value.details["field"]) == ("invalid", "title")


def test_a_need_keeps_all_that_was_said_of_it(home: Programme, cast: Cast) -> None:
    made = make.need(
        home,
        by=cast.giver,
        title={"en": "Water", "ro": "Apă"},
        description="From the street pump",
        people_affected=120,
        people_source="Household survey",
        people_as_of=dt.date(2024, 3, 1),
        raised_by="community",
        evidence="Minutes of the assembly",
    )

    with asking(cast.giver):
        found = Need.objects.get(uuid=made.uuid)
    assert best(found.title, "ro") == "Apă"
    assert (found.people_affected, found.people_as_of) == (120, dt.date(2024, 3, 1))
    assert (found.raised_by, found.evidence) == ("community", "Minutes of the assembly")


def test_an_edit_raises_the_version_and_a_stale_one_is_refused(home: Programme, cast: Cast) -> None:
    made = make.need(home, by=cast.giver)

    edited = needs.edit(by=cast.giver, need_uuid=made.uuid, version=1, severity=5)
    with pytest.raises(Stale):
        needs.edit(by=cast.giver_officer, need_uuid=made.uuid, version=1, severity=1)

    with asking(cast.giver):
        found = Need.objects.get(uuid=made.uuid)
    assert (edited.version, found.version, found.severity) == (2, 2, 5)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"severity": 6}, "invalid", "severity"),
        ({"severity": 0}, "invalid", "severity"),
        ({"severity": 2.5}, "not_a_whole_number", "severity"),
        ({"severity": True}, "not_a_whole_number", "severity"),
        ({"severity": None}, "invalid", "severity"),
        ({"title": ""}, "invalid", "title"),
        ({"title": {"en": " "}}, "not_a_text", "title"),
        ({"title": 7}, "not_a_text", "title"),
        ({"title": [{"text": "Water"}]}, "not_a_text", "title"),
        ({"level": "nowhere"}, "unknown_level", "level"),
        ({"raised_by": "nobody"}, "invalid", "raised_by"),
        ({"people_affected": -1, "people_source": "Survey"}, "invalid", "people_affected"),
        ({"people_affected": 10}, "source_missing", "people_source"),
        ({"people_as_of": "yesterday"}, "invalid", "people_as_of"),
        ({"place": uuid4()}, "unknown_place", "place"),
        ({"responsibility": uuid4()}, "unknown_responsibility", "responsibility"),
        ({"sevrity": 3}, "unknown_field", "sevrity"),
    ],
)
def test_a_wrong_field_is_named(
    home: Programme, cast: Cast, said: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        make.need(home, by=cast.giver, **said)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)


@pytest.mark.parametrize(
    ("said", "field"),
    [({"severity": 9}, "severity"), ({"title": ""}, "title"), ({"people_affected": 4}, "people_source")],
)
def test_an_edit_is_checked_like_a_new_need(
    home: Programme, cast: Cast, said: dict[str, Any], field: str
) -> None:
    made = make.need(home, by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        needs.edit(by=cast.giver, need_uuid=made.uuid, version=1, **said)

    assert refusal.value.details["field"] == field


def test_moving_a_need_keeps_all_that_hangs_on_it(home: Programme, cast: Cast) -> None:
    here, there = make.need(home, by=cast.giver), make.need(home, by=cast.giver)
    moved = make.need(home, by=cast.giver, below=here)
    child, other = make.need(home, by=cast.giver, below=moved), make.need(home, by=cast.giver, below=here)
    needs.require(by=cast.giver, need_uuid=moved.uuid, requires=other.uuid)
    needs.require(by=cast.giver, need_uuid=other.uuid, requires=child.uuid)
    work = make.intervention(home, by=cast.giver)
    interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=moved.uuid)

    after = needs.move(by=cast.giver, need_uuid=moved.uuid, parent=there.uuid, version=1)

    assert (after.pk, after.uuid, after.parent_id, after.version) == (moved.pk, moved.uuid, there.pk, 2)
    with asking(cast.giver):
        assert Need.objects.get(pk=child.pk).parent_id == moved.pk
        assert set(NeedPrerequisite.objects.filter(programme=home).values_list("need_id", "requires_id")) == {
            (moved.pk, other.pk),
            (other.pk, child.pk),
        }
        assert InterventionNeed.objects.get(intervention=work).need_id == moved.pk


def test_a_need_can_move_to_the_top(home: Programme, cast: Cast) -> None:
    top = make.need(home, by=cast.giver)
    below = make.need(home, by=cast.giver, below=top)

    after = needs.move(by=cast.giver, need_uuid=below.uuid, parent=None, version=1)

    assert (after.parent_id, after.rank) == (None, 2)


def test_a_need_cannot_move_below_itself(home: Programme, cast: Cast) -> None:
    top = make.need(home, by=cast.giver, title="Housing")
    middle = make.need(home, by=cast.giver, below=top, title="A roof")
    bottom = make.need(home, by=cast.giver, below=middle, title="Tiles")

    with pytest.raises(Invalid) as refusal:
        needs.move(by=cast.giver, need_uuid=top.uuid, parent=bottom.uuid, version=1)
    with pytest.raises(Invalid) as itself:
        needs.move(by=cast.giver, need_uuid=top.uuid, parent=top.uuid, version=1)

    assert refusal.value.code == itself.value.code == "parent_circle"
    assert "“Housing”, above “A roof”, above “Tiles”, above “Housing”" in refusal.value.sentence


def test_a_stale_move_is_refused(home: Programme, cast: Cast) -> None:
    here, there = make.need(home, by=cast.giver), make.need(home, by=cast.giver)
    needs.edit(by=cast.giver_officer, need_uuid=here.uuid, version=1, severity=4)

    with pytest.raises(Stale):
        needs.move(by=cast.giver, need_uuid=here.uuid, parent=there.uuid, version=1)


def test_a_need_gets_no_parent_of_another_programme(home: Programme, cast: Cast) -> None:
    other = programmes.programme(cast.giver)
    make.levels(other, by=cast.giver)
    foreign = make.need(other, by=cast.giver)
    own = make.need(home, by=cast.giver)

    with pytest.raises(Invalid) as on_move:
        needs.move(by=cast.giver, need_uuid=own.uuid, parent=foreign.uuid, version=1)
    with pytest.raises(Invalid) as on_add:
        make.need(home, by=cast.giver, below=foreign)

    assert on_move.value.code == on_add.value.code == "unknown_parent"


@pytest.mark.parametrize("column", ["parent_id", "level_id"])
def test_the_database_binds_a_need_to_its_own_programme(
    home: Programme, cast: Cast, column: str, web_sql: Any
) -> None:
    other = programmes.programme(cast.giver)
    make.levels(other, by=cast.giver)
    foreign = make.need(other, by=cast.giver)
    own = make.need(home, by=cast.giver)
    target = {"parent_id": foreign.pk, "level_id": foreign.level_id}[column]

    with pytest.raises(IntegrityError, match=f"interventions_need_{column}_bound"):
        web_sql(cast.giver)(f"UPDATE interventions_need SET {column} = %s WHERE id = %s", [target, own.pk])


def test_the_siblings_of_a_need_are_ranked_together(home: Programme, cast: Cast) -> None:
    top = make.need(home, by=cast.giver)
    first, second, third = (make.need(home, by=cast.giver, below=top) for _ in range(3))

    ranked = [third.uuid, first.uuid, second.uuid]
    after = needs.rank(by=cast.giver, programme_uuid=home.uuid, parent=top.uuid, ranked=ranked)

    assert [need.uuid for need in after] == ranked
    assert [need.version for need in after] == [2, 2, 2]


@pytest.mark.parametrize("ranked", ["one missing", "one twice", "a stranger"])
def test_a_ranking_names_each_sibling_once(home: Programme, cast: Cast, ranked: str) -> None:
    first, second = make.need(home, by=cast.giver), make.need(home, by=cast.giver)
    below = make.need(home, by=cast.giver, below=first)
    given = {
        "one missing": [first.uuid],
        "one twice": [first.uuid, second.uuid, first.uuid],
        "a stranger": [first.uuid, below.uuid],
    }[ranked]

    with pytest.raises(Invalid) as refusal:
        needs.rank(by=cast.giver, programme_uuid=home.uuid, parent=None, ranked=given)

    assert refusal.value.code == "not_the_siblings"


def test_needs_are_not_written_outside_an_action(home: Programme, cast: Cast) -> None:
    made = make.need(home, by=cast.giver)

    with asking(cast.giver):
        with pytest.raises(DirectWrite):
            made.save()
        with pytest.raises(DirectWrite):
            made.delete()
        with pytest.raises(DirectWrite):
            made.change(version=1, severity=1)
        with pytest.raises(DirectWrite):
            Need.objects.filter(pk=made.pk).update(severity=1)
        with pytest.raises(DirectWrite):
            NeedLevel.objects.filter(programme=home).delete()
        with pytest.raises(DirectWrite):
            NeedPrerequisite.objects.bulk_create([NeedPrerequisite(programme=home, need=made, requires=made)])


def test_each_action_writes_one_entry_to_the_ledger(home: Programme, cast: Cast) -> None:
    top, other = make.need(home, by=cast.giver), make.need(home, by=cast.giver)
    needs.edit(by=cast.giver, need_uuid=top.uuid, version=1, severity=4)
    needs.move(by=cast.giver, need_uuid=other.uuid, parent=top.uuid, version=1)
    needs.rank(by=cast.giver, programme_uuid=home.uuid, parent=top.uuid, ranked=[other.uuid])
    needs.require(by=cast.giver, need_uuid=top.uuid, requires=other.uuid)
    needs.release(by=cast.giver, need_uuid=top.uuid, requires=other.uuid)

    with asking(cast.giver):
        bodies = (
            LedgerEntry.objects.filter(programme_id=home.pk).order_by("seq").values_list("body", flat=True)
        )
        verbs = [
            verb
            for body in bodies
            for verb in [body.rpartition('"verb":"')[2].partition('"')[0]]
            if verb[:4] == "need"
        ]
    assert verbs == [
        "need_levels.defined",
        "need.added",
        "need.added",
        "need.edited",
        "need.moved",
        "needs.ranked",
        "need.prerequisite_added",
        "need.prerequisite_removed",
    ]


# --- what else is said of a need ---


def test_a_need_keeps_its_trend_and_its_places_and_an_edit_replaces_them(home: Programme, cast: Cast) -> None:
    here, there = (
        places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code=code, name=code) for code in "AB"
    )
    made = make.need(
        home,
        by=cast.giver,
        trend="worsening",
        people_source="Survey",
        places={here.uuid: 12, there.uuid: None},
    )

    needs.edit(by=cast.giver, need_uuid=made.uuid, version=1, trend="improving", places={there.uuid: 7})

    with asking(cast.giver):
        rows = NeedPlace.objects.filter(need=made).values_list("place__code", "people_affected")
        assert (dict(rows), Need.objects.get(pk=made.pk).trend) == ({"B": 7}, "improving")


def test_a_needs_own_place_is_not_among_its_others(home: Programme, cast: Cast) -> None:
    here = places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="A", name="A")
    made = make.need(home, by=cast.giver, places={here.uuid: None})

    needs.edit(by=cast.giver, need_uuid=made.uuid, version=1, place=here.uuid)

    with asking(cast.giver):
        assert not NeedPlace.objects.filter(need=made).exists()


def test_a_count_at_a_place_needs_its_source_too(home: Programme, cast: Cast) -> None:
    here = places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="A", name="A")

    with pytest.raises(Invalid) as refusal:
        make.need(home, by=cast.giver, places={here.uuid: 3})

    assert refusal.value.code == "source_missing"


def test_a_need_that_a_consultation_raised_was_raised_on_its_day(home: Programme, cast: Cast) -> None:
    with asking(cast.giver), writing():
        assembly = Consultation.objects.create(
            programme=home, held_on=dt.date(2024, 3, 8), format=Format.ASSEMBLY
        )

    made = make.need(home, by=cast.giver, raised_in=assembly.uuid)

    assert (made.raised_in_id, made.raised_on) == (assembly.pk, dt.date(2024, 3, 8))


# --- met, and open again ---


def test_a_met_need_stays_where_it_is_until_it_is_opened_again(home: Programme, cast: Cast) -> None:
    top = make.need(home, by=cast.giver, title="Water")
    make.need(home, by=cast.giver, title="Pump", below=top)

    met = needs.meet(by=cast.giver, need_uuid=top.uuid, version=1, reason="Taps in every house")
    with asking(cast.giver):
        warned = [item.sentence for item in health(home)]
    again = needs.reopen(by=cast.giver, need_uuid=top.uuid, version=2, reason="The pipes froze")

    assert (met.state, again.state, again.version) == (NeedState.MET, NeedState.STANDING, 3)
    assert warned == ["“Water” (1) is said to be met, but below it “Pump” (1.1) is not."]
    with asking(cast.giver):
        assert list(health(home)) == []


def test_meeting_and_opening_again_need_a_reason_and_the_right_state(home: Programme, cast: Cast) -> None:
    made = make.need(home, by=cast.giver)
    met = make.need(home, by=cast.giver)
    needs.meet(by=cast.giver, need_uuid=met.uuid, version=1, reason="Done")

    for attempt, need, version, reason, code in (
        (needs.meet, made, 1, " ", "reason_missing"),
        (needs.reopen, made, 1, "Why not", "not_met"),
        (needs.meet, met, 2, "Again", "already_met"),
    ):
        with pytest.raises(Invalid) as refusal:
            attempt(by=cast.giver, need_uuid=need.uuid, version=version, reason=reason)
        assert refusal.value.code == code
    with pytest.raises(Stale):
        needs.reopen(by=cast.giver, need_uuid=met.uuid, version=1, reason="Broken")
