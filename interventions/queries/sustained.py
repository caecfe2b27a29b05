"""Services after a handover: what each delivered in the year before it, and in the last year."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import Q, Sum

from handover.models import Programme
from handover.queries.sustained import Figure, Part, stands
from interventions.models import Delivery
from interventions.models.services import ServiceKind

YEAR: Final = dt.timedelta(days=365)


def sustained(programme: Programme, since: dt.date, on: dt.date) -> list[Figure]:
    """Tell of each service that delivered something in the year before the handover how much it delivers now.

    One query. Where less than a year went by since the handover, the year before it counts in that proportion. Of what
    a service did lately nothing recorded is unknown: nobody knows that it stopped.
    """
    days = min(YEAR, on - since + dt.timedelta(days=1)).days
    rows = (
        Delivery.objects.filter(programme=programme, service__kind=ServiceKind.SERVICE)
        .values("service__uuid", "service__title", "service__unit")
        .annotate(
            before=Sum("quantity", filter=_within(since - YEAR, since - dt.timedelta(days=1))),
            now=Sum("quantity", filter=_within(max(since, on - YEAR + dt.timedelta(days=1)), on)),
        )
        .order_by("service__uuid")
    )
    return [
        Figure(
            part=Part.SERVICES,
            stands=stands(row["before"] * days / YEAR.days, row["now"]),
            title=row["service__title"],
            uuid=str(row["service__uuid"]),
            before=round(row["before"] * days / YEAR.days, 1),
            now=row["now"],
            unit=row["service__unit"],
            why="" if row["now"] is not None else "nothing_reported",
        )
        for row in rows
        if row["before"]
    ]


def _within(first: dt.date, last: dt.date) -> Q:
    """Give the condition of what was delivered in a period that lies within some days."""
    return Q(starts_on__gte=first, ends_on__lte=last)
