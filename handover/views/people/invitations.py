"""The page of an invitation: whoever opens its link says what they are called, or signs in, and has the seat."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from handover import mail
from handover.access import Operator
from handover.actions import invitations
from handover.models import User
from handover.queries.invitations import Offer, offer_by_secret
from handover.queries.members import last_instant
from handover.views.middleware import SEAT
from handover.views.pages import attempt, page, perform
from handover.views.people.forms import JoinForm
from handover.views.routes import open_to
from handover.wording import LANGUAGES

BACKEND = "django.contrib.auth.backends.ModelBackend"


@open_to("whoever is invited is nobody here yet; the secret of the link opens one seat, once")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what is offered, and take it."""
    offer = offer_by_secret(secret)
    if offer is None:
        answer = page(request, "handover/people/invitation_gone.html", status=404)
    elif isinstance(request.user, User):
        answer = _signed_in(request, secret, offer, request.user)
    elif offer.account is not None:
        answer = page(request, "handover/people/invitation.html", _said(offer) | {"sign_in": _door(request)})
    else:
        with translation.override(mail.language_for(_language(request, offer))):
            answer = _newcomer(request, secret, offer)
    return answer


def _signed_in(request: HttpRequest, secret: str, offer: Offer, user: User) -> HttpResponse:
    """Take the seat with the account that is signed in, if the invitation is for it."""
    fits = user.email == offer.email
    if request.method == "POST" and fits:
        why = attempt(lambda: invitations.accept(by=_nobody(user), secret=secret, user=user))
        if not why:
            return _welcome(request, offer)
        messages.error(request, why)
    return page(request, "handover/people/invitation.html", _said(offer) | {"fits": fits, "me": user})


def _newcomer(request: HttpRequest, secret: str, offer: Offer) -> HttpResponse:
    """Make an account, take the seat, and sign in."""
    start = {"language": translation.get_language()[:2]}
    form = JoinForm(request.POST if request.method == "POST" else None, email=offer.email, initial=start)
    if request.method == "POST" and form.is_valid():
        given = {key: form.cleaned_data[key] for key in ("display_name", "language", "password")}
        made: list[User] = []
        if perform(form, lambda: made.append(invitations.join(by=_nobody(), secret=secret, **given))):
            login(request, made[0], backend=BACKEND)
            with translation.override(mail.language_for(given["language"])):
                return _welcome(request, offer)
    return page(request, "handover/people/invitation.html", _said(offer) | {"form": form})


def _welcome(request: HttpRequest, offer: Offer) -> HttpResponse:
    request.session[SEAT] = offer.organisation.slug
    messages.success(
        request,
        gettext("Welcome: you now act for %(organisation)s.") % {"organisation": offer.organisation.name},
    )
    return redirect("home")


def _language(request: HttpRequest, offer: Offer) -> str:
    """Speak the invitation's language until the newcomer says another."""
    chosen = request.POST.get("language", "")
    return chosen if chosen in LANGUAGES else offer.language


def _door(request: HttpRequest) -> str:
    return f"{reverse('sign-in')}?{urlencode({'next': request.path})}"


def _said(offer: Offer) -> dict[str, object]:
    return {"offer": offer, "role": offer.role.help, "last": last_instant(offer.seat_ends_at)}


def _nobody(user: User | None = None) -> Operator:
    """Give whoever has the link: nobody of an organisation yet."""
    if user is not None and not user.is_active:
        raise Http404
    return Operator(user=user, channel="web")
