"""The catalogue of intervention models: found, read, compared, published, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from handover import holdings
from handover.api.commands import command, reading
from handover.api.resources import Filters, Read
from handover.api.serializers import Body, Shown, Texts
from handover.permissions import Permission, Scope
from interventions.actions import models
from interventions.api.lists import rows
from interventions.api.pieces import PieceChangeBody, by_piece, piece_list, pieces_named
from interventions.api.reasons import StatedReasonBody
from interventions.models import Field, InterventionModel, ModelVersion
from interventions.queries import catalogue
from interventions.queries.version_diff import PieceChange, between

NUMBERS: Final[dict[str, Any]] = {"min_value": 1, "max_value": 9999}
"""A version's number is one of these."""


class ModelShown(Shown[InterventionModel]):
    """A model in the catalogue; its publisher is empty where it ships with the toolkit."""

    expandable: ClassVar = {"organisation": "handover.api.organisations.OrganisationShown"}
    title = Texts(read_only=True)
    summary = Texts(read_only=True)

    class Meta:
        model = InterventionModel
        fields = ("id", "key", "title", "summary", "organisation", "created_at", "withdrawn_at", "version")


class ModelVersionShown(Shown[ModelVersion]):
    """One version of a model: licence, context, evidence, conditions."""

    context = Texts(read_only=True)  # type: ignore[assignment]
    evidence = Texts(read_only=True)
    conditions = Texts(read_only=True)
    changes = Texts(read_only=True)

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = (
            "id",
            "model",
            "number",
            "format",
            "digest",
            "licence",
            "context",
            "evidence",
            "conditions",
            "changes",
            "published_at",
        )


class ModelStructureShown(ModelVersionShown):
    """One version of a model with its whole structure: levels, needs, interventions, indicators and the rest."""

    document = serializers.JSONField(read_only=True)

    class Meta(ModelVersionShown.Meta):
        fields = (*ModelVersionShown.Meta.fields, "document")


class ModelVersionAsked(Body):
    """Which version."""

    number = serializers.IntegerField(required=False, **NUMBERS, help_text="The latest if left out.")


class ModelVersionsAsked(Body):
    """Which two versions."""

    earlier = serializers.IntegerField(**NUMBERS)
    later = serializers.IntegerField(required=False, **NUMBERS, help_text="The latest if left out.")


class ModelFieldShown(serializers.Serializer[Any]):
    """One field of a piece, in both versions."""

    name = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class ModelPieceShown(serializers.Serializer[Any]):
    """A piece that is new in the later version, changed in it, or gone from it."""

    piece = serializers.SerializerMethodField(help_text="Its kind and key: `need:food`.")
    title = serializers.CharField()
    state = serializers.CharField(source="state.value", help_text="new, changed or gone.")
    changed = ModelFieldShown(many=True, source="fields")

    def get_piece(self, found: PieceChange) -> str:
        """Write kind and key."""
        return f"{found.kind.value}:{found.key}"


class ModelUptakeShown(serializers.Serializer[Any]):
    """How many adopted a model, or report one of its indicators: aggregates, small ones withheld as “c”."""

    key = serializers.CharField(help_text="The indicator's key in the model; empty: the model as a whole.")
    organisations = serializers.CharField(allow_null=True)
    reporting = serializers.CharField(allow_null=True)
    forward = serializers.CharField(allow_null=True, help_text="Came forward from their baselines.")
    median = serializers.CharField(
        allow_null=True, help_text="Of the way from baseline to target, in steps of 5 per cent."
    )
    bound = serializers.IntegerField(help_text="Counts of 1 to this are withheld.")


class ModelPublishBody(Body):
    """What is said of the next version of a model, and what of the programme leaves it."""

    programme = serializers.UUIDField()
    key = serializers.SlugField(max_length=120, help_text="The model's; a new one founds a model.")
    title = Texts(allow_empty=False)
    summary = Texts(allow_empty=False)
    licence = serializers.CharField(max_length=120, help_text="For example CC-BY-4.0.")
    context = Texts(allow_empty=False, help_text="Where and with whom it was made.")  # type: ignore[assignment]
    evidence = Texts(required=False, help_text="What is known of its effect.")
    conditions = Texts(required=False, help_text="What it takes to use it.")
    changes = Texts(required=False, help_text="What is new in this version.")
    leave_out = piece_list("Pieces that the model does not have: `need:food`.")
    edits = rows(PieceChangeBody, required=False, most=500, help_text="Fields that the model says otherwise.")


