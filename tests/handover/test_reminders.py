"""Reminders: what waits reaches whoever wants to hear of it, in their language, and once."""

from __future__ import annotations

import datetime as dt
import io
import re
import threading
from collections.abc import Sequence

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from handover import clock
from handover.access import Actor, Operator, asking
from handover.actions import accounts, milestones, reminders, transfers
from handover.actions.reminders import LETTER, WORKER, deliver, look, remind, stop_key
from handover.actions.webhook_deliveries import look_for_overdue
from handover.errors import Invalid
from handover.models import Letter, Programme, Told, Transfer, User
from handover.models.guard import writing
from handover.models.reminders import HowOften, LetterKind, LetterState
from handover.permissions import Role
from handover.queries.reminders import is_time
from handover.queries.waiting import waiting_for
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast

BACKEND = "django.contrib.auth.backends.ModelBackend"


def wants(who: Actor, how_often: HowOften, *kinds: LetterKind) -> None:
    reminders.choose(by=who, choices=dict.fromkeys(kinds or tuple(LetterKind), how_often))


def proposed(cast: Cast, programme: Programme) -> Transfer:
    """Put a plan before the receiver: it waits for the receiver's manager alone."""
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    return transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)


def accepted(cast: Cast, programme: Programme) -> Transfer:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
    plans.milestone(transfer, by=cast.giver, title="A secret title")
    return plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)


def told() -> list[EmailMessage]:
    """Look and send, as a worker does, and give what was sent."""
    outbox.outbox.clear()
    look()
    for letter in Letter.objects.filter(state=LetterState.WAITING).order_by("id"):
        deliver(letter=letter.pk)
    return list(outbox.outbox)


def to(sent: Sequence[EmailMessage]) -> list[tuple[str, str]]:
    return sorted((mail.to[0], str(mail.subject)) for mail in sent)


# --- what is told, to whom ------------------------------------------------------------------------


def test_what_waits_is_told_to_whom_it_waits_for_and_once(cast: Cast, programme: Programme) -> None:
    transfer = proposed(cast, programme)
    (mail,) = told()
    assert to([mail]) == [(cast.receiver.user.email, "Something waits for you")]
    assert "The plan of a transfer waits for your answer" in mail.body
    assert f"XX-TEST-HOME – {cast.receiver.organisation.name}" in mail.body
    assert told() == []
    with clock.at(TODAY + dt.timedelta(days=8)):
        assert told() == [], "nor on any other day"
        transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="More")
        assert told() == [], "this morning's mails are gone"
    with clock.at(TODAY + dt.timedelta(days=9)):
        assert {address for address, _ in to(told())} == {
            cast.giver.user.email,
            cast.giver_officer.user.email,
        }


def test_the_same_thing_that_waits_anew_is_told_anew(cast: Cast, programme: Programme) -> None:
    transfer = proposed(cast, programme)
    assert len(told()) == 1
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="More")
    plans.milestone(transfer, by=cast.giver)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    with clock.at(TODAY + dt.timedelta(days=1)):
        assert cast.receiver.user.email in {address for address, _ in to(told())}


def test_a_day_is_told_14_and_7_days_and_one_day_ahead_and_when_it_is_over(
    cast: Cast, programme: Programme
) -> None:
    accepted(cast, programme)
    told()
    heard = []
    for ahead in (20, *range(15, -4, -1), -30):
        day = plans.DUE - dt.timedelta(days=ahead)
        with clock.at(dt.datetime.combine(day, dt.time(8), dt.UTC)):
            heard += [(ahead, *item) for item in to(told()) if item[0] == cast.giver.user.email]
    subject = "Something is due soon, or late"
    assert heard == [(ahead, cast.giver.user.email, subject) for ahead in (14, 7, 1, -1)]


def test_a_mail_that_tells_something_new_does_not_tell_its_day_again(
    cast: Cast, programme: Programme
) -> None:
    with clock.at(dt.datetime.combine(plans.DUE - dt.timedelta(days=5), dt.time(8), dt.UTC)):
        accepted(cast, programme)
        subjects = [subject for address, subject in to(told()) if address == cast.giver.user.email]
    assert subjects == ["Something waits for you"]


