"""The programme: the integrated whole that changes hands."""

from __future__ import annotations

import uuid as uuids

from django.db import models

from handover.models.base import InProgramme, Versioned
from handover.models.guard import Guarded
from handover.permissions import Permission


class ProgrammeStatus(models.TextChoices):
    """Where a programme is in its life."""

    ACTIVE = "active", "run by the organisation that started it"
    HANDED_OVER = "handed_over", "carried on by its receiver"
    CLOSED = "closed", "closed"


class Programme(Guarded, Versioned):
    """A grant-funded programme. Its identifier never changes; its steward does."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    identifier = models.CharField(
        max_length=200, editable=False, help_text="IATI activity identifier; never changes."
    )
    title = models.JSONField(default=list, help_text="Narratives.")
    description = models.JSONField(default=list, blank=True, help_text="Narratives.")
    steward = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=ProgrammeStatus, default=ProgrammeStatus.ACTIVE)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("identifier",)
        default_permissions = ()
        permissions = tuple((item.value, item.help) for item in Permission if item.on_programme)
        constraints = (
            models.UniqueConstraint(fields=["steward", "identifier"], name="handover_programme_identifier"),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="handover_programme_dates",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=ProgrammeStatus.values), name="handover_programme_status"
            ),
        )

    def __str__(self) -> str:
        return self.identifier


class Community(InProgramme):
    """The people whom a programme serves at one place; an estimate with its source, never a list of persons."""

    name = models.CharField(max_length=200)
    place = models.ForeignKey("handover.Place", on_delete=models.PROTECT, related_name="+")
    estimated_people = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        verbose_name_plural = "communities"

    def __str__(self) -> str:
        return self.name


class ProgrammePlace(InProgramme):
    """A place where the programme works."""

    place = models.ForeignKey("handover.Place", on_delete=models.PROTECT, related_name="+")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "place"], name="handover_programmeplace_once"),
        )

    def __str__(self) -> str:
        return str(self.place_id)
