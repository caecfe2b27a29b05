"""Series: an indicator over time as its page tells it, by group and by place; what is late, and what is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from handover.api.serializers import Amount, Body
from handover.queries.handovers import Handover
from indicators.models import Indicator
from indicators.queries.continuity import BreakMark
from indicators.queries.geography import Estimated, Geography, Here
from indicators.queries.lateness import Overdue
from indicators.queries.points import Point
from indicators.queries.progress import Goal
from indicators.queries.rollups import Level
from indicators.queries.tables import Line


class PointShown(serializers.Serializer[Point]):
    """One period: its total by the indicator's rules, or why there is none."""

    period = serializers.UUIDField(allow_null=True)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    total = Amount(allow_null=True)
    how = serializers.CharField(help_text="Where the total comes from.")
    said = serializers.CharField(allow_null=True, help_text="The reported total as it was written.")
    values = serializers.IntegerField(help_text="Values that it is made of.")
    target = Amount(allow_null=True)
    missing = serializers.CharField(allow_null=True, help_text="Why there is no total.")
    numerator = Amount(allow_null=True)
    denominator = Amount(allow_null=True)
    at_least = Amount(allow_null=True)
    at_most = Amount(allow_null=True)
    segment = serializers.IntegerField(help_text="Points of different segments are different series.")
    overlap = Amount(allow_null=True, help_text="People counted on both sides of a handover.")


class BreakMarkShown(serializers.Serializer[BreakMark]):
    """A break between points."""

    on = serializers.DateField()
    kind = serializers.CharField()
    reason = serializers.CharField()
    stated_by = serializers.CharField()
    organisation = serializers.CharField()
    stated_at = serializers.DateTimeField()


class HandoverShown(serializers.Serializer[Handover]):
    """A day on which the indicator changed hands."""

    day = serializers.DateField(help_text="The receiver's first.")
    giver = serializers.UUIDField(source="giver_uuid")
    giver_name = serializers.CharField(source="giver")
    receiver = serializers.UUIDField(source="receiver_uuid")
    receiver_name = serializers.CharField(source="receiver")


class GoalShown(serializers.Serializer[Goal]):
    """The target that the actual value is held against."""

    value = Amount()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)


class SeriesShown(serializers.Serializer[Line]):
    """An indicator over time: its periods, what lies between them, and how far it has come."""

    indicator = serializers.UUIDField(source="indicator.uuid")
    points = PointShown(many=True)
    breaks = BreakMarkShown(many=True)
    handovers = HandoverShown(many=True)
    last = PointShown(source="judged.last", allow_null=True)
    goal = GoalShown(source="judged.goal", allow_null=True)
    actual = Amount(source="judged.actual", allow_null=True, help_text="What is held against the target.")
    light = serializers.CharField(source="judged.progress.light", help_text="green, amber, red or grey")
    words = serializers.CharField(source="judged.progress.words")
    per_cent = Amount(source="judged.progress.per_cent", allow_null=True)
    late_days = serializers.IntegerField(help_text="Days by which the last value came late; 0: in time.")


class GroupShown(serializers.Serializer[Mapping[str, Any]]):
    """A current value of an indicator by period, place and group."""

    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    place = serializers.CharField(allow_null=True, help_text="The place's name.")
    cell = serializers.CharField(help_text="The group; empty: everybody.")
    value = Amount(allow_null=True)
    numerator = Amount(allow_null=True)
    denominator = Amount(allow_null=True)


class AreaShown(serializers.Serializer[Any]):
    """A place, a region or a country."""

    key = serializers.CharField()
    name = serializers.CharField()
    within = serializers.CharField()


class HereShown(serializers.Serializer[Here]):
    """What an area came to in a year."""

    area = AreaShown(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    values = serializers.IntegerField()
    total = Amount(allow_null=True)
    numerator = Amount(allow_null=True)
    denominator = Amount(allow_null=True)
    why = serializers.CharField(allow_null=True, help_text="Why there is no total.")


class EstimatedShown(serializers.Serializer[Estimated]):
    """What a part of a divided unit's figure would be for one of those that it became: an estimate by shares."""

    former = AreaShown()
    area = AreaShown()
    year = serializers.IntegerField()
    share = serializers.CharField(help_text="A fraction.")
    total = Amount()


class PlacesShown(serializers.Serializer[Geography]):
    """An indicator by area and year."""

    level = serializers.CharField()
    rows = HereShown(many=True)
    unlocated = HereShown(many=True, help_text="Reported for no place.")
    silent = AreaShown(many=True, help_text="Where the programme works and nothing was reported.")
    estimated = EstimatedShown(
        many=True, help_text="By units of today: figures of divided units among their successors."
    )


class LevelBody(Body):
    """How far areas are gathered."""

    level = serializers.ChoiceField(choices=[item.value for item in Level], default=Level.PLACE.value)

    def validate_level(self, said: str) -> Level:
        """Give the level."""
        return Level(said)


class ProgrammeAsked(Body):
    """Of which programme."""

    programme = serializers.UUIDField()


class OfIndicator(serializers.UUIDField):
    """An indicator, by its UUID."""

    def to_representation(self, value: Any) -> str:
        """Give the UUID."""
        return str(value.uuid if isinstance(value, Indicator) else value)


class DueShown(serializers.Serializer[Overdue]):
    """Days for which a value was due and is missing."""

    indicator = OfIndicator()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    due_on = serializers.DateField()
    days = serializers.IntegerField(help_text="Days since it was due.")
    awaiting = serializers.BooleanField(help_text="It is handed in, and nobody approved it yet.")


class LateShown(serializers.Serializer[Mapping[str, Any]]):
    """A period of which values came late."""

    indicator = serializers.UUIDField()
    period = serializers.UUIDField()
    due_on = serializers.DateField()
    came_on = serializers.DateField()
    days = serializers.IntegerField()
    values = serializers.IntegerField(help_text="How many came late.")
