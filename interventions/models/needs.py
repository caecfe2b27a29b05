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


class Trend(models.TextChoices):
    """Where a need is going."""

    IMPROVING = "improving", "improving"
    STABLE = "stable", "stable"
    WORSENING = "worsening", "worsening"


class NeedState(models.TextChoices):
    """Where a need is in its life. What was merged or split stays readable, with its lineage."""

    STANDING = "", "standing"
    MET = "met", "met"
    MERGED = "merged", "merged into another"
    SPLIT = "split", "split into others"


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
    trend = models.CharField(max_length=20, choices=Trend, blank=True)
    raised_on = models.DateField(null=True, blank=True)
    raised_in = models.ForeignKey(
        "interventions.Consultation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="needs_raised",
        help_text="The consultation that raised it, if one did.",
    )
    state = models.CharField(max_length=10, choices=NeedState, blank=True, default="")

    digested_if_said = frozenset({"trend", "raised_on", "raised_in", "state"})

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
            models.CheckConstraint(condition=Q(state__in=NeedState.values), name="interventions_need_state"),
            models.CheckConstraint(
                condition=Q(trend="") | Q(trend__in=Trend.values), name="interventions_need_trend"
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


class NeedPlace(InProgramme):
    """Another place where a need is felt, besides the need's own; people counted there where it is known."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="places")
    place = models.ForeignKey("handover.Place", on_delete=models.PROTECT, related_name="+")
    people_affected = models.PositiveIntegerField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "need", "place"], name="interventions_needplace_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.need_id} at {self.place_id}"


class LineageKind(models.TextChoices):
    """How one need came of another."""

    MERGE = "merge", "merged"
    SPLIT = "split", "split"


class NeedLineage(InProgramme):
    """That a need came of another by a merge or a split, when and why. Never changed."""

    kind = models.CharField(max_length=10, choices=LineageKind)
    before = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="became")
    after = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="came_of")
    reason = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "before", "after"], name="interventions_needlineage_once"
            ),
            models.CheckConstraint(condition=~Q(before=F("after")), name="interventions_needlineage_two"),
            models.CheckConstraint(
                condition=Q(kind__in=LineageKind.values), name="interventions_needlineage_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.before_id} {self.kind} {self.after_id}"
