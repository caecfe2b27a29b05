"""Records of the work and commitments over the interface."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import clock
from handover.access import asking
from handover.models import LedgerEntry, Programme
from interventions.actions import interventions, records
from interventions.queries.record_kinds import KINDS
from tests.factories.api import Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.records import support, work
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db

QUARTER = {"starts_on": "2024-01-01", "ends_on": "2024-03-31"}

ENTRIES: Mapping[str, Mapping[str, Any]] = {
    "support": {"kind": "food", "outcome": "delivered", "quantity": "12.5", "unit": "packages", **QUARTER},
    "training": {"title": "Equal treatment", "audience": "authorities", "hours": "6", "adults": 9, **QUARTER},
    "complaints": {"kind": "eviction", "reported": 3, "pending": 2, **QUARTER},
    "event": {"kind": "debate", "title": "An open debate", "adults": 40, **QUARTER},
    "media": {"topic": "Schooling", "tone": "neutral", "items": 4, **QUARTER},
    "authority": {"name": "A county council", "level": "county", "works_on": "Housing"},
    "meeting": {"held_on": "2024-05-02", "subject": "Water"},
    "commitment": {"text": "A pump by summer", "made_on": "2024-05-02", "due_on": "2024-06-01"},
    "seat": {"body": "A committee", "kind": "council", "starts_on": "2024-01-01"},
    "day": {"key": "own-day", "title": [{"lang": "en", "text": "A day"}], "month": 5, "day": 16},
}
"""What is entered of each kind, but for what it refers to."""

OF_INTERVENTION = frozenset({"support", "training", "complaints"})
WITH_AUTHORITY = frozenset({"meeting", "commitment", "seat"})


@pytest.fixture
def there(cast: Cast, programme: Programme) -> Caller:
    """Give the steward's officer."""
    return caller(cast.giver_officer)


def enter(cast: Cast, there: Caller, programme: Programme, kind: str, /, **more: Any) -> Answer:
    """Enter a record of a kind, with what it refers to."""
    body: dict[str, Any] = {"programme": str(programme.uuid), **ENTRIES[kind]}
    if kind in OF_INTERVENTION:
        body["intervention"] = str(work(programme, by=cast.giver).uuid)
    if kind in WITH_AUTHORITY:
        named = {**ENTRIES["authority"], "name": f"An authority {uuid4()}"}
        body["authority"] = str(
            records.enter(by=cast.giver, programme_uuid=programme.uuid, record="authority", entry=named).uuid
        )
    if kind == "seat":
        body["holder"] = str(cast.giver.organisation.uuid)
    return there.post(f"records/{kind}", body | more)


def test_a_training_of_no_hours_is_refused_with_a_sentence(
    cast: Cast, programme: Programme, there: Caller
) -> None:
    refused = enter(cast, there, programme, "training", hours="0")
    assert (refused.status, refused["code"], refused["field"]) == (422, "no_hours", "hours")


def test_every_kind_that_is_entered_as_a_record_is_tried() -> None:
    assert set(ENTRIES) == {kind.name for kind in KINDS.values() if not kind.elsewhere}


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_record_is_entered_edited_listed_and_withdrawn(
    kind: str, cast: Cast, there: Caller, programme: Programme
) -> None:
    made = enter(cast, there, programme, kind).good()
    assert {name: made[name] for name in ENTRIES[kind]} == dict(ENTRIES[kind])
    address = f"records/{kind}/{made['id']}"
    assert made.headers["Location"].endswith(address)
    assert made.body in there.get(f"records/{kind}?programme={programme.uuid}").results
    name, value = next(iter(ENTRIES[kind].items()))
    edited = there.patch(address, {name: value, "reason": "Checked"}, version=1).good()
    assert edited["version"] == 2
    late = there.patch(address, {name: value}, version=1)
    assert (late.status, late["code"]) == (412, "stale_version")
    assert there.post(f"{address}/withdraw", {"reason": "Entered twice"}, version=1).status == 412
    assert there.post(f"{address}/withdraw", {"reason": "Entered twice"}, version=2).status == 204
    assert there.get(address).status == 404


