"""Results: the outputs, outcomes and impacts under which the indicators stand (IATI 2.03 ``result``)."""

from __future__ import annotations

from django.db import models

from handover.models.base import InProgramme, Versioned


class Described(models.Model):
    """What IATI lets a result and an indicator say of themselves: what came in must come out equal."""

    position = models.PositiveIntegerField(help_text="Order among its siblings, from 0.")
    aggregation_status = models.TextField(blank=True, help_text="As written (xsd:boolean); empty: absent.")
    title = models.JSONField(default=list, blank=True, help_text="Narratives.")
    description = models.JSONField(default=list, blank=True, help_text="Narratives.")
    references = models.JSONField(
        default=list, blank=True, help_text="[{vocabulary, code, vocabulary_uri | indicator_uri}]"
    )
    documents = models.JSONField(
        default=list,
        blank=True,
        help_text="[{url, format, title, description, categories, languages, document_date}].",
    )
    extra = models.JSONField(default=dict, blank=True, help_text="Unknown to the standard; comes out again.")

    class Meta:
        abstract = True


class Result(InProgramme, Versioned, Described):
    """A result of a programme; its indicators say whether it came about."""

    type = models.TextField(help_text="IATI code list ResultType.")

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.uuid)
