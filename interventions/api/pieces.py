"""Pieces of models as requests name them: `need:food`, and what they say otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover.api.problems import RULE
from handover.api.serializers import Body
from interventions.api import limits
from interventions.queries.model_pieces import Piece, Row, piece_named

PIECE: Final = "A piece of the model: `need:food`."
DEEPEST: Final = 4
"""How deep a value may be nested: lists of objects of texts by language."""


@extend_schema_field(OpenApiTypes.ANY)
class ValueField(serializers.Field[Any, Any, Any, Any]):
    """What a field of a piece says, as the format of models has it; numbers with a point are texts."""

    def to_internal_value(self, data: Any) -> Any:
        """Read JSON that a model can hold."""
        if not _holds(data, DEEPEST):
            raise serializers.ValidationError(
                "Write a text, a whole number, true, false, null, or lists of them.", code=RULE
            )
        return data

    def to_representation(self, value: Any) -> Any:
        """Give it as it is."""
        return value


def _holds(data: Any, depth: int) -> bool:
    match data:
        case None | bool() | int():
            return data is None or -limits.COUNT <= data <= limits.COUNT
        case str():
            # PostgreSQL stores neither the null character nor halves of surrogate pairs.
            return len(data) <= limits.TEXT and not any(
                char == "\x00" or "\ud800" <= char <= "\udfff" for char in data
            )
        case list():
            return depth > 0 and len(data) <= limits.MANY and all(_holds(item, depth - 1) for item in data)
        case dict():
            return (
                depth > 0
                and len(data) <= limits.MANY
                and all(_holds(name, 0) and _holds(item, depth - 1) for name, item in data.items())
            )
    return False


class PieceChangeBody(Body):
    """One field of one piece that says something else; null takes it away."""

    piece = serializers.CharField(max_length=250, help_text=PIECE)
    field = serializers.CharField(
        max_length=60, help_text="As the format of models, or of programmes, names it."
    )
    value = ValueField(allow_null=True)


def pieces_named(texts: Iterable[str]) -> list[Piece]:
    """Read the names of pieces.

    Raises:
        Invalid: one is none.
    """
    return [piece_named(text) for text in texts]


def by_piece(changes: Iterable[Mapping[str, Any]]) -> dict[Piece, Row]:
    """Give what pieces say otherwise, by piece and field.

    Raises:
        Invalid: the name of a piece is none.
    """
    found: dict[Piece, dict[str, Any]] = {}
    for change in changes:
        found.setdefault(piece_named(change["piece"]), {})[change["field"]] = change["value"]
    return dict(found)


def piece_list(text: str) -> serializers.ListField:
    """Make the field that names pieces."""
    return serializers.ListField(
        child=serializers.CharField(max_length=250), required=False, max_length=limits.MANY, help_text=text
    )
