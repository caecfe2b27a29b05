"""The edge of the interface: what is refused before any resource reads it is told as every other refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from handover.models import KeptAnswer
from handover.permissions import ORGANISATION_SCOPES, PERSONAL_SCOPES, Scope
from tests.factories.api import Caller, caller
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs/reference/api.md"
PROBLEM = "application/problem+json"


def test_an_address_that_is_not_there_is_a_problem_for_everybody(cast: Cast) -> None:
    for path in ("nothing-here", "programmes/", "programmes/no-uuid"):
        answer = caller(cast.giver).get(path)
        assert (answer.status, answer.headers["Content-Type"], answer["code"]) == (404, PROBLEM, "not_found")


def test_a_body_that_is_too_large_is_a_problem(cast: Cast) -> None:
    answer = caller(cast.giver).post("programmes", {"identifier": "x" * (6 * 1024 * 1024)})
    assert (answer.status, answer.headers["Content-Type"], answer["code"]) == (413, PROBLEM, "too_large")


def test_a_form_with_a_field_that_is_too_large_is_a_problem(cast: Cast) -> None:
    there = caller(cast.giver)
    response = there.client.post(
        "/api/v1/evidence",
        {"title": "x" * (6 * 1024 * 1024)},
        headers={"Authorization": f"Bearer {there.key}"},
    )
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_list_is_not_ordered_by_what_it_cannot_be_ordered_by(cast: Cast) -> None:
    there = caller(cast.giver)
    assert there.get("organisations?ordering=-slug").status == 200
    refused = there.get("organisations?ordering=slug,country")
    assert (refused.status, refused["field"]) == (400, "ordering")


def test_a_new_token_is_kept_nowhere_by_its_answer(cast: Cast) -> None:
    there = caller(cast.giver)
    body = {"title": "Another", "scopes": ["read"], "expires_at": "2024-12-31T00:00:00Z"}
    refused = there.post("tokens", body, key="again")
    assert (refused.status, refused["code"]) == (400, "idempotency_key_refused")
    assert not KeptAnswer.objects.exists()


def test_whoever_is_signed_in_issues_a_token_with_session_and_csrf_token_alone(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    browser.get("/operators/login/")
    body = {"title": "Register", "scopes": ["read"], "expires_at": "2024-12-31T00:00:00Z"}
    refused = browser.post("/api/v1/tokens", body, content_type="application/json")
    token = browser.cookies["csrftoken"].value
    issued = browser.post(
        "/api/v1/tokens", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert (refused.status_code, issued.status_code) == (403, 201)
    assert Caller(issued.json()["key"]).get("me/who")["scopes"] == ["read"]


def test_the_page_on_the_interface_names_every_scope_and_whose_it_is() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    for scope in Scope:
        (line,) = (line for line in lines if line.startswith(f"| `{scope.value}` |"))
        assert ("personal tokens only" in line) == (scope not in ORGANISATION_SCOPES)
        assert ("organisations' tokens only" in line) == (scope not in PERSONAL_SCOPES)
