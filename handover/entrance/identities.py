"""Identities that the OpenID provider vouches for, and the accounts that they may open.

An identity opens the account whose address it has proven, each time anew, and only if it is that account's
first and only identity: an address that the provider gave to somebody else opens nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from handover.entrance.refusals import Refusal, refused, standing_in_the_way
from handover.models import User


class Answers(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """What the provider answers about a person: nothing of it is kept but a digest of who they are there."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **rest: Any) -> Any:
        """Read the claims.

        Raises:
            PermissionDenied: there is no ID token, or the two answers are about different people.
        """
        login = super().complete_login(request, app, token, **rest)
        proven, told = login.account.extra_data.get("id_token"), login.account.extra_data.get("userinfo")
        if not proven or (told and told.get("sub") != proven.get("sub")):
            raise PermissionDenied
        login.account.uid = digest(proven["iss"], proven["sub"])
        login.account.extra_data = {}
        login.proven_email = proven_email(told or proven)
        return login


def digest(issuer: str, subject: str) -> str:
    """Give the name under which an identity is known here: a subject means nothing without its issuer."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def proven_email(claims: Mapping[str, Any]) -> str:
    """Give the address that the provider has verified, in lower case, or nothing."""
    address = claims.get("email")
    return (
        address.strip().lower() if isinstance(address, str) and claims.get("email_verified") is True else ""
    )


class Identities(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Lets in who is known, and nobody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Operators make accounts."""
        return False

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        """Give the provider that the environment names; the table of providers stays empty and unread."""
        return [app for app in super().list_apps(request, provider, client_id) if app.pk is None]

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the account that an identity opens, and remember the identity at its first sign-in.

        Raises:
            ImmediateHttpResponse: the page that says no.
        """
        user = User.objects.filter(email=sociallogin.proven_email or None).first()
        why = _in_the_way(user, sociallogin)
        if why is not None:
            raise ImmediateHttpResponse(refused(request, why))
        if not sociallogin.is_existing:
            sociallogin.user = sociallogin.account.user = user
            sociallogin.account.save()

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> NoReturn:
        """Show our page for whatever went wrong at the provider or on the way.

        Raises:
            ImmediateHttpResponse: always.
        """
        why = Refusal.CANCELLED if error == AuthError.CANCELLED else Refusal.PROVIDER_FAILED
        raise ImmediateHttpResponse(refused(request, why))


def _in_the_way(user: User | None, sociallogin: Any) -> Refusal | None:
    """Tell why an identity opens nothing; ``user`` is who has the address that it has proven."""
    if sociallogin.state.get("process") != AuthProcess.LOGIN:
        return Refusal.PROVIDER_FAILED
    if not sociallogin.proven_email:
        return Refusal.EMAIL_UNVERIFIED
    if user is None:
        return Refusal.EMAIL_UNKNOWN
    if sociallogin.is_existing and sociallogin.user != user:
        return Refusal.OTHER_IDENTITY
    others = SocialAccount.objects.filter(user=user).exclude(pk=sociallogin.account.pk)
    return standing_in_the_way(user) or (Refusal.SECOND_IDENTITY if others.exists() else None)
