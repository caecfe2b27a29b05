"""Forms of the entrance: what people type, in the house's words, and what a browser says that a passkey answered.

Anybody may send anything here: what is no answer of a passkey is a wrong one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label, name.help_text = (
            _("Name"),
            _("So that you know it again: the device, or the colour of the key."),
        )
        name.widget.attrs |= {"class": "govuk-!-width-two-thirds", "maxlength": "100"}
        alone.label = _("Also sign me in with it, without my password")
        alone.help_text = _(
            "The device then asks for your finger, face or PIN. Without this it is a second factor alone."
        )
        alone.initial = True

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


def _say(field: forms.Field, label: str | Promise, missing: str | Promise, hint: str | Promise = "") -> None:
    """Give a field the house's label, hint and word for nothing; no example stands inside the box."""
    field.label, field.help_text = label, hint  # type: ignore[assignment]
    field.error_messages["required"] = missing  # type: ignore[assignment]
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= {"spellcheck": "false", "class": "govuk-!-width-two-thirds"}


def _say_code(field: forms.Field, hint: str | Promise) -> None:
    _say(field, _("Code"), _("Enter the code."), hint)
    field.widget.attrs |= {"inputmode": "numeric", "class": "govuk-input--width-10"}


class SignIn(LoginForm):  # type: ignore[misc]
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["login"], _("E-mail address"), _("Enter your e-mail address."))
        _say(self.fields["password"], _("Password"), _("Enter your password."))
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class PasswordAgain(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before a change of how one signs in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["password"], _("Password"), _("Enter your password."))


class Code(AuthenticateForm):  # type: ignore[misc]
    """A code after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_code(self.fields["code"], _("From your authenticator app, or one of your recovery codes."))


class CodeAgain(ReauthenticateByCodeForm):  # type: ignore[misc]
    """A code that shows that it is still they."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_code(self.fields["code"], _("From your authenticator app, or one of your recovery codes."))


class AppOn(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_code(self.fields["code"], _("Six digits; the app shows new ones every 30 seconds."))
