"""The directory over HTTP: people, tokens, programmes, responsibilities and their registers, the ledger, webhooks."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client

from handover.access import asking
from handover.models import LedgerEntry, Programme, Responsibility
from handover.models.budgets import BudgetStage
from handover.permissions import Scope
from tests.factories import registers
from tests.factories.api import API, Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.programmes import grant

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
LATER = "2024-12-31T00:00:00Z"
POST = {"title": "Mediator", "fte": "0.50", "funded_by": "grant", "starts_on": "2024-01-01"}
ACT = {"kind": "council_decision", "number": "7", "title": "Takes the day centre over", "dated": "2024-05-01"}
HOOK = {"title": "Register", "url": "https://hooks.giver.example/x", "events": ["transfer.executed"]}


@pytest.fixture
def service(cast: Cast, programme: Programme) -> Responsibility:
    """The service of the giver's programme."""
    with asking(cast.giver):
        return Responsibility.objects.get(programme=programme, title="Day centre")


def is_(answer: Answer, status: int, code: str) -> None:
    """Insist on how a request was refused."""
    assert (answer.status, answer["code"]) == (status, code), answer


def recorded(verb: str, cast: Cast) -> list[dict[str, Any]]:
    """Give what the ledger says happened under a verb."""
    with asking(cast.giver):
        told = [
            json.loads(body) for body in LedgerEntry.objects.order_by("pk").values_list("body", flat=True)
        ]
    return [entry for entry in told if entry["verb"] == verb]


# --- people ---------------------------------------------------------------------------------------------------------


def test_members_are_told_with_their_seats_and_to_their_own_organisation_alone(cast: Cast) -> None:
    rows = {row["email"]: row for row in caller(cast.giver_reporter).get("members").results}
    assert set(rows) == {f"{role}@giver.example" for role in ("manager", "officer", "reporter")}
    assert [seat["role"] for seat in rows["officer@giver.example"]["seats"]] == ["officer"]
    is_(caller(cast.receiver).get(f"members/{cast.giver.user.uuid}"), 404, "not_found")


def test_a_manager_seats_a_person_and_takes_the_seat_back(cast: Cast) -> None:
    there = caller(cast.giver)
    seated = there.post("members", {"email": "Manager@Stranger.example", "role": "auditor", "until": LATER})
    assert (seated.status, seated["id"]) == (201, str(cast.stranger.user.uuid))
    assert [(seat["role"], seat["ends_at"]) for seat in seated["seats"]] == [("auditor", LATER)]
    address = seated.headers["Location"]
    assert there.get(address)["email"] == "manager@stranger.example"
    assert there.post(f"{address}/unseat", {"role": "auditor"}).status == 204
    is_(there.get(address), 404, "not_found")
    is_(there.post(f"members/{cast.giver.user.uuid}/unseat", {"role": "manager"}), 409, "last_manager")


def test_an_unknown_address_and_no_right_are_told_the_same(cast: Cast) -> None:
    known, unknown = cast.stranger.user.email, "nobody@nowhere.example"
    refused = [
        caller(actor).post("members", {"email": email, "role": "viewer"})
        for actor, email in (
            (cast.giver_officer, known),
            (cast.giver_officer, unknown),
            (cast.giver, unknown),
        )
    ]
    assert {(answer.status, answer.content) for answer in refused} == {(422, refused[0].content)}
    assert refused[0]["code"] == "unknown_user"
    is_(
        caller(cast.giver_officer).post(f"members/{cast.giver.user.uuid}/unseat", {"role": "manager"}),
        403,
        "not_manager",
    )


