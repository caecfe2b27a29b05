"""Reorganisations: authorities merge or split by a plan that all parties sign; and the lineage of places."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover.actions import reorganisations, successions
from handover.api.commands import command, reading
from handover.api.documents import DigestedShown, DocumentShown, GateShown
from handover.api.resources import Filters, Read
from handover.api.serializers import Body, Shown
from handover.errors import NotFound
from handover.models import PlaceLineage, Reorganisation, ReorganisationPart, ReorganisationSignOff
from handover.models.reorganisations import PartySide, ReorganisationState
from handover.models.signoffs import Decision
from handover.permissions import Scope
from handover.queries import reorganisations as reads
from handover.queries.reorganisations import Plan

WRONG = (
    "unknown_organisation",
    "not_a_party",
    "nothing_changes",
    "unknown_place",
    "wrong_share",
    "shares_not_one",
)


class ReorganisationShown(Shown[Reorganisation]):
    """A merger or a split: the act, its first day, and how far it is."""

    class Meta:
        model = Reorganisation
        fields = (
            "id", "title", "legal_act", "effective_on", "opened_by", "state", "executed_at", "digest", "proof_digest",
            "version",
        )  # fmt: skip


class BecameBody(Body):
    """What a place became: both by country and code, with the share that went there."""

    former = serializers.CharField(max_length=50, help_text="RO:123456.")
    successor = serializers.CharField(max_length=50)
    share = serializers.CharField(
        max_length=30, required=False, help_text="1, 2/3, 0.25 or 25%; 1 if not said."
    )


class DrawUpBody(Body):
    """Who merges or splits, by which act, from which day on."""

    title = serializers.CharField(max_length=300)
    legal_act = serializers.CharField(max_length=300)
    effective_on = serializers.DateField()
    predecessors = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=100)
    successors = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=100)
    heard = serializers.ListField(child=serializers.UUIDField(), max_length=1000, required=False)
    places = BecameBody(many=True, required=False)


class ReorganisationChanges(Body):
    """What may be changed of it; signatures lose what they were given for."""

    title = serializers.CharField(max_length=300, required=False)
    legal_act = serializers.CharField(max_length=300, required=False)
    effective_on = serializers.DateField(required=False)
    places = BecameBody(many=True, required=False)


class GoingBody(Body):
    """That one thing goes to one successor."""

    thing = serializers.UUIDField()
    to = serializers.UUIDField()


class SeatGoingBody(Body):
    """That somebody goes to a successor; without one their seat ends."""

    thing = serializers.UUIDField()
    to = serializers.UUIDField(allow_null=True)


class StateBody(Body):
    """To which successor everything goes that the caller's organisation answers for."""

    rest = serializers.UUIDField(
        required=False,
        help_text="Where everything goes that is not named; needed if there are several successors.",
    )
    programmes = GoingBody(many=True, required=False)
    responsibilities = GoingBody(many=True, required=False)
    people = SeatGoingBody(many=True, required=False)
    bodies = GoingBody(many=True, required=False)


class PartyWordBody(Body):
    """What the caller's organisation says to the plan that was read."""

    digest = serializers.CharField(max_length=64, help_text="Of the plan that was read.")
    decision = serializers.ChoiceField(choices=Decision.choices, default=Decision.AGREES.value)
    remark = serializers.CharField(max_length=10_000, required=False, allow_blank=True)


class WhyBody(Body):
    """Why."""

    reason = serializers.CharField(max_length=1000)


class ReorganisationPartShown(Shown[ReorganisationPart]):
    """What one predecessor stated: programmes, people and bodies, each with the successor to which it goes."""

    class Meta:
        model = ReorganisationPart
        fields = ("id", "predecessor", "stated_by_name", "stated_at", "version")


class PartyWordShown(Shown[ReorganisationSignOff]):
    """What one party said, and to which plan."""

    class Meta:
        model = ReorganisationSignOff
        fields = ("id", "party", "signatory", "decision", "remark", "digest", "signed_at")


class PartySides(serializers.Serializer[Plan]):
    """Who stands on which side."""

    predecessors = serializers.SerializerMethodField()
    successors = serializers.SerializerMethodField()
    heard = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_predecessors(self, plan: Plan) -> list[str]:
        """Who answers before."""
        return [str(row.uuid) for row in plan.on(PartySide.PREDECESSOR)]

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_successors(self, plan: Plan) -> list[str]:
        """Who answers after."""
        return [str(row.uuid) for row in plan.on(PartySide.SUCCESSOR)]

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_heard(self, plan: Plan) -> list[str]:
        """Who is asked and decides nothing."""
        return [str(row.uuid) for row in plan.on(PartySide.HEARD)]


class ReorganisationPlanShown(PartySides):
    """The whole plan, with the digest that is signed. Names of people are told to those who decide."""

    digest = serializers.CharField(read_only=True)
    places = serializers.SerializerMethodField()
    parts = serializers.SerializerMethodField()
    words = PartyWordShown(source="signoffs", many=True, read_only=True)
    gates = serializers.SerializerMethodField(help_text="What is in the way, as far as a party sees it.")

    @extend_schema_field(DocumentShown)
    def get_places(self, plan: Plan) -> Any:
        """What becomes of places, by their UUIDs."""
        return plan.reorganisation.places

    @extend_schema_field(DocumentShown)
    def get_parts(self, plan: Plan) -> Any:
        """What each predecessor stated."""
        actor = self.context["view"].actor
        decides = actor.organisation in plan.deciding()
        return [
            {
                "predecessor": str(part.predecessor.uuid),
                "stated_at": part.stated_at.isoformat(),
                **_told(part, decides),
            }
            for part in plan.parts
        ]

    @extend_schema_field(GateShown(many=True))
    def get_gates(self, plan: Plan) -> Any:
        """Name each, as a refusal does."""
        if plan.reorganisation.state != ReorganisationState.OPEN:
            return []
        return [gate.as_json() for gate in reads.gates(plan)]


