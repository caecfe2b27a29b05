"""Results: the outputs, outcomes and impacts under which the indicators stand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown, Texts
from handover.permissions import Permission
from indicators.actions import results
from indicators.api.fields import TRUTH, CodeBody, DocumentBody, Narratives
from indicators.models import Result
from indicators.models.codes import ResultType


class ResultShown(Shown[Result]):
    """A result of a programme."""

    title = Texts(read_only=True)
    description = Texts(read_only=True)

    class Meta:
        model = Result
        fields = (
            "id",
            "programme",
            "type",
            "title",
            "description",
            "aggregation_status",
            "references",
            "documents",
            "position",
            "version",
        )


class ResultChanges(Body):
    """What may be changed of a result."""

    type = serializers.ChoiceField(choices=ResultType.choices, required=False)
    title = Narratives(required=False, allow_empty=False)
    description = Narratives(required=False)
    aggregation_status = serializers.ChoiceField(choices=TRUTH, required=False)
    references = CodeBody(many=True, required=False)
    documents = DocumentBody(many=True, required=False)


class ResultBody(ResultChanges):
    """What a result is defined with."""

    programme = serializers.UUIDField()
    type = serializers.ChoiceField(choices=ResultType.choices)
    title = Narratives(allow_empty=False)


class ResultFilters(InProgrammeFilters):
    """Filters of results."""

    type = django_filters.CharFilter(help_text="Of this type (IATI code list ResultType).")


class Results(InProgrammeRead[Result]):
    """Results, by programme and position."""

    what = "result"
    serializer_class = ResultShown
    filterset_class = ResultFilters
    ordering_fields = ("position",)

    @command(may=Permission.DEFINE_INDICATORS, body=ResultBody)
    def create(self, programme: UUID, **entry: Any) -> Result:
        """Define a result, after those that are there."""
        return results.define(by=self.actor, programme_uuid=programme, **entry)

    @command(may=Permission.DEFINE_INDICATORS, body=ResultChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Result:
        """Change a result."""
        return results.edit(by=self.actor, result_uuid=key, version=version, **changes)
