"""The permission preview: what each person and role can do before a transfer and what after it.

Before is read from the grants as they are. After is derived from the two tables of ``permissions`` and the
standings and holders that the plan leads to. An execution compares it with what really happened, role by
role, and rolls back where they differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from handover import clock
from handover.models import (
    Keep,
    Organisation,
    Programme,
    Responsibility,
    Standing,
    Tenure,
    Transfer,
    TransferResponsibility,
)
from handover.models.responsibilities import Capacity, Phase
from handover.models.transfers import KeepKind, TransferState
from handover.names import Called, key_text
from handover.permissions import (
    CONTENT,
    HOLDER_ROLE,
    OWED_ROLE,
    STANDING_ROLE,
    Permission,
    Role,
    StandingKind,
)

if TYPE_CHECKING:
    import datetime as dt

OWING: Final = (StandingKind.STEWARD.value, StandingKind.FORMER_STEWARD.value)
"""Standings with which a giver may report the results that an executed plan left to it."""


@dataclass(frozen=True, order=True)
class Holder:
    """A role of an organisation, and the object on which it holds something (``None``: the programme
    itself)."""

    organisation: int
    role: str
    responsibility: int | None


class Held(dict[Holder, frozenset[Permission]]):
    """Who holds what: permissions by role, organisation and object; an empty set is never stored."""

    def on(self, holder: Holder) -> frozenset[Permission]:
        """Give what is held there."""
        return self.get(holder, frozenset())


@dataclass(frozen=True)
class UserException:
    """A single user's exception, with the key by which a plan maps it."""

    key: str
    user: int
    user_uuid: UUID
    user_name: Called
    organisation: int
    organisation_uuid: UUID
    responsibility: int | None
    permission: Permission
    reason: str
    expires_at: dt.datetime | None


def held_now(programme: Programme) -> Held:
    """Read what each role holds now, from the grants: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.organisation_id, r.role, NULL::bigint, p.codename
              FROM handover_programmegroupgrant g JOIN handover_rolegroup r ON r.group_id = g.group_id
              JOIN auth_permission p ON p.id = g.permission_id
             WHERE g.programme_id = %(programme)s AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
            UNION ALL
            SELECT r.organisation_id, r.role, g.responsibility_id, p.codename
              FROM handover_responsibilitygroupgrant g JOIN handover_rolegroup r ON r.group_id = g.group_id
              JOIN auth_permission p ON p.id = g.permission_id
             WHERE g.programme_id = %(programme)s AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
            """,
            {"programme": programme.pk, "now": clock.now()},
        )
        rows = cursor.fetchall()
    found: defaultdict[Holder, set[Permission]] = defaultdict(set)
    for organisation, role, responsibility, code in rows:
        found[Holder(organisation, role, responsibility)].add(Permission(code))
    return Held({holder: frozenset(codes) for holder, codes in found.items()})


def derived(
    standings: Iterable[tuple[int, StandingKind, bool]], holders: Mapping[int | None, int | None]
) -> Held:
    """Derive what each role holds from standings and holders.

    Args:
        standings: (organisation, kind, whether it owes results) for each standing.
        holders: organisation that holds each responsibility; ``None`` where nobody does any more.
    """
    found: defaultdict[Holder, set[Permission]] = defaultdict(set)
    for organisation, kind, owes in standings:
        for role, codes in STANDING_ROLE[kind].items():
            found[Holder(organisation, role.value, None)] |= codes
        if owes:
            for role, codes in OWED_ROLE.items():
                found[Holder(organisation, role.value, None)] |= codes
    for responsibility, holder in holders.items():
        if holder is not None:
            for role, codes in HOLDER_ROLE.items():
                found[Holder(holder, role.value, responsibility)] |= codes
    return Held({holder: frozenset(codes) for holder, codes in found.items()})


def holders_now(programme: Programme) -> dict[int | None, int | None]:
    """Give the organisation that holds each responsibility today; ``None`` is a named gap."""
    found: dict[int | None, int | None] = dict.fromkeys(
        Responsibility.objects.filter(programme=programme).values_list("pk", flat=True)
    )
    found.update(
        Tenure.objects.filter(
            programme=programme, capacity=Capacity.HOLDER, valid__contains=clock.today()
        ).values_list("responsibility_id", "organisation_id")
    )
    return found


