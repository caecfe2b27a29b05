"""What hangs on the interventions of a document: checked row by row, written table by table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover.errors import Invalid
from handover.models import Place, Programme
from handover.models.base import InProgramme
from interventions.actions import entries, groups, hierarchy, interventions, partners
from interventions.actions.entries import Entry
from interventions.models import (
    Intervention,
    InterventionDependency,
    InterventionNeed,
    InterventionPartner,
    InterventionPlace,
    Need,
    TargetGroup,
)
from interventions.queries import order

HANGING: Final = frozenset({"needs", "after", "places", "groups", "partners"})
TABLES: Final[tuple[type[InProgramme], ...]] = (
    Intervention,
    InterventionNeed,
    InterventionDependency,
    InterventionPlace,
    InterventionPartner,
    TargetGroup,
)

Rows = Mapping[str, Entry]
Built = Mapping[str, Intervention]


def hang(programme: Programme, rows: Rows, built: Built) -> None:
    """Write what hangs on interventions that are just made, in a constant number of statements.

    Raises:
        Invalid: the first thing that is wrong, with its field as ``interventions[key].field``.
    """
    _answers(programme, rows, built)
    _dependencies(programme, rows, built)
    _places(programme, rows, built)
    TargetGroup.objects.bulk_create(
        groups.build(built[key], item, at=at) for key, item, at in _items(rows, "groups")
    )
    named = list(_items(rows, "partners"))
    references = partners.References(programme, [item for _, item, _ in named])
    InterventionPartner.objects.bulk_create(
        partners.build(built[key], item, references, at=at) for key, item, at in named
    )


def _answers(programme: Programme, rows: Rows, built: Built) -> None:
    asked = {key: _keys(row, "needs", key) for key, row in rows.items()}
    keys = {item for items in asked.values() for item in items}
    locked = Need.objects.filter(programme=programme, uuid__in=keys).select_for_update(
        of=("self",), no_key=True
    )
    there = {need.uuid: need for need in locked.order_by("id")}
    links = []
    for key, items in asked.items():
        for item in items:
            field = f"interventions[{key}].needs"
            if item not in there:
                raise Invalid("unknown_need", f"There is no need {item} in this programme.", field=field)
            hierarchy.still_open(there[item], field=field)
            links.append(InterventionNeed(programme=programme, intervention=built[key], need=there[item]))
    InterventionNeed.objects.bulk_create(links)


def _places(programme: Programme, rows: Rows, built: Built) -> None:
    asked = {key: _keys(row, "places", key) for key, row in rows.items()}
    there = {
        place.uuid: place
        for place in Place.objects.filter(uuid__in={item for items in asked.values() for item in items})
    }
    links = []
    for key, items in asked.items():
        field = f"interventions[{key}].places"
        for item in items:
            if item not in there:
                raise Invalid("unknown_place", f"There is no place {item}.", field=field)
            if built[key].place == there[item]:
                sentence = f"“{built[key]}” works in {there[item].name} already."
                raise Invalid("already_there", sentence, field=field)
            links.append(InterventionPlace(programme=programme, intervention=built[key], place=there[item]))
    InterventionPlace.objects.bulk_create(links)


def _dependencies(programme: Programme, rows: Rows, built: Built) -> None:
    asked = {key: dict(_after(row, key)) for key, row in rows.items()}
    for key, items in asked.items():
        for item in items:
            if item not in built:
                sentence = f"There is no intervention “{item}” in this document."
                raise Invalid("unknown_intervention", sentence, field=f"interventions[{key}].after")
    try:
        list(order.waves(asked))
    except order.CircleError as circle:
        titles = [str(built[str(key)]) for key in circle.nodes]
        field = f"interventions[{circle.nodes[0]}].after"
        raise interventions.dependency_cycle(titles, field=field) from circle
    links = []
    for key, items in asked.items():
        for item, reason in items.items():
            link = InterventionDependency(
                programme=programme, intervention=built[key], after=built[item], reason=reason
            )
            entries.check(link, at=f"interventions[{key}].after.")
            links.append(link)
    InterventionDependency.objects.bulk_create(links)


def _after(row: Entry, key: str) -> Iterator[tuple[str, str]]:
    """Give what a row comes after, with the reason: a key alone, or a mapping of both."""
    field = f"interventions[{key}].after"
    for item in _listed(row, "after", field):
        match item:
            case str():
                yield item, ""
            case {"intervention": str(first), **rest} if set(rest) <= {"reason"}:
                yield first, str(rest.get("reason") or "")
            case _:
                sentence = "After is a list of keys, or of {intervention, reason}."
                raise Invalid("not_a_list", sentence, field=field)


def _items(rows: Rows, name: str) -> Iterator[tuple[str, Entry, str]]:
    """Give the entries below rows: the row's key, the entry, and where it stands."""
    for key, row in rows.items():
        field = f"interventions[{key}].{name}"
        for position, item in enumerate(_listed(row, name, field)):
            if not isinstance(item, Mapping):
                raise Invalid("not_a_list", f"{name.capitalize()} must be a list of entries.", field=field)
            yield key, item, f"{field}[{position}]."


def _keys(row: Entry, name: str, key: str) -> list[UUID]:
    """Give a list of UUIDs, each once, in its order."""
    field = f"interventions[{key}].{name}"
    items = _listed(row, name, field)
    if not all(isinstance(item, UUID) for item in items):
        raise Invalid("not_a_list", f"{name.capitalize()} must be a list of UUIDs.", field=field)
    return list(dict.fromkeys(items))


def _listed(row: Entry, name: str, field: str) -> Sequence[Any]:
    items = row.get(name, ())
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise Invalid("not_a_list", f"{name.capitalize()} must be a list.", field=field)
    return items
