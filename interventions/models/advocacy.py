"""Advocacy and policy work: authorities, seats, meetings, positions, commitments, and the days that matter."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned
from handover.narratives import best


class AuthorityLevel(models.TextChoices):
    """How far an authority reaches."""

    LOCAL = "local", "local"
    COUNTY = "county", "county or region"
    NATIONAL = "national", "national"
    EUROPEAN = "european", "European"
    INTERNATIONAL = "international", "international"


class Authority(InProgramme, Versioned):
    """An authority one works with, and on what."""

    name = models.CharField(max_length=300, help_text="The body, never a person.")
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    level = models.CharField(max_length=20, choices=AuthorityLevel)
    works_on = models.TextField(help_text="On what one works with it.")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        verbose_name_plural = "authorities"
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "name"], name="interventions_authority_once"),
            models.CheckConstraint(
                condition=Q(level__in=AuthorityLevel.values), name="interventions_authority_level"
            ),
        )

    def __str__(self) -> str:
        return self.name


class BodyKind(models.TextChoices):
    """What one sits in."""

    WORKING_GROUP = "working_group", "working group"
    MONITORING_COMMITTEE = "monitoring_committee", "monitoring committee"
    COUNCIL = "council", "consultative council"
    OTHER = "other", "other"


class PolicySeat(InProgramme, Versioned):
    """A seat in a working group or committee, held by an organisation."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="seats")
    body = models.CharField(max_length=300)
    kind = models.CharField(max_length=30, choices=BodyKind)
    holder = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=200, blank=True, help_text="Member, observer, chair.")
    votes = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=BodyKind.values), name="interventions_policyseat_kind"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="interventions_policyseat_dates",
            ),
        )

    def __str__(self) -> str:
        return self.body


class PolicyMeeting(InProgramme, Versioned):
    """A meeting, what it was on, and the position that one took there."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="meetings")
    seat = models.ForeignKey(
        PolicySeat, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings"
    )
    held_on = models.DateField()
    subject = models.CharField(max_length=300)
    position = models.TextField(blank=True, help_text="The position taken.")
    outcome = models.TextField(blank=True)
    community_present = models.PositiveIntegerField(
        null=True, blank=True, help_text="People of the community who took part."
    )

    class Meta(InProgramme.Meta):
        ordering = ("held_on", "id")
        default_permissions = ()
        constraints = (*InProgramme.Meta.constraints,)

    def __str__(self) -> str:
        return self.subject


class CommitmentState(models.TextChoices):
    """What became of a commitment."""

    OPEN = "open", "open"
    KEPT = "kept", "kept"
    PARTLY = "partly", "partly kept"
    BROKEN = "broken", "not kept"
    WITHDRAWN = "withdrawn", "withdrawn"


class Commitment(InProgramme, Versioned):
    """Something that an institution said it would do, by when, and what became of it."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="commitments")
    meeting = models.ForeignKey(
        PolicyMeeting, on_delete=models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    need = models.ForeignKey(
        "interventions.Need", on_delete=models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    text = models.TextField()
    made_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=CommitmentState, default=CommitmentState.OPEN)
    outcome = models.TextField(blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        ordering = ("made_on", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True)
                | (Q(state__in=["kept", "partly", "broken", "withdrawn"]) & Q(closed_on__isnull=False)),
                name="interventions_commitment_closed",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("made_on")),
                name="interventions_commitment_dates",
            ),
        )

    def __str__(self) -> str:
        return self.text


class CommemorationDay(InProgramme, Versioned):
    """A day of the year that the programme plans around; a day of its own, or one that everybody keeps."""

    key = models.SlugField(max_length=60)
    title = models.JSONField(default=list, help_text="Narratives.")
    month = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(12)])
    day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(31)])
    own = models.BooleanField(default=True, help_text="Of this programme or community alone.")
    note = models.CharField(max_length=300, blank=True)

    class Meta(InProgramme.Meta):
        ordering = ("month", "day", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "key"], name="interventions_commemorationday_key"),
            models.CheckConstraint(
                condition=Q(month__range=(1, 12), day__range=(1, 31)),
                name="interventions_commemorationday_day",
            ),
        )

    def __str__(self) -> str:
        return best(self.title)
