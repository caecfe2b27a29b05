"""The two steps of a sign-in with the OpenID provider: there, and back."""

from __future__ import annotations

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from requests import RequestException

from handover.entrance.identities import Answers
from handover.entrance.refusals import Refusal, refused


@never_cache
@require_safe
def to_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send a person to the provider, for a sign-in and nothing else."""
    if request.user.is_authenticated:
        return redirect("home")
    try:
        provider = get_adapter().get_provider(request, provider_id)
        there: HttpResponse = provider.redirect(
            request, process=AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (RequestException, LookupError):
        return refused(request, Refusal.PROVIDER_FAILED)
    return there


@never_cache
@require_safe
def from_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Meet a person who comes back from the provider."""
    try:
        back: HttpResponse = OAuth2CallbackView.adapter_view(Answers(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except LookupError:
        return refused(request, Refusal.PROVIDER_FAILED)
    return back


def too_many_attempts(request: HttpRequest) -> HttpResponse:
    """Ask whoever tries too often to wait."""
    return render(request, "handover/entrance/too_many_attempts.html", status=429)
