"""What stands out: an auditor's page over all programmes that they reach."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from handover.permissions import Permission
from handover.queries import portfolio_exceptions
from handover.queries.portfolio_exceptions import Exceptional
from handover.queries.tasks import pages_of
from handover.views.pages import asker, page
from handover.views.routes import may
from handover.views.weeks.places import address_of

SHOWN: Final = 100
"""How many of a kind are shown; the others are counted."""


@may(Permission.VIEW)
@login_required
@require_safe
def exceptions(request: HttpRequest) -> HttpResponse:
    """Show what is late, unsigned, fallen or out of the ordinary, kind by kind."""
    found = portfolio_exceptions.exceptions(asker())
    kinds = [
        {
            "key": kind.value,
            "label": kind.label,
            "empty": kind.empty,
            "count": len(items),
            "rows": [_row(item) for item in items[:SHOWN]],
            "more": max(len(items) - SHOWN, 0),
        }
        for kind, items in found.found.items()
    ]
    said = {"found": found, "kinds": kinds}
    return page(request, "handover/weeks/exceptions.html", said)


def _row(item: Exceptional) -> dict[str, Any]:
    return {
        "programme": str(item.programme),
        "identifier": item.programme.identifier,
        "home": address_of(pages_of(programme=item.programme.uuid)),
        "sentence": item.sentence,
        "since": item.since,
        "address": address_of(item.places),
    }
