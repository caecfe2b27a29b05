"""Sign-offs: who agreed to exactly what, in which capacity. Never changed: an edit of the plan voids them by
its digest."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme
from handover.models.milestones import Side
from handover.models.names import NameCopy


class SignOffSubject(models.TextChoices):
    """What was signed."""

    PLAN = "plan", "the plan"
    MILESTONE = "milestone", "a transfer milestone"
    PROOF = "proof", "the continuity proof"
    GIVE_BACK = "give_back", "giving back"


class Decision(models.TextChoices):
    """What the signature says."""

    AGREES = "agrees", "agrees"
    AGREES_WITH_DISSENT = "agrees_with_dissent", "goes along, with a dissent on record"
    OBJECTS = "objects", "objects"


class SignOff(InProgramme):
    """One signature over one digest. Copies of names outlive accounts; ``digest`` is what was signed."""

    transfer = models.ForeignKey("handover.Transfer", on_delete=models.PROTECT, related_name="signoffs")
    subject = models.CharField(max_length=10, choices=SignOffSubject)
    milestone = models.ForeignKey(
        "handover.TransferMilestone", on_delete=models.PROTECT, null=True, blank=True, related_name="signoffs"
    )
    side = models.CharField(max_length=10, choices=Side)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    user_uuid = models.UUIDField()
    signatory = NameCopy(max_length=200)
    capacity = models.CharField(max_length=200, blank=True)
    mandate_act = models.CharField(max_length=300, blank=True)
    decision = models.CharField(max_length=20, choices=Decision)
    remark = models.TextField(blank=True, help_text="The dissent or the objection, in the signatory's words.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was signed.")
    signed_at = models.DateTimeField()

    may_look_personal = frozenset({"signatory"})

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(subject="milestone", milestone__isnull=False)
                | (~Q(subject="milestone") & Q(milestone__isnull=True)),
                name="handover_signoff_subject",
            ),
            models.CheckConstraint(
                condition=Q(decision="agrees") | ~Q(remark=""), name="handover_signoff_remark"
            ),
        )

    def __str__(self) -> str:
        return f"{self.side}: {self.decision}"
