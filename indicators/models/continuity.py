"""What keeps a series honest: breaks in it, and people whom both sides of a handover know."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme
from handover.models.names import LongNameCopy
from indicators.models.cells import DECIMAL_PLACES
from indicators.models.codes import BreakKind
from indicators.models.definitions import DIGITS, Indicator


class Stated(models.Model):
    """Who said so, for which organisation, and when: copies beside references, as with values."""

    stated_by = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    stated_by_name = LongNameCopy()
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    organisation_name = models.TextField()
    stated_at = models.DateTimeField()

    class Meta:
        abstract = True


class Break(InProgramme, Stated):
    """A break in an indicator's series. Rows are only added: a break that was there stays in its history."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="breaks")
    on = models.DateField(help_text="The first day of what is counted otherwise.")
    kind = models.CharField(max_length=20, choices=BreakKind)
    reason = models.TextField()

    class Meta(InProgramme.Meta):
        ordering = ("on", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["indicator", "on"], name="indicators_break_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="indicators_break_reason"),
        )

    def __str__(self) -> str:
        return f"{self.on}: {self.kind}"


class Overlap(InProgramme, Stated):
    """How many people both sides of a handover counted in a period that it cut: they count once.

    The whole period is named by its days; its parts, before and from the day of the handover, are reported as periods
    of their own. Rows are only added; the highest revision stands.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="overlaps")
    starts_on = models.DateField()
    ends_on = models.DateField()
    cut_on = models.DateField(help_text="The first day of the receiver.")
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cell = models.TextField(blank=True, help_text="As in a value; empty: everybody.")
    count = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMAL_PLACES)
    revision = models.PositiveIntegerField(default=1)
    reason = models.TextField(help_text="How it is known, or why it was corrected.")

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["indicator", "starts_on", "ends_on", "cut_on", "cell", "place", "revision"],
                name="indicators_overlap_slot",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lt=models.F("cut_on"), cut_on__lte=models.F("ends_on")),
                name="indicators_overlap_cut",
            ),
            models.CheckConstraint(condition=Q(count__gte=0), name="indicators_overlap_count"),
            models.CheckConstraint(condition=~Q(reason=""), name="indicators_overlap_reason"),
        )

    def __str__(self) -> str:
        return f"{self.starts_on}–{self.ends_on}: {self.count}"
