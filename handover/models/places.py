"""Places: local administrative units, and the named settlements below them where communities live."""

from __future__ import annotations

import uuid as uuids

from django.db import models

from handover.models.guard import Guarded


class PlaceKind(models.TextChoices):
    """How fine a place is."""

    LAU = "lau", "local administrative unit"
    SETTLEMENT = "settlement", "named settlement"


class Place(Guarded):
    """A place. Shared by all tenants; population is in persons, area in square metres."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=PlaceKind, default=PlaceKind.LAU)
    country = models.CharField(max_length=2)
    nuts3 = models.CharField(max_length=5, blank=True)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    name_latin = models.CharField(max_length=200, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="settlements"
    )
    population = models.PositiveIntegerField(null=True, blank=True)
    area = models.PositiveBigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("country", "code")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["country", "code"], name="handover_place_code"),
            models.CheckConstraint(
                condition=models.Q(kind=PlaceKind.LAU, parent__isnull=True)
                | models.Q(kind=PlaceKind.SETTLEMENT, parent__isnull=False),
                name="handover_place_parent",
            ),
        )

    def __str__(self) -> str:
        return self.name
