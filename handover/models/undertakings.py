"""Undertakings: what an institution promised to keep up after a handover, and what became of it, year by year."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned


class UndertakingKind(models.TextChoices):
    """What was promised."""

    DECISION = "decision", "a decision of the council"
    BUDGET = "budget", "money in the budget, each year"
    POSTS = "posts", "posts"
    SERVICE = "service", "the level of a service"
    PREMISES = "premises", "premises"
    OTHER = "other", "something else"


class Undertaking(InProgramme, Versioned):
    """A promise of an institution, from a day on, for good or until a day. Evidence of it is due once for each year.

    ``due_month`` and ``due_day`` are the day, in the year after, by which the institution shows that it kept a year; a
    day that the month does not have is its last one. ``quantity`` is what one year asks for, in ``unit``.
    """

    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, related_name="+", help_text="Who undertook it."
    )
    kind = models.CharField(max_length=20, choices=UndertakingKind)
    title = models.CharField(max_length=300)
    promise = models.TextField(blank=True, help_text="In the words of the decision or the agreement.")
    legal_act = models.ForeignKey(
        "handover.LegalAct", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    quantity = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    unit = models.CharField(max_length=60, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    due_month = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    due_day = models.PositiveSmallIntegerField(
        default=31, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="handover_undertaking_dates",
            ),
            models.CheckConstraint(
                condition=Q(due_month__gte=1, due_month__lte=12, due_day__gte=1, due_day__lte=31),
                name="handover_undertaking_due",
            ),
        )

    def __str__(self) -> str:
        return self.title


class UndertakingResponsibility(InProgramme):
    """A responsibility that depends on an undertaking."""

    undertaking = models.ForeignKey(Undertaking, on_delete=models.CASCADE, related_name="dependents")
    responsibility = models.ForeignKey("handover.Responsibility", on_delete=models.PROTECT, related_name="+")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["undertaking", "responsibility"], name="handover_undertakingresponsibility_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.undertaking_id}: {self.responsibility_id}"


class Outcome(models.TextChoices):
    """What became of an undertaking in a year."""

    KEPT = "kept", "kept"
    PARTLY = "partly", "partly kept"
    BROKEN = "broken", "broken"


class UndertakingYear(InProgramme, Versioned):
    """What one organisation says of one year of an undertaking: the institution that gave it, or somebody who watches.

    Each says so for itself, and nobody changes another's words; evidence is a file or a link, or a paper that is named
    in the reason. It names nobody.
    """

    undertaking = models.ForeignKey(Undertaking, on_delete=models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField()
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    quantity = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why not, or how one knows.")
    filename = models.CharField(max_length=255, blank=True)
    file = models.ForeignKey(
        "handover.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    link = models.URLField(max_length=1000, blank=True)
    said_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["undertaking", "year", "organisation"], name="handover_undertakingyear_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="kept") | (Q(outcome__in=["partly", "broken"]) & ~Q(reason="")),
                name="handover_undertakingyear_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.year}: {self.get_outcome_display()}"
