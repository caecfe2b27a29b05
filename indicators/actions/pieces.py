"""One indicator of a published model, taken into a programme that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from handover import access
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from handover.models import Programme
from handover.narratives import narratives
from handover.permissions import Permission
from indicators.actions import axes, entries, indicators, results
from indicators.models import Indicator, Result
from indicators.queries.axes import allowed

LATER = frozenset({"result", "axes_known"})
"""What a piece brings along beside the indicator's own fields: its result, and the axes that it may name."""
RENAMED = {"reference": "references"}


@action
def take(
    *,
    by: Actor,
    programme_uuid: UUID,
    piece: Mapping[str, Any],
    names: Mapping[str, UUID],
    present: UUID | None = None,
) -> UUID:
    """Define an indicator as a model has it, or change the one that is there.

    Args:
        piece: fields as in a programme document; ``result`` is the model's result (a row), below which it stands;
            ``axes_known`` the model's axes, of which those that the programme lacks are created.
        names: ``need:KEY``, ``intervention:KEY``, ``responsibility:KEY``, ``indicator:KEY``.
        present: the indicator to change; then only the fields given change.

    Raises:
        NotFound, NotAllowed: the actor may not define it.
        Invalid: a wrong field, or a change that breaks a series which changed hands (``break_needed``).
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
    _add_axes(by, programme, piece)
    said = _said(piece, names)
    if present is None:
        return indicators.define(by=by, result_uuid=_result(by, programme, piece["result"]), **said).uuid
    found = Indicator.objects.filter(programme=programme, uuid=present).first()
    if found is None:
        raise NotFound("indicator")
    return indicators.edit(by=by, indicator_uuid=present, version=found.version, **said).uuid


def _add_axes(by: Actor, programme: Programme, piece: Mapping[str, Any]) -> None:
    there = allowed(programme)
    wanted = [name for name in piece.get("axes") or () if name not in there]
    known = {str(row.get("standard") or row.get("name")): row for row in piece.get("axes_known") or ()}
    for name in wanted:
        row = known.get(name)
        if row is None:
            raise Invalid("unknown_axis", f"The model has no axis “{name}”.", field="axes")
        if row.get("standard"):
            axes.create_standard(by=by, programme_uuid=programme.uuid, name=name)
        else:
            axes.create(
                by=by,
                programme_uuid=programme.uuid,
                name=name,
                categories=row["categories"],
                title=row.get("title") or "",
                estimated=bool(row.get("estimated")),
            )


def _result(by: Actor, programme: Programme, row: Mapping[str, Any]) -> UUID:
    """Give the programme's result of the same type and title, or define it."""
    title = narratives(row["title"])
    for found in Result.objects.filter(programme=programme, type=row["type"]).order_by("position", "id"):
        if found.title == title:
            return found.uuid
    status = row.get("aggregation_status")
    return results.define(
        by=by,
        programme_uuid=programme.uuid,
        type=row["type"],
        title=row["title"],
        description=row.get("description") or "",
        aggregation_status=_boolean(status),
    ).uuid


def _said(piece: Mapping[str, Any], names: Mapping[str, UUID]) -> Any:
    """Give a piece's fields as ``indicators.define`` takes them: references as UUIDs, truth as IATI writes it."""
    said: dict[str, Any] = {}
    for name, value in piece.items():
        if name in LATER or name == "key":
            continue
        if name in entries.REFERENCES:
            said[name] = names.get(f"{name}:{value}") if value else None
        elif name == "parts":
            said[name] = {part: names[f"indicator:{key}"] for part, key in (value or {}).items()}
        elif name in ("ascending", "aggregation_status"):
            said[name] = _boolean(value)
        else:
            said[RENAMED.get(name, name)] = value if value is not None else _nothing(name)
    return said


def _nothing(name: str) -> object:
    """Give what a field holds when it is taken away."""
    if name in ("green_from", "amber_from", "due_days"):
        return None
    if name in ("reference", "scale", "axes"):
        return []
    return {"approval": False, "counting_rule": "none"}.get(name, "")


def _boolean(value: object) -> str:
    return "" if value is None else "1" if value else "0"
