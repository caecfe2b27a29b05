"""A portfolio: what all programmes that a person reaches report under the same code."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET

from handover import languages
from handover.access import programme_ids
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from handover.views.pages import asker, page
from handover.views.routes import may
from indicators.models.codes import CountingRule
from indicators.queries import geography
from indicators.queries import portfolio as portfolios
from indicators.queries.rollups import Level
from indicators.views import words

PROGRAMMES: Final = 200
"""Programmes listed on the page."""

BY: Final = {
    "": gettext_noop("All places"),
    Level.PLACE.value: gettext_noop("Place"),
    Level.NUTS3.value: gettext_noop("NUTS 3 region"),
    Level.COUNTRY.value: gettext_noop("Country"),
}


@may(Permission.VIEW)
@login_required
@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show the codes that programmes share, by year, and by area where that is asked for."""
    actor = asker()
    chosen = request.GET.get("by", "")
    level = Level(chosen) if chosen and chosen in BY else None
    areas: Mapping[str, geography.Area] = {}
    if level is None:
        found = portfolios.portfolio(actor)
    else:
        found, areas = geography.portfolio_by(actor, level)
    rows = Programme.objects.filter(pk__in=programme_ids(actor, may=Permission.VIEW)).order_by("identifier")
    lang = languages.language()
    context = {
        "groups": [
            _group(key, list(lines), areas) for key, lines in groupby(found.lines, lambda line: line.key)
        ],
        "uncoded": found.uncoded,
        "ended": found.ended,
        "programmes_count": found.programmes,
        "levels": [(value, gettext(text)) for value, text in BY.items()],
        "level": level.value if level else "",
        "programmes": [
            {
                "uuid": row.uuid,
                "title": best(row.title, lang) or row.identifier,
                "identifier": row.identifier,
            }
            for row in rows[:PROGRAMMES]
        ],
        "actor": actor,
    }
    return page(request, "indicators/portfolio.html", context)


def _group(key: portfolios.Key, lines: list[portfolios.Line], areas: Mapping[str, Any]) -> dict[str, Any]:
    counted = key.counting_rule in CountingRule.values
    return {
        "code": key.code,
        "title": words.code_title(key.vocabulary, key.uri, key.code),
        "rule": languages.translated(CountingRule(key.counting_rule).label) if counted else "",
        "unit": key.currency or key.unit,
        "lines": [
            {
                "year": line.year or gettext("no dates"),
                "area": _area(line.area, areas),
                "programmes": line.programmes,
                "indicators": line.indicators,
                "total": words.amount(key.measure, line.total, key.currency),
                "why": languages.translated(line.why.help) if line.why else "",
            }
            for line in lines
        ],
    }


def _area(key: str | None, areas: Mapping[str, Any]) -> str:
    if key is None:
        return gettext("no place")
    return str(areas[key].name) if key in areas else key
