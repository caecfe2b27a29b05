"""Two municipalities merge, by the interface: what each answered for goes on the next morning, nothing is rewritten."""

from __future__ import annotations

import datetime as dt

import pytest

from handover.access import Actor, actor_for, asking, custody
from handover.errors import NotAllowed
from handover.models import Programme
from handover.permissions import Role
from handover.queries.verification import verify_installation, verify_programme
from indicators.models import Indicator
from tests.factories import indicators as measures
from tests.factories import transfers as plans
from tests.factories.api import Caller, caller
from tests.factories.cast import Cast
from tests.factories.organisations import organisation, person
from tests.factories.reorganisations import Merger, merger

pytestmark = pytest.mark.django_db

WORD = "Our mediator stays in the valley."
SECOND = (dt.date(2024, 4, 1), dt.date(2024, 6, 30))


@pytest.fixture
def story(cast: Cast, programme: Programme) -> Merger:
    """A programme that went home to the valley, with figures; the hill keeps one of its own."""
    of = measures.indicator(programme, by=cast.giver)
    measures.reported(of, {"women": 5, "men": 4}, by=cast.giver)
    plans.executed(cast, programme)
    return merger(cast, programme)


def address(story: Merger) -> str:
    return f"reorganisations/{story.row.uuid}"


def drawn_up_by_the_interface(story: Merger) -> str:
    """Draw another one up and withdraw it: what is wrong is named, and nothing of it moves."""
    valley = caller(story.valley)
    said = {
        "title": "Another merger", "legal_act": "Law 9 of 2024", "effective_on": "2025-01-01",
        "predecessors": [str(story.valley.organisation.uuid)], "successors": [str(story.county.organisation.uuid)],
    }  # fmt: skip
    wrong = valley.post("reorganisations", said | {"places": [{"former": "RO:111", "successor": "RO:999"}]})
    assert (wrong.status, wrong.body["code"]) == (422, "unknown_place")
    assert caller(story.cast.stranger).post("reorganisations", said).status == 403
    made = valley.post("reorganisations", said).good().body
    changed = (
        valley.patch(f"reorganisations/{made['id']}", {"title": "A merger"}, version=made["version"])
        .good()
        .body
    )
    gone = valley.post(
        f"reorganisations/{made['id']}/withdraw",
        {"reason": "A referendum said no."},
        version=changed["version"],
    ).good()
    assert gone.body["state"] == "withdrawn"
    return str(made["id"])


def stated_heard_and_signed(story: Merger) -> None:
    """Each predecessor states its part; the community says its word; all sign the same digest."""
    valley = caller(story.valley)
    named = {gate["code"] for gate in valley.get(f"{address(story)}/plan").good().body["gates"]}
    assert named == {"part_missing", "signature_missing"}
    for by in (story.valley, story.hill):
        caller(by).post(f"{address(story)}/state", {}).good()
    voice = caller(story.cast.community)
    plan = voice.get(f"{address(story)}/plan").good().body
    assert {item["identifier"] for part in plan["parts"] for item in part["programmes"]} == {
        "XX-TEST-HOME",
        "XX-TEST-HILLS",
    }
    assert all("people" not in part for part in plan["parts"])
    silent = voice.post(f"{address(story)}/sign", {"digest": plan["digest"], "decision": "objects"})
    assert (silent.status, silent.body["code"]) == (422, "remark_missing")
    voice.post(
        f"{address(story)}/sign",
        {"digest": plan["digest"], "decision": "agrees_with_dissent", "remark": WORD},
    ).good()
    old = caller(story.hill).post(f"{address(story)}/sign", {"digest": "0" * 64})
    assert (old.status, old.body["code"]) == (409, "plan_changed")
    for by in story.deciding():
        told = caller(by).get(f"{address(story)}/plan").good().body
        caller(by).post(f"{address(story)}/sign", {"digest": told["digest"]}).good()
    assert valley.get(f"{address(story)}/plan").good().body["gates"] == []


