"""Webhooks: where the caller's organisation wants to be told what happens, and what was sent there."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover.actions import webhooks
from handover.actions.webhooks import Made
from handover.api.commands import command, reading
from handover.api.resources import Filters, Read
from handover.api.serializers import Body, Shown
from handover.models import DeliveryState, Webhook, WebhookDelivery
from handover.permissions import Scope
from handover.queries import webhooks as found
from handover.webhooks.events import WANTED, Event

EVENTS = [(event.value, event.help) for event in Event if event in WANTED]


class WebhookShown(Shown[Webhook]):
    """An address of the organisation, and the events that it wants to hear of. Its key is never shown again."""

    class Meta:
        model = Webhook
        fields = (
            "id",
            "title",
            "url",
            "events",
            "active",
            "created_at",
            "created_by_name",
            "switched_off_at",
            "switched_off_because",
            "version",
        )


class MadeShown(serializers.Serializer[Made]):
    """A webhook with the key of its signature, which is shown this once."""

    webhook = WebhookShown(read_only=True)
    secret = serializers.CharField(read_only=True)


class WebhookBody(Body):
    """Where to tell what."""

    title = serializers.CharField(max_length=200)
    url = serializers.URLField(max_length=500)
    events = serializers.ListField(child=serializers.ChoiceField(choices=EVENTS), min_length=1, max_length=40)


class WebhookChanges(Body):
    """What may be changed of a webhook."""

    title = serializers.CharField(max_length=200, required=False)
    url = serializers.URLField(max_length=500, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=EVENTS), min_length=1, max_length=40, required=False
    )


class OffBody(Body):
    """Why it is switched off."""

    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class MessageShown(Shown[WebhookDelivery]):
    """One message: what was sent, how often it was tried, and what came back."""

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "webhook",
            "event",
            "body",
            "state",
            "attempts",
            "status",
            "error",
            "created_at",
            "tried_at",
            "delivered_at",
        )


class EventShown(serializers.Serializer[Any]):
    """An event that a webhook can want."""

    event = serializers.CharField(read_only=True)
    told_when = serializers.CharField(read_only=True)


class Webhooks(Read[Webhook]):
    """Where the caller's organisation wants to be told. Its managers keep them."""

    what = "webhook"
    reads: ClassVar = Scope.ORGANISATION
    serializer_class = WebhookShown
    ordering_fields = ("created_at", "title")

    def rows(self) -> QuerySet[Webhook]:
        """Give those of the organisation, to its managers."""
        return found.webhooks(self.actor)

    @command(may=Scope.ORGANISATION, body=WebhookBody, answers=MadeShown, secret=True)
    def create(self, **given: Any) -> Made:
        """Say where to tell what. The key of the signature is shown this once."""
        return webhooks.create(by=self.actor, **given)

    @command(may=Scope.ORGANISATION, body=WebhookChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Webhook:
        """Change a webhook's title, address or events."""
        return webhooks.edit(by=self.actor, webhook_uuid=key, version=version, **changes)

    @command(may=Scope.ORGANISATION, body=OffBody)
    def switch_off(self, key: UUID, reason: str = "") -> Webhook:
        """Tell nothing there from now on."""
        return webhooks.switch_off(by=self.actor, webhook_uuid=key, reason=reason)

    @command(may=Scope.ORGANISATION)
    def switch_on(self, key: UUID) -> Webhook:
        """Tell there again, in the caller's eyes from now on."""
        return webhooks.switch_on(by=self.actor, webhook_uuid=key)

    @command(may=Scope.ORGANISATION, answers=MadeShown, secret=True, path="rotate-secret")
    def rotate_secret(self, key: UUID) -> Made:
        """Make a new key of the signature; the old one signs beside it for 24 hours."""
        return webhooks.rotate_secret(by=self.actor, webhook_uuid=key)

    @command(may=Scope.ORGANISATION, answers=MessageShown, status=201, path="test")
    def try_out(self, key: UUID) -> WebhookDelivery:
        """Send a message of no meaning, to see whether it comes through."""
        return webhooks.try_out(by=self.actor, webhook_uuid=key)

    @reading(
        open_to="the list of events is part of the documentation", answers=EventShown, many=True, detail=False
    )
    def events(self) -> list[dict[str, str]]:
        """List the events that a webhook can want."""
        return [{"event": event.value, "told_when": event.help} for event in Event if event in WANTED]


class DeliveryFilters(Filters):
    """Filters of messages."""

    webhook = django_filters.UUIDFilter(field_name="webhook__uuid", help_text="Sent to this webhook.")
    state = django_filters.ChoiceFilter(choices=DeliveryState.choices, help_text="In this state.")
    event = django_filters.CharFilter(help_text="Of this event.")


class WebhookDeliveries(Read[WebhookDelivery]):
    """The log of what was sent to the organisation's webhooks."""

    what = "message"
    reads: ClassVar = Scope.ORGANISATION
    serializer_class = MessageShown
    filterset_class = DeliveryFilters
    ordering_fields = ("created_at",)

    def rows(self) -> QuerySet[WebhookDelivery]:
        """Give those of the organisation, to its managers."""
        return found.deliveries(self.actor)

    @command(may=Scope.ORGANISATION)
    def redeliver(self, key: UUID) -> WebhookDelivery:
        """Send a message once more."""
        return webhooks.redeliver(by=self.actor, delivery_uuid=key)
