"""The OpenID Connect provider that the environment names, if it names one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY = "openid"
"""The provider's name inside the toolkit: there is one at most."""

ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def configured(*, issuer: str, client: str, secret: str, name: str) -> dict[str, Any]:
    """Give allauth's providers as the environment says: one, or none where nothing of it is set.

    Raises:
        ImproperlyConfigured: only a part of what is needed is set, or the issuer is not reached by https.
    """
    said = {
        "HANDOVER_OPENID_ISSUER": issuer.strip(),
        "HANDOVER_OPENID_CLIENT": client.strip(),
        "HANDOVER_OPENID_SECRET": secret.strip(),
    }
    if not any(said.values()):
        return {}
    missing = [variable for variable, value in said.items() if not value]
    if missing:
        raise ImproperlyConfigured(f"OpenID Connect sign-in also needs {' and '.join(missing)}.")
    address = urlsplit(issuer.strip())
    if address.scheme != "https" and address.hostname not in ON_THIS_MACHINE:
        raise ImproperlyConfigured("HANDOVER_OPENID_ISSUER must begin with https://.")
    app = {
        "provider_id": KEY,
        "name": name.strip() or address.hostname,
        "client_id": client.strip(),
        "secret": secret.strip(),
        "settings": {"server_url": issuer.strip().rstrip("/"), "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def offered() -> str:
    """Give the provider's name for people, or nothing where none is offered."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return str(apps[0]["name"]) if apps else ""