def test_managers_alone_say_who_represents_their_organisation(cast: Cast) -> None:
    body = {"capacity": "Director", "mandate_act": "Statute 1", "valid_from": "2024-01-01"}
    made = caller(cast.giver).post("representatives", body | {"user": str(cast.giver.user.uuid)}).good()
    assert (made["capacity"], made["organisation"]) == ("Director", str(cast.giver.organisation.uuid))
    reversed_ = caller(cast.giver).post("representatives", body | {"valid_to": "2023-01-01"})
    is_(reversed_, 422, "dates_reversed")
    is_(caller(cast.giver_officer).post("representatives", body), 403, "not_manager")
    assert caller(cast.receiver).get("representatives").results == []


# --- tokens ---------------------------------------------------------------------------------------------------------


def signed_in(cast: Cast) -> Client:
    """Give the browser of the giver's manager."""
    browser = Client()
    browser.force_login(cast.giver.user, backend=BACKEND)
    return browser


def test_a_token_is_issued_over_a_session_its_key_once_and_opens_nothing_when_revoked(cast: Cast) -> None:
    browser = signed_in(cast)
    body = {"title": "Charts", "scopes": ["read", "organisation"], "expires_at": LATER}
    issued = Answer(browser.post(f"{API}/tokens", body, content_type="application/json"))
    assert issued.status == 201
    there = Caller(issued["key"])
    listed = there.get("tokens")
    assert [row["id"] for row in listed.results] == [issued["token"]["id"]]
    assert issued["key"].encode() not in listed.content
    revoked = Answer(
        browser.post(f"{API}/tokens/{issued['token']['id']}/revoke", content_type="application/json")
    )
    assert revoked.good()["revoked_by_name"] == cast.giver.user.display_name
    is_(there.get("tokens"), 401, "token_not_valid")


def test_an_organisations_token_acts_in_its_role_and_never_signs(cast: Cast) -> None:
    browser, address = signed_in(cast), f"{API}/tokens/for-organisation"
    body = {"title": "Exports", "scopes": ["read"], "role": "auditor", "expires_at": LATER}
    issued = Answer(browser.post(address, body, content_type="application/json"))
    assert issued.status == 201
    who = Caller(issued["key"]).get("me/who")
    assert (who["roles"], who["organisation"]["slug"]) == (["auditor"], "giver")
    signs = Answer(browser.post(address, body | {"scopes": ["sign"]}, content_type="application/json"))
    is_(signs, 422, "unknown_scope")


def test_a_token_issues_no_tokens_and_no_answer_with_a_key_is_kept(cast: Cast) -> None:
    body = {"title": "Another", "scopes": ["read"], "expires_at": LATER}
    there = caller(cast.giver)
    for address in ("tokens", "tokens/for-organisation"):
        is_(there.post(address, body), 403, "token_by_token")
        is_(there.post(address, body, key="again"), 400, "idempotency_key_refused")
    kept = signed_in(cast).post(
        f"{API}/tokens", body, content_type="application/json", headers={"Idempotency-Key": "again"}
    )
    is_(Answer(kept), 400, "idempotency_key_refused")
    assert len(there.get("tokens").results) == 1


# --- programmes -----------------------------------------------------------------------------------------------------


def test_a_guest_reads_from_admission_to_dismissal(cast: Cast, programme: Programme) -> None:
    there, guest = caller(cast.giver), caller(cast.stranger)
    address = f"programmes/{programme.uuid}"
    body = {"organisation": str(cast.stranger.organisation.uuid), "kind": "partner"}
    is_(guest.get(address), 404, "not_found")
    there.post(f"{address}/admit", body).good()
    assert guest.get(address).status == 200
    rows = there.get(f"standings?organisation={body['organisation']}&now=true").results
    assert [(row["kind"], row["programme"], row["until"]) for row in rows] == [
        ("partner", str(programme.uuid), None)
    ]
    is_(there.post(f"{address}/admit", body), 422, "stands_already")
    is_(guest.post(f"{address}/admit", body), 403, "not_allowed")
    there.post(f"{address}/dismiss", body | {"reason": "It is done."}).good()
    is_(guest.get(address), 404, "not_found")
    (entry,) = recorded("standing.dismissed", cast)
    assert entry["data"]["reason"] == "It is done."


