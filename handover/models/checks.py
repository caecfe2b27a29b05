"""Sustainability checks: scheduled looks, after a handover, at whether what was handed over still stands."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned


class CheckState(models.TextChoices):
    """Where a check is."""

    PLANNED = "planned", "planned"
    HELD = "held", "held"
    DROPPED = "dropped", "dropped"


class SustainabilityCheck(InProgramme, Versioned):
    """One look after one handover. Once held, ``result`` keeps what it found (``sustained.Verdict.as_json``) for good.

    ``score`` is a copy of the result's, for lists; it is empty where too little was known to make one.
    """

    transfer = models.ForeignKey("handover.Transfer", on_delete=models.PROTECT, related_name="checks")
    months = models.PositiveSmallIntegerField(
        validators=[MaxValueValidator(600)], help_text="After the handover."
    )
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=CheckState, default=CheckState.PLANNED)
    held_at = models.DateTimeField(null=True, blank=True)
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    remark = models.TextField(blank=True, help_text="What follows from it; of one that was dropped: why.")
    score = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True, editable=False)
    result = models.JSONField(default=dict, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False, help_text="SHA-256 of the result.")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["transfer", "months"], name="handover_sustainabilitycheck_once"),
            models.CheckConstraint(
                condition=Q(state="held", held_at__isnull=False, organisation__isnull=False)
                | (Q(state="planned", held_at__isnull=True, digest=""))
                | (Q(state="dropped", held_at__isnull=True, digest="") & ~Q(remark="")),
                name="handover_sustainabilitycheck_state",
            ),
        )

    def __str__(self) -> str:
        return f"+{self.months}"


class LookedAt(models.TextChoices):
    """What somebody can look at with their own eyes."""

    SERVICES = "services", "services"
    STAFF = "staff", "staff in post"
    EQUIPMENT = "equipment", "equipment"
    VOICE = "voice", "the community’s voice"


class Found(models.TextChoices):
    """What somebody found."""

    HOLDS = "holds", "it still stands"
    WEAKER = "weaker", "it is weaker"
    LOST = "lost", "it is gone"


class CheckWord(InProgramme, Versioned):
    """What one organisation found by looking, for one check: each for itself, with counts where it counted."""

    check_of = models.ForeignKey(SustainabilityCheck, on_delete=models.PROTECT, related_name="words")
    part = models.CharField(max_length=20, choices=LookedAt)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    found = models.CharField(max_length=10, choices=Found)
    counted = models.PositiveIntegerField(null=True, blank=True, help_text="So many were there.")
    expected = models.PositiveIntegerField(null=True, blank=True, help_text="So many should be there.")
    remark = models.TextField(blank=True)
    said_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["check_of", "part", "organisation"], name="handover_checkword_once"
            ),
            models.CheckConstraint(
                condition=Q(found="holds") | (Q(found__in=["weaker", "lost"]) & ~Q(remark="")),
                name="handover_checkword_remark",
            ),
            models.CheckConstraint(
                condition=Q(counted__isnull=True, expected__isnull=True)
                | Q(counted__isnull=False, expected__gt=0),
                name="handover_checkword_counts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_part_display()}: {self.get_found_display()}"
