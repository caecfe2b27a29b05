"""Evidence over HTTP: files and links, who may open what names people, what is erased."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from handover import clock
from handover.access import asking
from handover.models import LedgerEntry, Programme, Transfer
from tests.factories import transfers as plans
from tests.factories.api import API, Answer, Caller, caller
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


def upload(there: Caller, content: bytes = b"list of names", **fields: Any) -> Answer:
    response = there.client.post(
        f"{API}/evidence",
        {"file": SimpleUploadedFile("../names.html", content), **fields},
        headers={"Authorization": f"Bearer {there.key}", "Accept": "application/json"},
    )
    return Answer(response)


@pytest.fixture
def step(cast: Cast, programme: Programme) -> str:
    made: Transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.agreed(made, by=cast.giver, receiver=cast.receiver)
    (found,) = plans.milestones_of(made, by=cast.giver)
    return str(found.uuid)


def test_a_file_is_uploaded_told_by_its_digest_and_given_back_as_it_was(cast: Cast, step: str) -> None:
    giver, receiver = caller(cast.giver), caller(cast.receiver)
    made = upload(giver, milestone=step, title="Minutes").good()
    assert (made.status, made["filename"], made["file"]["size"]) == (201, "names.html", 13)
    got = receiver.get(f"evidence/{made['id']}/file", Accept="text/html")
    assert (got.status, got.content) == (200, b"list of names")
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert [row["id"] for row in receiver.get(f"evidence?milestone={step}").results] == [made["id"]]


def test_what_names_people_opens_to_its_verifiers_and_leaves_a_trace(cast: Cast, step: str) -> None:
    giver, receiver, community = caller(cast.giver), caller(cast.receiver), caller(cast.community)
    said: dict[str, Any] = {"milestone": step, "title": "Who was trained", "names_people": "true"}
    assert upload(giver, **said)["code"] == "erasure_missing"
    made = upload(giver, **said, erase_after="2024-12-31").good()
    path = f"evidence/{made['id']}"
    for there in (giver, receiver):
        refused = there.get(f"{path}/file", Accept="application/pdf")
        assert (refused.status, refused["code"]) == (403, "not_verifier")
    assert receiver.get(path)["title"] is None
    body = {"user": str(cast.receiver.user.uuid), "until": "2024-12-31"}
    assert receiver.post(f"{path}/name-verifier", body).status == 403
    named = giver.post(f"{path}/name-verifier", body).good()
    assert [item["user"] for item in named["verifiers"]] == [body["user"]]
    assert receiver.get(f"{path}/file").content == b"list of names"
    seen = receiver.get(path).good()
    assert (seen["title"], seen["verifiers"]) == ("Who was trained", [])
    assert (community.get(path)["title"], community.get(path)["filename"]) == (None, None)
    with asking(cast.giver):
        assert LedgerEntry.objects.filter(body__contains='"verb":"evidence.opened"').count() == 1
    with clock.at(clock.now() + dt.timedelta(days=220)):
        giver = caller(cast.giver)
        programme = giver.get(path).good()["programme"]
        assert giver.post("evidence/erase-due", {"programme": programme}).good().body == {"erased": 1}
        assert giver.get(path)["file"]["erased_at"] is not None


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"title": "x"}, 422, "file_or_link"),
        ({"title": "x", "link": "javascript:alert(1)"}, 422, "link_malformed"),
        ({"title": "x", "link": "https://"}, 422, "invalid"),
        ({"title": "x" * 301, "link": "https://example.org"}, 400, "invalid_field"),
        ({"title": "x", "link": "https://example.org", "file": "name"}, 400, "invalid_field"),
        ({"title": "x", "link": "https://example.org", "names_people": True}, 422, "erasure_missing"),
    ],
)
def test_evidence_that_is_none_is_refused(
    fields: dict[str, Any], status: int, code: str, cast: Cast, step: str
) -> None:
    answer = caller(cast.giver).post("evidence", {"milestone": step, **fields})
    assert (answer.status, answer["code"]) == (status, code)


def test_a_stranger_finds_no_evidence_and_an_empty_file_is_none(cast: Cast, step: str) -> None:
    giver, stranger = caller(cast.giver), caller(cast.stranger)
    assert upload(giver, b"", milestone=step, title="x")["code"] == "file_empty"
    made = upload(giver, milestone=step, title="Minutes").good()
    assert stranger.get("evidence").results == []
    assert stranger.get(f"evidence/{made['id']}").status == 404
    assert stranger.get(f"evidence/{made['id']}/file").status == 404
    assert upload(stranger, milestone=step, title="x").status == 404
