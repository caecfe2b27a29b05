"""Consultations and sayings over the interface."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.models import Programme
from tests.factories.api import Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.interventions import levels, need

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(cast: Cast, programme: Programme) -> Caller:
    """Give the steward's officer."""
    return caller(cast.giver_officer)


def said(text: str) -> list[dict[str, str]]:
    """Give a text as the interface takes it."""
    return [{"lang": "en", "text": text}]


def record(there: Caller, programme: Programme, **more: Any) -> Answer:
    """Record an assembly."""
    body = {
        "programme": str(programme.uuid),
        "title": said("Assembly by the river"),
        "held_on": "2024-05-10",
        "format": "assembly",
        "languages": ["ro", "rom"],
        "attendance": [{"gender": "women", "age_band": "30-54", "people": 12}],
    }
    return there.post("consultations", body | more)


def test_a_consultation_is_recorded_counted_and_edited(there: Caller, programme: Programme) -> None:
    made = record(there, programme).good()
    assert made["attendance"] == [{"gender": "women", "age_band": "30-54", "people": 12}]
    came = [{"gender": "men", "age_band": "18-29", "people": 3}]
    counted = there.post(f"consultations/{made['id']}/attend", {"attendance": came}).good()
    assert sum(row["people"] for row in counted["attendance"]) == 15
    edited = there.patch(f"consultations/{made['id']}", {"facilitated_by": "mediator"}, version=1).good()
    assert (edited["facilitated_by"], edited["version"]) == ("mediator", 2)
    assert there.patch(f"consultations/{made['id']}", {"held_on": "2024-05-11"}, version=1).status == 412
    twice = there.post(f"consultations/{made['id']}/attend", {"attendance": came * 2})
    assert (twice.status, twice["code"]) == (422, "repeated_group")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"languages": ["Romanian"]}, 400),
        ({"languages": ["R0"]}, 422),
        ({"languages": "ro"}, 400),
        ({"held_on": "2024-12-01"}, 422),
        ({"held_on": None}, 400),
        ({"community": str(uuid4())}, 422),
        ({"facilitator": str(uuid4())}, 422),
        ({"place": str(uuid4())}, 422),
        ({"format": "seance"}, 400),
        ({"attendance": [{"gender": "women", "age_band": "30-54", "people": -1}]}, 400),
        ({"attendance": [{"gender": "women", "age_band": "30-54", "people": 10**10}]}, 400),
        ({"told_back_on": "2024-05-11"}, 400),
        ({"version": 7}, 400),
        ({"needs_raised": []}, 400),
    ],
)
def test_a_consultation_that_cannot_be_is_refused(
    change: dict[str, Any], status: int, there: Caller, programme: Programme
) -> None:
    assert record(there, programme, **change).status == status


def test_needs_are_raised_and_the_community_told_back(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    levels(programme, by=cast.giver)
    water = str(need(programme, by=cast.giver).uuid)
    held = record(there, programme)["id"]
    assert there.get(f"consultations/{held}/changed").good()["needs"] == []
    there.post(f"consultations/{held}/raise-needs", {"needs": [water]}).good()
    assert there.get(f"needs/{water}")["raised_in"] == held
    assert there.get(f"consultations/{held}/changed").good()["needs"] == [water]
    assert [row["id"] for row in there.get(f"needs?raised_in={held}").results] == [water]
    unknown = there.post(f"consultations/{held}/raise-needs", {"needs": [str(uuid4())]})
    assert (unknown.status, unknown["code"]) == (422, "unknown_need")
    early = there.post(f"consultations/{held}/tell-back", {"told_back_on": "2024-05-01"}, version=1)
    assert (early.status, early["code"]) == (422, "dates_reversed")
    told = there.post(f"consultations/{held}/tell-back", {"told_back_on": "2024-05-30"}, version=1).good()
    assert told["told_back_on"] == "2024-05-30"
    assert len(there.get("consultations?told_back=true").results) == 1
    assert there.get("consultations?told_back=false").results == []


def test_what_people_said_is_answered(cast: Cast, there: Caller, programme: Programme) -> None:
    held = record(there, programme)["id"]
    representative = caller(cast.community)
    made = representative.post("sayings", {"consultation": held, "said": said("The pump froze")}).good()
    assert there.get("sayings?answered=false").results == [made.body]
    answer = {"outcome": "done", "done": said("It is mended")}
    answered = there.post(f"sayings/{made['id']}/answer", answer, version=1).good()
    assert (answered["outcome"], answered["answered_on"], answered["version"]) == ("done", "2024-06-03", 2)
    assert there.post(f"sayings/{made['id']}/answer", answer, version=1).status == 412
    assert there.post(f"sayings/{made['id']}/answer", answer).status == 428
    assert there.post(f"sayings/{made['id']}/answer", answer | {"outcome": ""}, version=2).status == 400
    early = there.post(f"sayings/{made['id']}/answer", answer | {"answered_on": "2024-01-01"}, version=2)
    assert (early.status, early["code"]) == (422, "dates_reversed")
    about = there.post("sayings", {"consultation": held, "said": said("x"), "need": str(uuid4())})
    assert (about.status, about["code"]) == (422, "unknown_need")
    for name in ("outcome", "answered_on", "done", "version"):
        wrong = there.post("sayings", {"consultation": held, "said": said("x"), name: "done"})
        assert (wrong["code"], wrong["field"]) == ("unknown_field", name)


def test_another_tenant_finds_no_consultation(cast: Cast, there: Caller, programme: Programme) -> None:
    held = record(there, programme)["id"]
    saying = there.post("sayings", {"consultation": held, "said": said("The pump froze")}).good()["id"]
    stranger = caller(cast.stranger)
    assert stranger.get("consultations").results == stranger.get("sayings").results == []
    answers = [
        stranger.get(f"consultations/{held}"),
        stranger.get(f"consultations/{held}/changed"),
        stranger.patch(f"consultations/{held}", {"facilitated_by": "x"}, version=1),
        stranger.post(f"consultations/{held}/tell-back", {"told_back_on": "2024-05-30"}, version=1),
        stranger.post("sayings", {"consultation": held, "said": said("x")}),
        stranger.post(f"sayings/{saying}/answer", {"outcome": "done", "done": said("x")}, version=1),
        record(stranger, programme),
    ]
    assert {(answer.status, answer["code"]) for answer in answers} == {(404, "not_found")}


def test_who_reads_consultations_may_not_write_them(cast: Cast, there: Caller, programme: Programme) -> None:
    held = record(there, programme)["id"]
    donor = caller(cast.donor)
    assert donor.get(f"consultations/{held}").status == 200
    answers = [
        record(donor, programme),
        donor.patch(f"consultations/{held}", {"facilitated_by": "x"}, version=1),
        donor.post("sayings", {"consultation": held, "said": said("x")}),
    ]
    assert {(answer.status, answer["code"]) for answer in answers} == {(403, "not_allowed")}


def test_lists_ask_as_often_for_many_consultations_as_for_one(there: Caller, programme: Programme) -> None:
    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            there.get(address).good()
        return len(queries)

    def fill(number: int) -> None:
        held = record(there, programme, title=said(f"Assembly {number}"))["id"]
        there.post("sayings", {"consultation": held, "said": said("The pump froze")}).good()

    fill(0)
    once = [asked(address) for address in ("consultations", "sayings")]
    for number in (1, 2):
        fill(number)
    assert [asked(address) for address in ("consultations", "sayings")] == once
