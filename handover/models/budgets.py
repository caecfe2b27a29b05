"""Budgets: what a responsibility costs year by year, who pays, how far the council is, and at which rate."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned
from handover.models.registers import Register, Source


class BudgetStage(models.TextChoices):
    """How sure an amount is. A later stage of the same line stands in for the ones before."""

    ESTIMATE = "estimate", "estimate of a later year"
    REQUESTED = "requested", "requested"
    ADOPTED = "adopted", "adopted"
    REVISED = "revised", "revised"
    EXECUTED = "executed", "executed"


class BudgetLine(Register):
    """What a responsibility costs in one calendar year, and who pays it.

    Lines with the same responsibility, title, year, source and classification are one line in its stages. Without a
    stage an amount counts as adopted.
    """

    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=20, choices=Source)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    stage = models.CharField(max_length=20, choices=BudgetStage, blank=True)
    classification = models.CharField(
        max_length=60, blank=True, help_text="Code of the budget classification, for example 68.02.50."
    )
    decided_on = models.DateField(null=True, blank=True)

    digested_if_said = frozenset({"stage", "classification", "decided_on"})


class ExchangeRate(InProgramme):
    """One unit of ``currency`` is ``rate`` units of ``into``, from a day on, as a source has it. Never changed, only
    followed."""

    currency = models.CharField(max_length=3)
    into = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    since = models.DateField()
    source = models.CharField(max_length=300)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "currency", "into", "since"], name="handover_exchangerate_once"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="handover_exchangerate_positive"),
            models.CheckConstraint(condition=~Q(currency=F("into")), name="handover_exchangerate_two"),
        )

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate} {self.into}"


class BudgetStep(InProgramme, Versioned):
    """A step of a council's budget calendar: what must be done by which day of the year before the budget year.

    ``years_before`` is 1 for the year before the budget year, 0 for the budget year itself.
    """

    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=300)
    month = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(12)])
    day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(31)])
    years_before = models.PositiveSmallIntegerField(default=1, validators=[MaxValueValidator(2)])
    source = models.CharField(max_length=300, blank=True, help_text="The rule or decision it comes from.")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "organisation", "key"], name="handover_budgetstep_key"
            ),
            models.CheckConstraint(
                condition=Q(month__range=(1, 12), day__range=(1, 31)), name="handover_budgetstep_day"
            ),
        )

    def __str__(self) -> str:
        return self.title
