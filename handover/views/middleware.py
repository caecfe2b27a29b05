"""One block around the whole request, rendering included: the database hears who is asking, or it shows
nothing. Who asks is the session's person, or on the interfaces whoever a key stands for."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from handover.access import Actor, actor_for, asking, seats_now, who_asks
from handover.api.callers import carries_key
from handover.errors import DomainError, NotAllowed, NotFound
from handover.languages import ZONES, refusal
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


class Refusals:
    """Turn what the domain refuses into a page: what is not there is not found, what is not allowed says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a domain error that no form has taken; any other is none of its business."""
        if isinstance(exception, NotFound):
            return render(request, "404.html", status=404)
        if isinstance(exception, DomainError):
            status = 403 if isinstance(exception, NotAllowed) else 409
            return render(request, "403.html", {"why": refusal(exception)}, status=status)
        return None


class InTheirLanguage:
    """Speak the language of whoever is signed in, whatever their browser says, and keep their organisation's clock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the person's language; whoever is not signed in has chosen by cookie or browser before."""
        actor = who_asks()
        if actor is None or carries_key(request):
            return self.get_response(request)
        language = next((code for code, _ in settings.LANGUAGES if code[:2] == actor.user.language[:2]), "")
        zone = ZONES.get(actor.organisation.country, "UTC")
        with translation.override(language or settings.LANGUAGE_CODE), timezone.override(ZoneInfo(zone)):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
            response.headers.setdefault(
                "Content-Language", translation.get_language() or settings.LANGUAGE_CODE
            )
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
