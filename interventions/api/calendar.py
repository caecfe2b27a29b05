"""The commemoration calendar: the days of a year, and the events that were held for them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from handover.api.serializers import Texts
from interventions.api.asked import ProgrammeAsked


class CalendarAsked(ProgrammeAsked):
    """Which year of a programme."""

    year = serializers.IntegerField(min_value=1, max_value=9999)


class CalendarEventShown(serializers.Serializer[Any]):
    """An event that was held for a day; whole it is in `records/event`."""

    id = serializers.UUIDField(source="uuid")
    kind = serializers.CharField()
    title = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    place = serializers.UUIDField(source="place.uuid", allow_null=True)
    children = serializers.IntegerField()
    adults = serializers.IntegerField()
    age_unknown = serializers.IntegerField()
    young_volunteers = serializers.IntegerField()


class CalendarDayShown(serializers.Serializer[Any]):
    """A day of the year that a programme plans around."""

    key = serializers.CharField()
    date = serializers.DateField(source="on")
    title = Texts()
    own = serializers.BooleanField(help_text="Of this programme or community alone.")
    source = serializers.CharField()  # type: ignore[assignment]
    people = serializers.IntegerField(help_text="How many took part; each time counts.")
    events = CalendarEventShown(many=True)
