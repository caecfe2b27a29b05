"""Jobs: long work that somebody asked for, and how far it has come."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme
from handover.models.names import NameCopy


class JobState(models.TextChoices):
    """Where a job is. The last four are final."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_STATES = (JobState.WAITING, JobState.RUNNING)


class Job(InProgramme):
    """Long work in a programme. It is done in the transaction that says so, or it is not done.

    Bookkeeping of the installation, not substance of the programme: it is not part of what a handover conserves. What
    the work changes is recorded by the work itself.
    """

    kind = models.CharField(max_length=100)
    arguments = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=200, help_text="The same key again is the same job.")
    state = models.CharField(max_length=20, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveBigIntegerField(default=0, help_text="Steps behind us.")
    total = models.PositiveBigIntegerField(null=True, blank=True, help_text="Steps in all, where known.")
    phase = models.CharField(max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)
    result = models.JSONField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True, help_text="Code, sentence and details.")
    requested_by = models.ForeignKey("handover.User", on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by_name = NameCopy(max_length=200, help_text="A copy: it outlives the account.")
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    organisation_name = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True, help_text="When it was last started.")
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was started.")

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "key"], name="handover_job_key"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="handover_job_state"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, finished_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(finished_at__isnull=False)),
                name="handover_job_finished",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.state}"
