"""Interventions of a programme document, with what hangs on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handover.access import Actor
from handover.errors import Invalid
from handover.exchange.documents import organisation_of
from handover.models import Programme
from interventions.actions import documents
from interventions.exchange.keyed import keyed, named, resolved


def load(
    programme: Programme, rows: Sequence[Mapping[str, Any]], *, by: Actor, names: Mapping[str, UUID]
) -> Mapping[str, UUID]:
    """Load interventions. Needs, places, responsibilities and agreements are named by key, organisations by slug.

    Returns:
        ``intervention:KEY``.

    Raises:
        Invalid: the first thing that is wrong, with its field as ``interventions[key].field``; nothing is loaded.
    """
    given = {
        key: _row(row, names, f"interventions[{key}]") for key, row in keyed(rows, "interventions").items()
    }
    added = documents.load_interventions(by=by, programme_uuid=programme.uuid, rows=given)
    return {f"intervention:{key}": uuid for key, uuid in added.items()}


def partnership(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    """Give a partner's row with UUIDs: its organisation by slug, its agreement by the contract's key.

    Raises:
        Invalid: there is no such organisation or contract.
    """
    given = resolved(row, names, at)
    if "organisation" in given:
        given["organisation"] = organisation_of(given["organisation"], f"{at}.organisation").uuid
    if "agreement" in given:
        given["agreement"] = of_register(names, "contract", given["agreement"], f"{at}.agreement")
    return given


def of_register(names: Mapping[str, UUID], kind: str, key: object, field: str) -> UUID:
    """Give the UUID of a line of a register; the kernel names them by the register, in the plural.

    Raises:
        Invalid: there is no such key.
    """
    found = names.get(f"{kind}s:{key}")
    return found if found is not None else named(names, kind, key, field)


def _row(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    given = resolved(row, names, at)
    for name, kind in (("needs", "need"), ("places", "place")):
        if name in given:
            given[name] = [named(names, kind, key, f"{at}.{name}") for key in listed(given, name, at)]
    if "partners" in given:
        given["partners"] = [
            partnership(item, names, f"{at}.partners[{position}]")
            for position, item in enumerate(listed(given, "partners", at))
        ]
    return given


def listed(row: Mapping[str, Any], name: str, at: str) -> Sequence[Any]:
    """Give what a row lists.

    Raises:
        Invalid: it is no list.
    """
    items = row.get(name, ())
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise Invalid("not_a_list", f"{name.capitalize()} must be a list of keys.", field=f"{at}.{name}")
    return items
