"""Programmes: what changes hands."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover.actions import programmes
from handover.api.commands import command
from handover.api.resources import Filters, Read, in_programmes
from handover.api.serializers import Body, Shown, Texts
from handover.models import Programme
from handover.permissions import Permission, Scope


class ProgrammeShown(Shown[Programme]):
    """A programme, with its steward."""

    expandable: ClassVar = {"steward": "handover.api.organisations.OrganisationShown"}
    title = Texts(read_only=True)
    description = Texts(read_only=True)

    class Meta:
        model = Programme
        fields = (
            "id",
            "identifier",
            "title",
            "description",
            "steward",
            "status",
            "starts_on",
            "ends_on",
            "created_at",
            "version",
        )


class ProgrammeBody(Body):
    """What a programme is founded with."""

    identifier = serializers.CharField(max_length=100)
    title = Texts(allow_empty=False)
    description = Texts(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)


class ProgrammeChanges(Body):
    """What may be changed of a programme."""

    title = Texts(required=False, allow_empty=False)
    description = Texts(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)


class ProgrammeFilters(Filters):
    """Filters of programmes."""

    identifier = django_filters.CharFilter(help_text="Of this identifier.")
    steward = django_filters.UUIDFilter(
        field_name="steward__uuid", help_text="Answered for by this organisation."
    )


class Programmes(Read[Programme]):
    """Programmes that the caller's organisation has a standing in."""

    what = "programme"
    serializer_class = ProgrammeShown
    filterset_class = ProgrammeFilters
    ordering_fields = ("identifier", "created_at")

    def rows(self) -> QuerySet[Programme]:
        """Give the programmes that the actor may view."""
        return in_programmes(self.actor, Programme.objects.all(), key="pk")

    @command(may=Scope.PLAN, body=ProgrammeBody)
    def create(self, **given: Any) -> Programme:
        """Found a programme. The caller's organisation becomes its steward."""
        return programmes.create(by=self.actor, **given)

    @command(may=Permission.EDIT_PROGRAMME, body=ProgrammeChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Programme:
        """Change a programme's description or dates."""
        return programmes.edit(by=self.actor, programme_uuid=key, version=version, **changes)
