"""Logs: by which request, in which form, and never anything about a person."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from handover.operations import logs
from handover.operations.middleware import HEADER
from tests.factories.cast import Cast

EMAIL = "anna.example@person.example"
NAME = "Anna-Exemplar"
SECRET = "s3cret-key-of-a-calendar"
QUERY = "what-somebody-looked-for"
TOKEN = "hvr_" + "a" * 43
REFERRER = "https://elsewhere.example/private-page"
PERSONAL = (EMAIL, NAME, SECRET, QUERY, TOKEN, "elsewhere", "private-page", "evil-host")

log = logging.getLogger("tests.of.logs")


def breaks(request: HttpRequest, name: str, secret: str) -> HttpResponse:
    """Say everything that should not be said, and fail with it."""
    log.warning("Not found: %s", request.get_full_path())
    log.warning("%s wrote from %s with %s and %s", name, EMAIL, secret, TOKEN)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [EMAIL])
    except Exception as error:
        raise ValueError(f"{name} {secret} {EMAIL}") from error
    raise AssertionError


def works(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


urlpatterns = [path("people/<str:name>/<str:secret>/", breaks), path("works/", works)]


class Heard:
    """What a form of logs would have written."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def objects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def heard() -> Iterator[dict[str, Heard]]:
    """Listen to everything, in both forms."""
    both = {"json": Heard(logs.Json()), "text": Heard(logs.Lines())}
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    for one in both.values():
        root.addHandler(one.handler)
    try:
        yield both
    finally:
        root.setLevel(level)
        for one in both.values():
            root.removeHandler(one.handler)


def holds_nothing_personal(heard: dict[str, Heard]) -> None:
    for one in heard.values():
        assert one.text
        assert [word for word in PERSONAL if word in one.text] == []


# --- nothing about persons ---------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_an_error_is_told_without_a_word_of_what_it_was_about(heard: dict[str, Heard]) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get(f"/people/{NAME}/{SECRET}/?email={EMAIL}&q={QUERY}", headers={"Referer": REFERRER})
    assert answer.status_code == 500
    holds_nothing_personal(heard)
    told = heard["json"].objects
    (error,) = [record for record in told if record["level"] == "ERROR"]
    assert error["message"] == "Internal Server Error: GET /people/<str:name>/<str:secret>/"
    assert "builtins.ValueError" in str(error["exception"])
    assert "because of django.db.utils.DataError" in str(error["exception"])
    assert "psycopg.errors.InvalidTextRepresentation [22P02]" in str(error["exception"])
    assert re.search(r"test_operations_logs\.py:\d+ in breaks", str(error["exception"]))
    assert {record["request_id"] for record in told if record["logger"] != "asyncio"} == {answer[HEADER]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [f"/nowhere/{EMAIL}/?q={QUERY}", f"/calendars/{SECRET}.ics", f"/api/v1/programmes/{NAME}?q={QUERY}"],
)
def test_an_address_that_leads_nowhere_is_not_quoted(
    address: str, client: Client, heard: dict[str, Heard]
) -> None:
    assert client.get(address, headers={"Authorization": f"Bearer {TOKEN}"}).status_code in (401, 404)
    holds_nothing_personal(heard)


@pytest.mark.django_db
def test_whoever_signs_in_wrongly_is_not_named(cast: Cast, client: Client, heard: dict[str, Heard]) -> None:
    known = cast.giver.user.email
    client.post("/sign-in/", {"login": known, "password": SECRET})
    client.post("/sign-in/", {"login": EMAIL, "password": SECRET})
    holds_nothing_personal(heard)
    assert all(known not in one.text for one in heard.values())


@pytest.mark.django_db
def test_a_forged_form_and_a_forged_host_are_told_by_their_kind(heard: dict[str, Heard]) -> None:
    client = Client(enforce_csrf_checks=True)
    forged = {"Referer": REFERRER, "Origin": "https://elsewhere.example"}
    assert client.post("/sign-in/", {"login": EMAIL}, headers=forged).status_code == 403
    assert client.get(f"/sign-in/?q={QUERY}", headers={"Host": "evil-host.example"}).status_code == 400
    holds_nothing_personal(heard)
    said = [record["message"] for record in heard["json"].objects]
    assert "Origin checking failed: POST /sign-in/" in said
    assert "Bad Request: GET (no such address)" in said


