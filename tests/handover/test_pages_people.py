"""Start and administration: what waits, search, members and why they may do what, settings, keys, activity."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from handover import access, clock
from handover.access import Actor, Operator
from handover.actions import accounts, organisations, permissions, tokens, transfers
from handover.colours import LEAST, contrast_with_white
from handover.errors import Invalid, NotAllowed, Stale
from handover.models import AccessToken, Organisation, Programme, Responsibility
from handover.permissions import STANDING_ROLE, Permission, Role, Scope, StandingKind
from handover.queries.activity import lately
from handover.queries.explained import sides
from handover.queries.ledger_words import KINDS, PHRASES
from handover.queries.search import search_for
from handover.queries.seats import seat_of
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import organisation
from tests.factories.programmes import programme as founded
from tests.factories.programmes import responsibility

ROOT = Path(__file__).parents[2]


def browser(actor: Actor) -> Client:
    """Give a browser in which somebody is signed in."""
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# --- start ---------------------------------------------------------------------------------------------------------


def test_what_waits_for_another_seat_is_opened_by_changing_to_it(cast: Cast, programme: Programme) -> None:
    accounts.seat(
        by=Operator(), user=cast.stranger.user, organisation=cast.receiver.organisation, role=Role.MANAGER
    )
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    client = browser(cast.stranger)
    page = client.get("/")
    (group,) = page.context["groups"]
    (task,) = group["tasks"]
    assert task["seat"] == "receiver"
    answer = client.post("/seat/", {"organisation": task["seat"], "next": task["address"]})
    assert answer["Location"] == task["address"]
    assert client.get("/").context["actor"].organisation == cast.receiver.organisation


def test_a_change_of_seat_leads_to_no_other_site(cast: Cast) -> None:
    answer = browser(cast.giver).post(
        "/seat/", {"organisation": "giver", "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/"


def test_whoever_has_nothing_to_do_is_told_so(cast: Cast) -> None:
    assert "Nothing waits for you." in text_of(browser(cast.stranger).get("/"))


def test_what_changed_lately_is_told_to_whoever_may_read_the_ledger(cast: Cast, programme: Programme) -> None:
    def seen(actor: Actor) -> list[str]:
        with access.asking(actor):
            return [item.what for item in lately(seat_of(actor))]

    assert "Responsibility defined" in seen(cast.giver)
    assert seen(cast.giver_reporter) == seen(cast.stranger) == []


# --- search --------------------------------------------------------------------------------------------------------


def found_by(actor: Actor, text: str) -> list[str]:
    with access.asking(actor):
        return [hit.title for group in search_for(actor, text) for hit in group.hits]


def test_search_finds_what_is_open_and_nothing_else(cast: Cast, programme: Programme) -> None:
    founded(cast.stranger, identifier="XX-OTHER", title="Another day at home")
    assert found_by(cast.giver, "goes home") == ["A programme that goes home"]
    assert "Day centre" in found_by(cast.giver, "day")
    assert "Another day at home" not in found_by(cast.giver, "day")
    assert found_by(cast.stranger, "goes home") == []
    assert found_by(cast.stranger, "officer") == []
    assert found_by(cast.giver, "officer") == ["Officer of giver"]


@pytest.mark.parametrize("text", ["lang", "text", "[{", "", "d", "%", "__"])
def test_search_finds_nothing_in_how_texts_are_kept(text: str, cast: Cast, programme: Programme) -> None:
    assert found_by(cast.giver, text) == []


def test_the_page_of_search_says_what_to_do_next(cast: Cast, programme: Programme) -> None:
    client = browser(cast.giver)
    assert "Enter at least 2 characters." in text_of(client.get("/search/", {"q": "d"}))
    assert "Nothing that is open to you" in text_of(client.get("/search/", {"q": "unheard of"}))
    page = client.get("/search/", {"q": "home"})
    assert "A programme that goes home" in text_of(page)
    assert "<b>" not in client.get("/search/", {"q": "<b>x</b>"}).content.decode()


# --- members -------------------------------------------------------------------------------------------------------


def test_members_see_each_other_and_nobody_elses(cast: Cast) -> None:
    page = text_of(browser(cast.giver_reporter).get("/organisation/"))
    assert "officer@giver.example" in page
    assert "receiver" not in page
    assert "Invite somebody" not in page
    key = cast.receiver_officer.user.uuid
    assert browser(cast.giver).get(f"/organisation/members/{key}/").status_code == 404


def test_only_a_manager_ends_a_role_and_never_the_last_managers(cast: Cast) -> None:
    officer, manager = cast.giver_officer.user, cast.giver.user
    address = f"/organisation/members/{officer.uuid}/end/?role=officer"
    assert browser(cast.giver_reporter).post(address).status_code == 403
    assert access.sits(officer, cast.giver.organisation)
    answer = browser(cast.giver).post(address, follow=True)
    assert "no longer has this role" in text_of(answer)
    assert not access.sits(officer, cast.giver.organisation)
    last = browser(cast.giver).post(f"/organisation/members/{manager.uuid}/end/?role=manager", follow=True)
    assert "without a manager" in text_of(last)
    assert access.sits(manager, cast.giver.organisation)


def test_what_a_member_may_do_is_told_with_standing_and_role(cast: Cast, programme: Programme) -> None:
    page = text_of(browser(cast.giver).get(f"/organisation/members/{cast.giver_reporter.user.uuid}/"))
    assert StandingKind.STEWARD.help in page
    assert Role.REPORTER.help in page
    assert Permission.REPORT_VALUES.help in page
    assert Permission.PLAN_TRANSFER.help not in page


# --- people of a programme -----------------------------------------------------------------------------------------


def test_every_permission_that_is_held_is_explained_and_none_besides(
    cast: Cast, programme: Programme
) -> None:
    with access.asking(cast.giver):
        told = {person.uuid: person for side in sides(programme) for person in side.people}
    for actor in (
        cast.giver,
        cast.giver_officer,
        cast.giver_reporter,
        cast.donor,
        cast.community,
        cast.auditor,
    ):
        with access.asking(actor):
            held = set(access.permissions_on(actor, programme))
            for row in Responsibility.objects.filter(programme=programme):
                held |= access.permissions_on(actor, row)
        assert set(told[actor.user.uuid].permissions) == held
        assert not any(reason.unexplained for reason in told[actor.user.uuid].reasons)
    assert cast.stranger.user.uuid not in told


def test_a_reason_is_the_cell_of_standing_and_role(cast: Cast, programme: Programme) -> None:
    with access.asking(cast.donor):
        (person,) = next(side for side in sides(programme) if side.name == "Donor organisation").people
    (reason,) = person.reasons
    assert (reason.standing, reason.role) == (StandingKind.DONOR, Role.MANAGER)
    assert set(reason.permissions) == STANDING_ROLE[StandingKind.DONOR][Role.MANAGER]


def test_an_exception_is_told_with_its_reason_and_its_end(cast: Cast, programme: Programme) -> None:
    client = browser(cast.giver)
    given = {
        "person": f"{cast.giver.organisation.uuid}/{cast.giver_reporter.user.uuid}",
        "thing": "programme",
        "permission": "edit_needs",
        "reason": "Stands in for the officer",
        "until": "2024-06-30",
    }
    answer = client.post(f"/programmes/{programme.uuid}/people/exception/", given, follow=True)
    assert "Stands in for the officer" in text_of(answer)
    assert "ends 1 July 2024" in text_of(answer)
    again = client.post(f"/programmes/{programme.uuid}/people/exception/", given)
    assert (again.status_code, "There is a problem" in text_of(again)) == (200, True)
    with clock.at(TODAY + dt.timedelta(days=60)), access.asking(cast.giver_reporter):
        assert not access.reach(cast.giver_reporter, programme).permissions & {Permission.EDIT_NEEDS}


def test_an_exception_on_a_responsibility_names_it(cast: Cast, programme: Programme) -> None:
    row = responsibility(programme, by=cast.giver, title="Bus to school")
    permissions.except_user(
        by=cast.giver,
        thing=row,
        user=cast.giver_reporter.user,
        organisation=cast.giver.organisation,
        permission=Permission.DEFINE_INDICATORS,
        reason="Knows the bus",
        until=TODAY + dt.timedelta(days=9),
    )
    with access.asking(cast.giver):
        (side, *_) = sides(programme)
    (person,) = [item for item in side.people if item.uuid == cast.giver_reporter.user.uuid]
    assert [(item.permission, item.responsibility) for item in person.exceptions] == [
        (Permission.DEFINE_INDICATORS, "Bus to school")
    ]


def test_an_organisation_is_let_in_and_its_access_ended_with_a_reason(
    cast: Cast, programme: Programme
) -> None:
    client = browser(cast.giver)
    house = f"/programmes/{programme.uuid}/people/"
    given = {"organisation": str(cast.stranger.organisation.uuid), "kind": "auditor", "until": ""}
    assert "until when" in text_of(client.post(f"{house}let-in/", given))
    answer = client.post(f"{house}let-in/", given | {"until": "2024-12-31"}, follow=True)
    assert "Stranger organisation" in text_of(answer)
    end = f"{house}{cast.stranger.organisation.uuid}/auditor/end/"
    assert "Say why." in text_of(client.post(end, {"reason": ""}))
    ended = text_of(client.post(end, {"reason": "The audit is over"}, follow=True))
    assert "no longer has this access" in ended
    assert client.get(end)["Location"] == house


def test_what_a_person_may_not_do_is_neither_offered_nor_done(cast: Cast, programme: Programme) -> None:
    house = f"/programmes/{programme.uuid}/people/"
    assert "Let an organisation in" not in text_of(browser(cast.giver_officer).get(house))
    assert browser(cast.giver_officer).get(f"{house}let-in/").status_code == 403
    assert browser(cast.stranger).get(house).status_code == 404


# --- settings, representatives, keys -------------------------------------------------------------------------------


def changed(by: Actor, **more: Any) -> Organisation:
    row = Organisation.objects.get(pk=by.organisation.pk)
    said = {"version": row.version, "name": row.name, "languages": ["ro", "rom"], "colour": "", **more}
    return organisations.change(by=by, **said)


def test_a_colour_on_which_white_text_cannot_be_read_is_refused(cast: Cast) -> None:
    for colour, code in (
        ("#ffdd00", "colour_contrast"),
        ("red", "colour_invalid"),
        ("#12345", "colour_invalid"),
    ):
        with pytest.raises(Invalid) as why:
            changed(cast.giver, colour=colour)
        assert (why.value.code, why.value.details["field"]) == (code, "colour")
    assert changed(cast.giver, colour="#1D4F7A").colour == "#1d4f7a"
    assert "/theme/1d4f7a.css" in browser(cast.giver).get("/").content.decode()


@given(st.integers(0, 0xFFFFFF), st.integers(0, 2))
def test_a_darker_colour_differs_more_from_white(number: int, channel: int) -> None:
    parts = [number >> 16 & 255, number >> 8 & 255, number & 255]
    darker = [part // 2 if at == channel else part for at, part in enumerate(parts)]
    before, after = (contrast_with_white("#{:02x}{:02x}{:02x}".format(*said)) for said in (parts, darker))
    assert 1 <= before <= after <= 21


def test_contrasts_are_those_of_the_guidelines() -> None:
    known = {"#ffffff": "1.00", "#000000": "21.00", "#767676": "4.54", "#777777": "4.47"}
    assert {colour: str(contrast_with_white(colour)) for colour in known} == known
    assert contrast_with_white("#777777") < LEAST < contrast_with_white("#767676")


def test_settings_are_a_managers_and_tell_who_was_quicker(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        changed(cast.giver_officer)
    changed(cast.giver, name="Giver house")
    with pytest.raises(Stale):
        changed(cast.giver, version=1, name="Giver hall")
    assert browser(cast.giver_officer).get("/organisation/settings/").status_code == 403


def test_settings_are_kept_on_the_page(cast: Cast) -> None:
    client = browser(cast.giver)
    form = client.get("/organisation/settings/").context["form"]
    given = {
        "version": form.initial["version"],
        "name": "Giver house",
        "languages": "ro, rom",
        "colour": "#00f",
    }
    refused = client.post("/organisation/settings/", given)
    assert (refused.status_code, "There is a problem" in text_of(refused)) == (200, True)
    kept = client.post("/organisation/settings/", given | {"colour": "#0b3d2e"}, follow=True)
    assert "The settings are kept." in text_of(kept)
    row = Organisation.objects.get(pk=cast.giver.organisation.pk)
    assert (row.name, row.languages, row.colour) == ("Giver house", ["ro", "rom"], "#0b3d2e")


def test_a_mandate_is_named_by_whoever_signs_for_the_organisation(cast: Cast) -> None:
    given = {
        "capacity": "President of the board",
        "mandate_act": "Decision 4 of 2024",
        "user": str(cast.giver.user.uuid),
        "valid_from": "2024-01-01",
        "valid_to": "",
    }
    assert "Nobody is named yet" in text_of(browser(cast.giver).get("/organisation/signing/"))
    assert browser(cast.giver_officer).post("/organisation/signing/", given).status_code == 403
    page = text_of(browser(cast.giver).post("/organisation/signing/", given, follow=True))
    assert "President of the board" in page
    reversed_dates = given | {"valid_to": "2023-01-01"}
    assert "ends before it begins" in text_of(
        browser(cast.giver).post("/organisation/signing/", reversed_dates)
    )


def test_the_key_of_a_token_is_shown_once(cast: Cast) -> None:
    client = browser(cast.giver)
    given = {"title": "Reporting tool", "scopes": ["read", "report"], "last_day": "2024-12-31"}
    answer = client.post("/you/tokens/", given)
    found = re.search(r"hvr_[\w-]{30,}", answer.content.decode())
    assert found is not None
    assert answer["Cache-Control"] == "no-store"
    later = client.get("/you/tokens/").content.decode()
    assert found[0] not in later
    assert "Reporting tool" in later
    with access.asking(cast.giver):
        key = AccessToken.objects.get().uuid
    client.post(f"/tokens/{key}/revoke/")
    with access.asking(cast.giver):
        assert AccessToken.objects.get().revoked_at is not None


def test_a_token_lasts_a_year_at_most_and_its_whole_last_day(cast: Cast) -> None:
    client = browser(cast.giver)
    given = {"title": "Long", "scopes": ["read"], "last_day": "2025-06-04"}
    assert client.post("/you/tokens/", given).context["issued"] is not None
    assert client.post("/you/tokens/", given | {"last_day": "2025-06-09"}).context["form"].errors


def test_the_organisations_tokens_are_its_managers(cast: Cast) -> None:
    given = {"title": "Register", "role": "viewer", "scopes": ["read"], "last_day": "2024-12-31"}
    assert browser(cast.giver_officer).post("/organisation/tokens/", given).status_code == 403
    assert "hvr_" in text_of(browser(cast.giver).post("/organisation/tokens/", given))
    theirs = tokens.issue(
        by=cast.giver_officer, title="Mine", scopes=[Scope.READ], expires_at=TODAY + dt.timedelta(days=5)
    )
    assert browser(cast.receiver).post(f"/tokens/{theirs.token.uuid}/revoke/").status_code == 404
    assert (
        browser(cast.giver).post(f"/tokens/{theirs.token.uuid}/revoke/", {"from": "organisation"}).status_code
        == 302
    )


# --- activity ------------------------------------------------------------------------------------------------------


def verbs_in_source() -> Iterator[str]:
    """Give every verb that an action writes as a text of its own."""
    for folder in ("handover/actions", "interventions/actions", "indicators/actions", "indicators/exchange"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    named = [key.value for key in node.keywords if key.arg == "verb"]
                    first = node.args[:1] if _records(node) else []
                    for value in (*named, *first):
                        yield from _texts(value)


def _records(node: ast.Call) -> bool:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name in ("record", "_record", "_say", "_tell", "_told", "_note")


def _texts(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(node.value)):
            yield str(node.value)


def test_every_verb_of_the_ledger_has_a_phrase_and_a_kind() -> None:
    verbs = set(verbs_in_source())
    assert len(verbs) > 100
    assert verbs - PHRASES.keys() == set()
    nouns = frozenset().union(*(found for _, found in KINDS.values()))
    assert {verb.partition(".")[0] for verb in PHRASES} - nouns == set()


def test_activity_is_narrowed_by_person_and_kind(cast: Cast, programme: Programme) -> None:
    responsibility(programme, by=cast.giver_officer, title="Bus to school")
    client = browser(cast.giver)
    address = f"/programmes/{programme.uuid}/activity/"
    everything = client.get(address).context["activity"]
    officer = str(cast.giver_officer.user.uuid)
    (only,) = client.get(address, {"person": officer}).context["activity"].entries
    assert (only.what, only.about, only.who) == (
        "Responsibility defined",
        "Bus to school",
        "Officer of giver",
    )
    people = client.get(address, {"kind": "people"}).context["activity"]
    assert {item.what for item in people.entries} == {"Organisation let in"}
    assert people.total < everything.total
    assert dict(everything.people)[officer] == "Officer of giver"
    assert "Choose another person or kind" in text_of(
        client.get(address, {"person": officer, "kind": "people"})
    )
    assert client.get(address, {"person": "x"}).status_code == 404


def test_activity_is_paged(cast: Cast, programme: Programme) -> None:
    for number in range(30):
        responsibility(programme, by=cast.giver, title=f"Task {number}")
    client = browser(cast.giver)
    first = client.get(f"/programmes/{programme.uuid}/activity/")
    second = client.get(first.context["after"])
    numbers = [item.number for page in (first, second) for item in page.context["activity"].entries]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers) == first.context["activity"].total


def test_activity_of_a_programme_asks_for_the_ledger(cast: Cast, programme: Programme) -> None:
    address = f"/programmes/{programme.uuid}/activity/"
    answers = {
        "auditor": browser(cast.auditor).get(address).status_code,
        "reporter": browser(cast.giver_reporter).get(address).status_code,
        "stranger": browser(cast.stranger).get(address).status_code,
    }
    assert answers == {"auditor": 200, "reporter": 403, "stranger": 404}


def test_the_organisations_activity_is_its_own(cast: Cast) -> None:
    changed(cast.giver, name="Giver house")
    page = browser(cast.giver).get("/organisation/activity/")
    assert "Organisation’s settings changed" in text_of(page)
    assert browser(cast.receiver).get("/organisation/activity/").context["activity"].total == 0
    assert browser(cast.giver_officer).get("/organisation/activity/").status_code == 403


# --- you -----------------------------------------------------------------------------------------------------------


def test_a_person_changes_their_own_name_and_language(cast: Cast) -> None:
    client = browser(cast.giver)
    page = client.post("/you/", {"display_name": " Coordinator ", "language": "ro"}, follow=True)
    assert page.context["form"].initial == {"display_name": "Coordinator", "language": "ro"}
    assert 'lang="ro"' in page.content.decode()
    cast.giver.user.refresh_from_db()
    assert (cast.giver.user.display_name, cast.giver.user.language) == ("Coordinator", "ro")
    empty = client.post("/you/", {"display_name": " ", "language": "en"})
    assert empty.context["form"].errors.keys() == {"display_name"}


def test_ones_seats_are_listed_and_can_be_changed_to(cast: Cast) -> None:
    second = organisation("second")
    accounts.seat(by=Operator(), user=cast.giver.user, organisation=second, role=Role.VIEWER)
    client = browser(cast.giver)
    seats = client.get("/you/").context["seats"]
    assert [(seat["slug"], seat["now"]) for seat in seats] == [("giver", True), ("second", False)]
    assert client.post("/seat/", {"organisation": "second", "next": "/you/"})["Location"] == "/you/"
    assert client.get("/you/").context["seats"][1]["now"]


def test_a_person_without_a_seat_finds_the_way_to_security(cast: Cast) -> None:
    user = accounts.create_user(by=Operator(), email="nobody@giver.example", display_name="Nobody")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert "Sign-in and security" in text_of(client.get("/you/"))
    assert "no seat" in text_of(client.get("/"))
    assert client.get("/organisation/").status_code == 404


def test_bodies_of_the_ledger_name_no_address(cast: Cast) -> None:
    accounts.rename(by=cast.giver, display_name="Coordinator")
    with access.asking(cast.giver):
        from handover.models import LedgerEntry

        last = LedgerEntry.objects.filter(organisation_id=cast.giver.organisation.pk).latest("seq")
    assert json.loads(last.body)["verb"] == "account.renamed"
    assert "giver.example" not in last.body


def test_an_end_at_midnight_is_told_as_the_day_before(cast: Cast) -> None:
    client = browser(cast.giver)
    given = {"title": "Tool", "scopes": ["read"], "last_day": "2024-12-31"}
    assert "31 December 2024" in text_of(client.post("/you/tokens/", given))
