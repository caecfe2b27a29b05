"""Baselines: where an indicator stood before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from indicators.actions import entries
from indicators.actions.entries import Amount, Text
from indicators.models import Baseline
from indicators.models.cells import Dimension
from indicators.queries.digests import sealed


@action
def put(
    *,
    by: Actor,
    indicator_uuid: UUID,
    year: int | str,
    value: Amount | None,
    iso_date: str = "",
    comment: Text = "",
    dimensions: Mapping[str, str] | Sequence[Dimension] = (),
    locations: Sequence[Mapping[str, str]] = (),
    documents: Sequence[Mapping[str, Any]] = (),
    position: int = 0,
) -> Baseline:
    """State a baseline; one that stands at this position is stated anew.

    Raises:
        NotFound, NotAllowed: the actor may not define the indicator.
        Invalid: a value that must be a number and is none.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.DEFINE)
    said, exact = entries.amount(indicator, value)
    columns = {
        "year": str(year),
        "iso_date": iso_date,
        "value": exact,
        "value_text": said,
        "comment": entries.text(comment),
        "dimensions": entries.dimensions(dimensions),
        "locations": list(locations),
        "documents": list(documents),
    }
    entries.checked(
        Baseline(programme=indicator.programme, indicator=indicator, position=position, **columns)
    )
    row, _ = Baseline.objects.update_or_create(
        programme=indicator.programme, indicator=indicator, position=position, defaults=columns
    )
    ledger.record(
        verb="baseline.stated",
        by=by,
        programme=indicator.programme,
        subject=row.uuid,
        data={"indicator": indicator.uuid, "year": str(year), "value": said, "sealed": sealed([row])},
    )
    return row
