"""Leaving by the pages, by the interface and by commands."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from handover import access
from handover.access import Actor, asking
from handover.models import LedgerEntry, Programme, User
from indicators.actions import submissions
from indicators.models import Submission
from tests.factories.api import caller
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

OFFICER = "officer@giver.example"
MANAGER = "manager@giver.example"
REPORTER = "reporter@giver.example"


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def busy(cast: Cast, programme: Programme) -> Submission:
    """Give a submission that hangs on the giver's officer."""
    return submissions.draft(by=cast.giver_officer, programme_uuid=programme.uuid, title="Second quarter")


def now(actor: Actor) -> User:
    return User.objects.get(pk=actor.user.pk)


# --- pages -------------------------------------------------------------------------------------------------------


def test_a_manager_lets_somebody_leave_and_erases_who_they_were(
    cast: Cast, programme: Programme, busy: Submission
) -> None:
    client, name = browser(cast.giver), cast.giver_officer.user.display_name
    member = f"/organisation/members/{cast.giver_officer.user.uuid}/"
    assert f"{member}leave/" in client.get(member).content.decode()
    page = text_of(client.get(f"{member}leave/"))
    assert "Figures not handed in yet: Second quarter (XX-TEST-HOME)" in page
    assert "the account closes" in page
    assert "Choose who takes over." in text_of(client.post(f"{member}leave/", {}))
    assert access.sits(cast.giver_officer.user, cast.giver.organisation)
    left = client.post(f"{member}leave/", {"to": str(cast.giver_reporter.user.uuid)}, follow=True)
    assert f"{name} has left" in text_of(left)
    assert f"{member}erase/" in left.content.decode(), "who has left is listed, with what can be done"
    with asking(cast.giver):
        assert Submission.objects.get(pk=busy.pk).drafted_by == cast.giver_reporter.user

    erase = f"{member}erase/"
    assert "Leave name and address out" in text_of(
        client.post(erase, {"reason": f"{name} asked", "meant": "y"})
    )
    first = client.post(erase, {"reason": "Asked on 3 June"})
    assert "Erase this name for good?" in text_of(first)
    assert now(cast.giver_officer).pseudonymised_at is None, "asked once is not enough"
    done = text_of(client.post(erase, {"reason": "Asked on 3 June", "meant": "yes"}, follow=True))
    assert "The name is erased." in done
    assert name not in text_of(client.get("/organisation/"))
    assert name not in text_of(client.get("/organisation/activity/"))
    assert name not in text_of(client.get(f"/programmes/{programme.uuid}/activity/"))


def test_the_page_warns_where_somebody_is_the_last(cast: Cast, programme: Programme) -> None:
    client, leave = browser(cast.giver), f"/organisation/members/{cast.giver.user.uuid}/leave/"
    page = text_of(client.get(leave))
    assert "Nobody else at this organisation can do the following." in page
    assert "Sign for the organisation (XX-TEST-HOME)" in page
    assert "Name somebody else for it first" in text_of(client.post(leave, {"to": ""}))
    assert "without a manager" in text_of(client.post(leave, {"to": "", "confirmed": "on"}))
    assert access.sits(cast.giver.user, cast.giver.organisation)


def test_nobody_but_a_manager_opens_these_pages(cast: Cast) -> None:
    for room in ("leave", "erase"):
        address = f"/organisation/members/{cast.giver_reporter.user.uuid}/{room}/"
        assert browser(cast.giver_officer).get(address).status_code == 403
        assert browser(cast.stranger).get(address).status_code == 404
        assert browser(cast.giver_officer).post(address, {"reason": "x", "meant": "y"}).status_code == 403


# --- interface ---------------------------------------------------------------------------------------------------


def test_the_interface_tells_what_is_open_and_lets_somebody_leave(cast: Cast, busy: Submission) -> None:
    there, key = caller(cast.giver), cast.giver_officer.user.uuid
    told_there = there.get(f"members/{key}/open").good()
    assert [item["title"] for item in told_there["handed"]] == ["Second quarter"]
    assert there.post(f"members/{key}/leave", {})["code"] == "successor_missing"
    left = there.post(f"members/{key}/leave", {"to": str(cast.giver_reporter.user.uuid)}).good()
    assert left["closes"]
    assert there.get(f"members/{key}").status == 404
    alone = there.post(f"members/{cast.giver.user.uuid}/leave", {})
    assert (alone.status, alone["code"]) == (409, "last_access")
    assert "manager" in {gate["subject"] for gate in alone["details"]["gates"]}
    assert caller(cast.stranger).get(f"members/{cast.giver.user.uuid}/open").status == 404


def test_no_token_erases_a_name(cast: Cast, busy: Submission) -> None:
    there, key = caller(cast.giver), cast.giver_reporter.user.uuid
    there.post(f"members/{key}/leave", {}).good()
    asked = {"reason": "Asked for it"}
    assert there.post(f"members/{key}/pseudonymise", asked)["code"] == "not_confirmed"
    by_token = there.post(f"members/{key}/pseudonymise", asked | {"confirmed": True})
    assert (by_token.status, by_token["code"]) == (403, "token_by_token")


def test_entries_are_read_with_names_and_proven_without(cast: Cast, programme: Programme) -> None:
    rows = caller(cast.giver).get(f"ledger?chain={programme.uuid}").good()["results"]
    assert {row["body"]["by"]["user_name"] for row in rows} == {cast.giver.user.display_name}
    assert all(cast.giver.user.display_name not in row["canonical"] for row in rows)
    assert {json.loads(row["canonical"])["by"]["user_name"] for row in rows} == {cast.giver.user.called.key}


# --- commands ----------------------------------------------------------------------------------------------------


def test_the_same_by_commands(cast: Cast, programme: Programme, busy: Submission) -> None:
    assert "goes to a colleague: figures not handed in yet, Second quarter" in said(
        "account", "open", OFFICER, "--as", MANAGER
    )
    assert "[successor_missing]" in refused("account", "leave", OFFICER, "--as", MANAGER)
    left = told("account", "leave", OFFICER, "--to", REPORTER, "--as", MANAGER)["leaving"]
    assert left["closes"] is True
    assert "[not_confirmed]" in refused("account", "pseudonymise", OFFICER, "--reason", "x", "--as", MANAGER)
    said("account", "pseudonymise", OFFICER, "--reason", "Asked for it", "--yes", "--as", MANAGER)
    assert now(cast.giver_officer).pseudonymised_at is not None
    assert "[last_access]" in refused("account", "leave", MANAGER, "--as", MANAGER)
    assert "[last_access]" in refused("account", "deactivate", MANAGER)
    with asking(cast.giver):
        verbs = [
            json.loads(entry.body)["verb"]
            for entry in LedgerEntry.objects.filter(chain=cast.giver.organisation.uuid).order_by("seq")
        ]
    assert verbs[-2:] == ["account.left", "account.pseudonymised"]
