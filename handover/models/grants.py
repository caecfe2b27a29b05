"""The money's side: grants, their partners and their conditions."""

from __future__ import annotations

from django.db import models

from handover.models.base import InProgramme, Versioned


class Grant(InProgramme, Versioned):
    """An agreement that funds a programme. Amounts are in ``currency`` (ISO 4217)."""

    title = models.CharField(max_length=300)
    donor = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    agreement_number = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    final_payment_on = models.DateField(null=True, blank=True)
    equipment_threshold = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Items that cost more need proof of transfer; each grant has its own threshold.",
    )
    equipment_conditions = models.TextField(blank=True)
    donor_consent_required = models.BooleanField(
        default=False, help_text="The donor must consent to the transfer."
    )

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="handover_grant_dates"
            ),
        )

    def __str__(self) -> str:
        return self.agreement_number


class GrantPartner(InProgramme):
    """An organisation that shares a grant with its lead."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="partners")
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["grant", "organisation"], name="handover_grantpartner_once"),
        )

    def __str__(self) -> str:
        return str(self.organisation_id)
