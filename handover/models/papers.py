"""Papers: what was issued as a file to print or to sign, and what came back signed. Never changed, only followed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme
from handover.models.milestones import Side
from handover.models.names import NameCopy


class PaperKind(models.TextChoices):
    """Which paper it is."""

    PROTOCOL = "protocol", "handover protocol"
    ANNEXES = "annexes", "annexes"
    PROOF = "proof", "continuity proof"


class Paper(InProgramme):
    """A paper as it was issued: its bytes are made again from what is recorded, and known again by their digest."""

    transfer = models.ForeignKey("handover.Transfer", on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=10, choices=PaperKind)
    languages = ArrayField(models.CharField(max_length=2))
    digest = models.CharField(max_length=64, help_text="SHA-256 of what it says, as every page bears it.")
    sha256 = models.CharField(max_length=64, help_text="Of the file.")
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["transfer", "sha256"], name="handover_paper_once"),
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="handover_paper_kind"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.digest[:12]}"


class SignedForm(models.TextChoices):
    """How it was signed. Both are worth the same."""

    PAPER = "paper", "on paper"
    ELECTRONIC = "electronic", "electronically"


class SignedPaper(InProgramme):
    """A paper that one side signed: the scan or the signed file, who signed in which capacity, and by which act."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="signed")
    side = models.CharField(
        max_length=10, choices=[(side.value, side.label) for side in (Side.GIVER, Side.RECEIVER)]
    )
    form = models.CharField(max_length=10, choices=SignedForm)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("handover.StoredFile", on_delete=models.PROTECT, related_name="+")
    signatory = NameCopy(max_length=200, help_text="As it stands under the paper.")
    capacity = models.CharField(max_length=200, help_text="For example: mayor, president of the board.")
    mandate_act = models.CharField(
        max_length=300, help_text="The act that gives the mandate: kind, number, date."
    )
    legal_act = models.ForeignKey(
        "handover.LegalAct", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by_name = NameCopy(max_length=200, help_text="A copy: it outlives the account.")

    may_look_personal = frozenset({"signatory"})

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["paper", "side", "file"], name="handover_signedpaper_once"),
            models.CheckConstraint(
                condition=Q(side__in=["giver", "receiver"]), name="handover_signedpaper_side"
            ),
            models.CheckConstraint(condition=Q(form__in=SignedForm.values), name="handover_signedpaper_form"),
        )

    def __str__(self) -> str:
        return f"{self.side}: {self.paper_id}"
