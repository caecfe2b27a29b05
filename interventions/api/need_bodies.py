"""What requests say of needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from rest_framework import serializers

from handover.api.problems import RULE
from handover.api.serializers import Body, Texts
from interventions.api import limits
from interventions.api.lists import rows
from interventions.api.reasons import StatedReasonBody
from interventions.models import RaisedBy, Trend


class NeedPlaceBody(Body):
    """Another place where a need is felt, and the people counted there."""

    place = serializers.UUIDField()
    people_affected = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=limits.COUNT
    )


class NeedChanges(Body):
    """What may be said of a need."""

    title = Texts(required=False, allow_empty=False)
    description = Texts(required=False)
    level = serializers.UUIDField(required=False, help_text="A level of the programme.")
    severity = serializers.IntegerField(
        required=False, min_value=1, max_value=5, help_text="1 (light) to 5 (life is at stake)."
    )
    people_affected = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=limits.COUNT
    )
    people_source = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="Needed where people are counted."
    )
    people_as_of = serializers.DateField(required=False, allow_null=True)
    trend = serializers.ChoiceField(choices=Trend.choices, required=False, allow_blank=True)
    place = serializers.UUIDField(required=False, allow_null=True)
    places = rows(
        NeedPlaceBody,
        required=False,
        help_text="Other places, besides its own; they replace those that were said before.",
    )
    raised_by = serializers.ChoiceField(choices=RaisedBy.choices, required=False)
    raised_on = serializers.DateField(required=False, allow_null=True)
    raised_in = serializers.UUIDField(
        required=False, allow_null=True, help_text="The consultation that raised it."
    )
    evidence = serializers.CharField(
        required=False, allow_blank=True, max_length=limits.TEXT, help_text="What the need is known from."
    )
    responsibility = serializers.UUIDField(required=False, allow_null=True)

    def validate_places(self, rows: Sequence[Mapping[str, Any]]) -> dict[UUID, int | None]:
        """Give people by place.

        Raises:
            ValidationError: a place is missing, or named twice.
        """
        # In a PATCH nothing is required, of nested rows neither.
        if any("place" not in row for row in rows):
            raise serializers.ValidationError("Name each place by its UUID.", code=RULE)
        if len({row["place"] for row in rows}) != len(rows):
            raise serializers.ValidationError("A place is named twice.", code=RULE)
        return {row["place"]: row.get("people_affected") for row in rows}


class NeedBody(NeedChanges):
    """A new need."""

    programme = serializers.UUIDField()
    parent = serializers.UUIDField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The need below which it stands; none: at the top."
    )
    title = Texts(allow_empty=False)
    level = serializers.UUIDField(help_text="A level of the programme.")
    severity = serializers.IntegerField(
        min_value=1, max_value=5, help_text="1 (light) to 5 (life is at stake)."
    )
    rank = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=limits.RANK,
        help_text="Among its siblings; the last if left out.",
    )


class NeedMoveBody(Body):
    """Where a need is put."""

    parent = serializers.UUIDField(  # type: ignore[assignment]
        allow_null=True, help_text="The need below which it stands; null: at the top."
    )
    rank = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=limits.RANK,
        help_text="Among its siblings; the last if left out.",
    )


class NeedRankBody(Body):
    """The order of all needs below one parent."""

    programme = serializers.UUIDField()
    parent = serializers.UUIDField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="Below which need; none: at the top."
    )
    ranked = serializers.ListField(
        child=serializers.UUIDField(),
        allow_empty=False,
        max_length=limits.MANY,
        help_text="Each of them once, most urgent first.",
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=limits.TEXT)


class RequiredBody(Body):
    """The need that comes first."""

    requires = serializers.UUIDField()


class NeedMergeBody(StatedReasonBody):
    """Needs that become one."""

    programme = serializers.UUIDField()
    needs = serializers.ListField(
        child=serializers.UUIDField(),
        allow_empty=False,
        max_length=limits.MANY,
        help_text="Those that are merged into the other.",
    )
    into = serializers.UUIDField(help_text="The need that takes them in.")


def _claims(what: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=limits.MANY, help_text=what
    )


class NeedPartBody(NeedChanges):
    """One part of a need that is split. What it does not say is the old need's, but for counts of people; of the old
    need's links it has what it claims, and what nobody claims."""

    title = Texts(allow_empty=False)
    answers = _claims("Interventions that answer this part.")
    prerequisites = _claims("Needs that this part waits for.")
    required_by = _claims("Needs that wait for this part.")
    children = _claims("Needs below this part.")
    at_places = _claims("Other places of the old need that are this part's.")
    mentions = _claims("Other rows that name the need: sayings, commitments, indicators.")


class NeedSplitBody(StatedReasonBody):
    """The parts that a need becomes."""

    parts = rows(NeedPartBody, allow_empty=False, most=100)
