"""Summaries: what SQL would say of a period's current values, kept so that a roll-up need not read them."""

from __future__ import annotations

from django.db import models

from handover.models.guard import Guarded
from indicators.models.definitions import Indicator, Period


class Summary(Guarded):
    """The current values of one period, at one place, disaggregated in one way.

    Written by the statement that enters values, in its transaction, and by nothing else: it can be made anew from
    them at any time (``actions.summaries``), so that it is neither conserved nor carried anywhere.
    """

    programme = models.ForeignKey(
        "handover.Programme", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    split = models.TextField(
        blank=True, help_text="Names of the axes, sorted, joined by |; empty: everybody."
    )
    values = models.PositiveBigIntegerField()
    numbers = models.PositiveBigIntegerField(help_text="Values that are numbers.")
    fractions = models.PositiveBigIntegerField(help_text="Values with numerator and denominator.")
    positions = models.PositiveIntegerField(help_text="How many values share one cell at most.")
    located = models.PositiveBigIntegerField(help_text="Values with locations of an activity.")
    value = models.DecimalField(max_digits=60, decimal_places=12, null=True, blank=True, help_text="Sum.")
    numerator = models.DecimalField(max_digits=60, decimal_places=12, null=True, blank=True, help_text="Sum.")
    denominator = models.DecimalField(
        max_digits=60, decimal_places=12, null=True, blank=True, help_text="Sum."
    )
    smallest = models.DecimalField(max_digits=60, decimal_places=12, null=True, blank=True)
    largest = models.DecimalField(max_digits=60, decimal_places=12, null=True, blank=True)
    reported = models.DecimalField(
        max_digits=60, decimal_places=12, null=True, blank=True, help_text="The one value for everybody."
    )
    # Absent is not the same as empty.
    said = models.TextField(null=True, blank=True, help_text="The same, as written.")  # noqa: DJ001
    first_at = models.DateTimeField(help_text="When the first of them was recorded.")
    last_at = models.DateTimeField(help_text="When the last of them was recorded.")

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        indexes = (models.Index(fields=["programme", "indicator"], name="indicators_summary_programme"),)
        constraints = (
            models.UniqueConstraint(
                fields=["period", "place", "split"],
                name="indicators_summary_slot",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.period_id}: {self.values}"