def test_list_mail_and_webhooks_call_the_same_day_late(cast: Cast, programme: Programme) -> None:
    from handover.actions import webhooks
    from handover.queries.webhooks import deliveries

    accepted(cast, programme)
    webhooks.create(
        by=cast.giver, title="Register", url="https://town.example/x", events=["milestone.overdue"]
    )
    for after, late in ((0, False), (1, True)):
        with clock.at(dt.datetime.combine(plans.DUE + dt.timedelta(days=after), dt.time(8), dt.UTC)):
            look_for_overdue()
            with asking(cast.giver):
                assert deliveries(cast.giver).exists() is late
            (task,) = waiting_for(cast.giver)
            assert (task.stage(clock.today()) == "overdue") is late


def test_nothing_that_people_wrote_leaves_the_house(cast: Cast, programme: Programme) -> None:
    accepted(cast, programme)
    (mail,) = [mail for mail in told() if mail.to == [cast.giver.user.email]]
    (html, _), *_ = mail.alternatives  # type: ignore[attr-defined]
    for text in (mail.body, str(html), mail.subject):
        assert "A secret title" not in text
        assert "To receiver" not in text
        assert "A programme that goes home" not in text
    assert "A step of the transfer (training completed) waits for your signature" in mail.body
    assert "31 August 2024" in mail.body


def test_a_mail_is_written_in_its_readers_language(cast: Cast, programme: Programme) -> None:
    proposed(cast, programme)
    User.objects.filter(pk=cast.receiver.user.pk).update(language="lt")
    (mail,) = told()
    assert mail.extra_headers["Content-Language"] == "lt"
    (html, _), *_ = mail.alternatives  # type: ignore[attr-defined]
    assert '<html lang="lt">' in str(html)


def test_a_person_with_two_seats_gets_one_mail_of_both(cast: Cast, programme: Programme) -> None:
    accepted(cast, programme)
    accounts.seat(
        by=Operator(), user=cast.donor.user, organisation=cast.receiver.organisation, role=Role.MANAGER
    )
    accounts.seat(
        by=Operator(), user=cast.donor.user, organisation=cast.giver.organisation, role=Role.MANAGER
    )
    (mail,) = [mail for mail in told() if mail.to == [cast.donor.user.email]]
    assert mail.body.count("waits for your signature") == 2
    with asking(Actor(cast.donor.user, cast.giver.organisation)):
        assert set(Told.objects.values_list("organisation_id", flat=True)) == {cast.giver.organisation.pk}


# --- nobody who should not ------------------------------------------------------------------------


def test_whoever_is_deactivated_or_has_no_seat_is_told_nothing(cast: Cast, programme: Programme) -> None:
    proposed(cast, programme)
    with plans.undone():
        accounts.deactivate(by=Operator(), user=cast.receiver.user, confirmed=True)
        assert told() == []
    accounts.unseat(
        by=Operator(),
        user=cast.receiver.user,
        organisation=cast.receiver.organisation,
        role=Role.MANAGER,
    )
    assert told() == []


def test_whoever_loses_their_seat_before_the_mail_goes_gets_none(cast: Cast, programme: Programme) -> None:
    proposed(cast, programme)
    look()
    letter = Letter.objects.get()
    accounts.unseat(
        by=Operator(),
        user=cast.receiver.user,
        organisation=cast.receiver.organisation,
        role=Role.MANAGER,
    )
    deliver(letter=letter.pk)
    letter.refresh_from_db()
    assert letter.state == LetterState.DROPPED
    assert outbox.outbox == []


def test_what_is_done_before_the_mail_goes_is_not_told(cast: Cast, programme: Programme) -> None:
    transfer = accepted(cast, programme)
    look()
    step = plans.milestones_of(transfer, by=cast.giver)[0]
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert [address for address, _ in to(told())] == [cast.receiver.user.email]


# --- how often ------------------------------------------------------------------------------------


def test_a_choice_decides_how_often(cast: Cast, programme: Programme) -> None:
    wants(cast.giver, HowOften.AT_ONCE)
    wants(cast.receiver, HowOften.WEEKLY)
    assert told() == []
    accepted(cast, programme)
    assert [address for address, _ in to(told())] == [cast.giver.user.email], "at once"
    with clock.at(TODAY + dt.timedelta(days=3)):
        assert told() == []
    with clock.at(dt.datetime(2024, 6, 10, 5, 1, tzinfo=dt.UTC)):
        assert [address for address, _ in to(told())] == [cast.receiver.user.email], "on Monday morning"


