"""What a version of a model has that a programme made from it does not, piece by piece; and what was adapted here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from handover import holdings
from handover.models import Programme
from interventions.models import AdoptedPiece, Adoption, InterventionModel, ModelVersion
from interventions.models.catalogue import PieceKind
from interventions.queries.catalogue import version_of
from interventions.queries.model_format import OF_PIECES, narratives_of
from interventions.queries.model_pieces import (
    Document,
    Piece,
    Row,
    differing,
    mended,
    normal,
    pieces,
    title_of,
)

IN_PLANS: Final = frozenset({PieceKind.MILESTONE, PieceKind.BUDGET})
"""Pieces that no row of the programme holds: they are kept with the adoption, for plans."""
IN_ONE_LANGUAGE: Final = frozenset({PieceKind.RESPONSIBILITY})
"""Pieces whose row keeps one of the model's languages."""


class State(StrEnum):
    """How a piece of a version stands to the programme."""

    help: str

    def __new__(cls, value: str, text: str) -> State:
        """Make a member from its code name and its words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        return member

    NEW = "new", "the model has it, this programme not yet"
    CHANGED = "changed", "the model says it otherwise now"
    GONE = "gone", "the model no longer has it; this programme keeps it"
    LEFT_OUT = "left_out", "left out on purpose"
    SAME = "same", "as in the model's version that it was taken from"


@dataclass(frozen=True)
class FieldChange:
    """One field: as the piece was taken, as the version has it, and as it stands here (None: no row of its own)."""

    name: str
    before: Any
    after: Any
    here: Any


@dataclass(frozen=True)
class Difference:
    """One piece of the comparison."""

    kind: PieceKind
    key: str
    title: str
    state: State
    taken_from: int | None
    """The version that it was taken from, or left out of."""
    row: UUID | None
    fields: Sequence[FieldChange] = ()
    adapted: Sequence[str] = ()
    """Fields in which this programme says something else than the version it was taken from."""

    @property
    def piece(self) -> Piece:
        """Give kind and key."""
        return self.kind, self.key


@dataclass(frozen=True)
class Comparison:
    """A programme held against a version of the model that it was made from."""

    adoption: Adoption
    number: int
    pieces: Sequence[Difference]

    def of(self, *states: State) -> list[Difference]:
        """Give the pieces in these states."""
        return [item for item in self.pieces if item.state in states]

    @property
    def open(self) -> list[Difference]:
        """Give what may still be taken, or left out."""
        return self.of(State.NEW, State.CHANGED)


def compare(adoption: Adoption, number: int | None = None) -> Comparison:
    """Hold a programme against a version of its model, the latest if none is named.

    Raises:
        Invalid: ``unknown_version``.
    """
    model = InterventionModel.objects.get(uuid=adoption.model_uuid)
    target = version_of(model, number)
    looked = _Looking(adoption, model)
    there = pieces(target.document)
    found = [looked.difference(piece, row) for piece, row in there.items()]
    found += [looked.gone(piece) for piece in looked.taken if piece not in there]
    return Comparison(adoption, target.number, found)


def taken_pieces(adoption: Adoption) -> dict[Piece, AdoptedPiece]:
    """Give what an adoption took or left out, by piece."""
    rows = AdoptedPiece.objects.filter(adoption=adoption).order_by("id")
    return {(PieceKind(row.kind), row.key): row for row in rows}


def names_of_rows(adoptions: Sequence[Adoption]) -> dict[UUID, str]:
    """Give what models call the rows of a programme, by UUID: ``need:food``."""
    rows = AdoptedPiece.objects.filter(adoption__in=adoptions, row_uuid__isnull=False)
    return {
        row.row_uuid: f"{row.kind}:{row.key}"
        for row in rows.exclude(kind__in=IN_PLANS).order_by("id")
        if row.row_uuid is not None
    }


def structure_of(programme: Programme, names: dict[UUID, str]) -> dict[str, Any]:
    """Give a programme's structure as one document, of all that the apps hold; ``names`` grows."""
    made: dict[str, Any] = {}
    for holding in holdings.holdings():
        made.update(holding.structure(programme, names))
    return made


