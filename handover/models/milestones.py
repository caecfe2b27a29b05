"""Transfer milestones: dated steps with evidence and sign-offs. (A bare "milestone" means something else in EU law.)"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned


class MilestoneKind(models.TextChoices):
    """What a step is."""

    DONOR_CONSENT = "donor_consent", "donor's consent"
    COUNCIL_DECISION = "council_decision", "council decision"
    BUDGET_LINE_ADOPTED = "budget_line_adopted", "budget line adopted"
    POST_ADVERTISED = "post_advertised", "post advertised"
    POST_FILLED = "post_filled", "post filled"
    LICENCE_OBTAINED = "licence_obtained", "licence obtained"
    CONTRACT_NOVATED = "contract_novated", "contract novated"
    INVENTORY_COUNTED = "inventory_counted", "inventory counted"
    TRAINING_COMPLETED = "training_completed", "training completed"
    CO_DELIVERY = "co_delivery", "co-delivery"
    EQUIPMENT_HANDED_OVER = "equipment_handed_over", "equipment handed over"
    DISCLOSURE_RECORD = "disclosure_record", "controller-to-controller disclosure record"
    RECORDS_DELIVERED = "records_delivered", "records delivered"
    COMMUNITY_VALIDATION = "community_validation", "community's validation"
    HANDOVER_PROTOCOL = "handover_protocol", "handover protocol"


class Side(models.TextChoices):
    """Who signs."""

    GIVER = "giver", "giver"
    RECEIVER = "receiver", "receiver"
    COMMUNITY = "community", "community"
    DONOR = "donor", "donor"


class OnDissent(models.TextChoices):
    """What the plan says happens when people of the community dissent. None of them is silent."""

    PAUSE = "pause", "the milestone waits until the community has voted again"
    MEDIATION = "mediation", "the milestone waits until a mediation has been held"
    GO_ON = "go_on", "the milestone goes on once the reasons have been answered in writing"


class TransferMilestone(InProgramme, Versioned):
    """A step of a transfer. It is done when its evidence is there and every side that must sign has signed."""

    transfer = models.ForeignKey("handover.Transfer", on_delete=models.PROTECT, related_name="milestones")
    kind = models.CharField(max_length=30, choices=MilestoneKind)
    title = models.CharField(max_length=300)
    due_on = models.DateField()
    evidence_required = models.BooleanField(default=True)
    signs = ArrayField(models.CharField(max_length=10, choices=Side), help_text="The sides that must sign.")
    legal_act = models.ForeignKey(
        "handover.LegalAct", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    quorum = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many people must be counted for the community's vote to hold."
    )
    on_dissent = models.CharField(max_length=10, choices=OnDissent, blank=True)

    digested_if_said = frozenset({"quorum", "on_dissent"})

    class Meta(InProgramme.Meta):
        ordering = ("due_on", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=MilestoneKind.values), name="handover_milestone_kind"
            ),
            models.CheckConstraint(
                condition=Q(quorum__isnull=True) | Q(quorum__gte=1), name="handover_milestone_quorum"
            ),
        )

    def __str__(self) -> str:
        return self.title


class MilestoneDependency(InProgramme):
    """A milestone waits for another of the same transfer."""

    milestone = models.ForeignKey(TransferMilestone, on_delete=models.PROTECT, related_name="dependencies")
    waits_for = models.ForeignKey(TransferMilestone, on_delete=models.PROTECT, related_name="dependents")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["milestone", "waits_for"], name="handover_dependency_once"),
            models.CheckConstraint(condition=~Q(milestone=F("waits_for")), name="handover_dependency_two"),
        )

    def __str__(self) -> str:
        return f"{self.milestone_id} waits for {self.waits_for_id}"
