"""Results, indicators and values, made by the actions that make them in life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from handover.access import Actor
from handover.models import Programme
from indicators.actions import indicators, results, values
from indicators.actions.batches import Batch
from indicators.actions.entries import Amount
from indicators.actions.values import Reported
from indicators.models import Indicator, Result

FIRST_QUARTER = (dt.date(2024, 1, 1), dt.date(2024, 3, 31))
SECOND_QUARTER = (dt.date(2024, 4, 1), dt.date(2024, 6, 30))


def result(programme: Programme, *, by: Actor, title: str = "Children learn") -> Result:
    """Define a result."""
    return results.define(by=by, programme_uuid=programme.uuid, type="2", title=title)


def indicator(
    programme: Programme,
    *,
    by: Actor,
    of: Result | None = None,
    title: str | Mapping[str, str] = "Pupils enrolled",
    **said: Any,
) -> Indicator:
    """Define an indicator: a count that adds up, unless something else is said."""
    entry = {
        "measure": "1",
        "aggregation_status": "1",
        "counting_rule": "new_entrants",
        "title": title,
        **said,
    }
    under = of or result(programme, by=by)
    return indicators.define(by=by, result_uuid=under.uuid, **entry)


def reported(
    of: Indicator,
    cells: Mapping[str, Amount] | Iterable[Reported],
    *,
    by: Actor,
    quarter: tuple[dt.date, dt.date] = FIRST_QUARTER,
) -> Batch:
    """Report values of a quarter: by gender (``""`` is everybody), or as they are given."""
    rows = (
        [
            Reported(value=value, dimensions={"gender": gender} if gender else {})
            for gender, value in cells.items()
        ]
        if isinstance(cells, Mapping)
        else list(cells)
    )
    return values.report(by=by, indicator_uuid=of.uuid, starts_on=quarter[0], ends_on=quarter[1], rows=rows)


def csv_of(of: Indicator | UUID | str, count: int, *, first: int = 0) -> list[str]:
    """Give lines of a file with that many values of one indicator, a day each."""
    name = str(of.uuid) if isinstance(of, Indicator) else str(of)
    start = dt.date(2000, 1, 1)
    days = (start + dt.timedelta(days=number) for number in range(first, first + count))
    return [
        "indicator,start,end,gender,age,value\n",
        *(f"{name},{day},{day},women,adults,{day.day}\n" for day in days),
    ]
