"""Places: local administrative units and named settlements, and the communities whom programmes serve there."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover.actions import programmes
from handover.api import named
from handover.api.commands import command
from handover.api.resources import Filters, InProgrammeRead, Read
from handover.api.serializers import Columns, Shown
from handover.models import Community, Place
from handover.models.places import PlaceKind
from handover.permissions import Permission, Scope


class PlaceShown(Shown[Place]):
    """A place, with its population and area (square metres) where a source gives them."""

    class Meta:
        model = Place
        fields = (
            "id",
            "kind",
            "country",
            "nuts3",
            "code",
            "name",
            "name_latin",
            "parent",
            "population",
            "area",
            "source",
        )


class PlaceFilters(Filters):
    """Filters of places."""

    country = django_filters.CharFilter(help_text="In this country (ISO 3166).")
    nuts3 = django_filters.CharFilter(help_text="In this NUTS 3 region.")
    code = django_filters.CharFilter(help_text="With this code of a local administrative unit.")
    kind = django_filters.ChoiceFilter(choices=PlaceKind.choices, help_text="Of this kind.")
    name = django_filters.CharFilter(lookup_expr="istartswith", help_text="Whose name begins so.")
    parent = django_filters.UUIDFilter(field_name="parent__uuid", help_text="Settlements of this unit.")


class Places(Read[Place]):
    """Places, shared by everybody."""

    what = "place"
    reads: ClassVar = Scope.READ
    serializer_class = PlaceShown
    filterset_class = PlaceFilters
    ordering_fields = ("name", "code")

    def rows(self) -> QuerySet[Place]:
        """Give all."""
        return Place.objects.all()


class CommunityShown(Shown[Community]):
    """The people whom a programme serves at one place; an estimate, never a list of persons."""

    class Meta:
        model = Community
        fields = ("id", "programme", "name", "place", "estimated_people", "source")


class CommunityBody(Columns[Community]):
    """What is said of a community."""

    programme = serializers.UUIDField()

    class Meta:
        model = Community
        fields = ("programme", "name", "place", "estimated_people", "source")


class Communities(InProgrammeRead[Community]):
    """The communities whom programmes serve."""

    what = "community"
    serializer_class = CommunityShown
    ordering_fields = ("name",)

    @command(may=Permission.EDIT_PROGRAMME, body=CommunityBody)
    def create(self, programme: UUID, place: UUID, **given: Any) -> Community:
        """Say whom a programme serves, where."""
        there = named.place(place)
        return programmes.serve(by=self.actor, programme_uuid=programme, place=there, **given)
