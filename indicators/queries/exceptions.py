"""What stands out among indicators: values that are overdue, targets that are missed, series that are broken."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover import clock
from handover.languages import day, language, number, translated
from handover.narratives import best
from handover.queries.portfolio_exceptions import Exceptional, Kind
from handover.queries.seats import Reached, Seat
from handover.queries.tasks import Place
from indicators.models import Indicator, Period, Value
from indicators.models.codes import BreakKind
from indicators.queries import tables
from indicators.queries.lateness import missing
from indicators.queries.progress import Light
from indicators.queries.tables import Line


def exceptions(seat: Seat) -> Iterator[Exceptional]:
    """Give what stands out in the programmes of a seat, in five queries however many there are; four more for each
    instant that ends a view. Of a programme that is seen only as it stood then nothing is called overdue.
    """
    found: dict[dt.datetime | None, list[Any]] = defaultdict(list)
    for row in _indicators(seat.programmes):
        found[seat.programmes[row.programme_id].cutoff].append(row)
    for cutoff, rows in found.items():
        if cutoff is None:
            yield from _overdue(seat, rows)
        lines = tables.lines_of(rows, cutoff=cutoff)
        yield from _breaks(seat, lines)
        yield from _red(seat, lines)


def _places(here: Reached, indicator: Indicator) -> Sequence[Place]:
    return (
        ("indicator", (here.named.uuid, indicator.uuid)),
        ("indicators", (here.named.uuid,)),
        ("programme", (here.named.uuid,)),
    )


def _title(indicator: Indicator) -> str:
    return best(indicator.title, language())


def _overdue(seat: Seat, rows: Sequence[Any]) -> Iterator[Exceptional]:
    today = clock.today()
    for row in rows:
        if row.expression or not (row.frequency or row.due_days is not None):
            continue
        here = seat.programmes[row.programme_id]
        spans = [((_day(item["first"]), _day(item["last"])), item["there"]) for item in row.spans]
        due = sorted(
            due_on
            for _first, last, due_on in missing(row, today, spans, runs=(here.starts_on, here.ends_on))
            if last < today and due_on < today
        )
        if not due:
            continue
        told = ngettext(
            "“%(title)s” has no value for %(count)s period; it was due on %(due)s.",
            "“%(title)s” has no value for %(count)s periods; the first was due on %(due)s.",
            len(due),
        ) % {"title": _title(row), "count": number(len(due)), "due": day(due[0])}
        yield Exceptional(Kind.OVERDUE, here.named, told, due[0], _places(here, row))


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _indicators(programmes: Iterable[int]) -> QuerySet[Indicator]:
    """Give the indicators with the days of their periods, in one query."""
    values = Value.objects.filter(period=OuterRef("pk"))
    periods = Period.objects.filter(
        indicator=OuterRef("pk"), starts_on__isnull=False, ends_on__isnull=False
    ).order_by("id")
    spans = periods.values(json=JSONObject(first="starts_on", last="ends_on", there=Exists(values)))
    rows = Indicator.objects.filter(programme__in=list(programmes)).annotate(spans=ArraySubquery(spans))
    return rows.order_by("programme_id", "id")


def _breaks(seat: Seat, lines: Iterable[Line]) -> Iterator[Exceptional]:
    for line in lines:
        here = seat.programmes[line.indicator.programme_id]
        for mark in line.breaks:
            about = {
                "title": _title(line.indicator),
                "on": day(mark.on),
                "kind": translated(str(BreakKind(mark.kind).label)),
                "reason": mark.reason,
            }
            told = _("“%(title)s” is counted otherwise from %(on)s on (%(kind)s): %(reason)s") % about
            yield Exceptional(Kind.BREAK, here.named, told, mark.on, _places(here, line.indicator))


def _red(seat: Seat, lines: Iterable[Line]) -> Iterator[Exceptional]:
    for line in lines:
        here, found = seat.programmes[line.indicator.programme_id], line.judged.progress
        if found.light is not Light.RED:
            continue
        last = line.judged.last.ends_on if line.judged.last else None
        told = _("“%(title)s” is off track.") % {"title": _title(line.indicator)}
        if found.per_cent is not None:
            told = _("“%(title)s” is off track: %(share)s%% of the way to its target.") % {
                "title": _title(line.indicator),
                "share": number(found.per_cent),
            }
        yield Exceptional(Kind.RED, here.named, told, last, _places(here, line.indicator))
