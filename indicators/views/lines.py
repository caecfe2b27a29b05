"""An indicator in a row: what it is, where it stood and stands, where it should, and its light."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext

from handover.narratives import best
from indicators.models.codes import ResultType
from indicators.queries import tables
from indicators.queries.progress import Light
from indicators.views import words
from indicators.views.charts import chart

RECENT: Final = 12
"""Periods in the small chart of a table's row."""
FULL: Final = 100
"""Width of a bar that has arrived."""
WORST: Final = (Light.RED, Light.AMBER, Light.GREEN, Light.GREY)
"""Lights in the order in which they ask for somebody."""


def row(line: tables.Line, lang: str) -> dict[str, Any]:
    """Give what a row of the table shows."""
    indicator, judged = line.indicator, line.judged
    per_cent = judged.progress.per_cent
    return {
        "uuid": indicator.uuid,
        "title": best(indicator.title, lang) or str(indicator.uuid),
        "unit": indicator.currency or indicator.unit,
        "baseline": words.baseline(indicator, judged.baseline),
        "last": words.said(indicator, judged.last),
        "when": words.span(judged.last.starts_on, judged.last.ends_on) if judged.last else "",
        "late": line.late_days,
        "goal": words.goal(indicator, judged.goal),
        "light": judged.progress.light.value,
        "progress": words.progress(judged),
        "bar": max(0, min(FULL, int(per_cent))) if per_cent is not None else None,
        "held": _held(line),
        "chart": chart(line, width=144, height=40, last=RECENT),
    }


def kind(type_: str) -> str:
    """Name the kind of a result."""
    return gettext(str(ResultType(type_).label)) if type_ in ResultType.values else type_


def counted(lines: list[tables.Line]) -> list[dict[str, Any]]:
    """Count the lights."""
    found = [line.judged.progress.light for line in lines]
    order = (Light.GREEN, Light.AMBER, Light.RED, Light.GREY)
    return [{"light": light.value, "count": found.count(light)} for light in order]


def worst(lines: list[tables.Line], most: int) -> list[tables.Line]:
    """Give the indicators that are furthest from where they should be, red before amber."""
    asking = [line for line in lines if line.judged.progress.light in {Light.RED, Light.AMBER}]
    return sorted(asking, key=lambda line: (WORST.index(line.judged.progress.light), _way(line)))[:most]


def _way(line: tables.Line) -> Any:
    per_cent = line.judged.progress.per_cent
    return per_cent if per_cent is not None else -1


def _held(line: tables.Line) -> str:
    """Say what is held against the target where it is not the last value."""
    judged = line.judged
    goal, actual, last = judged.goal, judged.actual, judged.last
    if goal is None or actual is None or last is None or actual == last.total:
        return ""
    return gettext("%(amount)s in %(span)s") % {
        "amount": words.of(line.indicator, actual),
        "span": words.span(goal.starts_on, goal.ends_on),
    }