@given(value=st.text(alphabet="ABCXYZ0123456789-_~. ", min_size=logs.SHORTEST, max_size=40))
def test_no_value_of_a_query_is_ever_in_a_record(value: str) -> None:
    request = RequestFactory().get("/x/", {"q": value, "other": "v"})
    record = logging.makeLogRecord({"name": "a", "msg": "looked for %s and %s", "args": (value, value * 2)})
    with logs.about(request, "0" * 32):
        assert value not in logs.discreet(record).getMessage()


@given(
    local=st.from_regex(r"[a-zA-Z0-9._+-]{1,20}", fullmatch=True),
    domain=st.from_regex(r"[a-z0-9-]{1,20}\.[a-z]{2,5}", fullmatch=True),
)
def test_no_address_of_a_person_is_ever_in_a_record(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    for sentence in (f"sent to {address}.", f"<{address}>", f"email={address}, done", f"({address})"):
        record = logging.makeLogRecord({"name": "a", "msg": sentence})
        said = logs.discreet(record).getMessage()
        assert "@" not in said
        assert address not in said


def test_what_another_handler_wrote_about_an_error_is_not_taken_over() -> None:
    try:
        raise IntegrityError(EMAIL)
    except IntegrityError:
        record = logging.getLogger("x").makeRecord(
            "x", 40, "f", 1, "Failed", (), __import__("sys").exc_info()
        )
    logging.Formatter().format(record)
    assert record.exc_text is not None
    assert EMAIL in record.exc_text
    assert EMAIL not in logs.Lines().format(record)
    assert EMAIL not in logs.Json().format(record)
    assert EMAIL in logging.Formatter().format(record), "the others' own is left to them"


def test_gunicorn_quotes_no_request() -> None:
    for message in (f"Invalid request from ip=192.0.2.1: {QUERY}", f"Error handling request /x?q={QUERY}"):
        record = logging.makeLogRecord({"name": "gunicorn.error", "msg": message})
        assert len(logs.discreet(record).getMessage().split()) == 2


# --- which request -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_one_line_tells_of_each_request(client: Client, heard: dict[str, Heard]) -> None:
    answer = client.get(f"/works/?q={QUERY}")
    (line,) = [record for record in heard["json"].objects if record["logger"] == logs.REQUESTS]
    assert {name: line[name] for name in ("method", "route", "status", "request_id", "level")} == {
        "method": "GET",
        "route": "/works/",
        "status": 200,
        "request_id": answer[HEADER],
        "level": "INFO",
    }
    assert isinstance(line["milliseconds"], int)
    assert re.search(
        rf"INFO handover\.requests: GET /works/ 200, \d+ ms \[{answer[HEADER]}\]", heard["text"].text
    )


@pytest.mark.django_db
def test_static_files_are_told_as_such(client: Client, heard: dict[str, Heard]) -> None:
    answer = client.get("/static/handover/passkeys.js")
    answer.close()
    assert answer.status_code == 200
    (line,) = [record for record in heard["json"].objects if record["logger"] == logs.REQUESTS]
    assert line["route"] == "/static/"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_requests_have_ids_of_their_own_and_what_comes_after_has_none(
    client: Client, heard: dict[str, Heard]
) -> None:
    first, second = client.get("/works/")[HEADER], client.get("/works/")[HEADER]
    assert first != second
    log.warning("Afterwards.")
    assert "request_id" not in heard["json"].objects[-1]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    "given_id", ["0123456789abcdef0123456789abcdef", "01234567-89AB-cdef-0123-456789abcdef"]
)
def test_an_id_that_looks_like_one_is_kept(given_id: str, client: Client) -> None:
    assert client.get("/works/", headers={HEADER: given_id})[HEADER] == given_id.lower()


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    "given_id", [EMAIL, "anna", "", "0" * 31, "0" * 33, "x" * 32, "0" * 32 + "\n", "1234 5678"]
)
def test_any_other_is_replaced(given_id: str, client: Client) -> None:
    answered = client.get("/works/", headers={HEADER: given_id})[HEADER]
    assert re.fullmatch(r"[0-9a-f]{32}", answered)
    assert answered != given_id


@given(st.text())
def test_whatever_comes_an_id_is_an_id(text: str) -> None:
    assert logs.ID.fullmatch(logs.identified(text))


def test_the_form_is_chosen_by_the_environment(settings: LazySettings) -> None:
    shown = {form: logs.configuration(form)["formatters"]["told"]["()"] for form in ("json", "text", "odd")}
    assert shown == {
        "json": "handover.operations.logs.Json",
        "text": "handover.operations.logs.Lines",
        "odd": "handover.operations.logs.Lines",
    }
    assert logs.configuration("text") == settings.LOGGING
