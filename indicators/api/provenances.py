"""Provenance: what values rest on."""

from __future__ import annotations

from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from handover.api.commands import reading
from handover.api.files import GivesFiles
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Shown
from handover.permissions import Permission
from handover.queries.cutoffs import before_cutoffs
from indicators.actions import provenance
from indicators.models import Provenance


class ProvenanceShown(Shown[Provenance]):
    """What one value rests on: a source series, or a file."""

    value = serializers.UUIDField(source="value_uuid", read_only=True)
    sha256 = serializers.CharField(source="file.sha256", read_only=True, default=None, allow_null=True)
    size = serializers.IntegerField(source="file.size", read_only=True, default=None, allow_null=True)
    erased_at = serializers.DateTimeField(
        source="file.erased_at", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Provenance
        fields = (
            "id", "programme", "value", "source", "filename", "title", "sha256", "size", "erased_at", "batch",
            "added_by_name", "organisation_name", "added_at",
        )  # fmt: skip


class ProvenanceFilters(InProgrammeFilters):
    """Filters of what values rest on."""

    value = django_filters.UUIDFilter(field_name="value_uuid", help_text="Of this value alone.")
    source = django_filters.UUIDFilter(field_name="source__uuid", help_text="This source series alone.")


class Provenances(GivesFiles[Provenance], InProgrammeRead[Provenance]):
    """What values rest on, as far as the caller's view goes."""

    what = "provenance"
    serializer_class = ProvenanceShown
    filterset_class = ProvenanceFilters
    ordering_fields = ("added_at",)

    def rows(self) -> QuerySet[Provenance]:
        """Give what was added before the caller's view ended."""
        return super().rows().filter(before_cutoffs(self.actor, "added_at"))

    @reading(may=Permission.VIEW)
    def file(self, key: UUID) -> HttpResponse:
        """Give the file on which a value rests."""
        row = self.find(key)
        content = provenance.open_file(by=self.actor, provenance_uuid=key)
        name = "".join(
            letter if (letter.isascii() and letter.isalnum()) or letter in "-_." else "_"
            for letter in row.filename
        )
        response = HttpResponse(content, content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
