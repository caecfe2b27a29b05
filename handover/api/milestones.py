"""Transfer milestones: dated steps of a plan, with evidence and sign-offs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover import access
from handover.actions import milestones, score_gates
from handover.api import named
from handover.api.commands import command, reading
from handover.api.documents import GateShown
from handover.api.proofs import OfTransferFilters
from handover.api.resources import InProgrammeRead
from handover.api.serializers import Body, Shown
from handover.api.signoffs import SignOffShown
from handover.errors import NotFound
from handover.models import LegalAct, Responsibility, SignOff, Transfer, TransferMilestone
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.models.signoffs import Decision
from handover.permissions import Permission
from handover.queries.gates import moving_gates
from handover.queries.plans import milestone_digest
from handover.queries.signoffs import missing_sides

MANY = 200


class MilestoneShown(Shown[TransferMilestone]):
    """A step of a transfer: who signs it, what it waits for, what it moves, and since when it is done."""

    signs = serializers.ListField(child=serializers.ChoiceField(choices=Side.choices), read_only=True)
    waits_for = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField(help_text="The responsibilities that move with it.")

    class Meta:
        model = TransferMilestone
        fields = (
            "id",
            "programme",
            "transfer",
            "kind",
            "title",
            "due_on",
            "evidence_required",
            "signs",
            "legal_act",
            "waits_for",
            "moves",
            "quorum",
            "on_dissent",
            "done_at",
            "version",
        )

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_waits_for(self, row: TransferMilestone) -> list[str]:
        """Give the milestones that come first."""
        return sorted(str(item.waits_for.uuid) for item in row.dependencies.all())

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_moves(self, row: TransferMilestone) -> list[str]:
        """Give them by their UUIDs."""
        return sorted(str(item.responsibility.uuid) for item in row.moves.all())


class WaitingShown(serializers.Serializer[Any]):
    """What a milestone waits for before it can be signed, and which sides have not signed it as it stands."""

    waiting = GateShown(many=True, read_only=True)
    missing = serializers.ListField(child=serializers.ChoiceField(choices=Side.choices), read_only=True)
    digest = serializers.CharField(read_only=True, help_text="SHA-256 of what a signature binds now.")


class VoteRules(Body):
    """Whether the community votes, and what happens on dissent."""

    quorum = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=milestones.LARGEST_QUORUM
    )
    on_dissent = serializers.ChoiceField(choices=OnDissent.choices, required=False, allow_blank=True)


class MilestoneBody(VoteRules):
    """What a milestone is planned with."""

    transfer = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=MilestoneKind.choices)
    title = serializers.CharField(max_length=300)
    due_on = serializers.DateField()
    signs = serializers.ListField(
        child=serializers.ChoiceField(choices=Side.choices), min_length=1, max_length=4
    )
    evidence_required = serializers.BooleanField(required=False)
    legal_act = serializers.UUIDField(required=False, allow_null=True)
    waits_for = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MANY)
    moves = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MANY)


class AskCommunityBody(Body):
    """How many must vote, and what happens on dissent."""

    quorum = serializers.IntegerField(allow_null=True, min_value=1, max_value=milestones.LARGEST_QUORUM)
    on_dissent = serializers.ChoiceField(choices=OnDissent.choices, allow_blank=True)


class PostponeBody(Body):
    """When it is due."""

    due_on = serializers.DateField()


class RestBody(Body):
    """On which act it rests."""

    legal_act = serializers.UUIDField()


class SignBody(Body):
    """What the signature says; a dissent or an objection needs words."""

    decision = serializers.ChoiceField(choices=Decision.choices, required=False)
    remark = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class ProposalBody(Body):
    """A proposed milestone to put into the plan, as it is proposed or with changes."""

    transfer = serializers.UUIDField()
    key = serializers.CharField(max_length=250, help_text="As the transfer's `proposals` tell it.")
    due_on = serializers.DateField(required=False)
    title = serializers.CharField(required=False, max_length=300)
    signs = serializers.ListField(
        child=serializers.ChoiceField(choices=Side.choices), required=False, min_length=1, max_length=4
    )
    lang = serializers.ChoiceField(choices=("en", "ro", "lt"), required=False)


class MilestoneFilters(OfTransferFilters):
    """Filters of milestones."""

    kind = django_filters.ChoiceFilter(choices=MilestoneKind.choices, help_text="Of this kind.")
    done = django_filters.BooleanFilter(
        field_name="done_at", lookup_expr="isnull", exclude=True, help_text="Those that are done, or not."
    )


class Milestones(InProgrammeRead[TransferMilestone]):
    """Steps of transfers. A step is done when its evidence is there and every side that must sign has signed."""

    what = "transfer milestone"
    serializer_class = MilestoneShown
    filterset_class = MilestoneFilters
    ordering_fields = ("due_on", "title")

    def rows(self) -> QuerySet[TransferMilestone]:
        """Give them with what they wait for and what they move."""
        return super().rows().prefetch_related("dependencies__waits_for", "moves__responsibility")

    @command(may=Permission.PLAN_TRANSFER, body=MilestoneBody, codes=("moves_twice", "on_dissent_missing"))
    def create(self, transfer: UUID, **given: Any) -> TransferMilestone:
        """Put a milestone into a plan: who signs it, what it waits for, which responsibilities it moves."""
        programme = self._programme_of(transfer)
        for name, kind in (("waits_for", TransferMilestone), ("moves", Responsibility)):
            keys: list[UUID] = list(dict.fromkeys(given.get(name, ())))
            given[name] = [named.in_programme(kind, programme, key, field=name) for key in keys]
        act = given.pop("legal_act", None)
        if act is not None:
            given["legal_act"] = named.in_programme(LegalAct, programme, act, field="legal_act")
        return milestones.plan(by=self.actor, transfer_uuid=transfer, **given)

    @command(
        may=Permission.PLAN_TRANSFER, body=ProposalBody, detail=False, status=201, codes=("unknown_proposal",)
    )
    def accept_proposal(self, transfer: UUID, **given: Any) -> TransferMilestone:
        """Put a milestone into the plan that an agreed readiness gap proposed; the ledger keeps why."""
        return score_gates.accept_proposal(by=self.actor, transfer_uuid=transfer, **given)

    @command(may=Permission.PLAN_TRANSFER, body=AskCommunityBody, versioned=True)
    def ask_community(
        self, key: UUID, version: int, quorum: int | None, on_dissent: str
    ) -> TransferMilestone:
        """Say how many must vote on a milestone, and what happens on dissent."""
        return milestones.ask_community(
            by=self.actor, milestone_uuid=key, version=version, quorum=quorum, on_dissent=on_dissent
        )

    @command(may=Permission.PLAN_TRANSFER, body=PostponeBody, versioned=True)
    def postpone(self, key: UUID, version: int, **given: Any) -> TransferMilestone:
        """Change the day on which a milestone of a plan that is being drawn up is due."""
        return milestones.postpone(by=self.actor, milestone_uuid=key, version=version, **given)

    @command(may=Permission.ADD_EVIDENCE, body=RestBody, versioned=True, codes=("milestone_done",))
    def rest_on(self, key: UUID, version: int, legal_act: UUID) -> TransferMilestone:
        """Say on which legal act a milestone rests. Signatures given before are void: they did not see it."""
        act = named.in_programme(LegalAct, self.find(key).programme_id, legal_act, field="legal_act")
        return milestones.rest_on(by=self.actor, milestone_uuid=key, version=version, legal_act=act)

    @command(
        may=Permission.SIGN,
        body=SignBody,
        answers=SignOffShown,
        status=201,
        codes=("cannot_start", "wrong_state", "not_asked", "both_sides", "remark_missing"),
    )
    def sign(self, key: UUID, **given: Any) -> SignOff:
        """Sign a milestone for the caller's side, or object to it. The last signature that was missing completes it."""
        return milestones.sign(by=self.actor, milestone_uuid=key, **given)

    @reading(may=Permission.VIEW, answers=WaitingShown)
    def waiting(self, key: UUID) -> dict[str, Any]:
        """Tell what keeps a milestone from being signed, and which sides are missing; nothing once it is done."""
        found = self.find(key)
        signed = milestone_digest(found)
        if found.done_at is not None:
            return {"waiting": [], "missing": [], "digest": signed}
        return {
            "waiting": [*milestones.waiting(found), *moving_gates(found)],
            "missing": missing_sides(found.signoffs.all(), signed, found.signs),
            "digest": signed,
        }

    def _programme_of(self, transfer: UUID) -> int:
        """Give the key of a transfer's programme, where the actor may read it."""
        reached = Transfer.objects.filter(programme__in=self._programmes(), uuid=transfer)
        found = reached.values_list("programme_id", flat=True).first()
        if found is None:
            raise NotFound("transfer")
        return int(found)

    def _programmes(self) -> frozenset[int]:
        return access.programme_ids(self.actor, may=Permission.VIEW)
