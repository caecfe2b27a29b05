"""Interventions: what is done about needs, in one field of work each."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned
from handover.narratives import best


class Field(models.TextChoices):
    """The fields of work."""

    EDUCATION = "education", "education"
    EMPLOYMENT = "employment", "employment"
    HEALTH = "health", "health"
    HOUSING = "housing", "housing"
    CIVIL_DOCUMENTS_AND_RIGHTS = "civil_documents_and_rights", "civil documents and rights"
    ANTI_DISCRIMINATION = "anti_discrimination", "anti-discrimination"
    FAMILY_AND_MATERIAL_SUPPORT = "family_and_material_support", "family and material support"
    ADVOCACY_AND_PARTICIPATION = "advocacy_and_participation", "advocacy and participation"
    CULTURE_LANGUAGE_AND_REMEMBRANCE = "culture_language_and_remembrance", "culture, language and remembrance"


class Strand(models.TextChoices):
    """The four strands of work against discrimination."""

    LEGAL_RESPONSE = "legal_response", "legal response"
    TRAINING_OF_AUTHORITIES = "training_of_authorities", "training of public authorities and law enforcement"
    CIVIL_SOCIETY_CAPACITY = "civil_society_capacity", "capacity-building of civil society"
    EDUCATION_AND_AWARENESS = "education_and_awareness", "education and awareness"


class Audience(models.TextChoices):
    """Whom an intervention works with."""

    CHILDREN = "children", "children"
    ADULTS = "adults", "adults"
    FAMILIES = "families", "families"
    AUTHORITIES = "authorities", "public authorities"
    CIVIL_SOCIETY = "civil_society", "civil society"
    ALL = "all", "everybody"


class Intervention(InProgramme, Versioned):
    """What is done. Without an end it goes on; without a responsibility of its own it is the programme's."""

    title = models.JSONField(default=list, help_text="Narratives.")
    description = models.JSONField(default=list, blank=True, help_text="Narratives.")
    field = models.CharField(max_length=40, choices=Field)
    strand = models.CharField(
        max_length=40,
        choices=Strand,
        blank=True,
        help_text="For anti-discrimination: always, and only there.",
    )
    audience = models.CharField(max_length=20, choices=Audience, default=Audience.ALL)
    responsibility = models.ForeignKey(
        "handover.Responsibility", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True, help_text="The last day.")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(field__in=Field.values), name="interventions_intervention_field"
            ),
            models.CheckConstraint(
                condition=Q(field=Field.ANTI_DISCRIMINATION, strand__in=Strand.values)
                | (~Q(field=Field.ANTI_DISCRIMINATION) & Q(strand="")),
                name="interventions_intervention_strand",
            ),
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values), name="interventions_intervention_audience"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="interventions_intervention_dates",
            ),
        )

    def __str__(self) -> str:
        return best(self.title)


class InterventionNeed(InProgramme):
    """That an intervention answers a need."""

    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="answers")
    need = models.ForeignKey("interventions.Need", on_delete=models.PROTECT, related_name="answers")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "intervention", "need"], name="interventions_interventionneed_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.intervention_id} answers {self.need_id}"