def was_published(adoption: Adoption) -> bool:
    """Tell whether the programme is the one that the model was published from: both were written at one instant."""
    among = ModelVersion.objects.filter(model__uuid=adoption.model_uuid, published_at=adoption.adopted_at)
    return not adoption.counted and among.exists()


def absent(document: Document, taken: Mapping[Piece, AdoptedPiece]) -> set[Piece]:
    """Give the pieces of a document that a programme does not have."""
    return {piece for piece in pieces(document) if piece not in taken or taken[piece].row_uuid is None}


class _Looking:
    """What stands here, and what it was taken from; each version is read once."""

    def __init__(self, adoption: Adoption, model: InterventionModel) -> None:
        self.model = model
        self.taken = taken_pieces(adoption)
        self.ours = structure_of(adoption.programme, names_of_rows([adoption]))
        self.here = pieces(self.ours)
        self.bases: dict[int, Document] = {}

    def base(self, number: int) -> Document:
        """Give a version's document."""
        if number not in self.bases:
            self.bases[number] = version_of(self.model, number).document
        return self.bases[number]

    def adapted(self, piece: Piece, number: int) -> list[str]:
        """Name the fields that say something else here than in the version that a piece was taken from.

        What the programme did not take over with it is no difference.
        """
        here, document = self.here.get(piece), self.base(number)
        if here is None:
            return []
        base = mended(document, piece, absent(document, self.taken))
        if _result(self.ours, here) == _result(document, base):
            # A result is no piece: nobody remembers by which key the model knows it, so its title tells.
            here = {name: value for name, value in here.items() if name != "result"}
            base = {name: value for name, value in base.items() if name != "result"}
        return _adapted(piece[0], base, here)

    def difference(self, piece: Piece, row: Row) -> Difference:
        """Tell how one piece of the version stands to what is here."""
        kind, key = piece
        section, mine = OF_PIECES[kind], self.taken.get(piece)
        title = title_of(row)
        if mine is None:
            return Difference(kind, key, title, State.NEW, None, None)
        before = pieces(self.base(mine.number))[piece]
        if mine.row_uuid is None:
            return Difference(kind, key, title, State.LEFT_OUT, mine.number, None)
        here = self.here.get(piece)
        changes = [
            FieldChange(name, before.get(name), row.get(name), here.get(name) if here else None)
            for name in differing(section, before, row)
        ]
        state = State.CHANGED if changes else State.SAME
        adapted = self.adapted(piece, mine.number)
        return Difference(kind, key, title, state, mine.number, mine.row_uuid, changes, adapted)

    def gone(self, piece: Piece) -> Difference:
        """Tell of a piece that the version no longer has."""
        mine = self.taken[piece]
        title = title_of(self.here.get(piece) or pieces(self.base(mine.number))[piece])
        adapted = self.adapted(piece, mine.number)
        return Difference(*piece, title, State.GONE, mine.number, mine.row_uuid, (), adapted)


def _result(document: Document, row: Row) -> Mapping[str, Any] | None:
    """Give what a document says of the result below which an indicator stands."""
    rows = (item for item in document.get("results", ()) if item["key"] == row.get("result"))
    return next((normal("results", item) for item in rows), None)


def _adapted(kind: PieceKind, base: Row, here: Row) -> list[str]:
    """Name the fields that say something else here than where they were taken from."""
    names = differing(OF_PIECES[kind], base, here)
    if kind not in IN_ONE_LANGUAGE:
        return names
    return [name for name in names if not _one_of_its_languages(base.get(name), here.get(name))]


def _one_of_its_languages(base: Any, here: Any) -> bool:
    if not base or not isinstance(here, str):
        return False
    return here in {item["text"] for item in narratives_of(base)}


def lineage(programme: Programme) -> Iterator[tuple[Adoption, AdoptedPiece]]:
    """Give each row that came from a model, with the adoption."""
    rows = AdoptedPiece.objects.filter(programme=programme, row_uuid__isnull=False)
    for row in rows.select_related("adoption").order_by("adoption", "id"):
        yield row.adoption, row
