"""Volunteering: how many helped an intervention in a period, young ones apart, their hours and their training."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeRead
from handover.api.serializers import Amount, Body, Shown
from handover.permissions import Permission
from interventions.actions import volunteering
from interventions.api import limits
from interventions.api.deliveries import PeriodFilters
from interventions.models import Volunteering
from interventions.queries.cutoffs import hidden_records

EDIT: Final = Permission.EDIT_INTERVENTIONS


class VolunteeringShown(Shown[Volunteering]):
    """Volunteers of an intervention in a period; nobody is named."""

    class Meta:
        model = Volunteering
        fields = (
            "id",
            "programme",
            "intervention",
            "starts_on",
            "ends_on",
            "place",
            "young",
            "others",
            "hours",
            "training_hours",
            "source",
            "note",
            "version",
        )


def _hours(what: str) -> Amount:
    return Amount(max_digits=10, decimal_places=2, required=False, help_text=what)


class VolunteeringFieldsBody(Body):
    """What may be said of volunteers."""

    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False, help_text="The last day.")
    young = serializers.IntegerField(
        required=False, min_value=0, max_value=limits.COUNT, help_text="Volunteers under 30."
    )
    others = serializers.IntegerField(required=False, min_value=0, max_value=limits.COUNT)
    hours = _hours("Hours of work.")
    training_hours = _hours("Hours of training that they received.")
    place = serializers.UUIDField(required=False, allow_null=True)
    source = serializers.CharField(required=False, allow_blank=True, max_length=300)  # type: ignore[assignment]
    note = serializers.CharField(required=False, allow_blank=True, max_length=limits.TEXT)


class VolunteeringBody(VolunteeringFieldsBody):
    """Volunteers of a period."""

    intervention = serializers.UUIDField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The last day.")


class VolunteeringCorrection(VolunteeringFieldsBody):
    """What is corrected, and why."""

    reason = serializers.CharField(max_length=limits.TEXT)


class VolunteeringFilters(PeriodFilters):
    """Filters of volunteering."""

    intervention = django_filters.UUIDFilter(
        field_name="intervention__uuid", help_text="Of this intervention."
    )


class VolunteeringCounts(InProgrammeRead[Volunteering]):
    """Volunteers by period, as counts. Figures of one intervention and place never overlap."""

    what = "count of volunteers"
    serializer_class = VolunteeringShown
    filterset_class = VolunteeringFilters
    ordering_fields = ("starts_on", "ends_on")

    def rows(self) -> QuerySet[Volunteering]:
        """Give the counts that the actor may read; a former steward's end with its view."""
        return super().rows().exclude(uuid__in=hidden_records(self.actor))

    @command(may=EDIT, body=VolunteeringBody)
    def create(self, intervention: UUID, **given: Any) -> Volunteering:
        """Enter the volunteers of a period."""
        return volunteering.record(by=self.actor, intervention_uuid=intervention, **given)

    @command(may=EDIT, body=VolunteeringCorrection, versioned=True)
    def correct(self, key: UUID, version: int, reason: str, **changes: Any) -> Volunteering:
        """Correct what was entered, and say why. The ledger keeps what stood there."""
        return volunteering.correct(
            by=self.actor, volunteering_uuid=key, version=version, reason=reason, **changes
        )
