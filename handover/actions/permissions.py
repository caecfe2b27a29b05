"""Grants of permission: derived from standings and holders, set-based; exceptions given and taken one by
one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Permission as AuthPermission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Q, QuerySet

from handover import access, clock, ledger
from handover.access import Actor, Operator
from handover.actions import action
from handover.errors import Invalid
from handover.models import (
    Organisation,
    Programme,
    ProgrammeUserGrant,
    Responsibility,
    ResponsibilityUserGrant,
    User,
)
from handover.models.base import notice_personal_data
from handover.permissions import (
    HOLDER_ROLE,
    OWED_ROLE,
    STANDING_ROLE,
    VOICE,
    WRITING,
    Permission,
    Role,
    StandingKind,
)
from handover.queries.previews import held_now

# Rows that are wanted and there keep their key; the two arms touch different rows, so one statement is
# enough.
_APPLY = """
, gone AS (
  DELETE FROM handover_{table}groupgrant g
   WHERE g.programme_id = %(programme)s
     AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.group_id = g.group_id AND w.permission_id = g.permission_id
                        AND w.object_id = g.{table}_id)
)
INSERT INTO handover_{table}groupgrant (group_id, permission_id, {columns}, expires_at)
SELECT group_id, permission_id, {values}, expires_at FROM wanted
    ON CONFLICT (group_id, permission_id, {table}_id) DO UPDATE SET expires_at = excluded.expires_at
 WHERE handover_{table}groupgrant.expires_at IS DISTINCT FROM excluded.expires_at
"""

_PROGRAMME = """
WITH cell (standing, role, codename) AS (
  SELECT * FROM unnest(%(standings)s::text[], %(roles)s::text[], %(codes)s::text[])
),
owed (role, codename) AS (SELECT * FROM unnest(%(owed_roles)s::text[], %(owed_codes)s::text[])),
span AS (
  SELECT s.organisation_id, c.role, c.codename, upper(s.valid) AS ends
    FROM handover_standing s JOIN cell c ON c.standing = s.kind
   WHERE s.programme_id = %(programme)s
     -- Of an audit that is announced the grants are there already; without a standing now nobody reaches anything.
     AND (s.valid @> %(now)s::timestamptz OR (s.kind = 'auditor' AND lower(s.valid) > %(now)s::timestamptz))
  UNION ALL
  SELECT s.organisation_id, o.role, o.codename, least(upper(s.valid), (k.until + 1)::timestamp AT TIME ZONE 'UTC')
    FROM handover_standing s
    JOIN handover_transfer t ON t.programme_id = s.programme_id AND t.giver_id = s.organisation_id
    JOIN handover_keep k ON k.transfer_id = t.id AND k.kind = 'owed_results'
   CROSS JOIN owed o
   WHERE s.programme_id = %(programme)s AND s.kind IN ('steward', 'former_steward') AND t.state = 'executed'
     AND s.valid @> %(now)s::timestamptz AND k.until >= %(today)s::date
),
wanted AS (
  SELECT r.group_id, p.id AS permission_id, %(programme)s::bigint AS object_id,
         CASE WHEN bool_or(span.ends IS NULL) THEN NULL ELSE max(span.ends) END AS expires_at
    FROM span
    JOIN handover_rolegroup r ON r.organisation_id = span.organisation_id AND r.role = span.role
    JOIN auth_permission p ON p.codename = span.codename AND p.content_type_id = %(type)s
   GROUP BY r.group_id, p.id
)
""" + _APPLY.format(table="programme", columns="programme_id", values="object_id")

_RESPONSIBILITY = """
WITH cell (role, codename) AS (SELECT * FROM unnest(%(roles)s::text[], %(codes)s::text[])),
wanted AS (
  SELECT r.group_id, p.id AS permission_id, t.responsibility_id AS object_id,
         upper(t.valid)::timestamp AT TIME ZONE 'UTC' AS expires_at
    FROM handover_tenure t
    JOIN handover_rolegroup r ON r.organisation_id = t.organisation_id
    JOIN cell c ON c.role = r.role
    JOIN auth_permission p ON p.codename = c.codename AND p.content_type_id = %(type)s
   WHERE t.programme_id = %(programme)s AND t.capacity = 'holder' AND t.valid @> %(today)s::date
)
""" + _APPLY.format(
    table="responsibility", columns="responsibility_id, programme_id", values="object_id, %(programme)s"
)


# An exception whose organisation was dismissed would be there again with its next standing.
_ENDED = """
WITH standing AS (
  SELECT organisation_id FROM handover_standing
   WHERE programme_id = %(programme)s AND valid @> %(now)s::timestamptz
), ended AS (
  DELETE FROM handover_programmeusergrant
   WHERE programme_id = %(programme)s AND organisation_id NOT IN (SELECT organisation_id FROM standing)
)
DELETE FROM handover_responsibilityusergrant
 WHERE programme_id = %(programme)s AND organisation_id NOT IN (SELECT organisation_id FROM standing)
