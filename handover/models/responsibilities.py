"""Responsibilities: the separable parts that change hands, and who answers for, delivers and owes each, day by day."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned
from handover.models.standings import key_range
from handover.permissions import Permission


class ResponsibilityKind(models.TextChoices):
    """What changes hands."""

    SERVICE = "service", "service"
    POSTS = "posts", "posts and people"
    EQUIPMENT = "equipment", "equipment"
    PREMISES = "premises", "premises"
    CONTRACT = "contract", "contract or lease"
    LICENCE = "licence", "licence or accreditation"
    BUDGET_LINE = "budget_line", "budget line"
    DATA_AND_RECORDS = "data_and_records", "control of data, records and archive"
    REPORTING = "reporting", "reporting"


class ResponsibilityScope(models.TextChoices):
    """What a responsibility is a responsibility of."""

    PROGRAMME = "programme", "programme"
    INTERVENTION = "intervention", "intervention"
    PLACE = "place", "place"


class Phase(models.TextChoices):
    """How the giver's part ends."""

    DOWN = "phase_down", "phase-down"
    OVER = "phase_over", "phase-over"
    OUT = "phase_out", "phase-out"


class Responsibility(InProgramme, Versioned):
    """A separable part of a programme that one organisation answers for."""

    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=ResponsibilityKind)
    scope = models.CharField(
        max_length=20, choices=ResponsibilityScope, default=ResponsibilityScope.PROGRAMME
    )
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    intervention_uuid = models.UUIDField(null=True, blank=True)
    phase = models.CharField(max_length=20, choices=Phase, default=Phase.OVER)
    description = models.TextField(blank=True)

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        permissions = tuple((item.value, item.help) for item in Permission if item.on_responsibility)
        verbose_name_plural = "responsibilities"
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(
                    scope=ResponsibilityScope.PROGRAMME, place__isnull=True, intervention_uuid__isnull=True
                )
                | Q(scope=ResponsibilityScope.PLACE, place__isnull=False, intervention_uuid__isnull=True)
                | Q(scope=ResponsibilityScope.INTERVENTION, intervention_uuid__isnull=False),
                name="handover_responsibility_scope",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Capacity(models.TextChoices):
    """The three ways of being answerable."""

    HOLDER = "holder", "answers for it"
    PROVIDER = "provider", "delivers it"
    DEBTOR = "debtor", "stays answerable to the donor for it"


def _never_two_at_once(capacity: Capacity) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=f"handover_tenure_one_{capacity.value}",
        expressions=[
            (key_range("responsibility"), RangeOperators.OVERLAPS),
            ("valid", RangeOperators.OVERLAPS),
        ],
        condition=Q(capacity=capacity.value),
    )


class Tenure(InProgramme):
    """The span of days (half-open) during which an organisation holds, provides or owes a responsibility."""

    responsibility = models.ForeignKey(Responsibility, on_delete=models.PROTECT, related_name="tenures")
    capacity = models.CharField(max_length=10, choices=Capacity)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    valid = DateRangeField()
    transfer_uuid = models.UUIDField(
        null=True, blank=True, help_text="The transfer that began it, if one did."
    )

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            *(_never_two_at_once(capacity) for capacity in Capacity),
            models.CheckConstraint(
                condition=Q(capacity__in=Capacity.values), name="handover_tenure_capacity"
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="handover_tenure_lasts"),
        )

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.capacity} of {self.responsibility_id}"
