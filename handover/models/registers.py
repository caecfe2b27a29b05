"""The registers that hang on a responsibility and fill the annexes of a transfer."""

from __future__ import annotations

from django.db import models

from handover.models.base import InProgramme, Versioned


class Source(models.TextChoices):
    """Who pays."""

    GRANT = "grant", "grant"
    MUNICIPALITY = "municipality", "municipality"


class Register(InProgramme, Versioned):
    """A line of a register. Amounts are in ``currency`` (ISO 4217)."""

    responsibility = models.ForeignKey("handover.Responsibility", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    legal_act = models.ForeignKey(
        "handover.LegalAct", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(InProgramme.Meta):
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class Post(Register):
    """A post, in full-time equivalents. It says nothing of who fills it."""

    fte = models.DecimalField(max_digits=4, decimal_places=2)
    funded_by = models.CharField(max_length=20, choices=Source)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)


class Equipment(Register):
    """An inventory item with its acquisition cost."""

    serial = models.CharField(max_length=120, blank=True)
    acquired_on = models.DateField()
    cost = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    condition = models.CharField(max_length=60, blank=True)

    class Meta(Register.Meta):
        verbose_name_plural = "equipment"


class Licence(Register):
    """A licence or accreditation: who gave it, and until when it runs."""

    authority = models.CharField(max_length=200)
    number = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)


class Contract(Register):
    """A contract or lease with a third party."""

    counterparty = models.CharField(max_length=200)
    number = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)


class BudgetLine(Register):
    """What a responsibility costs in one calendar year, and who pays it."""

    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=20, choices=Source)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
