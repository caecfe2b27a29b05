"""Standings: which organisation stands how to a programme, and when."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.db.models import Q, QuerySet
from rest_framework import serializers

from handover import clock
from handover.api.resources import Filters, Listed, in_programmes
from handover.api.serializers import Reference
from handover.models import Standing
from handover.permissions import StandingKind

KINDS = [(kind.value, kind.help) for kind in StandingKind]


class StandingShown(serializers.ModelSerializer[Standing]):
    """How one organisation stands to one programme for a span of time."""

    programme = Reference()
    organisation = Reference()
    since = serializers.DateTimeField(source="valid.lower", read_only=True)
    until = serializers.DateTimeField(source="valid.upper", read_only=True, allow_null=True)

    class Meta:
        model = Standing
        fields = ("programme", "organisation", "kind", "since", "until", "writes", "cutoff", "transfer_uuid")
        read_only_fields = ("kind", "writes", "cutoff", "transfer_uuid")


class StandingFilters(Filters):
    """Filters of standings."""

    programme = django_filters.UUIDFilter(field_name="programme__uuid", help_text="On this programme alone.")
    organisation = django_filters.UUIDFilter(
        field_name="organisation__uuid", help_text="Of this organisation alone."
    )
    kind = django_filters.ChoiceFilter(choices=KINDS, help_text="Of this kind.")
    now = django_filters.BooleanFilter(
        method="holding", help_text="Those that hold now, or those that do not."
    )

    def holding(self, rows: QuerySet[Standing], name: str, value: bool) -> QuerySet[Standing]:
        """Keep what holds now, or what does not."""
        holds = Q(valid__contains=clock.now())
        return rows.filter(holds if value else ~holds)


class Standings(Listed[Standing]):
    """Who stands how to the programmes that the caller may read, now and before."""

    what = "standing"
    serializer_class = StandingShown
    filterset_class = StandingFilters
    ordering: ClassVar = ("id",)

    def rows(self) -> QuerySet[Standing]:
        """Give those of the programmes that the actor may view."""
        return in_programmes(self.actor, Standing.objects.all())
