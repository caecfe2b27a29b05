"""The catalogue of models and adoptions over the interface."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.models import Programme
from handover.permissions import Scope
from interventions.models import ModelVersion
from tests.factories.api import Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.interventions import intervention, levels, need
from tests.factories.models import SCHOOL, installed

pytestmark = pytest.mark.django_db


def said(text: str) -> list[dict[str, str]]:
    """Give a text as the interface takes it."""
    return [{"lang": "en", "text": text}]


@pytest.fixture
def shipped(cast: Cast) -> ModelVersion:
    """Give the smaller of the shipped models."""
    return installed()[SCHOOL]


def adopt(there: Caller, shipped: ModelVersion, **more: Any) -> Answer:
    """Found a programme that is made from a model."""
    return there.post("adoptions", {"model": str(shipped.model.uuid), "identifier": "XX-SCHOOL"} | more)


def publish(there: Caller, programme: Programme, **more: Any) -> Answer:
    """Publish a programme's structure."""
    body = {
        "programme": str(programme.uuid),
        "key": "a-model",
        "title": said("A model"),
        "summary": said("What is done, and why"),
        "licence": "CC-BY-4.0",
        "context": said("Somewhere"),
    }
    return there.post("models/publish", body | more)


def test_everybody_searches_the_catalogue_and_reads_a_model(cast: Cast, shipped: ModelVersion) -> None:
    there = caller(cast.stranger)
    (found,) = there.get("models?words=meals&field=education&language=en&withdrawn=false").results
    address = f"models/{found['id']}"
    assert (found["key"], found["organisation"]) == (SCHOOL, None)
    assert [row["number"] for row in there.get(f"{address}/versions").good().body] == [1]
    whole = there.get(f"{address}/structure").good()
    assert whole["document"] == shipped.document
    assert "document" not in there.get(f"{address}/versions").body[0]
    assert there.get(f"{address}/structure?number=7")["code"] == "unknown_version"
    assert there.get(f"{address}/structure?number=x").status == 400
    assert there.get("models?words=nothing-of-the-kind").results == []
    assert there.get(f"models/{uuid4()}").status == 404
    assert [row["key"] for row in there.get(f"{address}/uptake").good().body][:1] == [""]


def test_a_programme_is_published_compared_and_withdrawn(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    levels(programme, by=cast.giver)
    need(programme, by=cast.giver, title={"en": "Drinking water"})
    first = publish(there, programme).good()
    assert (first.status, first["number"]) == (201, 1)
    again = publish(there, programme)
    assert (again.status, again["code"]) == (422, "nothing_new")
    intervention(programme, by=cast.giver, title="Water mediation")
    key = first["document"]["needs"][0]["key"]
    edits = [{"piece": f"need:{key}", "field": "severity", "value": 5}]
    second = publish(there, programme, edits=edits, changes=said("More")).good()
    found = there.get(f"models/{second['model']}/diff?earlier=1").good().body
    assert [(row["piece"].partition(":")[0], row["state"]) for row in found] == [
        ("need", "changed"),
        ("intervention", "new"),
    ]
    assert found[0]["changed"] == [{"name": "severity", "before": 3, "after": 5}]
    assert caller(cast.receiver).post(f"models/{second['model']}/withdraw", {"reason": "x"}).status == 403
    withdrawn = there.post(f"models/{second['model']}/withdraw", {"reason": "Outdated"}).good()
    assert withdrawn["withdrawn_at"] is not None
    assert there.get("models?withdrawn=false").results == []
    assert there.post(f"models/{second['model']}/withdraw", {"reason": "x"})["code"] == "withdrawn_already"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5),
        ("title", [5]),
        ("title", [{"text": 5}]),
        ("title", None),
        ("severity", {"deep": [[[["x"]]]]}),
        ("severity", "high"),
        ("prerequisites", 5),
        ("prerequisites", [{"a": "b"}]),
        ("parent", []),
        ("level", None),
        ("level", {}),
        ("key", "other"),
        ("made_up", True),
        ("description", "\x00"),
        ("severity", 1.5),
    ],
)
def test_an_edit_that_no_model_can_hold_is_refused(
    field: str, value: Any, cast: Cast, programme: Programme, shipped: ModelVersion
) -> None:
    levels(programme, by=cast.giver)
    need(programme, by=cast.giver, title={"en": "Drinking water"})
    there = caller(cast.giver)
    edit = {"field": field, "value": value}
    published = publish(there, programme, edits=[edit | {"piece": "need:drinking-water"}])
    assert published.status in (400, 422), published
    adopted = adopt(there, shipped, changes=[edit | {"piece": "need:meal"}])
    assert adopted.status in (400, 422), adopted


