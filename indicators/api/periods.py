"""Periods, and what stands in them: targets; and baselines, where an indicator stood before."""

from __future__ import annotations

import django_filters
from rest_framework import serializers

from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Reference, Shown, Texts
from indicators.api.fields import OfIndicatorFilters
from indicators.models import Baseline, Period, Target

MEASURED = ("value", "value_text", "comment", "dimensions", "locations", "documents", "position")


class PeriodShown(Shown[Period]):
    """A span of days, both included, for which an indicator has targets and values."""

    class Meta:
        model = Period
        fields = ("id", "programme", "indicator", "starts_on", "ends_on", "position")


class BaselineShown(Shown[Baseline]):
    """Where an indicator stood before. `value` is the number, `value_text` what was written."""

    comment = Texts(read_only=True)

    class Meta:
        model = Baseline
        fields = ("id", "programme", "indicator", "year", "iso_date", *MEASURED)


class TargetShown(Shown[Target]):
    """What an indicator should reach in a period."""

    indicator = Reference(source="period.indicator")
    starts_on = serializers.DateField(source="period.starts_on", read_only=True, allow_null=True)
    ends_on = serializers.DateField(source="period.ends_on", read_only=True, allow_null=True)
    comment = Texts(read_only=True)

    class Meta:
        model = Target
        fields = ("id", "programme", "indicator", "period", "starts_on", "ends_on", *MEASURED)


class PeriodFilters(OfIndicatorFilters):
    """Filters of periods."""

    starts_from = django_filters.DateFilter(
        field_name="starts_on", lookup_expr="gte", help_text="Beginning on this day or later."
    )
    ends_until = django_filters.DateFilter(
        field_name="ends_on", lookup_expr="lte", help_text="Ending on this day or before."
    )


class TargetFilters(InProgrammeFilters):
    """Filters of targets."""

    indicator = django_filters.UUIDFilter(
        field_name="period__indicator__uuid", help_text="Of this indicator alone."
    )
    period = django_filters.UUIDFilter(field_name="period__uuid", help_text="Of this period alone.")


class Periods(InProgrammeRead[Period]):
    """Periods of indicators."""

    what = "period"
    serializer_class = PeriodShown
    filterset_class = PeriodFilters
    ordering_fields = ("position",)


class Baselines(InProgrammeRead[Baseline]):
    """Baselines of indicators."""

    what = "baseline"
    serializer_class = BaselineShown
    filterset_class = OfIndicatorFilters
    ordering_fields = ("position",)


class Targets(InProgrammeRead[Target]):
    """Targets of indicators."""

    what = "target"
    serializer_class = TargetShown
    filterset_class = TargetFilters
    ordering_fields = ("position",)
