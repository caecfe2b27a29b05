"""Breaks in series, and overlaps: people whom both sides of a handover counted."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from handover.api.resources import InProgrammeRead
from handover.api.serializers import Shown
from handover.queries.cutoffs import before_cutoffs
from indicators.api import sight
from indicators.api.fields import OfIndicatorFilters
from indicators.models import Break, Overlap

STATED = ("stated_by_name", "organisation", "organisation_name", "stated_at")


class BreakShown(Shown[Break]):
    """A break in a series: from this day something else is counted, or counted otherwise."""

    class Meta:
        model = Break
        fields = ("id", "programme", "indicator", "on", "kind", "reason", *STATED)


class OverlapShown(Shown[Overlap]):
    """How many people both sides of a handover counted in a period that it cut. The highest revision stands."""

    cell = serializers.CharField(read_only=True, help_text="The group, as in a value; empty: everybody.")

    class Meta:
        model = Overlap
        fields = (
            "id", "programme", "indicator", "starts_on", "ends_on", "cut_on", "place", "cell", "count", "revision",
            "reason", *STATED,
        )  # fmt: skip


class Breaks(InProgrammeRead[Break]):
    """Breaks, as far as the caller's view of the programme goes."""

    what = "break"
    serializer_class = BreakShown
    filterset_class = OfIndicatorFilters
    ordering_fields = ("on", "stated_at")

    def rows(self) -> QuerySet[Break]:
        """Give the breaks that were stated before the caller's view ended."""
        return super().rows().filter(before_cutoffs(self.actor, "stated_at"))


class Overlaps(InProgrammeRead[Overlap]):
    """Overlaps, as far as the caller's view of the programme goes."""

    what = "overlap"
    serializer_class = OverlapShown
    filterset_class = OfIndicatorFilters
    ordering_fields = ("starts_on", "stated_at")

    def rows(self) -> QuerySet[Overlap]:
        """Give the overlaps that were stated before the caller's view ended; donors see those of everybody."""
        return sight.totals(self.actor, super().rows().filter(before_cutoffs(self.actor, "stated_at")))