def _told(part: ReorganisationPart, decides: bool) -> dict[str, Any]:
    told: dict[str, Any] = reads.told_part(part) if decides else part.plan
    return told if decides else {name: value for name, value in told.items() if name != "people"}


class ReorganisationFilters(Filters):
    """Filters of reorganisations."""

    state = django_filters.ChoiceFilter(choices=ReorganisationState.choices, help_text="In this state.")


class Reorganisations(Read[Reorganisation]):
    """Mergers and splits: those that the caller's organisation takes part in, and whatever was executed."""

    what = "reorganisation"
    reads: ClassVar = Scope.READ
    serializer_class = ReorganisationShown
    filterset_class = ReorganisationFilters
    ordering_fields = ("effective_on", "title")

    def rows(self) -> QuerySet[Reorganisation]:
        """Give what the caller sees: the database keeps the rest."""
        return reads.seen(self.actor)

    @reading(may=Scope.READ, answers=ReorganisationPlanShown)
    def plan(self, key: UUID) -> Plan:
        """Give the plan to its parties: sides, parts, words, and what is in the way."""
        return self._plan(key)

    @reading(may=Scope.READ, answers=DigestedShown)
    def proof(self, key: UUID) -> dict[str, Any]:
        """Give its parties the proof of one that was executed: what moved, and that nothing else changed."""
        plan = self._plan(key)
        row = plan.reorganisation
        if not row.proof:
            raise NotFound("proof")
        return {
            "digest": row.proof_digest,
            "document": row.proof,
            "names": reads.names_of_proof(plan, self.actor),
        }

    def _plan(self, key: UUID) -> Plan:
        plan = reads.read(self.find(key))
        if all(row.party_id != self.actor.organisation.pk for row in plan.parties):
            raise NotFound("plan")
        return plan

    @command(may=Scope.ORGANISATION, body=DrawUpBody, codes=WRONG)
    def create(self, **given: Any) -> Reorganisation:
        """Draw up a merger or a split. Its parties see it from now on."""
        return reorganisations.draw_up(by=self.actor, **given)

    @command(
        may=Scope.ORGANISATION, body=ReorganisationChanges, versioned=True, codes=("reorganisation_over",)
    )
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Reorganisation:
        """Change what is said of it."""
        return reorganisations.change(by=self.actor, reorganisation_uuid=key, version=version, **changes)

    @command(
        may=Scope.ORGANISATION,
        body=StateBody,
        answers=ReorganisationPartShown,
        codes=("goes_nowhere", "not_a_successor"),
    )
    def state(self, key: UUID, rest: UUID | None = None, **goes: list[dict[str, UUID]]) -> ReorganisationPart:
        """State what the caller's organisation answers for, and to which successor each thing goes."""
        named: dict[str, Any] = {
            name: {item["thing"]: item["to"] for item in things} for name, things in goes.items()
        }
        return reorganisations.state(by=self.actor, reorganisation_uuid=key, rest=rest, **named)

    @command(
        may=Scope.SIGN,
        body=PartyWordBody,
        answers=PartyWordShown,
        codes=("plan_changed", "signed_already", "both_sides"),
    )
    def sign(self, key: UUID, digest: str, decision: str, remark: str = "") -> ReorganisationSignOff:
        """Sign the plan for the caller's organisation, or say its word as one that is heard."""
        return reorganisations.sign(
            by=self.actor,
            reorganisation_uuid=key,
            digest=digest,
            decision=Decision(decision),
            remark=remark,
        )

    @command(may=Scope.ORGANISATION, body=WhyBody, versioned=True, codes=("reorganisation_over",))
    def withdraw(self, key: UUID, version: int, reason: str) -> Reorganisation:
        """Withdraw one that was not executed."""
        return reorganisations.withdraw(
            by=self.actor, reorganisation_uuid=key, version=version, reason=reason
        )

    @command(may=Scope.ORGANISATION, codes=("gates_unmet", "reorganisation_over", "not_a_successor"))
    def execute(self, key: UUID) -> Reorganisation:
        """Carry it out: everything that was stated goes to the successors, in one step or not at all."""
        return successions.execute(by=self.actor, reorganisation_uuid=key)


class PlaceLineageShown(Shown[PlaceLineage]):
    """That a place became another one, or which share of it did."""

    class Meta:
        model = PlaceLineage
        fields = ("id", "former", "successor", "on", "numerator", "denominator", "source")


class PlaceLineageFilters(Filters):
    """Filters of the lineage of places."""

    former = django_filters.UUIDFilter(field_name="former__uuid", help_text="What this place became.")
    successor = django_filters.UUIDFilter(field_name="successor__uuid", help_text="What became this place.")


class PlaceLineages(Read[PlaceLineage]):
    """What became of places, for everybody."""

    what = "lineage"
    reads: ClassVar = Scope.READ
    serializer_class = PlaceLineageShown
    filterset_class = PlaceLineageFilters
    ordering_fields = ("on",)

    def rows(self) -> QuerySet[PlaceLineage]:
        """Give all: places are shared."""
        return PlaceLineage.objects.order_by("id")
