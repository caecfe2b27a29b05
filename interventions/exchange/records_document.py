"""Records of the work in a programme document: lists by kind, rows that refer to each other by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from handover.access import Actor
from handover.errors import Invalid
from handover.models import Programme
from interventions.actions import commitments, records
from interventions.exchange.keyed import RENAMED, keyed, named
from interventions.queries.calendar import SHARED

LISTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "days": "day",
        "authorities": "authority",
        "seats": "seat",
        "meetings": "meeting",
        "commitments": "commitment",
        "supports": "support",
        "trainings": "training",
        "complaints": "complaints",
        "events": "event",
        "media": "media",
    }
)
"""Lists of a document in the order in which rows can refer to earlier ones, and the kind of their records."""

REFERENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "intervention": "intervention",
        "place": "place",
        "authority": "authority",
        "seat": "seat",
        "meeting": "meeting",
        "need": "need",
        "organisation": "organisation",
        "holder": "organisation",
    }
)
"""Fields that hold a key, and what kind of thing the key names."""

CLOSED: Final = "closed"
"""What became of a commitment: ``{"state", "outcome", "on"}``."""


def load(
    programme: Programme,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    by: Actor,
    names: Mapping[str, UUID],
) -> Mapping[str, UUID]:
    """Load the records of a document; organisations are named by UUID where ``names`` has no key for them.

    Returns:
        ``authority:KEY``, ``seat:KEY``, ``support:KEY`` …

    Raises:
        Invalid: the first thing that is wrong, with its row and field: ``supports[food-q1].children``.
    """
    unknown = sorted(set(rows) - set(LISTS))
    if unknown:
        raise Invalid(
            "unknown_list",
            f"There are no records “{unknown[0]}”; there are: {', '.join(LISTS)}.",
            field=f"records.{unknown[0]}",
        )
    added: dict[str, UUID] = {}
    for name, kind in LISTS.items():
        for key, row in keyed(rows.get(name, ()), name).items():
            at = f"{name}[{key}]"
            entry = _entry(kind, row, {**names, **added}, at)
            closed = entry.pop(CLOSED, None)
            with _at(at):
                made = records.enter(by=by, programme_uuid=programme.uuid, record=kind, entry=entry)
                if closed is not None:
                    _close(made.uuid, closed, by=by)
            added[f"{kind}:{key}"] = made.uuid
    return added


def _entry(kind: str, row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    given = {RENAMED.get(field, field): value for field, value in row.items() if value is not None}
    for field, what in REFERENCES.items():
        if field in given and not (what == "organisation" and isinstance(given[field], UUID)):
            given[field] = named(names, what, given[field], f"{at}.{field}")
    if kind == "event" and "day" in given and given["day"] not in SHARED:
        given["day"] = named(names, "day", given["day"], f"{at}.day")
    if kind == "day":
        given.setdefault("key", at.partition("[")[2][:-1])
    return given


def _close(commitment: UUID, closed: object, *, by: Actor) -> None:
    if not isinstance(closed, Mapping) or set(closed) - {"state", "outcome", "on"}:
        raise Invalid(
            "not_an_end", "Say of a closed commitment its state, its outcome and on which day.", field=CLOSED
        )
    day = _day(closed["on"]) if "on" in closed else None
    commitments.close(
        by=by,
        commitment_uuid=commitment,
        version=1,
        state=str(closed.get("state", "")),
        outcome=str(closed.get("outcome", "")),
        closed_on=day,
    )


def _day(text: object) -> dt.date:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        raise Invalid("not_a_date", f"“{text}” is no date (YYYY-MM-DD).", field="on") from None


@contextmanager
def _at(row: str) -> Iterator[None]:
    """Put the row before the field of whatever is wrong in it."""
    try:
        yield
    except Invalid as error:
        field = error.details.get("field")
        details = {name: value for name, value in error.details.items() if name != "field"}
        where = f"{row}.{field}" if field else row
        raise Invalid(error.code, f"{where}: {error.sentence}", field=where, **details) from error
