"""Baselines: where an indicator stood before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from indicators.actions import entries
from indicators.actions.entries import Amount, Text
from indicators.models import Baseline, Indicator, Target
from indicators.models.cells import Dimension, cell
from indicators.queries import axes
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
    position: int | None = None,
) -> Baseline:
    """State a baseline for everybody, for a group or at a place.

    Args:
        dimensions: of a group, along the indicator's axes.
        locations: ``[{"ref": …}]`` of a place.
        position: what stands there is stated anew; by default what stands for the same group and place, else it is
            added after the others.

    Raises:
        NotFound, NotAllowed: the actor may not define the indicator.
        Invalid: a value that must be a number and is none, or a group that is not along the indicator's axes.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.DEFINE)
    columns = {
        "year": str(year),
        "iso_date": iso_date,
        **measured(indicator, value, comment, dimensions, locations, documents),
    }
    if position is None:
        there = Baseline.objects.filter(programme=indicator.programme, indicator=indicator)
        position = position_of(there.order_by("position", "id"), columns)
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
        data={
            "indicator": indicator.uuid,
            "year": str(year),
            "value": row.value_text,
            "sealed": sealed([row]),
        },
    )
    return row


def measured(
    indicator: Indicator,
    value: Amount | None,
    comment: Text,
    dimensions: Mapping[str, str] | Sequence[Dimension],
    locations: Sequence[Mapping[str, str]],
    documents: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Give the columns that a baseline and a target have in common.

    Raises:
        Invalid: a value that must be a number and is none, or a group that is not along the indicator's axes.
    """
    group = entries.dimensions(dimensions)
    axes.check(indicator, group)
    said, exact = entries.amount(indicator, value)
    return {
        "value": exact,
        "value_text": said,
        "comment": entries.text(comment),
        "dimensions": group,
        "locations": list(locations),
        "documents": list(documents),
    }


def position_of(rows: Iterable[Baseline | Target], columns: Mapping[str, Any]) -> int:
    """Give the position of what stands for the same group and place, else the one after the last."""
    after = 0
    for row in rows:
        if cell(row.dimensions) == cell(columns["dimensions"]) and row.locations == columns["locations"]:
            return row.position
        after = max(after, row.position + 1)
    return after
