"""A portfolio: what all programmes that a person reaches report under the same code."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from handover.access import programme_ids, who_asks
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from handover.views.routes import may
from indicators.models.codes import CountingRule
from indicators.queries import geography, wording
from indicators.queries import portfolio as portfolios
from indicators.queries.rollups import Level

PROGRAMMES: Final = 200
"""Programmes listed on the page."""

BY: Final = {"": "all places", Level.PLACE.value: "place", Level.NUTS3.value: "NUTS 3 region"} | {
    Level.COUNTRY.value: "country"
}


@may(Permission.VIEW)
@login_required
@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show the codes that programmes share, by year, and by area where that is asked for."""
    actor = who_asks()
    if actor is None:
        raise Http404
    chosen = request.GET.get("by", "")
    level = Level(chosen) if chosen and chosen in BY else None
    areas: Mapping[str, geography.Area] = {}
    if level is None:
        found = portfolios.portfolio(actor)
    else:
        found, areas = geography.portfolio_by(actor, level)
    programmes = Programme.objects.filter(pk__in=programme_ids(actor, may=Permission.VIEW)).order_by(
        "identifier"
    )
    return render(
        request,
        "indicators/portfolio.html",
        {
            "groups": [
                _group(key, list(lines), areas) for key, lines in groupby(found.lines, lambda line: line.key)
            ],
            "portfolio": found,
            "by": list(BY.items()),
            "level": level.value if level else "",
            "programmes": [
                (programme.uuid, best(programme.title, actor.user.language) or programme.identifier)
                for programme in programmes[:PROGRAMMES]
            ],
            "actor": actor,
        },
    )


def _group(key: portfolios.Key, lines: list[portfolios.Line], areas: Any) -> dict[str, Any]:
    return {
        "code": key.code,
        "title": wording.code_title(key.vocabulary, key.uri, key.code),
        "rule": CountingRule(key.counting_rule).label if key.counting_rule in CountingRule.values else "",
        "unit": key.currency or key.unit,
        "lines": [
            {
                "year": line.year or "no dates",
                "area": areas[line.area].name if line.area in areas else line.area or "no place",
                "programmes": line.programmes,
                "indicators": line.indicators,
                "total": wording.amount(key.measure, line.total, currency=key.currency),
                "why": line.why.help if line.why else "",
            }
            for line in lines
        ],
    }
