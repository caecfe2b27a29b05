"""Readiness: instruments that programmes use, what each side scored, what they agreed on, and what waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from rest_framework import serializers

from handover.actions import instruments, readiness, score_gates
from handover.actions.readiness import Answer
from handover.api.commands import command, reading
from handover.api.documents import DocumentShown
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Amount, Body, Shown, Texts
from handover.models import Assessment, Instrument, ScoreGate
from handover.models.readiness import AssessmentState, Voice, Wave
from handover.permissions import Permission
from handover.queries.cutoffs import cutoffs
from handover.queries.readiness import sheet
from handover.queries.readiness_gaps import gap
from handover.queries.readiness_lines import as_document
from handover.queries.scoring import domain_scores, total

MANY = 1000
LONG = 10_000
STEP = 10_000


class InstrumentShown(Shown[Instrument]):
    """An instrument as a programme uses it: its questions, its scale, its thresholds."""

    title = Texts(read_only=True)
    document = DocumentShown(read_only=True)

    class Meta:
        model = Instrument
        fields = ("id", "programme", "key", "edition", "title", "source", "licence", "document", "digest")


class InstrumentBody(Body):
    """Which instrument to adopt: one that ships with the toolkit by its key, or a document of one's own."""

    programme = serializers.UUIDField()
    key = serializers.CharField(required=False, max_length=80)
    document = serializers.DictField(required=False)


class InstrumentFilters(InProgrammeFilters):
    """Filters of instruments."""

    key = django_filters.CharFilter(help_text="Of this key.")


class Instruments(InProgrammeRead[Instrument]):
    """Instruments that programmes have adopted, as copies, so that scores keep their questions."""

    what = "instrument"
    serializer_class = InstrumentShown
    filterset_class = InstrumentFilters
    ordering_fields = ("key",)

    @command(may=Permission.EDIT_PROGRAMME, body=InstrumentBody, codes=("key_or_document", "edition_taken"))
    def create(self, programme: UUID, **given: Any) -> Instrument:
        """Adopt an instrument for a programme. The same edition again changes nothing."""
        return instruments.adopt(by=self.actor, programme_uuid=programme, **given)


class AssessmentShown(Shown[Assessment]):
    """One voice's assessment: of what, by which instrument, whether it is closed. Its scores are read apart."""

    class Meta:
        model = Assessment
        fields = (
            "id",
            "programme",
            "instrument",
            "responsibility",
            "transfer",
            "voice",
            "wave",
            "state",
            "scored_on",
            "organisation",
            "closed_at",
            "version",
        )


class ItemScoreShown(serializers.Serializer[Any]):
    """The score of one item."""

    item = serializers.CharField(read_only=True)
    score = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Null: the item does not apply."
    )
    remark = serializers.CharField(read_only=True)


class DomainScoreShown(serializers.Serializer[Any]):
    """The score of a domain, from 0 to 100."""

    domain = serializers.CharField(read_only=True)
    score = Amount(read_only=True, allow_null=True, help_text="Null: nothing of it applies.")


class SheetShown(serializers.Serializer[Any]):
    """The scores of one voice."""

    whole = Amount(read_only=True, allow_null=True)
    domains = DomainScoreShown(many=True, read_only=True)
    scores = ItemScoreShown(many=True, read_only=True)
    missing = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Items without an answer."
    )
    remark = serializers.CharField(read_only=True)


class AssessmentBody(Body):
    """What is scored, by which instrument, and when."""

    programme = serializers.UUIDField()
    instrument = serializers.CharField(max_length=80, help_text="The key of an adopted instrument.")
    transfer = serializers.UUIDField(required=False, allow_null=True)
    responsibility = serializers.UUIDField(required=False, allow_null=True)
    wave = serializers.ChoiceField(choices=Wave.choices, required=False)
    scored_on = serializers.DateField(required=False)
    remark = serializers.CharField(required=False, allow_blank=True, max_length=LONG)


class ScoreBody(Body):
    """The step of one item."""

    item = serializers.CharField(max_length=80)
    score = serializers.IntegerField(
        allow_null=True, min_value=-STEP, max_value=STEP, help_text="Null: it does not apply."
    )
    remark = serializers.CharField(required=False, allow_blank=True, max_length=LONG)


class ScoresBody(Body):
    """Answers to items."""

    answers = ScoreBody(many=True, allow_empty=False, max_length=MANY)  # type: ignore[call-arg]


class AgreedBody(Body):
    """What the sides agreed on; items on which all are at one need no answer."""

    answers = ScoreBody(many=True, max_length=MANY)  # type: ignore[call-arg]
    remark = serializers.CharField(required=False, allow_blank=True, max_length=LONG)


class AssessmentFilters(InProgrammeFilters):
    """Filters of assessments."""

    transfer = django_filters.UUIDFilter(field_name="transfer__uuid", help_text="Of this transfer.")
    instrument = django_filters.CharFilter(
        field_name="instrument__key", help_text="By the instrument of this key."
    )
    voice = django_filters.ChoiceFilter(choices=Voice.choices, help_text="Of this voice.")
    wave = django_filters.ChoiceFilter(choices=Wave.choices, help_text="Of this wave.")
    state = django_filters.ChoiceFilter(choices=AssessmentState.choices, help_text="In this state.")


