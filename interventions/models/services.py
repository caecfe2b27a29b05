"""Activities and services of an intervention, and what was delivered in a period."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned
from handover.narratives import best


class ServiceKind(models.TextChoices):
    """An activity has an end; a service goes on."""

    ACTIVITY = "activity", "activity"
    SERVICE = "service", "service"


class Service(InProgramme, Versioned):
    """An activity or a service. One that needs a licence cannot start without one that is valid on that day."""

    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, related_name="services"
    )
    kind = models.CharField(max_length=10, choices=ServiceKind)
    title = models.JSONField(default=list, help_text="Narratives.")
    unit = models.CharField(
        max_length=60, help_text="What is delivered: sessions, visits, packages, meals, hours."
    )
    planned = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, help_text="Units a calendar quarter."
    )
    needs_licence = models.BooleanField(default=False)
    licence = models.ForeignKey(
        "handover.Licence", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField(null=True, blank=True, help_text="Planned.")
    ends_on = models.DateField(null=True, blank=True, help_text="The last day.")
    started_on = models.DateField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=ServiceKind.values), name="interventions_service_kind"
            ),
            models.CheckConstraint(
                condition=Q(started_on__isnull=True) | Q(needs_licence=False) | Q(licence__isnull=False),
                name="interventions_service_licence",
            ),
        )

    def __str__(self) -> str:
        return best(self.title)


class Aggregate(InProgramme, Versioned):
    """What was counted in a period at a place: whole numbers of people, children (under 18) and adults apart."""

    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day.")
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=300, blank=True, help_text="Where the figures come from.")
    note = models.TextField(blank=True)

    class Meta(InProgramme.Meta):
        abstract = True
        ordering = ("starts_on", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="%(app_label)s_%(class)s_dates"
            ),
        )


class Counted(Aggregate):
    """An aggregate of people. Unknown stays unknown: it is never shared out."""

    children = models.PositiveIntegerField(default=0)
    adults = models.PositiveIntegerField(default=0)
    age_unknown = models.PositiveIntegerField(default=0)

    class Meta(Aggregate.Meta):
        abstract = True


class Delivery(Counted):
    """What a service delivered in a period, in its unit, and whom it reached."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="deliveries")
    quantity = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta(Counted.Meta):
        verbose_name_plural = "deliveries"
        constraints = (
            *Counted.Meta.constraints,
            models.CheckConstraint(condition=Q(quantity__gte=0), name="interventions_delivery_quantity"),
        )

    def __str__(self) -> str:
        return f"{self.quantity}, {self.starts_on} to {self.ends_on}"


class Volunteering(Aggregate):
    """Volunteers of an intervention in a period: how many, young ones (under 30) apart, their hours and training."""

    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, related_name="volunteering"
    )
    young = models.PositiveIntegerField(default=0)
    others = models.PositiveIntegerField(default=0)
    hours = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    training_hours = models.DecimalField(max_digits=10, decimal_places=2, default=0)

    class Meta(Aggregate.Meta):
        verbose_name_plural = "volunteering"
        constraints = (
            *Aggregate.Meta.constraints,
            models.CheckConstraint(
                condition=Q(hours__gte=0, training_hours__gte=0), name="interventions_volunteering_hours"
            ),
        )

    def __str__(self) -> str:
        return f"{self.young + self.others} volunteers, {self.starts_on} to {self.ends_on}"
