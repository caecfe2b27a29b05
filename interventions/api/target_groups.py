"""Target groups: whom an intervention is for, and how many they are by which source."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Shown, Texts
from handover.permissions import Permission
from interventions.actions import groups
from interventions.api import limits
from interventions.api.reasons import BecauseBody, PutDownBody
from interventions.models import TargetGroup

EDIT: Final = Permission.EDIT_INTERVENTIONS


class TargetGroupShown(Shown[TargetGroup]):
    """A group whom an intervention is for; its people are an estimate with a source."""

    title = Texts(read_only=True)

    class Meta:
        model = TargetGroup
        fields = ("id", "programme", "intervention", "title", "people", "source", "as_of", "version")


class TargetGroupChanges(BecauseBody):
    """What may be said of a target group."""

    title = Texts(required=False, allow_empty=False)
    people = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=limits.COUNT, help_text="An estimate."
    )
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, allow_blank=True, max_length=300, help_text="Needed where people are counted."
    )
    as_of = serializers.DateField(required=False, allow_null=True)


class TargetGroupBody(TargetGroupChanges):
    """A new target group."""

    intervention = serializers.UUIDField()
    title = Texts(allow_empty=False)


class OfInterventionFilters(InProgrammeFilters):
    """Filters of what hangs on an intervention."""

    intervention = django_filters.UUIDFilter(
        field_name="intervention__uuid", help_text="Of this intervention."
    )


class TargetGroups(InProgrammeRead[TargetGroup]):
    """Whom interventions are for: groups with estimates, never lists of persons."""

    what = "target group"
    serializer_class = TargetGroupShown
    filterset_class = OfInterventionFilters

    @command(may=EDIT, body=TargetGroupBody)
    def create(self, intervention: UUID, **given: Any) -> TargetGroup:
        """Add a target group to an intervention; once that has begun, with a reason."""
        return groups.add(by=self.actor, intervention_uuid=intervention, **given)

    @command(may=EDIT, body=TargetGroupChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, reason: str = "", **changes: Any) -> TargetGroup:
        """Change what is said of a target group, and say why."""
        return groups.edit(by=self.actor, group_uuid=key, version=version, reason=reason, **changes)

    @command(may=EDIT, body=PutDownBody)
    def remove(self, key: UUID, **why: Any) -> None:
        """Take a target group away, and say why."""
        groups.remove(by=self.actor, group_uuid=key, **why)
