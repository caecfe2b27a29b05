"""Who could do what on a past day, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rest_framework import serializers

from handover import clock
from handover.api.problems import RULE
from handover.api.serializers import Body
from handover.queries.permission_history import Could, Then


class HistoryBody(Body):
    """Of which day; the last instant of it, or now while it lasts."""

    on = serializers.DateField(help_text="The day.")

    def validate_on(self, value: dt.date) -> dt.date:
        """Refuse a day that has not come, or of which nothing can be known."""
        if not dt.date(1900, 1, 1) <= value <= clock.today():
            raise serializers.ValidationError("The day is today or before.", code=RULE)
        return value


class BecauseShown(serializers.Serializer[Any]):
    """One reason why somebody could do something."""

    role = serializers.CharField(read_only=True, allow_null=True, help_text="Null: by an exception.")
    since = serializers.DateTimeField(read_only=True)
    standing = serializers.CharField(read_only=True, allow_null=True)
    stands_since = serializers.DateTimeField(read_only=True, allow_null=True)
    holds_since = serializers.DateField(read_only=True, allow_null=True)
    transfer = serializers.CharField(
        read_only=True, help_text="Title of the transfer that gave it, if one did."
    )
    reason = serializers.CharField(read_only=True)
    by = serializers.CharField(read_only=True, help_text="Who gave the exception.")
    owed = serializers.BooleanField(read_only=True)
    unexplained = serializers.BooleanField(read_only=True, help_text="An earlier release's tables gave it.")


class CouldShown(serializers.Serializer[Could]):
    """Something that a person could do, and why."""

    user = serializers.UUIDField(source="user.uuid", read_only=True)
    name = serializers.CharField(source="user.display_name", read_only=True)
    organisation = serializers.UUIDField(source="organisation.uuid", read_only=True)
    responsibility = serializers.UUIDField(
        source="responsibility.uuid", read_only=True, allow_null=True, help_text="Null: on the programme."
    )
    permission = serializers.CharField(read_only=True)
    because = BecauseShown(many=True, read_only=True)


class ThenShown(serializers.Serializer[Then]):
    """Who could do what at an instant."""

    at = serializers.DateTimeField(read_only=True)
    known_since = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="Grants and accounts are kept with their times from here on.",
    )
    could = CouldShown(many=True, read_only=True)
