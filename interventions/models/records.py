"""Records of the work, as aggregates: family support, trainings, complaints, events. No names, no personal files."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from interventions.models.interventions import Strand
from interventions.models.services import Aggregate, Counted


class SupportKind(models.TextChoices):
    """What a family was helped with: mediation (by matter) or things."""

    HOUSING = "housing", "mediation: housing"
    EMPLOYMENT = "employment", "mediation: employment"
    SOCIAL_SECURITY = "social_security", "mediation: social security"
    HEALTH = "health", "mediation: health"
    SCHOOL = "school", "mediation: school"
    FOOD = "food", "food"
    ESSENTIALS = "essentials", "clothing and essentials"
    SCHOOL_SUPPLIES = "school_supplies", "school supplies"
    HEATING = "heating", "heating"
    OTHER = "other", "other"


class SupportOutcome(models.TextChoices):
    """How it ended, for the cases of the period."""

    DELIVERED = "delivered", "delivered"
    RESOLVED = "resolved", "resolved"
    REFERRED = "referred", "referred"
    REFUSED = "refused", "refused by the authority"
    ONGOING = "ongoing", "going on"


class Support(Counted):
    """Family support of one kind and outcome in a period at a place."""

    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, related_name="support"
    )
    kind = models.CharField(max_length=20, choices=SupportKind)
    outcome = models.CharField(max_length=20, choices=SupportOutcome)
    families = models.PositiveIntegerField(null=True, blank=True)
    quantity = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, help_text="Cases, or units of what was given."
    )
    unit = models.CharField(max_length=60, blank=True)

    class Meta(Counted.Meta):
        verbose_name_plural = "support"
        constraints = (
            *Counted.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=SupportKind.values, outcome__in=SupportOutcome.values),
                name="interventions_support_kinds",
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=0), name="interventions_support_quantity"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_outcome_display()}"


class TrainingAudience(models.TextChoices):
    """Who was trained."""

    AUTHORITIES = "authorities", "public authorities"
    LAW_ENFORCEMENT = "law_enforcement", "law enforcement"
    NGOS = "ngos", "civil society"
    STUDENTS = "students", "students and future professionals"
    EDUCATORS = "educators", "teachers and educators"
    HEALTH_WORKERS = "health_workers", "health workers"
    COMMUNITY = "community", "community"
    VOLUNTEERS = "volunteers", "volunteers"


class Training(Counted):
    """A training, its audience, its hours, and how many took part; young volunteers among them are counted apart."""

    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, related_name="trainings"
    )
    title = models.CharField(max_length=300)
    audience = models.CharField(max_length=20, choices=TrainingAudience)
    strand = models.CharField(max_length=40, choices=Strand, blank=True)
    hours = models.DecimalField(max_digits=8, decimal_places=2)
    young_volunteers = models.PositiveIntegerField(default=0, help_text="Among those who took part.")

    class Meta(Counted.Meta):
        constraints = (
            *Counted.Meta.constraints,
            models.CheckConstraint(
                condition=Q(audience__in=TrainingAudience.values), name="interventions_training_audience"
            ),
            models.CheckConstraint(condition=Q(hours__gt=0), name="interventions_training_hours"),
        )

    def __str__(self) -> str:
        return self.title


class ComplaintKind(models.TextChoices):
    """What it was about."""

    DISCRIMINATION = "discrimination", "discrimination"
    HATE_SPEECH = "hate_speech", "hate speech"
    HATE_INCIDENT = "hate_incident", "hate-motivated incident"
    SEGREGATION = "segregation", "segregation"
    EVICTION = "eviction", "eviction"
    POLICE = "police", "conduct of the police"
    OTHER = "other", "other"


class Complaints(Aggregate):
    """Complaints or incidents of one kind in a period: reported in it; pending, upheld and rejected at its end."""

    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, related_name="complaints"
    )
    kind = models.CharField(max_length=20, choices=ComplaintKind)
    body = models.CharField(max_length=200, blank=True, help_text="The body that decides on them.")
    reported = models.PositiveIntegerField()
    pending = models.PositiveIntegerField(default=0)
    upheld = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta(Aggregate.Meta):
        verbose_name_plural = "complaints"
        constraints = (
            *Aggregate.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=ComplaintKind.values), name="interventions_complaints_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reported}"


class EventKind(models.TextChoices):
    """What happened."""

    COMMEMORATION = "commemoration", "commemoration"
    DEBATE = "debate", "public debate"
    EXHIBITION = "exhibition", "exhibition or performance"
    CAMPAIGN = "campaign", "campaign"
    WORKSHOP = "workshop", "workshop"
    OTHER = "other", "other"


class Event(Counted):
    """An event in public, and how many took part."""

    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    day = models.ForeignKey(
        "interventions.CommemorationDay",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
    )
    kind = models.CharField(max_length=20, choices=EventKind)
    title = models.CharField(max_length=300)
    young_volunteers = models.PositiveIntegerField(default=0, help_text="Who helped to hold it.")

    class Meta(Counted.Meta):
        constraints = (
            *Counted.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="interventions_event_kind"),
        )

    def __str__(self) -> str:
        return self.title


class Tone(models.TextChoices):
    """How an item speaks of the community."""

    POSITIVE = "positive", "positive"
    NEUTRAL = "neutral", "neutral"
    NEGATIVE = "negative", "negative"
    HATEFUL = "hateful", "hateful"


class Response(models.TextChoices):
    """What was done about items."""

    NONE = "none", "none"
    REPLY = "reply", "right of reply"
    COMPLAINT = "complaint", "complaint"
    CORRECTED = "corrected", "corrected or taken down"
    PRAISE = "praise", "thanked"


class MediaItems(Aggregate):
    """Items in the media on one topic, of one tone, with one response, in a period."""

    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outlet = models.CharField(max_length=200, blank=True, help_text="Outlet or kind of outlet.")
    topic = models.CharField(max_length=300)
    tone = models.CharField(max_length=10, choices=Tone)
    response = models.CharField(max_length=10, choices=Response, default=Response.NONE)
    items = models.PositiveIntegerField()

    class Meta(Aggregate.Meta):
        verbose_name_plural = "media items"
        constraints = (
            *Aggregate.Meta.constraints,
            models.CheckConstraint(
                condition=Q(tone__in=Tone.values, response__in=Response.values),
                name="interventions_mediaitems_tone",
            ),
        )

    def __str__(self) -> str:
        return f"{self.topic}: {self.items} {self.tone}"
