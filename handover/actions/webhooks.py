"""Webhooks: made, changed and switched off and on by the managers of an organisation, who also send messages again.

Finding out who is told, and telling them, is ``handover.actions.webhook_deliveries``.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from handover import access, clock, jobs, ledger
from handover.access import Actor
from handover.actions import action
from handover.canonical import instant_text
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import DeliveryState, Webhook, WebhookDelivery
from handover.permissions import Scope
from handover.webhooks import signing
from handover.webhooks.addresses import target_of
from handover.webhooks.events import WANTED, Event, Happening

MOST: Final = 20
"""Webhooks of one organisation."""

OVERLAP: Final = dt.timedelta(days=1)
"""How long the key before still signs beside the new one."""

OFF: Final = "webhook_off: The webhook was switched off before this was delivered."


@dataclass(frozen=True)
class Made:
    """A webhook and its new key, which nobody can read again."""

    webhook: Webhook
    secret: str


@action
def create(*, by: Actor, title: str, url: str, events: Collection[Event | str]) -> Made:
    """Make a webhook of the actor's organisation. It is told of what the actor may read, as long as they may.

    Raises:
        NotAllowed: the actor is no manager of the organisation.
        Invalid: an address that no webhook may point to; no event, or an unknown one; too many webhooks.
    """
    _keeper(by)
    if Webhook.objects.filter(organisation=by.organisation).count() >= MOST:
        raise Invalid("webhooks_many", f"An organisation has at most {MOST} webhooks: change one.")
    secret = signing.new_secret()
    webhook = Webhook(
        organisation=by.organisation,
        title=title.strip(),
        url=_checked(url),
        events=_wanted(events),
        sealed_secret=signing.sealed(secret),
        user=by.user,
        created_at=clock.now(),
        created_by_name=by.user.called,
    )
    webhook.clean_fields()
    webhook.save()
    _record("webhook.created", by, webhook, events=webhook.events, host=target_of(webhook.url).authority)
    return Made(webhook, secret)


@action
def edit(
    *,
    by: Actor,
    webhook_uuid: UUID,
    version: int,
    title: str | None = None,
    url: str | None = None,
    events: Collection[Event | str] | None = None,
) -> Webhook:
    """Change what is said of a webhook; what is left out stays.

    Raises:
        NotFound, NotAllowed: it is not there for the actor, or the actor is no manager.
        Invalid: as for making one.
        Stale: somebody else was quicker.
    """
    _keeper(by)
    webhook = _own(by, webhook_uuid)
    changes: dict[str, object] = {}
    if title is not None:
        changes["title"] = title.strip()
    if events is not None:
        changes["events"] = _wanted(events)
    if url is not None:
        changes["url"] = _checked(url)
    webhook.change(version=version, **changes)
    told = {name: value for name, value in changes.items() if name != "url"}
    if url is not None:
        told["host"] = target_of(webhook.url).authority
    _record("webhook.edited", by, webhook, **told)
    return webhook


@action
def switch_off(*, by: Actor, webhook_uuid: UUID, reason: str = "") -> Webhook:
    """Switch a webhook off: nothing more is sent to it, and what waits is given up. Once more changes nothing.

    Raises:
        NotFound, NotAllowed: it is not there for the actor, or the actor is no manager.
    """
    webhook = _own(by, webhook_uuid)
    if webhook.active:
        put_off(webhook, reason.strip() or "Switched off by a manager.", by=by)
    return webhook


@action
def switch_on(*, by: Actor, webhook_uuid: UUID) -> Webhook:
    """Switch a webhook on, and see with the actor's eyes from now on. What happened meanwhile is not told.

    Raises:
        NotFound, NotAllowed: it is not there for the actor, or the actor is no manager.
        Invalid: its address is none that a webhook may point to any more.
    """
    _keeper(by)
    webhook = _own(by, webhook_uuid)
    if webhook.active and webhook.user_id == by.user.pk:
        return webhook
    target_of(webhook.url)
    webhook.change(
        version=webhook.version, active=True, switched_off_at=None, switched_off_because="", user=by.user
    )
    _record("webhook.switched_on", by, webhook)
    return webhook


@action
def rotate_secret(*, by: Actor, webhook_uuid: UUID) -> Made:
    """Give a webhook a new key. For a day the key before signs too, so that the receiver can change over.

    Raises:
        NotFound, NotAllowed: it is not there for the actor, or the actor is no manager.
    """
    webhook = _own(by, webhook_uuid)
    secret = signing.new_secret()
    webhook.change(
        version=webhook.version,
        sealed_former=bytes(webhook.sealed_secret),
        former_until=clock.now() + OVERLAP,
        sealed_secret=signing.sealed(secret),
    )
    _record("webhook.secret_rotated", by, webhook, former_until=webhook.former_until)
    return Made(webhook, secret)


@action
def try_out(*, by: Actor, webhook_uuid: UUID) -> WebhookDelivery:
    """Send a message that says nothing, once; the delivery log says what came of it.

    Raises:
        NotFound, NotAllowed: it is not there for the actor, or the actor is no manager.
        Refused: the webhook is switched off.
    """
    webhook = _own(by, webhook_uuid)
    _on(webhook)
    about = Happening(Event.WEBHOOK_TEST, f"test:{uuids.uuid4()}", instant_text(clock.now()))
    made = put_in(webhook, about, by=by)
    assert made is not None  # noqa: S101  its key is new
    return made


@action
def redeliver(*, by: Actor, delivery_uuid: UUID) -> WebhookDelivery:
    """Send a message again, with the same body and under the same UUID, whatever has become of it.

    Raises:
        NotFound, NotAllowed: it is not there for the actor, or the actor is no manager.
        Refused: the webhook is switched off, or the message waits already.
    """
    _keeper(by)
    delivery = (
        WebhookDelivery.objects.select_for_update(of=("self",))
        .select_related("webhook")
        .filter(organisation=by.organisation, uuid=delivery_uuid)
        .first()
    )
    if delivery is None:
        raise NotFound("delivery")
    _on(delivery.webhook)
    if delivery.state == DeliveryState.WAITING:
        raise Refused("delivery_waits", "This message waits already: it will be tried by itself.")
    delivery.state, delivery.attempts, delivery.error = DeliveryState.WAITING, 0, ""
    delivery.save(update_fields=["state", "attempts", "error"])
    _defer(delivery, by.user.pk)
    _record("webhook.redelivered", by, delivery.webhook, delivery=delivery.uuid, event=delivery.event)
    return delivery


def put_in(webhook: Webhook, about: Happening, *, by: Actor) -> WebhookDelivery | None:
    """Let a message wait for a webhook, inside an action; nothing where it was told of this already."""
    draft = WebhookDelivery(
        organisation_id=webhook.organisation_id,
        webhook=webhook,
        event=about.event.value,
        key=about.key,
        body=about.body(),
        created_at=clock.now(),
    )
    WebhookDelivery.objects.bulk_create([draft], ignore_conflicts=True)
    made = WebhookDelivery.objects.select_related("webhook").filter(uuid=draft.uuid).first()
    if made is not None:
        _defer(made, by.user.pk)
    return made


def put_off(webhook: Webhook, reason: str, *, by: Actor | None) -> None:
    """Switch a webhook off inside an action; ``by=None`` where the installation does it by itself."""
    webhook.change(
        version=webhook.version,
        active=False,
        switched_off_at=clock.now(),
        switched_off_because=reason[:300],
    )
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.GIVEN_UP, error=OFF)
    _record("webhook.switched_off", by, webhook, reason=webhook.switched_off_because)


def _defer(delivery: WebhookDelivery, user_id: int) -> None:
    """Have it sent; one after the other to one webhook, as long as nothing must be tried again."""
    jobs.send(
        jobs.DELIVER,
        lock=f"webhook:{delivery.webhook_id}",
        delivery=delivery.pk,
        webhook=delivery.webhook_id,
        organisation=delivery.organisation_id,
        user=user_id,
    )


def _manager(by: Actor) -> None:
    if not access.manages(by, by.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {by.organisation.name} keeps its webhooks.")


def _keeper(by: Actor) -> None:
    """Ask for a manager who may also read: what a webhook is told of, its address is told."""
    _manager(by)
    if not by.has_scope(Scope.READ):
        raise NotAllowed(
            "scope_missing",
            "Webhooks tell what happens in programmes: this token lacks the scope read.",
            scope=Scope.READ.value,
        )


def _own(by: Actor, webhook_uuid: UUID) -> Webhook:
    _manager(by)
    webhook = (
        Webhook.objects.select_for_update(of=("self",))
        .select_related("organisation", "user")
        .filter(organisation=by.organisation, uuid=webhook_uuid)
        .first()
    )
    if webhook is None:
        raise NotFound("webhook")
    return webhook


def _on(webhook: Webhook) -> None:
    if not webhook.active:
        raise Refused("webhook_switched_off", "This webhook is switched off: switch it on first.")


def _checked(url: str) -> str:
    target_of(url)
    return url


def _wanted(events: Collection[Event | str]) -> list[str]:
    unknown = sorted(str(event) for event in events if event not in WANTED)
    if unknown or not events:
        said = f"“{unknown[0]}” is no event" if unknown else "A webhook needs an event"
        raise Invalid("unknown_event", f"{said}: {', '.join(WANTED)}.", field="events")
    return [event.value for event in WANTED if event in events]


def _record(verb: str, by: Actor | None, webhook: Webhook, **data: object) -> None:
    told = {"title": webhook.title, **data}
    ledger.record(verb=verb, by=by, organisation=webhook.organisation, subject=webhook.uuid, data=told)
