"""What requests about transfers say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from handover.api.problems import RULE
from handover.api.serializers import Body
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.models.responsibilities import Phase
from handover.models.transfers import KeepKind

MANY = 500
LONG = 10_000


class TransferBody(Body):
    """What a transfer is drawn up with."""

    programme = serializers.UUIDField()
    title = serializers.CharField(max_length=300)
    receiver = serializers.UUIDField(help_text="The organisation that receives.")
    retention_until = serializers.DateField(help_text="The giver reads and exports until then.")
    lead = serializers.BooleanField(required=False, help_text="The receiver becomes the programme's steward.")
    give_back_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)


class ItemBody(Body):
    """A responsibility to hand over, and how."""

    responsibility = serializers.UUIDField()
    phase = serializers.ChoiceField(choices=Phase.choices, required=False)
    provider_after = serializers.UUIDField(
        required=False, allow_null=True, help_text="Who delivers it afterwards; the receiver if not said."
    )
    moves_debtor = serializers.BooleanField(
        required=False, help_text="What is owed to the donor moves too: the donor must consent."
    )


class ItemsBody(Body):
    """Which responsibilities a plan moves."""

    items = ItemBody(many=True, allow_empty=False, max_length=MANY)  # type: ignore[call-arg]

    def validate_items(self, items: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Refuse a responsibility that is named twice."""
        if len({item["responsibility"] for item in items}) < len(items):
            raise serializers.ValidationError("Name each responsibility once.", code=RULE)
        return items


class KeepBody(Body):
    """What the giver keeps, until when."""

    kind = serializers.ChoiceField(choices=KeepKind.choices)
    until = serializers.DateField()
    indicators = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=MANY,
        source="indicator_uuids",
        help_text="Results of which indicators the giver still owes.",
    )


class AnnexLineBody(Body):
    """One line of an annex."""

    kind = serializers.ChoiceField(choices=AnnexKind.choices)
    text = serializers.CharField(max_length=LONG)
    subject = serializers.UUIDField(
        required=False, allow_null=True, help_text="The register line or indicator that it lists."
    )


class AnnexBody(Body):
    """Lines of the annexes."""

    lines = AnnexLineBody(many=True, allow_empty=False, max_length=MANY)  # type: ignore[call-arg]


class AnnexAnswerBody(Body):
    """What the receiver says to one line; a reservation has a text, an owner and a deadline."""

    line = serializers.UUIDField()
    decision = serializers.ChoiceField(choices=AnnexDecision.choices)
    reservation = serializers.CharField(required=False, allow_blank=True, max_length=LONG)
    owner = serializers.UUIDField(required=False, allow_null=True)
    deadline = serializers.DateField(required=False, allow_null=True)


class AnnexAnswersBody(Body):
    """What the receiver says to annex lines."""

    answers = AnnexAnswerBody(many=True, allow_empty=False, max_length=MANY)  # type: ignore[call-arg]


class ExceptionMappingBody(Body):
    """Where an exception goes."""

    exception = serializers.CharField(max_length=80, help_text="Its key, as `exceptions` tells it.")
    to_user = serializers.UUIDField(allow_null=True, help_text="Null: it is lost.")


class CommentBody(Body):
    """What the receiver says to the giver."""

    comment = serializers.CharField(max_length=LONG)


class ReasonBody(Body):
    """Why: the other side reads it."""

    reason = serializers.CharField(max_length=LONG)
