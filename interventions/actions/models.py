"""Models: what ships is installed, a programme's structure is published, a model is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection

from handover import access, clock, ledger
from handover.access import Actor, Operator
from handover.actions import action
from handover.actions.columns import checking
from handover.canonical import digest
from handover.errors import Invalid, NotAllowed
from handover.models import Programme
from handover.models.base import notice_personal_data
from handover.narratives import Narrative
from handover.permissions import Permission, Role
from interventions.models import AdoptedPiece, Adoption, InterventionModel, ModelVersion
from interventions.queries import model_format, publishing, tenants
from interventions.queries.catalogue import model_named
from interventions.queries.model_diff import IN_PLANS, names_of_rows
from interventions.queries.model_format import FORMAT, OF_PIECES, narratives_of
from interventions.queries.model_pieces import Piece, piece_digest, pieces, written
from interventions.queries.publishing import Edits

TOLD: Final = ("context", "evidence", "conditions", "changes")
LOCK: Final = 4_206_452
"""Key of the advisory lock under which versions are numbered."""


@dataclass(frozen=True)
class Installed:
    """What became of one shipped version: it is there now, or was there already."""

    version: ModelVersion
    new: bool


@action
def install(*, by: Operator, files: Sequence[Mapping[str, Any]]) -> list[Installed]:
    """Put the models that ship with the toolkit into the catalogue. Whoever runs the installation may; once or often.

    Args:
        files: head, number and document of each version, as ``exchange.model_document.shipped`` reads them.

    Raises:
        NotAllowed: not the Operator.
        Invalid: ``version_differs``, where a shipped version is there already and says something else; ``key_taken``
            by an organisation's model; or a document that is wrong.
    """
    if not isinstance(by, Operator):
        raise NotAllowed("operators_only", "Only whoever runs the installation installs what ships with it.")
    _one_at_a_time()
    return [_installed(by, file) for file in sorted(files, key=lambda file: (file["key"], file["number"]))]


def _installed(by: Operator, file: Mapping[str, Any]) -> Installed:
    head = {name: file[name] for name in model_format.HEAD if name in file}
    document = {name: value for name, value in file.items() if name not in model_format.HEAD}
    model_format.check_head(head, needed=("key", "number", *model_format.ALWAYS))
    model_format.check(document)
    model = InterventionModel.objects.filter(key=head["key"]).first()
    if model is not None and model.organisation_id is not None:
        raise Invalid("key_taken", f"There is a model “{model.key}” of another publisher.", field="key")
    there = ModelVersion.objects.filter(model=model, number=head["number"]).first() if model else None
    if there is not None:
        if there.digest != digest(document):
            raise Invalid(
                "version_differs",
                f"Version {there.number} of {head['key']} is in the catalogue and says something else: "
                "a change needs a new number.",
                field="number",
            )
        return Installed(there, new=False)
    made = _described(model or InterventionModel(key=head["key"], created_at=clock.now()), head)
    version = _write(made, head, document, number=head["number"])
    ledger.record(verb="model.installed", by=by, subject=made.uuid, data=_facts(version))
    return Installed(version, new=True)


@action
def publish(
    *,
    by: Actor,
    programme_uuid: UUID,
    head: Mapping[str, Any],
    leave_out: Sequence[Piece] = (),
    edits: Edits | None = None,
) -> ModelVersion:
    """Publish a programme's structure as the next version of a model. Everybody in the installation reads it.

    Nothing of a tenant leaves: the holdings give the structure alone, and a text that names one of the programme's
    places, organisations, communities or partners is refused until it is edited or its piece left out.

    Args:
        head: ``key``, ``title``, ``summary``, ``licence``, ``context``, and ``evidence``, ``conditions``, ``changes``.
        leave_out: pieces that the model does not have.
        edits: fields that the model says otherwise than the programme.

    Raises:
        NotFound, NotAllowed: the actor may not publish it, or another organisation published the model.
        Invalid: ``names_a_tenant``, ``nothing_new``, ``document_invalid``, ``unknown_piece``.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.PUBLISH_MODEL)
    model_format.check_head(head, needed=("key", *model_format.ALWAYS))
    _one_at_a_time()
    model = InterventionModel.objects.filter(key=head["key"]).first()
    if model is not None and model.organisation_id != by.organisation.pk:
        raise NotAllowed("not_publisher", f"Another publisher has the model “{model.key}”.", key=model.key)
    names = names_of_rows(list(Adoption.objects.filter(programme=programme).order_by("id")))
    document = publishing.drawn_up(programme, names, key=head["key"], leave_out=leave_out, edits=edits)
    tenants.refuse_names(programme, {**document, **head})
    last = ModelVersion.objects.filter(model=model).order_by("-number").first() if model else None
    if last is not None and last.digest == digest(document):
        raise Invalid("nothing_new", f"Version {last.number} of {head['key']} says all of this already.")
    made = _described(
        model or InterventionModel(key=head["key"], organisation=by.organisation, created_at=clock.now()),
        head,
    )
    version = _write(made, head, document, number=last.number + 1 if last else 1)
    _remember(programme, version, names)
    ledger.record(
        verb="model.published",
        by=by,
        programme=programme,
        subject=made.uuid,
        data={**_facts(version), "left_out": [written(piece) for piece in leave_out]},
    )
    return version


