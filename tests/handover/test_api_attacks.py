"""Attacks on the interfaces: what somebody tries who means harm, and what they must not get."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from handover import clock
from handover.access import actor_for
from handover.models import Programme
from handover.permissions import Scope
from tests.factories.api import API, Caller, caller, key_for
from tests.factories.cast import Cast
from tests.handover.scim_directory import account, directory_of

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
HOOK = {"title": "Register", "url": "https://hooks.example.org/x", "events": ["transfer.executed"]}


def test_an_account_that_a_directory_moves_to_another_address_keeps_no_way_in(
    cast: Cast, client: Client
) -> None:
    directory = directory_of(cast.stranger, client)
    key = directory.person("first")
    directory.group("viewer", key)
    made = account("first")
    Authenticator.objects.create(user=made, type=Authenticator.Type.WEBAUTHN, data={})
    SocialAccount.objects.create(user=made, provider="openid", uid="theirs")
    token = Caller(key_for(actor_for(made, cast.stranger.organisation, channel="web"), [Scope.READ]))
    browser = Client()
    browser.force_login(made, backend=BACKEND)
    assert (browser.get(f"{API}/me/who").status_code, token.get("me/who").status) == (200, 200)
    path = 'emails[type eq "work"].value'
    directory.edits(f"/Users/{key}", {"op": "replace", "path": path, "value": "second@giver.example"})
    # Somebody else's manager knows the address alone, and seats who seems to have it.
    caller(cast.giver).post("members", {"email": "second@giver.example", "role": "manager"}).good()
    assert (browser.get(f"{API}/me/who").status_code, token.get("me/who").status) == (401, 401)
    assert not Authenticator.objects.filter(user=made).exists()
    assert not SocialAccount.objects.filter(user=made).exists()


def test_a_name_that_a_directory_changes_ends_no_session(cast: Cast, client: Client) -> None:
    directory = directory_of(cast.stranger, client)
    key = directory.person("first")
    directory.group("viewer", key)
    browser = Client()
    browser.force_login(account("first"), backend=BACKEND)
    directory.edits(f"/Users/{key}", {"op": "replace", "path": "displayName", "value": "Other"})
    assert browser.get(f"{API}/me/who").json()["user"]["display_name"] == "Other"


def test_a_token_that_may_not_read_is_told_nothing_by_a_webhook(cast: Cast, programme: Programme) -> None:
    blind, seeing = caller(cast.giver, [Scope.ORGANISATION]), caller(cast.giver)
    refused = blind.post("webhooks", HOOK)
    assert (refused.status, refused["code"], refused["details"]) == (403, "scope_missing", {"scope": "read"})
    made = seeing.post("webhooks", HOOK).good()["webhook"]
    there = f"webhooks/{made['id']}"
    seeing.post(f"{there}/test").good()
    assert blind.patch(there, {"url": "https://else.example.org/"}, version=made["version"]).status == 403
    assert blind.get("webhook-deliveries").results == []
    assert len(seeing.get("webhook-deliveries").results) == 1
    assert blind.post(f"{there}/switch-off").status == 200
    assert blind.post(f"{there}/switch-on").status == 403


def test_a_cursor_of_another_list_or_order_is_refused(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    page = there.get("organisations?ordering=name&page_size=1").good()
    (cursor,) = parse_qs(urlsplit(page["next"]).query)["cursor"]
    assert there.get(f"organisations?ordering=name&page_size=1&cursor={cursor}").status == 200
    for path in ("programmes?", "organisations?", "organisations?ordering=-name&", "votes?"):
        answer = there.get(f"{path}cursor={cursor}")
        assert (answer.status, answer["code"]) == (422, "cursor_invalid")


@pytest.mark.parametrize("body", ["[" * 100_000, '{"title":' * 100_000])
def test_a_body_that_is_nested_without_end_is_malformed(cast: Cast, body: str) -> None:
    there = caller(cast.giver)
    answer = there.client.post(
        f"{API}/programmes",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {there.key}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("said", ["Basic eDp5", "Bearer", "bearer  ", "Token x", "Negotiate"])
def test_a_session_counts_for_nothing_beside_any_authorization(
    said: str, cast: Cast, programme: Programme
) -> None:
    browser = Client()
    browser.force_login(cast.giver.user, backend=BACKEND)
    headers = {"Authorization": said}
    assert browser.get(f"{API}/me/who", headers=headers).status_code == 401
    assert browser.post("/scim/v2/Users", {}, "application/json", headers=headers).status_code == 401


def test_a_page_of_another_site_cannot_choose_another_method(cast: Cast, programme: Programme) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.giver.user, backend=BACKEND)
    for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        answer = browser.post(
            f"{API}/programmes/{programme.uuid}", {}, "application/json", headers={header: "PATCH"}
        )
        assert answer.status_code in (403, 405)


def test_nobody_but_a_manager_learns_who_has_an_account(cast: Cast) -> None:
    there = caller(cast.giver_reporter)
    known = there.post("members", {"email": cast.stranger.user.email, "role": "viewer"})
    unknown = there.post("members", {"email": "nobody@nowhere.example", "role": "viewer"})
    assert (known.status, known.body) == (unknown.status, unknown.body)


def test_a_stranger_is_named_by_nobody_who_does_not_work_with_them(cast: Cast) -> None:
    body = {"capacity": "Head", "mandate_act": "Act 1", "valid_from": clock.today().isoformat()}
    answer = caller(cast.giver).post("representatives", body | {"user": str(cast.stranger.user.uuid)})
    assert (answer.status, answer["code"]) == (422, "unknown_user")
