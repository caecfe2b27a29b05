"""One block around the whole request, rendering included: the database hears who is asking, or it shows
nothing. Who asks is the session's person, or on the interfaces whoever a key stands for."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from handover.access import Actor, actor_for, asking, seats_now
from handover.api.callers import carries_key
from handover.errors import NotAllowed
from handover.models import Organisation, User

SEAT = "organisation"
"""Session key: the organisation for which the person acts."""


class WhoIsAsking:
    """Open a transaction as the signed-in person and their chosen organisation; roll it back when the answer
    is an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside the block; without a seat nothing of any programme is seen."""
        actor = getattr(request, "key_actor", None) if carries_key(request) else _by_session(request)
        if actor is None:
            return self.get_response(request)
        with asking(actor):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def _by_session(request: HttpRequest) -> Actor | None:
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    organisation = seat_of(user, request.session.get(SEAT))
    if organisation is None:
        return None
    try:
        return actor_for(user, organisation, channel="web")
    except NotAllowed:
        request.session.pop(SEAT, None)
        return None


def seat_of(user: User, chosen: object) -> Organisation | None:
    """Give the organisation that the person chose if they hold a seat there now, else that of their oldest
    seat: one that another organisation gives them does not move them there."""
    seats = seats_now(user).select_related("organisation").order_by("starts_at", "organisation__slug")
    seat = seats.filter(organisation__slug=chosen).first() if isinstance(chosen, str) else None
    seat = seat or seats.first()
    return seat.organisation if seat else None


def organisations_of(user: User) -> QuerySet[Organisation]:
    """Give the organisations where the person holds a seat now."""
    return Organisation.objects.filter(pk__in=seats_now(user).values("organisation"))
