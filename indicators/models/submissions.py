"""Submissions: values that do not count until somebody who may approve them did so."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned
from handover.models.names import LongNameCopy
from indicators.models.codes import SubmissionState
from indicators.models.definitions import Indicator, Measured


class Submission(InProgramme, Versioned):
    """A set of values on its way: draft, submitted, then approved or returned with a note.

    When it is approved its drafts become one batch of values, reported by whoever submitted them.
    """

    state = models.CharField(max_length=10, choices=SubmissionState, default=SubmissionState.DRAFT)
    title = models.CharField(max_length=300, blank=True)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    organisation_name = models.TextField()
    drafted_by = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    drafted_by_name = LongNameCopy()
    drafted_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "handover.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_by_name = LongNameCopy(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="Why it was returned.")
    batch = models.UUIDField(null=True, blank=True, help_text="Of its values, once approved.")

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=SubmissionState.values), name="indicators_submission_state"
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.APPROVED)
                | Q(batch__isnull=False, decided_by__isnull=False, submitted_at__isnull=False),
                name="indicators_submission_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.RETURNED) | ~Q(note=""),
                name="indicators_submission_returned",
            ),
        )

    def __str__(self) -> str:
        return f"{self.uuid}: {self.state}"


class Draft(InProgramme, Measured):
    """One value of a submission, as it would be entered. ``revision`` is what it would become."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="drafts")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cell = models.TextField(blank=True)
    numerator = models.DecimalField(max_digits=38, decimal_places=12, null=True, blank=True)
    denominator = models.DecimalField(max_digits=38, decimal_places=12, null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    reason = models.TextField(blank=True)
    source = models.ForeignKey(
        "indicators.SourceSeries", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    may_look_personal = frozenset({"value_text"})

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["submission", "indicator", "starts_on", "ends_on", "cell", "place", "position"],
                name="indicators_draft_slot",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return str(self.value_text)
