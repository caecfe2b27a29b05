"""Questions about a programme's needs as a whole: the tree, what is left open, what could begin when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers

from handover import access, clock
from handover.api.commands import reading
from handover.api.problems import language_of
from handover.api.resources import Resource
from handover.api.serializers import Amount, Texts
from handover.models import Programme
from handover.permissions import Permission
from interventions.api.asked import ProgrammeAsked
from interventions.models import Need, NeedState
from interventions.queries import coverage, needs
from interventions.queries.coverage import Alert
from interventions.queries.landscape import landscape
from interventions.queries.sequence import Step, sequence


class NeedNodeShown(serializers.Serializer[Any]):
    """A need in its tree."""

    id = serializers.UUIDField()
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    number = serializers.CharField(help_text="Its number in the tree: 1.2.3.")
    depth = serializers.IntegerField(help_text="Counts from 0.")
    level = serializers.UUIDField()
    title = Texts()
    severity = serializers.IntegerField()
    people_affected = serializers.IntegerField(allow_null=True)
    place = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=NeedState.choices, allow_blank=True)
    answered_by = serializers.IntegerField(help_text="So many interventions answer it.")
    version = serializers.IntegerField()


class CoverageWarningShown(serializers.Serializer[Any]):
    """Something that is left open: of which need or intervention, by which path, in one sentence."""

    code = serializers.CharField(source="lack.value")
    subject = serializers.UUIDField(help_text="The need or the intervention.")
    title = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField()


class SequenceAsked(ProgrammeAsked):
    """How much can begin at once."""

    capacity = Amount(
        max_digits=10,
        decimal_places=2,
        help_text="What can begin in one period, in the unit of the interventions' effort (1 each, unless said).",
    )
    anew = serializers.BooleanField(default=False, help_text="As if none had begun.")


class SequenceStepShown(serializers.Serializer[Any]):
    """One intervention in the suggested sequence."""

    intervention = serializers.UUIDField(source="intervention.uuid")
    title = serializers.CharField(source="intervention.title")
    period = serializers.IntegerField(help_text="Counts from 1; 0: it runs already.")
    until = serializers.IntegerField(help_text="The last period that its beginning takes.")
    reasons = serializers.ListField(child=serializers.CharField())


class NeedQuestions(Resource[Need]):
    """What can be asked of a programme's needs as a whole."""

    @reading(may=Permission.VIEW, answers=NeedNodeShown, many=True, detail=False, parameters=ProgrammeAsked)
    def tree(self, programme: UUID) -> list[Mapping[str, Any]]:
        """Tell a programme's needs as a tree, in the order in which it is read: each after its parent.

        What was merged or split is not in it.
        """
        return list(_nodes(self._programme(programme)))

    @reading(
        may=Permission.VIEW, answers=CoverageWarningShown, many=True, detail=False, parameters=ProgrammeAsked
    )
    def coverage(self, programme: UUID) -> list[Alert]:
        """Tell what a programme's needs and interventions leave open, each warning with its path."""
        return coverage.coverage(self._programme(programme), lang=self._language())

    @reading(
        may=Permission.VIEW, answers=SequenceStepShown, many=True, detail=False, parameters=SequenceAsked
    )
    def sequence(self, programme: UUID, capacity: Decimal, anew: bool) -> list[Step]:
        """Suggest in which period each intervention could begin, and why. Nothing is imposed."""
        scene = landscape(self._programme(programme), lang=self._language())
        return sequence(scene, capacity=capacity, today=clock.today(), anew=anew)

    def _programme(self, key: UUID) -> Programme:
        return access.programme_for(self.actor, key, may=Permission.VIEW)

    def _language(self) -> str:
        return language_of(self.request._request)


def _nodes(programme: Programme) -> Iterator[Mapping[str, Any]]:
    roots = needs.tree(programme)
    above = {child.need.pk: node.need.uuid for node in needs.walk(roots) for child in node.children}
    for node in needs.walk(roots):
        need = node.need
        yield {
            "id": need.uuid,
            "parent": above.get(need.pk),
            "number": node.number,
            "depth": node.depth,
            "level": need.level.uuid,
            "title": need.title,
            "severity": need.severity,
            "people_affected": need.people_affected,
            "place": need.place.uuid if need.place else None,
            "state": need.state,
            "answered_by": node.answered_by,
            "version": need.version,
        }
