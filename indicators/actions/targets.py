"""Targets: what an indicator should reach in a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from indicators.actions import baselines, entries, periods
from indicators.actions.entries import Amount, Text
from indicators.models import Target
from indicators.models.cells import Dimension
from indicators.queries.digests import sealed


@action
def put(
    *,
    by: Actor,
    indicator_uuid: UUID,
    starts_on: dt.date,
    ends_on: dt.date,
    value: Amount | None,
    comment: Text = "",
    dimensions: Mapping[str, str] | Sequence[Dimension] = (),
    locations: Sequence[Mapping[str, str]] = (),
    documents: Sequence[Mapping[str, Any]] = (),
    position: int | None = None,
) -> Target:
    """State a period's target for everybody, for a group or at a place. The period is made if it is not there.

    Args:
        dimensions: of a group, along the indicator's axes.
        locations: ``[{"ref": …}]`` of a place.
        position: what stands there is stated anew; by default what stands for the same group and place, else it is
            added after the others.

    Raises:
        NotFound, NotAllowed: the actor may not define the indicator.
        Invalid: dates the wrong way round, a value that must be a number and is none, or a group that is not along
            the indicator's axes.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.DEFINE)
    columns = baselines.measured(indicator, value, comment, dimensions, locations, documents)
    period, _ = periods.found_or_made(indicator, starts_on, ends_on)
    if position is None:
        there = Target.objects.filter(programme=indicator.programme, period=period)
        position = baselines.position_of(there.order_by("position", "id"), columns)
    entries.checked(Target(programme=indicator.programme, period=period, position=position, **columns))
    row, _ = Target.objects.update_or_create(
        programme=indicator.programme, period=period, position=position, defaults=columns
    )
    ledger.record(
        verb="target.stated",
        by=by,
        programme=indicator.programme,
        subject=row.uuid,
        data={
            "indicator": indicator.uuid,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "value": row.value_text,
            "dimensions": row.dimensions,
            "sealed": sealed([period, row]),
        },
    )
    return row
