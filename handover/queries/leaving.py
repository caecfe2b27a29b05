"""Leaving: what is open that hangs on one person, to whom it can go, and what nobody else could do without them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_noop

from handover import access, clock, holdings
from handover.access import Actor
from handover.errors import NotAllowed, NotFound
from handover.holdings import LeftOpen
from handover.models import (
    LegalRepresentative,
    Membership,
    Organisation,
    User,
)
from handover.models.jobs import OPEN_STATES
from handover.permissions import WRITING, Permission, Role

MANDATE: Final = gettext_noop("mandate to sign")
WEBHOOK: Final = gettext_noop("webhook that sees with their eyes")
EXCEPTION: Final = gettext_noop("exception")
VERIFIER: Final = gettext_noop("evidence that they may open by name")
TOKEN: Final = gettext_noop("token")
JOB: Final = gettext_noop("job under way")


@dataclass(frozen=True)
class Alone:
    """Something that nobody else in the organisation may do: a permission, and where."""

    permission: Permission
    programmes: Sequence[str]
    """Identifiers of the programmes."""


@dataclass(frozen=True)
class Leaving:
    """What it means for an organisation that somebody leaves it."""

    user: User
    roles: Sequence[Role]
    """Seats that end."""
    handed: Sequence[LeftOpen]
    """What goes to whoever is named."""
    ends: Sequence[LeftOpen]
    """What ends with the seats."""
    alone: Sequence[Alone]
    """What nobody else could do any more."""
    alone_roles: Sequence[Role]
    """Roles that nobody else has, of those that an organisation cannot be without."""
    mandate_alone: bool
    """Theirs is the only mandate that names somebody."""
    closes: bool
    """They sit nowhere else: the account closes."""

    @property
    def is_last(self) -> bool:
        """Tell whether something would be left that nobody can do."""
        return bool(self.alone or self.alone_roles or self.mandate_alone)


def leaving_of(actor: Actor, user_uuid: UUID) -> Leaving:
    """Tell what is open that hangs on a person of the actor's organisation, whether or not they sit there still.

    Raises:
        NotAllowed: the actor is no manager of the organisation.
        NotFound: they never sat there.
    """
    if not access.manages(actor, actor.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {actor.organisation.name} may let people leave.")
    user = (
        User.objects.filter(uuid=user_uuid, is_service=False, memberships__organisation=actor.organisation)
        .distinct()
        .first()
    )
    if user is None:
        raise NotFound("member")
    live = live_seats(user)
    here = [seat.role for seat in live if seat.organisation_id == actor.organisation.pk]
    mandates = _mandates(actor)
    named = [row for row in mandates if row.user_id is not None]
    hanging = _hanging(actor, user)
    return Leaving(
        user=user,
        roles=[role for role in Role if role.value in here],
        handed=[
            *_mandated(user, mandates),
            *(item for item in hanging if item.kind == WEBHOOK),
            *_in_apps(actor, user),
        ],
        ends=[item for item in hanging if item.kind != WEBHOOK],
        alone=_alone(actor, user) if here else [],
        alone_roles=[
            role
            for role in alone_in(user, [actor.organisation]).get(actor.organisation.pk, ())
            if role.value in here
        ],
        mandate_alone=bool(here) and bool(named) and all(row.user_id == user.pk for row in named),
        closes=user.is_active
        and not (user.is_staff or user.is_superuser)
        and all(seat.organisation_id == actor.organisation.pk for seat in live),
    )


def live_seats(user: User) -> list[Membership]:
    """Give the seats of a person that have not ended, those to come included."""
    return list(user.memberships.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now())))


def former(actor: Actor) -> list[User]:
    """Give who sat in the actor's organisation once and does not any more, or whose account is closed, by name."""
    sat = Membership.objects.filter(organisation=actor.organisation)
    people = User.objects.filter(pk__in=sat.values("user"), is_service=False)
    sits = sat.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now()), user__is_active=True)
    return list(people.exclude(pk__in=sits.values("user")).order_by("display_name", "pk"))


def successors(actor: Actor, user: User) -> list[User]:
    """Give who can take over: everybody else who holds a seat in the actor's organisation now."""
    seats = Membership.objects.filter(access.holding(clock.now()), organisation=actor.organisation)
    people = User.objects.filter(pk__in=seats.values("user"), is_active=True, is_service=False)
    return list(people.exclude(pk=user.pk).order_by("display_name", "pk"))


def alone_in(user: User, organisations: Collection[Organisation]) -> dict[int, list[Role]]:
    """Give, by organisation, the roles that it cannot be without and that nobody else has: its manager's, and the
    community representative's. Whoever runs the installation may ask this, without seeing a programme."""
    needed = (Role.MANAGER, Role.COMMUNITY_REPRESENTATIVE)
    rows = Membership.objects.filter(
        access.holding(clock.now()),
        organisation__in=organisations,
        role__in=[role.value for role in needed],
        user__is_active=True,
        user__is_service=False,
    ).values_list("organisation_id", "role", "user_id")
    holders: dict[tuple[int, str], set[int]] = {}
    for organisation, role, holder in rows:
        holders.setdefault((organisation, role), set()).add(holder)
    found: dict[int, list[Role]] = {}
    for (organisation, role), people in sorted(holders.items()):
        if people == {user.pk}:
            found.setdefault(organisation, []).append(Role(role))
    return found


def last_operator(user: User) -> bool:
    """Tell whether a person is the only one who may enter the operators' pages."""
    return (
        user.is_staff and not User.objects.filter(is_staff=True, is_active=True).exclude(pk=user.pk).exists()
    )


