"""A programme's indicators, and one of them over time."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET

from handover import clock, languages
from handover.access import Reach
from handover.narratives import best
from handover.permissions import Permission, StandingKind
from handover.views.routes import may
from indicators.actions import looks
from indicators.models import Axis, Floor, Indicator
from indicators.models.codes import BreakKind, CountingRule, Frequency, Measure
from indicators.queries import dues, geography, tables
from indicators.queries.points import Point
from indicators.queries.rollups import Level
from indicators.queries.rules import rules
from indicators.queries.values import revisions
from indicators.views import lines, panel, words
from indicators.views.charts import chart
from indicators.views.rooms import page, visit

SHOWN: Final = 20
"""Revisions on the page of an indicator, unless all are asked for."""
MOST: Final = 500
"""Revisions on it if they are."""
LEVELS: Final = {
    Level.PLACE: gettext_noop("Place"),
    Level.UNIT: gettext_noop("Local unit"),
    Level.TODAY: gettext_noop("Local unit as it is today"),
    Level.NUTS3: gettext_noop("NUTS 3 region"),
    Level.COUNTRY: gettext_noop("Country"),
}


@may(Permission.VIEW)
@login_required
@require_GET
def indicators(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show a programme's indicators with their lights, by result."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    found = tables.table(here.programme, cutoff=here.reach.cutoff)
    today = clock.today()
    missing = dues.due(here.programme, found.lines, today) if here.reports else []
    context = {
        "sections": [
            {
                "title": best(section.result.title, here.language),
                "type": lines.kind(section.result.type),
                "lines": [lines.row(line, here.language) for line in section.lines],
            }
            for section in found.sections
            if section.lines
        ],
        "lights": lines.counted(found.lines),
        "due": [panel.due(each, today) for each in missing],
        "handovers": [
            {"day": each.day, "giver": each.giver, "receiver": each.receiver}
            for each in found.handovers
            if each.responsibility_id is None
        ],
        "defines": here.anywhere(Permission.DEFINE_INDICATORS),
        "inside": here.inside,
    }
    return page(request, "indicators/indicators.html", context, here=here)


@may(Permission.VIEW)
@login_required
@require_GET
def indicator(request: HttpRequest, programme_uuid: UUID, indicator_uuid: UUID) -> HttpResponse:
    """Show one indicator over time, what it means and what broke; who reported it, or by place if that is asked."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    rows = Indicator.objects.select_related("result", "responsibility", "floor")
    row = rows.filter(programme=here.programme, uuid=indicator_uuid).first()
    if row is None:
        raise Http404
    reach = here.reach
    inside = here.inside
    if inside and reach.standings == {StandingKind.AUDITOR}:
        looks.note(here.actor, here.programme, [row], where="page")
    line = tables.line(here.programme, row, cutoff=reach.cutoff)
    level = _level(request)
    context = {
        "line": lines.row(line, here.language),
        "description": best(row.description, here.language),
        "result": best(row.result.title, here.language),
        "chart": chart(line, width=720, height=240),
        "facts": _facts(row),
        "periods": _periods(line),
        "inside": inside,
        "levels": [(item.value, gettext(LEVELS[item])) for item in Level],
        "level": level.value if level else None,
        "reports": bool(here.reportable([row])),
        "defines": here.may(Permission.DEFINE_INDICATORS, row),
    }
    if inside and level is not None:
        context["places"] = _places(reach, row, level)
    elif inside:
        context |= _revisions(reach, row, MOST if "all" in request.GET else SHOWN)
    return page(request, "indicators/indicator.html", context, here=here)


def _floor(row: Indicator) -> str:
    """Say below which value its result is called lost, and why there."""
    floor: Floor | None = getattr(row, "floor", None)
    return f"{words.of(row, floor.level)}: {floor.reason}" if floor else ""


def _facts(row: Indicator) -> list[tuple[str, str]]:
    """Give what defines an indicator, as pairs of a name and its words."""
    rule = rules(row)
    said = languages.translated
    measured = gettext(words.MEASURES[Measure(row.measure)]) if row.measure in Measure.values else row.measure
    due = gettext("within %(count)s days") % {"count": row.due_days} if row.due_days is not None else ""
    facts = [
        (gettext("Measure"), measured),
        (gettext("Unit"), row.currency or row.unit),
        (gettext("Counting rule"), said(CountingRule(row.counting_rule).label)),
        (gettext("Over time"), said(rule.time.label)),
        (gettext("Over places and programmes"), said(rule.places.label)),
        (gettext("Over groups"), said(rule.groups.label)),
        (gettext("How often"), said(Frequency(row.frequency).label) if row.frequency else ""),
        (gettext("Reported after a period ends"), due),
        (
            gettext("Approval"),
            gettext("somebody else approves values before they count") if row.approval else "",
        ),
        (gettext("Floor"), _floor(row)),
        (gettext("Source"), row.source),
        (gettext("Method"), row.method),
        (gettext("Collected by"), row.collected_by),
        (gettext("Responsibility"), row.responsibility.title if row.responsibility else ""),
        (gettext("Calculated as"), row.expression),
        (gettext("Codes"), ", ".join(str(ref.get("code", "")) for ref in row.references)),
    ]
    return [(name, text) for name, text in facts if text]


