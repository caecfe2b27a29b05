"""Breaks in a series: stated once, never taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from handover import clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models.base import notice_personal_data
from indicators.actions import entries
from indicators.models import Break, Indicator
from indicators.models.codes import BreakKind
from indicators.queries.digests import sealed


@dataclass(frozen=True)
class Broken:
    """A break to be stated together with a change of the definition."""

    on: dt.date
    reason: str
    kind: BreakKind | str = BreakKind.DEFINITION


@action
def state(*, by: Actor, indicator_uuid: UUID, on: dt.date, kind: BreakKind | str, reason: str) -> Break:
    """State a break: from this day something else is counted, or counted otherwise. No total crosses it.

    Raises:
        NotFound, NotAllowed: the actor may not define the indicator.
        Invalid: no such kind, no reason, or a break on that day already.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.DEFINE)
    return stated(by, indicator, Broken(on=on, reason=reason, kind=kind))


def stated(by: Actor, indicator: Indicator, given: Broken) -> Break:
    """Write a break, inside an action that has asked for it.

    Raises:
        Invalid: as for ``state``.
    """
    if given.kind not in BreakKind.values:
        raise Invalid("unknown_kind", f"“{given.kind}” is no kind of break.", field="kind")
    reason = given.reason.strip()
    if not reason:
        raise Invalid("reason_missing", "A break needs a reason.", field="reason")
    # Of two that state one for the same day, the second waits here and finds the first.
    Indicator.objects.select_for_update(no_key=True).get(pk=indicator.pk)
    if Break.objects.filter(indicator=indicator, on=given.on).exists():
        raise Invalid("break_known", f"A break on {given.on} is stated already.", field="on")
    row = Break.objects.create(
        programme=indicator.programme,
        indicator=indicator,
        on=given.on,
        kind=BreakKind(given.kind),
        reason=reason,
        stated_by=by.user,
        stated_by_name=by.user.called,
        organisation=by.organisation,
        organisation_name=by.organisation.name,
        stated_at=clock.now(),
    )
    notice_personal_data(row)
    ledger.record(
        verb="break.stated",
        by=by,
        programme=indicator.programme,
        subject=row.uuid,
        data={
            "indicator": indicator.uuid,
            "on": given.on,
            "kind": row.kind,
            "reason": reason,
            "sealed": sealed([row]),
        },
    )
    return row
