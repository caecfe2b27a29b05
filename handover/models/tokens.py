"""Tokens: keys with which other systems act for a person or for an organisation."""

from __future__ import annotations

import uuid as uuids

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from handover.models.base import FreeText
from handover.models.guard import Guarded
from handover.models.names import NameCopy


class AccessToken(FreeText, Guarded):
    """A key to the interface, for one seat. It is shown once; what stays here is its SHA-256.

    A personal token acts for its person; an organisation's token acts by an account of its own that cannot sign in.
    """

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, related_name="access_tokens"
    )
    user = models.ForeignKey(
        "handover.User", on_delete=models.PROTECT, related_name="access_tokens", help_text="Who acts by it."
    )
    personal = models.BooleanField()
    title = models.CharField(max_length=200, help_text="What it is for.")
    digest = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the whole key.")
    beginning = models.CharField(max_length=12, help_text="The first characters, by which people know it.")
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField()
    created_by_name = NameCopy(max_length=200, help_text="A copy: it outlives the account.")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by_name = NameCopy(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="handover_accesstoken_dates"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by_name="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_by_name="")),
                name="handover_accesstoken_revoked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.beginning}…)"
