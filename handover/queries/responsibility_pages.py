"""Responsibilities as people read them: who answers for, delivers and owes each, over time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from handover import clock
from handover.models import Programme, Responsibility, Tenure
from handover.models.responsibilities import Capacity


@dataclass(frozen=True)
class Span:
    """Days on which an organisation was in a capacity; ``until`` is its last day, ``None`` while it lasts."""

    capacity: Capacity
    organisation: str
    since: dt.date | None
    until: dt.date | None
    now: bool
    by_transfer: bool


@dataclass(frozen=True)
class WithSpans:
    """A responsibility with everybody who ever held, provided or owed it."""

    row: Responsibility
    spans: Sequence[Span]

    def now(self, capacity: Capacity) -> str:
        """Name who is in a capacity today; nothing where nobody is."""
        return next((span.organisation for span in self.spans if span.now and span.capacity == capacity), "")

    def of(self, capacity: Capacity) -> list[Span]:
        """Give the spans of one capacity, the first first."""
        return [span for span in self.spans if span.capacity == capacity]


def responsibilities(programme: Programme) -> list[WithSpans]:
    """Give a programme's responsibilities by title, each with its spans, in two queries."""
    rows = Responsibility.objects.filter(programme=programme).select_related("place").order_by("title", "pk")
    spans = _spans(programme)
    return [WithSpans(row, spans.get(row.pk, [])) for row in rows]


def responsibility(programme: Programme, key: UUID) -> WithSpans | None:
    """Give one responsibility of a programme with its spans, in two queries."""
    row = Responsibility.objects.filter(programme=programme, uuid=key).select_related("place").first()
    return WithSpans(row, _spans(programme, row).get(row.pk, [])) if row is not None else None


def _spans(programme: Programme, row: Responsibility | None = None) -> Mapping[int, list[Span]]:
    today = clock.today()
    rows = Tenure.objects.filter(programme=programme).select_related("organisation").order_by("valid", "pk")
    if row is not None:
        rows = rows.filter(responsibility=row)
    found: defaultdict[int, list[Span]] = defaultdict(list)
    for item in rows:
        first, after = item.valid.lower, item.valid.upper
        found[item.responsibility_id].append(
            Span(
                capacity=Capacity(item.capacity),
                organisation=item.organisation.name,
                since=first,
                until=after - dt.timedelta(days=1) if after else None,
                now=(first is None or first <= today) and (after is None or today < after),
                by_transfer=item.transfer_uuid is not None,
            )
        )
    return found
