"""Invitations: seats that are offered to an address, and wait to be taken."""

from __future__ import annotations

import uuid as uuids
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from handover.models.base import FreeText
from handover.models.guard import Guarded
from handover.models.names import NameCopy
from handover.permissions import Role


class Invitation(FreeText, Guarded):
    """A seat that is offered to an e-mail address. Whoever has its link takes it; what stays here is the SHA-256."""

    may_look_personal: ClassVar[frozenset[str]] = frozenset({"email"})

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(
        max_length=254, help_text="In lower case; emptied once it is taken or revoked.", blank=True
    )
    role = models.CharField(max_length=30, choices=[(role.value, role.help) for role in Role])
    seat_ends_at = models.DateTimeField(
        null=True, blank=True, help_text="When the seat ends; empty: it lasts."
    )
    language = models.CharField(max_length=5, default="en", help_text="In which the invitation is written.")
    digest = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the link's secret.")
    created_at = models.DateTimeField()
    created_by_name = NameCopy(max_length=200, help_text="A copy: it outlives the account.")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        "handover.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by_name = NameCopy(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "email", "role"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="handover_invitation_open_once",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="handover_invitation_email_lower"),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="handover_invitation_role"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="handover_invitation_dates"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="handover_invitation_accepted",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="handover_invitation_one_end"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.organisation_id}"
