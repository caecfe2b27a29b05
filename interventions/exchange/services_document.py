"""Services of a programme document with what they delivered, partners, volunteers, and changes of interventions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from handover.access import Actor, asking
from handover.errors import Invalid
from handover.models import Programme
from interventions.actions import interventions, service_documents
from interventions.exchange.interventions_document import listed, of_register, partnership
from interventions.exchange.keyed import keyed, named, resolved
from interventions.models import Intervention

PARTS: Final = ("services", "partners", "volunteering", "changes")


def load(
    programme: Programme, document: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
) -> Mapping[str, UUID]:
    """Load ``{"services": […], "partners": […], "volunteering": […], "changes": […]}`` of interventions that are there.

    A change names its ``intervention``, its ``reason``, the ``consultation`` that prompted it, and what changes:
    ``edit`` (fields), ``answer``, ``unlink`` (needs), ``after``, ``not_after`` (interventions), ``place``,
    ``unplace`` (places).

    Returns:
        ``service:KEY``.

    Raises:
        Invalid: the first thing that is wrong, with its field.
    """
    unknown = sorted(set(document) - set(PARTS))
    if unknown:
        raise Invalid("unknown_field", f"{unknown[0]} is no part of services.", field=unknown[0])
    added = service_documents.load(
        by=by,
        programme_uuid=programme.uuid,
        rows={
            key: _service(row, names, f"services[{key}]")
            for key, row in keyed(document.get("services") or (), "services").items()
        },
        partnerships=[
            _below(partnership(row, names, at), names, at) for at, row in _numbered(document, "partners")
        ],
        volunteers=[
            _below(resolved(row, names, at), names, at) for at, row in _numbered(document, "volunteering")
        ],
    )
    with asking(by):
        for at, row in _numbered(document, "changes"):
            _change(programme, row, names, at, by=by)
    return {f"service:{key}": uuid for key, uuid in added.items()}


def _numbered(document: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    rows = listed(document, name, name)
    return [(f"{name}[{position}]", row) for position, row in enumerate(rows)]


def _below(row: dict[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    key = row.get("intervention")
    return {**row, "intervention": named(names, "intervention", key, f"{at}.intervention")}


def _service(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    given = _below(resolved(row, names, at), names, at)
    if "licence" in given:
        given["licence"] = of_register(names, "licence", given["licence"], f"{at}.licence")
    given["deliveries"] = [
        resolved(item, names, f"{at}.deliveries[{position}]")
        for position, item in enumerate(listed(given, "deliveries", at))
    ]
    return given


def _change(
    programme: Programme, row: Mapping[str, Any], names: Mapping[str, UUID], at: str, *, by: Actor
) -> None:
    """Make one change through the actions that a person would use."""
    uuid = named(names, "intervention", row.get("intervention"), f"{at}.intervention")
    why: dict[str, Any] = {"reason": str(row.get("reason") or "")}
    if row.get("consultation"):
        why["consultation"] = named(names, "consultation", row["consultation"], f"{at}.consultation")
    links: dict[str, tuple[str, Callable[..., object], str]] = {
        "answer": ("need", interventions.answer, "need_uuid"),
        "unlink": ("need", interventions.unlink, "need_uuid"),
        "after": ("intervention", interventions.after, "after_uuid"),
        "not_after": ("intervention", interventions.not_after, "after_uuid"),
        "place": ("place", interventions.place, "place_uuid"),
        "unplace": ("place", interventions.unplace, "place_uuid"),
    }
    unknown = sorted(set(row) - {"intervention", "reason", "consultation", "edit", *links})
    if unknown:
        raise Invalid("unknown_field", f"{unknown[0]} is no change.", field=f"{at}.{unknown[0]}")
    if row.get("edit"):
        present = Intervention.objects.get(programme=programme, uuid=uuid)
        changes = resolved(row["edit"], names, f"{at}.edit")
        interventions.edit(by=by, intervention_uuid=uuid, version=present.version, **why, **changes)
    for name, (kind, act, parameter) in links.items():
        for key in listed(row, name, at):
            other = named(names, kind, key, f"{at}.{name}")
            act(by=by, intervention_uuid=uuid, **{parameter: other}, **why)
