"""Floors of indicators: below which value a result is called lost after a handover."""

from __future__ import annotations

import django_filters
from rest_framework import serializers

from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Amount, Body, Shown
from indicators.models import Floor
from indicators.models.cells import DECIMAL_PLACES
from indicators.models.definitions import DIGITS


class FloorShown(Shown[Floor]):
    """The floor of an indicator, in its unit; where less is better, the most that it may be."""

    class Meta:
        model = Floor
        fields = ("id", "programme", "indicator", "level", "reason", "version")


class FloorBody(Body):
    """Where the floor lies, and why there; without a level it is taken away."""

    level = Amount(max_digits=DIGITS, decimal_places=DECIMAL_PLACES, allow_null=True)
    reason = serializers.CharField(max_length=10_000, required=False, allow_blank=True)


class FloorFilters(InProgrammeFilters):
    """Filters of floors."""

    indicator = django_filters.UUIDFilter(field_name="indicator__uuid", help_text="Of this indicator alone.")


class Floors(InProgrammeRead[Floor]):
    """Floors of indicators."""

    what = "floor"
    serializer_class = FloorShown
    filterset_class = FloorFilters
    ordering_fields = ("level",)