@action
def withdraw(*, by: Actor | Operator, key: str, reason: str) -> InterventionModel:
    """Withdraw a model: nobody new adopts it, and who did keeps it. Managers of its publisher may.

    Raises:
        NotFound: there is no such model.
        NotAllowed: the actor is no manager of who published it.
        Invalid: no reason, or it is withdrawn already.
    """
    model = model_named(key)
    publisher = model.organisation
    if isinstance(by, Actor):
        seats = access.seats_now(by.user).filter(organisation=by.organisation, role=Role.MANAGER.value)
        if publisher != by.organisation or not seats.exists():
            raise NotAllowed("not_publisher", f"Only managers of who published “{key}” withdraw it.", key=key)
    elif publisher is not None:
        raise NotAllowed("not_publisher", f"Only managers of who published “{key}” withdraw it.", key=key)
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is withdrawn.", field="reason")
    if model.withdrawn_at is not None:
        raise Invalid("withdrawn_already", f"The model “{key}” is withdrawn already.", field="key")
    model.change(version=model.version, withdrawn_at=clock.now())
    ledger.record(
        verb="model.withdrawn",
        by=by,
        organisation=publisher,
        subject=model.uuid,
        data={"key": key, "reason": reason},
    )
    return model


def pieces_of(
    adoption: Adoption, version: ModelVersion, rows: Mapping[Piece, UUID | None]
) -> list[AdoptedPiece]:
    """Make the memory of what an adoption took (the row it became) or left out (``None``), not yet saved."""
    document = pieces(version.document)
    return [
        AdoptedPiece(
            programme=adoption.programme,
            adoption=adoption,
            kind=kind,
            key=key,
            number=version.number,
            digest=piece_digest(document[kind, key]),
            row_uuid=row,
        )
        for (kind, key), row in rows.items()
    ]


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _described(model: InterventionModel, head: Mapping[str, Any]) -> InterventionModel:
    """Put title and summary on a model and save it."""
    model.title = [dict(item) for item in narratives_of(head["title"])]
    model.summary = [dict(item) for item in narratives_of(head["summary"])]
    with checking():
        model.clean_fields(exclude={"organisation", "uuid"})
    if not InterventionModel.objects.filter(uuid=model.uuid).exists():
        model.save()
        return model
    return model.change(version=model.version, title=model.title, summary=model.summary)


def _write(
    model: InterventionModel, head: Mapping[str, Any], document: Mapping[str, Any], *, number: int
) -> ModelVersion:
    told: dict[str, list[Narrative]] = {name: narratives_of(head.get(name) or []) for name in TOLD}
    row = ModelVersion(
        model=model,
        number=number,
        format=FORMAT,
        document=document,
        digest=digest(document),
        licence=head["licence"].strip(),
        published_at=clock.now(),
        **told,
    )
    notice_personal_data(row)
    row.save()
    return row


def _remember(programme: Programme, version: ModelVersion, names: Mapping[UUID, str]) -> None:
    """Keep with the programme which of its rows the model knows by which key, so that a later version goes on."""
    adoption, _ = Adoption.objects.get_or_create(
        programme=programme,
        model_uuid=version.model.uuid,
        defaults={
            "model_key": version.model.key,
            "number": version.number,
            "adopted_at": clock.now(),
            "counted": False,
        },
    )
    if adoption.number != version.number:
        adoption.change(version=adoption.version, number=version.number)
    rows = {name: uuid for uuid, name in names.items()}
    AdoptedPiece.objects.filter(adoption=adoption).delete()
    became = {
        piece: adoption.uuid if piece[0] in IN_PLANS else rows.get(written(piece))
        for piece in pieces(version.document)
    }
    AdoptedPiece.objects.bulk_create(pieces_of(adoption, version, became))


def _facts(version: ModelVersion) -> dict[str, Any]:
    return {
        "key": version.model.key,
        "number": version.number,
        "digest": version.digest,
        "licence": version.licence,
        "pieces": {section: len(version.document.get(section, ())) for section in OF_PIECES.values()},
    }
