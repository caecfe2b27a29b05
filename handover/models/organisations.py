"""Organisations: the tenants. Their directory is shared; what they hold is not."""

from __future__ import annotations

import uuid as uuids

from django.contrib.postgres.fields import ArrayField
from django.db import models

from handover.models.base import Versioned
from handover.models.guard import Guarded


class OrganisationKind(models.TextChoices):
    """What an organisation is in the field."""

    NGO = "ngo", "non-governmental organisation"
    MUNICIPALITY = "municipality", "local public authority"
    DONOR = "donor", "donor or managing authority"
    AUDIT_BODY = "audit_body", "audit body"
    COMMUNITY = "community", "community organisation"
    PUBLIC_INSTITUTION = "public_institution", "other public institution"


class Organisation(Guarded, Versioned):
    """A tenant. The directory entry is public within the installation."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    lau_code = models.CharField(
        max_length=20, blank=True, help_text="Local administrative unit, for authorities."
    )
    registration_number = models.CharField(max_length=60, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="bodies")
    iati_identifier = models.CharField(max_length=120, blank=True)
    iati_type = models.CharField(max_length=3, blank=True, help_text="IATI code list OrganisationType.")
    languages = ArrayField(
        models.CharField(max_length=3),
        default=list,
        blank=True,
        help_text="ISO 639: two letters, or three (rom).",
    )
    colour = models.CharField(
        max_length=7,
        blank=True,
        help_text="Of its pages: # and six hexadecimal digits; empty: the toolkit's own.",
    )
    small_cells_up_to = models.PositiveSmallIntegerField(
        default=5, help_text="Counts from 1 to this are protected in tables that leave the organisation."
    )

    class Meta:
        ordering = ("slug",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=OrganisationKind.values), name="handover_organisation_kind"
            ),
        )

    def __str__(self) -> str:
        return self.name


class LegalRepresentative(Guarded):
    """Who may sign for an organisation, in which capacity, by which act, from when to when.

    Kept by office, not by name: the account that holds the office may change while the mandate stays.
    """

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="representatives")
    user = models.ForeignKey(
        "handover.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    capacity = models.CharField(max_length=200, help_text="For example: mayor, president of the board.")
    mandate_act = models.CharField(
        max_length=300, help_text="The act that gives the mandate: kind, number, date."
    )
    valid_from = models.DateField()
    valid_to = models.DateField(
        null=True, blank=True, help_text="Last day of the mandate; empty while it lasts."
    )

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="handover_representative_dates",
            ),
        )

    def __str__(self) -> str:
        return f"{self.capacity}, {self.organisation_id}"
