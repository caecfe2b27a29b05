"""Pieces of a model as rows of a programme: one becomes a row, or a row becomes what the piece says now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from handover import access, holdings
from handover.access import Actor
from handover.actions import responsibilities
from handover.errors import Invalid, NotFound
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from interventions.actions import groups, interventions, levels, needs, services
from interventions.models import Intervention, Need, NeedLevel, Service, TargetGroup
from interventions.models.catalogue import PieceKind
from interventions.queries.model_format import narratives_of
from interventions.queries.model_pieces import Document, Row

LINKS: Final = frozenset({"needs", "after", "groups", "services"})
"""What hangs on an intervention, instead of standing in it."""
PLACED: Final = frozenset({"parent", "prerequisites"})
"""Where a need stands, and what it waits for."""
EMPTY: Final[Mapping[str, object]] = MappingProxyType(
    {
        "description": "",
        "strand": "",
        "also_in": [],
        "audience": "all",
        "raised_by": "both",
        "phase": "phase_over",
    }
)
"""What a field holds when the model no longer says it; others become nothing."""


@dataclass(frozen=True)
class Taken:
    """What is being taken: of which document, into which programme, and why.

    ``names`` are the rows that pieces of the same model are here: ``need:food``.
    """

    programme: Programme
    kind: PieceKind
    document: Document
    names: Mapping[str, UUID]
    reason: str
    language: str = "en"

    def uuid(self, kind: str, key: object) -> UUID:
        """Give the row that a piece is here."""
        return self.names[f"{kind}:{key}"]

    def uuids(self, kind: str, keys: object) -> list[UUID]:
        """Give the rows that pieces are here."""
        found: Iterable[object] = keys if isinstance(keys, list) else ()
        return [self.uuid(kind, key) for key in found]


def add(by: Actor, taken: Taken, row: Row) -> UUID:
    """Make a row of a piece, by the actions that make such rows.

    Raises:
        NotFound, NotAllowed, Invalid: what those say.
    """
    if taken.kind in _ADDS:
        return _ADDS[taken.kind](by, taken, row)
    return _by_holding(by, taken, row, present=None)


def change(by: Actor, taken: Taken, uuid: UUID, said: Row) -> None:
    """Make a row say what a piece says, in the fields given; ``None`` takes one away.

    Raises:
        NotFound, NotAllowed, Invalid: what the row's own actions say.
    """
    if taken.kind in _CHANGES:
        _CHANGES[taken.kind](by, taken, uuid, said)
    else:
        _by_holding(by, taken, said, present=uuid)


def define(by: Actor, programme: Programme, row: Row, *, language: str) -> UUID:
    """Define a responsibility of the actor's organisation as a model has it."""
    made = responsibilities.define(
        by=by,
        programme_uuid=programme.uuid,
        title=_in(row["title"], language),
        kind=row["kind"],
        phase=row.get("phase") or "phase_over",
        description=_in(row.get("description"), language),
        holder=by.organisation,
    )
    return made.uuid


def add_services(by: Actor, uuid: UUID, rows: Iterable[Row], *, reason: str = "") -> None:
    """Add the services and activities of an intervention that it does not have yet, by their titles."""
    there = [row.title for row in Service.objects.filter(intervention__uuid=uuid)]
    for row in rows:
        if narratives_of(row["title"]) not in there:
            services.add(
                by=by,
                intervention_uuid=uuid,
                reason=reason,
                kind=row["kind"],
                title=row["title"],
                unit=row["unit"],
                needs_licence=bool(row.get("needs_licence")),
            )


def _by_holding(by: Actor, taken: Taken, row: Row, *, present: UUID | None) -> UUID:
    """Let the app whose piece it is take it."""
    results = {item["key"]: item for item in taken.document.get("results", ())}
    piece: dict[str, Any] = {**row, "axes_known": taken.document.get("axes", [])}
    if "result" in piece:
        piece["result"] = results.get(piece["result"])
    for holding in holdings.holdings():
        found = holding.take(
            taken.programme,
            taken.kind.value,
            piece,
            by=by,
            names=taken.names,
            present=present,
            reason=taken.reason,
        )
        if found is not None:
            return found
    raise Invalid("unknown_piece", f"Nothing here takes a {taken.kind.label}.", field="piece")


