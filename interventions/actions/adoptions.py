"""Adoptions: a programme made from a model, and what it takes from later versions, piece by piece."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover import access, clock, ledger, notices
from handover.access import Actor
from handover.actions import action, programmes
from handover.errors import Invalid, NotFound
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from interventions.actions import model_loading as loading
from interventions.actions import pieces as taking
from interventions.actions.models import pieces_of
from interventions.models import AdoptedPiece, Adoption, InterventionModel, ModelVersion
from interventions.queries.catalogue import model_named, version_of
from interventions.queries.model_diff import IN_PLANS, State, absent, compare, taken_pieces
from interventions.queries.model_format import OF_PIECES
from interventions.queries.model_pieces import (
    Piece,
    Row,
    changed,
    differing,
    mended,
    of,
    piece_digest,
    pieces,
    title_of,
    without,
    written,
)

EDIT: Final = Permission.EDIT_PROGRAMME


@action
def adopt(
    *,
    by: Actor,
    key: str,
    number: int | None = None,
    identifier: str,
    title: str = "",
    language: str = "en",
    leave_out: Sequence[Piece] = (),
    changes: Mapping[Piece, Row] | None = None,
    counted: bool = True,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
) -> Adoption:
    """Found a programme that is made from a model: all its pieces but those left out, changed on the way; or nothing.

    Needs, interventions and indicators come in as from any programme document, responsibilities are the actor's
    organisation's. Transfer milestones and the budget's shape are kept with the adoption, for plans.

    Args:
        number: the version; the latest if not said.
        title: the programme's; the model's if not said.
        language: of the model's titles where only one is kept (responsibilities).
        leave_out: pieces that the programme does not have.
        changes: fields by piece, as a programme document has them: besides the model's fields, those that only a
            programme has, for example ``place`` (``RO:COUNTRY-CODE``) and ``people_affected`` of a need.
        counted: its indicators count, protected, in the model's aggregate.

    Raises:
        NotFound: there is no such model.
        NotAllowed: the actor may not found programmes.
        Invalid: ``unknown_version``, ``unknown_format``, ``model_withdrawn``, ``unknown_piece``, ``piece_needed``,
            ``not_changeable``, or what a load says of a row; nothing is written.
    """
    model = model_named(key)
    version = version_of(model, number)
    if model.withdrawn_at is not None:
        raise Invalid(
            "model_withdrawn", f"The model “{key}” is withdrawn: nobody new adopts it.", field="key"
        )
    left = of(version.document, leave_out)
    adapted = changed(
        without(version.document, left), changes or {}, allow=lambda piece: piece[0] not in IN_PLANS
    )
    loading.tell_what_is_loose(adapted, version.document)
    programme = programmes.create(
        by=by,
        identifier=identifier,
        title=title or model.title,
        description=model.summary,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    names = loading.load(by, programme, adapted, language=language)
    adoption = _adopted(programme, version, left, names, counted=counted)
    ledger.record(
        verb="model.adopted",
        by=by,
        programme=programme,
        subject=adoption.uuid,
        data={
            **_model_facts(version),
            "left_out": [written(piece) for piece in left],
            "changed": {written(piece): sorted(said) for piece, said in (changes or {}).items()},
            "counted": counted,
        },
    )
    return adoption


@action
def take(
    *,
    by: Actor,
    adoption_uuid: UUID,
    piece: Piece,
    number: int | None = None,
    reason: str,
    fields: Sequence[str] = (),
    language: str = "en",
) -> AdoptedPiece:
    """Take one piece from a version of the model: a new row, or the row here with what the model changed since.

    Only the fields that the model changed are taken, so that what was adapted here stays; a field that both changed
    becomes the model's.

    Args:
        fields: of the changed fields, only these; the others stay as they are here.

    Raises:
        NotFound, NotAllowed: the actor may not change the programme, or that part of it.
        Invalid: ``reason_missing``, ``unknown_version``, ``unknown_piece``, ``nothing_to_take``, ``piece_needed``, or
            what the rules of the row say.
    """
    adoption, version = _to_change(by, adoption_uuid, number, reason)
    row = pieces(version.document)[of(version.document, [piece])[0]]
    found = next(item for item in compare(adoption, version.number).pieces if item.piece == piece)
    taken = taking.Taken(
        adoption.programme, piece[0], version.document, _names(adoption), reason=reason, language=language
    )
    missing = absent(version.document, taken_pieces(adoption)) - {piece}
    if found.state in (State.NEW, State.LEFT_OUT):
        uuid = adoption.uuid
        if piece[0] not in IN_PLANS:
            uuid = taking.add(by, taken, _mended(version.document, missing, piece))
        changed_fields = ["all"]
    elif found.state is State.CHANGED and found.row is not None:
        wanted = [item.name for item in found.fields]
        _refuse_others(fields, wanted, piece)
        changed_fields = [name for name in wanted if not fields or name in fields]
        uuid = found.row
        if piece[0] not in IN_PLANS:
            said = _mended(version.document, missing, piece)
            taking.change(by, taken, uuid, {name: said.get(name) for name in changed_fields})
    else:
        raise Invalid(
            "nothing_to_take",
            f"Version {version.number} says nothing new of {written(piece)}.",
            field="piece",
        )
    kept = _keep(adoption, version, piece, row, uuid)
    _record("model.piece_taken", by, adoption, version, piece, {"reason": reason, "fields": changed_fields})
    return kept


@action
def leave_out(
    *, by: Actor, adoption_uuid: UUID, piece: Piece, number: int | None = None, reason: str
) -> AdoptedPiece:
    """Say that a piece of a version is left out on purpose; or, of a piece that is here, that its change is not taken.

    Raises:
        NotFound, NotAllowed: the actor may not change the programme.
        Invalid: ``reason_missing``, ``unknown_version``, ``unknown_piece``, ``nothing_to_leave_out``.
    """
    adoption, version = _to_change(by, adoption_uuid, number, reason)
    row = pieces(version.document)[of(version.document, [piece])[0]]
    mine = taken_pieces(adoption).get(piece)
    if mine is not None and mine.digest == piece_digest(row):
        raise Invalid(
            "nothing_to_leave_out",
            f"Version {version.number} says nothing new of {written(piece)}.",
            field="piece",
        )
    kept = _keep(adoption, version, piece, row, mine.row_uuid if mine else None)
    _record("model.piece_left_out", by, adoption, version, piece, {"reason": reason})
    return kept


@action
def count(*, by: Actor, adoption_uuid: UUID, counted: bool) -> Adoption:
    """Say whether the programme's figures count, protected, in the model's aggregate.

    Raises:
        NotFound, NotAllowed: the actor may not change the programme.
    """
    adoption = _adoption(by, adoption_uuid)
    adoption.change(version=adoption.version, counted=counted)
    ledger.record(
        verb="model.counted",
        by=by,
        programme=adoption.programme,
        subject=adoption.uuid,
        data={"model": adoption.model_key, "counted": counted},
    )
    return adoption


# --- later versions ---


def _adoption(by: Actor, uuid: UUID) -> Adoption:
    found = Adoption.objects.select_related("programme").filter(uuid=uuid).order_by("id").first()
    if found is None:
        raise NotFound("adoption")
    access.authorise(by, found.programme_id, None, may=EDIT)
    return found


def _adopted(
    programme: Programme,
    version: ModelVersion,
    left: Sequence[Piece],
    names: Mapping[str, UUID],
    *,
    counted: bool,
) -> Adoption:
    """Keep with a new programme which of its rows are which pieces, and what was left out."""
    adoption = Adoption.objects.create(
        programme=programme,
        model_uuid=version.model.uuid,
        model_key=version.model.key,
        number=version.number,
        adopted_at=clock.now(),
        counted=counted,
    )
    became = {
        piece: None if piece in left else adoption.uuid if piece[0] in IN_PLANS else names[written(piece)]
        for piece in pieces(version.document)
    }
    AdoptedPiece.objects.bulk_create(pieces_of(adoption, version, became))
    return adoption


def _to_change(by: Actor, uuid: UUID, number: int | None, reason: str) -> tuple[Adoption, ModelVersion]:
    adoption = _adoption(by, uuid)
    if not reason.strip():
        raise Invalid("reason_missing", "Say why.", field="reason")
    # Of two who take the same piece at once, the second waits here and finds it taken.
    Adoption.objects.select_for_update().get(pk=adoption.pk)
    return adoption, version_of(InterventionModel.objects.get(uuid=adoption.model_uuid), number)


def _names(adoption: Adoption) -> dict[str, UUID]:
    return {
        written(piece): row.row_uuid
        for piece, row in taken_pieces(adoption).items()
        if row.row_uuid is not None and piece[0] not in IN_PLANS
    }


def _mended(document: Mapping[str, Any], missing: set[Piece], piece: Piece) -> Row:
    """Give a piece without what this programme does not have, and say what that was."""
    whole = pieces(document)[piece]
    found = mended(document, piece, missing)
    for name in differing(OF_PIECES[piece[0]], whole, found):
        notices.warn(
            "not_here_yet",
            f"“{title_of(whole)}” also names, as its {name}, what this programme has not taken.",
            f"{written(piece)}.{name}",
        )
    return found


def _refuse_others(fields: Sequence[str], changed_fields: Sequence[str], piece: Piece) -> None:
    unknown = sorted(set(fields) - set(changed_fields))
    if unknown:
        raise Invalid(
            "nothing_to_take",
            f"The model did not change “{unknown[0]}” of {written(piece)}; it changed: {', '.join(changed_fields)}.",
            field="fields",
        )


def _keep(
    adoption: Adoption, version: ModelVersion, piece: Piece, row: Row, uuid: UUID | None
) -> AdoptedPiece:
    """Remember from which version a piece now is; the adoption goes on to that version once nothing of it is open."""
    kept, _ = AdoptedPiece.objects.update_or_create(
        programme=adoption.programme,
        adoption=adoption,
        kind=piece[0],
        key=piece[1],
        defaults={"number": version.number, "digest": piece_digest(row), "row_uuid": uuid},
    )
    if version.number > adoption.number and not compare(adoption, version.number).open:
        adoption.change(version=adoption.version, number=version.number)
    return kept


def _record(
    verb: str, by: Actor, adoption: Adoption, version: ModelVersion, piece: Piece, data: Mapping[str, Any]
) -> None:
    ledger.record(
        verb=verb,
        by=by,
        programme=adoption.programme,
        subject=adoption.uuid,
        data={**_model_facts(version), "piece": written(piece), **data},
    )


def _model_facts(version: ModelVersion) -> dict[str, Any]:
    return {
        "model": version.model.key,
        "title": best(version.model.title),
        "number": version.number,
        "digest": version.digest,
    }
