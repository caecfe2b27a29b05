"""Evidence: files by their digest, links, and who may open what names people."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme
from handover.models.names import NameCopy


class StoredFile(InProgramme):
    """A file of one programme, addressed by its SHA-256 and never shared with another programme.

    After erasure the bytes are gone; digest, size and name remain, so that the proof still holds.
    """

    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    media_type = models.CharField(max_length=120)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "sha256"], name="handover_file_digest"),
        )

    def __str__(self) -> str:
        return self.sha256


class Evidence(InProgramme):
    """What shows that a milestone is met: a file or a link. It declares whether it names people."""

    milestone = models.ForeignKey(
        "handover.TransferMilestone", on_delete=models.PROTECT, related_name="evidence"
    )
    title = models.CharField(max_length=300)
    filename = models.CharField(max_length=255, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    link = models.URLField(max_length=1000, blank=True)
    names_people = models.BooleanField()
    erase_after = models.DateField(null=True, blank=True, help_text="Required where it names people.")
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey("handover.User", on_delete=models.SET_NULL, null=True, related_name="+")
    added_by_name = NameCopy(max_length=200, help_text="A copy: it outlives the account.")
    added_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        verbose_name_plural = "evidence"
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(file__isnull=False, link="") | (Q(file__isnull=True) & ~Q(link="")),
                name="handover_evidence_file_or_link",
            ),
            models.CheckConstraint(
                condition=Q(names_people=False) | Q(erase_after__isnull=False, file__isnull=False),
                name="handover_evidence_erasure",
            ),
        )

    def __str__(self) -> str:
        return self.title


class EvidenceVerifier(InProgramme):
    """A person named to open a piece of evidence that names people, until a day."""

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="verifiers")
    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    until = models.DateField(help_text="The last day.")
    named_by_name = NameCopy(max_length=200)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["evidence", "user"], name="handover_verifier_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.evidence_id}"
