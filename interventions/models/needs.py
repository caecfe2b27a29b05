"""Needs: a programme's hierarchy of what people lack, and what has to come first."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned
from handover.narratives import best


class RaisedBy(models.TextChoices):
    """Who said that it is a need."""

    COMMUNITY = "community", "community"
    PROFESSIONALS = "professionals", "professionals"
    BOTH = "both", "community and professionals"


class NeedLevel(InProgramme):
    """A level of the hierarchy. Lower positions come first: their needs are answered before those above."""

    key = models.SlugField(max_length=60)
    title = models.JSONField(default=list, help_text="Narratives.")
    position = models.PositiveSmallIntegerField(help_text="Counts from 1.")

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "key"], name="interventions_needlevel_key"),
        )

    def __str__(self) -> str:
        return best(self.title) or self.key


class Need(InProgramme, Versioned):
    """A node of the hierarchy. People are counted as of a day, with the source of the count."""

    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    level = models.ForeignKey(NeedLevel, on_delete=models.PROTECT, related_name="needs")
    title = models.JSONField(default=list, help_text="Narratives.")
    description = models.JSONField(default=list, blank=True, help_text="Narratives.")
    severity = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text="1 (light) to 5 (life is at stake).",
    )
    people_affected = models.PositiveIntegerField(null=True, blank=True)
    people_source = models.CharField(max_length=300, blank=True)
    people_as_of = models.DateField(null=True, blank=True)
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rank = models.PositiveIntegerField(default=1, help_text="Order among siblings of one level, from 1.")
    raised_by = models.CharField(max_length=20, choices=RaisedBy, default=RaisedBy.BOTH)
    evidence = models.TextField(blank=True, help_text="What the need is known from.")
    responsibility = models.ForeignKey(
        "handover.Responsibility", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(condition=Q(severity__range=(1, 5)), name="interventions_need_severity"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="interventions_need_own_parent"
            ),
            models.CheckConstraint(
                condition=Q(raised_by__in=RaisedBy.values), name="interventions_need_raised_by"
            ),
        )

    def __str__(self) -> str:
        return best(self.title)


class NeedPrerequisite(InProgramme):
    """A need that has to be answered before another; together they form no circle."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="prerequisites")
    requires = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="required_by")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "need", "requires"], name="interventions_needprerequisite_once"
            ),
            models.CheckConstraint(
                condition=~Q(need=F("requires")), name="interventions_needprerequisite_self"
            ),
        )

    def __str__(self) -> str:
        return f"{self.need_id} requires {self.requires_id}"
