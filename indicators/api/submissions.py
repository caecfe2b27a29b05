"""Submissions: values on their way, which count once somebody else approved them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Count, QuerySet
from rest_framework import serializers

from handover import access
from handover.api.commands import command
from handover.api.resources import Filters, InProgrammeFilters, Listed, Read, in_programmes
from handover.api.serializers import Body, Shown, Texts
from handover.errors import NotFound
from handover.models import Programme
from handover.permissions import Permission
from indicators.actions import drafts, submissions
from indicators.actions.drafts import Row
from indicators.api import sight
from indicators.api.definitions import SpanBody
from indicators.api.fields import MeasuredBody, Said
from indicators.models import Draft, Submission
from indicators.models.codes import SubmissionState
from indicators.queries.submissions import visible


class SubmissionShown(Shown[Submission]):
    """A set of values on its way. Its rows are drafts."""

    rows = serializers.IntegerField(source="drafted", read_only=True, help_text="How many rows it has.")
    batch = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="Of its values, once it is approved."
    )

    class Meta:
        model = Submission
        fields = (
            "id", "programme", "state", "title", "organisation", "organisation_name", "drafted_by_name", "drafted_at",
            "submitted_at", "decided_by_name", "decided_at", "note", "batch", "rows", "version",
        )  # fmt: skip


class SubmissionBody(Body):
    """What a submission begins with."""

    programme = serializers.UUIDField()
    title = serializers.CharField(max_length=300, required=False, allow_blank=True)


class RowBody(MeasuredBody, SpanBody):
    """One value as it is drafted. Where one stands already it is a correction, and needs a reason."""

    indicator = serializers.UUIDField()
    place = serializers.UUIDField(required=False, allow_null=True)
    numerator = Said(required=False)
    denominator = Said(required=False)
    reason = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    source = serializers.UUIDField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The source series."
    )
    revision = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="The revision that its author read; 0: none.",
    )


class RowsBody(Body):
    """Rows to be put."""

    rows: Any = serializers.ListSerializer(child=RowBody(), allow_empty=False, max_length=5000)


class KeysBody(Body):
    """Rows to be taken out."""

    rows = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=5000, help_text="UUIDs of drafts."
    )


class NoteBody(Body):
    """What should change."""

    note = serializers.CharField(max_length=5000)


class SubmissionFilters(InProgrammeFilters):
    """Filters of submissions."""

    programme = django_filters.UUIDFilter(
        field_name="programme__uuid",
        help_text="Of this programme: all that the caller may look at. Without it: the caller's organisation's own.",
    )
    state = django_filters.ChoiceFilter(choices=SubmissionState.choices, help_text="In this state.")


class Submissions(Read[Submission]):
    """Submissions: the caller's organisation's own, and those handed in that the caller may decide or verify."""

    what = "submission"
    serializer_class = SubmissionShown
    filterset_class = SubmissionFilters
    ordering_fields = ("drafted_at", "state")

    def rows(self) -> QuerySet[Submission]:
        """Give what is open to the actor: of the programme that is asked for or acted on, else their own."""
        programme = self._programme()
        if programme is None:
            own = Submission.objects.filter(organisation=self.actor.organisation)
            return in_programmes(self.actor, own).annotate(drafted=Count("drafts"))
        return open_in(self, programme).annotate(drafted=Count("drafts"))

    def _programme(self) -> UUID | None:
        key = self.kwargs.get("id")
        if key is None:
            return asked_uuid(self, "programme")
        of = Submission.objects.filter(uuid=key).values_list("programme__uuid", flat=True)
        return of.order_by("id").first()

    @command(may=Permission.REPORT_VALUES, body=SubmissionBody)
    def create(self, programme: UUID, **given: Any) -> Submission:
        """Begin a submission. Nothing in it counts, and only the author's organisation reads it."""
        return submissions.draft(by=self.actor, programme_uuid=programme, **given)

    @command(may=Permission.REPORT_VALUES, body=RowsBody, versioned=True, path="rows")
    def put_rows(self, key: UUID, version: int, rows: Sequence[dict[str, Any]]) -> Submission:
        """Put rows: all of them, or none. One of the same indicator, period, place and group is replaced."""
        put = [Row(**row) for row in rows]
        return drafts.put(by=self.actor, submission_uuid=key, version=version, rows=put)

    @command(may=Permission.REPORT_VALUES, body=KeysBody, versioned=True)
    def remove_rows(self, key: UUID, version: int, rows: Sequence[UUID]) -> Submission:
        """Take rows out again."""
        return drafts.remove(by=self.actor, submission_uuid=key, version=version, draft_uuids=rows)

    @command(may=Permission.REPORT_VALUES, versioned=True)
    def submit(self, key: UUID, version: int) -> Submission:
        """Hand a submission in. From now on nobody changes its rows."""
        return submissions.submit(by=self.actor, submission_uuid=key, version=version)

    @command(may=Permission.APPROVE_VALUES, versioned=True)
    def approve(self, key: UUID, version: int) -> Submission:
        """Approve a submission: its rows become values at once, reported by its author. Never one's own."""
        submissions.approve(by=self.actor, submission_uuid=key, version=version)
        return self.find(key)

    @command(may=Permission.APPROVE_VALUES, body=NoteBody, versioned=True)
    def return_(self, key: UUID, version: int, note: str) -> Submission:
        """Return a submission to its author, with a note on what should change."""
        return submissions.return_(by=self.actor, submission_uuid=key, version=version, note=note)

    @command(may=Permission.REPORT_VALUES, versioned=True)
    def withdraw(self, key: UUID, version: int) -> Submission:
        """Withdraw a submission that is not approved."""
        return submissions.withdraw(by=self.actor, submission_uuid=key, version=version)


