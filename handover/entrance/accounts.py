"""Accounts as allauth meets them: only those that operators made, and of these only who may sign in."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from handover.entrance.refusals import refused, standing_in_the_way
from handover.models import User

TOLD = {
    "mfa/messages/totp_activated.txt": _("The authenticator app is on."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is off."),
    "mfa/messages/webauthn_added.txt": _("The passkey was added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey was removed."),
    "mfa/messages/recovery_codes_generated.txt": _("You have new recovery codes."),
}
"""What changed with a person's factors, in our words. That somebody signed in they see by themselves."""


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up, nobody is written to, and closed accounts and those of services stay outside."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Operators make accounts."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a password. Of an account that may not sign in the page says what it says of a wrong one."""
        user = super().authenticate(request, **credentials)
        return user if isinstance(user, User) and standing_in_the_way(user) is None else None

    def pre_login(self, request: HttpRequest, user: User, **rest: Any) -> HttpResponse | None:
        """Stop whoever may not sign in before any second factor is asked, by whichever way they came."""
        why = standing_in_the_way(user)
        if why is None:
            return None
        clear_login(request)
        return refused(request, why)

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin the session, unless the account was closed while its second factor was asked."""
        why = standing_in_the_way(user)
        if why is not None:
            clear_login(request)
            raise ImmediateHttpResponse(refused(request, why))
        super().login(request, user)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Tell of problems and of changed factors."""
        told = TOLD.get(message_template or "") or (message if level == messages.ERROR else None)
        if told:
            messages.add_message(request, level, told, extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: what the toolkit writes to people is its own affair."""
