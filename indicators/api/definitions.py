"""Definitions: what is said of an indicator, and what stands below it."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from handover.api.problems import RULE
from handover.api.serializers import Body, Shown, Texts
from indicators.actions.breaks import Broken
from indicators.api.fields import (
    TRUTH,
    CategoryBody,
    CodeBody,
    DimensionBody,
    DocumentBody,
    MeasuredBody,
    Named,
    Narratives,
    Said,
)
from indicators.models import Indicator
from indicators.models.codes import Aggregation, BreakKind, CountingRule, Frequency, Measure


class IndicatorShown(Shown[Indicator]):
    """An indicator with its definition: what is counted, how, by whom, and how values become one number."""

    expandable: ClassVar = {"result": "indicators.api.results.ResultShown"}
    title = Texts(read_only=True)
    description = Texts(read_only=True)
    parts = serializers.DictField(
        child=serializers.UUIDField(), read_only=True, help_text="Indicators by their name in the expression."
    )

    class Meta:
        model = Indicator
        fields = (
            "id", "programme", "result", "position", "title", "description", "measure", "ascending",
            "aggregation_status", "counting_rule", "unit", "currency", "scale", "frequency", "due_days", "axes",
            "over_time", "over_places", "over_groups", "green_from", "amber_from", "approval", "expression", "parts",
            "source", "method", "collected_by", "responsibility", "intervention", "need", "references", "documents",
            "version",
        )  # fmt: skip


def _line(longest: int) -> Any:
    return serializers.CharField(max_length=longest, required=False, allow_blank=True)


def _reference(words: str) -> Any:
    return serializers.UUIDField(required=False, allow_null=True, help_text=words)


class DefinitionBody(Body):
    """What can be said of an indicator."""

    measure = serializers.ChoiceField(choices=Measure.choices, required=False)
    title = Narratives(required=False, allow_empty=False)
    description = Narratives(required=False)
    ascending = serializers.ChoiceField(choices=TRUTH, required=False)
    aggregation_status = serializers.ChoiceField(choices=TRUTH, required=False)
    counting_rule = serializers.ChoiceField(choices=CountingRule.choices, required=False)
    responsibility = _reference("Who holds it may define and report; none: the programme's steward.")
    intervention = _reference("What it measures.")
    need = _reference("What it answers to.")
    frequency = serializers.ChoiceField(choices=Frequency.choices, required=False, allow_blank=True)
    unit = _line(60)
    currency = _line(3)
    scale = CategoryBody(many=True, required=False)
    source = _line(5000)
    method = _line(20_000)
    collected_by = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="An office or a post, not a person."
    )
    over_time = serializers.ChoiceField(choices=Aggregation.choices, required=False, allow_blank=True)
    over_places = serializers.ChoiceField(choices=Aggregation.choices, required=False, allow_blank=True)
    over_groups = serializers.ChoiceField(choices=Aggregation.choices, required=False, allow_blank=True)
    axes = serializers.ListField(child=serializers.CharField(max_length=60), required=False, max_length=20)
    green_from = Said(required=False, help_text="Per cent of the way to the target.")
    amber_from = Said(required=False, help_text="Per cent of the way to the target.")
    due_days = serializers.IntegerField(min_value=0, max_value=32_767, required=False, allow_null=True)
    approval = serializers.BooleanField(required=False)
    expression = _line(2000)
    parts = Named(child=serializers.UUIDField(), required=False)
    references = CodeBody(many=True, required=False)
    documents = DocumentBody(many=True, required=False)


class IndicatorBody(DefinitionBody):
    """What an indicator is defined with."""

    result = serializers.UUIDField()
    measure = serializers.ChoiceField(choices=Measure.choices)
    title = Narratives(allow_empty=False)


class BreakBody(Body):
    """A break in the series."""

    on = serializers.DateField(help_text="The first day of what is counted otherwise.")
    kind = serializers.ChoiceField(choices=BreakKind.choices)
    reason = serializers.CharField(max_length=5000)


class IndicatorChanges(DefinitionBody):
    """What may be changed of an indicator; with the break that this makes in its series."""

    break_in = BreakBody(required=False, help_text="Needed where what is counted changes after a handover.")

    def validate_break_in(self, said: dict[str, Any]) -> Broken:
        """Make a break of it: of its fields none may be left out, although this is a change.

        Raises:
            ValidationError: one is left out.
        """
        for name in ("on", "kind", "reason"):
            if name not in said:
                raise serializers.ValidationError({name: "This field is required."}, code=RULE)
        return Broken(on=said["on"], reason=said["reason"], kind=said["kind"])

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a break without a change."""
        if set(attrs) == {"break_in"}:
            raise serializers.ValidationError("Name at least one field to change.", code=RULE)
        return attrs


class BaselineBody(MeasuredBody):
    """Where the indicator stood before."""

    year = serializers.RegexField(r"^[0-9]{4}$")
    iso_date = serializers.DateField(required=False)

    def validate_iso_date(self, day: Any) -> str:
        """Keep it as it is written."""
        return str(day)


class SpanBody(Body):
    """A span of days, both included."""

    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


class TargetBody(MeasuredBody, SpanBody):
    """What the indicator should reach in a period."""


class OverlapBody(SpanBody):
    """How many people both sides of a handover counted in a period that it cut."""

    count = Said(allow_null=False)
    reason = serializers.CharField(max_length=5000, help_text="How it is known, or why it is stated anew.")
    cut_on = serializers.DateField(
        required=False, help_text="The first day of the receiver, where several handovers cut the period."
    )
    place = serializers.UUIDField(required=False)
    dimensions = DimensionBody(many=True, required=False)
