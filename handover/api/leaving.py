"""When somebody leaves: what is open, who takes over, and the erasure of who they were."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover.actions import leaving
from handover.api.documents import GateShown
from handover.api.serializers import Body
from handover.queries.leaving import Leaving


class LeftOpenShown(serializers.Serializer[Any]):
    """Something that is open in one person's hands, or ends with their seats."""

    kind = serializers.CharField(read_only=True)
    uuid = serializers.UUIDField(read_only=True)
    title = serializers.CharField(read_only=True)
    programme = serializers.CharField(read_only=True, help_text="Identifier; empty: of no programme.")


class LeavingShown(serializers.Serializer[Leaving]):
    """What it means for the caller's organisation that somebody leaves."""

    user = serializers.UUIDField(source="user.uuid", read_only=True)
    roles = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="Seats that end.")
    handed = LeftOpenShown(many=True, read_only=True, help_text="What goes to whoever is named.")
    ends = LeftOpenShown(many=True, read_only=True, help_text="What ends with the seats.")
    alone = serializers.SerializerMethodField(help_text="What nobody else could do any more.")
    closes = serializers.BooleanField(read_only=True, help_text="The account closes with it.")

    @extend_schema_field(GateShown(many=True))
    def get_alone(self, row: Leaving) -> Any:
        """Name each, as a refusal does."""
        return [gate.as_json() for gate in leaving.last_gates(row)]


class LeaveBody(Body):
    """Who takes over, and that it is known what nobody else can do."""

    to = serializers.UUIDField(required=False, help_text="Who takes over; needed where anything is open.")
    confirmed = serializers.BooleanField(required=False, help_text="It is known what nobody else could do.")


class ForgetBody(Body):
    """On whose request, or why, and that it is meant."""

    reason = serializers.CharField(max_length=300, help_text="Kept in the ledger for ever: without a name.")
    confirmed = serializers.BooleanField(
        required=False, help_text="A name that is erased does not come back."
    )
