"""Sustainability checks: what is due after a handover, what everybody found, and what was held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover import access, clock
from handover.actions import checks
from handover.api.commands import command, reading
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Amount, Body, Columns, Shown, Texts
from handover.models import CheckWord, SustainabilityCheck
from handover.models.checks import CheckState, LookedAt
from handover.permissions import Permission
from handover.queries import checks as reads
from handover.queries.cutoffs import before_cutoffs
from handover.queries.sustained import Part, Stands, Warns

EDIT = checks.MAY
LOOKED = ("part", "found", "counted", "expected", "remark")


class CheckShown(Shown[SustainabilityCheck]):
    """A look after a handover. `score` is a copy of the one in `result`, where its parts stand; null where too little
    was known."""

    result = serializers.JSONField(read_only=True, help_text="What was found, once it is held; else empty.")

    class Meta:
        model = SustainabilityCheck
        fields = (
            "id", "programme", "transfer", "months", "due_on", "state", "held_at", "organisation", "remark", "score",
            "result", "digest", "version",
        )  # fmt: skip


class PlanBody(Body):
    """After which handover, and after how many months each."""

    transfer = serializers.UUIDField()
    months = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=checks.LATEST),
        allow_empty=False,
        max_length=60,
        required=False,
        help_text="6, 12, 24, 36, 48 and 60 if not said.",
    )


class MoveBody(Body):
    """To which day."""

    due_on = serializers.DateField()


class DropBody(Body):
    """Why it is dropped."""

    reason = serializers.CharField(max_length=10_000)


class HoldBody(Body):
    """What follows from it."""

    remark = serializers.CharField(max_length=10_000, required=False, allow_blank=True)


class FigureShown(serializers.Serializer[Any]):
    """One thing beside the day of the handover."""

    stands = serializers.ChoiceField(choices=[item.value for item in Stands], read_only=True)
    title = Texts(read_only=True)
    uuid = serializers.CharField(read_only=True, help_text="Of the row; empty where it is no single one.")
    before = Amount(max_digits=30, decimal_places=10, read_only=True, allow_null=True)
    now = Amount(max_digits=30, decimal_places=10, read_only=True, allow_null=True)
    floor = Amount(max_digits=30, decimal_places=10, read_only=True, allow_null=True)
    unit = serializers.CharField(read_only=True)
    why = serializers.CharField(read_only=True, help_text="Why it is unknown, where it is.")
    said = serializers.CharField(read_only=True, help_text="Who says so, where it was not worked out.")
    remark = serializers.CharField(read_only=True)


class PartShown(serializers.Serializer[Any]):
    """One part: the mean of its figures from 0 to 100, and no more than the least that anybody says who looked."""

    part = serializers.ChoiceField(choices=[item.value for item in Part], read_only=True)
    score = Amount(max_digits=4, decimal_places=1, read_only=True, allow_null=True)
    known = serializers.IntegerField(read_only=True, help_text="So many of its figures are known.")
    figures = FigureShown(many=True, read_only=True)


class WarnedShown(serializers.Serializer[Any]):
    """An early warning of one series: by its floor, then by its trend with 95 per cent bounds."""

    warns = serializers.ChoiceField(choices=[item.value for item in Warns], read_only=True)
    title = Texts(read_only=True)
    uuid = serializers.CharField(read_only=True)
    now = Amount(max_digits=30, decimal_places=10, read_only=True, allow_null=True)
    floor = Amount(max_digits=30, decimal_places=10, read_only=True, allow_null=True)
    unit = serializers.CharField(read_only=True)
    points = serializers.IntegerField(read_only=True)
    until = serializers.DateField(read_only=True, allow_null=True)
    expected = Amount(max_digits=30, decimal_places=10, read_only=True, allow_null=True)
    low = Amount(max_digits=30, decimal_places=10, read_only=True, allow_null=True)
    high = Amount(max_digits=30, decimal_places=10, read_only=True, allow_null=True)
    crosses_on = serializers.DateField(read_only=True, allow_null=True)


class VerdictShown(serializers.Serializer[Any]):
    """What a check would say today: the parts first; `score` is null where fewer than three of them are known."""

    parts = PartShown(many=True, read_only=True)
    warnings = WarnedShown(many=True, read_only=True)
    known = serializers.IntegerField(read_only=True, help_text="So many parts are known.")
    score = Amount(max_digits=4, decimal_places=1, read_only=True, allow_null=True)
    state = serializers.ChoiceField(
        choices=[item.value for item in reads.State], read_only=True, help_text="Where the check is."
    )


class CheckFilters(InProgrammeFilters):
    """Filters of checks."""

    transfer = django_filters.UUIDFilter(field_name="transfer__uuid", help_text="After this handover alone.")
    state = django_filters.ChoiceFilter(choices=CheckState.choices, help_text="In this state.")
    due_before = django_filters.DateFilter(
        field_name="due_on", lookup_expr="lt", help_text="Due before a day."
    )


class Checks(InProgrammeRead[SustainabilityCheck]):
    """Scheduled looks, after a handover, at whether what was handed over still stands."""

    what = "check"
    serializer_class = CheckShown
    filterset_class = CheckFilters
    ordering_fields = ("due_on",)

    def rows(self) -> QuerySet[SustainabilityCheck]:
        """Give those that count, and nothing that was held after the actor's cut-off."""
        return super().rows().filter(reads.counts(), before_cutoffs(self.actor, "held_at"))

    @command(
        may=EDIT,
        body=PlanBody,
        answers=CheckShown,
        many=True,
        detail=False,
        status=201,
        codes=("checks_planned",),
    )
    def plan(self, transfer: UUID, **given: Any) -> list[SustainabilityCheck]:
        """Plan checks after a handover; one that is there already stays as it is."""
        return checks.plan(by=self.actor, transfer_uuid=transfer, **given)

    @command(may=EDIT, body=MoveBody, versioned=True, codes=("before_handover", "check_over"))
    def move(self, key: UUID, version: int, due_on: dt.date) -> SustainabilityCheck:
        """Move a planned check to another day."""
        return checks.move(by=self.actor, check_uuid=key, version=version, due_on=due_on)

    @command(may=EDIT, body=DropBody, versioned=True, codes=("reason_needed", "check_over"))
    def drop(self, key: UUID, version: int, reason: str) -> SustainabilityCheck:
        """Drop a planned check, with a reason that stays to be read."""
        return checks.drop(by=self.actor, check_uuid=key, version=version, reason=reason)

    @command(may=EDIT, body=HoldBody, versioned=True, codes=("check_not_open", "check_over"))
    def hold(self, key: UUID, version: int, **given: Any) -> SustainabilityCheck:
        """Hold a check: what every part says today is kept for good, with its digest."""
        return checks.hold(by=self.actor, check_uuid=key, version=version, **given)

    @reading(may=Permission.VIEW, answers=VerdictShown)
    def today(self, key: UUID) -> dict[str, Any]:
        """Read what a check would say today, part by part, with early warnings."""
        found = self.find(key)
        cutoff = access.reach(self.actor, found.programme).cutoff
        row = reads.rows(found.programme, cutoff=cutoff).get(pk=found.pk)
        told = reads.today_says(row, cutoff=cutoff)
        parts: Sequence[dict[str, Any]] = [
            {"part": part.part, "score": part.score, "known": part.known, "figures": part.figures}
            for part in told.parts
        ]
        return {
            "parts": parts,
            "warnings": told.warnings,
            "known": told.known,
            "score": told.score,
            "state": reads.state_of(row, clock.today()).value,
        }


