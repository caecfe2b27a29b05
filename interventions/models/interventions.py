"""Interventions: what is done about needs, in one field of work each."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned
from handover.models.names import NameCopy
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
    NON_FORMAL_EDUCATION = "non_formal_education", "non-formal education"


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
    STUDENTS = "students", "students and future professionals"
    LAW_ENFORCEMENT = "law_enforcement", "law enforcement"


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
    also_in = models.JSONField(
        default=list, blank=True, help_text="Further fields of work, where it is integrated."
    )
    effort = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What beginning it asks of the team, in the unit of the capacity (for example person-months).",
    )

    digested_if_said = frozenset({"also_in", "effort"})

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


class InterventionDependency(InProgramme):
    """An intervention that can only start after another; together they form no circle."""

    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="dependencies")
    after = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="dependents")
    reason = models.CharField(max_length=300, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "intervention", "after"],
                name="interventions_interventiondependency_once",
            ),
            models.CheckConstraint(
                condition=~Q(intervention=F("after")), name="interventions_interventiondependency_two"
            ),
        )

    def __str__(self) -> str:
        return f"{self.intervention_id} after {self.after_id}"


class TargetGroup(InProgramme, Versioned):
    """Whom an intervention is for, and how many they are; an estimate with its source, never a list of persons."""

    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="groups")
    title = models.JSONField(default=list, help_text="Narratives.")
    people = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)
    as_of = models.DateField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (*InProgramme.Meta.constraints,)

    def __str__(self) -> str:
        return best(self.title)


class InterventionPlace(InProgramme):
    """Another place where an intervention works, besides its own."""

    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="places")
    place = models.ForeignKey("handover.Place", on_delete=models.PROTECT, related_name="+")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "intervention", "place"], name="interventions_interventionplace_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.intervention_id} at {self.place_id}"


class InterventionPartner(InProgramme, Versioned):
    """Somebody who helps to do it: an organisation of the directory, or another body (for example a food bank)."""

    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="partners")
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(
        max_length=200, blank=True, help_text="A body outside the directory, never a person."
    )
    brings = models.CharField(max_length=300, help_text="What it gives or does.")
    agreement = models.ForeignKey(
        "handover.Contract", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | ~Q(name=""), name="interventions_partner_named"
            ),
        )

    def __str__(self) -> str:
        return self.name or str(self.organisation)


class InterventionChange(InProgramme):
    """What an intervention was before, what it is after, why, and which consultation prompted it. Never changed."""

    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="changes")
    before = models.JSONField(default=dict, help_text="The changed fields as they were, as text by field.")
    after = models.JSONField(default=dict, help_text="The changed fields as they are, as text by field.")
    reason = models.TextField()
    consultation = models.ForeignKey(
        "interventions.Consultation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="changes",
    )
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user_uuid = models.UUIDField()
    user_name = NameCopy(max_length=200)
    changed_at = models.DateTimeField()

    # Copies of what was looked at where it was written.
    may_look_personal = frozenset({"before", "after"})

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(condition=~Q(reason=""), name="interventions_change_reason"),
        )

    def __str__(self) -> str:
        return self.reason
