"""Tokens: whom a key stands for, and the tokens of a person or of an organisation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from handover import access, clock
from handover.access import Actor
from handover.models import AccessToken, Membership
from handover.permissions import Scope

PREFIX: Final = "hvr_"
"""How every key begins, so that people and secret scanners know it."""


@dataclass(frozen=True)
class Credential:
    """A key that is good now: its token's UUID, whose it is, and what it may be used for."""

    uuid: UUID
    user_id: int
    organisation_id: int
    personal: bool
    scopes: frozenset[Scope]


def digest_of(key: str) -> bytes:
    """Give the SHA-256 of a key. Keys are 256 random bits: no salt and no stretching makes them harder to find."""
    return hashlib.sha256(key.encode()).digest()


def credential(key: str) -> Credential | None:
    """Find what a key stands for, unless it is unknown, revoked or expired; note to the minute that it was used.

    Nobody is asking yet: the database answers for this one digest, and for nothing else.
    """
    if not key.startswith(PREFIX):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uuid, user_id, organisation_id, personal, scopes FROM handover_credential(%s, %s)",
            [digest_of(key), clock.now()],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Credential(row[0], row[1], row[2], row[3], frozenset(map(Scope, row[4])))


def actor_by(found: Credential, *, channel: str = "api") -> Actor | None:
    """Give the actor of a key in one query; nobody where the account is closed or its seat has ended."""
    now = clock.now()
    seats: QuerySet[Membership] = Membership.objects.filter(
        access.holding(now),
        user_id=found.user_id,
        organisation_id=found.organisation_id,
        user__is_active=True,
    )
    seat = seats.select_related("user", "organisation").first()
    if seat is None:
        return None
    return Actor(seat.user, seat.organisation, channel, str(found.uuid), found.scopes)


def own_tokens(actor: Actor) -> QuerySet[AccessToken]:
    """Give the tokens that an actor may see: their own, and all of the organisation where they manage it."""
    tokens = AccessToken.objects.filter(organisation=actor.organisation).select_related(
        "user", "organisation"
    )
    if not access.manages(actor, actor.organisation):
        tokens = tokens.filter(user=actor.user)
    return tokens.order_by("id")
