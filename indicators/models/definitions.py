"""Definitions: indicators, their baselines, periods and targets (IATI 2.03 ``indicator`` and below)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned
from indicators.models.cells import DECIMAL_PLACES, WHOLE_DIGITS
from indicators.models.codes import CountingRule
from indicators.models.results import Described, Result

DIGITS = WHOLE_DIGITS + DECIMAL_PLACES


class Indicator(InProgramme, Versioned, Described):
    """How a result is measured. Null responsibility: the programme answers for it."""

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="indicators")
    measure = models.TextField(help_text="IATI code list IndicatorMeasure.")
    ascending = models.TextField(blank=True, help_text="As written (xsd:boolean); empty: absent.")
    counting_rule = models.CharField(max_length=20, choices=CountingRule, default=CountingRule.NONE)
    responsibility = models.ForeignKey(
        "handover.Responsibility", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    need = models.ForeignKey(
        "interventions.Need", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(counting_rule__in=CountingRule.values), name="indicators_indicator_counting_rule"
            ),
        )

    def __str__(self) -> str:
        return str(self.uuid)


class Measured(models.Model):
    """A number as given and as read, with what IATI lets a baseline, a target and an actual say of it."""

    position = models.PositiveIntegerField(default=0, help_text="Order among its siblings, from 0.")
    value = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True)
    # Absent is not the same as empty in what was published.
    value_text = models.TextField(null=True, blank=True, help_text="As written; null: absent.")  # noqa: DJ001
    comment = models.JSONField(default=list, blank=True, help_text="Narratives.")
    locations = models.JSONField(default=list, blank=True, help_text="[{ref}]: the activity's places.")
    dimensions = models.JSONField(default=list, blank=True, help_text="[{name, value}], in the order given.")
    documents = models.JSONField(default=list, blank=True, help_text="As in a result.")
    extra = models.JSONField(default=dict, blank=True, help_text="Unknown to the standard; comes out again.")

    class Meta:
        abstract = True


class Baseline(InProgramme, Measured):
    """Where an indicator stood before."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="baselines")
    year = models.TextField(blank=True, help_text="As written; empty: absent.")
    iso_date = models.TextField(blank=True, help_text="As written; empty: absent.")

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.year}: {self.value_text}"


class Period(InProgramme):
    """A span of days, both ends included, for which an indicator has targets and values.

    Published files repeat periods, so dates are no key; what is reported joins the first period of its dates.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="periods")
    position = models.PositiveIntegerField(default=0, help_text="Order among its siblings, from 0.")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True, help_text="What a date cannot hold; comes out again.")

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            # What a value is bound to: period, indicator and programme in one key.
            models.UniqueConstraint(
                fields=["id", "indicator", "programme"], name="indicators_period_of_indicator"
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_on}–{self.ends_on}"


class Target(InProgramme, Measured):
    """What an indicator should reach in a period."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="targets")

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.value_text)