def test_what_a_publisher_says_wrongly_is_refused(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    there = caller(cast.giver)
    assert publish(there, programme, leave_out=["x"])["code"] == "unknown_piece"
    assert publish(there, programme, leave_out=["need:none"])["code"] == "unknown_piece"
    assert publish(there, programme, edits=[{"piece": "need:none", "field": "title", "value": "x"}])[
        "code"
    ] == ("unknown_piece")
    done = intervention(programme, by=cast.giver, title="Meals")
    partner = {"intervention": str(done.uuid), "name": "Zqx food bank", "brings": "Food"}
    there.post("intervention-partners", partner).good()
    assert publish(there, programme, context=said("With Zqx food bank"))["code"] == "names_a_tenant"
    assert publish(there, programme, organisation="x")["code"] == "unknown_field"
    assert publish(there, programme, number=7)["code"] == "unknown_field"


def test_a_model_is_adopted_and_told_piece_by_piece(cast: Cast, shipped: ModelVersion) -> None:
    there = caller(cast.receiver)
    changes = [{"piece": "need:meal", "field": "severity", "value": 5}]
    left = f"budget:{shipped.document['budget'][0]['key']}"
    made = adopt(there, shipped, changes=changes, leave_out=[left], title=said("Our school")).good()
    assert (made["model"], made["number"], made["counted"]) == (str(shipped.model.uuid), 1, True)
    address = f"adoptions/{made['id']}"
    taken = {row["piece"]: row["row"] for row in there.get(f"{address}/pieces").good().body}
    assert taken[left] is None
    assert there.get(f"needs/{taken['need:meal']}")["severity"] == 5
    found = {row["piece"]: row for row in there.get(f"{address}/comparison").good()["pieces"]}
    assert (found[left]["state"], found["need:meal"]["adapted"]) == ("left_out", ["severity"])
    again = there.post(f"{address}/take", {"piece": left, "reason": "Needed after all"}).good()
    assert again["id"] == made["id"]
    found = {row["piece"]: row for row in there.get(f"{address}/comparison").good()["pieces"]}
    assert found[left]["state"] == "same"
    nothing = there.post(f"{address}/take", {"piece": left, "reason": "x"})
    assert (nothing.status, nothing["code"]) == (422, "nothing_to_take")
    assert (
        there.post(f"{address}/leave-out", {"piece": left, "reason": "x"})["code"] == "nothing_to_leave_out"
    )
    assert there.post(f"{address}/count", {"counted": False}).good()["counted"] is False
    taken_twice = adopt(there, shipped)
    assert (taken_twice.status, taken_twice["code"]) == (422, "identifier_taken")


def test_an_adoption_that_cannot_be_is_refused(cast: Cast, shipped: ModelVersion) -> None:
    there = caller(cast.receiver)
    unknown = there.post("adoptions", {"model": str(uuid4()), "identifier": "XX-SCHOOL"})
    assert (unknown.status, unknown["code"]) == (404, "not_found")
    assert adopt(there, shipped, number=9)["code"] == "unknown_version"
    assert adopt(there, shipped, leave_out=["need"])["code"] == "unknown_piece"
    assert (
        adopt(there, shipped, changes=[{"piece": "need:meal", "field": "place", "value": "RO:x"}]).status
        == 422
    )
    assert adopt(there, shipped, programme=str(uuid4()))["code"] == "unknown_field"
    assert caller(cast.receiver, [Scope.READ]).post("adoptions", {})["code"] == "scope_missing"


def test_another_tenant_finds_no_adoption(cast: Cast, shipped: ModelVersion) -> None:
    made = adopt(caller(cast.receiver), shipped).good()
    stranger, address = caller(cast.stranger), f"adoptions/{made['id']}"
    assert stranger.get("adoptions").results == []
    piece = {"piece": "need:meal", "reason": "x"}
    answers = [
        stranger.get(address),
        stranger.get(f"{address}/pieces"),
        stranger.get(f"{address}/comparison"),
        stranger.post(f"{address}/take", piece),
        stranger.post(f"{address}/leave-out", piece),
        stranger.post(f"{address}/count", {"counted": False}),
    ]
    assert {(answer.status, answer["code"]) for answer in answers} == {(404, "not_found")}


def test_who_reads_a_programme_may_not_publish_it(cast: Cast, programme: Programme) -> None:
    for actor in (cast.giver_officer, cast.donor):
        answer = publish(caller(actor), programme)
        assert (answer.status, answer["code"]) == (403, "not_allowed")
    assert publish(caller(cast.stranger), programme).status == 404


def test_the_catalogue_asks_as_often_for_many_models_as_for_one(cast: Cast, shipped: ModelVersion) -> None:
    there = caller(cast.receiver)

    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            there.get(address).good()
        return len(queries)

    assert asked("models?page_size=1") == asked("models")
    adopt(there, shipped).good()
    once = asked("adoptions")
    adopt(there, shipped, identifier="XX-SCHOOL-2").good()
    assert asked("adoptions") == once
