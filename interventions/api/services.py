"""Activities and services of interventions. One that needs a licence does not start without."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeRead
from handover.api.serializers import Amount, Body, Shown, Texts
from handover.permissions import Permission
from interventions.actions import services
from interventions.api.reasons import BecauseBody
from interventions.api.target_groups import OfInterventionFilters
from interventions.models import Service, ServiceKind

EDIT: Final = Permission.EDIT_INTERVENTIONS


class ServiceShown(Shown[Service]):
    """An activity (it has an end) or a service (it goes on)."""

    title = Texts(read_only=True)

    class Meta:
        model = Service
        fields = (
            "id",
            "programme",
            "intervention",
            "kind",
            "title",
            "unit",
            "planned",
            "needs_licence",
            "licence",
            "place",
            "starts_on",
            "ends_on",
            "started_on",
            "version",
        )


class ServiceChanges(BecauseBody):
    """What may be said of a service."""

    kind = serializers.ChoiceField(choices=ServiceKind.choices, required=False)
    title = Texts(required=False, allow_empty=False)
    unit = serializers.CharField(
        required=False, max_length=60, help_text="What is delivered: visits, meals …"
    )
    planned = Amount(
        max_digits=14,
        decimal_places=2,
        required=False,
        allow_null=True,
        help_text="Units a calendar quarter.",
    )
    needs_licence = serializers.BooleanField(required=False)
    licence = serializers.UUIDField(required=False, allow_null=True)
    place = serializers.UUIDField(required=False, allow_null=True)
    starts_on = serializers.DateField(required=False, allow_null=True, help_text="Planned.")
    ends_on = serializers.DateField(required=False, allow_null=True, help_text="The last day.")


class ServiceBody(ServiceChanges):
    """A new activity or service."""

    intervention = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ServiceKind.choices)
    title = Texts(allow_empty=False)
    unit = serializers.CharField(max_length=60, help_text="What is delivered: visits, meals …")


class ServiceStartBody(Body):
    """When a service started."""

    on = serializers.DateField(required=False, allow_null=True, help_text="Today if left out.")


class ServiceFilters(OfInterventionFilters):
    """Filters of services."""

    kind = django_filters.ChoiceFilter(choices=ServiceKind.choices, help_text="Activities, or services.")
    started = django_filters.BooleanFilter(
        field_name="started_on", lookup_expr="isnull", exclude=True, help_text="Whether it has started."
    )


class Services(InProgrammeRead[Service]):
    """What interventions deliver."""

    what = "service"
    serializer_class = ServiceShown
    filterset_class = ServiceFilters

    @command(may=EDIT, body=ServiceBody)
    def create(self, intervention: UUID, **given: Any) -> Service:
        """Add an activity or a service to an intervention; once that has begun, with a reason."""
        return services.add(by=self.actor, intervention_uuid=intervention, **given)

    @command(may=EDIT, body=ServiceChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, reason: str = "", **changes: Any) -> Service:
        """Change what is said of a service, and say why. A service that ended gets its last day."""
        return services.edit(by=self.actor, service_uuid=key, version=version, reason=reason, **changes)

    @command(may=EDIT, body=ServiceStartBody, versioned=True)
    def start(self, key: UUID, version: int, on: dt.date | None = None) -> Service:
        """Say that a service has started, today or on an earlier day; not without the licence that it needs."""
        return services.start(by=self.actor, service_uuid=key, version=version, on=on)
