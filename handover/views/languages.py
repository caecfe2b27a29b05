"""The choice of a language, the colours of an organisation, and what is said about accessibility."""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from handover.access import who_asks
from handover.actions import accounts
from handover.views.routes import open_to

COLOUR: Final = re.compile(r"[0-9a-f]{6}")


@open_to("everybody reads in their own language")
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on: kept with the account of whoever is signed in, else in a cookie."""
    wanted = request.POST.get("language", "")
    known = dict(settings.LANGUAGES)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("home")
    response = HttpResponseRedirect(back)
    if wanted in known:
        if (actor := who_asks()) is not None:
            accounts.speak(by=actor, language=wanted[:2])
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=365 * 24 * 3600,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


@open_to("a colour is no secret, and names nobody")
@require_GET
@cache_control(public=True, max_age=31_536_000, immutable=True)
def theme(request: HttpRequest, colour: str) -> HttpResponse:
    """Give the stylesheet of an organisation's colour."""
    if not COLOUR.fullmatch(colour):
        raise Http404
    return HttpResponse(f":root {{ --handover-brand: #{colour}; }}\n", content_type="text/css; charset=utf-8")


@open_to("the law asks that everybody can read it")
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say how accessible the pages are, and whom to tell what is not."""
    return render(request, "handover/accessibility.html", {"contact": settings.CONTACT})
