"""Webhooks: those of an organisation and what was sent to them, for its managers; their keys, for the worker."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from handover import access, clock
from handover.access import Actor
from handover.errors import NotAllowed, NotFound
from handover.models import Organisation, User, Webhook, WebhookDelivery
from handover.permissions import Scope
from handover.webhooks.events import Event


def webhooks(actor: Actor) -> QuerySet[Webhook]:
    """Give the webhooks of an actor's organisation; none to whoever does not manage it."""
    rows = Webhook.objects.filter(organisation=actor.organisation).select_related("organisation", "user")
    return rows.order_by("id") if access.manages(actor, actor.organisation) else rows.none()


def webhook_for(actor: Actor, uuid: UUID) -> Webhook:
    """Fetch a webhook.

    Raises:
        NotFound: it is not there for the actor.
    """
    found = webhooks(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("webhook")
    return found


def deliveries(actor: Actor) -> QuerySet[WebhookDelivery]:
    """Give what was sent to the webhooks of an actor's organisation, the latest first; none to others than
    managers, and none by a token that may not read."""
    rows = WebhookDelivery.objects.filter(organisation=actor.organisation).select_related("webhook")
    shown = access.manages(actor, actor.organisation) and actor.has_scope(Scope.READ)
    return rows.order_by("-id") if shown else rows.none()


def delivery_for(actor: Actor, uuid: UUID) -> WebhookDelivery:
    """Fetch a message that was sent.

    Raises:
        NotFound: it is not there for the actor.
    """
    found = deliveries(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("delivery")
    return found


@dataclass(frozen=True)
class Keys:
    """A webhook as a worker knows it before it looks through somebody's eyes."""

    webhook_id: int
    organisation_id: int
    user_id: int

    def actor(self) -> Actor | None:
        """Give the person in whose eyes the webhook sees; nobody where they hold no seat there any more."""
        user = User.objects.filter(pk=self.user_id).first()
        organisation = Organisation.objects.filter(pk=self.organisation_id).first()
        if user is None or organisation is None:
            return None
        try:
            return access.actor_for(user, organisation, channel="job")
        except NotAllowed:
            return None


def wanting(*, programme_id: int | None = None, event: Event | None = None) -> list[Keys]:
    """Give the webhooks that are on, of organisations that reach a programme and that want an event, where these are
    said. It looks past the wall and gives keys alone, and only where nobody is asking: to a worker."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT webhook_id, organisation_id, user_id FROM handover_webhooks_wanting(%s, %s, %s)",
            [programme_id, event.value if event else None, clock.now()],
        )
        return [Keys(*row) for row in cursor.fetchall()]
