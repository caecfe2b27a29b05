"""Calendars: a person's days at a secret address of their own, as they may see them at that moment."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from icalendar import Calendar

from handover import clock
from handover.access import Actor, Operator, asking
from handover.actions import accounts, calendars, milestones, transfers
from handover.models import CalendarAddress, CalendarEntry, Programme, Transfer, User
from handover.permissions import Role
from handover.queries.calendars import digest_of, owner_of
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast

BACKEND = "django.contrib.auth.backends.ModelBackend"


def accepted(cast: Cast, programme: Programme) -> Transfer:
    """Give a transfer of which one step waits for giver and receiver."""
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
    plans.milestone(transfer, by=cast.giver, title="A secret title")
    return plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)


def address(secret: str) -> str:
    return reverse("calendar-feed", args=[secret])


def read(secret: str) -> list[dict[str, object]]:
    """Read the calendar as a program does that has nothing but the address."""
    answer = Client().get(address(secret))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content.decode())
    return [
        {
            "uid": str(event["uid"]),
            "day": event.decoded("dtstart"),
            "end": event.decoded("dtend"),
            "sequence": int(str(event["sequence"])),
            "status": str(event["status"]),
            "summary": str(event["summary"]),
            "text": event.to_ical().decode(),
        }
        for event in calendar.walk("VEVENT")
    ]


def test_a_day_is_an_event_of_the_whole_day_and_stays_the_same_event(
    cast: Cast, programme: Programme
) -> None:
    accepted(cast, programme)
    secret = calendars.open_address(by=cast.giver)
    (event,) = read(secret)
    assert (event["day"], event["end"]) == (plans.DUE, plans.DUE + dt.timedelta(days=1))
    assert (event["sequence"], event["status"]) == (0, "CONFIRMED")
    assert event["summary"] == (
        "A step of the transfer (training completed) waits for your signature (XX-TEST-HOME)"
    )
    assert "A secret title" not in str(event["text"])
    with clock.at(TODAY + dt.timedelta(hours=5)):
        assert read(secret) == [event], "nothing changed, so nothing is said to have changed"


def test_another_day_is_the_same_event_changed_and_what_is_done_is_cancelled(
    cast: Cast, programme: Programme
) -> None:
    transfer = accepted(cast, programme)
    secret = calendars.open_address(by=cast.giver)
    (first,) = read(secret)
    (step,) = plans.milestones_of(transfer, by=cast.giver)
    later = plans.DUE + dt.timedelta(days=10)
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="Later")
    milestones.postpone(by=cast.giver, milestone_uuid=step.uuid, version=step.version, due_on=later)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    (moved,) = read(secret)
    assert (moved["uid"], moved["day"], moved["sequence"]) == (first["uid"], later, 1)
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    (gone,) = read(secret)
    assert (gone["uid"], gone["status"], gone["sequence"]) == (first["uid"], "CANCELLED", 2)
    assert "XX-TEST-HOME" not in str(gone["text"]), "what is over says nothing but that"
    with clock.at(TODAY + dt.timedelta(days=100)):
        assert read(secret) == [], "nor for ever"


def test_an_event_that_waits_again_is_confirmed_again(cast: Cast, programme: Programme) -> None:
    transfer = accepted(cast, programme)
    secret = calendars.open_address(by=cast.giver)
    read(secret)
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="Later")
    assert [(item["status"], item["sequence"]) for item in read(secret)] == [("CANCELLED", 1)]
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    assert [(item["status"], item["sequence"]) for item in read(secret)] == [("CONFIRMED", 2)]


def test_two_people_have_events_of_their_own(cast: Cast, programme: Programme) -> None:
    accepted(cast, programme)
    both = [read(calendars.open_address(by=who))[0]["uid"] for who in (cast.giver, cast.receiver)]
    assert len(set(both)) == 2


def test_the_secret_is_kept_as_a_digest_and_shown_once(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.giver.user, backend=BACKEND)
    with override_settings(PUBLIC_URL="https://handover.example"):
        page = client.post(reverse("calendar-open"))
    shown = page.context["fresh"]
    secret = shown.removeprefix("https://handover.example/calendars/").removesuffix(".ics")
    assert shown in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    row = CalendarAddress.objects.get()
    assert bytes(row.digest) == digest_of(secret)
    assert secret not in str(row.__dict__)
    assert secret not in client.get(reverse("reminders")).content.decode()
    assert read(secret) == []


def test_a_revoked_address_is_not_there_and_a_new_one_takes_the_place_of_the_old(cast: Cast) -> None:
    first = calendars.open_address(by=cast.giver)
    second = calendars.open_address(by=cast.giver)
    assert Client().get(address(first)).status_code == 404
    assert read(second) == []
    client = Client()
    client.force_login(cast.giver.user, backend=BACKEND)
    assert client.get(reverse("calendar-revoke")).status_code == 405
    client.post(reverse("calendar-revoke"))
    assert Client().get(address(second)).status_code == 404
    assert not calendars.revoke_address(by=cast.giver), "there is none any more"
    for wrong in ("x", "x" * 43, "x" * 500, "%00" * 15):
        assert Client().get(f"/calendars/{wrong}.ics").status_code == 404


def test_an_address_ends_with_the_seat_and_does_not_come_back_with_another(cast: Cast) -> None:
    secret = calendars.open_address(by=cast.giver_officer)
    who, home = cast.giver_officer.user, cast.giver.organisation
    with clock.at(TODAY + dt.timedelta(days=1)):
        accounts.seat(by=Operator(), user=who, organisation=home, role=Role.VIEWER)
    with clock.at(TODAY + dt.timedelta(days=2)):
        accounts.unseat(by=Operator(), user=who, organisation=home, role=Role.OFFICER)
        assert owner_of(secret) == who, "another role, and never a day without one"
    with clock.at(TODAY + dt.timedelta(days=3)):
        accounts.unseat(by=Operator(), user=who, organisation=home, role=Role.VIEWER)
        assert Client().get(address(secret)).status_code == 404
    with clock.at(TODAY + dt.timedelta(days=4)):
        accounts.seat(by=Operator(), user=who, organisation=home, role=Role.OFFICER)
        assert Client().get(address(secret)).status_code == 404


def test_a_closed_account_has_no_calendar(cast: Cast) -> None:
    secret = calendars.open_address(by=cast.giver)
    accounts.deactivate(by=Operator(), user=cast.giver.user, confirmed=True)
    assert Client().get(address(secret)).status_code == 404


def test_access_is_asked_anew_each_time(cast: Cast, programme: Programme) -> None:
    accepted(cast, programme)
    accounts.seat(
        by=Operator(), user=cast.giver.user, organisation=cast.stranger.organisation, role=Role.VIEWER
    )
    secret = calendars.open_address(by=cast.giver)
    assert len(read(secret)) == 1
    accounts.unseat(
        by=Operator(), user=cast.giver.user, organisation=cast.giver.organisation, role=Role.MANAGER
    )
    assert owner_of(secret) == cast.giver.user
    assert read(secret) == [], (
        "of an organisation that was left nothing is told, not even that something ended"
    )


def test_a_calendar_speaks_its_persons_language_and_tells_all_their_organisations(
    cast: Cast, programme: Programme
) -> None:
    accepted(cast, programme)
    accounts.seat(by=Operator(), user=cast.giver.user, organisation=cast.donor.organisation, role=Role.VIEWER)
    User.objects.filter(pk=cast.giver.user.pk).update(language="ro")
    secret = calendars.open_address(by=cast.giver)
    assert len(read(secret)) == 1
    with asking(cast.giver):
        assert list(CalendarEntry.objects.values_list("organisation_id", flat=True)) == [
            cast.giver.organisation.pk
        ]


def test_opening_and_revoking_stand_in_the_organisations_ledger(cast: Cast) -> None:
    from handover.models import LedgerEntry

    secret = calendars.open_address(by=cast.giver)
    calendars.revoke_address(by=cast.giver)
    with asking(cast.giver):
        bodies = list(
            LedgerEntry.objects.filter(organisation_id=cast.giver.organisation.pk)
            .order_by("-id")
            .values_list("body", flat=True)[:2]
        )
    assert ["calendar.revoked" in bodies[0], "calendar.opened" in bodies[1]] == [True, True]
    assert secret not in "".join(bodies)


def test_a_token_makes_no_address(cast: Cast) -> None:
    import pytest

    from handover.errors import NotAllowed

    by_token = Actor(cast.giver.user, cast.giver.organisation, "api", "x", frozenset())
    with pytest.raises(NotAllowed):
        calendars.open_address(by=by_token)
