"""Source series: registers that stay with their custodian."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown
from handover.errors import Invalid
from handover.models import Organisation
from handover.permissions import Permission
from indicators.actions import sources
from indicators.models import SourceSeries


class SourceShown(Shown[SourceSeries]):
    """A register or set of sheets that was never uploaded: who keeps it, where, for when, and how much."""

    expandable: ClassVar = {"custodian": "handover.api.organisations.OrganisationShown"}

    class Meta:
        model = SourceSeries
        fields = (
            "id", "programme", "title", "custodian", "office", "location", "starts_on", "ends_on", "count", "counted",
            "sha256", "keep_until", "note", "version",
        )  # fmt: skip


class SourceChanges(Body):
    """What may be changed of a source series."""

    title = serializers.CharField(max_length=300, required=False)
    custodian = serializers.UUIDField(required=False, help_text="The organisation that keeps it.")
    office = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="The post that keeps it, never a person."
    )
    location = serializers.CharField(max_length=300, required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    count = serializers.IntegerField(min_value=0, max_value=2**63 - 1, required=False, allow_null=True)
    counted = serializers.CharField(max_length=60, required=False, allow_blank=True)
    sha256 = serializers.CharField(max_length=64, required=False, allow_blank=True)
    keep_until = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class SourceBody(SourceChanges):
    """What a source series is named with."""

    programme = serializers.UUIDField()
    title = serializers.CharField(max_length=300)
    custodian = serializers.UUIDField(help_text="The organisation that keeps it.")
    location = serializers.CharField(max_length=300)


class SourceFilters(InProgrammeFilters):
    """Filters of source series."""

    custodian = django_filters.UUIDFilter(
        field_name="custodian__uuid", help_text="Kept by this organisation."
    )


class Sources(InProgrammeRead[SourceSeries]):
    """Source series, by programme."""

    what = "source series"
    serializer_class = SourceShown
    filterset_class = SourceFilters
    ordering_fields = ("title",)

    @command(may=Permission.REPORT_VALUES, body=SourceBody)
    def create(self, programme: UUID, **entry: Any) -> SourceSeries:
        """Name a source series: what it is, and which organisation keeps it where."""
        return sources.register(by=self.actor, programme_uuid=programme, **_kept(entry))

    @command(may=Permission.REPORT_VALUES, body=SourceChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> SourceSeries:
        """Change what is said of a source series."""
        return sources.edit(by=self.actor, source_uuid=key, version=version, **_kept(changes))


def _kept(entry: dict[str, Any]) -> dict[str, Any]:
    """Put the custodian in place of its UUID.

    Raises:
        Invalid: there is no such organisation.
    """
    if "custodian" not in entry:
        return entry
    found = Organisation.objects.filter(uuid=entry["custodian"]).first()
    if found is None:
        raise Invalid("unknown_organisation", "There is no such organisation.", field="custodian")
    return {**entry, "custodian": found}
