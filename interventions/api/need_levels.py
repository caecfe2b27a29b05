"""Levels of a programme's needs hierarchy, lowest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover.api.commands import command
from handover.api.problems import RULE
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown, Texts
from handover.permissions import Permission
from interventions.actions import levels as actions
from interventions.api.lists import rows
from interventions.models import NeedLevel


class NeedLevelShown(Shown[NeedLevel]):
    """A level of the hierarchy. Lower positions come first: their needs are answered before those above."""

    title = Texts(read_only=True)

    class Meta:
        model = NeedLevel
        fields = ("id", "programme", "key", "title", "position")


class NeedLevelBody(Body):
    """One level."""

    key = serializers.SlugField(
        max_length=60, help_text="Its key in this programme; it stays when it is retitled."
    )
    title = Texts(allow_empty=False)


class NeedLevelsBody(Body):
    """All levels of a programme, lowest first."""

    programme = serializers.UUIDField()
    levels = rows(NeedLevelBody, allow_empty=False, most=100)

    def validate_levels(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Give titles by key.

        Raises:
            ValidationError: a key stands there twice.
        """
        if len({row["key"] for row in rows}) != len(rows):
            raise serializers.ValidationError("A key is named twice.", code=RULE)
        return {row["key"]: row["title"] for row in rows}


class NeedLevelFilters(InProgrammeFilters):
    """Filters of levels."""

    key = django_filters.CharFilter(help_text="Of this key.")


class NeedLevels(InProgrammeRead[NeedLevel]):
    """Levels of needs: each programme has its own."""

    what = "level"
    serializer_class = NeedLevelShown
    filterset_class = NeedLevelFilters
    ordering = ("programme_id", "position")
    ordering_fields = ("position", "key")

    @command(may=Permission.EDIT_NEEDS, body=NeedLevelsBody, answers=NeedLevelShown, many=True, detail=False)
    def define(self, programme: UUID, levels: dict[str, Any]) -> QuerySet[NeedLevel]:
        """Say which levels a programme has, lowest first. Known keys are retitled and put in this order; a level
        that is left out goes, unless needs stand on it."""
        actions.define(by=self.actor, programme_uuid=programme, levels=levels)
        return self.get_queryset().filter(programme__uuid=programme).order_by("position", "id")
