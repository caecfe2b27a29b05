"""Readiness: instruments as data, scores by each side, what they agreed on, and milestones that wait for a score."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned
from handover.models.names import NameCopy


class Instrument(InProgramme):
    """An instrument as a programme uses it: a copy of one version of it, so that scores keep their questions.

    ``document``: ``domains`` (each ``key``, ``title``, ``weight``, ``items``; an item ``key``, ``text``, ``weight``);
    ``scale`` (``from``, ``to``, ``labels``) and ``thresholds`` (``ready``, ``nearly``: 0 to 100). Texts are narratives,
    weights and thresholds decimals as text.
    """

    key = models.SlugField(max_length=80)
    edition = models.CharField(max_length=20)
    title = models.JSONField(default=list, help_text="Narratives.")
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=120)
    document = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical document.")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "key", "edition"], name="handover_instrument_once"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.edition}"


class Voice(models.TextChoices):
    """Who scored. The agreed scores are a set of their own, beside the three."""

    GIVER = "giver", "giver"
    RECEIVER = "receiver", "receiver"
    COMMUNITY = "community", "community"
    AGREED = "agreed", "agreed between them"


class Wave(models.TextChoices):
    """When it was measured (exit, and one and two years after it, as exit studies do)."""

    BEFORE = "before", "before the handover"
    AFTER_12 = "after_12", "12 months after"
    AFTER_24 = "after_24", "24 months after"


class AssessmentState(models.TextChoices):
    """Whether scores may still change. Nobody reads another side's scores before its own are closed."""

    OPEN = "open", "being scored"
    CLOSED = "closed", "closed"


class Assessment(InProgramme, Versioned):
    """One voice's scores by one instrument, of the whole programme or of one responsibility."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="assessments")
    responsibility = models.ForeignKey(
        "handover.Responsibility", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    transfer = models.ForeignKey(
        "handover.Transfer", on_delete=models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    voice = models.CharField(max_length=10, choices=Voice)
    wave = models.CharField(max_length=10, choices=Wave, default=Wave.BEFORE)
    state = models.CharField(max_length=10, choices=AssessmentState, default=AssessmentState.OPEN)
    scored_on = models.DateField()
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user_uuid = models.UUIDField(help_text="Who scored, or who wrote down what was agreed.")
    user_name = NameCopy(max_length=200)
    closed_at = models.DateTimeField(null=True, blank=True)
    remark = models.TextField(blank=True)

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(condition=Q(voice__in=Voice.values), name="handover_assessment_voice"),
            models.CheckConstraint(condition=Q(wave__in=Wave.values), name="handover_assessment_wave"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | Q(state="closed", closed_at__isnull=False),
                name="handover_assessment_closed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_voice_display()}, {self.get_wave_display()}"


class Score(InProgramme):
    """The score of one item: a step of the instrument's scale, or none where the item does not apply."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="scores")
    item = models.SlugField(max_length=80)
    score = models.SmallIntegerField(null=True, blank=True)
    remark = models.TextField(blank=True, help_text="Where it is agreed: why.")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["assessment", "item"], name="handover_score_once"),
        )

    def __str__(self) -> str:
        return f"{self.item}: {self.score}"


class ScoreGate(InProgramme):
    """A transfer milestone that waits until the agreed score of a domain (or the whole) is high enough.

    ``at_least`` is on a scale of 0 to 100, so that it reads the same for every instrument. Part of the plan.
    """

    milestone = models.ForeignKey(
        "handover.TransferMilestone", on_delete=models.PROTECT, related_name="score_gates"
    )
    instrument_key = models.SlugField(max_length=80)
    domain = models.SlugField(max_length=80, blank=True, help_text="Empty: the whole instrument.")
    responsibility = models.ForeignKey(
        "handover.Responsibility", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at_least = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(at_least__gt=0, at_least__lte=100), name="handover_scoregate_range"
            ),
        )

    def __str__(self) -> str:
        return f"{self.instrument_key} {self.domain}: at least {self.at_least}"
