"""Periods: the spans of days for which an indicator has targets and values."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from indicators.actions import entries
from indicators.models import Indicator, Period
from indicators.queries.digests import sealed


@action
def put(*, by: Actor, indicator_uuid: UUID, starts_on: dt.date, ends_on: dt.date) -> Period:
    """Give an indicator a period, if it has none of these dates. Both days are included; a period's dates never change.

    Raises:
        NotFound, NotAllowed: the actor may not define the indicator.
        Invalid: dates the wrong way round.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.DEFINE)
    row, made = found_or_made(indicator, starts_on, ends_on)
    if made:
        ledger.record(
            verb="period.added",
            by=by,
            programme=indicator.programme,
            subject=row.uuid,
            data={
                "indicator": indicator.uuid,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "sealed": sealed([row]),
            },
        )
    return row


def found_or_made(indicator: Indicator, starts_on: dt.date, ends_on: dt.date) -> tuple[Period, bool]:
    """Give the first period of these dates, and whether it was made now. Inside an action that has asked for it.

    Raises:
        Invalid: dates the wrong way round.
    """
    entries.span(starts_on, ends_on)
    # Of two that add the same period at once, the second waits here and finds it.
    Indicator.objects.select_for_update(no_key=True).get(pk=indicator.pk)
    rows = Period.objects.filter(programme=indicator.programme, indicator=indicator)
    found = rows.filter(starts_on=starts_on, ends_on=ends_on).order_by("position", "id").first()
    if found is not None:
        return found, False
    made = Period.objects.create(
        programme=indicator.programme,
        indicator=indicator,
        starts_on=starts_on,
        ends_on=ends_on,
        position=rows.count(),
    )
    return made, True
