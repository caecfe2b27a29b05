"""Who could do what in a programme on a past day, and why; and what changed since another day."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from handover import clock
from handover.permissions import Permission
from handover.queries.permission_history import Could, changes, could_at, end_of_day
from handover.views.pages import page, visit
from handover.views.routes import may


@may(Permission.READ_LEDGER)
@login_required
@require_GET
def history(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show who could do what on a day, and what changed since another one."""
    here = visit(request, programme_uuid, may=Permission.READ_LEDGER)
    on = _day(request, "on") or clock.today()
    since = _day(request, "since")
    told = could_at(here.reach, end_of_day(on))
    gained: list[Could] = []
    lost: list[Could] = []
    if since is not None:
        gained, lost = changes(could_at(here.reach, end_of_day(since)), told)
    known = told.known_since
    context = {
        "on": on,
        "since": since,
        "people": _people(told.could),
        "gained": gained,
        "lost": lost,
        "known_since": known if known and min(told.at, end_of_day(since or on)) < known else None,
        "ends": here.reach.cutoff if here.reach.cutoff and end_of_day(on) > here.reach.cutoff else None,
    }
    return page(request, "handover/people/history.html", context, here=here)


def _people(could: list[Could] | Any) -> list[dict[str, Any]]:
    """Put together what each person of each organisation could do, and what it was for one and the same reason."""
    found = []
    for (organisation, user), items in groupby(could, key=lambda item: (item.organisation, item.user)):
        alike: dict[tuple[Any, ...], list[Could]] = {}
        for item in items:
            alike.setdefault((item.responsibility, tuple(item.because)), []).append(item)
        reasons = [
            {"responsibility": thing, "because": because, "permissions": [each.permission for each in rows]}
            for (thing, because), rows in alike.items()
        ]
        found.append({"organisation": organisation, "user": user, "reasons": reasons})
    return found


def _day(request: HttpRequest, name: str) -> dt.date | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not dt.date(1900, 1, 1) <= day <= clock.today():
        raise Http404
    return day
