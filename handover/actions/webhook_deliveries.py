"""Telling webhooks, as a worker does: find who wants to hear of something and may read it, write it down, send it.

Each webhook is served in the eyes of its own person, behind the wall: what they may not read now is not told. While the
network is waited for, no transaction is open.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from handover import access, clock, jobs
from handover.access import Actor
from handover.actions import action
from handover.actions.webhooks import put_in, put_off
from handover.canonical import instant_text
from handover.errors import Broken, NotFound
from handover.models import (
    DeliveryState,
    LedgerEntry,
    Programme,
    Transfer,
    TransferMilestone,
    Webhook,
    WebhookDelivery,
)
from handover.permissions import Permission
from handover.queries.tasks import overdue_milestones
from handover.queries.webhooks import Keys, wanting
from handover.webhooks import signing
from handover.webhooks.events import Event, Happening, happening_of
from handover.webhooks.retries import HOPELESS, SILENT, pause_after
from handover.webhooks.sending import Outcome, send

log = logging.getLogger(__name__)

FORSAKEN = (
    "webhook_forsaken: The person in whose eyes it saw holds no seat here any more: switch it on again."
)
NO_ACCESS = "webhook_no_access: What this was about may not be read any more."
AT_ONCE = 500
"""Overdue milestones that one webhook is told of in one look."""


@jobs.errand(jobs.TELL)
def tell(*, entry: int, programme: int) -> None:
    """Let a message wait for every webhook that wants to hear of an entry of the ledger and may."""
    _each(
        wanting(programme_id=programme),
        lambda by, keys: _tell(by=by, webhook_id=keys.webhook_id, entry_id=entry),
    )


def look_for_overdue() -> None:
    """Let a message wait for every milestone past its day, once for each webhook, milestone and day."""
    _each(
        wanting(event=Event.MILESTONE_OVERDUE),
        lambda by, keys: _tell_overdue(by=by, webhook_id=keys.webhook_id),
    )


@jobs.errand(jobs.DELIVER)
def deliver(*, delivery: int, webhook: int, organisation: int, user: int) -> None:
    """Try to send a message once, and write down what came of it; what is not due any more is left alone."""
    keys = Keys(webhook, organisation, user)
    by = keys.actor()
    if by is None:
        _forsake(keys)
        return
    envelope = _begin(by=by, delivery_id=delivery)
    if envelope is not None:
        outcome = send(envelope.url, envelope.headers, envelope.body)
        _end(by=by, delivery_id=delivery, attempt=envelope.attempt, outcome=outcome)


def _each(found: list[Keys], work: Any) -> None:
    """Serve each webhook; one that fails keeps none of the others from being served."""
    failed: Exception | None = None
    for keys in found:
        by = keys.actor()
        if by is None:
            _forsake(keys)
            continue
        try:
            work(by, keys)
        except Exception as error:
            log.exception("Webhook %s could not be served.", keys.webhook_id)
            failed = error
    if failed is not None:
        raise failed


def _forsake(keys: Keys) -> None:
    """Switch a webhook off whose person holds no seat any more: nobody is left to do it in whose name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT handover_webhook_forsaken(%s, %s, %s)", [keys.webhook_id, FORSAKEN, clock.now()]
        )


@action
def _tell(*, by: Actor, webhook_id: int, entry_id: int) -> None:
    webhook = Webhook.objects.filter(pk=webhook_id, active=True).first()
    entry = LedgerEntry.objects.filter(pk=entry_id).first()
    if webhook is None or entry is None:
        return
    try:
        programme = access.programme_for(by, entry.chain, may=Permission.VIEW)
    except NotFound:
        return
    about = happening_of(
        json.loads(entry.body),
        key=f"{entry.chain}#{entry.seq}",
        programme=programme.uuid,
        identifier=programme.identifier,
    )
    if about is None or about.event not in webhook.events:
        return
    if _after_the_end(by, programme, dt.datetime.fromisoformat(about.occurred_at), about.transfer):
        return
    put_in(webhook, about, by=by)


def _after_the_end(by: Actor, programme: Programme, at: dt.datetime, transfer: str) -> bool:
    """Tell whether something happened after what the organisation sees has ended, in a transfer that is not its own."""
    cutoff = access.reach(by, programme).cutoff
    if cutoff is None or at <= cutoff:
        return False
    found = Transfer.objects.filter(uuid=UUID(transfer)).first() if transfer else None
    return found is None or by.organisation.pk not in (found.giver_id, found.receiver_id)


