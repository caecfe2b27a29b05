"""Registers: posts, equipment, premises, licences, contracts and budget lines of responsibilities."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.actions import budgets, posts, registers
from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Amount, Body, Columns, Shown
from handover.models import (
    BudgetLine,
    Contract,
    Equipment,
    Licence,
    Post,
    PostFunding,
    Premises,
)
from handover.models.budgets import BudgetStage
from handover.models.registers import Register
from handover.permissions import Permission

EDIT: Final = Permission.EDIT_RESPONSIBILITY
COMMON: Final = ("title", "legal_act")
TOLD: Final = ("id", "programme", "responsibility")


class RegisterFilters(InProgrammeFilters):
    """Filters of lines of a register."""

    responsibility = django_filters.UUIDFilter(
        field_name="responsibility__uuid", help_text="Of this responsibility alone."
    )


class Lines(InProgrammeRead[Register]):
    """Lines of one register."""

    register: ClassVar[type[Register]]
    filterset_class = RegisterFilters
    ordering_fields = ("title",)


class PostShown(Shown[Post]):
    """A post. It says nothing of who fills it."""

    class Meta:
        model = Post
        columns = (
            *COMMON,
            "fte",
            "funded_by",
            "starts_on",
            "ends_on",
            "number",
            "employer",
            "qualification",
            "yearly_cost",
            "currency",
            "stage",
            "filled_by",
        )
        fields = (*TOLD, *columns, "version")


class EquipmentShown(Shown[Equipment]):
    """An inventory item."""

    class Meta:
        model = Equipment
        columns = (
            *COMMON,
            "serial",
            "acquired_on",
            "cost",
            "currency",
            "condition",
            "inventory_number",
            "grant",
            "funding_share",
            "book_value",
            "book_value_on",
            "owner",
            "title_of_transfer",
            "custodian",
            "place",
            "no_disposal_before",
            "proof",
        )
        fields = (*TOLD, *columns, "version")


class PremisesShown(Shown[Premises]):
    """Rooms or land in which the work is done."""

    class Meta:
        model = Premises
        columns = (
            *COMMON,
            "address",
            "place",
            "area",
            "owner",
            "owner_name",
            "held_by",
            "title_of_transfer",
            "contract",
            "valid_from",
            "valid_to",
        )
        fields = (*TOLD, *columns, "version")


class LicenceShown(Shown[Licence]):
    """A licence or accreditation."""

    class Meta:
        model = Licence
        columns = (
            *COMMON,
            "authority",
            "number",
            "valid_from",
            "valid_to",
            "kind",
            "provider",
            "service",
        )
        fields = (*TOLD, *columns, "version")


class ContractShown(Shown[Contract]):
    """A contract or lease with a third party."""

    class Meta:
        model = Contract
        columns = (
            *COMMON,
            "counterparty",
            "number",
            "valid_from",
            "valid_to",
            "amount",
            "currency",
            "kind",
            "may_be_novated",
        )
        fields = (*TOLD, *columns, "version")


class BudgetLineShown(Shown[BudgetLine]):
    """What a responsibility costs in one calendar year, and who pays it."""

    class Meta:
        model = BudgetLine
        columns = (
            *COMMON,
            "year",
            "source",
            "amount",
            "currency",
            "stage",
            "classification",
            "decided_on",
        )
        fields = (*TOLD, *columns, "version")


class PostFundingShown(Shown[PostFunding]):
    """Who pays which share of a post on which days."""

    class Meta:
        model = PostFunding
        fields = ("id", "programme", "post", "source", "share", "starts_on", "ends_on", "note", "version")


class FundingBody(Columns[PostFunding]):
    """Who pays which share (per cent) of a post on which days."""

    class Meta:
        model = PostFunding
        fields = ("source", "share", "starts_on", "ends_on", "note")


class StageBody(Body):
    """The next stage of a budget line; what is not said stands as it did."""

    stage = serializers.ChoiceField(choices=BudgetStage.choices)
    amount = Amount(max_digits=14, decimal_places=2, required=False, allow_null=True)
    currency = serializers.CharField(max_length=3, required=False)
    decided_on = serializers.DateField(required=False, allow_null=True)
    legal_act = serializers.UUIDField(required=False, allow_null=True)


def _resource(shown: Any, noun: str, plural: str) -> type[Lines]:
    """Make the resource of one register: a list, rows, entering and editing, each field by its name."""
    model: type[Register] = shown.Meta.model
    register, name = model, model.__name__

    class Line(Columns[Register]):
        responsibility = serializers.UUIDField(help_text="The responsibility that it hangs on.")

        class Meta:
            model = register
            fields = ("responsibility", *shown.Meta.columns)

    class Change(Columns[Register]):
        reason = serializers.CharField(
            required=False, max_length=1000, help_text="Why; where a stage goes back."
        )

        class Meta:
            model = register
            fields = (*shown.Meta.columns, "reason")

    for kind, ending in ((Line, "Body"), (Change, "Changes")):
        kind.__name__ = kind.__qualname__ = f"{name}{ending}"
        kind.__doc__ = f"What is said of {noun}."

    class Resource(Lines):
        what = str(model._meta.verbose_name)
        register = model
        serializer_class = shown

        @command(may=EDIT, body=Line)
        def create(self, responsibility: UUID, **given: Any) -> Register:
            return registers.enter(by=self.actor, register=model, responsibility_uuid=responsibility, **given)

        @command(may=EDIT, body=Change, versioned=True)
        def partial_update(self, key: UUID, version: int, reason: str = "", **changes: Any) -> Register:
            return registers.edit(
                by=self.actor, register=model, line_uuid=key, version=version, reason=reason, **changes
            )

    Resource.create.__doc__ = f"Enter {noun} of a responsibility. Its holder may."
    Resource.partial_update.__doc__ = (
        f"Change {noun}. Its holder may; the ledger keeps what stood there before."
    )
    Resource.__name__ = Resource.__qualname__ = plural
    Resource.__doc__ = (shown.__doc__ or "").strip()
    return Resource


EquipmentLines = _resource(EquipmentShown, "an inventory item", "EquipmentLines")
PremisesLines = _resource(PremisesShown, "premises", "PremisesLines")
Licences = _resource(LicenceShown, "a licence", "Licences")
Contracts = _resource(ContractShown, "a contract", "Contracts")


class Posts(_resource(PostShown, "a post", "PostLines")):  # type: ignore[misc]
    """A post. It says nothing of who fills it."""

    @command(may=EDIT, body=FundingBody, answers=PostFundingShown, status=201)
    def fund(self, key: UUID, **given: Any) -> PostFunding:
        """Say who pays which share of a post on which days."""
        return posts.fund(by=self.actor, post_uuid=key, **given)


class BudgetLines(_resource(BudgetLineShown, "a budget line", "BudgetLineLines")):  # type: ignore[misc]
    """What a responsibility costs in one calendar year, and who pays it."""

    @command(may=EDIT, body=StageBody, status=201)
    def stage(self, key: UUID, **given: Any) -> BudgetLine:
        """Enter the next stage of a budget line: a row of its own; the stages before stay."""
        return budgets.stage(by=self.actor, line_uuid=key, **given)


class FundingFilters(InProgrammeFilters):
    """Filters of post fundings."""

    post = django_filters.UUIDFilter(field_name="post__uuid", help_text="Of this post alone.")


class PostFundings(InProgrammeRead[PostFunding]):
    """Who pays which share of which post on which days."""

    what = "post funding"
    serializer_class = PostFundingShown
    filterset_class = FundingFilters
    ordering_fields = ("starts_on",)

    @command(may=EDIT, body=FundingBody, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> PostFunding:
        """Change who pays a post."""
        return posts.edit_funding(by=self.actor, funding_uuid=key, version=version, **changes)
