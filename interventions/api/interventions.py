"""Interventions: what is done, which needs it answers, what it comes after, and where it is done."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import Prefetch, Q, QuerySet
from rest_framework import serializers

from handover import access
from handover.api.commands import command, reading
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Amount, Body, Shown, Texts
from handover.permissions import Permission
from interventions.actions import interventions
from interventions.api.links import Linked
from interventions.api.reasons import BecauseBody, PutDownBody
from interventions.models import (
    Audience,
    Field,
    Intervention,
    InterventionDependency,
    InterventionPlace,
    Strand,
)
from interventions.queries import changes
from interventions.queries.changes import Change

EDIT: Final = Permission.EDIT_INTERVENTIONS


class InterventionDependencyShown(Shown[InterventionDependency]):
    """Another intervention that comes first, and why."""

    intervention = serializers.UUIDField(source="after.uuid", read_only=True)

    class Meta:
        model = InterventionDependency
        fields = ("intervention", "reason")


class InterventionShown(Shown[Intervention]):
    """An intervention, with the needs that it answers, what it comes after, and its places."""

    title = Texts(read_only=True)
    description = Texts(read_only=True)
    also_in = serializers.ListField(
        child=serializers.ChoiceField(choices=Field.choices),
        read_only=True,
        help_text="Further fields of work.",
    )
    needs = Linked("need", source="answers", help_text="Needs that it answers.")
    after = InterventionDependencyShown(many=True, read_only=True, source="dependencies")
    places = Linked("place", help_text="Other places, besides its own.")

    class Meta:
        model = Intervention
        fields = (
            "id",
            "programme",
            "title",
            "description",
            "field",
            "also_in",
            "strand",
            "audience",
            "responsibility",
            "place",
            "places",
            "starts_on",
            "ends_on",
            "effort",
            "needs",
            "after",
            "version",
        )


class InterventionFieldsBody(Body):
    """What may be said of an intervention."""

    title = Texts(required=False, allow_empty=False)
    description = Texts(required=False)
    field = serializers.ChoiceField(choices=Field.choices, required=False)
    strand = serializers.ChoiceField(
        choices=Strand.choices,
        required=False,
        allow_blank=True,
        help_text="For anti-discrimination: always, and only there.",
    )
    audience = serializers.ChoiceField(choices=Audience.choices, required=False)
    responsibility = serializers.UUIDField(
        required=False, allow_null=True, help_text="None: it is the programme's."
    )
    place = serializers.UUIDField(required=False, allow_null=True)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True, help_text="The last day.")
    also_in = serializers.ListField(
        child=serializers.ChoiceField(choices=Field.choices),
        required=False,
        max_length=len(Field.values),
        help_text="Further fields of work.",
    )
    effort = Amount(
        max_digits=8,
        decimal_places=2,
        required=False,
        allow_null=True,
        help_text="What beginning it asks of the team, for example person-months.",
    )


class InterventionBody(InterventionFieldsBody):
    """A new intervention."""

    programme = serializers.UUIDField()
    title = Texts(allow_empty=False)
    field = serializers.ChoiceField(choices=Field.choices)


class InterventionChanges(InterventionFieldsBody, BecauseBody):
    """What is changed of an intervention, and why."""


class InterventionAnswersBody(BecauseBody):
    """The need that an intervention answers."""

    need = serializers.UUIDField()


class NeedUnlinkBody(PutDownBody):
    """The need that it no longer answers."""

    need = serializers.UUIDField()


class InterventionAfterBody(BecauseBody):
    """The intervention that comes first."""

    intervention = serializers.UUIDField()


class InterventionNotAfterBody(PutDownBody):
    """The intervention that it no longer waits for."""

    intervention = serializers.UUIDField()


class AtPlaceBody(BecauseBody):
    """The place where it works too."""

    place = serializers.UUIDField()


class NotAtPlaceBody(PutDownBody):
    """The place where it no longer works."""

    place = serializers.UUIDField()


class InterventionFieldShown(serializers.Serializer[Any]):
    """One field that changed, as texts; an empty text is nothing."""

    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class InterventionChangeShown(serializers.Serializer[Any]):
    """One change of an intervention: what was, what is, why, and what prompted it."""

    id = serializers.UUIDField(source="row.uuid")
    intervention = serializers.UUIDField(source="intervention.uuid")
    changed_at = serializers.DateTimeField(source="at")
    by = serializers.CharField()
    organisation = serializers.UUIDField(source="row.organisation.uuid")
    fields_changed = InterventionFieldShown(many=True, source="fields")
    reason = serializers.CharField()
    consultation = serializers.UUIDField(source="consultation.uuid", allow_null=True)


class InterventionFilters(InProgrammeFilters):
    """Filters of interventions."""

    field = django_filters.ChoiceFilter(choices=Field.choices, help_text="Mainly in this field of work.")
    strand = django_filters.ChoiceFilter(choices=Strand.choices, help_text="Of this strand.")
    responsibility = django_filters.UUIDFilter(
        field_name="responsibility__uuid", help_text="Of this responsibility."
    )
    need = django_filters.UUIDFilter(field_name="answers__need__uuid", help_text="Answering this need.")
    place = django_filters.UUIDFilter(method="at_place", help_text="At this place, its own or another.")

    def at_place(self, rows: QuerySet[Intervention], name: str, value: UUID) -> QuerySet[Intervention]:
        """Give the interventions of a place."""
        elsewhere = InterventionPlace.objects.filter(place__uuid=value).values("intervention")
        return rows.filter(Q(place__uuid=value) | Q(pk__in=elsewhere))


class Interventions(InProgrammeRead[Intervention]):
    """What is done about needs. Without a responsibility of its own an intervention is the programme's."""

    what = "intervention"
    serializer_class = InterventionShown
    filterset_class = InterventionFilters

    def rows(self) -> QuerySet[Intervention]:
        """Give the interventions of the programmes that the actor may view, with what is linked to them."""
        first = InterventionDependency.objects.select_related("after").order_by("id")
        return (
            super().rows().prefetch_related("answers__need", "places__place", Prefetch("dependencies", first))
        )

    @command(may=EDIT, body=InterventionBody)
    def create(self, programme: UUID, **given: Any) -> Intervention:
        """Add an intervention. Of a responsibility, who holds that may; else the steward."""
        return interventions.add(by=self.actor, programme_uuid=programme, **given)

    @command(may=EDIT, body=InterventionChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, reason: str = "", **changes: Any) -> Intervention:
        """Change what is said of an intervention, with a reason; what was, what is and why are kept."""
        return interventions.edit(
            by=self.actor, intervention_uuid=key, version=version, reason=reason, **changes
        )

    @command(may=EDIT, body=InterventionAnswersBody)
    def answer_need(self, key: UUID, need: UUID, **why: Any) -> Intervention:
        """Say that an intervention answers a need of its programme."""
        interventions.answer(by=self.actor, intervention_uuid=key, need_uuid=need, **why)
        return self.find(key)

    @command(may=EDIT, body=NeedUnlinkBody)
    def unlink_need(self, key: UUID, need: UUID, **why: Any) -> Intervention:
        """Say that an intervention no longer answers a need, and why."""
        interventions.unlink(by=self.actor, intervention_uuid=key, need_uuid=need, **why)
        return self.find(key)

    @command(may=EDIT, body=InterventionAfterBody)
    def after(self, key: UUID, intervention: UUID, **why: Any) -> Intervention:
        """Say that an intervention can only start after another one. Together they form no circle."""
        interventions.after(by=self.actor, intervention_uuid=key, after_uuid=intervention, **why)
        return self.find(key)

    @command(may=EDIT, body=InterventionNotAfterBody)
    def not_after(self, key: UUID, intervention: UUID, **why: Any) -> Intervention:
        """Say that an intervention no longer waits for another, and why."""
        interventions.not_after(by=self.actor, intervention_uuid=key, after_uuid=intervention, **why)
        return self.find(key)

    @command(may=EDIT, body=AtPlaceBody)
    def place(self, key: UUID, place: UUID, **why: Any) -> Intervention:
        """Say that an intervention works at another place too, besides its own."""
        interventions.place(by=self.actor, intervention_uuid=key, place_uuid=place, **why)
        return self.find(key)

    @command(may=EDIT, body=NotAtPlaceBody)
    def unplace(self, key: UUID, place: UUID, **why: Any) -> Intervention:
        """Say that an intervention no longer works at a place besides its own, and why."""
        interventions.unplace(by=self.actor, intervention_uuid=key, place_uuid=place, **why)
        return self.find(key)

    @reading(may=Permission.VIEW, answers=InterventionChangeShown, many=True)
    def changes(self, key: UUID) -> list[Change]:
        """Tell how an intervention changed, oldest first: before, after, why, and what prompted it."""
        row = self.find(key)
        return changes.history(row.programme, row, cutoff=access.reach(self.actor, row.programme).cutoff)