def standings_after(transfer: Transfer) -> list[tuple[int, StandingKind, bool]]:
    """Give the standings that the executed plan leads to."""
    giver, receiver = transfer.giver_id, transfer.receiver_id
    owing = _owing(transfer.programme_id, transfer)
    rows = standings_now(transfer.programme, transfer)
    gone = {(receiver, StandingKind.RECEIVER), (receiver, StandingKind.FORMER_STEWARD)}
    if not transfer.lead:
        kept = [row for row in rows if row[:2] not in gone]
        stays = any(
            row[0] == receiver and row[1] in (StandingKind.PARTNER, StandingKind.STEWARD) for row in kept
        )
        return kept if stays else [*kept, (receiver, StandingKind.PARTNER, False)]
    gone |= {(giver, StandingKind.STEWARD), (giver, StandingKind.PARTNER), (receiver, StandingKind.PARTNER)}
    kept = [row for row in rows if row[:2] not in gone]
    return [
        *kept,
        (receiver, StandingKind.STEWARD, receiver in owing),
        (giver, StandingKind.FORMER_STEWARD, giver in owing),
    ]


def standings_now(
    programme: Programme, executing: Transfer | None = None
) -> list[tuple[int, StandingKind, bool]]:
    """Give the standings that hold now: organisation, kind, and whether it reports results that it owes.

    Args:
        executing: a transfer whose plan counts as if it were executed.
    """
    owing = _owing(programme.pk, executing)
    return [
        (organisation, StandingKind(kind), organisation in owing and kind in OWING)
        for organisation, kind in Standing.objects.filter(
            programme=programme, valid__contains=clock.now()
        ).values_list("organisation_id", "kind")
    ]


def _owing(programme_id: int, executing: Transfer | None) -> set[int]:
    done = Q(transfer__state=TransferState.EXECUTED) | Q(transfer=executing)
    return set(owed_now(programme_id).filter(done).values_list("transfer__giver_id", flat=True))


def owed_now(programme_id: int) -> QuerySet[Keep]:
    """Give what plans of a programme leave to their givers to report, and whose day has not passed."""
    return Keep.objects.filter(programme=programme_id, kind=KeepKind.OWED_RESULTS, until__gte=clock.today())


def holders_after(transfer: Transfer) -> dict[int | None, int | None]:
    """Give the holder of each responsibility that the executed plan leads to; ``None`` where its work is
    phased out."""
    holders = holders_now(transfer.programme)
    for item in TransferResponsibility.objects.filter(transfer=transfer):
        holders[item.responsibility_id] = None if item.phase == Phase.OUT else transfer.receiver_id
    return holders


def held_after(transfer: Transfer) -> Held:
    """Derive what each role will hold when the plan is executed."""
    return derived(standings_after(transfer), holders_after(transfer))


def exceptions_now(programme: Programme) -> list[UserException]:
    """Read the single users' exceptions that hold now: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.id, u.uuid, u.display_name, u.name_key, h.id, h.uuid, NULL::bigint, NULL::uuid, p.codename,
                   g.reason, g.expires_at
              FROM handover_programmeusergrant g JOIN handover_user u ON u.id = g.user_id
              JOIN handover_organisation h ON h.id = g.organisation_id
              JOIN auth_permission p ON p.id = g.permission_id
             WHERE g.programme_id = %(programme)s AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
            UNION ALL
            SELECT u.id, u.uuid, u.display_name, u.name_key, h.id, h.uuid, o.id, o.uuid, p.codename,
                   g.reason, g.expires_at
              FROM handover_responsibilityusergrant g JOIN handover_user u ON u.id = g.user_id
              JOIN handover_organisation h ON h.id = g.organisation_id
              JOIN handover_responsibility o ON o.id = g.responsibility_id
              JOIN auth_permission p ON p.id = g.permission_id
             WHERE g.programme_id = %(programme)s AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
             ORDER BY 2, 8, 9
            """,
            {"programme": programme.pk, "now": clock.now()},
        )
        return [
            UserException(
                # Half of a responsibility's UUID names it among those of one programme; all of it would not fit.
                key=f"{user_uuid}/{str(thing_uuid)[:18] if thing_uuid else 'programme'}/{code}",
                user=user,
                user_uuid=user_uuid,
                user_name=Called(name, key_text(name_key)),
                organisation=organisation,
                organisation_uuid=organisation_uuid,
                responsibility=thing,
                permission=Permission(code),
                reason=reason,
                expires_at=ends,
            )
            for (
                user,
                user_uuid,
                name,
                name_key,
                organisation,
                organisation_uuid,
                thing,
                thing_uuid,
                code,
                reason,
                ends,
            ) in cursor.fetchall()
        ]


