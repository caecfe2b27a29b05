"""Seats: what a person holds by one seat on every programme and responsibility that they reach, in one query."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from handover import clock
from handover.access import Actor
from handover.narratives import Narrative
from handover.permissions import SCOPE_OF, Permission, StandingKind
from handover.queries.tasks import Named


@dataclass(frozen=True)
class Ending:
    """An exception of this person's own that ends."""

    key: str
    permission: Permission
    ends_at: dt.datetime


@dataclass(frozen=True)
class Reached:
    """A programme that is open to the person, and what they hold on it."""

    id: int
    named: Named
    starts_on: dt.date | None
    ends_on: dt.date | None
    standings: frozenset[StandingKind]
    permissions: frozenset[Permission]
    responsibilities: Mapping[int, frozenset[Permission]]
    """What they hold on each of its responsibilities, by the responsibility's key."""
    standing_ends_at: dt.datetime | None
    """When the organisation's last standing ends; ``None`` where one lasts."""
    cutoff: dt.datetime | None
    """Nothing recorded after this instant is shown, as ``access.Reach`` says; ``None`` where nothing ends the view."""
    endings: tuple[Ending, ...]
    """Exceptions of this person that have an end."""

    def may(self, permission: Permission, responsibility: int | None = None) -> bool:
        """Tell whether the person may do this here: with the responsibility where one is named, else with all of it."""
        if responsibility is None:
            return permission in self.permissions
        return permission in self.responsibilities.get(responsibility, frozenset())


@dataclass(frozen=True)
class Seat:
    """All that a person holds now, for one organisation."""

    actor: Actor
    programmes: Mapping[int, Reached]
    """By the programme's key; only what the person may read."""

    def where(self, permission: Permission) -> list[int]:
        """Give the keys of the programmes on which the person holds a permission."""
        return [key for key, found in self.programmes.items() if permission in found.permissions]


def seat_of(actor: Actor) -> Seat:
    """Give what an actor holds, in one query behind the wall.

    The same grants are read as by ``access``, until the same minute, and narrowed by the same token.
    """
    if not actor.user.is_active:
        return Seat(actor, {})
    with connection.cursor() as cursor:
        cursor.execute(
            _HELD,
            {
                "user": actor.user.pk,
                "organisation": actor.organisation.pk,
                "now": clock.now(),
                "view": "view",
            },
        )
        found = [_reached(actor, row) for row in cursor.fetchall()]
    return Seat(actor, {item.id: item for item in found if Permission.VIEW in item.permissions})


def _reached(actor: Actor, row: tuple[Any, ...]) -> Reached:
    key, uuid, identifier, title, starts_on, ends_on, kinds, ends_at, cutoff, held, below, endings = row
    texts: list[Narrative] = json.loads(title)
    return Reached(
        id=key,
        named=Named(uuid, texts, identifier),
        starts_on=starts_on,
        ends_on=ends_on,
        standings=frozenset(map(StandingKind, kinds)),
        permissions=_permitted(actor, held),
        responsibilities={int(thing): _permitted(actor, codes) for thing, codes in json.loads(below).items()},
        standing_ends_at=ends_at,
        cutoff=cutoff,
        endings=tuple(
            Ending(item["key"], Permission(item["code"]), dt.datetime.fromisoformat(item["at"]))
            for item in json.loads(endings)
        ),
    )


def _permitted(actor: Actor, codes: list[str]) -> frozenset[Permission]:
    return frozenset(code for code in map(Permission, codes) if actor.has_scope(SCOPE_OF[code]))


_GRANTS = """
  SELECT {key} AS thing, g.programme_id, p.codename::text AS code, NULL::timestamptz AS ends_at
    FROM handover_{table}groupgrant g
    JOIN handover_rolegroup r ON r.group_id = g.group_id
    JOIN handover_membership m ON m.organisation_id = r.organisation_id AND m.role = r.role
    JOIN auth_permission p ON p.id = g.permission_id
   WHERE m.user_id = %(user)s AND m.organisation_id = %(organisation)s
     AND m.starts_at <= %(now)s AND (m.ends_at IS NULL OR m.ends_at > %(now)s)
     AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
  UNION
  SELECT {key}, g.programme_id, p.codename::text, g.expires_at
    FROM handover_{table}usergrant g JOIN auth_permission p ON p.id = g.permission_id
   WHERE g.user_id = %(user)s AND g.organisation_id = %(organisation)s
     AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
"""

_HELD = f"""
WITH held AS MATERIALIZED (
  {_GRANTS.format(key="NULL::bigint", table="programme")}
  UNION ALL
  ({_GRANTS.format(key="g.responsibility_id", table="responsibility")})
), mine AS MATERIALIZED (
  SELECT s.programme_id, array_agg(DISTINCT s.kind::text) AS kinds,
         CASE WHEN bool_or(upper_inf(s.valid)) THEN NULL ELSE max(upper(s.valid)) END AS ends_at,
         CASE WHEN count(s.cutoff) = count(*) THEN max(s.cutoff) END AS cutoff
    FROM handover_standing s WHERE s.organisation_id = %(organisation)s AND s.valid @> %(now)s
   GROUP BY s.programme_id
), below AS (
  SELECT programme_id, json_object_agg(thing, codes)::text AS codes FROM (
    SELECT programme_id, thing, array_agg(DISTINCT code) AS codes FROM held
     WHERE thing IS NOT NULL GROUP BY programme_id, thing) one
   GROUP BY programme_id
), endings AS (
  SELECT programme_id, json_agg(json_build_object(
           'key', coalesce(thing::text, 'programme') || ':' || code, 'code', code,
           'at', ends_at) ORDER BY ends_at, code)::text AS items
    FROM held WHERE ends_at IS NOT NULL GROUP BY programme_id
)
SELECT p.id, p.uuid, p.identifier, p.title::text, p.starts_on, p.ends_on, mine.kinds, mine.ends_at, mine.cutoff,
       array_agg(DISTINCT held.code), coalesce(min(below.codes), '{{}}'), coalesce(min(endings.items), '[]')
  FROM handover_programme p
  JOIN mine ON mine.programme_id = p.id
  JOIN held ON held.programme_id = p.id AND held.thing IS NULL
  LEFT JOIN below ON below.programme_id = p.id
  LEFT JOIN endings ON endings.programme_id = p.id
 GROUP BY p.id, mine.kinds, mine.ends_at, mine.cutoff
HAVING bool_or(held.code = %(view)s)
 ORDER BY p.identifier, p.id
"""
