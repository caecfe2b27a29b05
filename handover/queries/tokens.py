"""Tokens: whom a key stands for, and the tokens of a person or of an organisation."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.db import connection
from django.db.models import Model, QuerySet

from handover import access, clock
from handover.access import Actor
from handover.models import AccessToken, Organisation, User
from handover.permissions import Scope

PREFIX: Final = "hvr_"
"""How every key begins, so that people and secret scanners know it."""


def digest_of(key: str) -> bytes:
    """Give the SHA-256 of a key. Keys are 256 random bits: no salt and no stretching makes them harder to find."""
    return hashlib.sha256(key.encode()).digest()


_ACTOR = """
SELECT c.uuid, c.scopes, {user}, {organisation}
  FROM handover_credential(%(digest)s, %(now)s) c
  JOIN handover_user u ON u.id = c.user_id AND u.is_active
  JOIN handover_organisation o ON o.id = c.organisation_id
 WHERE EXISTS (SELECT FROM handover_membership m
                WHERE m.user_id = c.user_id AND m.organisation_id = c.organisation_id
                  AND m.starts_at <= %(now)s AND (m.ends_at IS NULL OR m.ends_at > %(now)s))
"""


def actor_by_key(key: str, *, channel: str = "api") -> Actor | None:
    """Give the actor whom a key stands for; nobody where it is unknown, revoked or expired, where the account is
    closed or where its seat has ended.

    Nobody is asking yet: the database answers for this one digest, notes to the minute that it was used, and says
    nothing of others. One query, because every request begins with it.
    """
    if not key.startswith(PREFIX):
        return None
    people, houses = _columns(User), _columns(Organisation)
    asked: dict[str, Any] = {"digest": digest_of(key), "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(_ACTOR.format(user=_listed("u", people), organisation=_listed("o", houses)), asked)
        row = cursor.fetchone()
    if row is None:
        return None
    user = User.from_db("default", people, row[2 : 2 + len(people)])
    organisation = Organisation.from_db("default", houses, row[2 + len(people) :])
    return Actor(user, organisation, channel, str(row[0]), frozenset(map(Scope, row[1])))


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _listed(alias: str, columns: list[str]) -> str:
    return ", ".join(f"{alias}.{column}" for column in columns)


def own_tokens(actor: Actor) -> QuerySet[AccessToken]:
    """Give the tokens that an actor may see: their own, and all of the organisation where they manage it."""
    tokens = AccessToken.objects.filter(organisation=actor.organisation).select_related(
        "user", "organisation"
    )
    if not access.manages(actor, actor.organisation):
        tokens = tokens.filter(user=actor.user)
    return tokens.order_by("id")
