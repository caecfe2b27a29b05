"""A programme's structure as the document of a model that may be published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from handover.models import Programme
from handover.queries.structure import new_key
from interventions.models import Adoption
from interventions.models.catalogue import PieceKind
from interventions.queries import model_format
from interventions.queries.model_diff import structure_of, was_published
from interventions.queries.model_format import FORMAT
from interventions.queries.model_pieces import (
    Piece,
    Row,
    changed,
    of,
    piece_named,
    pieces,
    refuse_wrong,
    renamed,
    title_of,
    without,
    written,
)

Edits: TypeAlias = Mapping[Piece, Row]
"""What pieces say otherwise than the programme, by field; ``None`` takes a field away."""


def drawn_up(
    programme: Programme,
    names: dict[UUID, str],
    *,
    key: str,
    leave_out: Collection[Piece] = (),
    edits: Edits | None = None,
) -> dict[str, Any]:
    """Give a programme's structure as a model's document, checked.

    A piece with another title, which no version of the model knows yet, gets a key of that title.

    Args:
        names: what rows are called in earlier versions; it grows by what the others are called in this one.
        key: the model's own: what the programme took from other models is told as what it is derived from.

    Raises:
        Invalid: ``unknown_piece``, ``piece_needed``, ``document_invalid``.
    """
    known = set(names.values())
    told = edits or {}
    for edited_piece, said in told.items():
        refuse_wrong(edited_piece, said)
    structure = structure_of(programme, names)
    edited = without(changed(structure, told, allow=lambda _: True), of(structure, leave_out))
    new = [piece for piece, said in told.items() if "title" in said and written(piece) not in known]
    keys = _keys_of_titles(edited, new)
    for uuid, name in names.items():
        kind = name.partition(":")[0]
        piece = piece_named(name) if kind in PieceKind.values else None
        if piece in keys:
            names[uuid] = f"{kind}:{keys[piece]}"
    document: dict[str, Any] = {"format": FORMAT, **renamed(edited, keys)}
    derived = _derived_from(programme, key)
    if derived:
        document["derived_from"] = derived
    model_format.check(document)
    return document


def _keys_of_titles(document: Mapping[str, Any], told: Collection[Piece]) -> dict[Piece, str]:
    there = pieces(document)
    keys: dict[Piece, str] = {}
    for piece in told:
        if piece in there:
            old = {key for kind, key in there if (kind, key) != piece and kind is piece[0]}
            taken = old | {key for (kind, _), key in keys.items() if kind is piece[0]}
            keys[piece] = new_key(title_of(there[piece]), taken)
    return keys


def _derived_from(programme: Programme, key: str) -> list[dict[str, Any]]:
    """Give the models of others from which the programme was made."""
    rows = Adoption.objects.filter(programme=programme).exclude(model_key=key).order_by("model_key")
    return [{"model": row.model_key, "number": row.number} for row in rows if not was_published(row)]
