"""The fetch is the permission; the database hears who asks for exactly one block; there is one way past the wall."""

from __future__ import annotations

import datetime as dt
import threading
from uuid import uuid4

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from handover import clock
from handover.access import (
    Actor,
    actor_for,
    asking,
    authorise,
    custody,
    lock_programme,
    permissions_on,
    programme_for,
    programme_ids,
    reach,
    responsibility_for,
    transfer_for,
    who_asks,
)
from handover.actions import accounts, action, programmes
from handover.errors import DomainError, NotAllowed, NotFound
from handover.models import Programme, Responsibility
from handover.permissions import Permission, Role, StandingKind
from tests.factories.cast import AUDIT_ENDS, Cast
from tests.factories.organisations import OPERATOR
from tests.factories.programmes import programme as another_programme

SETTINGS = ("handover.user", "handover.organisation", "handover.custody")


def said() -> tuple[str, ...]:
    """Give what the database has been told about who is asking."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
        )
        return tuple(cursor.fetchone() or ())


def as_said(actor: Actor, custody: str = "") -> tuple[str, ...]:
    return (str(actor.user.pk), str(actor.organisation.pk), custody)


NOBODY = ("", "", "")


@pytest.mark.django_db
def test_outside_a_block_nobody_is_asking(cast: Cast, programme: Programme) -> None:
    assert said() == NOBODY
    assert who_asks() is None
    assert not Programme.objects.exists()


@pytest.mark.django_db
def test_inside_a_block_the_database_knows_who_is_asking(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver) as actor:
        assert said() == as_said(cast.giver)
        assert who_asks() == actor == cast.giver
        assert Programme.objects.get() == programme
    assert said() == NOBODY


@pytest.mark.django_db
def test_the_outer_answer_stands_again_after_an_inner_block(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        with asking(cast.stranger):
            assert said() == as_said(cast.stranger)
            assert not Programme.objects.exists()
        assert said() == as_said(cast.giver)
        assert who_asks() == cast.giver
        assert Programme.objects.exists()


@pytest.mark.django_db
def test_the_outer_answer_stands_again_after_an_inner_block_that_failed(cast: Cast) -> None:
    with asking(cast.giver):
        with pytest.raises(ZeroDivisionError), asking(cast.stranger):
            raise ZeroDivisionError
        assert said() == as_said(cast.giver)
        assert who_asks() == cast.giver
    assert said() == NOBODY


@pytest.mark.django_db
def test_an_error_of_the_database_is_told_as_itself(cast: Cast) -> None:
    with asking(cast.giver):
        with (
            pytest.raises(DatabaseError, match="division by zero"),
            asking(cast.stranger),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT 1/0")
        assert said() == as_said(cast.giver)
    assert said() == NOBODY


@pytest.mark.django_db(transaction=True)
def test_what_was_said_does_not_outlive_its_transaction(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        assert Programme.objects.exists()
    assert said() == NOBODY
    with transaction.atomic():
        assert not Programme.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_block_that_fails_leaves_nothing_behind(cast: Cast, programme: Programme) -> None:
    with pytest.raises(ZeroDivisionError), asking(cast.giver):  # noqa: PT012  what is done before it fails is the point
        programmes.edit(by=cast.giver, programme_uuid=programme.uuid, version=1, title="Never")
        raise ZeroDivisionError

    with asking(cast.giver):
        assert Programme.objects.values_list("version", flat=True).get() == 1
    assert said() == NOBODY


@pytest.mark.django_db
def test_an_action_that_is_refused_half_way_leaves_nothing_behind(cast: Cast, programme: Programme) -> None:
    @action
    def half(*, by: Actor) -> None:
        programmes.edit(by=by, programme_uuid=programme.uuid, version=1, title="Half")
        raise DomainError("refused", "The other half is impossible.")

    with pytest.raises(DomainError, match="other half"):
        half(by=cast.giver)
    with asking(cast.giver):
        assert Programme.objects.values_list("version", flat=True).get() == 1


@pytest.mark.django_db
def test_a_rollback_inside_leaves_the_block_usable(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        assert said() == as_said(cast.giver)
        assert Programme.objects.exists()


@pytest.mark.django_db
def test_custody_opens_one_programme_and_no_other(cast: Cast, programme: Programme) -> None:
    other = another_programme(cast.giver)
    with asking(cast.stranger):
        with custody(programme.pk):
            assert list(Programme.objects.all()) == [programme]
            assert said() == as_said(cast.stranger, str(programme.pk))
        assert not Programme.objects.exists()
    with custody(programme.pk), custody(other.pk):
        assert list(Programme.objects.all()) == [other]
    assert said() == NOBODY


@pytest.mark.django_db
def test_custody_ends_with_a_block_that_failed(cast: Cast, programme: Programme) -> None:
    with asking(cast.stranger):
        with pytest.raises(DatabaseError), custody(programme.pk), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        assert not Programme.objects.exists()


@pytest.mark.django_db
def test_a_programme_is_fetched_by_its_address_or_by_its_identifier(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        for key in (programme.uuid, str(programme.uuid), programme.identifier):
            assert programme_for(cast.giver, key, may=Permission.VIEW) == programme


@pytest.mark.django_db
def test_what_is_another_tenants_is_not_told_from_what_does_not_exist(
    cast: Cast, programme: Programme
) -> None:
    with asking(cast.stranger):
        with pytest.raises(NotFound) as hidden:
            programme_for(cast.stranger, programme.uuid, may=Permission.VIEW)
        with pytest.raises(NotFound) as absent:
            programme_for(cast.stranger, uuid4(), may=Permission.VIEW)
    assert (hidden.value.code, hidden.value.sentence, hidden.value.details) == (
        absent.value.code,
        absent.value.sentence,
        absent.value.details,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("fetch", [programme_for, responsibility_for, transfer_for])
@pytest.mark.parametrize("key", ["not-a-uuid", "", "' OR true --"])
def test_a_key_that_is_no_key_finds_nothing(cast: Cast, fetch: object, key: str) -> None:
    with asking(cast.giver), pytest.raises(NotFound):
        fetch(cast.giver, key, may=Permission.VIEW)  # type: ignore[operator]


@pytest.mark.django_db
def test_who_may_read_but_not_do_is_told_so(cast: Cast, programme: Programme) -> None:
    with asking(cast.donor), pytest.raises(NotAllowed) as refused:
        programme_for(cast.donor, programme.uuid, may=Permission.EDIT_PROGRAMME)
    assert refused.value.details == {"permission": "edit_programme"}


@pytest.mark.django_db
def test_what_is_held_on_the_programme_implies_nothing_on_its_responsibilities(
    cast: Cast, programme: Programme
) -> None:
    """The receiver holds one responsibility: from then on the steward's own manager may not touch it."""
    from tests.factories.programmes import admitted, responsibility

    admitted(programme, cast.receiver.organisation, StandingKind.PARTNER, by=cast.giver)
    theirs = responsibility(programme, by=cast.giver, title="Theirs", holder=cast.receiver.organisation)

    with asking(cast.giver):
        assert Permission.REPORT_VALUES in permissions_on(cast.giver, programme)
        assert permissions_on(cast.giver, theirs) == frozenset()
        assert authorise(cast.giver, programme.pk, None, may=Permission.REPORT_VALUES) == programme
        with pytest.raises(NotAllowed, match="Theirs"):
            authorise(cast.giver, programme.pk, theirs, may=Permission.REPORT_VALUES)
        assert responsibility_for(cast.giver, theirs.uuid, may=Permission.VIEW) == theirs
    with asking(cast.receiver):
        assert responsibility_for(cast.receiver, theirs.uuid, may=Permission.EDIT_RESPONSIBILITY) == theirs
        with pytest.raises(NotAllowed):
            authorise(cast.receiver, programme.pk, None, may=Permission.REPORT_VALUES)


