"""The way back from a figure: to the values that it is made of, and from a value to all that it rests on."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from handover import languages
from handover.models import Proof
from handover.narratives import best
from handover.permissions import Permission
from handover.views.routes import may
from indicators.models import Axis, Break, Indicator, Value
from indicators.models.codes import BreakKind
from indicators.queries.trace import trace
from indicators.queries.values import current
from indicators.views import words
from indicators.views.rooms import Room, page, visit

MOST: Final = 500
"""Values of one figure on a page; the export has all."""


@may(Permission.VIEW)
@login_required
@require_GET
def figure(request: HttpRequest, programme_uuid: UUID, indicator_uuid: UUID) -> HttpResponse:
    """List the values of which a figure is made: those of an indicator between two days, or all of them."""
    here = _inside(request, programme_uuid)
    row = Indicator.objects.filter(programme=here.programme, uuid=indicator_uuid).first()
    if row is None:
        raise Http404
    first, last = _day(request, "from"), _day(request, "to")
    values = current(here.programme, cutoff=here.reach.cutoff, indicator=row)
    if first is not None:
        values = values.filter(period__starts_on__gte=first)
    if last is not None:
        values = values.filter(period__ends_on__lte=last)
    # The last revision of each is chosen in the order of slots; people read them by their days.
    rows = sorted(
        values.select_related("period", "place")[: MOST + 1],
        key=lambda value: (value.period.starts_on or dt.date.min, value.place_id or 0, value.cell, value.pk),
    )
    known = words.titles(list(Axis.objects.filter(programme=here.programme)))
    context = {
        "indicator": row,
        "title": _title(row, here),
        "span": words.span(first, last) if first or last else "",
        "values": [_line(row, value, known) for value in rows[:MOST]],
        "more": len(rows) > MOST,
        "calculated": row.expression,
    }
    return page(request, "indicators/figure.html", context, here=here)


@may(Permission.VIEW)
@login_required
@require_GET
def trail(request: HttpRequest, programme_uuid: UUID, value_uuid: UUID) -> HttpResponse:
    """Show everything that a value rests on: its revisions, who reported and approved, evidence, breaks, the ledger."""
    here = _inside(request, programme_uuid)
    rows = Value.objects.filter(programme=here.programme, uuid=value_uuid)
    value = rows.select_related("programme", "indicator", "period", "place").order_by("id").first()
    if value is None or (here.reach.cutoff is not None and value.recorded_at > here.reach.cutoff):
        raise Http404
    known = words.titles(list(Axis.objects.filter(programme=here.programme)))
    back = trace(value, cutoff=here.reach.cutoff)
    breaks = Break.objects.filter(programme=here.programme, indicator=value.indicator).order_by("on", "id")
    proofs = Proof.objects.filter(programme=here.programme, made_at__gte=value.recorded_at)
    if here.reach.cutoff is not None:
        breaks = breaks.filter(stated_at__lte=here.reach.cutoff)
        proofs = proofs.filter(made_at__lte=here.reach.cutoff)
    context = {
        "back": back,
        "indicator": value.indicator,
        "title": _title(value.indicator, here),
        "span": words.span(value.period.starts_on, value.period.ends_on),
        "cell": words.cell(value.cell, known),
        "revisions": [
            {
                "row": each,
                "said": words.of(value.indicator, each.value) if each.value is not None else each.said,
            }
            for each in reversed(back.revisions)
        ],
        "breaks": [
            {
                "on": each.on,
                "kind": languages.translated(BreakKind(each.kind).label),
                "reason": each.reason,
                "by": each.stated_by_name,
                "organisation": each.organisation_name,
            }
            for each in breaks
        ],
        "proofs": proofs.select_related("transfer").order_by("made_at"),
        "reads_ledger": here.can(Permission.READ_LEDGER),
    }
    return page(request, "indicators/trail.html", context, here=here)


def _inside(request: HttpRequest, programme_uuid: UUID) -> Room:
    here = visit(request, programme_uuid, may=Permission.VIEW)
    if not here.inside:
        # Whoever reads as a donor alone sees totals: single values could tell of single people.
        raise Http404
    return here


def _title(row: Indicator, here: Room) -> str:
    return best(row.title, here.language) or str(row.uuid)


def _day(request: HttpRequest, name: str) -> dt.date | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise Http404
    return day


def _line(row: Indicator, value: Value, known: Any) -> dict[str, Any]:
    return {
        "uuid": value.uuid,
        "span": words.span(value.period.starts_on, value.period.ends_on),
        "cell": words.cell(value.cell, known),
        "where": value.place.name if value.place else "",
        "said": words.of(row, value.value)
        if value.value is not None
        else value.value_text or languages.NOTHING,
        "by": value.reporter_name,
        "organisation": value.organisation_name,
        "at": value.recorded_at,
    }