"""


def rederive(programme: Programme) -> None:
    """Make the group grants of a programme and its responsibilities what the tables say now, and end exceptions
    of organisations that stand to it no more: four statements, whatever its size.

    Runs in the caller's transaction; the caller records why.
    """
    standing = [
        (kind.value, role.value, code.value)
        for kind, row in STANDING_ROLE.items()
        for role, code in _cells(row)
    ]
    holder, owed = _cells(HOLDER_ROLE), _cells(OWED_ROLE)
    moment: dict[str, Any] = {"programme": programme.pk, "now": clock.now(), "today": clock.today()}
    with connection.cursor() as cursor:
        # Of two at once the second waits here and then sees what the first changed; else it would write back
        # grants whose standing the first has ended.
        cursor.execute("SELECT 1 FROM handover_programme WHERE id = %(programme)s FOR NO KEY UPDATE", moment)
        cursor.execute(
            _PROGRAMME,
            {
                **moment,
                "standings": [kind for kind, _, _ in standing],
                "roles": [role for _, role, _ in standing],
                "codes": [code for _, _, code in standing],
                "owed_roles": [role.value for role, _ in owed],
                "owed_codes": [code.value for _, code in owed],
                "type": ContentType.objects.get_for_model(Programme).pk,
            },
        )
        cursor.execute(
            _RESPONSIBILITY,
            {
                **moment,
                "roles": [role.value for role, _ in holder],
                "codes": [code.value for _, code in holder],
                "type": ContentType.objects.get_for_model(Responsibility).pk,
            },
        )
        cursor.execute(_ENDED, moment)


@action
def rederive_all(*, by: Operator) -> list[str]:
    """Make the group grants of every programme what the tables of this release say; record each programme that changed.

    Runs as the owner of the database, who sees every programme: after a release that changed the tables.

    Returns:
        The identifiers of the programmes whose grants changed.
    """
    changed = []
    for programme in Programme.objects.order_by("pk"):
        before = held_now(programme)
        rederive(programme)
        after = held_now(programme)
        if before == after:
            continue
        changed.append(programme.identifier)
        ledger.record(
            verb="permissions.rederived",
            by=by,
            programme=programme,
            subject=programme.uuid,
            data={"roles_before": len(before), "roles_after": len(after)},
        )
    return changed


def _cells(table: Mapping[Role, frozenset[Permission]]) -> list[tuple[Role, Permission]]:
    return [(role, code) for role, codes in table.items() for code in sorted(codes)]


@action
def except_user(
    *,
    by: Actor,
    thing: Programme | Responsibility,
    user: User,
    organisation: Organisation,
    permission: Permission,
    reason: str,
    until: dt.datetime | None = None,
) -> None:
    """Give a single user a permission that their role does not bring, with a reason, for ever or until an
    instant.

    Raises:
        NotFound, NotAllowed: the actor may not give exceptions on this programme, or does not hold the
            responsibility.
        Invalid: no reason, no seat of that user in that organisation, a permission that is not held on such a
            thing, one that changes something for an organisation that only reads, one by which another
            organisation speaks for itself, or one that the user has by exception already.
    """
    programme = thing if isinstance(thing, Programme) else thing.programme
    access.programme_for(by, programme.uuid, may=Permission.MANAGE_STANDINGS)
    if isinstance(thing, Responsibility):
        # What one holds on the programme says nothing of a responsibility: another holder's is not to be opened.
        access.authorise(by, programme.pk, thing, may=Permission.EDIT_RESPONSIBILITY)
    if not reason.strip():
        raise Invalid("reason_missing", "An exception needs a reason.", field="reason")
    if permission in VOICE and organisation != by.organisation:
        raise Invalid(
            "voice_of_others",
            f"“{permission.help}” is {organisation.name}'s own to give: who speaks for it is not for others to say.",
            field="permission",
        )
    if not access.sits(user, organisation):
        raise Invalid("no_seat", f"{user.display_name} holds no seat at {organisation.name}.", field="user")
    stands = organisation.standings.filter(programme=programme, valid__contains=clock.now())
    kinds = [StandingKind(kind) for kind in stands.values_list("kind", flat=True)]
    if not kinds:
        raise Invalid(
            "no_standing", f"{organisation.name} has no standing on this programme.", field="organisation"
        )
    if permission in WRITING and not any(kind.writes for kind in kinds):
        raise Invalid("standing_reads", f"{organisation.name} only reads this programme.", field="permission")
    held: dict[str, Any] = {
        "user": user,
        "permission": auth_permission(thing, permission),
        "content_object": thing,
    }
    given: dict[str, Any] = {"organisation": organisation, "reason": reason, "expires_at": until}
    if isinstance(thing, Programme):
        _not_yet(ProgrammeUserGrant.objects.filter(**held), user)
        notice_personal_data(ProgrammeUserGrant.objects.update_or_create(**held, defaults=given)[0])
    else:
        _not_yet(ResponsibilityUserGrant.objects.filter(**held), user)
        given["programme"] = programme
        notice_personal_data(ResponsibilityUserGrant.objects.update_or_create(**held, defaults=given)[0])
    ledger.record(
        verb="permission.excepted",
        by=by,
        programme=programme,
        subject=thing.uuid,
        data={
            "user": user.uuid,
            "user_name": user.called,
            "organisation": organisation.uuid,
            "permission": permission.value,
            "reason": reason,
            "until": until,
        },
    )


def _not_yet(
    exceptions: QuerySet[ProgrammeUserGrant] | QuerySet[ResponsibilityUserGrant], user: User
) -> None:
    """Refuse an exception that somebody has already; one that has ended makes room."""
    if exceptions.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now())).exists():
        raise Invalid(
            "excepted_already",
            f"{user.display_name} has this permission by exception already.",
            field="permission",
        )


def auth_permission(thing: Programme | Responsibility, permission: Permission) -> AuthPermission:
    """Give Django's row of a permission on a kind of thing.

    Raises:
        Invalid: the permission is not held on such a thing.
    """
    held = permission.on_programme if isinstance(thing, Programme) else permission.on_responsibility
    if not held:
        raise Invalid(
            "not_held_there",
            f"“{permission.help}” is not held on a {thing._meta.verbose_name}.",
            field="permission",
        )
    kind = ContentType.objects.get_for_model(type(thing))
    return AuthPermission.objects.get(content_type=kind, codename=permission.value)
