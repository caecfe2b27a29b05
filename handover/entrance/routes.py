"""Addresses of the entrance: those of allauth that are needed, each with our own page, and no others."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, ReauthenticateView
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.decorators.cache import never_cache

from handover.entrance import provider
from handover.entrance.views import from_provider, to_provider
from handover.views.routes import open_to

OUTSIDE = "who is not signed in yet"
HALFWAY = "whose password was right and whose second factor is asked"
THEMSELVES = "whoever is signed in, for their own account"


def _page(view: Any, page: str, reason: str, **context: Any) -> Any:
    """Show a view of allauth on a page of ours. Some show secrets: no browser keeps any."""
    shown = view.as_view(template_name=f"handover/{page}.html", extra_context=context)
    return open_to(reason)(never_cache(shown))


sign_in = _page(LoginView, "sign_in", OUTSIDE, offered=provider.offered)
sign_out = open_to("whoever is signed in")(LogoutView.as_view())
security = _page(IndexView, "entrance/security", THEMSELVES)

_openid = {"provider_id": provider.KEY}

urlpatterns = [
    # allauth looks some addresses up by its own names: they stand beside ours, on the same address.
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/", sign_in, name="account_login"),
    path("sign-out/", sign_out, name="sign-out"),
    path("sign-in/openid/", open_to(OUTSIDE)(to_provider), _openid, name="openid_connect_login"),
    path("sign-in/openid/back/", open_to(OUTSIDE)(from_provider), _openid, name="openid_connect_callback"),
    path("sign-in/passkey/", open_to(OUTSIDE)(LoginWebAuthnView.as_view()), name="mfa_login_webauthn"),
    path(
        "sign-in/second-factor/",
        _page(AuthenticateView, "entrance/second_factor", HALFWAY),
        name="mfa_authenticate",
    ),
    path("security/", security, name="mfa_index"),
    path("security/", security, name="mfa_list_webauthn"),
    path(
        "security/app/on/",
        _page(ActivateTOTPView, "entrance/app_on", THEMSELVES),
        name="mfa_activate_totp",
    ),
    path(
        "security/app/off/",
        _page(DeactivateTOTPView, "entrance/app_off", THEMSELVES),
        name="mfa_deactivate_totp",
    ),
    path(
        "security/recovery-codes/",
        _page(ViewRecoveryCodesView, "entrance/recovery_codes", THEMSELVES),
        name="mfa_view_recovery_codes",
    ),
    path(
        "security/recovery-codes/new/",
        _page(GenerateRecoveryCodesView, "entrance/recovery_codes_new", THEMSELVES),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "security/passkeys/add/",
        _page(AddWebAuthnView, "entrance/passkey_add", THEMSELVES),
        name="mfa_add_webauthn",
    ),
    path(
        "security/passkeys/<int:pk>/remove/",
        _page(RemoveWebAuthnView, "entrance/passkey_remove", THEMSELVES),
        name="mfa_remove_webauthn",
    ),
    path(
        "security/again/",
        _page(ReauthenticateView, "entrance/again_password", THEMSELVES),
        name="account_reauthenticate",
    ),
    path(
        "security/again/code/",
        _page(ReauthenticateByCodeView, "entrance/again_code", THEMSELVES),
        name="mfa_reauthenticate",
    ),
    path(
        "security/again/passkey/",
        _page(ReauthenticateWebAuthnView, "entrance/again_passkey", THEMSELVES),
        name="mfa_reauthenticate_webauthn",
    ),
]
