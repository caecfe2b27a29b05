"""Levels and needs of a programme document: places, responsibilities and consultations are named by their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handover.access import Actor
from handover.errors import Invalid
from handover.models import Programme
from interventions.actions import documents
from interventions.exchange.keyed import keyed, named, resolved


def load(
    programme: Programme, hierarchy: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
) -> Mapping[str, UUID]:
    """Load ``{"levels": [{"key", "title"}], "needs": [{"key", …}]}``.

    A need names its ``parent`` and its ``prerequisites`` by key, its other ``places`` as ``[{"place", "people"}]``.

    Returns:
        ``need:KEY``.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: the first thing that is wrong, with its field as ``needs[KEY].field``; nothing is loaded.
    """
    levels = keyed(hierarchy.get("levels", ()), "levels")
    rows = {
        key: need_row(row, names, f"needs[{key}]")
        for key, row in keyed(hierarchy.get("needs", ()), "needs").items()
    }
    added = documents.load_needs(
        by=by,
        programme_uuid=programme.uuid,
        levels={key: row.get("title", "") for key, row in levels.items()},
        rows=rows,
    )
    return {f"need:{key}": uuid for key, uuid in added.items()}


def need_row(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    """Replace the keys of what a need refers to by UUIDs; ``null`` counts as not given.

    Raises:
        Invalid: there is no such key.
    """
    given = resolved(row, names, at)
    if "places" in given:
        given["places"] = _places(given["places"], names, f"{at}.places")
    if "raised_in" in given:
        given["raised_in"] = named(names, "consultation", given["raised_in"], f"{at}.raised_in")
    return given


def _places(given: object, names: Mapping[str, UUID], at: str) -> dict[UUID, Any]:
    """Give the people counted at each place, by the UUIDs of the places.

    Raises:
        Invalid: no list of ``{"place", "people"}``, a place that is not there, or one that is there twice.
    """
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        raise Invalid("not_a_list", "Places must be a list.", field=at)
    found: dict[UUID, Any] = {}
    for item in given:
        if not isinstance(item, Mapping) or not set(item) <= {"place", "people"}:
            raise Invalid("not_a_list", "Places must be a list of {place, people}.", field=at)
        key = named(names, "place", item.get("place"), at)
        if key in found:
            raise Invalid("named_twice", f"The place “{item.get('place')}” is named twice.", field=at)
        found[key] = item.get("people")
    return found
