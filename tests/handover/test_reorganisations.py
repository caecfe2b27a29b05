"""Authorities merge or split: by plan and signatures everything they answer for goes on, and nothing else moves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from handover import access, clock
from handover.access import Actor, actor_for, asking
from handover.actions import accounts, permissions, reorganisations, standings, successions, undertakings
from handover.canonical import text_digest
from handover.errors import DomainError, Invalid, NotAllowed, NotFound, Refused
from handover.models import (
    LedgerEntry,
    PlaceLineage,
    Programme,
    Reorganisation,
    ReorganisationPart,
    Standing,
    Tenure,
)
from handover.models.organisations import OrganisationKind
from handover.models.reorganisations import ReorganisationState
from handover.models.signoffs import Decision
from handover.permissions import Permission, Role, StandingKind
from handover.queries import reorganisations as reads
from handover.queries import undertakings as promises
from handover.queries.undertakings import YearState
from handover.queries.verification import verify_installation, verify_programme
from handover.queries.waiting import waiting_for
from indicators.models import Value
from tests.factories import indicators as measures
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR, organisation, person
from tests.factories.programmes import programme as founded
from tests.factories.programmes import responsibility
from tests.factories.reorganisations import EFFECTIVE, Merger, merger, signed, stated

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone_home(cast: Cast, programme: Programme) -> Programme:
    """Give a programme that was handed over, with a value that was reported before."""
    indicator = measures.indicator(programme, by=cast.giver)
    measures.reported(indicator, {"women": 5, "men": 4}, by=cast.giver)
    plans.executed(cast, programme)
    return programme


@pytest.fixture
def story(cast: Cast, gone_home: Programme) -> Merger:
    return merger(cast, gone_home)


@pytest.fixture
def ready(story: Merger) -> Merger:
    stated(story)
    signed(story)
    return story


def done(story: Merger) -> Reorganisation:
    return successions.execute(by=story.county, reorganisation_uuid=story.row.uuid)


def holders(programme: Programme, by: Actor) -> dict[str, set[str]]:
    with asking(by):
        rows = Tenure.objects.filter(programme=programme, valid__contains=clock.today()).select_related(
            "organisation", "responsibility"
        )
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(f"{row.responsibility.title} {row.capacity}", set()).add(row.organisation.slug)
        return found


def standing(programme: Programme, by: Actor) -> set[tuple[str, str]]:
    with asking(by):
        rows = Standing.objects.filter(programme=programme, valid__contains=clock.now())
        return set(rows.values_list("organisation__slug", "kind"))


def codes_of(call: Callable[[], Any]) -> set[str]:
    with pytest.raises(Refused) as refused:
        call()
    return {gate.code for gate in refused.value.gates}


def test_what_two_municipalities_answered_for_is_the_new_ones(ready: Merger) -> None:
    before = {row: holders(ready.home, ready.valley)[row] for row in holders(ready.home, ready.valley)}
    assert before["Mobile team holder"] == {"hill"}
    done(ready)

    after = holders(ready.home, ready.county)
    assert after.keys() == before.keys()
    for name, who in before.items():
        assert after[name] == ({"county"} if who & {"receiver", "hill"} else who)
    assert ("county", "steward") in standing(ready.home, ready.county)
    assert not {("receiver", "steward"), ("hill", "partner"), ("county", "partner")} & standing(
        ready.home, ready.county
    )
    assert standing(ready.hills, ready.county) == {("county", "steward"), ("donor", "donor")}
    with asking(ready.county):
        programmes = Programme.objects.filter(pk__in=[ready.home.pk, ready.hills.pk])
        assert {row.steward.slug for row in programmes.select_related("steward")} == {"county"}


def test_people_do_for_the_successor_what_they_did_before_and_nothing_for_the_old_one(ready: Merger) -> None:
    with asking(ready.hill_officer):
        could = access.reach(ready.hill_officer, ready.hills).permissions
    done(ready)

    with pytest.raises(NotAllowed, match="holds no seat"):
        actor_for(ready.hill_officer.user, ready.hill.organisation, channel="cli")
    after = actor_for(ready.hill_officer.user, ready.county.organisation, channel="cli")
    with asking(after):
        assert access.reach(after, ready.hills).permissions == could
    with asking(ready.hill):
        assert access.reach(ready.hill, ready.hills).permissions == frozenset()


def test_values_keep_their_reporters_and_the_ledger_verifies(ready: Merger) -> None:
    with asking(ready.valley):
        before = list(
            Value.objects.order_by("id").values("uuid", "value", "reporter_name", "organisation_name")
        )
    done(ready)

    with asking(ready.county):
        after = list(
            Value.objects.order_by("id").values("uuid", "value", "reporter_name", "organisation_name")
        )
        assert after == before
        assert before
    for programme in (ready.home, ready.hills):
        with asking(ready.county), access.custody(programme.pk):
            assert verify_programme(Programme.objects.get(pk=programme.pk)) == []
    assert list(verify_installation()) == []


def test_the_proof_says_what_moved_and_every_chain_holds_its_digest(ready: Merger) -> None:
    row = done(ready)

    assert row.state == ReorganisationState.EXECUTED
    assert row.proof_digest == text_digest(row.proof)
    body = json.loads(row.proof)
    assert {item["programme"]["identifier"] for item in body["programmes"]} == {
        "XX-TEST-HOME",
        "XX-TEST-HILLS",
    }
    assert all(line["equal"] for item in body["programmes"] for line in item["holdings"])
    assert "Manager of" not in row.proof
    with asking(ready.county):
        entry = LedgerEntry.objects.filter(
            chain=ready.home.uuid, body__contains='"verb":"programme.succeeded"'
        ).get()
        told = LedgerEntry.objects.get(body__contains='"verb":"reorganisation.executed"')
        assert str(row.uuid) in entry.body
        assert row.proof_digest in told.body


def test_an_exception_follows_its_person(story: Merger) -> None:
    permissions.except_user(
        by=story.hill, thing=story.hills, user=story.hill_officer.user, organisation=story.hill.organisation,
        permission=Permission.MANAGE_STANDINGS, reason="Stands in",
    )  # fmt: skip
    stated(story)
    signed(story)
    done(story)

    after = actor_for(story.hill_officer.user, story.county.organisation, channel="cli")
    with asking(after):
        assert Permission.MANAGE_STANDINGS in access.reach(after, story.hills).permissions


def test_every_gate_is_named_at_once_and_nothing_happens(story: Merger) -> None:
    before = standing(story.home, story.valley)
    assert codes_of(lambda: done(story)) == {"part_missing", "signature_missing"}
    assert standing(story.home, story.valley) == before


def test_nobody_looks_into_programmes_of_a_predecessor_that_has_not_signed(story: Merger) -> None:
    plans.drafted(story.hills, by=story.hill, receiver=story.cast.stranger.organisation)
    stated(story)
    signed(story, story.valley, story.county)
    with asking(story.county), connection.cursor() as cursor:
        cursor.execute("SELECT handover_reorganised_programmes(%s)", [story.row.pk])
        assert cursor.fetchone() == ([],)
    assert codes_of(lambda: done(story)) == {"signature_missing"}
    signed(story, story.hill)
    assert codes_of(lambda: done(story)) == {"transfer_open"}


def test_it_is_not_executed_before_the_act_is_in_force(story: Merger) -> None:
    reorganisations.change(
        by=story.hill,
        reorganisation_uuid=story.row.uuid,
        version=story.row.version,
        effective_on=EFFECTIVE + dt.timedelta(days=1),
    )
    stated(story)
    signed(story)
    assert codes_of(lambda: done(story)) == {"not_in_force"}
    with clock.at(clock.now() + dt.timedelta(days=1)):
        assert done(story).state == ReorganisationState.EXECUTED


def test_what_changed_since_it_was_stated_is_stated_anew(ready: Merger) -> None:
    standings.admit(
        by=ready.cast.stranger,
        programme_uuid=plans_of_the_stranger(ready).uuid,
        organisation=ready.hill.organisation,
        kind=StandingKind.PARTNER,
    )
    assert codes_of(lambda: done(ready)) == {"part_outdated"}


def plans_of_the_stranger(story: Merger) -> Programme:
    return founded(story.cast.stranger, identifier="XX-TEST-STRANGE")


def test_an_open_transfer_and_an_unheard_community_stand_in_the_way(story: Merger) -> None:
    voices = person(organisation("voices"), Role.MANAGER)
    standings.admit(
        by=story.hill,
        programme_uuid=story.hills.uuid,
        organisation=voices.organisation,
        kind=StandingKind.COMMUNITY,
    )
    plans.drafted(story.hills, by=story.hill, receiver=story.cast.stranger.organisation)
    stated(story)
    signed(story)
    assert codes_of(lambda: done(story)) == {"transfer_open", "community_not_asked"}


def test_an_edit_leaves_signatures_without_what_they_signed(ready: Merger) -> None:
    row = reorganisations.change(
        by=ready.hill, reorganisation_uuid=ready.row.uuid, version=ready.row.version, title="Another title"
    )
    assert row.title == "Another title"
    assert codes_of(lambda: done(ready)) == {"signature_missing"}


def test_who_read_an_older_plan_does_not_sign_the_newer_one(story: Merger) -> None:
    read = story.plan().digest
    stated(story)
    with pytest.raises(Refused) as refused:
        reorganisations.sign(by=story.valley, reorganisation_uuid=story.row.uuid, digest=read)
    assert refused.value.code == "plan_changed"


def test_nobody_signs_for_two_parties(story: Merger) -> None:
    stated(story)
    accounts.seat(
        by=OPERATOR, user=story.valley.user, organisation=story.county.organisation, role=Role.MANAGER
    )
    both = actor_for(story.valley.user, story.county.organisation, channel="cli")
    signed(story, story.valley)
    with pytest.raises(NotAllowed) as refused:
        signed(story, both)
    assert refused.value.code == "both_sides"


def test_an_objection_of_a_party_holds_it_up_and_a_dissent_does_not(story: Merger) -> None:
    stated(story)
    signed(story, story.valley, story.county)
    for decision, unmet in ((Decision.OBJECTS, {"party_objects"}), (Decision.AGREES_WITH_DISSENT, None)):
        reorganisations.sign(
            by=story.hill, reorganisation_uuid=story.row.uuid, digest=story.plan(story.hill).digest,
            decision=decision, remark="The school stays.",
        )  # fmt: skip
        if unmet:
            assert codes_of(lambda: done(story)) == unmet
    assert done(story).state == ReorganisationState.EXECUTED


def test_the_community_is_heard_and_its_words_stay_in_the_proof(story: Merger) -> None:
    stated(story)
    community = story.cast.community
    reorganisations.sign(
        by=community, reorganisation_uuid=story.row.uuid, digest=story.plan(community).digest,
        decision=Decision.OBJECTS, remark="Our mediator must stay in the valley.",
    )  # fmt: skip
    signed(story)
    assert "Our mediator must stay in the valley." in done(story).proof
    with pytest.raises(NotAllowed):
        reorganisations.withdraw(
            by=community, reorganisation_uuid=story.row.uuid, version=1, reason="We object."
        )


def test_others_do_not_see_a_plan_and_everybody_sees_what_was_executed(ready: Merger) -> None:
    with pytest.raises(NotFound), asking(ready.cast.stranger):
        reorganisations.found(ready.cast.stranger, ready.row.uuid)
    done(ready)
    with asking(ready.cast.stranger):
        assert (
            reorganisations.found(ready.cast.stranger, ready.row.uuid).state == ReorganisationState.EXECUTED
        )
        assert list(ReorganisationPart.objects.all()) == []


def test_it_is_executed_once_by_a_successor(ready: Merger) -> None:
    with pytest.raises(NotAllowed) as refused:
        successions.execute(by=ready.valley, reorganisation_uuid=ready.row.uuid)
    assert refused.value.code == "not_a_successor"
    done(ready)
    with pytest.raises(Refused) as over:
        done(ready)
    assert over.value.code == "reorganisation_over"


def test_a_withdrawn_one_moves_nothing_and_stays_withdrawn(ready: Merger) -> None:
    row = reorganisations.withdraw(
        by=ready.hill,
        reorganisation_uuid=ready.row.uuid,
        version=ready.row.version,
        reason="A referendum said no.",
    )
    assert row.state == ReorganisationState.WITHDRAWN
    with pytest.raises(Refused) as refused:
        done(ready)
    assert refused.value.code == "reorganisation_over"


def test_places_carry_their_lineage(ready: Merger) -> None:
    done(ready)
    assert {
        (row.former.code, row.successor.code, row.numerator, row.denominator)
        for row in PlaceLineage.objects.all()
    } == {
        ("111", "333", 1, 1),
        ("222", "333", 1, 1),
    }


def test_a_promise_binds_the_successor_and_its_word_is_the_institutions(story: Merger) -> None:
    promise = undertakings.enter(
        by=story.valley,
        programme_uuid=story.home.uuid,
        organisation=story.valley.organisation,
        kind="posts",
        title="Two mediators",
        quantity="2",
        unit="FTE",
        starts_on=dt.date(2024, 1, 1),
    )
    stated(story)
    signed(story)
    done(story)

    with clock.at(dt.datetime(2025, 6, 1, tzinfo=dt.UTC)):
        with asking(story.county):
            waits = [task for task in waiting_for(story.county) if task.kind == "undertaking.show"]
        assert len(waits) == 1
        undertakings.say(by=story.county, undertaking_uuid=promise.uuid, year=2024, outcome="kept")
        with asking(story.county):
            assert [task for task in waiting_for(story.county) if task.kind == "undertaking.show"] == []
            (told,) = promises.of_programme(story.home)
            whole = promises.whole(promises.rows(story.home).get())
        for found in (told, whole):
            assert {year.year: year.state for year in found.years}[2024] == YearState.KEPT


def test_a_split_sends_each_thing_where_its_predecessor_says(cast: Cast, gone_home: Programme) -> None:
    east = person(organisation("east", OrganisationKind.MUNICIPALITY))
    town = cast.receiver.organisation
    extra = responsibility(gone_home, by=cast.receiver, title="School bus")
    row = reorganisations.draw_up(
        by=cast.receiver, title="East leaves", legal_act="Law 8 of 2024", effective_on=EFFECTIVE,
        predecessors=[town.uuid], successors=[town.uuid, east.organisation.uuid],
        heard=[cast.community.organisation.uuid],
    )  # fmt: skip
    with pytest.raises(Invalid) as nowhere:
        reorganisations.state(by=cast.receiver, reorganisation_uuid=row.uuid)
    assert nowhere.value.code == "goes_nowhere"
    reorganisations.state(
        by=cast.receiver, reorganisation_uuid=row.uuid, rest=town.uuid,
        responsibilities={extra.uuid: east.organisation.uuid},
        people={cast.receiver_reporter.user.uuid: east.organisation.uuid},
    )  # fmt: skip
    for by in (cast.receiver, east):
        with asking(by):
            digest = reads.read(Reorganisation.objects.get(pk=row.pk)).digest
        reorganisations.sign(by=by, reorganisation_uuid=row.uuid, digest=digest)
    successions.execute(by=east, reorganisation_uuid=row.uuid)

    after = holders(gone_home, cast.receiver)
    assert after["School bus holder"] == {"east"}
    assert after["Day centre holder"] == {"receiver"}
    assert {("east", "partner"), ("receiver", "steward")} <= standing(gone_home, cast.receiver)
    moved = actor_for(cast.receiver_reporter.user, east.organisation, channel="cli")
    assert moved.organisation == east.organisation
    with pytest.raises(NotAllowed):
        actor_for(cast.receiver_reporter.user, town, channel="cli")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"successors": []}, "unknown_organisation"),
        ({"places": [{"former": "RO:111", "successor": "RO:333", "share": "1/2"}]}, "shares_not_one"),
        ({"places": [{"former": "RO:111", "successor": "RO:333", "share": "much"}]}, "wrong_share"),
        ({"places": [{"former": "RO:999", "successor": "RO:333"}]}, "unknown_place"),
        ({"places": [{"former": "RO:111", "successor": "RO:111"}]}, "nothing_changes"),
        ({"places": [{"former": "RO:111", "successor": "RO:333", "share": "1/2"}] * 2}, "place_twice"),
    ],
)
def test_what_cannot_be_is_refused(story: Merger, changed: dict[str, Any], code: str) -> None:
    said: dict[str, Any] = {
        "title": "A merger", "legal_act": "Law 9", "effective_on": EFFECTIVE,
        "predecessors": [story.valley.organisation.uuid], "successors": [story.county.organisation.uuid],
    }  # fmt: skip
    with pytest.raises(DomainError) as refused:
        reorganisations.draw_up(by=story.valley, **(said | changed))
    assert refused.value.code == code


def test_who_does_not_merge_does_not_draw_it_up(story: Merger) -> None:
    with pytest.raises(NotAllowed) as refused:
        reorganisations.draw_up(
            by=story.cast.stranger, title="Theirs", legal_act="Law 9", effective_on=EFFECTIVE,
            predecessors=[story.valley.organisation.uuid], successors=[story.county.organisation.uuid],
        )  # fmt: skip
    assert refused.value.code == "not_a_party"


def test_the_database_lets_nobody_else_read_or_state_a_part(ready: Merger) -> None:
    with asking(ready.cast.stranger), connection.cursor() as cursor:
        for table in ("reorganisation", "reorganisationparty", "reorganisationpart", "reorganisationsignoff"):
            cursor.execute(f"SELECT count(*) FROM handover_{table}")
            assert cursor.fetchone() == (0,), table
        cursor.execute("SELECT handover_reorganised_programmes(%s)", [ready.row.pk])
        assert cursor.fetchone() == ([],)
    with asking(ready.hill), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE handover_reorganisationpart SET plan = '{}' WHERE predecessor_id = %s",
            [ready.valley.organisation.pk],
        )
        assert cursor.rowcount == 0
