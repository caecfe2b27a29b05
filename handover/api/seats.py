"""Seats of communities: the roles through which they are heard. A seat never names who has it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.actions import seats
from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown
from handover.models import CommunitySeat
from handover.models.voices import SeatRole
from handover.permissions import Permission


class CommunitySeatShown(Shown[CommunitySeat]):
    """A seat: a role, how it was filled, since when and until when."""

    class Meta:
        model = CommunitySeat
        fields = (
            "id",
            "programme",
            "community",
            "role",
            "seats",
            "chosen_by",
            "organisation",
            "starts_on",
            "ends_on",
            "version",
        )


class SeatBody(Body):
    """Which seats are filled, and how; never who has them."""

    community = serializers.UUIDField()
    role = serializers.ChoiceField(choices=SeatRole.choices)
    chosen_by = serializers.CharField(max_length=300, help_text="An assembly, a vote, custom; never a name.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(required=False, allow_null=True)
    seats = serializers.IntegerField(required=False, min_value=1, max_value=32767)
    organisation = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The community organisation where whoever has the seat holds an account.",
    )


class VacateBody(Body):
    """The last day."""

    ends_on = serializers.DateField()


class SeatFilters(InProgrammeFilters):
    """Filters of seats."""

    community = django_filters.UUIDFilter(field_name="community__uuid", help_text="Of this community.")
    role = django_filters.ChoiceFilter(choices=SeatRole.choices, help_text="Of this role.")


class Seats(InProgrammeRead[CommunitySeat]):
    """Seats through which communities are heard."""

    what = "seat"
    serializer_class = CommunitySeatShown
    filterset_class = SeatFilters
    ordering_fields = ("starts_on",)

    @command(may=Permission.RECORD_VOICE, body=SeatBody, codes=("not_a_community", "dates_reversed"))
    def create(self, community: UUID, **given: Any) -> CommunitySeat:
        """Say that seats of a community are filled: which role, how many, how, since when."""
        return seats.fill(by=self.actor, community_uuid=community, **given)

    @command(may=Permission.RECORD_VOICE, body=VacateBody, versioned=True)
    def vacate(self, key: UUID, version: int, ends_on: dt.date) -> CommunitySeat:
        """Say on which day a seat ends; it stays on record."""
        return seats.vacate(by=self.actor, seat_uuid=key, version=version, ends_on=ends_on)
