"""Feeds in a programme document: which indicator is counted from which records, by keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover.access import Actor
from handover.errors import Invalid
from handover.models import Programme
from indicators.actions import feeds
from interventions.exchange.keyed import keyed, named
from interventions.queries.feeding import parts

KEYS: Final[Mapping[str, str]] = {"holder": "organisation"}
"""Filters whose words are keys of something else than their own name says."""

REFERENCES: Final = frozenset(
    {"intervention", "place", "authority", "seat", "meeting", "need", "service", "day"}
)


def load(
    programme: Programme, rows: Sequence[Mapping[str, Any]], *, by: Actor, names: Mapping[str, UUID]
) -> Mapping[str, UUID]:
    """Set the feeds of a document: ``[{"key", "indicator", "record", "measure", "filters"}]``; filters name by key.

    Returns:
        ``feed:KEY``.

    Raises:
        Invalid: the first thing that is wrong, with its row: ``feeds[food].measure``.
    """
    added: dict[str, UUID] = {}
    for key, row in keyed(rows, "feeds").items():
        at = f"feeds[{key}]"
        unknown = sorted(set(row) - {"indicator", "record", "measure", "filters"})
        if unknown:
            raise Invalid(
                "unknown_field",
                f"{at}: a feed has no field “{unknown[0]}”; there are: indicator, record, measure, filters.",
                field=f"{at}.{unknown[0]}",
            )
        indicator = named(names, "indicator", row.get("indicator"), f"{at}.indicator")
        filters = {
            name: _words(name, str(text), names, f"{at}.filters.{name}")
            for name, text in (row.get("filters") or {}).items()
        }
        try:
            made = feeds.define(
                by=by,
                indicator_uuid=indicator,
                record=str(row.get("record", "")),
                measure=str(row.get("measure", "")),
                filters=filters,
            )
        except Invalid as error:
            field = f"{at}.{error.details.get('field', 'record')}"
            raise Invalid(error.code, f"{at}: {error.sentence}", field=field) from error
        added[f"feed:{key}"] = made.uuid
    return added


def _words(name: str, text: str, names: Mapping[str, UUID], field: str) -> str:
    kind = KEYS.get(name, name)
    if name not in REFERENCES and name not in KEYS:
        return text
    return ",".join(str(named(names, kind, word, field)) for word in parts(text))
