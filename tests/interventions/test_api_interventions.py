"""Interventions and what hangs on them over the interface: groups, partners, services, deliveries, volunteers."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.actions import places
from handover.models import Programme
from tests.factories.api import Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.interventions import levels, need
from tests.factories.organisations import OPERATOR

pytestmark = pytest.mark.django_db

QUARTER = {"starts_on": "2024-01-01", "ends_on": "2024-03-31"}


@pytest.fixture
def there(cast: Cast, programme: Programme) -> Caller:
    """Give the steward's officer, with levels in the programme."""
    levels(programme, by=cast.giver)
    return caller(cast.giver_officer)


def said(text: str) -> list[dict[str, str]]:
    """Give a text as the interface takes it."""
    return [{"lang": "en", "text": text}]


def add(there: Caller, programme: Programme, title: str = "Health mediation", **more: Any) -> Answer:
    """Add an intervention."""
    body = {"programme": str(programme.uuid), "title": said(title), "field": "health"}
    return there.post("interventions", body | more)


def service(there: Caller, done: str, **more: Any) -> Answer:
    """Add a service of home visits."""
    body = {"intervention": done, "kind": "service", "title": said("Home visits"), "unit": "visits"}
    return there.post("services", body | more)


def test_an_intervention_is_added_edited_and_its_changes_kept(there: Caller, programme: Programme) -> None:
    made = add(there, programme, also_in=["education"], effort="2.50", starts_on="2024-01-01").good()
    assert (made["effort"], made["also_in"], made["needs"]) == ("2.5", ["education"], [])
    address = f"interventions/{made['id']}"
    assert there.get(address).body == made.body
    unsaid = there.patch(address, {"audience": "children"}, version=1)
    assert (unsaid.status, unsaid["code"]) == (422, "reason_missing")
    change = {"audience": "children", "reason": "Asked for"}
    assert there.patch(address, change, version=1).good()["audience"] == "children"
    late = there.patch(address, {"field": "housing", "reason": "x"}, version=1)
    assert (late.status, late["details"]["fields"]) == (412, ["audience"])
    (kept,) = there.get(f"{address}/changes").good().body
    assert (kept["reason"], kept["fields_changed"]) == (
        "Asked for",
        [{"field": "audience", "before": "all", "after": "children"}],
    )


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"field": "anti_discrimination"}, 422, "strand_missing"),
        ({"strand": "legal_response"}, 422, "strand_elsewhere"),
        ({"also_in": ["health"]}, 422, "field_repeated"),
        ({"starts_on": "2024-02-01", "ends_on": "2024-01-01"}, 422, "dates_reversed"),
        ({"effort": "-1"}, 422, "negative_count"),
        ({"effort": 1.5}, 400, "invalid_field"),
        ({"effort": "1e9999"}, 400, "invalid_field"),
        ({"effort": "Infinity"}, 400, "invalid_field"),
        ({"responsibility": str(uuid4())}, 422, "unknown_responsibility"),
        ({"also_in": ["alchemy"]}, 400, "invalid_field"),
        ({"reason": "x"}, 400, "unknown_field"),
        ({"version": 3}, 400, "unknown_field"),
        ({"needs": []}, 400, "unknown_field"),
    ],
)
def test_an_intervention_that_cannot_be_is_refused(
    change: dict[str, Any], status: int, code: str, there: Caller, programme: Programme
) -> None:
    answer = add(there, programme, **change)
    assert (answer.status, answer["code"]) == (status, code)


