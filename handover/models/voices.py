"""The community's voice on transfer milestones: votes as counts, reasons of dissent, and what was done about them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned


class CommunityVote(InProgramme):
    """One vote of a community on one transfer milestone, in counts; nobody is named. Never changed, only followed.

    The newest vote of a milestone stands. ``asked`` is the question in plain language, as it was put.
    """

    milestone = models.ForeignKey(
        "handover.TransferMilestone", on_delete=models.PROTECT, related_name="votes"
    )
    community = models.ForeignKey(
        "handover.Community", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    consultation_uuid = models.UUIDField(
        null=True, blank=True, help_text="The consultation where it was held."
    )
    held_on = models.DateField()
    asked = models.JSONField(default=list, help_text="Narratives: the question in plain language.")
    present = models.PositiveIntegerField()
    assent = models.PositiveIntegerField()
    dissent = models.PositiveIntegerField()
    abstained = models.PositiveIntegerField()
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user_uuid = models.UUIDField(help_text="Who recorded it.")
    recorded_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(present__gte=F("assent") + F("dissent") + F("abstained")),
                name="handover_communityvote_counts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.assent} for, {self.dissent} against, {self.abstained} abstained"


class DissentReason(InProgramme):
    """Why people dissent, in their words, and how many gave that reason. It stays readable for ever."""

    vote = models.ForeignKey(CommunityVote, on_delete=models.PROTECT, related_name="reasons")
    text = models.TextField()
    people = models.PositiveIntegerField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(condition=~Q(text=""), name="handover_dissentreason_words"),
            models.CheckConstraint(condition=Q(people__gte=1), name="handover_dissentreason_people"),
        )

    def __str__(self) -> str:
        return self.text


class AnswerKind(models.TextChoices):
    """What was done about a dissent."""

    MEDIATED = "mediated", "a mediation was held"
    REASONS_GIVEN = "reasons_given", "the reasons were answered, and the milestone goes on"
    PLAN_CHANGED = "plan_changed", "the plan was changed"


class DissentAnswer(InProgramme):
    """What one side did about the dissent of a vote. Never changed, only followed."""

    vote = models.ForeignKey(CommunityVote, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=20, choices=AnswerKind)
    text = models.TextField(help_text="What was said or agreed, in plain language.")
    mediator = models.CharField(
        max_length=200, blank=True, help_text="The body that mediated, never a person."
    )
    answered_on = models.DateField()
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user_uuid = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=AnswerKind.values), name="handover_dissentanswer_kind"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="handover_dissentanswer_words"),
        )

    def __str__(self) -> str:
        return self.text


class SeatRole(models.TextChoices):
    """Whom a community is heard through."""

    REPRESENTATIVE = "representative", "elected or named representative"
    LEADER = "leader", "community leader"
    MEDIATOR = "mediator", "mediator from the community"
    YOUTH = "youth", "young people's representative"
    WOMEN = "women", "women's representative"


class CommunitySeat(InProgramme, Versioned):
    """A seat through which a community is heard: a role and how it was filled, never a name.

    ``organisation`` is the community organisation where whoever has the seat holds an account, if one does.
    """

    community = models.ForeignKey("handover.Community", on_delete=models.PROTECT, related_name="seats")
    role = models.CharField(max_length=20, choices=SeatRole)
    seats = models.PositiveSmallIntegerField(default=1)
    chosen_by = models.CharField(max_length=300, help_text="How it was filled: an assembly, a vote, custom.")
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day.")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(condition=Q(role__in=SeatRole.values), name="handover_communityseat_role"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="handover_communityseat_seats"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="handover_communityseat_dates",
            ),
        )

    def __str__(self) -> str:
        return self.get_role_display()
