"""Spans of access: who held which grant, seat and account from when to when, as the database keeps them."""

from __future__ import annotations

from django.db import models

from handover.models.guard import Guarded


class SpanKind(models.TextChoices):
    """What was held. ``since`` stands for the instant from which spans are kept at all."""

    GRANT = "grant", "a role's permission"
    EXCEPTION = "exception", "a single user's permission"
    SEAT = "seat", "a seat"
    ACCOUNT = "account", "an open account"
    SINCE = "since", "from here on"


class AccessSpan(Guarded):
    """Something that was held for a time. Triggers write it as grants, seats and accounts change; keys are copies.

    The web role has no right on this table: ``handover_held_at`` tells what was held in a programme that is open to
    whoever asks.
    """

    kind = models.CharField(max_length=10, choices=SpanKind)
    programme_key = models.BigIntegerField(null=True)
    responsibility_key = models.BigIntegerField(null=True)
    organisation_key = models.BigIntegerField(null=True)
    role = models.CharField(max_length=30, blank=True)
    user_key = models.BigIntegerField(null=True)
    codename = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When it was taken away.")
    expires_at = models.DateTimeField(null=True, help_text="When it ends by itself, as was said then.")

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index(fields=["programme_key", "begun_at"], name="handover_accessspan_programme"),
            models.Index(fields=["kind", "organisation_key", "user_key"], name="handover_accessspan_seat"),
        )

    def __str__(self) -> str:
        return f"{self.kind} from {self.begun_at}"