def concerned_exceptions(transfer: Transfer, moved: Iterable[int] | None = None) -> list[UserException]:
    """Give the exceptions that the transfer touches: they are mapped, kept or lost, never left.

    Everybody's on what moves, the receiver's own people included: the new holder did not let them in, and what
    one side gave before is not to outlive the handover unsaid. The giver's on everything where stewardship moves.

    Args:
        moved: the keys of the responsibilities that it moves, for whoever has read them already.
    """
    if moved is None:
        moved = transfer.items.values_list("responsibility_id", flat=True)
    moving = frozenset(moved)
    return [
        item
        for item in exceptions_now(transfer.programme)
        if item.responsibility in moving
        or (transfer.lead and (item.responsibility is None or item.organisation == transfer.giver_id))
    ]


@dataclass(frozen=True)
class Person:
    """A person in a seat."""

    uuid: UUID
    name: Called
    organisation: int
    organisation_uuid: UUID
    organisation_name: str
    roles: tuple[str, ...]


def people(organisations: Iterable[int]) -> list[Person]:
    """Read who sits where now, in the organisations that have anything to do with the programme: one
    statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.uuid, u.display_name, u.name_key, o.id, o.uuid, o.name, array_agg(m.role ORDER BY m.role)
              FROM handover_membership m JOIN handover_user u ON u.id = m.user_id
              JOIN handover_organisation o ON o.id = m.organisation_id
             WHERE o.id = ANY (%(organisations)s) AND u.is_active
               AND m.starts_at <= %(now)s AND (m.ends_at IS NULL OR m.ends_at > %(now)s)
             GROUP BY u.uuid, u.display_name, u.name_key, o.id, o.uuid, o.name
             ORDER BY o.name, u.display_name, u.uuid
            """,
            {"organisations": sorted(set(organisations)), "now": clock.now()},
        )
        return [
            Person(uuid, Called(name, key_text(named)), key, organisation, organisation_name, tuple(roles))
            for uuid, name, named, key, organisation, organisation_name, roles in cursor.fetchall()
        ]


def unanswered(
    seats: Iterable[Person], before: Held, after: Held, moving: Mapping[int | None, int | None]
) -> list[tuple[int | None, Permission]]:
    """Name each (object, permission) that somebody holds before and nobody after in the organisation that
    answers for it.

    Args:
        seats: people as they are.
        moving: the organisation that answers for each object afterwards; ``None`` where its work is phased
            out.
    """
    seated = {(person.organisation, role) for person in seats for role in person.roles}

    def alive(
        held: Held, answering: Mapping[int | None, int | None] | None
    ) -> set[tuple[int | None, Permission]]:
        return {
            (holder.responsibility, code)
            for holder, codes in held.items()
            if (holder.organisation, holder.role) in seated
            and (answering is None or answering.get(holder.responsibility) == holder.organisation)
            for code in codes & CONTENT
        }

    phased_out = {key for key, organisation in moving.items() if organisation is None}
    lost = alive(before, None) - alive(after, moving)
    return sorted(
        (item for item in lost if item[0] not in phased_out), key=lambda item: (item[0] or 0, item[1])
    )


