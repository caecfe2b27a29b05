"""What this app holds for a programme: its needs, and what is done about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover import holdings
from handover.access import Actor
from handover.errors import Invalid
from handover.models import Programme
from handover.queries.conservation import conserved_rows
from interventions.actions import documents
from interventions.models import Intervention, InterventionNeed, Need, NeedLevel, NeedPrerequisite
from interventions.queries import interventions, needs

TABLES: Final = (NeedLevel, Need, NeedPrerequisite, Intervention, InterventionNeed)
RENAMED: Final = {"start": "starts_on", "end": "ends_on"}


class InterventionsHolding(holdings.Holding):
    """Needs and interventions of a programme."""

    name = "interventions"
    position = 10

    def conserved(self, programme: Programme) -> list[holdings.Conserved]:
        """Count and digest this app's rows, one statement a table."""
        return conserved_rows(programme, TABLES)

    def outline(self, programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
        """Tell the needs as a tree, then the interventions field by field, in three queries.

        They have no day on which they were recorded: for a reader with a cut-off too they are told as they are now.
        """
        roots = needs.tree(programme)
        if roots:
            yield "Needs"
            yield from (f"  {line}" for line in needs.outline(roots))
        fields = interventions.by_field(programme)
        if fields:
            yield "Interventions"
            told = interventions.outline(fields, interventions.answers(programme), roots)
            yield from (f"  {line}" for line in told)

    def load(
        self, programme: Programme, document: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
    ) -> Mapping[str, UUID]:
        """Load ``{"needs": {"levels": […], "needs": […]}, "interventions": […]}``.

        Rows refer to each other, to places and to responsibilities by key.

        Returns:
            ``need:KEY`` and ``intervention:KEY``.

        Raises:
            Invalid: the first thing that is wrong, with its field; nothing is loaded.
        """
        hierarchy = document.get("needs") or {}
        levels = _keyed(hierarchy.get("levels", ()), "levels")
        rows = {
            key: _resolved(row, names, f"needs[{key}]")
            for key, row in _keyed(hierarchy.get("needs", ()), "needs").items()
        }
        added = documents.load_needs(
            by=by,
            programme_uuid=programme.uuid,
            levels={key: row.get("title", "") for key, row in levels.items()},
            rows=rows,
        )
        named = {f"need:{key}": uuid for key, uuid in added.items()}
        done = {
            key: _intervention(row, {**names, **named}, f"interventions[{key}]")
            for key, row in _keyed(document.get("interventions") or (), "interventions").items()
        }
        loaded = documents.load_interventions(by=by, programme_uuid=programme.uuid, rows=done)
        return {**named, **{f"intervention:{key}": uuid for key, uuid in loaded.items()}}


def register() -> None:
    """Register this app's holding."""
    holdings.register(InterventionsHolding())


def _keyed(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    """Give a list's rows by their key.

    Raises:
        Invalid: a row without key, or a key that is there twice.
    """
    found: dict[str, dict[str, Any]] = {}
    for position, row in enumerate(rows):
        key = row.get("key")
        if not isinstance(key, str) or not key:
            raise Invalid(
                "key_missing", f"Row {position + 1} of {name} has no key.", field=f"{name}[{position}].key"
            )
        if key in found:
            raise Invalid(
                "repeated_key", f"There are two rows “{key}” among {name}.", field=f"{name}[{key}].key"
            )
        found[key] = {field: value for field, value in row.items() if field != "key"}
    return found


def _resolved(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    """Replace the keys of places and responsibilities by UUIDs; ``null`` counts as not given."""
    given = {RENAMED.get(field, field): value for field, value in row.items() if value is not None}
    for kind in ("place", "responsibility"):
        if kind in given:
            given[kind] = _named(names, kind, given[kind], f"{at}.{kind}")
    return given


def _intervention(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    given = _resolved(row, names, at)
    needs_named = given.get("needs", ())
    if isinstance(needs_named, str) or not isinstance(needs_named, Sequence):
        raise Invalid("not_a_list", "Needs must be a list of keys.", field=f"{at}.needs")
    return {**given, "needs": [_named(names, "need", key, f"{at}.needs") for key in needs_named]}


def _named(names: Mapping[str, UUID], kind: str, key: object, field: str) -> UUID:
    found = names.get(f"{kind}:{key}")
    if found is None:
        raise Invalid(f"unknown_{kind}", f"There is no {kind} “{key}”.", field=field)
    return found