@pytest.mark.django_db
def test_a_list_knows_its_programmes_by_one_query(
    cast: Cast, programme: Programme, django_assert_num_queries: object
) -> None:
    other = another_programme(cast.giver)
    with asking(cast.giver), django_assert_num_queries(1):  # type: ignore[operator]
        assert programme_ids(cast.giver, may=Permission.EDIT_NEEDS) == {programme.pk, other.pk}
    with asking(cast.donor):
        assert programme_ids(cast.donor, may=Permission.VIEW) == {programme.pk}
        assert programme_ids(cast.donor, may=Permission.EDIT_NEEDS) == frozenset()
    with asking(cast.stranger):
        assert programme_ids(cast.stranger, may=Permission.VIEW) == frozenset()


@pytest.mark.django_db
def test_reach_tells_standings_permissions_and_what_ends_the_view(cast: Cast, programme: Programme) -> None:
    with asking(cast.auditor):
        found = reach(cast.auditor, programme)
    assert found.standings == {StandingKind.AUDITOR}
    assert found.permissions == {Permission.VIEW, Permission.EXPORT, Permission.READ_LEDGER, Permission.AUDIT}
    assert found.cutoff is None


@pytest.mark.django_db
def test_time_boxed_access_ends_at_its_minute_without_anybody_doing_anything(
    cast: Cast, programme: Programme
) -> None:
    with clock.at(AUDIT_ENDS - dt.timedelta(seconds=1)), asking(cast.auditor):
        assert programme_for(cast.auditor, programme.uuid, may=Permission.READ_LEDGER) == programme
        assert programme_ids(cast.auditor, may=Permission.VIEW) == {programme.pk}
    with clock.at(AUDIT_ENDS), asking(cast.auditor):
        with pytest.raises(NotFound):
            programme_for(cast.auditor, programme.uuid, may=Permission.VIEW)
        assert programme_ids(cast.auditor, may=Permission.VIEW) == frozenset()