def test_an_intervention_answers_needs_follows_others_and_works_at_places(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    water = str(need(programme, by=cast.giver).uuid)
    town = places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="146263", name="A town")
    done, first = add(there, programme)["id"], add(there, programme, "Papers")["id"]
    address, why = f"interventions/{done}", {"reason": "Agreed"}
    for verb, body in (
        ("answer-need", {"need": water}),
        ("after", {"intervention": first}),
        ("place", {"place": str(town.uuid)}),
    ):
        there.post(f"{address}/{verb}", body).good()
        assert there.post(f"{address}/{verb}", body).status == 422
    found = there.get(address)
    assert (found["needs"], found["places"]) == ([water], [str(town.uuid)])
    assert found["after"] == [{"intervention": first, "reason": ""}]
    assert there.get(f"needs/{water}")["answered_by"] == [done]
    assert [row["id"] for row in there.get(f"interventions?need={water}").results] == [done]
    circle = there.post(f"interventions/{first}/after", {"intervention": done})
    assert (circle.status, circle["code"]) == (422, "dependency_cycle")
    for verb, body in (
        ("unlink-need", {"need": water}),
        ("not-after", {"intervention": first}),
        ("unplace", {"place": str(town.uuid)}),
    ):
        assert there.post(f"{address}/{verb}", body).status == 400
        there.post(f"{address}/{verb}", body | why).good()
        assert there.post(f"{address}/{verb}", body | why).status == 404
    found = there.get(address)
    assert found["needs"] == found["after"] == found["places"] == []


@pytest.mark.parametrize(
    ("noun", "body", "change"),
    [
        ("target-groups", {"title": said("Families"), "people": 40, "source": "Count"}, {"people": 44}),
        ("intervention-partners", {"name": "A food bank", "brings": "Food"}, {"brings": "Food and clothes"}),
    ],
)
def test_groups_and_partners_are_added_edited_and_removed(
    noun: str, body: dict[str, Any], change: dict[str, Any], there: Caller, programme: Programme
) -> None:
    done = add(there, programme)["id"]
    made = there.post(noun, body | {"intervention": done}).good()
    assert [row["id"] for row in there.get(f"{noun}?intervention={done}").results] == [made["id"]]
    assert there.patch(f"{noun}/{made['id']}", change, version=1)["code"] == "reason_missing"
    edited = there.patch(f"{noun}/{made['id']}", change | {"reason": "Counted"}, version=1).good()
    assert edited["version"] == 2
    assert change.items() <= edited.body.items()
    assert there.patch(f"{noun}/{made['id']}", change | {"reason": "x"}, version=1).status == 412
    assert there.patch(f"{noun}/{made['id']}", {"intervention": done}, version=2)["code"] == "unknown_field"
    assert there.post(f"{noun}/{made['id']}/remove", {"reason": "Ended"}).status == 204
    assert there.get(f"{noun}/{made['id']}").status == 404


def test_a_service_starts_delivers_and_is_corrected(there: Caller, programme: Programme) -> None:
    done = add(there, programme)["id"]
    made = service(there, done, planned="120").good()
    figures = {"service": made["id"], "quantity": "118.5", "children": 4, "adults": 9, **QUARTER}
    assert there.post("deliveries", figures)["code"] == "not_started"
    assert (
        there.post(f"services/{made['id']}/start", {"on": "2025-01-01"}, version=1)["code"] == "start_ahead"
    )
    started = there.post(f"services/{made['id']}/start", {"on": "2024-01-01"}, version=1).good()
    assert (started["started_on"], started["planned"]) == ("2024-01-01", "120")
    delivered = there.post("deliveries", figures).good()
    assert (delivered["quantity"], delivered["place"]) == ("118.5", None)
    assert there.post("deliveries", figures)["code"] == "period_overlaps"
    address = f"deliveries/{delivered['id']}"
    assert there.post(f"{address}/correct", {"adults": 10}, version=1).status == 400
    corrected = there.post(f"{address}/correct", {"adults": 10, "reason": "A typo"}, version=1).good()
    assert (corrected["adults"], corrected["version"]) == (10, 2)
    assert len(there.get("deliveries?first_day=2024-03-31&last_day=2024-04-30").results) == 1
    assert there.get("deliveries?first_day=2024-04-01").results == []
    ended = {"ends_on": "2024-05-31", "reason": "The grant ended"}
    assert there.patch(f"services/{made['id']}", ended, version=2).good()["ends_on"] == "2024-05-31"
    assert there.patch(f"services/{made['id']}", {"started_on": None}, version=3)["code"] == "unknown_field"


def test_a_service_that_needs_a_licence_does_not_start_without(there: Caller, programme: Programme) -> None:
    made = service(there, add(there, programme)["id"], needs_licence=True).good()
    answer = there.post(f"services/{made['id']}/start", version=1)
    assert answer.status == 400 or (answer.status, answer["code"]) == (422, "licence_missing")
    answer = there.post(f"services/{made['id']}/start", {}, version=1)
    assert (answer.status, answer["code"]) == (422, "licence_missing")


