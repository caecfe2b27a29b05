"""Rankings: who put which needs in which order, by which method, and why. Each is kept, none is changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover import access
from handover.api.commands import command, reading
from handover.api.problems import RULE
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Amount, Body, Shown
from handover.canonical import decimal_text
from handover.permissions import Permission
from interventions.actions import rankings
from interventions.actions.rankings import Cast, Order
from interventions.api import limits
from interventions.api.asked import ProgrammeAsked
from interventions.api.lists import rows
from interventions.models import Ballot, BallotLine, Method, RankedBy, RankedNeed, Ranking
from interventions.queries.rankings import Comparison, comparison


class RankedNeedShown(Shown[RankedNeed]):
    """A need's place in a ranking."""

    class Meta:
        model = RankedNeed
        fields = ("need", "position", "score")


class BallotLineShown(Shown[BallotLine]):
    """What a ballot says of one need: its place, or its votes or points."""

    class Meta:
        model = BallotLine
        fields = ("need", "value")


class BallotShown(Shown[Ballot]):
    """Ballots that say the same, or one count. Nobody is named."""

    lines = BallotLineShown(many=True, read_only=True)

    class Meta:
        model = Ballot
        fields = ("number", "voters", "group", "lines")


class RankingShown(Shown[Ranking]):
    """A ranking of some needs on one day, with its places and its ballots."""

    places = RankedNeedShown(many=True, read_only=True)
    ballots = BallotShown(many=True, read_only=True)

    class Meta:
        model = Ranking
        fields = (
            "id",
            "programme",
            "ranked_by",
            "method",
            "consultation",
            "held_on",
            "reason",
            "voters",
            "applied",
            "organisation",
            "recorded_at",
            "places",
            "ballots",
        )


UUID_SCHEMA = {"type": "string", "format": "uuid"}


@extend_schema_field(
    {
        "type": "array",
        "items": {"oneOf": [UUID_SCHEMA, {"type": "array", "items": UUID_SCHEMA, "minItems": 1}]},
    }
)
class OrderField(serializers.Field[Any, Any, Any, Any]):
    """Needs, most urgent first; those in a list of their own share a place."""

    def to_internal_value(self, data: Any) -> Order:
        """Read UUIDs and lists of UUIDs."""
        if not isinstance(data, list) or len(data) > limits.MANY:
            raise serializers.ValidationError(f"Write a list of at most {limits.MANY} needs.")
        return [
            [_uuid(key) for key in item] if isinstance(item, list) and item else _uuid(item) for item in data
        ]

    def to_representation(self, value: Any) -> Any:
        """Give it as it is."""
        return value


def _uuid(key: Any) -> UUID:
    try:
        return UUID(key) if isinstance(key, str) and len(key) <= 45 else UUID("")
    except ValueError:
        raise serializers.ValidationError("Each need is named by its UUID.") from None


class NeedCountBody(Body):
    """What a need got."""

    need = serializers.UUIDField()
    value = Amount(max_digits=14, decimal_places=4)


class BallotBody(Body):
    """Ballots that say the same, or the hands, votes or points of one group: an order, or counts."""

    order = OrderField(required=False, help_text="For the method `order`.")
    counts = rows(NeedCountBody, required=False, help_text="For the other methods.")
    voters = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=limits.COUNT,
        help_text="How many people cast them; 1 if left out.",
    )
    group = serializers.CharField(
        required=False, allow_blank=True, max_length=120, help_text="For example: women, young people."
    )

    def validate_counts(self, rows: Sequence[Mapping[str, Any]]) -> dict[UUID, int | Decimal]:
        """Give counts by need.

        Raises:
            ValidationError: a need is named twice.
        """
        if len({row["need"] for row in rows}) != len(rows):
            raise serializers.ValidationError("A need is named twice.", code=RULE)
        return {row["need"]: _whole(row["value"]) for row in rows}


