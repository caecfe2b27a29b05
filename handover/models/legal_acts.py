"""Legal acts: what posts, budgets, contracts and milestones rest on."""

from __future__ import annotations

from django.db import models

from handover.models.base import InProgramme, Versioned


class LegalActKind(models.TextChoices):
    """Which act it is (ro: HCL, dispoziția primarului; lt: tarybos sprendimas, mero potvarkis)."""

    COUNCIL_DECISION = "council_decision", "council decision"
    MAYORS_ORDER = "mayors_order", "mayor's order"
    CONTRACT = "contract", "contract"
    LEASE = "lease", "lease"
    LICENCE = "licence", "licence"


class LegalActStatus(models.TextChoices):
    """Where an act is in its life."""

    DRAFT = "draft", "draft"
    ADOPTED = "adopted", "adopted"
    IN_FORCE = "in_force", "in force"
    SUSPENDED = "suspended", "suspended"
    AMENDED = "amended", "amended"
    REPEALED = "repealed", "repealed"
    ANNULLED = "annulled", "annulled"


FALLEN = frozenset({LegalActStatus.SUSPENDED, LegalActStatus.REPEALED, LegalActStatus.ANNULLED})
"""Statuses that flag what rests on an act. Nothing is undone by itself."""


class LegalAct(InProgramme, Versioned):
    """An act of an organisation that others cite."""

    issuer = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=LegalActKind)
    number = models.CharField(max_length=60)
    title = models.CharField(max_length=300, blank=True)
    dated = models.DateField()
    in_force_from = models.DateField(null=True, blank=True)
    in_force_to = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=LegalActStatus, default=LegalActStatus.DRAFT)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(status__in=LegalActStatus.values), name="handover_legalact_status"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