def test_whom_a_steward_may_not_admit_or_dismiss_is_one_clear_refusal(
    cast: Cast, programme: Programme
) -> None:
    there, address = caller(cast.giver), f"programmes/{programme.uuid}"
    whom = {"organisation": str(cast.stranger.organisation.uuid)}
    is_(there.post(f"{address}/admit", whom | {"kind": "receiver"}), 422, "kind_by_transfer")
    is_(there.post(f"{address}/admit", whom | {"kind": "auditor"}), 422, "end_missing")
    is_(there.post(f"{address}/dismiss", whom | {"kind": "partner", "reason": "x"}), 422, "stands_not")
    nobody = {"organisation": str(programme.uuid), "kind": "partner"}
    is_(there.post(f"{address}/admit", nobody), 422, "unknown_organisation")
    assert caller(cast.stranger).get("standings").results == []


def test_a_person_gets_by_exception_what_their_role_does_not_bring(cast: Cast, programme: Programme) -> None:
    address = f"programmes/{programme.uuid}"
    reporter, there = caller(cast.giver_reporter), caller(cast.giver)
    body = {
        "user": str(cast.giver_reporter.user.uuid),
        "organisation": str(cast.giver.organisation.uuid),
        "permission": "read_ledger",
        "reason": "Prepares the annex on corrections",
    }
    assert "read_ledger" not in reporter.get(f"{address}/permissions")["permissions"]
    is_(reporter.get(f"{address}/verification"), 403, "not_allowed")
    there.post(f"{address}/except-user", body).good()
    assert "read_ledger" in reporter.get(f"{address}/permissions")["permissions"]
    assert reporter.get(f"{address}/verification").good().body == []
    is_(reporter.post(f"{address}/except-user", body), 403, "not_allowed")
    unknown = body | {"user": str(cast.stranger.user.uuid)}
    is_(there.post(f"{address}/except-user", unknown), 422, "unknown_user")
    past = body | {"permission": "export", "until": "2020-01-01T00:00:00Z"}
    is_(there.post(f"{address}/except-user", past), 422, "rule_broken")


def test_permissions_tell_standing_and_role_and_nothing_to_strangers(
    cast: Cast, programme: Programme
) -> None:
    address = f"programmes/{programme.uuid}/permissions"
    steward, donor = caller(cast.giver).get(address), caller(cast.donor).get(address)
    assert (steward["standings"], steward["cutoff"]) == (["steward"], None)
    assert {"edit_programme", "manage_standings"} <= set(steward["permissions"])
    assert donor["standings"] == ["donor"]
    assert "edit_programme" not in donor["permissions"]
    is_(caller(cast.stranger).get(address), 404, "not_found")


