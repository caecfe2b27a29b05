"""Members: who holds a seat in one's own organisation, in which roles, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from handover import access, clock
from handover.access import Actor
from handover.errors import NotFound
from handover.models import LegalRepresentative, Membership, ProvisionedUser, User
from handover.permissions import Role


@dataclass(frozen=True)
class SeatHeld:
    """One role of a person, and until when."""

    role: Role
    starts_at: dt.datetime
    ends_at: dt.datetime | None

    @property
    def last(self) -> dt.datetime | None:
        """Give the last instant at which it is held: on its last day."""
        return last_instant(self.ends_at)


def last_instant(ends_at: dt.datetime | None) -> dt.datetime | None:
    """Give the last instant before an end: an end at midnight names the day before as its last."""
    return ends_at - dt.timedelta(microseconds=1) if ends_at is not None else None


@dataclass(frozen=True)
class Member:
    """A person of the organisation."""

    user: User
    seats: list[SeatHeld] = field(default_factory=list)
    by_directory: bool = False
    """The organisation's own directory keeps them."""

    @property
    def uuid(self) -> UUID:
        """Give the person's UUID."""
        return self.user.uuid

    @property
    def roles(self) -> Sequence[Role]:
        """Give the roles that they hold now."""
        return [seat.role for seat in self.seats]


def members(actor: Actor) -> list[Member]:
    """Give everybody who holds a seat in the actor's organisation now, by name; accounts of machines never."""
    rows = (
        Membership.objects.filter(
            access.holding(clock.now()),
            organisation=actor.organisation,
            user__is_service=False,
            user__is_active=True,
        )
        .select_related("user")
        .order_by("user__display_name", "user_id", "role")
    )
    kept = set(
        ProvisionedUser.objects.filter(organisation=actor.organisation, forgotten_at=None).values_list(
            "user_id", flat=True
        )
    )
    found: dict[int, Member] = {}
    for row in rows:
        member = found.setdefault(row.user_id, Member(row.user, by_directory=row.user_id in kept))
        member.seats.append(SeatHeld(Role(row.role), row.starts_at, row.ends_at))
    return list(found.values())


def member_for(actor: Actor, uuid: UUID) -> Member:
    """Give one person of the actor's organisation.

    Raises:
        NotFound: nobody of that name holds a seat there now.
    """
    for member in members(actor):
        if member.uuid == uuid:
            return member
    raise NotFound("member")


def representatives(actor: Actor) -> list[LegalRepresentative]:
    """Give who may sign for the actor's organisation, present mandates first."""
    rows = LegalRepresentative.objects.filter(organisation=actor.organisation).select_related("user")
    today = clock.today()
    return sorted(
        rows, key=lambda row: (row.valid_to is not None and row.valid_to < today, row.valid_from, row.pk)
    )
