"""The interface itself: who calls, what is refused and how, versions, pages, what happens once."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client

from handover import clock
from handover.access import Operator, asking
from handover.actions import accounts, tokens
from handover.models import KeptAnswer, Programme
from handover.permissions import Scope
from tests.factories.api import API, Answer, Caller, caller, key_for
from tests.factories.cast import Cast
from tests.factories.programmes import programme as found_programme

pytestmark = pytest.mark.django_db


class DiesAfterItsCommit:
    """A server that breaks when everything is done and nothing has been sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Test-Dies" in request.headers:
            raise ConnectionError
        return response


BODY = {"identifier": "XX-TEST-NEW", "title": [{"lang": "en", "text": "A new programme"}]}


def test_without_a_key_nothing_is_told(client: Client) -> None:
    answer = client.get(f"{API}/programmes")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert (answer.json()["code"], answer["WWW-Authenticate"]) == ("not_signed_in", 'Bearer realm="handover"')


@pytest.mark.parametrize("key", ["hvr_wrong", "wrong", "", "hvr_" + "a" * 43])
def test_a_key_that_nobody_issued_is_refused_even_beside_a_session(
    key: str, cast: Cast, programme: Programme, client: Client
) -> None:
    client.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"{API}/programmes", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")


def test_a_session_reads_and_needs_the_token_of_the_pages_to_write(cast: Cast, programme: Programme) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    assert [row["id"] for row in browser.get(f"{API}/programmes").json()["results"]] == [str(programme.uuid)]
    answer = browser.post(f"{API}/programmes", BODY, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_what_a_token_does_is_told_with_the_token(cast: Cast) -> None:
    made = caller(cast.giver).post("programmes", BODY).good()
    with asking(cast.giver), connection.cursor() as cursor:
        cursor.execute(
            "SELECT body::jsonb -> 'by' ->> 'channel', body::jsonb -> 'by' ->> 'token' FROM handover_ledgerentry"
            " WHERE body::jsonb ->> 'subject' = %s",
            [made["id"]],
        )
        (row,) = cursor.fetchall()
    assert (row[0], UUID(row[1]).version) == ("api", 4)


def test_a_token_never_does_more_than_its_scopes(cast: Cast, programme: Programme) -> None:
    reader = caller(cast.giver, [Scope.READ])
    assert reader.get(f"programmes/{programme.uuid}").status == 200
    answer = reader.patch(f"programmes/{programme.uuid}", {"title": BODY["title"]}, version=1)
    assert (answer.status, answer["code"], answer["details"]) == (403, "scope_missing", {"scope": "plan"})
    assert caller(cast.giver, [Scope.PLAN]).get("programmes")["code"] == "scope_missing"


def test_a_revoked_token_is_refused_at_once(cast: Cast) -> None:
    issued = tokens.issue(
        by=cast.giver, title="Export", scopes=["read"], expires_at=clock.now() + dt.timedelta(days=1)
    )
    there = Caller(issued.key)
    assert there.get("programmes").status == 200
    tokens.revoke(by=cast.giver, token_uuid=issued.token.uuid)
    assert there.get("programmes")["code"] == "token_not_valid"


def test_a_token_ends_at_its_minute_with_its_seat_and_with_its_person(cast: Cast) -> None:
    there = caller(cast.giver_officer)
    assert there.get("programmes").status == 200
    with clock.at(clock.now() + dt.timedelta(days=30)):
        assert there.get("programmes").status == 401
    accounts.deactivate(by=Operator(), user=cast.giver_officer.user, confirmed=True)
    assert there.get("programmes").status == 401


def test_another_tenant_finds_nothing(cast: Cast, programme: Programme) -> None:
    there = caller(cast.stranger)
    assert there.get("programmes").results == []
    for answer in (
        there.get(f"programmes/{programme.uuid}"),
        there.patch(f"programmes/{programme.uuid}", {"title": BODY["title"]}, version=1),
    ):
        assert (answer.status, answer["code"]) == (404, "not_found")


def test_whoever_reads_may_not_write(cast: Cast, programme: Programme) -> None:
    answer = caller(cast.donor).patch(f"programmes/{programme.uuid}", {"title": BODY["title"]}, version=1)
    assert (answer.status, answer["code"]) == (403, "not_allowed")


def test_the_second_of_two_editors_is_told_what_changed(cast: Cast, programme: Programme) -> None:
    first, second = caller(cast.giver), caller(cast.giver_officer)
    read = first.get(f"programmes/{programme.uuid}")
    assert read.headers["ETag"] == f'"{read["version"]}"'
    version = read["version"]
    done = first.patch(f"programmes/{programme.uuid}", {"title": BODY["title"]}, version=version).good()
    assert (done["version"], done.headers["ETag"]) == (version + 1, f'"{version + 1}"')
    late = second.patch(f"programmes/{programme.uuid}", {"starts_on": "2024-01-01"}, version=version)
    assert (late.status, late["code"]) == (412, "stale_version")
    assert late["details"]["fields"] == ["title"]
    assert [step["version"] for step in late["details"]["changes"]] == [version + 1]
    assert first.get(f"programmes/{programme.uuid}")["starts_on"] == read["starts_on"]


def test_an_edit_names_the_version_that_it_read(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    without = there.patch(f"programmes/{programme.uuid}", {"title": BODY["title"]})
    assert (without.status, without["code"], without["field"]) == (428, "precondition_required", "If-Match")
    wrong = there.patch(f"programmes/{programme.uuid}", {"title": BODY["title"]}, version="W")
    assert (wrong.status, wrong["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "field", ["id", "uuid", "steward", "status", "version", "created_at", "programme_id", "pk"]
)
def test_what_is_not_declared_cannot_be_written(field: str, cast: Cast, programme: Programme) -> None:
    answer = caller(cast.giver).patch(f"programmes/{programme.uuid}", {field: "x"}, version=1)
    assert (answer.status, answer["code"], answer["field"]) == (400, "unknown_field", field)


def test_a_wrong_field_is_named_with_its_path(cast: Cast) -> None:
    answer = caller(cast.giver).post("programmes", {"identifier": "", "title": "plain"})
    assert answer.status == 400
    assert {error["field"] for error in answer["errors"]} == {"identifier", "title"}


def test_a_problem_is_told_in_the_language_of_the_caller(cast: Cast) -> None:
    there = caller(cast.giver)
    titles = {
        language: there("GET", f"programmes/{uuid4()}", **{"Accept-Language": language})
        for language in ("en", "ro", "lt-LT,en;q=0.5")
    }
    assert len({answer["title"] for answer in titles.values()}) == 3
    assert [answer.headers["Content-Language"] for answer in titles.values()] == ["en", "ro", "lt"]


def test_the_same_key_twice_happens_once(cast: Cast) -> None:
    there = caller(cast.giver)
    first = there.post("programmes", BODY, key="found-it").good()
    again = there.post("programmes", BODY, key="found-it")
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"] == f"{API}/programmes/{first['id']}"
    assert len(there.get("programmes").results) == 1


def test_a_key_belongs_to_one_request_of_one_caller(cast: Cast) -> None:
    there = caller(cast.giver)
    there.post("programmes", BODY, key="one").good()
    other = there.post("programmes", BODY | {"identifier": "XX-OTHER"}, key="one")
    assert (other.status, other["code"]) == (422, "idempotency_key_used")
    assert caller(cast.receiver).post("programmes", BODY, key="one").status == 201


def test_a_refused_request_leaves_its_key_free(cast: Cast) -> None:
    there = caller(cast.giver)
    there.post("programmes", BODY).good()
    assert there.post("programmes", BODY, key="again").status >= 400
    with asking(cast.giver):
        assert not KeptAnswer.objects.exists()
    assert there.post("programmes", BODY | {"identifier": "XX-OTHER"}, key="again").status == 201


@pytest.mark.django_db(transaction=True)
def test_a_request_that_died_after_its_commit_happens_once(cast: Cast, settings: LazySettings) -> None:
    key = key_for(cast.giver)
    settings.MIDDLEWARE = [f"{__name__}.DiesAfterItsCommit", *settings.MIDDLEWARE]
    assert Caller(key).post("programmes", BODY, key="once-only", **{"Test-Dies": "yes"}).status == 500
    there = Caller(key)
    again = there.post("programmes", BODY, key="once-only")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert [row["id"] for row in there.get("programmes").results] == [again["id"]]


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_with_one_key_one_happens(cast: Cast) -> None:
    key, begin = key_for(cast.giver), threading.Barrier(2)

    def ask() -> Answer:
        begin.wait()
        try:
            return Caller(key).post("programmes", BODY, key="at-once")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(copy_context().run, ask) for _ in range(2)]
        answers = [each.result() for each in asked]
    assert [answer.status for answer in answers] == [201, 201]
    assert len({answer["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 1


def test_a_notice_comes_with_the_answer(cast: Cast, programme: Programme) -> None:
    told = {"description": [{"lang": "en", "text": "Ask at somebody@example.org"}]}
    answer = caller(cast.giver).patch(f"programmes/{programme.uuid}", told, version=1).good()
    (notice,) = json.loads(answer.headers["Handover-Notices"])
    assert (notice["code"], notice["field"]) == ("looks_personal", "description")


@pytest.mark.parametrize("name", ["title\ud800", "\x00", "titl\udfff"])
def test_halves_of_characters_break_no_answer(name: str, cast: Cast) -> None:
    answer = caller(cast.giver).post("programmes", BODY | {name: "x"})
    assert (answer.status, answer["code"]) == (400, "unknown_field")
    answer = caller(cast.giver).post("programmes", BODY | {"title": [{"lang": "en", "text": name + "\x00"}]})
    assert (answer.status, answer["field"]) == (400, "title")


def test_pages_follow_each_other_and_tell_no_inner_key(cast: Cast) -> None:
    for number in range(5):
        found_programme(cast.giver, identifier=f"XX-PAGE-{number}", title="Page")
    there = caller(cast.giver)
    seen: list[str] = []
    address = "programmes?page_size=2&ordering=-identifier"
    while address:
        page = there.get(address)
        seen += [row["identifier"] for row in page.results]
        address = (page["next"] or "").partition("testserver")[2]
    assert seen == [f"XX-PAGE-{number}" for number in (4, 3, 2, 1, 0)]
    assert there.get("programmes?cursor=made-up")["code"] == "cursor_invalid"
    assert there.get("programmes?page_size=1000").status == 400


def test_fields_can_be_chosen_and_references_expanded(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    row = there.get(f"programmes/{programme.uuid}?fields=id,steward&expand=steward").good()
    assert set(row.body) == {"id", "steward"}
    assert row["steward"]["name"] == cast.giver.organisation.name
    assert there.get("programmes?fields=id,secret").status == 400
    assert there.get("programmes?expand=version").status == 400
    # A filter that names one of several words, and an order, name something or are left out.
    for empty in ("fields=", "expand=,", "ordering=", "status="):
        assert there.get(f"programmes?{empty}").status == 400, empty


def test_an_unknown_parameter_is_refused(cast: Cast) -> None:
    answer = caller(cast.giver).get("programmes?stewrad=x")
    assert (answer.status, answer["code"], answer["field"]) == (400, "unknown_parameter", "stewrad")


def test_whoever_asks_too_often_waits(cast: Cast, settings: LazySettings) -> None:
    settings.REQUESTS_A_MINUTE = {"token": 3, "user": 5}
    first, second = caller(cast.giver), caller(cast.giver)
    answers = [first.get("programmes").status for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    refused = first.get("programmes")
    assert (refused["code"], refused.headers["RateLimit-Remaining"]) == ("too_many_requests", "0")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert second.get("programmes").status == 429
    with clock.at(clock.now() + dt.timedelta(minutes=1)):
        assert second.get("programmes").status == 200
