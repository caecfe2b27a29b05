"""Reads of the registers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Min

from handover.models import Grant, Programme, Responsibility, Tenure
from handover.models.responsibilities import Capacity


def threshold_of(programme: Programme) -> Decimal | None:
    """Give the strictest equipment threshold among a programme's grants; ``None`` where no grant has one.

    An item that costs more needs proof of its transfer. Each grant states its own threshold.
    """
    thresholds = Grant.objects.filter(programme=programme, equipment_threshold__isnull=False)
    strictest: Decimal | None = thresholds.aggregate(strictest=Min("equipment_threshold"))["strictest"]
    return strictest


@dataclass(frozen=True)
class Gap:
    """Days on which a responsibility had nobody in a capacity: half-open, ``until`` is ``None`` while it lasts."""

    responsibility: Responsibility
    capacity: Capacity
    since: dt.date
    until: dt.date | None


def gaps(programme: Programme, capacity: Capacity = Capacity.PROVIDER) -> Iterator[Gap]:
    """Name the gaps in a programme's responsibilities, from each one's first day on."""
    rows = Tenure.objects.filter(programme=programme, capacity=capacity).select_related("responsibility")
    spans: dict[int, list[Tenure]] = {}
    for row in rows.order_by("responsibility_id", "valid"):
        spans.setdefault(row.responsibility_id, []).append(row)
    for tenures in spans.values():
        for tenure, following in zip(tenures, [*tenures[1:], None], strict=True):
            end = tenure.valid.upper
            start = following.valid.lower if following else None
            if end is not None and (start is None or start > end):
                yield Gap(tenure.responsibility, capacity, end, start)