@action
def _tell_overdue(*, by: Actor, webhook_id: int) -> None:
    webhook = Webhook.objects.filter(pk=webhook_id, active=True).first()
    if webhook is None:
        return
    late = (
        TransferMilestone.objects.filter(
            overdue_milestones(clock.today()),
            programme_id__in=access.programme_ids(by, may=Permission.VIEW),
        )
        .select_related("programme", "transfer")
        .order_by("due_on", "id")
    )
    known = set(
        WebhookDelivery.objects.filter(webhook=webhook, event=Event.MILESTONE_OVERDUE).values_list(
            "key", flat=True
        )
    )
    new = [milestone for milestone in late if _overdue_key(milestone) not in known]
    for milestone in new[:AT_ONCE]:
        since = dt.datetime.combine(milestone.due_on + dt.timedelta(days=1), dt.time(), clock.HOUSE_ZONE)
        if _after_the_end(by, milestone.programme, since, str(milestone.transfer.uuid)):
            continue
        about = Happening(
            event=Event.MILESTONE_OVERDUE,
            key=_overdue_key(milestone),
            occurred_at=instant_text(since),
            programme=milestone.programme.uuid,
            identifier=milestone.programme.identifier,
            subject=str(milestone.uuid),
            transfer=str(milestone.transfer.uuid),
        )
        put_in(webhook, about, by=by)


def _overdue_key(milestone: TransferMilestone) -> str:
    return f"overdue:{milestone.uuid}:{milestone.due_on.isoformat()}"


@dataclass(frozen=True)
class _Envelope:
    """All that sending needs, so that no row is held meanwhile."""

    url: str
    headers: dict[str, str]
    body: str
    attempt: int


@action
def _begin(*, by: Actor, delivery_id: int) -> _Envelope | None:
    """Count an attempt; ``None`` where there is nothing to send any more."""
    delivery = _held(delivery_id)
    if delivery is None:
        return None
    if not _may_still_know(by, delivery):
        _give_up(delivery, NO_ACCESS)
        return None
    webhook = delivery.webhook
    delivery.attempts += 1
    delivery.tried_at = clock.wall()
    try:
        keys = _keys_of(webhook)
    except Broken as error:
        _give_up(delivery, f"{error.code}: {error.sentence}")
        return None
    delivery.save(update_fields=["attempts", "tried_at"])
    headers = signing.headers(
        event=delivery.event,
        delivery=str(delivery.uuid),
        timestamp=int(delivery.tried_at.timestamp()),
        body=delivery.body,
        keys=keys,
    )
    return _Envelope(webhook.url, headers, delivery.body, delivery.attempts)


@action
def _end(*, by: Actor, delivery_id: int, attempt: int, outcome: Outcome) -> None:
    """Write down what came of an attempt, unless a later one has begun meanwhile."""
    delivery = _held(delivery_id)
    if delivery is None or delivery.attempts != attempt:
        return
    delivery.status, delivery.error = outcome.status, outcome.error[:300]
    if outcome.good:
        delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, clock.wall()
        delivery.save()
        return
    pause = None if delivery.event == Event.WEBHOOK_TEST else pause_after(attempt)
    if pause is None:
        _give_up(delivery, delivery.error)
        _put_off_if_hopeless(delivery.webhook)
        return
    delivery.save()
    jobs.send(
        jobs.DELIVER,
        after=pause,
        delivery=delivery.pk,
        webhook=delivery.webhook_id,
        organisation=delivery.organisation_id,
        user=by.user.pk,
    )


def _held(delivery_id: int) -> WebhookDelivery | None:
    waiting = WebhookDelivery.objects.filter(
        pk=delivery_id, state=DeliveryState.WAITING, webhook__active=True
    )
    return waiting.select_for_update(of=("self",)).select_related("webhook", "webhook__organisation").first()


def _may_still_know(by: Actor, delivery: WebhookDelivery) -> bool:
    programme = json.loads(delivery.body)["programme"]
    if programme is None:
        return True
    try:
        access.programme_for(by, UUID(programme["id"]), may=Permission.VIEW)
    except NotFound:
        return False
    return True


def _keys_of(webhook: Webhook) -> list[str]:
    keys = [signing.opened(webhook.sealed_secret)]
    if webhook.former_until is not None and webhook.former_until > clock.now():
        keys.append(signing.opened(webhook.sealed_former))
    return keys


def _give_up(delivery: WebhookDelivery, error: str) -> None:
    delivery.state, delivery.error = DeliveryState.GIVEN_UP, error[:300]
    delivery.save()


def _put_off_if_hopeless(webhook: Webhook) -> None:
    """Switch a webhook off that takes nothing any more: by the messages given up in a row, or by the time."""
    real = WebhookDelivery.objects.filter(webhook=webhook).exclude(event=Event.WEBHOOK_TEST)
    good = real.filter(state=DeliveryState.DELIVERED).order_by("-delivered_at").first()
    lost = real.filter(state=DeliveryState.GIVEN_UP, tried_at__isnull=False)
    if good is not None:
        lost = lost.filter(tried_at__gt=good.delivered_at)
    first = lost.order_by("created_at").first()
    if first is None:
        return
    if lost.count() >= HOPELESS or clock.now() - first.created_at >= SILENT:
        put_off(webhook, f"Nothing has reached it for {lost.count()} messages: {first.error}", by=None)
