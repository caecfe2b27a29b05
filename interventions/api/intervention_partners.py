"""Partners of interventions: who helps to do it, what they bring, by which agreement."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeRead
from handover.api.serializers import Shown
from handover.permissions import Permission
from interventions.actions import partners
from interventions.api.reasons import BecauseBody, PutDownBody
from interventions.api.target_groups import OfInterventionFilters
from interventions.models import InterventionPartner

EDIT: Final = Permission.EDIT_INTERVENTIONS


class PartnerShown(Shown[InterventionPartner]):
    """A partner: an organisation of the directory, or the name of another body."""

    class Meta:
        model = InterventionPartner
        fields = (
            "id",
            "programme",
            "intervention",
            "organisation",
            "name",
            "brings",
            "agreement",
            "starts_on",
            "ends_on",
            "version",
        )


class PartnerChanges(BecauseBody):
    """What may be said of a partner."""

    organisation = serializers.UUIDField(required=False, allow_null=True)
    name = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="A body outside the directory, never a person.",
    )
    brings = serializers.CharField(required=False, max_length=300, help_text="What it gives or does.")
    agreement = serializers.UUIDField(
        required=False, allow_null=True, help_text="A contract in the programme's register."
    )
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)


class PartnerBody(PartnerChanges):
    """A new partner."""

    intervention = serializers.UUIDField()
    brings = serializers.CharField(max_length=300, help_text="What it gives or does.")


class PartnerFilters(OfInterventionFilters):
    """Filters of partners."""

    organisation = django_filters.UUIDFilter(
        field_name="organisation__uuid", help_text="Where this organisation helps."
    )


class InterventionPartners(InProgrammeRead[InterventionPartner]):
    """Who helps with interventions."""

    what = "partner"
    serializer_class = PartnerShown
    filterset_class = PartnerFilters

    @command(may=EDIT, body=PartnerBody)
    def create(self, intervention: UUID, **given: Any) -> InterventionPartner:
        """Add a partner to an intervention; once that has begun, with a reason."""
        return partners.add(by=self.actor, intervention_uuid=intervention, **given)

    @command(may=EDIT, body=PartnerChanges, versioned=True)
    def partial_update(
        self, key: UUID, version: int, reason: str = "", **changes: Any
    ) -> InterventionPartner:
        """Change what is said of a partner, and say why."""
        return partners.edit(by=self.actor, partner_uuid=key, version=version, reason=reason, **changes)

    @command(may=EDIT, body=PutDownBody)
    def remove(self, key: UUID, **why: Any) -> None:
        """Take a partner away, and say why. Where the partnership ended, rather say its last day."""
        partners.remove(by=self.actor, partner_uuid=key, **why)
