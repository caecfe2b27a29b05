"""The first page: the programmes that a person reaches, for the organisation that they act for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from handover.access import programme_ids, who_asks
from handover.models import Organisation, Programme, User
from handover.narratives import best
from handover.permissions import Permission
from handover.views.middleware import SEAT, organisations_of
from handover.views.routes import may, open_to


@may(Permission.VIEW)
@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """List the programmes that are open to the person, with their steward and status."""
    actor = who_asks()
    programmes = []
    if actor is not None:
        rows = Programme.objects.filter(pk__in=programme_ids(actor, may=Permission.VIEW)).select_related(
            "steward"
        )
        programmes = [
            {
                "uuid": programme.uuid,
                "identifier": programme.identifier,
                "title": best(programme.title, actor.user.language),
                "steward": programme.steward.name,
                "status": programme.get_status_display(),
            }
            for programme in rows.order_by("identifier")[:200]
        ]
    seats: list[Organisation] = []
    if isinstance(request.user, User):
        seats = list(organisations_of(request.user).order_by("name"))
    return render(request, "handover/home.html", {"programmes": programmes, "actor": actor, "seats": seats})


@open_to("whoever is signed in chooses among the organisations where they hold a seat")
@login_required
@require_POST
def choose_seat(request: HttpRequest) -> HttpResponse:
    """Choose the organisation to act for; one where the person holds no seat is ignored."""
    if isinstance(request.user, User):
        seats = organisations_of(request.user)
        chosen = seats.filter(slug=request.POST.get("organisation", "")).first()
        if chosen is not None:
            request.session[SEAT] = chosen.slug
    return HttpResponseRedirect(reverse("home"))
