"""Values: what was reached, as reported. Rows are only added; a correction is a revision with a reason."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme
from handover.models.names import LongNameCopy
from indicators.models.cells import DECIMAL_PLACES
from indicators.models.definitions import DIGITS, Indicator, Measured, Period


class Value(InProgramme, Measured):
    """One revision of one value: of an indicator, in a period, at a place, in a cell of its disaggregation.

    Who reported it is kept twice: as references that never move to another organisation, and as copies of the
    names of that day. ``digest`` is the row's own (``indicators_value_digest``); the ledger entry of its
    ``batch`` commits to it.

    Few indexes, and one foreign key to the definitions (period, indicator, programme): their upkeep is
    what an import costs.
    """

    programme = models.ForeignKey(
        "handover.Programme", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="values", db_constraint=False, db_index=False
    )
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="values", db_constraint=False, db_index=False
    )
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    cell = models.TextField(blank=True, help_text="Canonical text of the dimensions; empty: the total.")
    position = models.PositiveIntegerField(default=0, help_text="Order in its cell, from 0.")
    numerator = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True)
    denominator = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    reason = models.TextField(blank=True, help_text="Why it was corrected.")
    reported_by = models.ForeignKey(
        "handover.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reporter_name = LongNameCopy()
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    organisation_name = models.TextField()
    recorded_at = models.DateTimeField()
    batch = models.UUIDField(help_text="Subject of the ledger entry that commits to it.")
    digest = models.BinaryField(max_length=32, editable=False)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            # Programme first: the order in which a programme's rows are digested.
            models.UniqueConstraint(fields=["programme", "uuid"], name="indicators_value_uuid"),
            models.UniqueConstraint(
                fields=["period", "cell", "place", "position", "revision"],
                name="indicators_value_slot",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | (Q(revision__gt=1) & ~Q(reason="")), name="indicators_value_reason"
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(numerator__isnull=False, denominator__isnull=False),
                name="indicators_value_share",
            ),
        )

    def __str__(self) -> str:
        return f"{self.value_text} (revision {self.revision})"
