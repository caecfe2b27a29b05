"""How a transfer is told: where it is, between whom, what it moves, what the giver keeps."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import django_filters
from rest_framework import serializers

from handover.actions.giving_back import last_day
from handover.api.resources import InProgrammeFilters
from handover.api.serializers import Amount, Reference, Shown
from handover.api.signoffs import SignOffShown
from handover.models import Keep, Transfer, TransferResponsibility
from handover.models.milestones import MilestoneKind, Side
from handover.models.transfers import TransferState
from handover.permissions import Permission
from handover.queries.readiness_proposals import Proposal


class ItemShown(serializers.ModelSerializer[TransferResponsibility]):
    """A responsibility that a transfer moves, how the giver's part ends, and by which milestone it moves."""

    responsibility = Reference()
    provider_after = Reference(allow_null=True, help_text="Null: the receiver.")
    milestone = Reference(allow_null=True, help_text="Null: it moves when the transfer is executed.")

    class Meta:
        model = TransferResponsibility
        fields = ("responsibility", "phase", "provider_after", "moves_debtor", "milestone", "moved_at")
        read_only_fields = fields


class KeepShown(serializers.ModelSerializer[Keep]):
    """What the plan leaves to the giver, until when."""

    indicator_uuids = serializers.ListField(child=serializers.UUIDField(), read_only=True)

    class Meta:
        model = Keep
        fields = ("kind", "until", "indicator_uuids")
        read_only_fields = fields


class TransferShown(Shown[Transfer]):
    """A transfer: its state, its sides, what it moves, what the giver keeps."""

    expandable: ClassVar = {
        "programme": "handover.api.programmes.ProgrammeShown",
        "giver": "handover.api.organisations.OrganisationShown",
        "receiver": "handover.api.organisations.OrganisationShown",
    }
    items = ItemShown(many=True, read_only=True)
    keeps = KeepShown(many=True, read_only=True)
    give_back_until = serializers.SerializerMethodField(
        help_text="The last day on which it can be given back; null unless it is executed."
    )

    class Meta:
        model = Transfer
        fields = (
            "id",
            "programme",
            "title",
            "state",
            "giver",
            "receiver",
            "lead",
            "comment",
            "plan_digest",
            "retention_until",
            "give_back_days",
            "give_back_until",
            "executed_at",
            "reverses",
            "items",
            "keeps",
            "version",
        )

    def get_give_back_until(self, row: Transfer) -> dt.date | None:
        """Give it."""
        executed = row.state == TransferState.EXECUTED and row.reverses_id is None
        return last_day(row) if executed else None


class ExceptionShown(serializers.Serializer[Any]):
    """A single person's exception that a transfer touches."""

    exception = serializers.CharField(read_only=True, help_text="The key by which a plan maps it.")
    user = serializers.UUIDField(read_only=True)
    user_name = serializers.CharField(read_only=True)
    organisation = serializers.UUIDField(read_only=True)
    responsibility = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="Null: on the programme."
    )
    permission = serializers.ChoiceField(
        choices=[(item.value, item.help) for item in Permission], read_only=True
    )
    reason = serializers.CharField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True)
    mapped = serializers.BooleanField(read_only=True)
    to_user = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="To whom it goes; null where mapped: it is lost."
    )


class GivenBackShown(serializers.Serializer[Any]):
    """A signature under giving back and, once both sides have signed, what carried it out."""

    signoff = SignOffShown(read_only=True)
    reversal = serializers.UUIDField(
        read_only=True,
        allow_null=True,
        help_text="The transfer that reverses it; null: one side has not signed.",
    )
    proof = serializers.UUIDField(read_only=True, allow_null=True, help_text="The reversal's proof.")


class ProposalShown(serializers.Serializer[Proposal]):
    """A milestone that would close the gap of one domain of an instrument."""

    key = serializers.CharField(read_only=True, help_text="By which it is accepted.")
    kind = serializers.ChoiceField(choices=MilestoneKind.choices, read_only=True)
    title = serializers.CharField(read_only=True)
    due_on = serializers.DateField(read_only=True)
    signs = serializers.ListField(child=serializers.ChoiceField(choices=Side.choices), read_only=True)
    why = serializers.CharField(read_only=True)
    score = Amount(read_only=True)
    missing = Amount(read_only=True)


class TransferFilters(InProgrammeFilters):
    """Filters of transfers."""

    state = django_filters.ChoiceFilter(choices=TransferState.choices, help_text="In this state.")
    giver = django_filters.UUIDFilter(field_name="giver__uuid", help_text="From this organisation.")
    receiver = django_filters.UUIDFilter(field_name="receiver__uuid", help_text="To this organisation.")
    lead = django_filters.BooleanFilter(help_text="Those that move stewardship, or the others.")
