"""Values as they stand: the last revision of each, as far as the reader's view goes."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import QuerySet

from handover.models import Programme
from indicators.models import Indicator, Value

SLOT: Final = ("period_id", "cell", "place_id", "position")
"""What a revision is a revision of."""


def revisions(programme: Programme, *, cutoff: dt.datetime | None) -> QuerySet[Value]:
    """Give every revision that a reader may see.

    Args:
        cutoff: ``Reach.cutoff``: nothing recorded after it is shown; ``None`` where nothing ends the view.
    """
    rows = Value.objects.filter(programme=programme)
    return rows if cutoff is None else rows.filter(recorded_at__lte=cutoff)


def current(
    programme: Programme, *, cutoff: dt.datetime | None, indicator: Indicator | None = None
) -> QuerySet[Value]:
    """Give the last revision of each value, by period, cell and place; of one indicator, or of all.

    A correction that was recorded after the cut-off does not show: the revision before it stands.
    """
    rows = revisions(programme, cutoff=cutoff)
    if indicator is not None:
        # By the period, which the index starts with; the indicator alone has none.
        rows = rows.filter(period__indicator=indicator)
    return rows.order_by(*SLOT, "-revision").distinct(*SLOT)


def history(value: Value, *, cutoff: dt.datetime | None) -> list[Value]:
    """Give all revisions of a value's slot, the first one first."""
    rows = revisions(value.programme, cutoff=cutoff)
    same = rows.filter(period=value.period_id, cell=value.cell, position=value.position)
    return list(
        (same.filter(place=value.place_id) if value.place_id else same.filter(place__isnull=True)).order_by(
            "revision"
        )
    )