def test_volunteers_are_counted_and_corrected(there: Caller, programme: Programme) -> None:
    done = add(there, programme)["id"]
    made = there.post("volunteering", {"intervention": done, "young": 3, "hours": "12.5", **QUARTER}).good()
    assert (made["young"], made["hours"], made["others"]) == (3, "12.5", 0)
    change = {"others": 2, "reason": "Counted again"}
    corrected = there.post(f"volunteering/{made['id']}/correct", change, version=1).good()
    assert corrected["others"] == 2
    hours = {"intervention": done, "hours": "5", "starts_on": "2024-04-01", "ends_on": "2024-04-30"}
    assert there.post("volunteering", hours)["code"] == "nobody_counted"
    assert there.post("volunteering", hours | {"young": -1}).status == 400
    assert there.post("volunteering", hours | {"young": 10**10}).status == 400


def test_another_tenant_finds_nothing_of_an_intervention(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    done = add(there, programme)["id"]
    visits = service(there, done)["id"]
    stranger = caller(cast.stranger)
    for noun in ("interventions", "services", "target-groups", "intervention-partners", "deliveries"):
        assert stranger.get(noun).results == []
    answers = [
        add(stranger, programme),
        service(stranger, done),
        stranger.get(f"interventions/{done}"),
        stranger.get(f"interventions/{done}/changes"),
        stranger.get(f"services/{visits}"),
        stranger.patch(f"interventions/{done}", {"audience": "all", "reason": "x"}, version=1),
        stranger.post(f"interventions/{done}/answer-need", {"need": str(uuid4())}),
        stranger.post(f"services/{visits}/start", {}, version=1),
        stranger.post("deliveries", {"service": visits, "quantity": "1", **QUARTER}),
        stranger.post("volunteering", {"intervention": done, **QUARTER}),
    ]
    assert {(answer.status, answer["code"]) for answer in answers} == {(404, "not_found")}


def test_who_reads_interventions_may_not_write_them(cast: Cast, there: Caller, programme: Programme) -> None:
    done = add(there, programme)["id"]
    visits = service(there, done)["id"]
    donor = caller(cast.donor)
    assert donor.get(f"interventions/{done}").status == 200
    answers = [
        add(donor, programme),
        donor.patch(f"interventions/{done}", {"audience": "all", "reason": "x"}, version=1),
        donor.post("target-groups", {"intervention": done, "title": said("x")}),
        donor.post(f"services/{visits}/start", {}, version=1),
        donor.post("volunteering", {"intervention": done, **QUARTER}),
    ]
    assert {(answer.status, answer["code"]) for answer in answers} == {(403, "not_allowed")}


def test_lists_ask_as_often_for_many_interventions_as_for_one(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    nouns = (
        "interventions",
        "services",
        "target-groups",
        "intervention-partners",
        "deliveries",
        "volunteering",
    )

    def asked() -> list[int]:
        found = []
        for noun in nouns:
            with CaptureQueriesContext(connection) as queries:
                there.get(noun).good()
            found.append(len(queries))
        return found

    def fill(title: str) -> None:
        done, first = (add(there, programme, name)["id"] for name in (title, f"{title} first"))
        answered = str(need(programme, by=cast.giver, title=title).uuid)
        there.post(f"interventions/{done}/answer-need", {"need": answered}).good()
        there.post(f"interventions/{done}/after", {"intervention": first}).good()
        visits = service(there, done)["id"]
        there.post(f"services/{visits}/start", {"on": "2024-01-01"}, version=1).good()
        there.post("deliveries", {"service": visits, "quantity": "1", **QUARTER}).good()
        there.post("volunteering", {"intervention": done, "young": 1, **QUARTER}).good()
        there.post("target-groups", {"intervention": done, "title": said("Families")}).good()
        there.post("intervention-partners", {"intervention": done, "name": "A bank", "brings": "x"}).good()

    fill("Water")
    once = asked()
    fill("Papers")
    fill("School")
    assert asked() == once
