"""Webhooks at work: an event of a programme reaches whoever may read it, once, signed, and by a worker."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import override_settings

from handover import clock, jobs
from handover.access import Actor, actor_for, asking
from handover.actions import accounts, action, executions, transfers, webhook_deliveries, webhooks
from handover.actions.webhook_deliveries import deliver, look_for_overdue, tell
from handover.models import LedgerEntry, Programme, Webhook, WebhookDelivery
from handover.permissions import Role
from handover.queries.webhooks import deliveries, webhook_for
from handover.webhooks import sending
from handover.webhooks.events import Event, Happening
from handover.webhooks.retries import ATTEMPTS, HOPELESS
from tests.factories import transfers as handing
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR
from tests.handover.webhook_receiver import Received, Receiver, receiving

pytestmark = pytest.mark.django_db(transaction=True)

EXECUTED = ("transfer.executed",)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver on this machine, to which webhooks may point."""
    with (
        override_settings(WEBHOOKS_HTTP=True, WEBHOOKS_ALLOW=["127.0.0.0/8", "::1/128"]),
        receiving() as found,
    ):
        yield found


def hooked(by: Actor, receiver: Receiver, *events: str) -> webhooks.Made:
    return webhooks.create(by=by, title="Register", url=receiver.url, events=events or EXECUTED)


def worked() -> None:
    """Do what is waiting and due, with a worker in this process."""
    call_command("worker", "--until-empty", stdout=Silent())


class Silent:
    """Takes what a command says."""

    def write(self, text: str) -> None:
        """Take it."""

    def flush(self) -> None:
        """Do nothing."""


