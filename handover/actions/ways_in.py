"""Ways in that a person set up by themselves: an operator takes them off where they are lost or no longer theirs."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from handover import ledger
from handover.access import Operator
from handover.actions import action
from handover.models import User


@action
def forget(*, by: Operator, user: User) -> tuple[int, int]:
    """Take off an account its second factors and passkeys, and the identity at the OpenID provider.

    The password stays, and no second factor is asked until one is set up again. Returns how many factors and
    how many identities there were.
    """
    factors, identities = take_off(user)
    ledger.record(
        verb="account.ways_in_forgotten",
        by=by,
        subject=user.uuid,
        data={"factors": factors, "identities": identities},
    )
    return factors, identities


def end_sessions(user: User) -> None:
    """Delete the sessions of an account, inside an action that records it: what they hold may name the person."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def take_off(user: User) -> tuple[int, int]:
    """Take them off inside an action that records it."""
    factors = Authenticator.objects.filter(user=user).delete()[0]
    identities = SocialAccount.objects.filter(user=user).delete()[0]
    return factors, identities