def preview(transfer: Transfer) -> dict[str, Any]:
    """Compose the preview of a plan: by person, by role and by exception, each with before, after, gained,
    kept and lost."""
    before, after = held_now(transfer.programme), held_after(transfer)
    concerned = {holder.organisation for holder in (*before, *after)}
    seats = people(concerned)
    titles = dict(
        Responsibility.objects.filter(programme=transfer.programme).order_by("id").values_list("pk", "title")
    )
    uuids = dict(Responsibility.objects.filter(programme=transfer.programme).values_list("pk", "uuid"))
    objects: list[int | None] = [None, *titles]

    def change(sources: Iterable[tuple[int, str]], thing: int | None) -> dict[str, Any] | None:
        keys = [Holder(organisation, role, thing) for organisation, role in sources]
        was = frozenset[Permission]().union(*(before.on(key) for key in keys))
        will = frozenset[Permission]().union(*(after.on(key) for key in keys))
        if not was and not will:
            return None
        return {
            "on": "programme" if thing is None else "responsibility",
            "uuid": transfer.programme.uuid if thing is None else uuids[thing],
            "title": transfer.programme.identifier if thing is None else titles[thing],
            "before": sorted(was),
            "after": sorted(will),
            "gained": sorted(will - was),
            "kept": sorted(will & was),
            "lost": sorted(was - will),
        }

    def changes(sources: list[tuple[int, str]]) -> list[dict[str, Any]]:
        return [line for thing in objects if (line := change(sources, thing))]

    names = {person.organisation: (person.organisation_uuid, person.organisation_name) for person in seats}
    mapped = {item.grant_key: item for item in transfer.mappings.select_related("to_user")}
    return {
        "v": 1,
        "transfer": transfer.uuid,
        "people": [
            {
                "user": person.uuid,
                "name": person.name,
                "organisation": person.organisation_uuid,
                "organisation_name": person.organisation_name,
                "roles": list(person.roles),
                "changes": lines,
            }
            for person in seats
            if (lines := changes([(person.organisation, role) for role in person.roles]))
        ],
        "roles": [
            {
                "organisation": names[organisation][0],
                "organisation_name": names[organisation][1],
                "role": role.value,
                "changes": lines,
            }
            for organisation in sorted(names)
            for role in Role
            if (lines := changes([(organisation, role.value)]))
        ],
        "exceptions": [
            {
                "key": item.key,
                "user": item.user_uuid,
                "name": item.user_name,
                "permission": item.permission.value,
                "on": titles[item.responsibility]
                if item.responsibility is not None
                else transfer.programme.identifier,
                "outcome": _outcome(item.key, mapped),
            }
            for item in concerned_exceptions(transfer)
        ],
    }


def unlike(signed: Mapping[str, Any], programme: Programme, held: Held) -> list[dict[str, Any]]:
    """Hold what a signed preview said that each role would have against what it has, and name each difference."""
    names = dict(
        Organisation.objects.filter(pk__in={holder.organisation for holder in held}).values_list("pk", "uuid")
    )
    things: dict[int | None, UUID] = {None: programme.uuid}
    things.update(Responsibility.objects.filter(programme=programme).values_list("pk", "uuid"))
    said = {
        (line["organisation"], line["role"], change["uuid"]): sorted(change["after"])
        for line in signed["roles"]
        for change in line["changes"]
    }
    has = {
        (str(names[holder.organisation]), holder.role, str(things[holder.responsibility])): sorted(codes)
        for holder, codes in held.items()
    }
    return [
        {
            "organisation": organisation,
            "role": role,
            "on": thing,
            "signed": said.get((organisation, role, thing), []),
            "held": has.get((organisation, role, thing), []),
        }
        for organisation, role, thing in sorted(said.keys() | has.keys())
        if said.get((organisation, role, thing), []) != has.get((organisation, role, thing), [])
    ]


def _outcome(key: str, mapped: Mapping[str, Any]) -> str:
    if key not in mapped:
        return "unmapped"
    target = mapped[key].to_user
    if target is None:
        return "lost"
    return "kept" if str(target.uuid) == key.partition("/")[0] else f"to {target.called.key}"