# --- levels ---


def _add_level(by: Actor, taken: Taken, row: Row) -> UUID:
    """Put a level where the model has it: after the nearest one below it that the programme has."""
    there = {item.key: item.title for item in NeedLevel.objects.filter(programme=taken.programme)}
    order = [str(item["key"]) for item in taken.document.get("levels", ())]
    below = [key for key in order[: order.index(row["key"])] if key in there]
    keys = list(there)
    keys.insert(keys.index(below[-1]) + 1 if below else 0, row["key"])
    titles = {**there, row["key"]: row["title"]}
    levels.define(by=by, programme_uuid=taken.programme.uuid, levels={key: titles[key] for key in keys})
    return NeedLevel.objects.get(programme=taken.programme, key=row["key"]).uuid


def _change_level(by: Actor, taken: Taken, uuid: UUID, said: Row) -> None:
    rows = NeedLevel.objects.filter(programme=taken.programme)
    titles = {item.key: said["title"] if item.uuid == uuid else item.title for item in rows}
    levels.define(by=by, programme_uuid=taken.programme.uuid, levels=titles)


# --- needs ---


def _add_need(by: Actor, taken: Taken, row: Row) -> UUID:
    plain: dict[str, Any] = {name: value for name, value in row.items() if name not in {*PLACED, "key"}}
    made = needs.add(
        by=by,
        programme_uuid=taken.programme.uuid,
        parent=taken.uuid("need", row["parent"]) if row.get("parent") else None,
        **plain,
    )
    for first in taken.uuids("need", row.get("prerequisites")):
        needs.require(by=by, need_uuid=made.uuid, requires=first)
    return made.uuid


def _change_need(by: Actor, taken: Taken, uuid: UUID, said: Row) -> None:
    row = _need(taken, uuid)
    plain = _plain(said, PLACED)
    if plain:
        needs.edit(by=by, need_uuid=uuid, version=row.version, **plain)
    if "parent" in said:
        above = taken.uuid("need", said["parent"]) if said["parent"] else None
        needs.move(by=by, need_uuid=uuid, parent=above, version=_need(taken, uuid).version)
    if "prerequisites" in said:
        wanted = taken.uuids("need", said["prerequisites"])
        there = list(row.prerequisites.values_list("requires__uuid", flat=True))
        for first in _mine(there, taken, "need"):
            if first not in wanted:
                needs.release(by=by, need_uuid=uuid, requires=first)
        for first in wanted:
            if first not in there:
                needs.require(by=by, need_uuid=uuid, requires=first)


def _need(taken: Taken, uuid: UUID) -> Need:
    found = Need.objects.filter(programme=taken.programme, uuid=uuid).first()
    if found is None:
        raise NotFound("need")
    return found


# --- interventions ---


def _add_intervention(by: Actor, taken: Taken, row: Row) -> UUID:
    plain: dict[str, Any] = {name: value for name, value in row.items() if name not in {*LINKS, "key"}}
    if plain.get("responsibility"):
        plain["responsibility"] = taken.uuid("responsibility", plain["responsibility"])
    uuid = interventions.add(by=by, programme_uuid=taken.programme.uuid, **plain).uuid
    _link(by, taken, uuid, row)
    return uuid


