"""Targets: what an indicator should reach in a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from indicators.actions import entries, periods
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
    position: int = 0,
) -> Target:
    """State a period's target; one that stands at this position is stated anew. The period is made if it is not there.

    Raises:
        NotFound, NotAllowed: the actor may not define the indicator.
        Invalid: dates the wrong way round, or a value that must be a number and is none.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.DEFINE)
    period, _ = periods.found_or_made(indicator, starts_on, ends_on)
    said, exact = entries.amount(indicator, value)
    columns = {
        "value": exact,
        "value_text": said,
        "comment": entries.text(comment),
        "dimensions": entries.dimensions(dimensions),
        "locations": list(locations),
        "documents": list(documents),
    }
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
            "value": said,
            "sealed": sealed([period, row]),
        },
    )
    return row
