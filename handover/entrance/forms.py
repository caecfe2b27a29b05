"""What a browser says that a passkey answered. Anybody may send anything here: what is no answer is a wrong one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature

NO_ANSWER = (LookupError, TypeError, ValueError, AttributeError, struct.error, InvalidSignature)
"""How the reading of a passkey's answer fails, where it fails by something else than a form's own error."""


@contextmanager
def _read() -> Iterator[None]:
    try:
        yield
    except NO_ANSWER:
        raise get_adapter().validation_error("incorrect_code") from None


class Added(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey."""

    def clean(self) -> dict[str, Any]:
        """Check the answer."""
        with _read():
            checked: dict[str, Any] = super().clean()
        return checked


class SignsIn(LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey that signs in alone."""

    def clean_credential(self) -> Authenticator:
        """Check the answer."""
        with _read():
            return super().clean_credential()


class SecondFactor(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after the password."""

    def clean_credential(self) -> Authenticator:
        """Check the answer."""
        with _read():
            return super().clean_credential()


class Again(ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey that shows that it is still they."""

    def clean_credential(self) -> Authenticator:
        """Check the answer."""
        with _read():
            return super().clean_credential()
