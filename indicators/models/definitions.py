"""Definitions: indicators, their baselines, periods and targets (IATI 2.03 ``indicator`` and below)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned
from indicators.models.cells import DECIMAL_PLACES, WHOLE_DIGITS
from indicators.models.codes import Aggregation, CountingRule, Frequency
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
    frequency = models.CharField(max_length=20, choices=Frequency, blank=True)
    unit = models.CharField(max_length=60, blank=True, help_text="For example: persons, EUR, meetings.")
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217, where it is an amount.")
    scale = models.JSONField(
        default=list, blank=True, help_text="[{code, title}] from lowest to highest, where it is ordinal."
    )
    source = models.TextField(blank=True, help_text="Where the values come from, for example a register.")
    method = models.TextField(blank=True, help_text="How it is measured.")
    collected_by = models.CharField(
        max_length=300, blank=True, help_text="An office or a post, not a person."
    )
    over_time = models.CharField(
        max_length=10, choices=Aggregation, blank=True, help_text="Empty: as measure and counting rule say."
    )
    over_places = models.CharField(max_length=10, choices=Aggregation, blank=True, help_text="As over time.")
    over_groups = models.CharField(max_length=10, choices=Aggregation, blank=True, help_text="As over time.")
    axes = models.JSONField(default=list, blank=True, help_text="Names of the axes that disaggregate it.")
    green_from = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="Per cent of the way to the target."
    )
    amber_from = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="Per cent of the way to the target."
    )
    due_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days after a period's end until which a value is in time."
    )
    approval = models.BooleanField(
        default=False, help_text="Values count only once somebody who may approve them did so."
    )
    expression = models.TextField(
        blank=True, help_text="Calculated from others, which ``parts`` names; empty: reported."
    )
    parts = models.JSONField(
        default=dict, blank=True, help_text="{name in the expression: UUID of an indicator of the programme}."
    )

    digested_if_said = frozenset(
        {
            "frequency",
            "unit",
            "currency",
            "scale",
            "source",
            "method",
            "collected_by",
            "over_time",
            "over_places",
        }
        | {"over_groups", "axes", "green_from", "amber_from", "due_days", "approval", "expression", "parts"}
    )

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(counting_rule__in=CountingRule.values), name="indicators_indicator_counting_rule"
            ),
            models.CheckConstraint(
                condition=Q(green_from__isnull=True, amber_from__isnull=True)
                | Q(green_from__gte=models.F("amber_from")),
                name="indicators_indicator_thresholds",
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

    may_look_personal = frozenset({"value_text"})

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

    may_look_personal = frozenset({"value_text"})

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.value_text)
