"""Deliveries: what services delivered in a period at a place, and whom they reached, as counts."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Amount, Body, Shown
from handover.permissions import Permission
from interventions.actions import deliveries
from interventions.api import limits
from interventions.models import Delivery
from interventions.queries.cutoffs import hidden_records

EDIT: Final = Permission.EDIT_INTERVENTIONS


class DeliveryShown(Shown[Delivery]):
    """What a service delivered in a period, in its unit, and whom it reached."""

    class Meta:
        model = Delivery
        fields = (
            "id",
            "programme",
            "service",
            "starts_on",
            "ends_on",
            "place",
            "quantity",
            "children",
            "adults",
            "age_unknown",
            "source",
            "note",
            "version",
        )


def _people(what: str) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=0, max_value=limits.COUNT, help_text=what)


class DeliveryFieldsBody(Body):
    """What may be said of a delivery."""

    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False, help_text="The last day.")
    quantity = Amount(max_digits=14, decimal_places=2, required=False, help_text="In the service's unit.")
    children = _people("Under 18.")
    adults = _people("Of 18 and older.")
    age_unknown = _people("Unknown stays unknown: it is never shared out.")
    place = serializers.UUIDField(
        required=False, allow_null=True, help_text="None: the service's whole area."
    )
    source = serializers.CharField(required=False, allow_blank=True, max_length=300)  # type: ignore[assignment]
    note = serializers.CharField(required=False, allow_blank=True, max_length=limits.TEXT)


class DeliveryBody(DeliveryFieldsBody):
    """A delivery."""

    service = serializers.UUIDField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The last day.")
    quantity = Amount(max_digits=14, decimal_places=2, help_text="In the service's unit.")


class DeliveryCorrection(DeliveryFieldsBody):
    """What is corrected, and why."""

    reason = serializers.CharField(max_length=limits.TEXT)


class PeriodFilters(InProgrammeFilters):
    """Filters of figures of a period."""

    place = django_filters.UUIDFilter(field_name="place__uuid", help_text="At this place.")
    first_day = django_filters.DateFilter(
        field_name="ends_on", lookup_expr="gte", help_text="With a day on or after this one."
    )
    last_day = django_filters.DateFilter(
        field_name="starts_on", lookup_expr="lte", help_text="With a day on or before this one."
    )


class DeliveryFilters(PeriodFilters):
    """Filters of deliveries."""

    service = django_filters.UUIDFilter(field_name="service__uuid", help_text="Of this service.")
    intervention = django_filters.UUIDFilter(
        field_name="service__intervention__uuid", help_text="Of this intervention's services."
    )


class Deliveries(InProgrammeRead[Delivery]):
    """What services delivered. Figures of one service and place never overlap."""

    what = "delivery"
    serializer_class = DeliveryShown
    filterset_class = DeliveryFilters
    ordering_fields = ("starts_on", "ends_on")

    def rows(self) -> QuerySet[Delivery]:
        """Give the deliveries that the actor may read; a former steward's end with its view."""
        return super().rows().exclude(uuid__in=hidden_records(self.actor))

    @command(may=EDIT, body=DeliveryBody)
    def create(self, service: UUID, **given: Any) -> Delivery:
        """Enter what a service delivered in a period."""
        return deliveries.deliver(by=self.actor, service_uuid=service, **given)

    @command(may=EDIT, body=DeliveryCorrection, versioned=True)
    def correct(self, key: UUID, version: int, reason: str, **changes: Any) -> Delivery:
        """Correct what was entered, and say why. The ledger keeps what stood there."""
        return deliveries.correct(by=self.actor, delivery_uuid=key, version=version, reason=reason, **changes)
