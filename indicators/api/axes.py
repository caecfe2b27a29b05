"""Axes: along what indicators are broken down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.api.commands import command, reading
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown, Texts
from handover.permissions import Permission, Scope
from indicators.actions import axes
from indicators.api.fields import CategoryBody, Narratives
from indicators.models import Axis
from indicators.queries.axes import StandardAxis, standard


class AxisShown(Shown[Axis]):
    """An axis of a programme. Every axis has the category `unknown`, without naming it."""

    title = Texts(read_only=True)

    class Meta:
        model = Axis
        fields = ("id", "programme", "name", "title", "categories", "estimated", "position", "version")


class AxisChanges(Body):
    """What may be changed of an axis. Categories are given whole, in their order."""

    title = Narratives(required=False)
    categories = CategoryBody(many=True, required=False)
    estimated = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=0, max_value=999_999, required=False)


class AxisBody(Body):
    """What an axis is made of."""

    programme = serializers.UUIDField()
    name = serializers.CharField(max_length=60)
    categories = CategoryBody(many=True)
    title = Narratives(required=False)
    estimated = serializers.BooleanField(required=False)


class StandardBody(Body):
    """An axis that ships with the toolkit."""

    programme = serializers.UUIDField()
    name = serializers.CharField(max_length=60)


class StandardShown(serializers.Serializer[StandardAxis]):
    """An axis that ships with the toolkit, with its source and how far it was checked against it."""

    name = serializers.CharField()
    title = serializers.DictField(child=serializers.CharField())
    categories = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))
    estimated = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]
    mark = serializers.CharField()


class AxisFilters(InProgrammeFilters):
    """Filters of axes."""

    name = django_filters.CharFilter(help_text="Of this name.")


class Axes(InProgrammeRead[Axis]):
    """Axes, by programme."""

    what = "axis"
    serializer_class = AxisShown
    filterset_class = AxisFilters
    ordering_fields = ("position", "name")

    @command(may=Permission.DEFINE_INDICATORS, body=AxisBody)
    def create(self, programme: UUID, **given: Any) -> Axis:
        """Add an axis to a programme."""
        return axes.create(by=self.actor, programme_uuid=programme, **given)

    @command(may=Permission.DEFINE_INDICATORS, body=StandardBody, detail=False, status=201)
    def create_standard(self, programme: UUID, name: str) -> Axis:
        """Add one of the axes that ship with the toolkit."""
        return axes.create_standard(by=self.actor, programme_uuid=programme, name=name)

    @command(may=Permission.DEFINE_INDICATORS, body=AxisChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Axis:
        """Change an axis. A category that something names stays."""
        return axes.edit(by=self.actor, axis_uuid=key, version=version, **changes)

    @reading(may=Scope.READ, answers=StandardShown, many=True, detail=False)
    def standard(self) -> Sequence[StandardAxis]:
        """Give the axes that ship with the toolkit."""
        return list(standard().values())
