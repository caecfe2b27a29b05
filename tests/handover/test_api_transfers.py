"""Transfers over HTTP: the whole way from draft to giving back, by three callers with a token each."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest

from handover import clock
from handover.access import Actor, asking
from handover.actions import accounts, tokens
from handover.models import Programme, Proof, Responsibility
from handover.permissions import ORGANISATION_SCOPES, Role, Scope
from tests.factories import transfers as plans
from tests.factories.api import Caller, caller
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


def draft_of(cast: Cast, programme: Programme, there: Caller, **changes: Any) -> str:
    body = {
        "programme": str(programme.uuid),
        "title": "Home",
        "receiver": str(cast.receiver.organisation.uuid),
        "retention_until": "2029-12-31",
        "lead": True,
        **changes,
    }
    made = there.post("transfers", body).good()
    return str(made["id"])


def responsibilities(programme: Programme, by: Actor) -> list[str]:
    with asking(by):
        rows = Responsibility.objects.filter(programme=programme).order_by("id")
        return [str(key) for key in rows.values_list("uuid", flat=True)]


def test_a_programme_goes_home_and_comes_back_over_http(cast: Cast, programme: Programme) -> None:
    giver, receiver, community = caller(cast.giver), caller(cast.receiver), caller(cast.community)
    transfer = draft_of(cast, programme, giver)
    items = [{"responsibility": key} for key in responsibilities(programme, cast.giver)]
    included = giver.post(f"transfers/{transfer}/include", {"items": items}).good()
    assert [item["responsibility"] for item in included["items"]] == [
        item["responsibility"] for item in items
    ]
    giver.post(f"transfers/{transfer}/keep", {"kind": "read_and_export", "until": "2030-06-30"}).good()
    step = giver.post(
        "milestones",
        {
            "transfer": transfer,
            "kind": "community_validation",
            "title": "The community validates",
            "due_on": "2024-08-31",
            "signs": ["community"],
        },
    ).good()["id"]
    giver.post(
        f"transfers/{transfer}/list-in-annex",
        {"lines": [{"kind": "open_points", "text": "The key of the gate"}]},
    ).good()
    assert receiver.get(f"transfers/{transfer}").status == 404
    proposed = giver.post(f"transfers/{transfer}/propose").good()
    assert (proposed["state"], len(proposed["plan_digest"])) == ("proposed", 64)
    assert receiver.get(f"transfers/{transfer}/plan").good()["digest"] == proposed["plan_digest"]
    assert receiver.get(f"transfers/{transfer}/preview").good()["document"]["roles"]
    (line,) = receiver.get(f"transfers/{transfer}/annex").good().body
    answers = [{"line": line["id"], "decision": "accepted"}]
    receiver.post(f"transfers/{transfer}/answer-annex", {"answers": answers}).good()
    assert receiver.post(f"transfers/{transfer}/accept").good()["state"] == "accepted"

    early = receiver.post(f"transfers/{transfer}/execute", key="early")
    assert (early.status, early["code"]) == (409, "gates_unmet")
    assert {gate["code"] for gate in early["details"]["gates"]} == {
        gate["code"] for gate in receiver.get(f"transfers/{transfer}/gates").good().body
    }
    assert {"milestone_unmet", "community_validation_missing"} <= {
        gate["code"] for gate in early["details"]["gates"]
    }

    waiting = community.get(f"milestones/{step}/waiting").good()
    assert [gate["code"] for gate in waiting["waiting"]] == ["evidence_missing"]
    giver.post(
        "evidence", {"milestone": step, "title": "Minutes", "link": "https://example.org/minutes"}
    ).good()
    signed = community.post(f"milestones/{step}/sign").good()
    assert (signed.status, signed["side"], signed["decision"]) == (201, "community", "agrees")
    assert giver.get(f"milestones/{step}").good()["done_at"] is not None
    assert receiver.get(f"transfers/{transfer}/gates").good().body == []

    assert receiver.post(f"transfers/{transfer}/execute")["code"] == "idempotency_key_missing"
    done = receiver.post(f"transfers/{transfer}/execute", key="once").good()
    again = receiver.post(f"transfers/{transfer}/execute", key="once").good()
    assert (again["id"], again.headers["Idempotency-Replayed"]) == (done["id"], "true")
    assert receiver.post(f"transfers/{transfer}/execute", key="other")["code"] == "already_executed"
    with asking(cast.receiver):
        assert Proof.objects.count() == 1
    document = giver.get(f"proofs/{done['id']}/document").good()
    assert document["digest"] == done["digest"]
    assert document["document"]["receiver"]["uuid"] == str(cast.receiver.organisation.uuid)
    assert giver.post(f"transfers/{transfer}/countersign").good()["subject"] == "proof"
    assert giver.post(f"transfers/{transfer}/countersign")["code"] == "signed_already"

    reason = {"reason": "The council asks for it."}
    first = receiver.post(f"transfers/{transfer}/give-back", reason, key="back").good()
    assert (first["signoff"]["side"], first["reversal"]) == ("receiver", None)
    second = giver.post(f"transfers/{transfer}/give-back", reason, key="back").good()
    assert giver.get(f"transfers/{second['reversal']}").good()["reverses"] == transfer
    assert giver.get(f"proofs/{second['proof']}").status == 200
    assert giver.get(f"transfers/{transfer}").good()["state"] == "given_back"
    assert giver.get(f"programmes/{programme.uuid}").good()["steward"] == str(cast.giver.organisation.uuid)
    subjects = [row["subject"] for row in giver.get(f"sign-offs?transfer={transfer}").results]
    assert sorted(subjects) == ["give_back", "give_back", "milestone", "plan", "plan", "proof", "proof"]


def test_a_returned_plan_is_changed_and_proposed_again_and_a_refused_one_is_lost_to_the_receiver(
    cast: Cast, programme: Programme
) -> None:
    made = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    giver, receiver = caller(cast.giver), caller(cast.receiver)
    there = f"transfers/{made.uuid}"
    giver.post(f"{there}/propose").good()
    assert receiver.post(f"{there}/return", {"comment": " "}).status == 400
    assert receiver.post(f"{there}/return", {"comment": "Posts are missing"}).good()["state"] == "returned"
    (step,) = giver.get(f"milestones?transfer={made.uuid}").results
    path = f"milestones/{step['id']}"
    assert giver.post(f"{path}/postpone", {"due_on": "2024-09-30"}).status == 428
    later = giver.post(f"{path}/postpone", {"due_on": "2024-09-30"}, version=step["version"]).good()
    assert later["due_on"] == "2024-09-30"
    stale = giver.post(
        f"{path}/ask-community", {"quorum": 10, "on_dissent": "pause"}, version=step["version"]
    )
    assert stale.status == 412
    assert giver.post(f"{there}/list-holdings").status == 201
    assert giver.post(f"{there}/refresh-preview").good()["transfer"] == str(made.uuid)
    giver.post(f"{there}/propose").good()
    refused = receiver.post(f"{there}/refuse", {"comment": "No money"})
    assert (refused.status, receiver.get(there).status) == (204, 404)
    assert giver.get(there).good()["comment"] == "No money"


def test_a_transfer_is_called_off_with_a_reason(cast: Cast, programme: Programme) -> None:
    made = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    giver = caller(cast.giver)
    assert giver.post(f"transfers/{made.uuid}/revoke", {}).status == 400
    assert giver.post(f"transfers/{made.uuid}/revoke", {"reason": "Later"}).good()["state"] == "revoked"
    assert giver.get(f"transfers/{made.uuid}/gates").good().body == []


def test_nobody_signs_for_both_sides_whatever_token_they_use(cast: Cast, programme: Programme) -> None:
    made = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    accounts.seat(
        by=cast.receiver, user=cast.giver.user, organisation=cast.receiver.organisation, role=Role.MANAGER
    )
    both = Actor(user=cast.giver.user, organisation=cast.receiver.organisation, channel="web")
    here, there = caller(cast.giver), caller(both)
    here.post(f"transfers/{made.uuid}/propose").good()
    refused = there.post(f"transfers/{made.uuid}/accept")
    assert (refused.status, refused["code"]) == (403, "both_sides")
    assert here.get(f"transfers/{made.uuid}").good()["state"] == "proposed"


def test_a_token_of_an_organisation_never_answers_signs_or_executes(cast: Cast, programme: Programme) -> None:
    made = plans.ready(cast, programme)
    issued = tokens.issue_for_organisation(
        by=cast.receiver,
        title="Accounting",
        scopes=sorted(ORGANISATION_SCOPES),
        expires_at=clock.now() + dt.timedelta(days=30),
    )
    there = Caller(issued.key)
    assert there.get(f"transfers/{made.uuid}").status == 200
    (step,) = there.get(f"milestones?transfer={made.uuid}").results
    verbs = {
        f"transfers/{made.uuid}/{verb}": body
        for verb, body in (
            ("accept", None),
            ("accept-annex", None),
            ("return", {"comment": "No"}),
            ("refuse", {"comment": "No"}),
            ("execute", None),
            ("countersign", None),
            ("give-back", {"reason": "No"}),
            ("propose", None),
        )
    }
    for path, body in {**verbs, f"milestones/{step['id']}/sign": {}}.items():
        answer = there.post(path, body, key=path[-40:])
        assert (answer.status, answer["code"]) == (403, "scope_missing"), path
        assert answer["details"] == {"scope": Scope.SIGN.value}


def test_another_tenant_finds_no_transfer_and_whoever_reads_changes_none(
    cast: Cast, programme: Programme
) -> None:
    made = plans.ready(cast, programme)
    stranger, donor = caller(cast.stranger), caller(cast.donor)
    for noun in ("transfers", "milestones", "sign-offs", "previews", "annex-lines", "proofs"):
        assert stranger.get(noun).results == []
    for path in ("", "/gates", "/plan", "/preview", "/annex", "/exceptions", "/proposals"):
        assert stranger.get(f"transfers/{made.uuid}{path}").status == 404
        assert donor.get(f"transfers/{made.uuid}{path}").status == 200
    assert stranger.post(f"transfers/{made.uuid}/execute", key="k").status == 404
    for verb, body in (("revoke", {"reason": "x"}), ("execute", None), ("accept", None), ("propose", None)):
        assert donor.post(f"transfers/{made.uuid}/{verb}", body, key=verb).status == 403


def test_a_plan_takes_only_what_it_can_move(cast: Cast, programme: Programme) -> None:
    giver = caller(cast.giver)
    transfer = draft_of(cast, programme, giver, lead=False)
    one = {"responsibility": responsibilities(programme, cast.giver)[0]}
    for items, status in (([one, one], 422), ([], 400), ([{"responsibility": str(uuid4())}], 422)):
        assert giver.post(f"transfers/{transfer}/include", {"items": items}).status == status
    own = {"receiver": str(cast.giver.organisation.uuid)}
    body = {"programme": str(programme.uuid), "title": "x", "retention_until": "2029-12-31"}
    assert giver.post("transfers", body | own)["code"] == "same_sides"
    assert giver.post(f"transfers/{transfer}/map-exception", {"exception": "x", "to_user": None})["code"] == (
        "no_exception"
    )


def test_a_list_of_transfers_costs_the_same_for_one_and_for_three(
    cast: Cast, programme: Programme, django_assert_max_num_queries: Any
) -> None:
    giver = caller(cast.giver)
    one, two = plans.responsibilities_of(programme, by=cast.giver)
    plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[one])
    giver.get("transfers").good()
    with django_assert_max_num_queries(60) as before:
        giver.get("transfers").good()
    plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[two])
    plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[])
    with django_assert_max_num_queries(len(before)):
        assert len(giver.get("transfers").good().results) == 3
