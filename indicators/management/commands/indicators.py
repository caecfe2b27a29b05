"""`handover indicators PROGRAMME`: a programme's indicators, or one of them over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from handover import access
from handover.access import Reach
from handover.errors import Invalid
from handover.management.base import PROGRAMME, ActorCommand, Call, Told
from handover.management.tables import table
from handover.narratives import best
from handover.permissions import Permission, StandingKind
from handover.terminal import GREEN, RED, YELLOW, coloured, cut, heading
from indicators.models import Indicator
from indicators.queries import geography, tables, wording
from indicators.queries.progress import Light
from indicators.queries.rollups import Level

COLOURS = {Light.GREEN: GREEN, Light.AMBER: YELLOW, Light.RED: RED}
TITLE = 44
SHOWN = 10


class Command(ActorCommand):
    help = (
        "Show a programme's indicators: baseline, last value, target and how far they came. With --of, one of them "
        "over time, with handovers and breaks where they lie."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        PROGRAMME.add_to(parser)
        parser.add_argument(
            "--of", metavar="INDICATOR", help="UUID, its beginning, or a part of the title that only one has"
        )
        parser.add_argument("--by-place", action="store_true", help="with --of: by place and year")
        parser.add_argument(
            "--level",
            choices=[level.value for level in Level],
            default=Level.PLACE.value,
            help="with --by-place: how coarse the areas are",
        )
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        if call["by_place"] and not call["of"]:
            raise Invalid("which_indicator", "Say which indicator: --of INDICATOR.", field="of")
        with access.asking(call.by):
            programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
            reach = access.reach(call.by, programme)
            lang = call.by.user.language
            if call["of"] is None:
                return _all(reach, lang)
            indicator = _named(reach, call["of"], lang)
            if call["by_place"]:
                return _by_place(reach, indicator, Level(call["level"]))
            return _one(reach, indicator, lang)


def _named(reach: Reach, text: str, lang: str) -> Indicator:
    rows = list(Indicator.objects.filter(programme=reach.programme).order_by("position", "id"))
    part = text.casefold().strip()
    found = [row for row in rows if len(part) >= 8 and str(row.uuid).startswith(part)]
    for fits in (str.__eq__, str.__contains__):
        found = found or [
            row for row in rows if any(fits(item["text"].casefold(), part) for item in row.title)
        ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Invalid("unknown_indicator", f"There is no indicator “{text}” in this programme.", field="of")
    titles = ", ".join(best(row.title, lang) for row in found[:SHOWN])
    more = ", …" if len(found) > SHOWN else ""
    raise Invalid("ambiguous", f"“{text}” fits several: {titles}{more}.", field="of")


def _all(reach: Reach, lang: str) -> Told:
    found = tables.table(reach.programme, cutoff=reach.cutoff)
    return Told({"programme": reach.programme.uuid, **_document(found, lang)}, list(_lines(found, lang)))


def _lines(found: tables.Table, lang: str) -> Iterator[str]:
    if found.cutoff is not None:
        yield f"What was recorded until {found.cutoff:%Y-%m-%d}."
    heads = ("Indicator", "Baseline", "Last value", "Period", "Target", "Progress")
    for section in found.sections:
        if section.lines:
            yield from heading(best(section.result.title, lang))
            yield from table(heads, [_row(line, lang) for line in section.lines], empty="")
    if not found.lines:
        yield "This programme has no indicators yet."


def _row(line: tables.Line, lang: str) -> list[str]:
    row, judged = line.indicator, line.judged
    progress = judged.progress
    late = f" ({line.late_days} days late)" if line.late_days else ""
    return [
        cut(best(row.title, lang), TITLE),
        wording.baseline(row, judged.baseline),
        cut(wording.said(row, judged.last), 24),
        (wording.span(judged.last.starts_on, judged.last.ends_on) if judged.last else wording.NOTHING) + late,
        wording.goal(row, judged.goal),
        coloured(progress.words, COLOURS[progress.light]) if progress.light in COLOURS else progress.words,
    ]


def _document(found: tables.Table, lang: str) -> dict[str, Any]:
    return {
        "until": found.cutoff,
        "handovers": [
            {"day": each.day, "giver": each.giver, "receiver": each.receiver} for each in found.handovers
        ],
        "results": [
            {
                "uuid": section.result.uuid,
                "title": best(section.result.title, lang),
                "indicators": [_told(line, lang) for line in section.lines],
            }
            for section in found.sections
        ],
    }


def _told(line: tables.Line, lang: str) -> dict[str, Any]:
    judged = line.judged
    return {
        "uuid": line.indicator.uuid,
        "title": best(line.indicator.title, lang),
        "measure": line.indicator.measure,
        "baseline": judged.baseline.value if judged.baseline else None,
        "last": _point(judged.last, line) if judged.last else None,
        "target": {"value": judged.goal.value, "start": judged.goal.starts_on, "end": judged.goal.ends_on}
        if judged.goal
        else None,
        "actual": judged.actual,
        "progress": {
            "light": judged.progress.light,
            "per_cent": judged.progress.per_cent,
            "at_least": judged.progress.at_least,
            "why": judged.progress.why,
            "words": judged.progress.words,
        },
    }


def _point(point: Any, line: tables.Line) -> dict[str, Any]:
    return {
        "start": point.starts_on,
        "end": point.ends_on,
        "total": point.total,
        "said": point.said,
        "how": point.how,
        "missing": point.missing,
        "values": point.values,
        "target": point.target,
        "segment": point.segment,
        "days_late": line.late.get(point.period, 0),
    }


def _one(reach: Reach, indicator: Indicator, lang: str) -> Told:
    line = tables.line(reach.programme, indicator, cutoff=reach.cutoff)
    document = {
        **_told(line, lang),
        "periods": [_point(point, line) for point in line.points],
        "handovers": [
            {"day": each.day, "giver": each.giver, "receiver": each.receiver} for each in line.handovers
        ],
        "breaks": [{"on": each.on, "kind": each.kind, "reason": each.reason} for each in line.breaks],
    }
    return Told(document, [*heading(best(indicator.title, lang)), *_over_time(line)])


def _over_time(line: tables.Line) -> Iterator[str]:
    row, judged = line.indicator, line.judged
    stood, aim = wording.baseline(row, judged.baseline), wording.goal(row, judged.goal)
    yield f"Baseline {stood}; target {aim}; {judged.progress.words.rstrip('.')}."
    marks = [
        (each.day, f"— handover on {each.day}: {each.giver} to {each.receiver}") for each in line.handovers
    ]
    marks += [(each.on, f"— break on {each.on}: {each.reason}") for each in line.breaks]
    marks.sort()
    if not line.points:
        yield "Nothing was reported yet, and no target was set."
    rows = [
        (
            wording.span(point.starts_on, point.ends_on),
            wording.said(row, point),
            wording.of_indicator(row, point.target),
            wording.HOW.get(point.how, ""),
        )
        for point in line.points
    ]
    texts = list(table(("Period", "Value", "Target", "Made of"), rows, empty="")) if rows else []
    yield from texts[:1]
    for point, text in zip(line.points, texts[1:], strict=True):
        while marks and point.ends_on is not None and marks[0][0] <= point.ends_on:
            yield marks.pop(0)[1]
        yield text
    yield from (text for _, text in marks)


def _by_place(reach: Reach, indicator: Indicator, level: Level) -> Told:
    if not reach.standings - {StandingKind.DONOR}:
        raise Invalid(
            "small_counts",
            "Values by place are not shown to donors: small counts could tell of single people.",
        )
    found = geography.of_indicator(reach.programme, indicator, level=level, cutoff=reach.cutoff)
    everything = [*found.rows, *found.unlocated]
    rows = [
        (
            f"{here.area.name} ({here.area.key})" if here.area else "(no place)",
            here.year or "no dates",
            wording.of_indicator(indicator, here.total) if here.why is None else here.why.help,
        )
        for here in everything
    ]
    lines = list(table(("Place", "Year", "Value"), rows, empty="Nothing was reported yet."))
    if found.silent:
        lines.append(f"Nothing was reported for: {', '.join(area.name for area in found.silent)}.")
    document = {
        "indicator": indicator.uuid,
        "level": level,
        "rows": [
            {
                "area": here.area.key if here.area else None,
                "name": here.area.name if here.area else None,
                "year": here.year,
                "values": here.values,
                "total": here.total,
                "why": here.why,
            }
            for here in everything
        ],
        "silent": [area.key for area in found.silent],
    }
    return Told(document, lines)
