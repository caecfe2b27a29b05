"""Integrated intervention models: published structures without anything of a tenant, and who took them over."""

from __future__ import annotations

import uuid as uuids

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned
from handover.models.guard import Guarded
from handover.narratives import best


class InterventionModel(Guarded, Versioned):
    """A model in the catalogue. Everybody reads it; the organisation that published it adds versions."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=120, unique=True)
    title = models.JSONField(default=list, help_text="Narratives.")
    summary = models.JSONField(default=list, blank=True, help_text="Narratives.")
    organisation = models.ForeignKey(
        "handover.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who published it; empty: it ships with the toolkit.",
    )
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="Nobody new adopts it; whoever did keeps it."
    )

    class Meta:
        ordering = ("key",)
        default_permissions = ()

    def __str__(self) -> str:
        return best(self.title) or self.key


class ModelVersion(Guarded):
    """One version of a model: its whole structure as a document, with licence, context, evidence and conditions.

    ``document`` is a programme document (levels, needs, interventions, indicators, responsibilities, milestones, budget
    shape) by keys of its own: no place, no organisation, no value, no UUID of a tenant. Never changed.
    """

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    model = models.ForeignKey(InterventionModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="Counts from 1.")
    format = models.CharField(max_length=20, help_text="Version of the document's own format.")
    document = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical document.")
    licence = models.CharField(max_length=120, help_text="For example CC-BY-4.0.")
    context = models.JSONField(default=list, help_text="Narratives: where and with whom it was made.")
    evidence = models.JSONField(
        default=list, blank=True, help_text="Narratives: what is known of its effect."
    )
    conditions = models.JSONField(default=list, blank=True, help_text="Narratives: what it takes to use it.")
    changes = models.JSONField(default=list, blank=True, help_text="Narratives: what is new in this version.")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ("model", "number")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["model", "number"], name="interventions_modelversion_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="interventions_modelversion_number"),
        )

    def __str__(self) -> str:
        return f"{self.model_id}, version {self.number}"


class Adoption(InProgramme, Versioned):
    """That a programme was made from a model: which one, which version, and whether its figures count in the
    model's aggregate."""

    model_uuid = models.UUIDField()
    model_key = models.CharField(max_length=120)
    number = models.PositiveIntegerField(
        help_text="The version whose pieces it has, or last looked at whole."
    )
    adopted_at = models.DateTimeField()
    counted = models.BooleanField(
        default=True, help_text="Its indicators count, protected, in the model's aggregate."
    )

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "model_uuid"], name="interventions_adoption_once"),
        )

    def __str__(self) -> str:
        return f"{self.model_key} {self.number}"


class PieceKind(models.TextChoices):
    """What a piece of a model is."""

    LEVEL = "level", "level"
    NEED = "need", "need"
    INTERVENTION = "intervention", "intervention"
    INDICATOR = "indicator", "indicator"
    RESPONSIBILITY = "responsibility", "responsibility"
    MILESTONE = "milestone", "transfer milestone"
    BUDGET = "budget", "budget line"


class AdoptedPiece(InProgramme):
    """A piece of a model that a programme took over (the row it became), or left out on purpose."""

    adoption = models.ForeignKey(Adoption, on_delete=models.PROTECT, related_name="pieces")
    kind = models.CharField(max_length=20, choices=PieceKind)
    key = models.CharField(max_length=200, help_text="Its key in the model.")
    number = models.PositiveIntegerField(help_text="The version it was taken from, or left out of.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the piece as the model had it.")
    row_uuid = models.UUIDField(null=True, blank=True, help_text="Empty: left out.")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "adoption", "kind", "key"], name="interventions_adoptedpiece_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"