def _whole(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


class RankingBody(Body):
    """A ranking that was held."""

    programme = serializers.UUIDField()
    ranked_by = serializers.ChoiceField(choices=RankedBy.choices)
    method = serializers.ChoiceField(choices=Method.choices)
    held_on = serializers.DateField()
    needs = OrderField(
        required=False,
        help_text="For the method `agreed` the order itself; for the others all that was put to the vote.",
    )
    ballots = rows(
        BallotBody,
        required=False,
    )
    consultation = serializers.UUIDField(required=False, allow_null=True)
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=limits.TEXT,
        help_text="Needed where this side ranked one of these needs before.",
    )
    voters = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=limits.COUNT,
        help_text="How many took part; as many as cast the ballots if left out.",
    )
    apply = serializers.BooleanField(
        required=False,
        help_text="Also put the needs in this order in the hierarchy; asks for changing the needs.",
    )


class RankingFilters(InProgrammeFilters):
    """Filters of rankings."""

    ranked_by = django_filters.ChoiceFilter(choices=RankedBy.choices, help_text="Whose it is.")
    need = django_filters.UUIDFilter(field_name="places__need__uuid", help_text="With this need.")
    consultation = django_filters.UUIDFilter(
        field_name="consultation__uuid", help_text="Held at this consultation."
    )


class RankingLineShown(serializers.Serializer[Any]):
    """A need that both sides ranked, and its places among those that both did."""

    need = serializers.UUIDField(source="need.uuid")
    community = serializers.IntegerField()
    professionals = serializers.IntegerField()
    difference = serializers.IntegerField(help_text="Above 0 where the community holds it more urgent.")


class RankingComparisonShown(serializers.Serializer[Any]):
    """The community's latest ranking beside the professionals': where they agree, the largest disagreement first."""

    community = serializers.UUIDField(source="community.uuid")
    professionals = serializers.UUIDField(source="professionals.uuid")
    lines = RankingLineShown(many=True)
    community_alone = serializers.SerializerMethodField()
    professionals_alone = serializers.SerializerMethodField()
    pairs = serializers.IntegerField(help_text="Pairs of needs that both ranked.")
    concordant = serializers.IntegerField(help_text="Pairs that both put in the same order.")
    discordant = serializers.IntegerField(help_text="Pairs that they put the other way round.")
    tau = serializers.SerializerMethodField(
        help_text="Kendall's rank correlation (tau-a), to four places: 1 the same order, -1 the opposite one."
    )

    @extend_schema_field({"type": "array", "items": UUID_SCHEMA})
    def get_community_alone(self, found: Comparison) -> list[str]:
        """Give the needs that the community alone ranked."""
        return [str(need.uuid) for need in found.community_alone]

    @extend_schema_field({"type": "array", "items": UUID_SCHEMA})
    def get_professionals_alone(self, found: Comparison) -> list[str]:
        """Give the needs that the professionals alone ranked."""
        return [str(need.uuid) for need in found.professionals_alone]

    @extend_schema_field({"type": "string", "format": "decimal"})
    def get_tau(self, found: Comparison) -> str:
        """Give the correlation as text."""
        return decimal_text(round(Decimal(found.tau.numerator) / found.tau.denominator, 4))


class Rankings(InProgrammeRead[Ranking]):
    """Rankings of needs by the community and by professionals."""

    what = "ranking"
    serializer_class = RankingShown
    filterset_class = RankingFilters
    ordering_fields = ("held_on", "recorded_at")

    def rows(self) -> QuerySet[Ranking]:
        """Give the rankings of the programmes that the actor may view, with places and ballots."""
        return super().rows().prefetch_related("places__need", "ballots__lines__need")

    @command(may=Permission.RECORD_VOICE, body=RankingBody)
    def create(
        self,
        programme: UUID,
        held_on: dt.date,
        ranked_by: str,
        method: str,
        ballots: Sequence[Mapping[str, Any]] = (),
        **given: Any,
    ) -> Ranking:
        """Record a ranking, with its ballots. The professionals' asks for changing the needs, the community's for
        recording its voice."""
        return rankings.hold(
            by=self.actor,
            programme_uuid=programme,
            held_on=held_on,
            ranked_by=ranked_by,
            method=method,
            ballots=[Cast(**ballot) for ballot in ballots],
            **given,
        )

    @reading(
        may=Permission.VIEW,
        answers=RankingComparisonShown,
        detail=False,
        parameters=ProgrammeAsked,
        may_be_nothing=True,
    )
    def comparison(self, programme: UUID) -> Comparison | None:
        """Set the community's latest ranking beside the professionals'. Empty where they ranked nothing in common."""
        return comparison(access.programme_for(self.actor, programme, may=Permission.VIEW))