@pytest.mark.parametrize("kind", ENTRIES)
def test_only_what_a_kind_declares_can_be_entered(
    kind: str, cast: Cast, there: Caller, programme: Programme
) -> None:
    for field in ("uuid", "id", "version", "own", "state", "outcome", "closed_on", "programme_id"):
        if field in KINDS[kind].fields:
            continue
        answer = enter(cast, there, programme, kind, **{field: "x"})
        assert (answer.status, answer["code"], answer["field"]) == (400, "unknown_field", field)


@pytest.mark.parametrize("kind", ENTRIES)
def test_no_value_of_a_record_is_more_than_refused(
    kind: str, cast: Cast, there: Caller, programme: Programme
) -> None:
    made = enter(cast, there, programme, kind).good()
    hostile: tuple[Any, ...] = (None, "\x00", -1, 10**30, "x" * 30_000, {}, [{"lang": None}], "9999-12-31")
    version = made["version"]
    for field in KINDS[kind].fields:
        for value in hostile:
            answer = there.patch(f"records/{kind}/{made['id']}", {field: value}, version=version)
            assert answer.status in (200, 400, 409, 422), (field, value, answer)
            version += answer.status == 200


def test_the_same_record_is_never_entered_twice(cast: Cast, there: Caller, programme: Programme) -> None:
    first = enter(cast, there, programme, "support").good()
    again = enter(cast, there, programme, "support", intervention=first["intervention"])
    assert (again.status, again["code"], again["details"]) == (
        422,
        "recorded_already",
        {"record": first["id"]},
    )


def test_records_are_chosen_and_added_up(cast: Cast, there: Caller, programme: Programme) -> None:
    enter(cast, there, programme, "support", children=4).good()
    enter(cast, there, programme, "support", children=5, kind="heating").good()
    assert len(there.get("records/support?kind=heating").results) == 1
    assert there.get("records/support?first_day=2024-04-01").results == []
    assert there.get("records/support?kind=gold").status == 400
    asked = f"records/support/sums?programme={programme.uuid}"
    (whole,) = there.get(asked).good().body
    assert (whole["label"], whole["records"], whole["values"]["children"]) == ("2024-Q1", 2, "9")
    split = there.get(f"{asked}&split=kind&by=year").good().body
    assert {row["group"]["kind"]: row["values"]["children"] for row in split} == {"food": "4", "heating": "5"}
    assert there.get(f"{asked}&split=gold")["code"] == "unknown_field"
    assert there.get(f"{asked}&by=week").status == 400


