"""Votes, seats and readiness over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from handover.models import Programme
from handover.models.milestones import OnDissent
from tests.factories import transfers as plans
from tests.factories import voices
from tests.factories.api import Caller, caller
from tests.factories.cast import Cast
from tests.factories.readiness import small

pytestmark = pytest.mark.django_db

VOTE: dict[str, Any] = {
    "held_on": "2024-06-03",
    "asked": [{"lang": "en", "text": "Shall the town run the day centre?"}],
    "present": 20,
    "assent": 8,
    "dissent": 12,
    "reasons": [{"text": "The bus no longer comes", "people": 12}],
}


def test_a_vote_and_the_answer_to_its_dissent_are_kept_and_told(cast: Cast, programme: Programme) -> None:
    made = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
    step = voices.validation(made, by=cast.giver, on_dissent=OnDissent.MEDIATION)
    plans.agreed(made, by=cast.giver, receiver=cast.receiver)
    community = caller(cast.community)
    vote = {"milestone": str(step.uuid), **VOTE}
    for change, status in (
        ({"present": 3}, 422),
        ({"present": "many"}, 400),
        ({"asked": "plain"}, 400),
        ({"reasons": []}, 422),
        ({"held_on": "2099-01-01"}, 422),
    ):
        assert community.post("votes", vote | change).status == status
    held = community.post("votes", vote).good()
    assert (held.status, held["reasons"]) == (201, VOTE["reasons"])
    standing = caller(cast.donor).get(f"votes/{held['id']}/standing").good().body
    assert standing == {"counts": True, "current": True, "stands": True, "weighs": True, "settled": False}
    refused = community.post(f"milestones/{step.uuid}/sign")
    assert (refused.status, refused["code"]) == (409, "cannot_start")
    assert "dissent_mediation" in {gate["code"] for gate in refused["details"]["gates"]}
    answer = {"kind": "mediated", "text": "The bus comes twice a day", "mediator": "The county's mediators"}
    told = community.post(f"votes/{held['id']}/answer", answer).good()
    assert [item["kind"] for item in told["answers"]] == ["mediated"]
    assert community.get(f"votes/{held['id']}/standing")["settled"] is True
    assert caller(cast.donor).post("votes", vote).status == 403
    assert caller(cast.stranger).post("votes", vote).status == 404
    assert caller(cast.stranger).get("votes").results == []


def test_a_seat_is_filled_and_left_and_names_nobody(cast: Cast, programme: Programme) -> None:
    place = voices.community(programme, by=cast.giver)
    community = caller(cast.community)
    body = {
        "community": str(place.uuid),
        "role": "women",
        "chosen_by": "An assembly",
        "starts_on": "2024-01-10",
    }
    made = community.post("seats", body).good()
    assert community.post(f"seats/{made['id']}/vacate", {"ends_on": "2024-05-01"}).status == 428
    reversed_ = community.post(
        f"seats/{made['id']}/vacate", {"ends_on": "2023-05-01"}, version=made["version"]
    )
    assert (reversed_.status, reversed_["code"]) == (422, "dates_reversed")
    left = community.post(f"seats/{made['id']}/vacate", {"ends_on": "2024-05-01"}, version=made["version"])
    assert left.good()["ends_on"] == "2024-05-01"
    assert caller(cast.donor).post("seats", body).status == 403


def answers(**steps: int | None) -> dict[str, Any]:
    return {"answers": [{"item": item, "score": step} for item, step in steps.items()]}


def scored(there: Caller, body: dict[str, Any], **steps: int | None) -> str:
    made = there.post("assessments", body).good()
    given = there.post(f"assessments/{made['id']}/score", answers(**steps)).good()
    there.post(f"assessments/{made['id']}/close", version=given["version"]).good()
    return str(made["id"])


def test_scores_stay_sealed_until_ones_own_are_closed_and_what_is_agreed_feeds_the_plan(
    cast: Cast, programme: Programme
) -> None:
    made = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    giver, community, donor = caller(cast.giver), caller(cast.community), caller(cast.donor)
    assert donor.post("instruments", {"programme": str(programme.uuid), "document": small()}).status == 403
    assert giver.post("instruments", {"programme": str(programme.uuid)})["code"] == "key_or_document"
    adopted = giver.post("instruments", {"programme": str(programme.uuid), "document": small()}).good()
    assert adopted["document"]["thresholds"]["ready"] == "75"
    body = {"programme": str(programme.uuid), "instrument": "small"}
    own = giver.post("assessments", body).good()
    assert giver.post("assessments", body)["code"] == "scored_already"
    path = f"assessments/{own['id']}"
    assert giver.post(f"{path}/score", answers(line=9))["code"] == "off_scale"
    assert giver.post(f"{path}/score", answers(line="x")).status == 400  # type: ignore[arg-type]
    given = giver.post(f"{path}/score", answers(line=1, cost=1, posts=3, skills=3)).good()
    other = scored(community, body, line=1, cost=1, posts=3, skills=3)
    for there, key in ((donor, own["id"]), (giver, other)):
        assert there.get(f"assessments/{key}/scores")["code"] == "scores_sealed"
    assert "scores" not in donor.get(f"assessments/{other}").good().body
    giver.post(f"{path}/close", version=given["version"]).good()
    assert giver.get(f"assessments/{other}/scores").good()["missing"] == []
    agreed = giver.post(f"{path}/reconcile", {"answers": []}).good()
    assert agreed["voice"] == "agreed"
    assert community.post(f"assessments/{agreed['id']}/close", version=agreed["version"]).status == 200
    assert donor.get(f"assessments/{agreed['id']}/scores").good()["domains"][0] == {
        "domain": "money",
        "score": "25",
    }
    assert donor.get(f"assessments/{agreed['id']}/gap").good()["agreed"] is True

    (proposal,) = giver.get(f"transfers/{made.uuid}/proposals").good().body
    planned = giver.post(
        "milestones/accept-proposal", {"transfer": str(made.uuid), "key": proposal["key"]}
    ).good()
    assert (planned.status, planned["kind"]) == (201, "budget_line_adopted")
    gate = {"milestone": planned["id"], "instrument": "small", "domain": "money", "at_least": "60"}
    assert giver.post("score-gates", gate | {"at_least": 0.5}).status == 400
    waiting = giver.post("score-gates", gate).good()
    assert giver.post("score-gates", gate)["code"] == "score_required_already"
    codes = [item["code"] for item in giver.get(f"milestones/{planned['id']}/waiting").good()["waiting"]]
    assert "readiness_low" in codes
    assert donor("DELETE", f"score-gates/{waiting['id']}").status == 403
    assert giver("DELETE", f"score-gates/{waiting['id']}").status == 204
    assert giver.get("score-gates").results == []
