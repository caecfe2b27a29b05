"""Invitations: a manager offers a seat to an address; whoever has the link takes it, once, within fourteen days."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid as uuids
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from handover import access, clock, ledger, mail
from handover.access import Actor, Operator, asking
from handover.actions import action
from handover.actions.accounts import create_user, take_seat
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.mail import Outcome
from handover.models import Invitation, Membership, User
from handover.permissions import Role
from handover.queries.invitations import (
    Offer,
    digest_of,
    kept_by_directory,
    offer_by_secret,
    open_invitations,
)
from handover.wording import LANGUAGES

OPEN: Final = dt.timedelta(days=14)
"""How long an invitation can be taken."""


@dataclass(frozen=True)
class Invited:
    """A new invitation, and its link, which nobody can read again. Empty where it went out by mail."""

    invitation: Invitation
    link: str


@action
def invite(
    *,
    by: Actor,
    email: str,
    role: Role | str,
    until: dt.datetime | None = None,
    language: str = "en",
) -> Invited:
    """Offer a seat in the actor's organisation to an address. An earlier offer of the same seat is revoked by it.

    Where the installation sends mail, the link goes to the address alone; elsewhere the manager passes it on.

    Raises:
        NotAllowed: the actor is no manager of the organisation, or acts by a token.
        Refused: the organisation's own directory keeps its people, or the mail could not be sent.
        Invalid: an unknown role or language, an end in the past, no address, or one whose account has the seat.
    """
    _manages(by)
    if kept_by_directory(by.organisation):
        raise Refused(
            "directory_keeps",
            f"The directory of {by.organisation.name} keeps its people here: add the person there.",
        )
    invitation, secret = _drawn_up(by, email, role, until, language)
    for earlier in open_invitations(by).filter(email=invitation.email, role=invitation.role):
        _end(by, earlier)
    invitation.save()
    _record("invitation.made", by, invitation)
    link = mail.link(reverse("invitation", args=[secret]))
    if not settings.EMAIL_HOST:
        return Invited(invitation, link)
    _post(invitation, link)
    return Invited(invitation, "")


def _drawn_up(
    by: Actor, email: str, role: Role | str, until: dt.datetime | None, language: str
) -> tuple[Invitation, str]:
    now, address = clock.now(), email.strip().lower()
    if role not in tuple(Role):
        raise Invalid("unknown_role", f"“{role}” is no role: {', '.join(Role)}.", field="role")
    if language not in LANGUAGES:
        raise Invalid("unknown_language", f"The toolkit speaks {', '.join(LANGUAGES)}.", field="language")
    if until is not None and until <= now:
        raise Invalid("ends_in_past", "The seat would end before it begins.", field="until")
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        organisation=by.organisation,
        email=address,
        role=str(role),
        seat_ends_at=until,
        language=language,
        digest=digest_of(secret),
        created_at=now,
        created_by_name=by.user.called,
        expires_at=now + OPEN,
    )
    try:
        invitation.clean_fields(exclude=["organisation"])
        if not address or address.endswith(".invalid"):
            raise ValidationError({"email": ["belongs to nobody"]})
    except ValidationError:
        raise Invalid("address_invalid", f"“{email}” is no e-mail address.", field="email") from None
    _free(invitation)
    return invitation, secret


def _free(invitation: Invitation) -> None:
    """Refuse a seat that its person has, and one for an account that cannot sign in."""
    account = User.objects.filter(email=invitation.email).first()
    if account is None:
        return
    if not account.is_active or account.is_service:
        raise Invalid(
            "account_closed", "The account with this address is closed: ask an operator.", field="email"
        )
    held = Membership.objects.filter(
        access.holding(clock.now()),
        user=account,
        organisation=invitation.organisation,
        role=invitation.role,
    )
    if held.exists():
        raise Invalid("has_seat", f"{account.display_name} has this role already.", field="email")


def _post(invitation: Invitation, link: str) -> None:
    """Send the link to the invited address, in the language that the manager chose for them.

    Raises:
        Refused: the mail server did not take it; nothing has happened then.
    """
    with translation.override(mail.language_for(invitation.language)):
        subject = gettext("%(organisation)s invites you to the handover toolkit") % {
            "organisation": invitation.organisation.name
        }
    letter = mail.composed(
        "invitation",
        to=invitation.email,
        language=invitation.language,
        subject=subject,
        context={
            "organisation": invitation.organisation.name,
            "invited_by": invitation.created_by_name,
            "role": Role(invitation.role).help,
            "link": link,
            "expires_at": invitation.expires_at,
        },
        key=f"invitation-{uuids.uuid4()}",
    )
    outcome, _ = mail.send(letter)
    if outcome is not Outcome.SENT:
        raise Refused(
            "mail_not_sent", "The mail could not be sent, so nobody is invited: try again in some minutes."
        )


@action
def revoke(*, by: Actor, invitation_uuid: UUID) -> Invitation:
    """Take an offer back: its link opens nothing any more.

    Raises:
        NotFound: there is no open invitation of an organisation that the actor manages.
    """
    invitation = open_invitations(by).select_for_update().filter(uuid=invitation_uuid).first()
    if invitation is None:
        raise NotFound("invitation")
    _end(by, invitation)
    return invitation


def _end(by: Actor, invitation: Invitation) -> None:
    invitation.revoked_at, invitation.revoked_by_name = clock.now(), by.user.called
    invitation.email = ""
    invitation.save(update_fields=["revoked_at", "revoked_by_name", "email"])
    _record("invitation.revoked", by, invitation)


@action
def accept(*, by: Operator, secret: str, user: User) -> Membership:
    """Take the seat that a link offers, as the account that has the invited address.

    Raises:
        NotFound: the link is unknown, taken, revoked or expired.
        NotAllowed: the invitation is for another address.
        Refused: the organisation's own directory keeps its people now.
    """
    offer = _offer(secret)
    if user.email != offer.email:
        raise NotAllowed(
            "invitation_of_another",
            "This invitation is for another address: sign out, then open its link again.",
        )
    return _take(offer, secret, user)


@action
def join(*, by: Operator, secret: str, display_name: str, language: str, password: str) -> User:
    """Make the account that a link's address has not got yet, and take the seat.

    Raises:
        NotFound: the link is unknown, taken, revoked or expired.
        NotAllowed: there is an account with this address: its person signs in first.
        Invalid: no name, an unknown language, or a password that is too easy to guess.
    """
    offer = _offer(secret)
    if offer.account is not None:
        raise NotAllowed("email_taken", "There is an account with this address already: sign in with it.")
    if not display_name.strip():
        raise Invalid("name_missing", "Say what you are called here.", field="display_name")
    if language not in LANGUAGES:
        raise Invalid("unknown_language", f"The toolkit speaks {', '.join(LANGUAGES)}.", field="language")
    try:
        validate_password(password, User(email=offer.email, display_name=display_name))
    except ValidationError as error:
        raise Invalid("password_weak", " ".join(error.messages), field="password") from None
    user = create_user(
        by=by, email=offer.email, display_name=display_name.strip(), language=language, password=password
    )
    _take(offer, secret, user)
    return user


def _offer(secret: str) -> Offer:
    offer = offer_by_secret(secret)
    if offer is None:
        raise NotFound("invitation")
    return offer


def _take(offer: Offer, secret: str, user: User) -> Membership:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT handover_invitation_take(%s, %s, %s)", [digest_of(secret), user.pk, clock.now()]
        )
        if cursor.fetchone() != (True,):
            raise NotFound("invitation")
    membership = take_seat(user, offer.organisation, offer.role, offer.seat_ends_at)
    # From here on the person sits there, and writes in its ledger as one of its own.
    actor = Actor(user, offer.organisation, "web")
    with asking(actor):
        if kept_by_directory(offer.organisation):
            raise Refused(
                "directory_keeps",
                f"The directory of {offer.organisation.name} keeps its people here: ask there to be added.",
            )
        ledger.record(
            verb="invitation.accepted",
            by=actor,
            organisation=offer.organisation,
            subject=offer.uuid,
            data={"user": user.uuid, "role": offer.role.value, "until": offer.seat_ends_at},
        )
    return membership


def _manages(by: Actor) -> None:
    if by.scopes is not None:
        raise NotAllowed("token_by_token", "A token cannot invite anybody: sign in to do this.")
    if not access.manages(by, by.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {by.organisation.name} invites people to it.")


def _record(verb: str, by: Actor, invitation: Invitation) -> None:
    """Record an invitation without its address: the ledger forgets nothing."""
    ledger.record(
        verb=verb,
        by=by,
        organisation=invitation.organisation,
        subject=invitation.uuid,
        data={"role": invitation.role, "until": invitation.seat_ends_at, "expires_at": invitation.expires_at},
    )
