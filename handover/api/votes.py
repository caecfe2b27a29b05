"""The community's votes on transfer milestones, in counts, and what was done about dissent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover.actions import votes
from handover.api.commands import command, reading
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Reference, Shown, Texts
from handover.models import CommunityVote, DissentAnswer, DissentReason
from handover.models.voices import AnswerKind
from handover.permissions import Permission
from handover.queries.cutoffs import before_cutoffs
from handover.queries.votes import history

MOST = 1_000_000_000
LONG = 10_000


class DissentReasonShown(serializers.ModelSerializer[DissentReason]):
    """Why people dissented, in their words, and how many gave that reason."""

    class Meta:
        model = DissentReason
        fields = ("text", "people")
        read_only_fields = fields


class DissentAnswerShown(serializers.ModelSerializer[DissentAnswer]):
    """What one side did about the dissent."""

    organisation = Reference()

    class Meta:
        model = DissentAnswer
        fields = ("kind", "text", "mediator", "answered_on", "organisation", "recorded_at")
        read_only_fields = fields


class VoteShown(Shown[CommunityVote]):
    """One vote: the question as it was put, the counts, the reasons of those who said no, and what was done."""

    asked = Texts(read_only=True)
    reasons = DissentReasonShown(many=True, read_only=True)
    answers = DissentAnswerShown(many=True, read_only=True)

    class Meta:
        model = CommunityVote
        fields = (
            "id",
            "programme",
            "milestone",
            "community",
            "consultation_uuid",
            "held_on",
            "asked",
            "present",
            "assent",
            "dissent",
            "abstained",
            "reasons",
            "answers",
            "organisation",
            "recorded_at",
        )


class VoteStandingShown(serializers.Serializer[Any]):
    """What a vote is worth today."""

    counts = serializers.BooleanField(read_only=True, help_text="Enough people were there.")
    current = serializers.BooleanField(
        read_only=True, help_text="The plan has not changed since it was held."
    )
    stands = serializers.BooleanField(read_only=True, help_text="No later vote that counts followed it.")
    weighs = serializers.BooleanField(
        read_only=True, help_text="At least as many people dissented as assented."
    )
    settled = serializers.BooleanField(
        read_only=True, help_text="What the plan asks for on dissent was done about it."
    )


class DissentReasonBody(Body):
    """Why people dissented, in their words, and how many gave that reason."""

    text = serializers.CharField(max_length=LONG)
    people = serializers.IntegerField(min_value=1, max_value=MOST)


class VoteBody(Body):
    """A vote that was held. Nobody is named."""

    milestone = serializers.UUIDField()
    held_on = serializers.DateField()
    asked = Texts(allow_empty=False, help_text="The question in plain language, as it was put.")
    present = serializers.IntegerField(min_value=0, max_value=MOST)
    assent = serializers.IntegerField(min_value=0, max_value=MOST)
    dissent = serializers.IntegerField(min_value=0, max_value=MOST)
    abstained = serializers.IntegerField(required=False, min_value=0, max_value=MOST)
    reasons = DissentReasonBody(many=True, required=False, max_length=200)  # type: ignore[call-arg]
    community = serializers.UUIDField(required=False, allow_null=True)
    consultation = serializers.UUIDField(required=False, allow_null=True)


class AnswerBody(Body):
    """What was done about the dissent."""

    kind = serializers.ChoiceField(choices=AnswerKind.choices)
    text = serializers.CharField(max_length=LONG, help_text="What was said or agreed, in plain language.")
    answered_on = serializers.DateField(required=False, help_text="Today, if not said.")
    mediator = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="The body that mediated, never a person."
    )


class VoteFilters(InProgrammeFilters):
    """Filters of votes."""

    milestone = django_filters.UUIDFilter(field_name="milestone__uuid", help_text="On this milestone.")
    transfer = django_filters.UUIDFilter(
        field_name="milestone__transfer__uuid", help_text="On this transfer."
    )


class Votes(InProgrammeRead[CommunityVote]):
    """Votes of communities on milestones. They are only ever added, like the answers to their dissent."""

    what = "vote"
    serializer_class = VoteShown
    filterset_class = VoteFilters
    ordering_fields = ("held_on", "recorded_at")

    def rows(self) -> QuerySet[CommunityVote]:
        """Give them with reasons and answers, up to where the actor's view ends."""
        found = super().rows().filter(before_cutoffs(self.actor, "recorded_at"))
        return found.prefetch_related("reasons", "answers__organisation")

    @command(
        may=Permission.RECORD_VOICE,
        body=VoteBody,
        codes=("not_under_way", "more_than_present", "reason_missing", "vote_recorded_already"),
    )
    def create(
        self, milestone: UUID, reasons: Sequence[Mapping[str, Any]] = (), **given: Any
    ) -> CommunityVote:
        """Record a vote of the community on a milestone. Signatures given before it are void: they did not see it."""
        said = [(str(reason["text"]), int(reason["people"])) for reason in reasons]
        return votes.hold(by=self.actor, milestone_uuid=milestone, reasons=said, **given)

    @command(may=Permission.RECORD_VOICE, body=AnswerBody, codes=("no_dissent", "mediator_missing"))
    def answer(self, key: UUID, **given: Any) -> CommunityVote:
        """Record what was done about the dissent of a vote. The dissent stays on record."""
        votes.answer(by=self.actor, vote_uuid=key, **given)
        return self.find(key)

    @reading(may=Permission.VIEW, answers=VoteStandingShown)
    def standing(self, key: UUID) -> Any:
        """Tell whether a vote counts, whether it stands, and whether its dissent holds the milestone up."""
        found = self.find(key)
        return next(item for item in history(found.milestone) if item.vote.pk == found.pk)