def hurried() -> None:
    """Let what waits for its time be due now."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at IS NOT NULL")


def queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        return int(cursor.fetchone()[0])


def log_of(by: Actor) -> list[tuple[str, str, int, int | None]]:
    with asking(by):
        return list(deliveries(by).order_by("id").values_list("event", "state", "attempts", "status"))


def told(got: Received) -> dict[str, Any]:
    return dict(json.loads(got.body))


def verified(got: Received, secret: str) -> bool:
    """Check a request as docs/how-to/receive-webhooks.md says, with the standard library alone."""
    signed = got.headers["Handover-Timestamp"].encode() + b"." + got.body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    given = got.headers["Handover-Signature"].split(",")
    return any(hmac.compare_digest(expected, one) for one in given)


def test_an_execution_reaches_the_municipality_signed(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    made = hooked(cast.receiver, receiver)
    proof = handing.executed(cast, programme)
    assert receiver.got == [], "nothing is sent inside the transaction of what happened"
    worked()
    (got,) = receiver.got
    with asking(cast.receiver):
        transfer = proof.transfer
        (row,) = deliveries(cast.receiver)
    body = told(got)
    assert body.pop("id")
    assert body == {
        "event": "transfer.executed",
        "occurred_at": "2024-06-03T12:00:00.000000Z",
        "programme": {"id": str(programme.uuid), "identifier": "XX-TEST-HOME"},
        "subject": str(transfer.uuid),
        "transfer": str(transfer.uuid),
        "organisation": {
            "id": str(cast.receiver.organisation.uuid),
            "name": cast.receiver.organisation.name,
        },
        "path": f"/api/v1/transfers/{transfer.uuid}",
    }
    assert cast.receiver.user.display_name not in got.body.decode()
    assert got.headers["Handover-Event"] == "transfer.executed"
    assert got.headers["Handover-Delivery"] == str(row.uuid)
    assert verified(got, made.secret)
    assert not verified(Received(got.path, got.headers, got.body + b" "), made.secret)
    late = {**got.headers, "Handover-Timestamp": str(int(got.headers["Handover-Timestamp"]) + 1)}
    assert not verified(Received(got.path, late, got.body), made.secret)
    assert not verified(got, made.secret + "x")
    assert (row.state, row.attempts, row.status, row.error) == ("delivered", 1, 204, "")
    assert queued() == 0


def test_every_side_that_reads_the_programme_is_told_and_nobody_else(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    for by in (cast.giver, cast.donor, cast.stranger):
        hooked(by, receiver)
    handing.executed(cast, programme)
    worked()
    assert log_of(cast.giver) == [("transfer.executed", "delivered", 1, 204)], "a former steward hears of it"
    assert log_of(cast.donor) == [("transfer.executed", "delivered", 1, 204)]
    assert log_of(cast.stranger) == []
    assert len(receiver.got) == 2
    assert len({told(got)["id"] for got in receiver.got}) == 1, "one event, whoever is told of it"


def test_a_former_steward_hears_the_end_of_its_own_transfer_alone(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    hooked(cast.giver, receiver, "proof.signed", "transfer.proposed")
    proof = handing.executed(cast, programme)
    with clock.at(clock.now() + dt.timedelta(days=1)):
        executions.countersign(by=cast.giver, transfer_uuid=proof.transfer.uuid)
        later = handing.drafted(programme, by=cast.receiver, receiver=cast.stranger.organisation)
        transfers.propose(by=cast.receiver, transfer_uuid=later.uuid)
        worked()
    about = [(told(got)["event"], told(got)["transfer"]) for got in receiver.got]
    assert about == [
        ("transfer.proposed", str(proof.transfer.uuid)),
        ("proof.signed", str(proof.transfer.uuid)),
        ("proof.signed", str(proof.transfer.uuid)),
    ]


def successor_of(by: Actor) -> Actor:
    """Give one more manager of the same organisation."""
    user = accounts.create_user(
        by=OPERATOR, email=f"next@{by.organisation.slug}.example", display_name="The next manager"
    )
    accounts.seat(by=OPERATOR, user=user, organisation=by.organisation, role=Role.MANAGER)
    return actor_for(user, by.organisation, channel="cli")


def test_a_rollback_sends_nothing(cast: Cast, programme: Programme, receiver: Receiver) -> None:
    hooked(cast.receiver, receiver)
    ready = handing.ready(cast, programme)
    worked()
    with transaction.atomic():
        executions.execute(by=cast.receiver, transfer_uuid=ready.uuid, key="k")
        assert queued() > 0
        transaction.set_rollback(True)
    assert queued() == 0
    worked()
    assert (receiver.got, log_of(cast.receiver)) == ([], [])


def test_the_same_event_is_told_once(cast: Cast, programme: Programme, receiver: Receiver) -> None:
    hooked(cast.receiver, receiver)
    handing.executed(cast, programme)
    with asking(cast.receiver):
        entry = LedgerEntry.objects.filter(body__contains='"verb":"transfer.executed"').get()
    for _ in range(3):
        tell(entry=entry.pk, programme=programme.pk)
    worked()
    with asking(cast.receiver):
        (row,) = deliveries(cast.receiver)
    deliver(
        delivery=row.pk,
        webhook=row.webhook_id,
        organisation=row.organisation_id,
        user=cast.receiver.user.pk,
    )
    assert len(receiver.got) == 1


def test_what_is_no_event_asks_nobody_to_tell(cast: Cast, programme: Programme, receiver: Receiver) -> None:
    hooked(cast.giver, receiver)
    transfer = handing.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    assert queued() == 0
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    assert queued() == 2, "the plan was signed, and proposed"


def test_what_fails_is_tried_again_until_it_is_taken(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    made = hooked(cast.receiver, receiver)
    receiver.statuses = [500, 302, 200]
    handing.executed(cast, programme)
    worked()
    assert log_of(cast.receiver) == [("transfer.executed", "waiting", 1, 500)]
    worked()
    assert len(receiver.got) == 1, "its time has not come"
    hurried()
    worked()
    assert log_of(cast.receiver) == [("transfer.executed", "waiting", 2, 302)]
    hurried()
    worked()
    assert log_of(cast.receiver) == [("transfer.executed", "delivered", 3, 200)]
    assert len({got.body for got in receiver.got}) == 1
    assert len({got.headers["Handover-Delivery"] for got in receiver.got}) == 1
    assert all(verified(got, made.secret) for got in receiver.got)


def test_what_is_never_taken_is_given_up_and_can_be_sent_again(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    hooked(cast.receiver, receiver)
    receiver.statuses = [503]
    handing.executed(cast, programme)
    worked()
    for _ in range(ATTEMPTS - 1):
        hurried()
        worked()
    assert log_of(cast.receiver) == [("transfer.executed", "given_up", ATTEMPTS, 503)]
    assert queued() == 0
    assert len(receiver.got) == ATTEMPTS
    receiver.statuses = [200]
    with asking(cast.receiver):
        (row,) = deliveries(cast.receiver)
        assert row.webhook.active, "one message lost is no reason to send no more"
    webhooks.redeliver(by=cast.receiver, delivery_uuid=row.uuid)
    worked()
    assert log_of(cast.receiver) == [("transfer.executed", "delivered", 1, 200)]


@pytest.mark.parametrize(("lost", "later"), [(HOPELESS, dt.timedelta()), (1, dt.timedelta(days=4))])
def test_a_webhook_that_takes_nothing_any_more_is_switched_off(
    cast: Cast, programme: Programme, receiver: Receiver, lost: int, later: dt.timedelta
) -> None:
    made = hooked(cast.receiver, receiver)
    receiver.statuses = [410]
    with asking(cast.receiver):
        webhook = webhook_for(cast.receiver, made.webhook.uuid)
    for number in range(lost):
        waits(cast.receiver, webhook, f"event {number}", attempts=ATTEMPTS - 1)
    with clock.at(clock.now() + later):
        worked()
    with asking(cast.receiver):
        found = webhook_for(cast.receiver, made.webhook.uuid)
        entry = LedgerEntry.objects.filter(body__contains='"webhook.switched_off"').get()
    assert (found.active, len(receiver.got)) == (False, lost)
    assert "webhook_refused: The answer was 410." in found.switched_off_because
    assert json.loads(entry.body)["by"] is None, "the installation did it by itself"


@action
def _waits(*, by: Actor, webhook: Webhook, key: str, attempts: int) -> None:
    about = Happening(Event.TRANSFER_EXECUTED, key, "2024-06-03T12:00:00.000000Z")
    made = webhooks.put_in(webhook, about, by=by)
    assert made is not None
    WebhookDelivery.objects.filter(pk=made.pk).update(attempts=attempts)


def waits(by: Actor, webhook: Webhook, key: str, attempts: int) -> None:
    """Let a message wait that was tried so often."""
    _waits(by=by, webhook=webhook, key=key, attempts=attempts)


def test_an_address_that_has_become_private_is_not_sent_to(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    hooked(cast.receiver, receiver)
    handing.executed(cast, programme)
    with override_settings(WEBHOOKS_ALLOW=[]):
        worked()
    with asking(cast.receiver):
        (row,) = deliveries(cast.receiver)
    assert (row.state, row.status, receiver.got) == ("waiting", None, [])
    assert row.error.startswith("webhook_address_private")


def test_who_holds_no_seat_any_more_hears_nothing_and_the_webhook_goes_off(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    made = hooked(cast.receiver, receiver)
    successor = successor_of(cast.receiver)
    ready = handing.ready(cast, programme)
    worked()
    executions.execute(by=cast.receiver, transfer_uuid=ready.uuid, key="k")
    accounts.deactivate(by=OPERATOR, user=cast.receiver.user, confirmed=True)
    worked()
    assert receiver.got == []
    with asking(successor):
        found = webhook_for(successor, made.webhook.uuid)
    assert (found.active, found.switched_off_because.partition(":")[0]) == (False, "webhook_forsaken")
    on = webhooks.switch_on(by=successor, webhook_uuid=made.webhook.uuid)
    assert (on.active, on.user) == (True, successor.user)
    webhooks.try_out(by=successor, webhook_uuid=made.webhook.uuid)
    worked()
    assert [told(got)["event"] for got in receiver.got] == ["webhook.test"]


def test_what_waits_is_not_sent_to_who_may_not_read_it_any_more(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    hooked(cast.receiver, receiver, "transfer.proposed")
    receiver.statuses = [500, 200]
    transfer = handing.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    worked()
    assert log_of(cast.receiver) == [("transfer.proposed", "waiting", 1, 500)]
    transfers.revoke(by=cast.giver, transfer_uuid=transfer.uuid, reason="Not now")
    hurried()
    worked()
    assert log_of(cast.receiver) == [("transfer.proposed", "given_up", 1, 500)]
    assert len(receiver.got) == 1


def test_an_overdue_milestone_is_told_once_a_day_that_it_was_due(
    cast: Cast, programme: Programme, receiver: Receiver
) -> None:
    for by in (cast.receiver, cast.stranger):
        hooked(by, receiver, "milestone.overdue")
    transfer = handing.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    (milestone,) = handing.milestones_of(transfer, by=cast.giver)
    on_its_day = dt.datetime.combine(handing.DUE, dt.time(23, 59), dt.UTC)
    the_day_after = on_its_day + dt.timedelta(minutes=1)
    with clock.at(the_day_after):
        worked()
        assert receiver.got == [], "a draft is its author's own affair"
    handing.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    with clock.at(on_its_day):
        worked()
        assert receiver.got == []
    with clock.at(the_day_after):
        for _ in range(2):
            worked()
        look_for_overdue()
    with clock.at(the_day_after + dt.timedelta(days=30)):
        worked()
    (got,) = receiver.got
    body = told(got)
    assert (body["event"], body["subject"]) == ("milestone.overdue", str(milestone.uuid))
    assert (body["transfer"], body["occurred_at"]) == (
        str(transfer.uuid),
        "2024-09-01T00:00:00.000000Z",
    )
    assert body["organisation"] is None


def test_after_a_rotation_both_keys_sign_for_a_day(cast: Cast, receiver: Receiver) -> None:
    made = hooked(cast.receiver, receiver)
    new = webhooks.rotate_secret(by=cast.receiver, webhook_uuid=made.webhook.uuid)
    webhooks.try_out(by=cast.receiver, webhook_uuid=made.webhook.uuid)
    worked()
    with clock.at(clock.now() + webhooks.OVERLAP):
        webhooks.try_out(by=cast.receiver, webhook_uuid=made.webhook.uuid)
        worked()
    first, second = receiver.got
    assert verified(first, made.secret)
    assert verified(first, new.secret)
    assert not verified(second, made.secret)
    assert verified(second, new.secret)


def test_a_test_is_tried_once(cast: Cast, receiver: Receiver) -> None:
    made = hooked(cast.receiver, receiver)
    receiver.statuses = [500]
    webhooks.try_out(by=cast.receiver, webhook_uuid=made.webhook.uuid)
    worked()
    assert log_of(cast.receiver) == [("webhook.test", "given_up", 1, 500)]
    assert queued() == 0


def test_no_transaction_is_open_while_the_network_is_waited_for(
    cast: Cast, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hooked(cast.receiver, receiver)
    row = webhooks.try_out(by=cast.receiver, webhook_uuid=made.webhook.uuid)
    seen: list[bool] = []
    send = sending.send

    def watched(url: str, headers: Mapping[str, str], body: str) -> sending.Outcome:
        seen.append(connection.in_atomic_block)
        return send(url, headers, body)

    monkeypatch.setattr(webhook_deliveries, "send", watched)
    deliver(
        delivery=row.pk,
        webhook=row.webhook_id,
        organisation=row.organisation_id,
        user=cast.receiver.user.pk,
    )
    assert seen == [False]
    assert len(receiver.got) == 1


def test_the_queue_holds_keys_alone(cast: Cast, programme: Programme, receiver: Receiver) -> None:
    made = hooked(cast.receiver, receiver)
    webhooks.try_out(by=cast.receiver, webhook_uuid=made.webhook.uuid)
    handing.executed(cast, programme)
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs")
        rows = cursor.fetchall()
    assert {name for name, _ in rows} == {jobs.TELL, jobs.DELIVER}
    assert all(isinstance(value, int) for _, args in rows for value in json.loads(args).values())
