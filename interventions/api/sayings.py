"""You said, we did: what people said at consultations, and the answer to each of it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown, Texts
from handover.permissions import Permission
from interventions.actions import sayings
from interventions.models import Outcome, Saying

ANSWERS: Final = [(value, label) for value, label in Outcome.choices if value]


class SayingShown(Shown[Saying]):
    """One thing that was said, and the answer to it."""

    said = Texts(read_only=True)
    done = Texts(read_only=True)

    class Meta:
        model = Saying
        fields = (
            "id",
            "programme",
            "consultation",
            "said",
            "need",
            "intervention",
            "outcome",
            "done",
            "answered_on",
            "version",
        )


class SayingBody(Body):
    """One thing that people said."""

    consultation = serializers.UUIDField()
    said = Texts(allow_empty=False, help_text="In the words of those who said it.")
    need = serializers.UUIDField(required=False, allow_null=True, help_text="What it is about.")
    intervention = serializers.UUIDField(required=False, allow_null=True, help_text="What it is about.")


class SayingAnswerBody(Body):
    """The answer to what people said."""

    outcome = serializers.ChoiceField(choices=ANSWERS)
    done = Texts(allow_empty=False, help_text="In plain words: what was done, or why it was not.")
    answered_on = serializers.DateField(required=False, allow_null=True, help_text="Today if left out.")


class SayingFilters(InProgrammeFilters):
    """Filters of sayings."""

    consultation = django_filters.UUIDFilter(
        field_name="consultation__uuid", help_text="Said at this consultation."
    )
    need = django_filters.UUIDFilter(field_name="need__uuid", help_text="About this need.")
    intervention = django_filters.UUIDFilter(
        field_name="intervention__uuid", help_text="About this intervention."
    )
    outcome = django_filters.ChoiceFilter(choices=ANSWERS, help_text="Answered so.")
    answered = django_filters.BooleanFilter(
        field_name="answered_on", lookup_expr="isnull", exclude=True, help_text="Whether it was answered."
    )


class Sayings(InProgrammeRead[Saying]):
    """What people said, and what was done about it."""

    what = "saying"
    serializer_class = SayingShown
    filterset_class = SayingFilters

    @command(may=Permission.RECORD_VOICE, body=SayingBody)
    def create(self, consultation: UUID, **given: Any) -> Saying:
        """Record one thing that people said at a consultation."""
        return sayings.say(by=self.actor, consultation_uuid=consultation, **given)

    @command(may=Permission.RECORD_VOICE, body=SayingAnswerBody, versioned=True)
    def answer(self, key: UUID, version: int, **given: Any) -> Saying:
        """Answer what people said. A later answer follows; the ledger keeps each."""
        return sayings.answer(by=self.actor, saying_uuid=key, version=version, **given)