def _change_intervention(by: Actor, taken: Taken, uuid: UUID, said: Row) -> None:
    row = Intervention.objects.filter(programme=taken.programme, uuid=uuid).first()
    if row is None:
        raise NotFound("intervention")
    plain = _plain(said, LINKS)
    if plain.get("responsibility"):
        plain["responsibility"] = taken.uuid("responsibility", plain["responsibility"])
    if plain:
        interventions.edit(by=by, intervention_uuid=uuid, version=row.version, reason=taken.reason, **plain)
    if "needs" in said:
        wanted = taken.uuids("need", said["needs"])
        for need in _mine(row.answers.values_list("need__uuid", flat=True), taken, "need"):
            if need not in wanted:
                interventions.unlink(by=by, intervention_uuid=uuid, need_uuid=need, reason=taken.reason)
    if "after" in said:
        wanted = taken.uuids("intervention", said["after"])
        there = row.dependencies.values_list("after__uuid", flat=True)
        for first in _mine(there, taken, "intervention"):
            if first not in wanted:
                interventions.not_after(by=by, intervention_uuid=uuid, after_uuid=first, reason=taken.reason)
    _link(by, taken, uuid, said)


def _link(by: Actor, taken: Taken, uuid: UUID, said: Row) -> None:
    """Add what hangs on an intervention and is not there yet."""
    row = Intervention.objects.get(programme=taken.programme, uuid=uuid)
    answered = set(row.answers.values_list("need__uuid", flat=True))
    for need in taken.uuids("need", said.get("needs")):
        if need not in answered:
            interventions.answer(by=by, intervention_uuid=uuid, need_uuid=need, reason=taken.reason)
    before = set(row.dependencies.values_list("after__uuid", flat=True))
    for first in taken.uuids("intervention", said.get("after")):
        if first not in before:
            interventions.after(by=by, intervention_uuid=uuid, after_uuid=first, reason=taken.reason)
    titles = [group.title for group in TargetGroup.objects.filter(intervention=row)]
    for group in said.get("groups") or ():
        if narratives_of(group["title"]) not in titles:
            groups.add(by=by, intervention_uuid=uuid, title=group["title"], reason=taken.reason)
    add_services(by, uuid, said.get("services") or (), reason=taken.reason)


# --- responsibilities ---


def _add_responsibility(by: Actor, taken: Taken, row: Row) -> UUID:
    return define(by, taken.programme, row, language=taken.language)


def _change_responsibility(by: Actor, taken: Taken, uuid: UUID, said: Row) -> None:
    if "kind" in said:
        raise Invalid(
            "not_editable", "The kind of a responsibility never changes: define a new one.", field="kind"
        )
    found = access.responsibility_for(by, uuid, may=Permission.EDIT_RESPONSIBILITY)
    changes = {
        name: _in(value, taken.language) if name in ("title", "description") else value
        for name, value in _plain(said, frozenset()).items()
    }
    responsibilities.edit(by=by, responsibility_uuid=uuid, version=found.version, **changes)


# --- shared ---


def _plain(said: Row, without: frozenset[str]) -> dict[str, Any]:
    """Give fields as actions take them: what the model no longer says becomes empty."""
    return {
        name: EMPTY.get(name) if value is None else value
        for name, value in said.items()
        if name not in without
    }


def _mine(there: Iterable[UUID], taken: Taken, kind: str) -> list[UUID]:
    """Give those of linked rows that came from the model: links of one's own stay."""
    known = {uuid for name, uuid in taken.names.items() if name.startswith(f"{kind}:")}
    return [uuid for uuid in there if uuid in known]


def _in(text: Any, language: str) -> str:
    return best(narratives_of(text), language) if text else ""


_ADDS: Final[Mapping[PieceKind, Callable[[Actor, Taken, Row], UUID]]] = MappingProxyType(
    {
        PieceKind.LEVEL: _add_level,
        PieceKind.NEED: _add_need,
        PieceKind.INTERVENTION: _add_intervention,
        PieceKind.RESPONSIBILITY: _add_responsibility,
    }
)
_CHANGES: Final[Mapping[PieceKind, Callable[[Actor, Taken, UUID, Row], None]]] = MappingProxyType(
    {
        PieceKind.LEVEL: _change_level,
        PieceKind.NEED: _change_need,
        PieceKind.INTERVENTION: _change_intervention,
        PieceKind.RESPONSIBILITY: _change_responsibility,
    }
)
