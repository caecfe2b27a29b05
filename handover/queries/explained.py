"""Explained: who may do what in a programme, and why: through which standing and role, or by which exception.

What is told is what the grants say now; the reasons are the cells of the two tables in ``permissions``. A permission
that no cell explains is told as such, and never left out.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from handover import clock
from handover.models import Programme, Responsibility, Standing
from handover.permissions import (
    HOLDER_ROLE,
    OWED_ROLE,
    STANDING_ROLE,
    Permission,
    Role,
    StandingKind,
)
from handover.queries.previews import (
    OWING,
    Held,
    Holder,
    Person,
    UserException,
    exceptions_now,
    held_now,
    holders_now,
    owed_now,
    people,
)


@dataclass(frozen=True)
class Reason:
    """Permissions that a person has for one reason."""

    role: Role
    permissions: Sequence[Permission]
    standing: StandingKind | None = None
    """The standing of the organisation; ``None`` where a responsibility, or owed results, are the reason."""
    responsibilities: Sequence[str] = ()
    owed: bool = False
    unexplained: bool = False


@dataclass(frozen=True)
class Exempt:
    """An exception of one person."""

    permission: Permission
    reason: str
    ends_at: dt.datetime | None
    responsibility: str = ""
    """Empty: on all of the programme."""


@dataclass(frozen=True)
class Explained:
    """A person, what they may do here, and why."""

    uuid: UUID
    name: str
    roles: Sequence[Role]
    reasons: Sequence[Reason]
    exceptions: Sequence[Exempt]

    @property
    def permissions(self) -> list[Permission]:
        """Give all that they may do here, in the order of the list of permissions, each once."""
        held = {code for reason in self.reasons for code in reason.permissions}
        held |= {item.permission for item in self.exceptions}
        return [code for code in Permission if code in held]


@dataclass(frozen=True)
class Standpoint:
    """How an organisation stands to the programme, since when and until when."""

    kind: StandingKind
    since: dt.datetime | None
    until: dt.datetime | None
    cutoff: dt.datetime | None


@dataclass
class Side:
    """An organisation that stands to the programme, and its people."""

    uuid: UUID
    name: str
    standings: list[Standpoint] = field(default_factory=list)
    responsibilities: list[str] = field(default_factory=list)
    people: list[Explained] = field(default_factory=list)


def sides(programme: Programme) -> list[Side]:
    """Give every organisation that stands to a programme now, with its people and what they may do, and why.

    The number of queries is the same however many people there are.
    """
    rows = (
        Standing.objects.filter(programme=programme, valid__contains=clock.now())
        .select_related("organisation")
        .order_by("organisation__name", "kind")
    )
    found: dict[int, Side] = {}
    for row in rows:
        side = found.setdefault(row.organisation_id, Side(row.organisation.uuid, row.organisation.name))
        side.standings.append(
            Standpoint(StandingKind(row.kind), row.valid.lower, row.valid.upper, row.cutoff)
        )
    titles = dict(Responsibility.objects.filter(programme=programme).values_list("pk", "title"))
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for thing, organisation in holders_now(programme).items():
        if thing is not None and organisation is not None:
            holders[organisation].append(thing)
    for organisation, things in holders.items():
        if organisation in found:
            found[organisation].responsibilities = sorted(titles[thing] for thing in things)
    world = _World(
        held=held_now(programme),
        titles=titles,
        holders=holders,
        owing=set(owed_now(programme.pk).values_list("transfer__giver_id", flat=True)),
        exceptions=exceptions_now(programme),
    )
    for person in people(found):
        found[person.organisation].people.append(_explained(person, found[person.organisation], world))
    return sorted(found.values(), key=lambda side: (_rank(side), side.name.casefold()))


@dataclass(frozen=True)
class _World:
    held: Held
    titles: Mapping[int, str]
    holders: Mapping[int, Sequence[int]]
    owing: set[int]
    exceptions: Sequence[UserException]


def _rank(side: Side) -> int:
    order = list(StandingKind)
    return min(order.index(standing.kind) for standing in side.standings)


def _explained(person: Person, side: Side, world: _World) -> Explained:
    roles = [role for role in Role if role.value in person.roles]
    return Explained(
        uuid=person.uuid,
        name=person.name,
        roles=roles,
        reasons=[reason for role in roles for reason in _reasons(person, role, side, world)],
        exceptions=[
            Exempt(
                item.permission,
                item.reason,
                item.expires_at,
                world.titles.get(item.responsibility, "") if item.responsibility is not None else "",
            )
            for item in world.exceptions
            if item.user_uuid == person.uuid and item.organisation == person.organisation
        ],
    )


def _reasons(person: Person, role: Role, side: Side, world: _World) -> Iterator[Reason]:
    held = world.held.on(Holder(person.organisation, role.value, None))
    left = set(held)
    for standing in side.standings:
        given = held & STANDING_ROLE[standing.kind].get(role, frozenset())
        left -= given
        if given:
            yield Reason(role, _ordered(given), standing=standing.kind)
    if person.organisation in world.owing and any(item.kind.value in OWING for item in side.standings):
        given = held & OWED_ROLE.get(role, frozenset())
        left -= given
        if given:
            yield Reason(role, _ordered(given), owed=True)
    if left:
        yield Reason(role, _ordered(left), unexplained=True)
    yield from _of_holder(person, role, world)


def _of_holder(person: Person, role: Role, world: _World) -> Iterator[Reason]:
    """Give what a role holds on responsibilities: those with the same permissions together."""
    alike: defaultdict[frozenset[Permission], list[int]] = defaultdict(list)
    for thing in world.titles:
        codes = world.held.on(Holder(person.organisation, role.value, thing))
        if codes:
            alike[codes].append(thing)
    holds = set(world.holders.get(person.organisation, ()))
    for codes, things in alike.items():
        explained = codes <= HOLDER_ROLE.get(role, frozenset()) and holds.issuperset(things)
        yield Reason(
            role,
            _ordered(codes),
            responsibilities=sorted(world.titles[thing] for thing in things),
            unexplained=not explained,
        )


def _ordered(codes: frozenset[Permission] | set[Permission]) -> list[Permission]:
    return [code for code in Permission if code in codes]