class DraftShown(Shown[Draft]):
    """One row of a submission, as it would be entered. `revision` is what it would become."""

    comment = Texts(read_only=True)

    class Meta:
        model = Draft
        fields = (
            "id", "programme", "submission", "indicator", "starts_on", "ends_on", "place", "cell", "dimensions",
            "position", "value", "value_text", "numerator", "denominator", "comment", "locations", "documents",
            "source", "revision", "reason",
        )  # fmt: skip


class DraftFilters(Filters):
    """Filters of drafts."""

    submission = django_filters.UUIDFilter(
        field_name="submission__uuid", required=True, help_text="Rows of this submission; needed."
    )
    indicator = django_filters.UUIDFilter(field_name="indicator__uuid", help_text="Of this indicator alone.")


class Drafts(Listed[Draft]):
    """Rows of one submission."""

    what = "draft"
    serializer_class = DraftShown
    filterset_class = DraftFilters

    def rows(self) -> QuerySet[Draft]:
        """Give the rows of the submission that is asked for, if it is open to the actor."""
        key = asked_uuid(self, "submission")
        if key is None:
            return Draft.objects.none()
        of = Submission.objects.filter(uuid=key).values_list("programme__uuid", flat=True).first()
        if of is None:
            return Draft.objects.none()
        found = Draft.objects.filter(submission__in=open_in(self, of).filter(uuid=key))
        return sight.totals(self.actor, found)


def open_in(resource: Any, programme_uuid: UUID) -> QuerySet[Submission]:
    """Give the submissions of a programme that the actor may read; none where they may not read the programme."""
    try:
        found: Programme = access.programme_for(resource.actor, programme_uuid, may=Permission.VIEW)
    except NotFound:
        return Submission.objects.none()
    return visible(resource.actor, found)


def asked_uuid(resource: Any, name: str) -> UUID | None:
    """Give a UUID that stands in the query; nothing where it is none, which its filter refuses."""
    try:
        return UUID(resource.request.query_params.get(name, ""))
    except ValueError:
        return None
