"""Whole documents of needs and interventions: checked as a whole, written in sets, one ledger entry each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Programme
from handover.models.base import InProgramme
from handover.permissions import Permission
from handover.queries.conservation import conserved_rows
from interventions.actions import entries, hierarchy, interventions, loading, need_entries
from interventions.actions import levels as level_actions
from interventions.actions.entries import Entry, Text
from interventions.models import (
    Intervention,
    Need,
    NeedLevel,
    NeedPlace,
    NeedPrerequisite,
)
from interventions.queries import order


@action
def load_needs(
    *, by: Actor, programme_uuid: UUID, levels: Mapping[str, Text], rows: Mapping[str, Entry]
) -> dict[str, UUID]:
    """Load levels and needs, in a number of statements that depends on the depth of the tree alone.

    Args:
        levels: titles by key, lowest level first, as in ``levels.define``; without any, the present ones stay.
        rows: needs by key. Besides the fields of ``needs.add`` they may name, by the keys of this document, their
            ``parent`` and their ``prerequisites`` (a list).

    Returns:
        The UUIDs of the needs, by key.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: the first thing that is wrong, with its field as ``needs[key].field``; nothing is loaded.
    """
    plain = {key: _without(row, {"parent", "prerequisites"}) for key, row in rows.items()}
    programme, references = need_entries.begin(by, programme_uuid, list(plain.values()))
    hierarchy.hold(programme)
    among = level_actions.write(programme, levels) if levels else None
    terms = need_entries.known(programme, list(plain.values()), references=references, among=among)
    built: dict[str, Need] = {}
    for key, row in plain.items():
        at = f"needs[{key}]."
        entries.only(row, need_entries.FIELDS, at=at)
        built[key] = need_entries.build(row, terms, at=at)
    _write_tree(rows, built)
    _write_prerequisites(programme, rows, built)
    NeedPlace.objects.bulk_create(
        place
        for key, row in plain.items()
        for place in need_entries.places_of(built[key], terms.places(row, at=f"needs[{key}]."))
    )
    tables = (NeedLevel, Need, NeedPrerequisite, NeedPlace)
    _record(by, programme, "needs.loaded", {"needs": len(built)}, tables)
    return {key: need.uuid for key, need in built.items()}


@action
def load_interventions(*, by: Actor, programme_uuid: UUID, rows: Mapping[str, Entry]) -> dict[str, UUID]:
    """Load interventions with the needs that they answer, in a constant number of statements.

    Args:
        rows: interventions by key: the fields of ``interventions.add``, and what hangs on them: ``needs`` and
            ``places`` (lists of UUIDs), ``after`` (keys of this document, or ``{"intervention": key, "reason": text}``
            each), ``groups`` and ``partners`` (lists of what ``groups.add`` and ``partners.add`` take).

    Returns:
        The UUIDs of the interventions, by key.

    Raises:
        NotFound, NotAllowed: the actor may not change what is done there; each responsibility is asked.
        Invalid: the first thing that is wrong, with its field as ``interventions[key].field``; then nothing is loaded.
    """
    plain = {key: _without(row, loading.HANGING) for key, row in rows.items()}
    may = Permission.EDIT_INTERVENTIONS
    programme, references = entries.begin(by, programme_uuid, list(plain.values()), may=may)
    built: dict[str, Intervention] = {}
    for key, row in plain.items():
        at = f"interventions[{key}]."
        entries.only(row, interventions.FIELDS, at=at)
        built[key] = interventions.build(programme, row, references, at=at)
    Intervention.objects.bulk_create(built.values())
    loading.hang(programme, rows, built)
    _record(by, programme, "interventions.loaded", {"interventions": len(built)}, loading.TABLES)
    return {key: row.uuid for key, row in built.items()}


def _write_tree(rows: Mapping[str, Entry], built: Mapping[str, Need]) -> None:
    """Write parents before children, one statement a wave; siblings without a rank keep the document's order."""
    above: dict[str, list[str]] = {}
    last: dict[str | None, int] = {}
    for key, row in rows.items():
        parent = row.get("parent")
        if parent is not None and (not isinstance(parent, str) or parent not in built):
            raise _unknown("need", parent, f"needs[{key}].parent")
        above[key] = [str(parent)] if parent is not None else []
        group = str(parent) if parent is not None else None
        if "rank" not in row:
            built[key].rank = last.get(group, 0) + 1
        last[group] = max(last.get(group, 0), built[key].rank)
    try:
        for wave in order.waves(above):
            for key in wave:
                built[key].parent = built[above[key][0]] if above[key] else None
            Need.objects.bulk_create([built[key] for key in wave])
    except order.CircleError as circle:
        raise hierarchy.parent_circle([str(built[str(key)]) for key in reversed(circle.nodes)]) from circle


def _write_prerequisites(programme: Programme, rows: Mapping[str, Entry], built: Mapping[str, Need]) -> None:
    edges = {key: _listed(row, "prerequisites", f"needs[{key}].prerequisites") for key, row in rows.items()}
    for key, items in edges.items():
        for item in items:
            if item not in built:
                raise _unknown("need", item, f"needs[{key}].prerequisites")
    try:
        list(order.waves(edges))
    except order.CircleError as circle:
        titles = [str(built[str(key)]) for key in circle.nodes]
        raise hierarchy.prerequisite_cycle(
            titles, field=f"needs[{circle.nodes[0]}].prerequisites"
        ) from circle
    NeedPrerequisite.objects.bulk_create(
        NeedPrerequisite(programme=programme, need=built[key], requires=built[item])
        for key, items in edges.items()
        for item in items
    )


def _record(
    by: Actor,
    programme: Programme,
    verb: str,
    counts: Mapping[str, int],
    tables: Iterable[type[InProgramme]],
) -> None:
    """Commit the ledger to the tables as they now stand: counts and digests, whatever the document's size."""
    digests = [item.as_json() for item in conserved_rows(programme, tables)]
    ledger.record(
        verb=verb,
        by=by,
        programme=programme,
        subject=programme.uuid,
        data={"loaded": counts, "tables": digests},
    )


def _without(row: Entry, names: Collection[str]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in names}


def _listed(row: Entry, name: str, field: str) -> list[Any]:
    """Give a list of keys, each once, in its order."""
    items = row.get(name, ())
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise Invalid("not_a_list", f"{name.capitalize()} must be a list.", field=field)
    if not all(isinstance(item, str | UUID) for item in items):
        raise Invalid("not_a_list", f"{name.capitalize()} must be a list of keys.", field=field)
    return list(dict.fromkeys(items))


def _unknown(what: str, key: object, field: str) -> Invalid:
    return Invalid(f"unknown_{what}", f"There is no {what} “{key}”.", field=field)
