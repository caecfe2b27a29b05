"""Records of the work, made by their action."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from handover.access import Actor
from handover.models import Programme
from interventions.actions import records
from interventions.models import Intervention, Support
from tests.factories import interventions as make

_numbers = count(1)


def entered(programme: Programme, record: str, *, by: Actor, **entry: Any) -> Any:
    """Enter a record of a kind."""
    return records.enter(by=by, programme_uuid=programme.uuid, record=record, entry=entry)


def work(programme: Programme, *, by: Actor) -> Intervention:
    """Add an intervention that no record is of yet."""
    return make.intervention(programme, by=by, title=f"Support {next(_numbers)}")


def support(programme: Programme, *, by: Actor, **said: Any) -> Support:
    """Record food that was handed out in the first quarter of 2024; of an intervention of its own, if none is said."""
    entry = {
        "kind": "food",
        "outcome": "delivered",
        "starts_on": dt.date(2024, 1, 1),
        "ends_on": dt.date(2024, 3, 31),
        **said,
    }
    if "intervention" not in entry:
        entry["intervention"] = work(programme, by=by).uuid
    row: Support = entered(programme, "support", by=by, **entry)
    return row