@pytest.mark.django_db
def test_a_person_acts_for_one_organisation_at_a_time(cast: Cast, programme: Programme) -> None:
    """The same person sits at the giver and at the stranger: what one seat opens the other does not."""
    accounts.seat(
        by=OPERATOR, user=cast.giver.user, organisation=cast.stranger.organisation, role=Role.MANAGER
    )
    elsewhere = actor_for(cast.giver.user, cast.stranger.organisation, channel="web")

    with asking(elsewhere), pytest.raises(NotFound):
        programme_for(elsewhere, programme.uuid, may=Permission.VIEW)
    with asking(cast.giver):
        assert programme_for(cast.giver, programme.uuid, may=Permission.VIEW) == programme


@pytest.mark.django_db
def test_a_seat_that_ended_opens_nothing(cast: Cast, programme: Programme, today: dt.datetime) -> None:
    officer = cast.giver_officer
    accounts.unseat(by=OPERATOR, user=officer.user, organisation=officer.organisation, role=Role.OFFICER)

    with asking(officer), pytest.raises(NotFound):
        programme_for(officer, programme.uuid, may=Permission.VIEW)
    with pytest.raises(NotAllowed, match="holds no seat"):
        actor_for(officer.user, officer.organisation, channel="web")


@pytest.mark.django_db
def test_a_seat_for_a_time_ends_at_its_minute(cast: Cast, programme: Programme, today: dt.datetime) -> None:
    until = today + dt.timedelta(hours=2)
    accounts.seat(
        by=OPERATOR,
        user=cast.stranger.user,
        organisation=cast.giver.organisation,
        role=Role.VIEWER,
        until=until,
    )
    guest = actor_for(cast.stranger.user, cast.giver.organisation, channel="web")
    with asking(guest):
        assert programme_for(guest, programme.uuid, may=Permission.VIEW) == programme
    with clock.at(until), asking(guest), pytest.raises(NotFound):
        programme_for(guest, programme.uuid, may=Permission.VIEW)


@pytest.mark.django_db
def test_a_closed_account_may_do_nothing_more(cast: Cast, programme: Programme) -> None:
    accounts.deactivate(by=OPERATOR, user=cast.giver_officer.user, confirmed=True)

    with asking(cast.giver_officer):
        with pytest.raises(NotFound):
            programme_for(cast.giver_officer, programme.uuid, may=Permission.VIEW)
        assert programme_ids(cast.giver_officer, may=Permission.VIEW) == frozenset()
    with pytest.raises(NotAllowed):
        actor_for(cast.giver_officer.user, cast.giver.organisation, channel="web")


@pytest.mark.django_db(transaction=True)
def test_a_write_below_a_programme_waits_for_a_step_of_its_transfer(cast: Cast, programme: Programme) -> None:
    locked, released = threading.Event(), threading.Event()

    def step() -> None:
        try:
            with asking(cast.giver):
                lock_programme(programme)
                locked.set()
                released.wait(20)
        finally:
            connections.close_all()

    other = threading.Thread(target=step)
    other.start()
    try:
        assert locked.wait(20)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                programmes.edit(by=cast.giver, programme_uuid=programme.uuid, version=1, title="Too soon")
        with asking(cast.giver):
            found = programme_for(cast.giver, programme.uuid, may=Permission.VIEW)
            assert found == programme, "reading never waits"
    finally:
        released.set()
        other.join(20)
    programmes.edit(by=cast.giver, programme_uuid=programme.uuid, version=1, title="Now")


@pytest.mark.django_db(transaction=True)
def test_two_writes_below_a_programme_do_not_wait_for_each_other(cast: Cast, programme: Programme) -> None:
    begun, released = threading.Event(), threading.Event()

    @action
    def slow(*, by: Actor) -> None:
        programme_for(by, programme.uuid, may=Permission.EDIT_NEEDS)
        begun.set()
        released.wait(20)

    def write() -> None:
        try:
            slow(by=cast.giver)
        finally:
            connections.close_all()

    other = threading.Thread(target=write)
    other.start()
    try:
        assert begun.wait(20)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            from tests.factories.programmes import responsibility

            assert isinstance(responsibility(programme, by=cast.giver, title="Beside"), Responsibility)
    finally:
        released.set()
        other.join(20)


@pytest.mark.django_db
def test_who_only_reads_cannot_lock_the_others_out(cast: Cast, programme: Programme) -> None:
    with asking(cast.auditor), pytest.raises(NotAllowed):
        lock_programme(programme)
