"""Responsibilities: the separable parts of a programme that organisations answer for."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover import clock
from handover.actions import permissions, responsibilities
from handover.api import named
from handover.api.commands import command
from handover.api.problems import RULE
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Columns, Reference, Shown
from handover.models import Responsibility, Tenure
from handover.models.responsibilities import Phase, ResponsibilityKind, ResponsibilityScope
from handover.permissions import Permission


class TenureShown(serializers.ModelSerializer[Tenure]):
    """A span of days during which an organisation holds, provides or owes a responsibility."""

    organisation = Reference()
    since = serializers.DateField(source="valid.lower", read_only=True, allow_null=True)
    until = serializers.DateField(
        source="valid.upper", read_only=True, allow_null=True, help_text="The first day after it."
    )

    class Meta:
        model = Tenure
        fields = ("capacity", "organisation", "since", "until", "transfer_uuid")


class ResponsibilityShown(Shown[Responsibility]):
    """A responsibility, with everybody who ever held, provided or owed it."""

    expandable: ClassVar = {"programme": "handover.api.programmes.ProgrammeShown"}
    tenures = serializers.SerializerMethodField()

    class Meta:
        model = Responsibility
        fields = (
            "id",
            "programme",
            "title",
            "kind",
            "scope",
            "place",
            "intervention_uuid",
            "phase",
            "description",
            "tenures",
            "version",
        )

    @extend_schema_field(TenureShown(many=True))
    def get_tenures(self, row: Responsibility) -> Any:
        """Give them in the order of days."""
        found = sorted(row.tenures.all(), key=lambda item: (item.valid.lower, item.pk))
        return TenureShown(found, many=True).data


class ResponsibilityBody(Body):
    """What a responsibility is defined with."""

    programme = serializers.UUIDField()
    title = serializers.CharField(max_length=300)
    kind = serializers.ChoiceField(choices=ResponsibilityKind.choices)
    holder = serializers.UUIDField(help_text="The organisation that answers for it.")
    provider = serializers.UUIDField(required=False, help_text="Who delivers it; the holder if not said.")
    debtor = serializers.UUIDField(required=False, help_text="Who stays answerable to the donor for it.")
    since = serializers.DateField(required=False)
    scope = serializers.ChoiceField(choices=ResponsibilityScope.choices, required=False)
    place = serializers.UUIDField(required=False)
    intervention_uuid = serializers.UUIDField(required=False)
    phase = serializers.ChoiceField(choices=Phase.choices, required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class ResponsibilityChanges(Columns[Responsibility]):
    """What may be changed of a responsibility; a handover alone changes its holder."""

    class Meta:
        model = Responsibility
        fields = ("title", "description", "phase", "intervention_uuid")


class ProviderBody(Body):
    """Who delivers a responsibility, from a day on."""

    provider = serializers.UUIDField()
    since = serializers.DateField(required=False)


class ExceptionBody(Body):
    """A permission for one person that their role does not bring."""

    user = serializers.UUIDField()
    organisation = serializers.UUIDField()
    permission = serializers.ChoiceField(choices=[(item.value, item.help) for item in Permission])
    reason = serializers.CharField(max_length=300)
    until = serializers.DateTimeField(required=False)

    def validate_until(self, value: dt.datetime) -> dt.datetime:
        """Refuse an end that has passed."""
        if value <= clock.now():
            raise serializers.ValidationError("The permission would end before it begins.", code=RULE)
        return value


class ResponsibilityFilters(InProgrammeFilters):
    """Filters of responsibilities."""

    kind = django_filters.ChoiceFilter(choices=ResponsibilityKind.choices, help_text="Of this kind.")


class Responsibilities(InProgrammeRead[Responsibility]):
    """The separable parts of programmes that organisations answer for."""

    what = "responsibility"
    serializer_class = ResponsibilityShown
    filterset_class = ResponsibilityFilters
    ordering_fields = ("title",)

    def rows(self) -> QuerySet[Responsibility]:
        """Give them with their tenures."""
        return super().rows().prefetch_related("tenures__organisation")

    @command(may=Permission.MANAGE_RESPONSIBILITIES, body=ResponsibilityBody)
    def create(self, programme: UUID, holder: UUID, **given: Any) -> Responsibility:
        """Define a responsibility, with who holds it, who delivers it and who owes the donor for it."""
        for name in ("provider", "debtor"):
            given[name] = named.optional(named.organisation, given.get(name), field=name)
        given["place"] = named.optional(named.place, given.get("place"))
        holding = named.organisation(holder, field="holder")
        return responsibilities.define(by=self.actor, programme_uuid=programme, holder=holding, **given)

    @command(may=Permission.EDIT_RESPONSIBILITY, body=ResponsibilityChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Responsibility:
        """Change a responsibility's title, description or phase. Its holder may."""
        return responsibilities.edit(by=self.actor, responsibility_uuid=key, version=version, **changes)

    @command(may=Permission.EDIT_RESPONSIBILITY, body=ProviderBody)
    def provide(self, key: UUID, provider: UUID, **given: Any) -> Responsibility:
        """Say who delivers a responsibility from a day on: its holder's own decision."""
        delivering = named.organisation(provider, field="provider")
        responsibilities.provide(by=self.actor, responsibility_uuid=key, provider=delivering, **given)
        return self.find(key)

    @command(may=Permission.MANAGE_STANDINGS, body=ExceptionBody, path="except-user")
    def except_user(
        self, key: UUID, user: UUID, organisation: UUID, permission: str, **given: Any
    ) -> Responsibility:
        """Give one person a permission on a responsibility that their role does not bring, with a reason."""
        found = self.find(key)
        permissions.except_user(
            by=self.actor,
            thing=found,
            user=named.user(self.actor, user),
            organisation=named.organisation(organisation),
            permission=Permission(permission),
            **given,
        )
        return found
