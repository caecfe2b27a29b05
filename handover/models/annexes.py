"""Annex lines of a transfer: what exactly is handed over, and what the receiver said to each line."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned


class AnnexKind(models.TextChoices):
    """Which annex a line stands in."""

    EQUIPMENT = "equipment", "equipment"
    POSTS = "posts", "posts"
    BUDGET = "budget", "budget"
    INDICATORS = "indicators", "indicators"
    SOURCES = "sources", "source series"
    OPEN_POINTS = "open_points", "open points"


class AnnexDecision(models.TextChoices):
    """What the receiver says to a line."""

    OPEN = "open", "not answered yet"
    ACCEPTED = "accepted", "accepted"
    RESERVED = "reserved", "accepted with reservation"
    REFUSED = "refused", "refused"


class AnnexLine(InProgramme, Versioned):
    """A line of an annex. A reservation has an owner and a deadline."""

    transfer = models.ForeignKey("handover.Transfer", on_delete=models.PROTECT, related_name="annex")
    kind = models.CharField(max_length=20, choices=AnnexKind)
    text = models.TextField()
    subject_uuid = models.UUIDField(
        null=True, blank=True, help_text="The register line or indicator that it lists."
    )
    decision = models.CharField(max_length=10, choices=AnnexDecision, default=AnnexDecision.OPEN)
    reservation = models.TextField(blank=True)
    owner = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deadline = models.DateField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(decision=AnnexDecision.RESERVED)
                | (Q(owner__isnull=False, deadline__isnull=False) & ~Q(reservation="")),
                name="handover_annex_reservation",
            ),
        )

    def __str__(self) -> str:
        return self.text[:80]