def _periods(line: tables.Line) -> list[dict[str, Any]]:
    """Give the periods with what lies between them, the last one first."""
    rows: list[tuple[Any, dict[str, Any]]] = [
        *(((point.ends_on or point.starts_on, 1), _period(line, point)) for point in line.points),
        *(((each.day, 0), _handover(each)) for each in line.handovers),
        *(((each.on, 0), _break(each)) for each in line.breaks),
    ]
    dated = sorted((row for row in rows if row[0][0] is not None), key=lambda row: row[0], reverse=True)
    return [row for _, row in dated] + [row for key, row in rows if key[0] is None]


def _handover(each: Any) -> dict[str, Any]:
    said = gettext("Handed over by %(giver)s to %(receiver)s, who answers for it from this day.")
    names = {"giver": each.giver, "receiver": each.receiver}
    return {"mark": gettext("Handover"), "day": each.day, "words": said % names}


def _break(each: Any) -> dict[str, Any]:
    kind = languages.translated(BreakKind(each.kind).label) if each.kind in BreakKind.values else ""
    return {"mark": gettext("Break in the series"), "day": each.on, "words": each.reason, "kind": kind}


def _period(line: tables.Line, point: Point) -> dict[str, Any]:
    row = line.indicator
    return {
        "span": words.span(point.starts_on, point.ends_on),
        "said": words.said(row, point),
        "how": gettext(words.HOW[point.how]) if point.values != 1 and point.how in words.HOW else "",
        "target": words.of(row, point.target),
        "values": point.values,
        "query": _between(point.starts_on, point.ends_on),
        "late": line.late.get(point.period, 0) if point.period else 0,
    }


def _between(first: dt.date | None, last: dt.date | None) -> str:
    """Write two days as the page of a figure takes them."""
    return urlencode({name: str(day) for name, day in (("from", first), ("to", last)) if day is not None})


def _level(request: HttpRequest) -> Level | None:
    try:
        return Level(request.GET["by"])
    except (KeyError, ValueError):
        return None


def _places(reach: Reach, row: Indicator, level: Level) -> dict[str, Any]:
    found = geography.of_indicator(reach.programme, row, level=level, cutoff=reach.cutoff)
    return {
        "rows": [_here(row, here) for here in found.rows],
        "unlocated": [_here(row, here) for here in found.unlocated],
        "silent": [area.name for area in found.silent],
        "estimated": [
            {
                "former": item.former.name,
                "area": item.area.name,
                "year": item.year,
                "share": str(item.share),
                "said": words.of(row, item.total),
            }
            for item in found.estimated
        ],
    }


def _here(row: Indicator, here: geography.Here) -> dict[str, Any]:
    total = words.of(row, here.total)
    return {
        "area": {"name": here.area.name, "within": here.area.within} if here.area else None,
        "year": here.year or gettext("no dates"),
        "said": total if here.why is None else languages.translated(here.why.help),
        "values": here.values,
        "query": _between(dt.date(here.year, 1, 1), dt.date(here.year, 12, 31)) if here.year else "",
    }


def _revisions(reach: Reach, row: Indicator, most: int) -> dict[str, Any]:
    """Give who reported what, the latest first."""
    found = revisions(reach.programme, cutoff=reach.cutoff).filter(period__indicator=row)
    rows = found.select_related("period", "place").annotate(in_all=Window(Count("pk")))
    shown = list(rows.order_by("-recorded_at", "-id")[:most])
    grouped = any(value.cell for value in shown)
    known = words.titles(list(Axis.objects.filter(programme=reach.programme)) if grouped else [])
    return {
        "revisions": [
            {
                "uuid": value.uuid,
                "at": value.recorded_at,
                "span": words.span(value.period.starts_on, value.period.ends_on),
                "where": value.place.name if value.place else "",
                "cell": words.cell(value.cell, known),
                "said": words.of(row, value.value)
                if value.value is not None
                else value.value_text or languages.NOTHING,
                "revision": value.revision,
                "reason": value.reason,
                "by": value.reporter_name,
                "organisation": value.organisation_name,
            }
            for value in shown
        ],
        "revisions_in_all": getattr(shown[0], "in_all", 0) if shown else 0,
    }