class Assessments(InProgrammeRead[Assessment]):
    """Who scored readiness, of what, when. Nobody reads another side's scores before their own are closed."""

    what = "assessment"
    serializer_class = AssessmentShown
    filterset_class = AssessmentFilters
    ordering_fields = ("scored_on",)

    def rows(self) -> QuerySet[Assessment]:
        """Give them; where the actor's view has ended, what was closed by then."""
        known = Q()
        for programme, end in cutoffs(self.actor).items():
            known &= ~Q(programme_id=programme) | Q(closed_at__lte=end)
        return super().rows().filter(known)

    @command(
        may=Permission.ASSESS_READINESS,
        body=AssessmentBody,
        codes=("instrument_not_adopted", "scored_already", "both_sides", "no_voice"),
    )
    def create(self, programme: UUID, instrument: str, **given: Any) -> Assessment:
        """Begin to score for one's own side: a programme or one responsibility, of a transfer if one is named."""
        for name in ("transfer", "responsibility"):
            given[f"{name}_uuid"] = given.pop(name, None)
        return readiness.begin(by=self.actor, programme_uuid=programme, instrument_key=instrument, **given)

    @command(may=Permission.ASSESS_READINESS, body=ScoresBody, codes=("unknown_item", "off_scale"))
    def score(self, key: UUID, answers: Sequence[Mapping[str, Any]]) -> Assessment:
        """Answer items of one's own open scores; an item that was answered before is answered anew."""
        return readiness.score(by=self.actor, assessment_uuid=key, answers=_answers(answers))

    @command(may=Permission.ASSESS_READINESS, versioned=True, codes=("scores_missing", "assessment_closed"))
    def close(self, key: UUID, version: int) -> Assessment:
        """Close scores: one's own, or the agreed ones that another side wrote down. Nobody opens them again."""
        return readiness.close(by=self.actor, assessment_uuid=key, version=version)

    @command(may=Permission.ASSESS_READINESS, body=AgreedBody, codes=("still_scoring", "reason_missing"))
    def reconcile(self, key: UUID, answers: Sequence[Mapping[str, Any]], **given: Any) -> Assessment:
        """Write down what the sides of this round agreed on; it counts once another side has closed it."""
        return readiness.reconcile(by=self.actor, assessment_uuid=key, answers=_answers(answers), **given)

    @reading(may=Permission.VIEW, answers=SheetShown)
    def scores(self, key: UUID) -> dict[str, Any]:
        """Give the scores of one voice: one's own, or others' once one's own are closed or all agreed."""
        found = sheet(self.actor, key)
        domains = domain_scores(found.questionnaire, found.steps)
        return {
            "whole": total(found.questionnaire, found.steps),
            "domains": [{"domain": name, "score": score} for name, score in domains.items()],
            "scores": [
                {"item": name, "score": row.score, "remark": row.remark} for name, row in found.scores.items()
            ],
            "missing": found.missing,
            "remark": found.assessment.remark,
        }

    @reading(may=Permission.VIEW, answers=DocumentShown)
    def gap(self, key: UUID) -> Any:
        """Give the round of an assessment as a table: each voice, what was agreed, what ready would be; as far as the
        caller may read it."""
        return as_document(gap(self.actor, self.find(key)))


def _answers(given: Sequence[Mapping[str, Any]]) -> list[Answer]:
    return [Answer(item["item"], item["score"], item.get("remark", "")) for item in given]


class ScoreGateShown(Shown[ScoreGate]):
    """A milestone that waits until an agreed score is high enough."""

    class Meta:
        model = ScoreGate
        fields = ("id", "programme", "milestone", "instrument_key", "domain", "responsibility", "at_least")


class ScoreGateBody(Body):
    """For which score a milestone waits."""

    milestone = serializers.UUIDField()
    instrument = serializers.CharField(max_length=80, help_text="The key of an adopted instrument.")
    domain = serializers.CharField(
        required=False, allow_blank=True, max_length=80, help_text="Empty: the whole."
    )
    responsibility = serializers.UUIDField(required=False, allow_null=True)
    at_least = Amount(max_digits=5, decimal_places=2, help_text="Above 0, up to 100.")


class ScoreGateFilters(InProgrammeFilters):
    """Filters of score gates."""

    milestone = django_filters.UUIDFilter(field_name="milestone__uuid", help_text="Of this milestone.")
    transfer = django_filters.UUIDFilter(
        field_name="milestone__transfer__uuid", help_text="Of this transfer."
    )


class ScoreGates(InProgrammeRead[ScoreGate]):
    """Milestones that wait for an agreed readiness score: part of the plan."""

    what = "score gate"
    serializer_class = ScoreGateShown
    filterset_class = ScoreGateFilters

    @command(
        may=Permission.PLAN_TRANSFER,
        body=ScoreGateBody,
        codes=("instrument_not_adopted", "score_off_range", "score_required_already"),
    )
    def create(
        self,
        milestone: UUID,
        instrument: str,
        at_least: Decimal,
        responsibility: UUID | None = None,
        **given: Any,
    ) -> ScoreGate:
        """Let a milestone wait until the agreed score of a domain, or of the whole, is high enough."""
        return score_gates.require_score(
            by=self.actor,
            milestone_uuid=milestone,
            instrument_key=instrument,
            at_least=at_least,
            responsibility_uuid=responsibility,
            **given,
        )

    @command(may=Permission.PLAN_TRANSFER)
    def destroy(self, key: UUID) -> None:
        """Let a milestone wait for a score no longer."""
        score_gates.lift(by=self.actor, gate_uuid=key)
