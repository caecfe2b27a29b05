"""Edits: which fields of a row changed at which version. Written by the database itself, at each edit."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from handover.models.base import InProgramme


class Edit(InProgramme):
    """One step of a row's version. It tells whoever edited an older version what has changed since.

    Names of fields, no content: the ledger tells the story, this tells two editors apart.
    """

    subject = models.UUIDField(help_text="The row that was edited.")
    version = models.PositiveIntegerField(help_text="The version that the edit made.")
    fields = ArrayField(models.CharField(max_length=100))
    at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (*InProgramme.Meta.constraints,)
        indexes = (models.Index(fields=["subject", "version"], name="handover_edit_subject"),)

    def __str__(self) -> str:
        return f"{self.subject} v{self.version}: {', '.join(self.fields)}"
