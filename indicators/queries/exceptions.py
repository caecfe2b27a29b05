"""What stands out among indicators: values that are overdue, targets that are missed, series that are broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover import clock
from handover.languages import day, language, number, translated
from handover.models import Programme
from handover.narratives import best
from handover.queries.portfolio_exceptions import Exceptional, Kind
from handover.queries.seats import Reached, Seat
from handover.queries.tasks import Place
from indicators.models import Break, Indicator, Period, Value
from indicators.queries.lateness import missing
from indicators.queries.portfolio import views_of
from indicators.queries.progress import Light
from indicators.queries.rollups import Views
from indicators.queries.tables import table


def exceptions(seat: Seat) -> Iterator[Exceptional]:
    """Give what stands out in the programmes of a seat.

    What is overdue and what is broken takes four queries in all; the lights take those of the programme's table for
    each programme. Of a programme that is seen only as it stood on some day nothing is called overdue.
    """
    views = {key: cutoff for key, cutoff in views_of(seat.actor).items() if key in seat.programmes}
    yield from _overdue(seat, [key for key, cutoff in views.items() if cutoff is None])
    yield from _breaks(seat, views)
    yield from _red(seat, views)


def _places(here: Reached, indicator: Indicator) -> Sequence[Place]:
    return (
        ("indicator", (here.named.uuid, indicator.uuid)),
        ("indicators", (here.named.uuid,)),
        ("programme", (here.named.uuid,)),
    )


def _title(indicator: Indicator) -> str:
    return best(indicator.title, language())


def _overdue(seat: Seat, programmes: Sequence[int]) -> Iterator[Exceptional]:
    today = clock.today()
    for row in _reported(programmes):
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


def _reported(programmes: Sequence[int]) -> list[Any]:
    """Give the indicators that are reported on certain days, with their periods, in one query."""
    values = Value.objects.filter(period=OuterRef("pk"))
    periods = Period.objects.filter(
        indicator=OuterRef("pk"), starts_on__isnull=False, ends_on__isnull=False
    ).order_by("id")
    rows = (
        Indicator.objects.filter(programme__in=programmes, expression="")
        .exclude(frequency="", due_days=None)
        .annotate(
            spans=ArraySubquery(
                periods.values(json=JSONObject(first="starts_on", last="ends_on", there=Exists(values)))
            )
        )
    )
    return list(rows.order_by("programme_id", "id"))


def _breaks(seat: Seat, views: Views) -> Iterator[Exceptional]:
    rows = Break.objects.filter(programme__in=list(views)).select_related("indicator")
    for row in rows.order_by("on", "id"):
        cutoff, here = views[row.programme_id], seat.programmes[row.programme_id]
        if cutoff is not None and row.stated_at > cutoff:
            continue
        about = {
            "title": _title(row.indicator),
            "on": day(row.on),
            "kind": translated(row.get_kind_display()),
            "reason": row.reason,
        }
        told = _("“%(title)s” is counted otherwise from %(on)s on (%(kind)s): %(reason)s") % about
        yield Exceptional(Kind.BREAK, here.named, told, row.on, _places(here, row.indicator))


def _red(seat: Seat, views: Views) -> Iterator[Exceptional]:
    rows: Mapping[int, Programme] = Programme.objects.in_bulk(list(views))
    for key, cutoff in views.items():
        here = seat.programmes[key]
        for line in table(rows[key], cutoff=cutoff).lines:
            found = line.judged.progress
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
