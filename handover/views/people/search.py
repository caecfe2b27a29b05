"""Search: programmes and what they hold, and people of one's own organisation; only what the person may see."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from handover.languages import translated
from handover.permissions import Permission
from handover.queries.search import LEAST, LIMIT, search_for
from handover.views.pages import asker, page
from handover.views.routes import may


@may(Permission.VIEW)
@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find what is called so, or nearly, in what is open to the person."""
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    groups = search_for(asker(), asked)
    said = {
        "asked": asked,
        "short": bool(asked) and len(asked) < LEAST,
        "least": LEAST,
        "limit": LIMIT,
        "groups": [
            {"title": translated(group.title), "hits": group.hits, "more": group.more} for group in groups
        ],
    }
    return page(request, "handover/people/search.html", said)
