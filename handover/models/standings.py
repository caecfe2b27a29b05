"""Standings: which organisation stands how to a programme, and when. The database's policies read this
table."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from handover.models.guard import Guarded
from handover.permissions import StandingKind


def key_range(column: str) -> Func:
    """Give a key as a range of one, so that a GiST exclusion can compare it without an extension."""
    return Func(F(column), F(column), Value("[]"), function="int8range")


class Standing(Guarded):
    """How one organisation stands to one programme for a span of time (half-open, UTC).

    ``writes`` says whether the standing may write at all: row level security reads it. ``cutoff`` ends what
    a former steward sees: nothing recorded after it.
    """

    programme = models.ForeignKey("handover.Programme", on_delete=models.PROTECT, related_name="standings")
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, related_name="standings"
    )
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.help) for kind in StandingKind])
    valid = DateTimeRangeField()
    writes = models.BooleanField()
    cutoff = models.DateTimeField(null=True, blank=True)
    transfer_uuid = models.UUIDField(
        null=True, blank=True, help_text="The transfer that gave it, if one did."
    )

    class Meta:
        default_permissions = ()
        constraints = (
            ExclusionConstraint(
                name="handover_standing_one_steward",
                expressions=[
                    (key_range("programme"), RangeOperators.OVERLAPS),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(kind=StandingKind.STEWARD.value),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in StandingKind]), name="handover_standing_kind"
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="handover_standing_lasts"),
        )
        indexes = (models.Index(fields=["organisation", "programme"], name="handover_standing_reach"),)

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.kind} of {self.programme_id}"
