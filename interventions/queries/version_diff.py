"""Two versions of a model, held against each other piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interventions.models import ModelVersion
from interventions.models.catalogue import PieceKind
from interventions.queries.model_diff import State
from interventions.queries.model_format import OF_PIECES
from interventions.queries.model_pieces import Row, differing, pieces, title_of


@dataclass(frozen=True)
class ChangedField:
    """One field: as the earlier version has it, and as the later."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class PieceChange:
    """One piece that is new, gone or changed."""

    kind: PieceKind
    key: str
    title: str
    state: State
    fields: Sequence[ChangedField] = ()


def between(earlier: ModelVersion, later: ModelVersion) -> list[PieceChange]:
    """Give what the later version says that the earlier does not, in its own order; what is gone comes last."""
    was, now = pieces(earlier.document), pieces(later.document)
    found = []
    for (kind, key), row in now.items():
        before = was.get((kind, key))
        if before is None:
            found.append(PieceChange(kind, key, title_of(row), State.NEW))
        elif changes := _fields(kind, before, row):
            found.append(PieceChange(kind, key, title_of(row), State.CHANGED, changes))
    gone = [piece for piece in was if piece not in now]
    return [*found, *(PieceChange(*piece, title_of(was[piece]), State.GONE) for piece in gone)]


def _fields(kind: PieceKind, before: Row, after: Row) -> list[ChangedField]:
    names = differing(OF_PIECES[kind], before, after)
    return [ChangedField(name, before.get(name), after.get(name)) for name in names]
