"""Rankings of a programme document: needs and consultations are named by their keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from handover.access import Actor, asking
from handover.errors import Invalid
from handover.exchange.documents import within
from handover.models import Programme
from interventions.actions import rankings
from interventions.actions.rankings import Cast, Order
from interventions.exchange.keyed import keyed, named

FIELDS: Final = frozenset(
    {"ranked_by", "method", "held_on", "needs", "ballots", "consultation", "reason", "voters", "apply"}
)
BALLOT: Final = frozenset({"order", "counts", "voters", "group"})


def load(
    programme: Programme, rows: Sequence[Mapping[str, Any]], *, by: Actor, names: Mapping[str, UUID]
) -> Mapping[str, UUID]:
    """Load rankings, oldest first, wholly or not at all: ``[{"key", "ranked_by", "method", "held_on", …}]``.

    ``needs`` is a list of needs' keys (a list in it shares a place); a ballot is ``{"order": [keys]}`` or
    ``{"counts": {key: number}}``, with ``voters`` and ``group``.

    Returns:
        ``ranking:KEY``.

    Raises:
        NotFound, NotAllowed: the actor may not record such a ranking.
        Invalid: the first thing that is wrong, with its field as ``rankings[KEY].field``.
    """
    added: dict[str, UUID] = {}
    with asking(by):
        for key, row in keyed(rows, "rankings").items():
            at = f"rankings[{key}]"
            with within(at):
                added[f"ranking:{key}"] = _held(programme, row, names, at, by)
    return added


def _held(
    programme: Programme, row: Mapping[str, Any], names: Mapping[str, UUID], at: str, by: Actor
) -> UUID:
    _only(row, FIELDS, at)
    where = row.get("consultation")
    ballots = [
        _ballot(ballot, names, f"{at}.ballots[{number}]")
        for number, ballot in enumerate(listed(row.get("ballots", ()), f"{at}.ballots"))
    ]
    made = rankings.hold(
        by=by,
        programme_uuid=programme.uuid,
        ranked_by=str(row.get("ranked_by", "")),
        method=str(row.get("method", "")),
        held_on=_day(row.get("held_on"), f"{at}.held_on"),
        needs=_order(row.get("needs", ()), names, f"{at}.needs"),
        ballots=ballots,
        consultation=named(names, "consultation", where, f"{at}.consultation") if where else None,
        reason=str(row.get("reason") or ""),
        voters=row.get("voters"),
        apply=bool(row.get("apply", False)),
    )
    return made.uuid


def _ballot(given: object, names: Mapping[str, UUID], at: str) -> Cast:
    if not isinstance(given, Mapping):
        raise Invalid("not_a_mapping", "A ballot must be a mapping.", field=at)
    _only(given, BALLOT, at)
    counts = given.get("counts", {})
    if not isinstance(counts, Mapping):
        raise Invalid("not_a_mapping", "Counts must be given as {need: number}.", field=f"{at}.counts")
    return Cast(
        order=_order(given.get("order", ()), names, f"{at}.order"),
        counts={
            named(names, "need", key, f"{at}.counts"): Decimal(str(count))
            if isinstance(count, float)
            else count
            for key, count in counts.items()
        },
        voters=given.get("voters", 1),
        group=str(given.get("group") or ""),
    )


def _order(given: object, names: Mapping[str, UUID], at: str) -> Order:
    """Give UUIDs for keys; keys in a list of their own stay together."""
    return [
        [named(names, "need", key, at) for key in item]
        if isinstance(item, list | tuple)
        else named(names, "need", item, at)
        for item in listed(given, at)
    ]


def listed(given: object, at: str) -> Sequence[Any]:
    """Give a list that stands at a place of the document.

    Raises:
        Invalid: it is none.
    """
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        raise Invalid("not_a_list", f"{at.rpartition('.')[2].capitalize()} must be a list.", field=at)
    return given


def _day(given: object, at: str) -> dt.date:
    try:
        return dt.date.fromisoformat(str(given))
    except ValueError:
        raise Invalid("no_date", f"“{given}” is no date (YYYY-MM-DD).", field=at) from None


def _only(row: Mapping[str, Any], known: frozenset[str], at: str) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        sentence = f"{at}.{unknown[0]} is no field that can be given here."
        raise Invalid("unknown_field", sentence, field=f"{at}.{unknown[0]}")