def test_never_means_never_and_the_kinds_are_chosen_apart(cast: Cast, programme: Programme) -> None:
    wants(cast.giver, HowOften.NEVER, LetterKind.WAITING)
    wants(cast.receiver, HowOften.NEVER)
    accepted(cast, programme)
    assert told() == []
    with clock.at(dt.datetime.combine(plans.DUE, dt.time(8), dt.UTC)):
        assert to(told()) == [(cast.giver.user.email, "Something is due soon, or late")]


@pytest.mark.parametrize(
    ("how_often", "looked", "expected"),
    [
        ("never", None, False),
        ("daily", None, True),
        ("at_once", "2024-06-05 11:59", True),
        ("daily", "2024-06-05 04:59", True),
        ("daily", "2024-06-05 05:00", False),
        ("weekly", "2024-06-03 04:59", True),
        ("weekly", "2024-06-03 05:00", False),
    ],
)
def test_mornings_are_when_digests_go(how_often: str, looked: str | None, expected: bool) -> None:
    now = dt.datetime(2024, 6, 5, 12, tzinfo=dt.UTC)
    before = dt.datetime.fromisoformat(looked).replace(tzinfo=dt.UTC) if looked else None
    assert is_time(how_often, before, now) is expected


def test_a_monday_before_dawn_still_belongs_to_last_week() -> None:
    dawn = dt.datetime(2024, 6, 10, 4, 59, tzinfo=dt.UTC)
    looked = dt.datetime(2024, 6, 3, 5, 0, tzinfo=dt.UTC)
    assert not is_time("weekly", looked, dawn)
    assert is_time("weekly", looked, dawn + dt.timedelta(minutes=1))


def test_an_unknown_choice_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as wrong:
        reminders.choose(by=cast.giver, choices={"waiting": "hourly"})
    assert wrong.value.code == "unknown_how_often"
    with pytest.raises(Invalid) as unknown:
        reminders.choose(by=cast.giver, choices={"gossip": "daily"})
    assert unknown.value.code == "unknown_letter"


# --- the end of a kind of mail --------------------------------------------------------------------


def test_a_mail_holds_one_link_that_stops_its_kind_by_one_post(cast: Cast, programme: Programme) -> None:
    proposed(cast, programme)
    with override_settings(PUBLIC_URL="http://testserver"):
        (mail,) = told()
    (path,) = re.findall(r"http://testserver(/you/reminders/stop/\S+)", str(mail.body))
    assert mail.extra_headers["List-Unsubscribe"] == f"<http://testserver{path}>"
    client = Client(enforce_csrf_checks=True)
    page = client.get(path)
    assert page.status_code == 200
    assert chosen_by(cast.receiver)["waiting"] == "daily", "looking at it changes nothing"
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert chosen_by(cast.receiver) == {"waiting": "never", "due": "daily"}
    assert client.post(path).status_code == 200, "once more changes nothing"
    assert client.post(path[:-3] + "xx/").status_code == 404


def test_a_key_of_something_else_stops_nothing(cast: Cast) -> None:
    from django.core import signing

    for wrong in ("x", signing.dumps([str(cast.giver.user.uuid), "due"], salt="another")):
        with pytest.raises(Invalid):
            reminders.stop(by=Operator(), key=wrong)
    reminders.stop(by=Operator(), key=stop_key(cast.giver.user, LetterKind.DUE))
    assert chosen_by(cast.giver)["due"] == "never"


def chosen_by(who: Actor) -> dict[str, str]:
    from handover.queries.reminders import chosen

    return {kind.value: often.value for kind, often in chosen(who.user).items()}


# --- the page -------------------------------------------------------------------------------------


