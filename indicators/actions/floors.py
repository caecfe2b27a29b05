"""Floors of indicators: set with a reason, changed, taken away."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action, lines
from handover.errors import Invalid
from handover.permissions import Permission
from indicators.actions.entries import indicator_for
from indicators.models import Floor, Indicator

MAY: Final = Permission.DEFINE_INDICATORS


@action
def set_floor(
    *, by: Actor, indicator_uuid: UUID, level: Decimal | str | None, reason: str = ""
) -> Floor | None:
    """Say below which value an indicator's result is called lost; ``None`` takes the floor away.

    Raises:
        NotFound, NotAllowed: there is no such indicator, or the actor may not define it.
        Invalid: no reason, no number, or nothing would change.
    """
    indicator = indicator_for(by, indicator_uuid, may=MAY)
    lines.one_at_a_time(indicator.programme, "floors")
    there = Floor.objects.filter(indicator=indicator).first()
    before = lines.facts(there, ("level", "reason")) if there else None
    if level is None:
        if there is None:
            raise Invalid("nothing_changed", "This indicator has no floor.", field="level")
        there.delete()
        _record(by, indicator, before, None)
        return None
    if not reason.strip():
        raise Invalid("reason_needed", "Say why the floor lies there.", field="reason")
    row = there or Floor(programme=indicator.programme, indicator=indicator)
    given = lines.filled(Floor, indicator.programme, {"level": level, "reason": reason.strip()})
    for name, value in given.items():
        setattr(row, name, value)
    lines.cleaned(row)
    after = lines.facts(row, ("level", "reason"))
    if before == after:
        raise Invalid("nothing_changed", "The floor lies there already.", field="level")
    if there:
        there.change(version=there.version, level=row.level, reason=row.reason)
    else:
        row.save()
    _record(by, indicator, before, after)
    return row


def _record(by: Actor, indicator: Indicator, before: object, after: object) -> None:
    ledger.record(
        verb="indicator.floor_set",
        by=by,
        programme=indicator.programme,
        subject=indicator.uuid,
        data={"before": before, "after": after},
    )