def test_the_calendar_of_a_year_tells_shared_and_own_days(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    enter(cast, there, programme, "day").good()
    held = {"day": "8-april", "starts_on": "2024-04-08", "ends_on": "2024-04-08"}
    enter(cast, there, programme, "event", **held).good()
    days = there.get(f"records/day/calendar?programme={programme.uuid}&year=2024").good().body
    assert [(day["date"], day["own"], day["people"]) for day in days][:2] == [
        ("2024-04-08", False, 40),
        ("2024-05-16", True, 0),
    ]
    assert there.get(f"records/day/calendar?programme={programme.uuid}&year=0").status == 400


def test_a_commitment_is_closed_with_its_outcome_and_reopened(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    key = enter(cast, there, programme, "commitment").good()["id"]
    assert [row["id"] for row in there.get("commitments?overdue=true").results] == [key]
    closing = {"state": "kept", "outcome": "It pumps"}
    assert there.post(f"commitments/{key}/close", closing).status == 428
    closed = there.post(f"commitments/{key}/close", closing, version=1).good()
    assert (closed["state"], closed["closed_on"], closed["overdue"]) == ("kept", "2024-06-03", False)
    assert there.get("commitments?overdue=true").results == []
    assert len(there.get("commitments?overdue=false").results) == 1
    twice = there.post(f"commitments/{key}/close", closing, version=2)
    assert (twice.status, twice["code"]) == (409, "commitment_closed")
    assert there.post(f"commitments/{key}/close", closing | {"state": "open"}, version=2).status == 400
    reopened = there.post(f"commitments/{key}/reopen", {"reason": "It broke"}, version=2).good()
    assert (reopened["state"], reopened["outcome"], reopened["closed_on"]) == ("open", "", None)


@pytest.mark.parametrize("kind", ["support", "authority"])
def test_another_tenant_finds_no_record(kind: str, cast: Cast, there: Caller, programme: Programme) -> None:
    made = enter(cast, there, programme, kind).good()
    stranger, address = caller(cast.stranger), f"records/{kind}/{made['id']}"
    assert stranger.get(f"records/{kind}").results == []
    name, value = next(iter(ENTRIES[kind].items()))
    answers = [
        stranger.get(address),
        stranger.get(f"records/support/sums?programme={programme.uuid}"),
        stranger.get(f"records/day/calendar?programme={programme.uuid}&year=2024"),
        stranger.patch(address, {name: value}, version=1),
        stranger.post(f"{address}/withdraw", {"reason": "x"}, version=1),
        enter(cast, stranger, programme, kind),
    ]
    assert {(answer.status, answer["code"]) for answer in answers} == {(404, "not_found")}


def test_who_reads_records_may_not_write_them_and_reporters_count(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    made = enter(cast, there, programme, "support").good()
    donor, reporter = caller(cast.donor), caller(cast.giver_reporter)
    assert donor.get(f"records/support/{made['id']}").status == 200
    answers = [
        enter(cast, donor, programme, "support"),
        donor.patch(f"records/support/{made['id']}", {"adults": 1}, version=1),
        donor.post(f"records/support/{made['id']}/withdraw", {"reason": "x"}, version=1),
        enter(cast, reporter, programme, "authority"),
    ]
    assert {(answer.status, answer["code"]) for answer in answers} == {(403, "not_allowed")}
    assert enter(cast, reporter, programme, "support").status == 201


def _recorded(cast: Cast) -> dt.datetime:
    """Give the instant after the last entry of the ledger."""
    with asking(cast.giver):
        return LedgerEntry.objects.latest("recorded_at").recorded_at + dt.timedelta(microseconds=1)


def test_a_former_steward_sees_no_record_after_its_view_ended(cast: Cast, programme: Programme) -> None:
    # The ledger keeps the time of the wall: the handover happens then too, after what was recorded.
    done = work(programme, by=cast.giver)
    before = support(programme, by=cast.giver, intervention=done.uuid)
    with clock.at(_recorded(cast)):
        executed(cast, programme)
        after = support(programme, by=cast.receiver, intervention=done.uuid, kind="heating")
    with clock.at(_recorded(cast)):
        interventions.edit(
            by=cast.receiver, intervention_uuid=done.uuid, version=1, reason="New", audience="adults"
        )
        former, steward = caller(cast.giver), caller(cast.receiver)
        assert [row["id"] for row in former.get("records/support").results] == [str(before.uuid)]
        assert former.get(f"records/support/{after.uuid}").status == 404
        assert len(steward.get("records/support").results) == 2
        assert former.get(f"interventions/{done.uuid}/changes").body == []
        assert len(steward.get(f"interventions/{done.uuid}/changes").body) == 1


def test_lists_ask_as_often_for_many_records_as_for_one(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    def asked() -> list[int]:
        found = []
        for noun in (*(f"records/{kind}" for kind in ENTRIES), "commitments"):
            with CaptureQueriesContext(connection) as queries:
                there.get(noun).good()
            found.append(len(queries))
        return found

    def fill(number: int) -> None:
        for kind in ENTRIES:
            own = {
                "event": {"title": f"Debate {number}"},
                "media": {"topic": f"Topic {number}"},
                "authority": {"name": f"Council {number}"},
                "day": {"key": f"day-{number}"},
            }
            enter(cast, there, programme, kind, **own.get(kind, {})).good()

    fill(1)
    once = asked()
    fill(2)
    fill(3)
    assert asked() == once
