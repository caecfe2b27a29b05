"""Webhooks: addresses that an organisation wants to be told at, and what was sent there."""

from __future__ import annotations

import uuid as uuids

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from handover.models.base import FreeText, Versioned
from handover.models.guard import Guarded
from handover.models.names import NameCopy


class Webhook(Versioned, Guarded):
    """An address of an organisation, and the events that it wants to hear of."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, related_name="webhooks"
    )
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=500)
    events = ArrayField(models.CharField(max_length=60))
    sealed_secret = models.BinaryField(help_text="The key of the signature, sealed with the installation's.")
    sealed_former = models.BinaryField(default=b"", help_text="The key before; both sign for a day.")
    former_until = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    user = models.ForeignKey(
        "handover.User", on_delete=models.PROTECT, related_name="+", help_text="In whose eyes it sees."
    )
    created_at = models.DateTimeField()
    created_by_name = NameCopy(max_length=200, help_text="A copy: it outlives the account.")
    switched_off_at = models.DateTimeField(null=True, blank=True)
    switched_off_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(active=True, switched_off_at__isnull=True)
                | Q(active=False, switched_off_at__isnull=False),
                name="handover_webhook_off",
            ),
        )

    def __str__(self) -> str:
        return self.title


class DeliveryState(models.TextChoices):
    """Where a message to an address is."""

    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"


class WebhookDelivery(FreeText, Guarded):
    """One message to one address: what was sent, how often it was tried, and what came back."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event = models.CharField(max_length=60)
    key = models.CharField(max_length=200, help_text="What it is about: the same is told once.")
    body = models.TextField(help_text="As it was signed and sent.")
    state = models.CharField(max_length=20, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The last answer's.")
    error = models.CharField(max_length=300, blank=True, help_text="A stable code and a sentence.")
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "webhook", "key"], name="handover_webhookdelivery_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="handover_webhookdelivery_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event}: {self.state}"
