"""Why somebody may not enter: a page with one sentence for the person, a stable code for the log."""

from __future__ import annotations

import logging
from enum import StrEnum

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from handover.entrance import provider
from handover.models import User

logger = logging.getLogger(__name__)


class Refusal(StrEnum):
    """What stood in the way. The log tells these apart; to a stranger most of them say the same."""

    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_IS_SERVICE = "account_is_service"
    EMAIL_UNVERIFIED = "identity_email_unverified"
    EMAIL_UNKNOWN = "identity_email_unknown"
    OTHER_IDENTITY = "identity_of_another_account"
    SECOND_IDENTITY = "account_has_another_identity"
    CANCELLED = "provider_cancelled"
    PROVIDER_FAILED = "provider_failed"


AT_THE_PROVIDER = frozenset({Refusal.CANCELLED, Refusal.PROVIDER_FAILED})


def standing_in_the_way(user: User) -> Refusal | None:
    """Tell why an account may not sign in by any way, or nothing where it may."""
    if not user.is_active:
        return Refusal.ACCOUNT_CLOSED
    return Refusal.ACCOUNT_IS_SERVICE if user.is_service else None


def refused(request: HttpRequest, why: Refusal) -> HttpResponse:
    """Show the page that says no. The log hears the code and nothing about the person."""
    logger.warning("Sign-in refused: %s", why.value)
    return render(
        request, "handover/entrance/refused.html", {"sentence": _sentence(why)}, status=_status(why)
    )


def _status(why: Refusal) -> int:
    return 401 if why in AT_THE_PROVIDER else 403


def _sentence(why: Refusal) -> str:
    name = provider.offered()
    match why:
        case Refusal.CANCELLED:
            return gettext("You stopped the sign-in with %(name)s before it was finished.") % {"name": name}
        case Refusal.PROVIDER_FAILED:
            return gettext("The sign-in with %(name)s did not work: try again, or sign in another way.") % {
                "name": name
            }
        case Refusal.ACCOUNT_CLOSED | Refusal.ACCOUNT_IS_SERVICE if not name:
            return gettext("This account cannot sign in: ask an operator of this installation.")
        case _:
            return gettext(
                "No account here may be used with this sign-in: an operator of this installation makes "
                "accounts, and the e-mail address must be verified and the account’s own."
            )