class WordShown(Shown[CheckWord]):
    """What one organisation found by looking."""

    check_of = serializers.UUIDField(source="check_of.uuid", read_only=True)

    class Meta:
        model = CheckWord
        fields = ("id", "programme", "check_of", *LOOKED, "organisation", "said_at", "version")


class WordBody(Columns[CheckWord]):
    """What one found, for which check. Saying it again changes one's own words."""

    check = serializers.UUIDField()

    class Meta:
        model = CheckWord
        fields = ("check", *LOOKED)


class WordFilters(InProgrammeFilters):
    """Filters of what was found."""

    check = django_filters.UUIDFilter(field_name="check_of__uuid", help_text="For this check alone.")
    part = django_filters.ChoiceFilter(choices=LookedAt.choices, help_text="Of this part.")


class CheckWords(InProgrammeRead[CheckWord]):
    """What people found by looking, for sustainability checks."""

    what = "word"
    serializer_class = WordShown
    filterset_class = WordFilters
    ordering_fields = ("said_at",)

    def rows(self) -> QuerySet[CheckWord]:
        """Give what was said before the actor's cut-off."""
        return super().rows().filter(before_cutoffs(self.actor, "said_at"))

    @command(
        may=checks.LOOKS,
        body=WordBody,
        codes=("not_the_community", "counts_incomplete", "check_not_open", "check_over"),
    )
    def create(self, check: UUID, **given: Any) -> CheckWord:
        """Say for one's organisation what one found; of the community's voice the community itself speaks."""
        return checks.look(by=self.actor, check_uuid=check, **given)
