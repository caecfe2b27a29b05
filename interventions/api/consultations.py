"""Consultations: a community was asked. Who came is counts, what came of it is told back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover.api.commands import command, reading
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown, Texts
from handover.permissions import Permission
from interventions.actions import consultations
from interventions.actions.consultations import Attended
from interventions.api import limits
from interventions.api.lists import rows
from interventions.models import AgeBand, Attendance, Consultation, Format, Gender
from interventions.queries.consultations import Changed, what_changed

VOICE: Final = Permission.RECORD_VOICE
UUIDS: Final = {"type": "array", "items": {"type": "string", "format": "uuid"}}


class AttendanceShown(Shown[Attendance]):
    """How many people of one gender and age band took part."""

    class Meta:
        model = Attendance
        fields = ("gender", "age_band", "people")


class ConsultationShown(Shown[Consultation]):
    """A consultation: where, when, how, in which languages, and how many came."""

    title = Texts(read_only=True)
    heard = Texts(read_only=True)
    languages = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="ISO 639 codes."
    )
    attendance = AttendanceShown(many=True, read_only=True)

    class Meta:
        model = Consultation
        fields = (
            "id",
            "programme",
            "title",
            "held_on",
            "place",
            "community",
            "format",
            "languages",
            "facilitator",
            "facilitated_by",
            "heard",
            "told_back_on",
            "attendance",
            "version",
        )


class AttendedBody(Body):
    """How many people of one gender and age band came."""

    gender = serializers.ChoiceField(choices=Gender.choices)
    age_band = serializers.ChoiceField(choices=AgeBand.choices)
    people = serializers.IntegerField(min_value=0, max_value=limits.COUNT)


class AttendanceBody(Body):
    """Who came, as counts."""

    attendance = rows(AttendedBody, allow_empty=False, most=100)


class ConsultationChanges(Body):
    """What may be said of a consultation."""

    title = Texts(required=False, allow_empty=False)
    held_on = serializers.DateField(required=False)
    format = serializers.ChoiceField(choices=Format.choices, required=False)
    languages = serializers.ListField(
        child=serializers.CharField(max_length=3),
        required=False,
        allow_empty=False,
        max_length=20,
        help_text="ISO 639 codes: two letters, or three (rom).",
    )
    place = serializers.UUIDField(required=False, allow_null=True)
    community = serializers.UUIDField(required=False, allow_null=True)
    facilitator = serializers.UUIDField(required=False, allow_null=True, help_text="An organisation.")
    facilitated_by = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="The facilitator's role; never a name."
    )
    heard = Texts(required=False)


class ConsultationBody(ConsultationChanges):
    """A consultation that was held."""

    programme = serializers.UUIDField()
    title = Texts(allow_empty=False)
    held_on = serializers.DateField()
    format = serializers.ChoiceField(choices=Format.choices)
    languages = serializers.ListField(
        child=serializers.CharField(max_length=3),
        allow_empty=False,
        max_length=20,
        help_text="ISO 639 codes: two letters, or three (rom).",
    )
    attendance = rows(AttendedBody, required=False, most=100)


class NeedsRaisedBody(Body):
    """Needs that were first raised at a consultation."""

    needs = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=limits.MANY)


class ToldBackBody(Body):
    """When a community was told what came of its words."""

    told_back_on = serializers.DateField()


class ConsultationEffectsShown(serializers.Serializer[Any]):
    """What changed because of a consultation: rows of other nouns, by their UUIDs."""

    needs = serializers.SerializerMethodField(help_text="Needs that it raised.")
    rankings = serializers.SerializerMethodField(help_text="Rankings held there.")
    interventions = serializers.SerializerMethodField(
        help_text="Interventions that were changed because of it."
    )
    votes = serializers.SerializerMethodField(help_text="Votes on milestones of transfers held there.")

    @extend_schema_field(UUIDS)
    def get_needs(self, found: Changed) -> list[str]:
        """Give the needs."""
        return [str(row.uuid) for row in found.needs]

    @extend_schema_field(UUIDS)
    def get_rankings(self, found: Changed) -> list[str]:
        """Give the rankings."""
        return [str(row.uuid) for row in found.rankings]

    @extend_schema_field(UUIDS)
    def get_interventions(self, found: Changed) -> list[str]:
        """Give the interventions, each once."""
        return list(dict.fromkeys(str(row.intervention.uuid) for row in found.changes))

    @extend_schema_field(UUIDS)
    def get_votes(self, found: Changed) -> list[str]:
        """Give the votes."""
        return [str(row.uuid) for row in found.votes]


class ConsultationFilters(InProgrammeFilters):
    """Filters of consultations."""

    community = django_filters.UUIDFilter(field_name="community__uuid", help_text="Of this community.")
    place = django_filters.UUIDFilter(field_name="place__uuid", help_text="At this place.")
    format = django_filters.ChoiceFilter(choices=Format.choices, help_text="Of this kind.")
    told_back = django_filters.BooleanFilter(
        field_name="told_back_on",
        lookup_expr="isnull",
        exclude=True,
        help_text="Whether the community was told what came of its words.",
    )


class Consultations(InProgrammeRead[Consultation]):
    """Consultations of communities. Participants are counts, never names."""

    what = "consultation"
    serializer_class = ConsultationShown
    filterset_class = ConsultationFilters
    ordering_fields = ("held_on",)

    def rows(self) -> QuerySet[Consultation]:
        """Give the consultations of the programmes that the actor may view, with their attendance."""
        came = Attendance.objects.order_by("gender", "age_band")
        return super().rows().prefetch_related(Prefetch("attendance", came))

    @command(may=VOICE, body=ConsultationBody)
    def create(
        self, programme: UUID, attendance: Sequence[Mapping[str, Any]] = (), **given: Any
    ) -> Consultation:
        """Record a consultation. The community's own people may, too."""
        return consultations.record(
            by=self.actor, programme_uuid=programme, attendance=_attended(attendance), **given
        )

    @command(may=VOICE, body=ConsultationChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Consultation:
        """Change what is said of a consultation."""
        return consultations.edit(by=self.actor, consultation_uuid=key, version=version, **changes)

    @command(may=VOICE, body=AttendanceBody)
    def attend(self, key: UUID, attendance: Sequence[Mapping[str, Any]]) -> Consultation:
        """Say how many people came. Groups that are named replace what was recorded of them."""
        consultations.attend(by=self.actor, consultation_uuid=key, attendance=_attended(attendance))
        return self.find(key)

    @command(may=VOICE, body=NeedsRaisedBody)
    def raise_needs(self, key: UUID, needs: list[UUID]) -> Consultation:
        """Say that needs were first raised at a consultation."""
        consultations.raise_needs(by=self.actor, consultation_uuid=key, needs=needs)
        return self.find(key)

    @command(may=VOICE, body=ToldBackBody, versioned=True)
    def tell_back(self, key: UUID, version: int, told_back_on: dt.date) -> Consultation:
        """Say on which day the community was told what came of what it said."""
        return consultations.tell_back(
            by=self.actor, consultation_uuid=key, version=version, told_back_on=told_back_on
        )

    @reading(may=Permission.VIEW, answers=ConsultationEffectsShown)
    def changed(self, key: UUID) -> Changed:
        """Tell what changed because of a consultation: needs, rankings, interventions, votes."""
        return what_changed(self.find(key))


def _attended(rows: Sequence[Mapping[str, Any]]) -> list[Attended]:
    return [Attended(**row) for row in rows]
