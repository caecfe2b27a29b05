"""Permission history: who could do what in a programme at a past instant, and why; and what changed between two.

What was held is kept by the database as it changes (``AccessSpan``), so that an answer is what access said then. The
reasons are read from the ranges of standings and of who held a responsibility, and from the ledger.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from handover import clock
from handover.access import Reach
from handover.canonical import instant_text
from handover.models import LedgerEntry, Organisation, Responsibility, Standing, Transfer, User
from handover.models.responsibilities import Capacity, Tenure
from handover.permissions import HOLDER_ROLE, OWED_ROLE, STANDING_ROLE, Permission, Role, StandingKind
from handover.queries import names


@dataclass(frozen=True)
class Because:
    """One reason why somebody could do something."""

    role: Role | None
    """``None``: by an exception."""
    since: dt.datetime
    """Since when they held it, by this reason."""
    standing: StandingKind | None = None
    stands_since: dt.datetime | None = None
    holds_since: dt.date | None = None
    transfer: str = ""
    """Title of the transfer that gave the standing or the responsibility, if one did."""
    reason: str = ""
    by: str = ""
    """Who gave the exception."""
    owed: bool = False

    @property
    def unexplained(self) -> bool:
        """Tell whether no present table gives it: an earlier release's did."""
        return self.role is not None and self.standing is None and self.holds_since is None and not self.owed


@dataclass(frozen=True)
class Could:
    """Something that a person could do, and why."""

    user: User
    organisation: Organisation
    responsibility: Responsibility | None
    permission: Permission
    because: Sequence[Because]

    @property
    def key(self) -> tuple[int, int, int | None, Permission]:
        """Give what makes it one and the same at two instants."""
        thing = self.responsibility.pk if self.responsibility else None
        return self.user.pk, self.organisation.pk, thing, self.permission


@dataclass(frozen=True)
class Then:
    """Who could do what at an instant."""

    at: dt.datetime
    could: Sequence[Could]
    known_since: dt.datetime | None
    """Before this instant grants and accounts were not kept; what is told then lacks what ended earlier."""


def end_of_day(on: dt.date) -> dt.datetime:
    """Give the instant by which a day is told: its last one, or now while it lasts."""
    last = dt.datetime.combine(on, dt.time.max, clock.HOUSE_ZONE)
    return min(last, clock.now())


def could_at(reach: Reach, at: dt.datetime) -> Then:
    """Tell who could do what in a programme at an instant, and why, in a constant number of queries.

    Only people whose organisation stood to the programme and who could read it: everything else is asked after that.

    Args:
        reach: how far the reader reaches; an instant behind the end of their view counts as that end.
    """
    at = min(at, reach.cutoff) if reach.cutoff is not None else at
    rows, since = _held(reach, at)
    readers = {
        (user, organisation)
        for user, organisation, thing, code, *_ in rows
        if thing is None and code == Permission.VIEW.value
    }
    world = _World.of(reach, at)
    standing = world.standings.keys()
    users = User.objects.in_bulk({row[0] for row in rows})
    organisations = Organisation.objects.in_bulk({row[1] for row in rows})
    things = {row.pk: row for row in Responsibility.objects.filter(programme=reach.programme)}
    found: dict[tuple[int, int, int | None, Permission], list[Because]] = {}
    for user, organisation, thing, code, role, reason, began in rows:
        if (user, organisation) in readers and organisation in standing:
            permission = Permission(code)
            why = world.because(organisation, thing, permission, role, reason, began, users[user])
            found.setdefault((user, organisation, thing, permission), []).extend(why)
    could = [
        Could(users[user], organisations[organisation], things[thing] if thing else None, permission, why)
        for (user, organisation, thing, permission), why in found.items()
    ]
    order = list(Permission)
    could.sort(
        key=lambda item: (
            item.organisation.name,
            item.user.display_name,
            item.user.pk,
            item.responsibility.title if item.responsibility else "",
            order.index(item.permission),
        )
    )
    return Then(at, could, since)


def changes(before: Then, after: Then) -> tuple[list[Could], list[Could]]:
    """Give what people could do at the later instant and not at the earlier one, and the other way round."""
    had, has = {item.key for item in before.could}, {item.key for item in after.could}
    return (
        [item for item in after.could if item.key not in had],
        [item for item in before.could if item.key not in has],
    )


def _held(reach: Reach, at: dt.datetime) -> tuple[list[tuple[Any, ...]], dt.datetime | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_key, organisation_key, responsibility_key, codename, role, reason, since"
            " FROM handover_held_at(%s, %s) ORDER BY since",
            [reach.programme.pk, at],
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT handover_held_since()")
        ((since,),) = cursor.fetchall()
    return rows, since


@dataclass(frozen=True)
class _World:
    """What explains: how organisations stood, who held which responsibility, who gave exceptions."""

    standings: Mapping[int, Sequence[Standing]]
    tenures: Mapping[int, Tenure]
    transfers: Mapping[Any, str]
    givers: Mapping[tuple[str, str, str], str]

    @classmethod
    def of(cls, reach: Reach, at: dt.datetime) -> _World:
        programme = reach.programme
        standings: dict[int, list[Standing]] = {}
        for row in Standing.objects.filter(programme=programme, valid__contains=at).order_by("id"):
            standings.setdefault(row.organisation_id, []).append(row)
        day = at.astimezone(clock.HOUSE_ZONE).date()
        tenures = {
            row.responsibility_id: row
            for row in Tenure.objects.filter(
                programme=programme, capacity=Capacity.HOLDER, valid__contains=day
            )
        }
        titles = dict(Transfer.objects.filter(programme=programme).values_list("uuid", "title"))
        return cls(standings, tenures, titles, _givers(reach, at))

    def because(
        self,
        organisation: int,
        thing: int | None,
        permission: Permission,
        role_text: str,
        reason: str,
        since: dt.datetime,
        user: User,
    ) -> list[Because]:
        """Give the reasons why a person held a permission by a role, or by exception."""
        if not role_text:
            giver = self.givers.get((str(user.uuid), permission.value, reason), "")
            return [Because(None, since, reason=reason, by=giver)]
        role = Role(role_text)
        if thing is not None:
            held = self.tenures.get(thing)
            if (
                held is not None
                and held.organisation_id == organisation
                and permission in HOLDER_ROLE.get(role, ())
            ):
                title = self.transfers.get(held.transfer_uuid, "")
                return [Because(role, since, holds_since=held.valid.lower, transfer=title)]
            return [Because(role, since)]
        found = [
            Because(
                role,
                since,
                standing=StandingKind(row.kind),
                stands_since=row.valid.lower,
                transfer=self.transfers.get(row.transfer_uuid, ""),
            )
            for row in self.standings.get(organisation, ())
            if permission in STANDING_ROLE[StandingKind(row.kind)].get(role, ())
        ]
        return found or [Because(role, since, owed=permission in OWED_ROLE.get(role, ()))]


def _givers(reach: Reach, at: dt.datetime) -> dict[tuple[str, str, str], str]:
    """Give who gave exceptions until then, by person, permission and reason: the ledger says it."""
    entries = LedgerEntry.objects.filter(
        chain=reach.programme.uuid, body__contains='"verb":"permission.excepted"'
    ).order_by("seq")
    if reach.cutoff is not None:
        entries = entries.filter(recorded_at__lte=reach.cutoff)
    bodies = names.told([json.loads(body) for body in entries.values_list("body", flat=True)])
    return {
        (body["data"]["user"], body["data"]["permission"], body["data"]["reason"]): body["by"]["user_name"]
        for body in bodies
        if body["by"] and body["at"] <= instant_text(at)
    }
