"""Permission history: what it says of a past instant is what access said at that instant."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover import clock
from handover.access import Actor, asking, permissions_on, reach, seats_now
from handover.actions import accounts, leaving, permissions, standings
from handover.errors import Invalid, Refused
from handover.models import Programme, Responsibility
from handover.permissions import Permission, Role, StandingKind
from handover.queries.permission_history import Then, changes, could_at, end_of_day
from tests.conftest import OwnerSql
from tests.factories import transfers as stories
from tests.factories.api import caller
from tests.factories.cast import AUDIT_ENDS, TODAY, Cast, programme_of
from tests.factories.transfers import undone

pytestmark = pytest.mark.django_db

Says = dict[tuple[int, int | None], frozenset[Permission]]


def actors(cast: Cast) -> Iterator[Actor]:
    yield from (vars(cast)[name] for name in vars(cast))


def access_says(cast: Cast, programme: Programme) -> Says:
    """Ask access what everybody may do now, on the programme and each responsibility."""
    found: Says = {}
    for actor in actors(cast):
        actor.user.refresh_from_db(fields=["is_active"])
        with asking(actor):
            if not seats_now(actor.user).filter(organisation=actor.organisation).exists():
                continue
            found[actor.user.pk, None] = permissions_on(actor, programme)
            for thing in Responsibility.objects.filter(programme=programme).select_related("programme"):
                found[actor.user.pk, thing.pk] = permissions_on(actor, thing)
    return {key: codes for key, codes in found.items() if codes}


def history_says(reader: Actor, programme: Programme, at: dt.datetime) -> Says:
    """Ask the history what everybody could do at an instant."""
    found: dict[tuple[int, int | None], set[Permission]] = {}
    for item in then(reader, programme, at).could:
        thing = item.responsibility.pk if item.responsibility else None
        found.setdefault((item.user.pk, thing), set()).add(item.permission)
    return {key: frozenset(codes) for key, codes in found.items()}


def then(reader: Actor, programme: Programme, at: dt.datetime) -> Then:
    with asking(reader):
        return could_at(reach(reader, programme), at)


def test_the_history_of_this_instant_is_what_access_says_now(cast: Cast, programme: Programme) -> None:
    assert history_says(cast.giver, programme, clock.now()) == access_says(cast, programme)


STEPS = ("let_in", "except", "unseat", "seat", "leave", "dismiss", "hand_over")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=5, unique=True))
def test_what_the_history_says_of_a_past_day_is_what_access_said_then(
    cast: Cast, programme: Programme, steps: list[str]
) -> None:
    """Whatever happens, day by day: each past day is told as access told it on that day."""
    with undone():
        told: list[tuple[dt.datetime, Says]] = []
        for number, step in enumerate(steps):
            with clock.at(TODAY + dt.timedelta(days=number)):
                take(step, cast, programme)
            at = TODAY + dt.timedelta(days=number, hours=6)
            with clock.at(at):
                told.append((at, access_says(cast, programme)))
        with clock.at(TODAY + dt.timedelta(days=len(steps))):
            reader = cast.donor
            for at, says in told:
                assert history_says(reader, programme, at) == says, f"{steps}, {at}"


def take(step: str, cast: Cast, programme: Programme) -> None:
    """Do something that changes who may do what, if it can be done still."""
    with asking(cast.giver):
        runs_it = Permission.MANAGE_STANDINGS in permissions_on(cast.giver, programme)
    officer: dict[str, Any] = {"user": cast.receiver_officer.user, "organisation": cast.receiver.organisation}
    steps: dict[str, Callable[[], object]] = {
        "unseat": lambda: accounts.unseat(by=cast.receiver, role=Role.OFFICER, **officer),
        "seat": lambda: accounts.seat(by=cast.receiver, role=Role.REPORTER, **officer),
        "leave": lambda: leaving.leave(by=cast.giver, user_uuid=cast.giver_reporter.user.uuid),
    }
    if runs_it:
        steps |= {
            "let_in": lambda: standings.admit(
                by=cast.giver,
                programme_uuid=programme.uuid,
                organisation=cast.stranger.organisation,
                kind=StandingKind.PARTNER,
            ),
            "except": lambda: permissions.except_user(
                by=cast.giver,
                thing=programme,
                user=cast.community.user,
                organisation=cast.community.organisation,
                permission=Permission.EDIT_NEEDS,
                reason="Helps out",
                until=TODAY + dt.timedelta(days=3),
            ),
            "dismiss": lambda: standings.dismiss(
                by=cast.giver,
                programme_uuid=programme.uuid,
                organisation=cast.auditor.organisation,
                kind=StandingKind.AUDITOR,
                reason="The audit is over",
            ),
            "hand_over": lambda: stories.executed(cast, programme),
        }
    # What the plan has to map first, or what ended before, is refused: that changes nobody's permissions.
    with contextlib.suppress(Refused, Invalid):
        steps.get(step, lambda: None)()


def test_what_ended_by_itself_is_told_until_its_minute(cast: Cast, programme: Programme) -> None:
    minute = dt.timedelta(minutes=1)
    with clock.at(AUDIT_ENDS + minute * 2):
        before = history_says(cast.giver, programme, AUDIT_ENDS - minute)
        after = history_says(cast.giver, programme, AUDIT_ENDS)
    auditor = cast.auditor.user.pk
    assert Permission.READ_LEDGER in before[auditor, None]
    assert (auditor, None) not in after


def test_a_handover_is_told_with_the_transfer_that_gave_it(cast: Cast, programme: Programme) -> None:
    with clock.at(TODAY):
        proof = stories.executed(cast, programme)
    with clock.at(TODAY + dt.timedelta(days=3)):
        earlier = then(cast.receiver, programme, TODAY - dt.timedelta(days=1))
        later = then(cast.receiver, programme, TODAY + dt.timedelta(days=1))
    gained, lost = changes(earlier, later)
    (edits,) = [
        item
        for item in gained
        if item.user == cast.receiver.user and item.permission is Permission.EDIT_NEEDS
    ]
    (why,) = edits.because
    assert (why.standing, why.transfer) == (StandingKind.STEWARD, proof.transfer.title)
    assert cast.giver.user in {item.user for item in lost if item.permission is Permission.EDIT_NEEDS}
    held = [item for item in gained if item.responsibility and item.user == cast.receiver_reporter.user]
    assert {why.transfer for item in held for why in item.because} == {proof.transfer.title}


def test_an_exception_is_told_with_its_reason_and_who_gave_it(cast: Cast, programme: Programme) -> None:
    take("except", cast, programme)
    (item,) = [
        item
        for item in then(cast.giver, programme, clock.now()).could
        if item.user == cast.community.user and item.permission is Permission.EDIT_NEEDS
    ]
    (why,) = item.because
    assert (why.role, why.reason, why.by) == (None, "Helps out", cast.giver.user.display_name)


def test_a_day_is_told_as_it_ended_and_today_as_it_is(cast: Cast) -> None:
    assert end_of_day(clock.today()) == clock.now()
    past = clock.today() - dt.timedelta(days=3)
    assert end_of_day(past).astimezone(clock.HOUSE_ZONE).date() == past


def test_another_tenant_is_told_nothing(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        open_to = reach(cast.giver, programme)
    with asking(cast.stranger):
        assert could_at(open_to, clock.now()).could == []


# --- page and interface ------------------------------------------------------------------------------------------


def test_the_page_tells_a_day_and_what_changed(cast: Cast, programme: Programme) -> None:
    client = Client()
    client.force_login(cast.donor.user, backend="django.contrib.auth.backends.ModelBackend")
    take("except", cast, programme)
    address = f"/programmes/{programme.uuid}/permissions/history/"
    page = client.get(f"{address}?on=2024-06-03&since=2024-06-02").content.decode()
    assert "Who could do what on 3 June 2024" in page
    assert "can now: Change the needs hierarchy" in page
    assert "Helps out" in page
    assert "given by Manager of giver" in page
    for wrong in ("on=2024-06-04", "on=never", "on=0001-01-01", "since=2024-02-31"):
        assert client.get(f"{address}?{wrong}").status_code == 404
    client.force_login(cast.giver_reporter.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_known_is_said(cast: Cast, owner_sql: OwnerSql) -> None:
    programme = programme_of(cast)
    owner_sql("DELETE FROM handover_accessspan WHERE kind = 'since'")
    owner_sql(
        "INSERT INTO handover_accessspan (kind, role, codename, reason, begun_at) VALUES ('since', '', '', '', %s)",
        [TODAY],
    )
    client = Client()
    client.force_login(cast.donor.user, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/programmes/{programme.uuid}/permissions/history/"
    said = "Grants and accounts are kept with their times since"
    assert said in client.get(f"{address}?on=2024-06-02").content.decode()
    assert said in client.get(f"{address}?since=2024-06-02").content.decode()
    assert said not in client.get(address).content.decode()


def test_the_interface_tells_the_same(cast: Cast, programme: Programme) -> None:
    told = caller(cast.donor).get(f"programmes/{programme.uuid}/permission-history?on=2024-06-03").good()
    assert len(told["could"]) == len(then(cast.donor, programme, clock.now()).could)
    assert {item["because"][0]["standing"] for item in told["could"]} > {"steward", "donor"}
    later = caller(cast.donor).get(f"programmes/{programme.uuid}/permission-history?on=2024-06-04")
    assert later.status == 422