def test_the_ledger_is_read_by_whoever_may_read_it(cast: Cast, programme: Programme) -> None:
    address = f"ledger?chain={programme.uuid}&ordering=seq"
    rows = caller(cast.donor).get(address).results
    assert rows[0]["body"]["verb"] == "programme.created"
    assert [row["previous"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]
    assert caller(cast.donor).get(f"{address}&after={rows[0]['seq']}").results == rows[1:]
    for actor in (cast.giver_reporter, cast.stranger):
        assert caller(actor).get(address).results == []


# --- responsibilities and what hangs on them ------------------------------------------------------------------------


def test_a_responsibility_is_defined_and_changed_by_version(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    own = str(cast.giver.organisation.uuid)
    body = {"programme": str(programme.uuid), "title": "Transport", "kind": "service", "holder": own}
    made = there.post("responsibilities", body | {"since": "2024-01-01"}).good()
    holding = [(row["organisation"], row["since"]) for row in made["tenures"] if row["capacity"] == "holder"]
    assert (made.status, holding) == (201, [(own, "2024-01-01")])
    address = f"responsibilities/{made['id']}"
    changed = there.patch(address, {"title": "Bus"}, version=made["version"]).good()
    assert (changed["title"], changed.headers["ETag"]) == ("Bus", f'"{made["version"] + 1}"')
    is_(there.patch(address, {"title": "Train"}, version=made["version"]), 412, "stale_version")
    is_(caller(cast.donor).patch(address, {"title": "x"}, version=2), 403, "not_allowed")
    is_(caller(cast.stranger).patch(address, {"title": "x"}, version=2), 404, "not_found")
    is_(caller(cast.stranger).post("responsibilities", body), 404, "not_found")


def test_a_holder_says_who_delivers(cast: Cast, service: Responsibility) -> None:
    address = f"responsibilities/{service.uuid}/provide"
    body = {"provider": str(cast.donor.organisation.uuid), "since": "2024-06-03"}
    told = caller(cast.giver).post(address, body).good()
    delivering = [row for row in told["tenures"] if row["capacity"] == "provider" and row["until"] is None]
    assert [(row["organisation"], row["since"]) for row in delivering] == [(body["provider"], "2024-06-03")]
    is_(caller(cast.donor).post(address, body), 403, "not_allowed")


def test_one_person_keeps_one_responsibility_by_exception(cast: Cast, service: Responsibility) -> None:
    body = POST | {"responsibility": str(service.uuid)}
    reporter = caller(cast.giver_reporter)
    is_(reporter.post("posts", body), 403, "not_allowed")
    given = {
        "user": str(cast.giver_reporter.user.uuid),
        "organisation": str(cast.giver.organisation.uuid),
        "permission": "edit_responsibility",
        "reason": "Keeps the register of posts",
    }
    caller(cast.giver).post(f"responsibilities/{service.uuid}/except-user", given).good()
    assert reporter.post("posts", body).status == 201
    unsaid = caller(cast.giver).post(f"responsibilities/{service.uuid}/except-user", given | {"reason": " "})
    assert (unsaid.status, unsaid["field"]) == (400, "reason")


def test_a_post_is_entered_changed_and_funded_by_whoever_holds_it(
    cast: Cast, service: Responsibility
) -> None:
    there = caller(cast.giver_officer)
    made = there.post("posts", POST | {"responsibility": str(service.uuid)}).good()
    address = f"posts/{made['id']}"
    changed = there.patch(address, {"fte": "1.00"}, version=made["version"]).good()
    assert (made["fte"], changed["fte"], changed["version"]) == ("0.5", "1", made["version"] + 1)
    assert there.patch(address, {"responsibility": str(service.uuid)}, version=2)["code"] == "unknown_field"
    share = {"source": "grant", "share": "100", "starts_on": "2024-01-01"}
    funded = there.post(f"{address}/fund", share)
    assert (funded.status, funded["post"]) == (201, made["id"])
    (row,) = there.get(f"post-fundings?post={made['id']}").results
    edited = there.patch(f"post-fundings/{row['id']}", {"share": "60"}, version=row["version"]).good()
    assert edited["version"] == row["version"] + 1
    is_(caller(cast.donor).patch(address, {"fte": "0.25"}, version=2), 403, "not_allowed")
    is_(caller(cast.stranger).patch(address, {"fte": "0.25"}, version=2), 404, "not_found")


def test_a_budget_line_gets_its_next_stage_beside_the_one_before(cast: Cast, service: Responsibility) -> None:
    line = registers.line(service, by=cast.giver, stage=BudgetStage.REQUESTED)
    there = caller(cast.giver)
    body = {"stage": "adopted", "amount": "9000.00", "decided_on": "2024-05-30"}
    staged = there.post(f"budget-lines/{line.uuid}/stage", body)
    assert (staged.status, staged["stage"], staged["amount"]) == (201, "adopted", "9000")
    assert there.get(f"budget-lines/{line.uuid}")["stage"] == "requested"
    rows = there.get(f"budget-lines?responsibility={service.uuid}").results
    assert {(row["stage"], row["amount"]) for row in rows} == {
        ("requested", "12000"),
        ("adopted", "9000"),
    }
    is_(caller(cast.donor).post(f"budget-lines/{line.uuid}/stage", body), 403, "not_allowed")


def test_steps_of_a_budget_calendar_are_added_and_changed(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    body = {
        "programme": str(programme.uuid),
        "organisation": str(cast.giver.organisation.uuid),
        "key": "draft",
        "title": "Draft budget",
        "month": 10,
        "day": 15,
        "years_before": 1,
        "source": "A law",
    }
    made = there.post("budget-steps", body).good()
    changed = there.patch(f"budget-steps/{made['id']}", {"day": 20}, version=made["version"]).good()
    assert (made["day"], changed["day"]) == (15, 20)
    is_(there.post("budget-steps", body), 422, "step_recorded_already")
    is_(there.post("budget-steps", body | {"key": "x", "month": 2, "day": 31}), 422, "no_such_day")
    is_(caller(cast.stranger).post("budget-steps", body), 404, "not_found")


def test_grants_are_added_with_their_partners_and_read_in_a_constant_number_of_queries(
    cast: Cast, programme: Programme, django_assert_max_num_queries: Any
) -> None:
    there = caller(cast.giver)
    body = {
        "programme": str(programme.uuid),
        "title": "A grant",
        "donor": str(cast.donor.organisation.uuid),
        "lead": str(cast.giver.organisation.uuid),
        "agreement_number": "XX-7",
        "starts_on": "2024-01-01",
        "ends_on": "2025-12-31",
        "amount": "1000.50",
        "currency": "EUR",
        "partners": [str(cast.stranger.organisation.uuid)] * 2,
    }
    made = there.post("grants", body).good()
    assert (made["amount"], made["partners"]) == ("1000.5", body["partners"][:1])
    is_(caller(cast.donor).post("grants", body), 403, "not_allowed")
    is_(caller(cast.stranger).post("grants", body), 404, "not_found")
    with django_assert_max_num_queries(40) as one:
        there.get("grants").good()
    for _ in range(3):
        grant(programme, by=cast.giver, donor=cast.donor.organisation, partners=[cast.stranger.organisation])
    with django_assert_max_num_queries(len(one)):
        assert len(there.get("grants").results) == 4


def test_a_legal_act_is_restated_by_its_issuer_and_the_ledger_keeps_what_stood(
    cast: Cast, programme: Programme
) -> None:
    body = ACT | {"programme": str(programme.uuid), "issuer": str(cast.donor.organisation.uuid)}
    donor = caller(cast.donor)
    made = donor.post("legal-acts", body | {"status": "in_force"}).good()
    address = f"legal-acts/{made['id']}/restate"
    fallen = donor.post(address, {"status": "annulled"}, version=made["version"]).good()
    assert fallen["status"] == "annulled"
    (entry,) = recorded("legal_act.restated", cast)
    assert entry["data"] == {"before": "in_force", "after": "annulled", "fallen": True}
    assert donor.post(address, {"status": "draft"}).status == 428
    is_(caller(cast.giver_reporter).post(address, {"status": "draft"}, version=2), 403, "not_allowed")
    is_(caller(cast.stranger).post(address, {"status": "draft"}, version=2), 404, "not_found")
    assert [row["id"] for row in donor.get("legal-acts?status=annulled").results] == [made["id"]]


@pytest.mark.parametrize(
    ("noun", "wrong", "field"),
    [
        ("programmes", {"starts_on": "2024-02-01", "ends_on": "2024-01-01"}, "ends_on"),
        ("programmes", {"title": [{"lang": "en", "text": " "}]}, "title"),
        ("grants", {"ends_on": "2023-01-01"}, "ends_on"),
        ("grants", {"amount": "-0.01"}, "amount"),
        ("grants", {"equipment_threshold": "-1"}, "equipment_threshold"),
        ("legal-acts", {"in_force_from": "2024-02-01", "in_force_to": "2024-01-01"}, "in_force_to"),
        ("members", {"until": "2020-01-01T00:00:00Z"}, "until"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(
    noun: str, wrong: dict[str, Any], field: str, cast: Cast, programme: Programme
) -> None:
    own, here = str(cast.giver.organisation.uuid), {"programme": str(programme.uuid)}
    agreed = {"title": "A grant", "donor": own, "lead": own, "agreement_number": "XX-8", "currency": "EUR"}
    right: dict[str, dict[str, Any]] = {
        "programmes": {"identifier": "XX-TEST-NEW", "title": [{"lang": "en", "text": "New"}]},
        "grants": here | agreed | {"starts_on": "2024-01-01", "ends_on": "2025-12-31", "amount": "0"},
        "legal-acts": here | ACT | {"issuer": own, "status": "draft"},
        "members": {"email": cast.stranger.user.email, "role": "viewer"},
    }
    there = caller(cast.giver)
    refused = there.post(noun, right[noun] | wrong)
    assert (refused.status, refused["field"]) == (422, field), refused
    assert there.post(noun, right[noun]).status == 201


# --- webhooks -------------------------------------------------------------------------------------------------------


def test_the_secret_of_a_webhook_is_shown_once_and_never_again(cast: Cast) -> None:
    there = caller(cast.giver)
    is_(there.post("webhooks", HOOK, key="again"), 400, "idempotency_key_refused")
    made = there.post("webhooks", HOOK)
    assert (made.status, made["secret"][:6]) == (201, "whsec_")
    address = f"webhooks/{made['webhook']['id']}"
    rotated = there.post(f"{address}/rotate-secret").good()
    assert rotated["secret"] != made["secret"]
    for answer in (there.get(address), there.get("webhooks"), there.post(f"{address}/switch-off", {})):
        assert answer.good().content.count(b"whsec_") == 0
    assert (there.get(address)["active"], there.post(f"{address}/switch-on").good()["active"]) == (
        False,
        True,
    )


def test_webhooks_are_kept_by_managers_of_their_organisation_alone(cast: Cast) -> None:
    made = caller(cast.giver).post("webhooks", HOOK).good()["webhook"]
    address = f"webhooks/{made['id']}"
    edited = caller(cast.giver).patch(address, {"title": "Records"}, version=made["version"]).good()
    assert (edited["title"], edited["version"]) == ("Records", made["version"] + 1)
    is_(caller(cast.stranger).get(address), 404, "not_found")
    is_(caller(cast.stranger).patch(address, {"title": "x"}, version=2), 404, "not_found")
    is_(caller(cast.giver_officer).post("webhooks", HOOK), 403, "not_manager")
    assert caller(cast.giver_officer).get("webhooks").results == []
    is_(caller(cast.giver, [Scope.READ]).get("webhooks"), 403, "scope_missing")


def test_a_webhook_points_to_no_private_address(cast: Cast) -> None:
    there = caller(cast.giver)
    for url in ("https://127.0.0.1/x", "http://hooks.giver.example/x", "https://user:word@giver.example/"):
        refused = there.post("webhooks", HOOK | {"url": url})
        assert (refused.status, refused["field"]) == (422, "url"), (url, refused)


def test_a_message_of_no_meaning_stands_in_the_log(cast: Cast) -> None:
    there = caller(cast.giver)
    made = there.post("webhooks", HOOK).good()["webhook"]
    tried = there.post(f"webhooks/{made['id']}/test")
    assert (tried.status, tried["webhook"]) == (201, made["id"])
    (row,) = there.get(f"webhook-deliveries?webhook={made['id']}").results
    assert row["id"] == tried["id"]
    assert caller(cast.stranger).get("webhook-deliveries").results == []
    assert dt.datetime.fromisoformat(row["created_at"]).tzinfo is not None
