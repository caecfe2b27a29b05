"""Adoptions: programmes made from models, and what they take from later versions, piece by piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.api.commands import command, reading
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Shown, Texts
from handover.permissions import Permission, Scope
from interventions.actions import adoptions
from interventions.api.lists import rows
from interventions.api.models import NUMBERS, ModelVersionAsked
from interventions.api.pieces import PIECE, PieceChangeBody, by_piece, piece_list, pieces_named
from interventions.api.reasons import StatedReasonBody
from interventions.models import AdoptedPiece, Adoption, InterventionModel
from interventions.queries.model_diff import Comparison, Difference, compare
from interventions.queries.model_pieces import piece_named, written

EDIT: Final = Permission.EDIT_PROGRAMME
LANGUAGE: Final[dict[str, Any]] = {
    "required": False,
    "max_length": 10,
    "help_text": "Of the model's titles, where only one is kept; English if left out.",
}


class AdoptionShown(Shown[Adoption]):
    """That a programme was made from a model, and from which version."""

    model = serializers.UUIDField(source="model_uuid", read_only=True)

    class Meta:
        model = Adoption
        fields = ("id", "programme", "model", "model_key", "number", "adopted_at", "counted", "version")


class AdoptedPieceShown(serializers.Serializer[Any]):
    """A piece that a programme took over, or left out on purpose."""

    piece = serializers.SerializerMethodField(help_text="Its kind and key: `need:food`.")
    number = serializers.IntegerField(help_text="The version it was taken from, or left out of.")
    row = serializers.UUIDField(
        source="row_uuid", allow_null=True, help_text="What it became; null: left out."
    )
    digest = serializers.CharField()

    def get_piece(self, found: AdoptedPiece) -> str:
        """Write kind and key."""
        return str(found)


class AdoptedFieldShown(serializers.Serializer[Any]):
    """One field: as the piece was taken, as the version has it, and as it stands here."""

    name = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()
    here = serializers.JSONField()


class AdoptionDifferenceShown(serializers.Serializer[Any]):
    """How one piece of a version stands to the programme."""

    piece = serializers.SerializerMethodField(help_text="Its kind and key: `need:food`.")
    title = serializers.CharField()
    state = serializers.CharField(source="state.value", help_text="new, changed, gone, left_out or same.")
    taken_from = serializers.IntegerField(allow_null=True)
    row = serializers.UUIDField(allow_null=True)
    changed = AdoptedFieldShown(many=True, source="fields")
    adapted = serializers.ListField(
        child=serializers.CharField(), help_text="Fields in which this programme says something else."
    )

    def get_piece(self, found: Difference) -> str:
        """Write kind and key."""
        return written(found.piece)


class AdoptionComparisonShown(serializers.Serializer[Any]):
    """A programme held against a version of its model: what is new there, what was adapted here."""

    number = serializers.IntegerField()
    pieces = AdoptionDifferenceShown(many=True)


class AdoptionBody(Body):
    """A new programme that is made from a model."""

    model = serializers.UUIDField()
    number = serializers.IntegerField(
        required=False, **NUMBERS, help_text="The version; the latest if left out."
    )
    identifier = serializers.CharField(max_length=100, help_text="Of the new programme; it never changes.")
    title = Texts(
        required=False, allow_empty=False, help_text="Of the new programme; the model's if left out."
    )
    language = serializers.CharField(**LANGUAGE)
    leave_out = piece_list("Pieces that the programme does not have: `need:food`.")
    changes = rows(PieceChangeBody, required=False, most=500, help_text="What is said otherwise here.")
    counted = serializers.BooleanField(
        required=False,
        help_text="Whether its indicators count, protected, in the model's aggregate; yes if left out.",
    )
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)


class PieceTakeBody(StatedReasonBody):
    """A piece that is taken."""

    piece = serializers.CharField(max_length=250, help_text=PIECE)
    number = serializers.IntegerField(
        required=False, **NUMBERS, help_text="The version; the latest if left out."
    )
    only = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=100,
        help_text="Of the changed fields, only these.",
    )
    language = serializers.CharField(**LANGUAGE)


class PieceLeaveOutBody(StatedReasonBody):
    """A piece, or a change of it, that is left out on purpose."""

    piece = serializers.CharField(max_length=250, help_text=PIECE)
    number = serializers.IntegerField(
        required=False, **NUMBERS, help_text="The version; the latest if left out."
    )


class CountedBody(Body):
    """Whether the programme's figures count."""

    counted = serializers.BooleanField()


class AdoptionFilters(InProgrammeFilters):
    """Filters of adoptions."""

    model = django_filters.UUIDFilter(field_name="model_uuid", help_text="Of this model.")


class Adoptions(InProgrammeRead[Adoption]):
    """Programmes that were made from models."""

    what = "adoption"
    serializer_class = AdoptionShown
    filterset_class = AdoptionFilters
    ordering_fields = ("adopted_at", "model_key")

    @command(may=Scope.PLAN, body=AdoptionBody)
    def create(
        self,
        model: UUID,
        leave_out: Sequence[str] = (),
        changes: Sequence[Mapping[str, Any]] = (),
        **given: Any,
    ) -> Adoption:
        """Found a programme that is made from a model: all its pieces but those left out, or nothing.

        The caller's organisation becomes its steward. Needs and interventions are entered too: a token needs the scopes
        `plan` and `substance`.
        """
        key = InterventionModel.objects.filter(uuid=model).values_list("key", flat=True).first()
        return adoptions.adopt(
            by=self.actor,
            # A key has no space: an unknown model is not found by the action.
            key=key or f"no model {model}",
            leave_out=pieces_named(leave_out),
            changes=by_piece(changes),
            **given,
        )

    @command(may=EDIT, body=PieceTakeBody)
    def take(self, key: UUID, piece: str, reason: str, only: Sequence[str] = (), **given: Any) -> Adoption:
        """Take one piece from a version of the model: a new row, or what the model changed of the row here."""
        adoptions.take(
            by=self.actor, adoption_uuid=key, piece=piece_named(piece), reason=reason, fields=only, **given
        )
        return self.find(key)

    @command(may=EDIT, body=PieceLeaveOutBody)
    def leave_out(self, key: UUID, piece: str, reason: str, number: int | None = None) -> Adoption:
        """Say that a piece of a version, or what it changed of a piece that is here, is left out on purpose."""
        adoptions.leave_out(
            by=self.actor, adoption_uuid=key, piece=piece_named(piece), reason=reason, number=number
        )
        return self.find(key)

    @command(may=EDIT, body=CountedBody)
    def count(self, key: UUID, counted: bool) -> Adoption:
        """Say whether the programme's figures count, protected, in the model's aggregate."""
        return adoptions.count(by=self.actor, adoption_uuid=key, counted=counted)

    @reading(may=Permission.VIEW, answers=AdoptedPieceShown, many=True)
    def pieces(self, key: UUID) -> list[AdoptedPiece]:
        """Tell what of the programme came from the model, and what was left out."""
        return list(AdoptedPiece.objects.filter(adoption=self.find(key)).order_by("id"))

    @reading(may=Permission.VIEW, answers=AdoptionComparisonShown, parameters=ModelVersionAsked)
    def comparison(self, key: UUID, number: int | None = None) -> Comparison:
        """Tell what could be taken: the programme held against a version of its model, the latest if none is named."""
        return compare(self.find(key), number)
