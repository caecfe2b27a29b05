"""Tokens: issued by a person who is signed in, shown once, revoked at once."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid as uuids
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.accounts import take_seat
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import AccessToken, User
from handover.permissions import ORGANISATION_SCOPES, PERSONAL_SCOPES, Role, Scope
from handover.queries.tokens import PREFIX, digest_of, own_tokens

LONGEST: Final = dt.timedelta(days=366)
"""How long a token lasts at most."""

ROLES: Final = (Role.MANAGER, Role.OFFICER, Role.REPORTER, Role.AUDITOR, Role.VIEWER)
"""Roles that an organisation's token may have: nobody represents a community by a machine."""


@dataclass(frozen=True)
class Issued:
    """A new token and its key, which nobody can read again."""

    token: AccessToken
    key: str


@action
def issue(*, by: Actor, title: str, scopes: Collection[Scope | str], expires_at: dt.datetime) -> Issued:
    """Issue a token that acts for the actor, for the organisation that they act for now.

    Raises:
        NotAllowed: the actor acts by a token.
        Invalid: no scope, an unknown one or one that no person's token has; an expiry in the past or too far ahead.
    """
    wanted = _scopes(scopes, PERSONAL_SCOPES)
    _by_hand(by)
    return _issue(by, by.user, title, wanted, expires_at, personal=True)


@action
def issue_for_organisation(
    *,
    by: Actor,
    title: str,
    scopes: Collection[Scope | str],
    expires_at: dt.datetime,
    role: Role | str = Role.VIEWER,
) -> Issued:
    """Issue a token that acts for the actor's organisation, by an account of its own with one role and no password.

    It never signs: a signature is a person's.

    Raises:
        NotAllowed: the actor is no manager of the organisation, or acts by a token.
        Invalid: as for ``issue``; a role that no organisation's token may have.
    """
    wanted = _scopes(scopes, ORGANISATION_SCOPES)
    _by_hand(by)
    if not access.manages(by, by.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {by.organisation.name} may issue its tokens.")
    if role not in ROLES:
        raise Invalid("unknown_role", f"“{role}” is no role of a token: {', '.join(ROLES)}.", field="role")
    key = uuids.uuid4()
    account = User(
        uuid=key, email=f"{key}@token.invalid", display_name=title, language=by.user.language, is_service=True
    )
    account.set_unusable_password()
    account.clean_fields(exclude=["password"])
    account.save()
    take_seat(account, by.organisation, Role(role), None)
    return _issue(by, account, title, wanted, expires_at, personal=False, role=str(role))


@action
def revoke(*, by: Actor, token_uuid: UUID) -> AccessToken:
    """Revoke a token: its next request is refused, everywhere. Once more changes nothing.

    Raises:
        NotFound: it is neither the actor's own nor one of an organisation that they manage.
    """
    token = own_tokens(by).select_for_update(of=("self",)).filter(uuid=token_uuid).first()
    if token is None:
        raise NotFound("token")
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by_name = clock.now(), by.user.called
        token.save(update_fields=["revoked_at", "revoked_by_name"])
        if not token.personal:
            User.objects.filter(pk=token.user_id).update(is_active=False)
        _record("token.revoked", by, token, {})
    return token


def _issue(
    by: Actor,
    account: User,
    title: str,
    scopes: list[Scope],
    expires_at: dt.datetime,
    *,
    personal: bool,
    role: str = "",
) -> Issued:
    now = clock.now()
    if not now < expires_at <= now + LONGEST:
        raise Invalid(
            "token_expiry", f"A token expires within {LONGEST.days} days from now.", field="expires_at"
        )
    key = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken(
        organisation=by.organisation,
        user=account,
        personal=personal,
        title=title,
        digest=digest_of(key),
        beginning=key[:12],
        scopes=[scope.value for scope in scopes],
        created_at=now,
        created_by_name=by.user.called,
        expires_at=expires_at,
    )
    token.clean_fields()
    token.save()
    _record("token.issued", by, token, {"scopes": token.scopes, "expires_at": expires_at, "role": role})
    return Issued(token, key)


def _by_hand(by: Actor) -> None:
    if by.scopes is not None:
        raise NotAllowed("token_by_token", "A token cannot issue tokens: sign in to do this.")


def _scopes(scopes: Collection[Scope | str], allowed: frozenset[Scope]) -> list[Scope]:
    unknown = sorted(str(scope) for scope in scopes if scope not in allowed)
    if unknown or not scopes:
        listed = ", ".join(sorted(allowed))
        said = f"“{unknown[0]}” is no scope of this kind of token" if unknown else "A token needs a scope"
        raise Invalid("unknown_scope", f"{said}: {listed}.", field="scopes")
    return [scope for scope in Scope if scope in scopes]


def _record(verb: str, by: Actor, token: AccessToken, data: dict[str, object]) -> None:
    # What a person calls their own key may say who they are: it is not kept for ever.
    told = {
        "title": "" if token.personal else token.title,
        "user": token.user.uuid,
        "personal": token.personal,
    }
    ledger.record(verb=verb, by=by, organisation=token.organisation, subject=token.uuid, data=told | data)
