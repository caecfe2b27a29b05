"""Where values come from: registers that stay with their custodian, and files that are kept here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned
from handover.models.names import LongNameCopy


class SourceSeries(InProgramme, Versioned):
    """A register or set of sheets that was never uploaded: who keeps it, where, for when, how much, and its digest.

    An auditor walks to it. It holds people's data; this row holds none.
    """

    title = models.CharField(max_length=300, help_text="For example: attendance register of the day centre.")
    custodian = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    office = models.CharField(max_length=200, blank=True, help_text="The post that keeps it, not a person.")
    location = models.CharField(max_length=300, help_text="Where it lies: address, room, shelf or system.")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    count = models.PositiveBigIntegerField(null=True, blank=True, help_text="Sheets, entries or files.")
    counted = models.CharField(
        max_length=60, blank=True, help_text="What is counted: sheets, entries, files."
    )
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the scanned or electronic whole.")
    keep_until = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta(InProgramme.Meta):
        ordering = ("title", "id")
        default_permissions = ()
        verbose_name_plural = "source series"
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=models.F("starts_on")),
                name="indicators_sourceseries_dates",
            ),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="indicators_sourceseries_digest",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Provenance(InProgramme):
    """What one value rests on: a source series, or a file. Rows are only added.

    A value is named by its UUID; the database binds both to the programme.
    """

    programme = models.ForeignKey(
        "handover.Programme", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    value_uuid = models.UUIDField()
    source = models.ForeignKey(
        SourceSeries, on_delete=models.PROTECT, null=True, blank=True, related_name="values"
    )
    file = models.ForeignKey(
        "handover.StoredFile",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    filename = models.CharField(max_length=255, blank=True)
    title = models.CharField(max_length=300, blank=True)
    batch = models.UUIDField(help_text="Subject of the ledger entry that commits to it.")
    added_by_name = LongNameCopy()
    organisation_name = models.TextField()
    added_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        verbose_name_plural = "provenance"
        indexes = (models.Index(fields=["programme", "value_uuid"], name="indicators_provenance_value"),)
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(source__isnull=False, file__isnull=True)
                | (Q(source__isnull=True, file__isnull=False) & ~Q(filename="")),
                name="indicators_provenance_one",
            ),
        )

    def __str__(self) -> str:
        return str(self.value_uuid)
