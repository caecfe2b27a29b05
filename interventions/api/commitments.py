"""Commitments: what institutions said they would do, by when, and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover import clock
from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown
from handover.permissions import Permission
from interventions.actions import commitments
from interventions.actions.commitments import CLOSED
from interventions.api import limits
from interventions.api.reasons import StatedReasonBody
from interventions.models import Commitment, CommitmentState
from interventions.queries.cutoffs import hidden_records

EDIT: Final = Permission.EDIT_INTERVENTIONS


class CommitmentShown(Shown[Commitment]):
    """Something that an authority said it would do. It is entered and edited in `records/commitment`."""

    overdue = serializers.SerializerMethodField(help_text="Open, and its day is over.")

    class Meta:
        model = Commitment
        fields = (
            "id",
            "programme",
            "authority",
            "meeting",
            "need",
            "text",
            "made_on",
            "due_on",
            "overdue",
            "state",
            "outcome",
            "closed_on",
            "version",
        )

    def get_overdue(self, row: Commitment) -> bool:
        """Tell whether its day is over."""
        late = row.due_on is not None and row.due_on < clock.today()
        return late and row.state == CommitmentState.OPEN


class CommitmentCloseBody(Body):
    """What became of a commitment."""

    state = serializers.ChoiceField(choices=[(state.value, state.label) for state in CLOSED])
    outcome = serializers.CharField(max_length=limits.TEXT, help_text="What was done, and how one knows.")
    closed_on = serializers.DateField(required=False, allow_null=True, help_text="Today if left out.")


class CommitmentFilters(InProgrammeFilters):
    """Filters of commitments."""

    state = django_filters.ChoiceFilter(choices=CommitmentState.choices, help_text="In this state.")
    authority = django_filters.UUIDFilter(field_name="authority__uuid", help_text="Of this authority.")
    need = django_filters.UUIDFilter(field_name="need__uuid", help_text="About this need.")
    overdue = django_filters.BooleanFilter(method="late", help_text="Open, and the day is over.")

    def late(self, rows: QuerySet[Commitment], name: str, value: bool) -> QuerySet[Commitment]:
        """Give the overdue ones, or the others."""
        said = {"state": CommitmentState.OPEN, "due_on__lt": clock.today()}
        overdue = Commitment.objects.filter(**said)
        return rows.filter(**said) if value else rows.exclude(pk__in=overdue)


class Commitments(InProgrammeRead[Commitment]):
    """What institutions committed themselves to, and what became of it."""

    what = "commitment"
    serializer_class = CommitmentShown
    filterset_class = CommitmentFilters
    ordering_fields = ("made_on",)

    def rows(self) -> QuerySet[Commitment]:
        """Give the commitments that the actor may read; a former steward's end with its view."""
        return super().rows().exclude(uuid__in=hidden_records(self.actor))

    @command(may=EDIT, body=CommitmentCloseBody, versioned=True)
    def close(
        self, key: UUID, version: int, state: str, outcome: str, closed_on: dt.date | None = None
    ) -> Commitment:
        """Say what became of a commitment: kept, partly kept, not kept, or withdrawn; and how one knows."""
        return commitments.close(
            by=self.actor,
            commitment_uuid=key,
            version=version,
            state=state,
            outcome=outcome,
            closed_on=closed_on,
        )

    @command(may=EDIT, body=StatedReasonBody, versioned=True)
    def reopen(self, key: UUID, version: int, **why: Any) -> Commitment:
        """Open a commitment again that was closed wrongly; the ledger keeps what was said of it."""
        return commitments.reopen(by=self.actor, commitment_uuid=key, version=version, **why)
