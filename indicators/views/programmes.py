"""A programme's indicators, and one of them over time."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from handover import access
from handover.access import Actor, Reach, who_asks
from handover.errors import NotFound
from handover.narratives import best
from handover.permissions import Permission, StandingKind
from handover.views.routes import may
from indicators.models import Indicator, Result
from indicators.models.codes import CountingRule, Frequency, Measure, ResultType
from indicators.queries import geography, tables, wording
from indicators.queries.points import Point
from indicators.queries.rollups import Level
from indicators.queries.rules import rules
from indicators.queries.values import revisions
from indicators.views.charts import chart

RECENT: Final = 12
"""Periods in the small chart of a table's row."""

SHOWN: Final = 100
"""Revisions on the page of an indicator."""

MEASURES: Final = {Measure.UNIT: "number", Measure.PERCENTAGE: "share", Measure.ORDINAL: "ranks"}


@may(Permission.VIEW)
@login_required
@require_GET
def indicators(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show a programme's indicators with their lights, by result."""
    actor, reach = _reach(programme_uuid)
    lang = actor.user.language
    found = tables.table(reach.programme, cutoff=reach.cutoff)
    sections = [
        {"title": best(section.result.title, lang), "type": _kind(section.result), "lines": lines}
        for section in found.sections
        if (lines := [_line(line, lang) for line in section.lines])
    ]
    return render(
        request,
        "indicators/indicators.html",
        {
            "programme": reach.programme,
            "title": best(reach.programme.title, lang) or reach.programme.identifier,
            "sections": sections,
            "handovers": [each for each in found.handovers if each.responsibility_id is None],
            "cutoff": reach.cutoff,
        },
    )


@may(Permission.VIEW)
@login_required
@require_GET
def indicator(request: HttpRequest, programme_uuid: UUID, indicator_uuid: UUID) -> HttpResponse:
    """Show one indicator over time, what it means, what broke, and who reported it."""
    actor, reach = _reach(programme_uuid)
    rows = Indicator.objects.select_related("result", "responsibility")
    row = rows.filter(programme=reach.programme, uuid=indicator_uuid).first()
    if row is None:
        raise Http404
    lang, inside = actor.user.language, bool(reach.standings - {StandingKind.DONOR})
    line = tables.line(reach.programme, row, cutoff=reach.cutoff)
    level = _level(request)
    context = {
        "programme": reach.programme,
        "programme_title": best(reach.programme.title, lang) or reach.programme.identifier,
        "line": _line(line, lang),
        "description": best(row.description, lang),
        "result": best(row.result.title, lang),
        "chart": chart(line, width=720, height=240),
        "facts": _facts(row),
        "periods": _periods(line),
        "breaks": line.breaks,
        "handovers": line.handovers,
        "inside": inside,
        "levels": [(item.value, LEVELS[item]) for item in Level],
        "level": level.value,
        "cutoff": reach.cutoff,
    }
    if inside:
        context |= {"places": _places(reach, row, level), **_revisions(reach, row)}
    return render(request, "indicators/indicator.html", context)


LEVELS: Final = {
    Level.PLACE: "place",
    Level.UNIT: "local unit",
    Level.NUTS3: "NUTS 3 region",
    Level.COUNTRY: "country",
}


def _reach(programme_uuid: UUID) -> tuple[Actor, Reach]:
    actor = who_asks()
    if actor is None:
        raise Http404
    try:
        programme = access.programme_for(actor, programme_uuid, may=Permission.VIEW)
    except NotFound:
        raise Http404 from None
    return actor, access.reach(actor, programme)


def _kind(result: Result) -> str:
    return {kind.value: kind.label for kind in ResultType}.get(result.type, result.type)


def _line(line: tables.Line, lang: str) -> dict[str, Any]:
    """Give what a row of the table shows."""
    row, judged = line.indicator, line.judged
    return {
        "uuid": row.uuid,
        "title": best(row.title, lang) or str(row.uuid),
        "unit": row.currency or row.unit,
        "baseline": wording.baseline(row, judged.baseline),
        "last": wording.said(row, judged.last),
        "when": wording.span(judged.last.starts_on, judged.last.ends_on) if judged.last else "",
        "late": line.late_days,
        "goal": wording.goal(row, judged.goal),
        "light": judged.progress.light,
        "light_words": judged.progress.light.help,
        "progress": judged.progress,
        "held": _held(line),
        "chart": chart(line, width=144, height=40, last=RECENT),
    }


def _held(line: tables.Line) -> str:
    """Say what is held against the target where it is not the last value."""
    judged = line.judged
    if (
        judged.goal is None
        or judged.actual is None
        or judged.last is None
        or judged.actual == judged.last.total
    ):
        return ""
    days = wording.span(judged.goal.starts_on, judged.goal.ends_on)
    return f"{wording.of_indicator(line.indicator, judged.actual)} in {days}"


def _facts(row: Indicator) -> list[tuple[str, str]]:
    """Give what defines an indicator, as pairs of a name and its words."""
    rule = rules(row)
    facts = [
        (
            "Measure",
            MEASURES.get(Measure(row.measure), "words") if row.measure in Measure.values else row.measure,
        ),
        ("Unit", row.currency or row.unit),
        ("Counting rule", CountingRule(row.counting_rule).label),
        ("Over time", rule.time.label),
        ("Over places and programmes", rule.places.label),
        ("Over groups", rule.groups.label),
        ("How often", Frequency(row.frequency).label if row.frequency else ""),
        ("Source", row.source),
        ("Method", row.method),
        ("Collected by", row.collected_by),
        ("Responsibility", row.responsibility.title if row.responsibility else ""),
        ("Calculated as", row.expression),
        ("Codes", ", ".join(str(ref.get("code", "")) for ref in row.references)),
    ]
    return [(name, words) for name, words in facts if words]


def _periods(line: tables.Line) -> list[dict[str, Any]]:
    """Give the periods with what lies between them, the last one first."""
    words = "Handed over by {} to {}, who answers for it from this day."
    rows: list[tuple[Any, dict[str, Any]]] = [
        *(((point.ends_on or point.starts_on, 1), _period(line, point)) for point in line.points),
        *(
            ((each.day, 0), _mark("Handover", each.day, words.format(each.giver, each.receiver)))
            for each in line.handovers
        ),
        *(((each.on, 0), _mark("Break in series", each.on, each.reason)) for each in line.breaks),
    ]
    dated = sorted((row for row in rows if row[0][0] is not None), key=lambda row: row[0], reverse=True)
    return [row for _, row in dated] + [row for key, row in rows if key[0] is None]


def _mark(what: str, day: dt.date, words: str) -> dict[str, Any]:
    return {"mark": what, "day": day, "words": words}


def _period(line: tables.Line, point: Point) -> dict[str, Any]:
    row = line.indicator
    return {
        "span": wording.span(point.starts_on, point.ends_on),
        "said": wording.said(row, point),
        "how": wording.HOW.get(point.how, "") if point.values != 1 else "",
        "target": wording.of_indicator(row, point.target),
        "values": point.values,
        "late": line.late.get(point.period, 0) if point.period else 0,
    }


def _level(request: HttpRequest) -> Level:
    try:
        return Level(request.GET.get("by", Level.PLACE.value))
    except ValueError:
        return Level.PLACE


def _places(reach: Reach, row: Indicator, level: Level) -> dict[str, Any]:
    found = geography.of_indicator(reach.programme, row, level=level, cutoff=reach.cutoff)
    return {
        "rows": [_here(row, here) for here in found.rows],
        "unlocated": [_here(row, here) for here in found.unlocated],
        "silent": found.silent,
    }


def _here(row: Indicator, here: geography.Here) -> dict[str, Any]:
    return {
        "area": here.area,
        "year": here.year or "no dates",
        "said": wording.of_indicator(row, here.total) if here.why is None else here.why.help,
        "values": here.values,
    }


def _revisions(reach: Reach, row: Indicator) -> dict[str, Any]:
    """Give who reported what, the latest first."""
    found = revisions(reach.programme, cutoff=reach.cutoff).filter(period__indicator=row)
    rows = found.select_related("period", "place").order_by("-recorded_at", "-id")
    return {
        "revisions": [
            {
                "at": value.recorded_at,
                "span": wording.span(value.period.starts_on, value.period.ends_on),
                "where": value.place.name if value.place else "",
                "cell": value.cell.replace("|", ", ").replace("=", ": ") or "everybody",
                "said": wording.of_indicator(row, value.value)
                if value.value is not None
                else value.value_text or wording.NOTHING,
                "revision": value.revision,
                "reason": value.reason,
                "by": value.reporter_name,
                "organisation": value.organisation_name,
            }
            for value in rows[:SHOWN]
        ],
        "revisions_in_all": found.count(),
    }
