"""After the handovers: how what was handed over stands, by whoever answers for it, over all that somebody reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from handover.languages import language
from handover.narratives import best
from handover.permissions import Permission
from handover.queries import after_words as words
from handover.queries.statements import portfolio, portfolio_words
from handover.queries.sustained import Part
from handover.views import statements
from handover.views.pages import asker, page
from handover.views.routes import may

SHOWN: Final = 200
"""How many programmes are shown; the files hold all."""
Facts = Mapping[str, Any]


@may(Permission.VIEW)
@login_required
@require_safe
def handovers(request: HttpRequest) -> HttpResponse:
    """Show checks, promises, findings and people's counts by organisation, then programme by programme."""
    found = portfolio.facts(asker())
    several = len(found["municipalities"]) > 1
    heads = [gettext(text) for text in portfolio_words.COUNTED]
    parts = [gettext(words.PARTS[part]) for part in Part]
    told = {
        "programmes": len(found["programmes"]),
        "short": portfolio_words.short(found),
        "heads": heads,
        "parts": parts,
        "municipalities": [_group(row, row["name"], heads, parts) for row in found["municipalities"]],
        "together": _group(found["together"], gettext("Together"), heads, parts) if several else None,
        "rows": [_programme(row, heads) for row in found["programmes"][:SHOWN]],
        "more": max(len(found["programmes"]) - SHOWN, 0),
        "people": [_people(told) for told in found["people"]],
        "statement": statements.form(),
    }
    return page(request, "handover/weeks/handovers.html", told)


def _group(row: Facts, name: str, heads: Sequence[str], parts: Sequence[str]) -> dict[str, Any]:
    return {
        "name": name,
        "programmes": row["programmes"],
        "score": words.score(row["score"]),
        "scored": row["scored"],
        "figures": _beside(heads, portfolio_words.figures(row)),
        "parts": _beside(parts, [words.score(row["parts"][part.value]) for part in Part]),
    }


def _beside(heads: Sequence[str], values: Sequence[Any]) -> list[tuple[str, Any]]:
    """Put each value beside its heading: in a narrow window there is no row of headings."""
    return list(zip(heads, values, strict=True))


def _programme(row: Facts, heads: Sequence[str]) -> dict[str, Any]:
    return {
        "title": best(row["title"], language()) or row["identifier"],
        "identifier": row["identifier"],
        "address": reverse("after", args=[row["uuid"]]),
        "steward": row["steward"],
        "handed_over_on": row["handed_over_on"],
        "last": row["last"],
        "score": words.score(row["score"]),
        "next_due_on": row["next_due_on"],
        "figures": _beside(heads[1:], portfolio_words.figures(row)[1:]),
        "silent_days": row["silent_days"],
    }


def _people(told: Facts) -> dict[str, Any]:
    years = [str(year) for year in told["years"]]
    return {
        "code": told["code"],
        "title": best(told["title"], language()),
        "years": years,
        "rows": [{"name": row["name"], "figures": _beside(years, row["figures"])} for row in told["rows"]],
        "totals": _beside(years, told["totals"]),
        "withheld": portfolio_words.withheld(told),
    }