class ModelFilters(Filters):
    """Filters of the catalogue."""

    key = django_filters.CharFilter(help_text="Of this key.")
    organisation = django_filters.UUIDFilter(
        field_name="organisation__uuid", help_text="Published by this organisation."
    )
    words = django_filters.CharFilter(
        method="searched",
        help_text="With all these words in its titles, in any language, whatever the accents.",
    )
    field = django_filters.ChoiceFilter(
        choices=Field.choices, method="searched", help_text="With an intervention in this field of work."
    )
    language = django_filters.CharFilter(method="searched", help_text="Whose title is told in this language.")
    withdrawn = django_filters.BooleanFilter(
        field_name="withdrawn_at",
        lookup_expr="isnull",
        exclude=True,
        help_text="Whether nobody new may adopt it.",
    )

    def searched(
        self, rows: QuerySet[InterventionModel], name: str, value: str
    ) -> QuerySet[InterventionModel]:
        """Give the models that a search of the catalogue finds."""
        said: dict[str, Any] = {"words": value.split()} if name == "words" else {name: value}
        found = catalogue.search(**said, withdrawn=True)
        return rows.filter(pk__in=[item.model.pk for item in found])


class Models(Read[InterventionModel]):
    """Published models of integrated work. Everybody reads them; nothing of a tenant is in them."""

    what = "model"
    reads: ClassVar = Scope.READ
    serializer_class = ModelShown
    filterset_class = ModelFilters
    ordering_fields = ("key", "created_at")

    def rows(self) -> QuerySet[InterventionModel]:
        """Give the catalogue."""
        return InterventionModel.objects.all()

    @reading(may=Scope.READ, answers=ModelVersionShown, many=True)
    def versions(self, key: UUID) -> list[ModelVersion]:
        """Tell a model's versions, the first one first, without their structures."""
        model = self.find(key)
        found = catalogue.versions(model)
        for version in found:
            version.model = model
        return found

    @reading(may=Scope.READ, answers=ModelStructureShown, parameters=ModelVersionAsked)
    def structure(self, key: UUID, number: int | None = None) -> ModelVersion:
        """Tell one version of a model with its whole structure."""
        model = self.find(key)
        version = catalogue.version_of(model, number)
        version.model = model
        return version

    @reading(may=Scope.READ, answers=ModelPieceShown, many=True, parameters=ModelVersionsAsked)
    def diff(self, key: UUID, earlier: int, later: int | None = None) -> list[PieceChange]:
        """Tell what one version of a model says that an earlier one does not, piece by piece."""
        model = self.find(key)
        return between(catalogue.version_of(model, earlier), catalogue.version_of(model, later))

    @reading(may=Scope.READ, answers=ModelUptakeShown, many=True)
    def uptake(self, key: UUID) -> list[Mapping[str, Any]]:
        """Tell how many adopted a model and how their indicators went: aggregates alone, small ones withheld."""
        model = self.find(key)
        return [row for holding in holdings.holdings() for row in holding.uptake(model.uuid)]

    @command(
        may=Permission.PUBLISH_MODEL,
        body=ModelPublishBody,
        answers=ModelStructureShown,
        detail=False,
        status=201,
        codes=("names_a_tenant", "nothing_new", "document_invalid", "not_publisher"),
    )
    def publish(
        self,
        programme: UUID,
        leave_out: Sequence[str] = (),
        edits: Sequence[Mapping[str, Any]] = (),
        **head: Any,
    ) -> ModelVersion:
        """Publish a programme's structure as the next version of a model. Everybody in the installation reads it.

        A text that names one of the programme's places, organisations, communities or partners is refused.
        """
        return models.publish(
            by=self.actor,
            programme_uuid=programme,
            head={name: said for name, said in head.items() if said != []},
            leave_out=pieces_named(leave_out),
            edits=by_piece(edits),
        )

    @command(may=Scope.PLAN, body=StatedReasonBody)
    def withdraw(self, key: UUID, reason: str) -> InterventionModel:
        """Withdraw a model: nobody new adopts it, and who did keeps it. Managers of its publisher may."""
        return models.withdraw(by=self.actor, key=self.find(key).key, reason=reason)