def test_a_person_chooses_on_their_page(cast: Cast) -> None:
    client = Client()
    address = reverse("reminders")
    assert client.get(address).status_code == 302, "whoever is not signed in is asked to"
    client.force_login(cast.giver.user, backend=BACKEND)
    page = client.get(address)
    assert page.status_code == 200
    answer = client.post(address, {"waiting": "weekly", "due": "at_once"})
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert chosen_by(cast.giver) == {"waiting": "weekly", "due": "at_once"}
    assert chosen_by(cast.giver_officer) == {"waiting": "daily", "due": "daily"}
    wrong = client.post(address, {"waiting": "hourly", "due": "at_once"})
    assert wrong.status_code == 200
    assert chosen_by(cast.giver)["waiting"] == "weekly"


# --- the command ----------------------------------------------------------------------------------


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("reminders", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_shows_what_would_be_told_and_orders_it_when_asked(
    cast: Cast, programme: Programme
) -> None:
    transfer = proposed(cast, programme)
    assert f"plan.answer:{transfer.uuid}" in said()
    assert not Letter.objects.exists(), "showing orders nothing"
    assert "Ordered: 0" in said("--send", "--to", cast.giver.user.email)
    assert "Ordered: 1" in said("--send")
    assert "Nobody waits for a mail." in said()
    assert '"ordered": 0' in said("--send", "--json")
    with pytest.raises(CommandError, match="no such account"):
        said("--to", "nobody@nowhere.example")


# --- never twice ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
class TestNeverTwice:
    def test_two_workers_that_look_and_send_at_once_send_one_mail(
        self, cast: Cast, programme: Programme
    ) -> None:
        proposed(cast, programme)
        start = threading.Barrier(2, timeout=60)

        def work() -> None:
            try:
                with clock.at(TODAY):
                    start.wait()
                    look()
                    start.wait()
                    for key in Letter.objects.order_by("id").values_list("pk", flat=True):
                        deliver(letter=key)
            finally:
                connection.close()

        both = [threading.Thread(target=work) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(60)
        assert len(outbox.outbox) == 1
        assert Letter.objects.count() == 1

    def test_a_worker_that_dies_while_it_looks_has_ordered_nothing_and_noted_nothing(
        self, cast: Cast, programme: Programme
    ) -> None:
        proposed(cast, programme)
        with transaction.atomic():
            assert len(remind(by=WORKER, user_id=cast.receiver.user.pk)) == 1
            transaction.set_rollback(True)
        assert not Letter.objects.exists()
        assert queued() == 0
        assert len(told()) == 1

    def test_a_worker_that_dies_before_it_sends_leaves_the_order(
        self, cast: Cast, programme: Programme
    ) -> None:
        proposed(cast, programme)
        look()
        assert queued() == 1
        worked()
        assert len(outbox.outbox) == 1

    def test_a_worker_that_dies_while_it_sends_is_not_followed_by_a_second_mail(
        self, cast: Cast, programme: Programme
    ) -> None:
        proposed(cast, programme)
        look()
        letter = Letter.objects.get()
        with writing():
            Letter.objects.filter(pk=letter.pk).update(state=LetterState.SENDING, attempts=1)
        worked()
        letter.refresh_from_db()
        assert letter.state == LetterState.DOUBTFUL
        assert outbox.outbox == []

    def test_a_server_that_is_away_is_tried_again_later(self, cast: Cast, programme: Programme) -> None:
        proposed(cast, programme)
        look()
        letter = Letter.objects.get()
        away = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1"}
        with override_settings(**away, EMAIL_PORT=9, EMAIL_USE_TLS=False, EMAIL_TIMEOUT=5):
            worked()
        letter.refresh_from_db()
        assert (letter.state, letter.attempts, letter.error) == ("waiting", 1, "ConnectionRefusedError")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at IS NOT NULL"
            )
        worked()
        letter.refresh_from_db()
        assert (letter.state, len(outbox.outbox)) == (LetterState.SENT, 1)

    def test_a_worker_looks_by_itself(self, cast: Cast, programme: Programme) -> None:
        proposed(cast, programme)
        worked()
        assert to(outbox.outbox) == [(cast.receiver.user.email, "Something waits for you")]
        assert queued() == 0


def worked() -> None:
    """Do what is waiting, with a worker in this process."""
    call_command("worker", "--until-empty", stdout=io.StringIO())


def queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name = ANY (%s)",
            [[LETTER]],
        )
        return int(cursor.fetchone()[0])
