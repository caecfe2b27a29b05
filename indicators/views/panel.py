"""The indicators' part of the page that tells where a programme stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from handover import clock, languages
from handover.access import Reach
from handover.models import Programme
from handover.narratives import best
from indicators.queries import dues, tables
from indicators.views import lines, words

TEMPLATE: Final = "indicators/panel.html"
WORST: Final = 3
DUE: Final = 4


def shown(programme: Programme, reach: Reach) -> Mapping[str, Any]:
    """Give how many lights there are of each colour, the worst indicators, and what is due."""
    found = tables.lines(programme, cutoff=reach.cutoff)
    today = clock.today()
    missing = dues.due(programme, found, today) if reach.cutoff is None else []
    lang = languages.language()
    return {
        "programme_uuid": programme.uuid,
        "count": len(found),
        "lights": lines.counted(found),
        "worst": [
            {
                "uuid": line.indicator.uuid,
                "title": best(line.indicator.title, lang) or str(line.indicator.uuid),
                "light": line.judged.progress.light.value,
                "last": words.said(line.indicator, line.judged.last),
                "goal": words.goal(line.indicator, line.judged.goal),
                "progress": words.progress(line.judged),
            }
            for line in lines.worst(found, WORST)
        ],
        "due": [due(each, today) for each in missing[:DUE]],
        "due_more": max(len(missing) - DUE, 0),
    }


def due(each: dues.Due, today: Any) -> dict[str, Any]:
    """Give what is due for some days: how many indicators, and until when."""
    return {
        "span": words.span(each.starts_on, each.ends_on),
        "starts_on": each.starts_on,
        "ends_on": each.ends_on,
        "due_on": each.due_on,
        "late": each.late(today),
        "count": len(each.indicators),
        "indicators": [row.uuid for row in each.indicators],
    }
