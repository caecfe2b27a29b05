"""Grants and legal acts: what pays for a programme, and what its posts, budgets and milestones rest on."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover.actions import registers
from handover.api import named
from handover.api.commands import command, reading
from handover.api.problems import RULE
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Columns, Shown
from handover.models import Grant, LegalAct
from handover.models.legal_acts import LegalActKind, LegalActStatus
from handover.models.obligations import Mark
from handover.permissions import Permission
from handover.queries import annex_xvii

AGREED = (
    "title",
    "donor",
    "lead",
    "agreement_number",
    "starts_on",
    "ends_on",
    "amount",
    "currency",
    "final_payment_on",
    "equipment_threshold",
    "equipment_conditions",
    "donor_consent_required",
)


class GrantShown(Shown[Grant]):
    """An agreement that funds a programme, with its partners."""

    expandable: ClassVar = {
        "donor": "handover.api.organisations.OrganisationShown",
        "lead": "handover.api.organisations.OrganisationShown",
    }
    partners = serializers.SerializerMethodField()

    class Meta:
        model = Grant
        fields = ("id", "programme", *AGREED, "partners", "version")

    def get_partners(self, row: Grant) -> list[str]:
        """Give the organisations that share it with its lead."""
        return sorted(str(partner.organisation.uuid) for partner in row.partners.all())


class GrantBody(Columns[Grant]):
    """What is said of a grant."""

    programme = serializers.UUIDField()
    partners = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100)

    class Meta:
        model = Grant
        fields = ("programme", *AGREED, "partners")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the dates against each other, and amounts against zero."""
        if attrs["ends_on"] < attrs["starts_on"]:
            raise serializers.ValidationError({"ends_on": ["The grant ends before it begins."]}, code=RULE)
        for name in ("amount", "equipment_threshold"):
            if (attrs.get(name) or 0) < 0:
                raise serializers.ValidationError({name: ["An amount cannot be below zero."]}, code=RULE)
        return attrs


class GrantChanges(Columns[Grant]):
    """What may be changed of a grant: never whose it is, nor its currency."""

    class Meta:
        model = Grant
        fields = registers.AGREED


class LanguageBody(Body):
    """In which language titles are told."""

    language = serializers.ChoiceField(choices=["en", "ro", "lt"], required=False)


class CompletenessShown(serializers.Serializer[Any]):
    """A group of fields of Annex XVII: whether it is held here, and what is missing of it."""

    numbers = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True)
    mark = serializers.ChoiceField(choices=[item.value for item in Mark], read_only=True)
    held = serializers.ChoiceField(choices=[item.value for item in annex_xvii.Held], read_only=True)
    missing = serializers.ListField(child=serializers.CharField(), read_only=True)


class Grants(InProgrammeRead[Grant]):
    """Agreements that fund programmes."""

    what = "grant"
    serializer_class = GrantShown
    ordering_fields = ("starts_on", "ends_on", "agreement_number")

    def rows(self) -> QuerySet[Grant]:
        """Give them with their partners."""
        return super().rows().prefetch_related("partners__organisation")

    @command(may=Permission.EDIT_PROGRAMME, body=GrantBody)
    def create(self, programme: UUID, donor: UUID, lead: UUID, partners: Any = (), **given: Any) -> Grant:
        """Add a grant to a programme, with its partners."""
        found = [named.organisation(key, field="partners") for key in dict.fromkeys(partners)]
        return registers.add_grant(
            by=self.actor,
            programme_uuid=programme,
            donor=named.organisation(donor, field="donor"),
            lead=named.organisation(lead, field="lead"),
            partners=found,
            **given,
        )

    @command(may=Permission.EDIT_PROGRAMME, body=GrantChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Grant:
        """Change a grant: most often, enter its final payment. Obligations that are counted from its days move with
        them."""
        return registers.edit_grant(by=self.actor, grant_uuid=key, version=version, **changes)

    @reading(
        may=Permission.VIEW, answers=CompletenessShown, many=True, parameters=LanguageBody, path="annex-xvii"
    )
    def annex_xvii(self, key: UUID, language: str = "en") -> list[dict[str, Any]]:
        """Say which data of Annex XVII (Regulation (EU) 2021/1060) are held of the operation, and what is missing."""
        return [
            {
                "numbers": row.group.numbers,
                "title": row.group.title(language),
                "mark": row.group.mark.value,
                "held": row.held.value,
                "missing": list(row.missing),
            }
            for row in annex_xvii.completeness(self.find(key))
        ]


CITED = ("issuer", "kind", "number", "title", "dated", "in_force_from", "in_force_to", "status")


class LegalActShown(Shown[LegalAct]):
    """An act of an organisation that others cite."""

    class Meta:
        model = LegalAct
        fields = ("id", "programme", *CITED, "version")


class LegalActBody(Columns[LegalAct]):
    """What is said of a legal act."""

    programme = serializers.UUIDField()

    class Meta:
        model = LegalAct
        fields = ("programme", *CITED)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the dates against each other."""
        first, last = attrs.get("in_force_from"), attrs.get("in_force_to")
        if first and last and last < first:
            raise serializers.ValidationError(
                {"in_force_to": ["The act ends before it is in force."]}, code=RULE
            )
        return attrs


class StatusBody(Body):
    """Where a legal act is now."""

    status = serializers.ChoiceField(choices=LegalActStatus.choices)


class LegalActFilters(InProgrammeFilters):
    """Filters of legal acts."""

    kind = django_filters.ChoiceFilter(choices=LegalActKind.choices, help_text="Of this kind.")
    status = django_filters.ChoiceFilter(choices=LegalActStatus.choices, help_text="In this status.")


class LegalActs(InProgrammeRead[LegalAct]):
    """Council decisions, orders, contracts, leases and licences that others cite."""

    what = "legal act"
    serializer_class = LegalActShown
    filterset_class = LegalActFilters
    ordering_fields = ("dated", "number")

    @command(may=Permission.ADD_EVIDENCE, body=LegalActBody)
    def create(self, programme: UUID, issuer: UUID, **given: Any) -> LegalAct:
        """Enter a legal act that posts, budgets, contracts and milestones may cite."""
        by = named.organisation(issuer, field="issuer")
        return registers.cite(by=self.actor, programme_uuid=programme, issuer=by, **given)

    @command(may=Permission.ADD_EVIDENCE, body=StatusBody, versioned=True)
    def restate(self, key: UUID, version: int, status: str) -> LegalAct:
        """Say where a legal act is now. Where it falls, what rests on it is flagged."""
        return registers.restate(by=self.actor, act=self.find(key), version=version, status=status)
