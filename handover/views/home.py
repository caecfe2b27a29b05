"""The first page: what waits for a person, for all organisations where they hold a seat; and for which they act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from handover import clock
from handover.access import Actor, who_asks
from handover.models import Organisation, User
from handover.permissions import Permission
from handover.queries.activity import lately
from handover.queries.seats import seat_of
from handover.queries.tasks import Task, is_overdue
from handover.queries.waiting import seat_actors, seats_of, waiting_for
from handover.views.middleware import SEAT
from handover.views.pages import page
from handover.views.routes import may, open_to

WEEK = dt.timedelta(days=7)


@may(Permission.VIEW)
@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Tell what waits for the person: late, this week, later; and what happened lately."""
    actor = who_asks()
    seat = seat_of(actor) if actor is not None else None
    seats: list[Organisation] = []
    tasks: list[Task] = []
    if isinstance(request.user, User):
        seats = list(seats_of(request.user))
        tasks = waiting_for(seat_actors(request.user, seats=seats), seat=seat)
    return page(
        request,
        "handover/home.html",
        {
            "actor": actor,
            "seats": seats,
            "groups": _grouped(tasks, actor),
            "count": len(tasks),
            "lately": lately(seat) if seat is not None else [],
        },
    )


@open_to("whoever is signed in chooses among the organisations where they hold a seat")
@login_required
@require_POST
def choose_seat(request: HttpRequest) -> HttpResponse:
    """Choose the organisation to act for, and go on to a page; one where the person holds no seat is ignored."""
    if isinstance(request.user, User):
        seats = seats_of(request.user)
        chosen = seats.filter(slug=request.POST.get("organisation", "")).first()
        if chosen is not None:
            request.session[SEAT] = chosen.slug
    onwards = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(onwards, {request.get_host()}, require_https=request.is_secure()):
        onwards = reverse("home")
    return HttpResponseRedirect(onwards)


def _grouped(tasks: Sequence[Task], actor: Actor | None) -> list[dict[str, Any]]:
    """Put tasks into late, this week and later; one of another seat is opened by a change of seat."""
    today = clock.today()
    parts: dict[str, list[dict[str, Any]]] = {"late": [], "week": [], "later": []}
    for task in tasks:
        parts[_when(task.due_on, today)].append(
            {
                "sentence": task.sentence,
                "address": task.address,
                "due_on": task.due_on,
                "since": task.since,
                "programme": str(task.programme) if task.programme else "",
                "organisation": task.organisation.name,
                "seat": ""
                if actor is not None and task.organisation == actor.organisation
                else task.organisation.slug,
            }
        )
    return [{"name": name, "tasks": found} for name, found in parts.items() if found]


def _when(due_on: dt.date | None, today: dt.date) -> str:
    if due_on is None:
        return "later"
    if is_overdue(due_on, today):
        return "late"
    return "week" if due_on <= today + WEEK else "later"