def _mandates(actor: Actor) -> list[LegalRepresentative]:
    rows = LegalRepresentative.objects.filter(organisation=actor.organisation)
    return list(rows.exclude(valid_to__lt=clock.today()).order_by("id"))


def _mandated(user: User, mandates: Sequence[LegalRepresentative]) -> Iterator[LeftOpen]:
    for mandate in mandates:
        if mandate.user_id == user.pk:
            yield LeftOpen(MANDATE, mandate.uuid, f"{mandate.capacity}, {mandate.mandate_act}")


def _in_apps(actor: Actor, user: User) -> Iterator[LeftOpen]:
    for part in holdings.holdings():
        yield from part.left_open(actor, user)


def _hanging(actor: Actor, user: User) -> list[LeftOpen]:
    """Give what the kernel keeps of a person in one query: webhooks go to somebody else, the rest ends with them."""
    values: dict[str, Any] = {
        "organisation": actor.organisation.pk,
        "user": user.pk,
        "now": clock.now(),
        "today": clock.today(),
        "open": sorted(state.value for state in OPEN_STATES),
    }
    with connection.cursor() as cursor:
        cursor.execute(_HANGING, values)
        rows = cursor.fetchall()
    return [
        LeftOpen(KINDS[kind], uuid, Permission(title).help if kind == "exception" else title, programme)
        for kind, uuid, title, programme in rows
    ]


KINDS: Final = {"webhook": WEBHOOK, "exception": EXCEPTION, "verifier": VERIFIER, "token": TOKEN, "job": JOB}

_HANGING: Final = """
SELECT kind, uuid, title, programme FROM (
  SELECT 1 AS turn, w.id, 'webhook' AS kind, w.uuid, w.title::text AS title, '' AS programme
    FROM handover_webhook w WHERE w.organisation_id = %(organisation)s AND w.user_id = %(user)s AND w.active
  UNION ALL
  SELECT 2, p.id, 'exception', o.uuid, p.codename::text, o.identifier
    FROM handover_programmeusergrant g JOIN handover_programme o ON o.id = g.programme_id
    JOIN auth_permission p ON p.id = g.permission_id
   WHERE g.organisation_id = %(organisation)s AND g.user_id = %(user)s
     AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
  UNION ALL
  SELECT 2, p.id, 'exception', o.uuid, p.codename, o.identifier
    FROM handover_responsibilityusergrant g JOIN handover_programme o ON o.id = g.programme_id
    JOIN auth_permission p ON p.id = g.permission_id
   WHERE g.organisation_id = %(organisation)s AND g.user_id = %(user)s
     AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
  UNION ALL
  SELECT 3, v.id, 'verifier', e.uuid, e.title, o.identifier
    FROM handover_evidenceverifier v JOIN handover_evidence e ON e.id = v.evidence_id
    JOIN handover_programme o ON o.id = v.programme_id
   WHERE v.user_id = %(user)s AND v.until >= %(today)s
  UNION ALL
  SELECT 4, t.id, 'token', t.uuid, t.title, ''
    FROM handover_accesstoken t
   WHERE t.organisation_id = %(organisation)s AND t.user_id = %(user)s AND t.personal AND t.revoked_at IS NULL
     AND t.expires_at > %(now)s
  UNION ALL
  SELECT 5, j.id, 'job', j.uuid, j.kind, o.identifier
    FROM handover_job j JOIN handover_programme o ON o.id = j.programme_id
   WHERE j.organisation_id = %(organisation)s AND j.requested_by_id = %(user)s AND j.state = ANY (%(open)s)
) hanging ORDER BY turn, programme, id
"""


def _alone(actor: Actor, user: User) -> list[Alone]:
    """Give what a person may change, by role or by exception, and nobody else of the organisation: one statement."""
    values: dict[str, Any] = {
        "organisation": actor.organisation.pk,
        "user": user.pk,
        "now": clock.now(),
        "writing": sorted(WRITING),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, values)
        found = cursor.fetchall()
    said = {Permission(code): identifiers for code, identifiers in found}
    return [Alone(code, said[code]) for code in Permission if code in said]


def _may(table: str, thing: str) -> str:
    """Select who may do what on one kind of object, by role and by exception."""
    return f"""
  SELECT g.programme_id, {thing} AS thing, g.permission_id, s.user_id
    FROM handover_{table}groupgrant g JOIN handover_rolegroup r ON r.group_id = g.group_id
    JOIN sitting s ON s.role = r.role
   WHERE r.organisation_id = %(organisation)s AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
  UNION
  SELECT g.programme_id, {thing}, g.permission_id, g.user_id
    FROM handover_{table}usergrant g JOIN sitting s ON s.user_id = g.user_id
   WHERE g.organisation_id = %(organisation)s AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
"""


_ALONE: Final = f"""
WITH sitting AS (
  SELECT m.user_id, m.role FROM handover_membership m JOIN handover_user u ON u.id = m.user_id
   WHERE m.organisation_id = %(organisation)s AND u.is_active AND NOT u.is_service
     AND m.starts_at <= %(now)s AND (m.ends_at IS NULL OR m.ends_at > %(now)s)
), may AS ({_may("programme", "NULL::bigint")} UNION {_may("responsibility", "g.responsibility_id")}), alone AS (
  SELECT programme_id, permission_id FROM may GROUP BY programme_id, thing, permission_id
  HAVING bool_and(user_id = %(user)s)
)
SELECT p.codename, array_agg(DISTINCT o.identifier ORDER BY o.identifier)
  FROM alone JOIN auth_permission p ON p.id = alone.permission_id JOIN handover_programme o ON o.id = alone.programme_id
 WHERE p.codename = ANY (%(writing)s) GROUP BY p.codename
"""