def executed(story: Merger, county: Caller) -> None:
    """Carry it out, once; the proof says that nothing else changed, and the community's word stands in it."""
    assert caller(story.cast.stranger).get(address(story)).status == 404
    county.post(f"{address(story)}/execute").good()
    again = county.post(f"{address(story)}/execute")
    assert (again.status, again.body["code"]) == (409, "reorganisation_over")
    proof = county.get(f"{address(story)}/proof").good().body
    assert all(line["equal"] for item in proof["document"]["programmes"] for line in item["holdings"])
    assert WORD in {word["remark"] for word in proof["document"]["words"]}
    assert set(proof["names"].values()) >= {"Officer of hill", "Manager of receiver"}
    heard = caller(story.cast.community).get(f"{address(story)}/proof").good().body
    assert heard["digest"] == proof["digest"]
    assert "Officer of hill" not in heard["names"].values(), (
        "who was only heard reads who signed, and no other names"
    )
    assert "Manager of hill" in heard["names"].values()
    assert caller(story.cast.stranger).get(address(story)).good().body["state"] == "executed"
    assert caller(story.cast.stranger).get(f"{address(story)}/plan").status == 404
    assert caller(story.cast.stranger).get(f"{address(story)}/proof").status == 404


def the_next_morning(story: Merger, county: Caller) -> None:
    """Somebody of the valley reports the same indicator for the successor; what was reported keeps who reported it."""
    reporter = actor_for(story.cast.receiver_reporter.user, story.county.organisation, channel="api")
    programme = story.home.uuid
    (of,) = county.get(f"indicators?programme={programme}").good().results
    measures.reported(of_uuid(of["id"], story), {"women": 7, "men": 6}, by=reporter, quarter=SECOND)
    rows = county.get(f"values?programme={programme}").good().results
    assert len({row["indicator"] for row in rows}) == 1
    assert {row["organisation_name"] for row in rows} == {"Giver organisation", "County organisation"}
    lineages = county.get("place-lineages").good().results
    assert {(row["numerator"], row["denominator"]) for row in lineages} == {(1, 1)}
    steward = county.get(f"programmes/{programme}").good().body["steward"]
    assert steward == str(story.county.organisation.uuid)


def of_uuid(key: str, story: Merger) -> Indicator:
    with asking(story.county):
        return Indicator.objects.select_related("programme").get(uuid=key)


def nothing_is_left_behind(story: Merger) -> None:
    """Nobody acts for the old ones any more, and every chain verifies."""
    for old in (story.valley, story.hill, story.hill_officer):
        with pytest.raises(NotAllowed):
            actor_for(old.user, old.organisation, channel="api")
    for programme in (story.home, story.hills):
        with asking(story.county), custody(programme.pk):
            assert verify_programme(Programme.objects.get(pk=programme.pk)) == []
    assert list(verify_installation()) == []


def test_two_municipalities_merge(story: Merger) -> None:
    drawn_up_by_the_interface(story)
    stated_heard_and_signed(story)
    county = caller(story.county)
    executed(story, county)
    the_next_morning(story, county)
    nothing_is_left_behind(story)


def test_a_part_goes_where_its_predecessor_says(story: Merger) -> None:
    """A split by the interface: one duty and one person leave, the rest stays."""
    east: Actor = person(organisation("east"), Role.MANAGER)
    town, valley = story.valley.organisation, caller(story.valley)
    made = valley.post(
        "reorganisations",
        {
            "title": "East leaves", "legal_act": "Law 10", "effective_on": "2024-06-03",
            "predecessors": [str(town.uuid)], "successors": [str(town.uuid), str(east.organisation.uuid)],
            "heard": [str(story.cast.community.organisation.uuid)],
        },
    ).good().body  # fmt: skip
    one = f"reorganisations/{made['id']}"
    lost = valley.post(f"{one}/state", {})
    assert (lost.status, lost.body["code"]) == (422, "goes_nowhere")
    duties = valley.get(f"responsibilities?programme={story.home.uuid}").good().results
    duty = next(item["id"] for item in duties if item["title"] == "Reporting")
    valley.post(
        f"{one}/state",
        {
            "rest": str(town.uuid),
            "responsibilities": [{"thing": duty, "to": str(east.organisation.uuid)}],
            "people": [{"thing": str(story.cast.receiver_officer.user.uuid), "to": None}],
        },
    ).good()
    for by in (story.valley, east):
        digest = caller(by).get(f"{one}/plan").good().body["digest"]
        caller(by).post(f"{one}/sign", {"digest": digest}).good()
    caller(east).post(f"{one}/execute").good()
    assert duty in {
        item["id"]
        for item in caller(east).get(f"responsibilities?programme={story.home.uuid}").good().results
    }
    with pytest.raises(NotAllowed):
        actor_for(story.cast.receiver_officer.user, town, channel="api")
