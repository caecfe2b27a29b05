"""Why something is changed: what several requests say besides what they change."""

from __future__ import annotations

from rest_framework import serializers

from handover.api.serializers import Body
from interventions.api import limits


class StatedReasonBody(Body):
    """Why."""

    reason = serializers.CharField(max_length=limits.TEXT, help_text="Why; it is kept.")


class BecauseBody(Body):
    """Why an intervention or a part of it is changed, and what prompted it."""

    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=limits.TEXT,
        help_text="Why; needed once the intervention has begun, and for every change of what was said before.",
    )
    consultation = serializers.UUIDField(
        required=False, allow_null=True, help_text="The consultation that prompted it."
    )


class PutDownBody(Body):
    """Why something is taken away from an intervention, and what prompted it."""

    reason = serializers.CharField(max_length=limits.TEXT, help_text="Why; it is kept.")
    consultation = serializers.UUIDField(
        required=False, allow_null=True, help_text="The consultation that prompted it."
    )
