"""Questions about a programme: what their query parameters say."""

from __future__ import annotations

from rest_framework import serializers

from handover.api.serializers import Body


class ProgrammeAsked(Body):
    """Which programme a question is about."""

    programme = serializers.UUIDField(help_text="The programme.")
