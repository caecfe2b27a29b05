"""Waiting for you: everything that waits for a person, across all organisations where they hold a seat.

The number of queries is the same however many programmes there are; it grows with the person's seats alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from handover import clock, holdings
from handover.access import Actor, actor_for, asking, holding, seats_now, who_asks
from handover.errors import NotAllowed
from handover.models import Invitation, Membership, Organisation, User
from handover.permissions import Role, Scope
from handover.queries import waiting_readiness, waiting_transfers
from handover.queries.seats import Seat, seat_of
from handover.queries.tasks import WORDINGS, Stage, Task, stage_of

__all__ = ["Stage", "Task", "seat_actors", "seats_of", "stage_of", "waiting_for"]

RUNS_OUT: Final = dt.timedelta(days=5)
"""How long before its end an invitation is told that nobody has taken."""

SOON: Final = dt.timedelta(days=30)
"""How long before its end an exception or a standing is told."""


def waiting_for(who: Actor | User | Sequence[Actor], *, seat: Seat | None = None) -> list[Task]:
    """Give what waits for somebody, what is due first first.

    Args:
        seat: what whoever asks holds, where it was read already.
        who: an actor, for the organisation that they act for; or a person, for all where they hold a seat now, or
            what ``seat_actors`` gives of them. Whoever is deactivated, or holds no seat, waits for nothing.
    """
    actors = seat_actors(who) if isinstance(who, User) else [who] if isinstance(who, Actor) else who
    return sorted((task for actor in actors for task in _by_seat(actor, seat)), key=lambda task: task.order)


def seats_of(user: User) -> QuerySet[Organisation]:
    """Give the organisations where a person holds a seat now, by name."""
    found = Organisation.objects.filter(pk__in=seats_now(user).values("organisation"))
    return found.order_by("name", "pk")


def seat_actors(
    user: User, *, channel: str = "web", seats: Sequence[Organisation] | None = None
) -> list[Actor]:
    """Give a person as the actor of each organisation where they hold a seat now; the one who asks first.

    Args:
        seats: the organisations, for whoever has read them already.
    """
    if not user.is_active:
        return []
    now = who_asks()
    found = [
        now if now and (now.user.pk, now.organisation.pk) == (user.pk, one.pk) else Actor(user, one, channel)
        for one in (seats_of(user) if seats is None else seats)
    ]
    return sorted(found, key=lambda actor: actor is not now)


def _by_seat(actor: Actor, known: Seat | None) -> list[Task]:
    if who_asks() == actor:
        return list(_tasks(actor, known if known and known.actor == actor else seat_of(actor)))
    try:
        actor_for(actor.user, actor.organisation, channel=actor.channel)
    except NotAllowed:
        return []
    with asking(actor):
        return list(_tasks(actor, seat_of(actor)))


def _tasks(actor: Actor, seat: Seat) -> Iterator[Task]:
    yield from _invitations(actor)
    if not seat.programmes:
        return
    transfers = waiting_transfers.transfers_of(seat)
    steps = waiting_transfers.steps_of(transfers) if transfers else []
    yield from waiting_transfers.tasks(seat, transfers, steps, waiting_readiness.unmet(steps))
    yield from waiting_readiness.tasks(seat, transfers)
    yield from _endings(seat)
    for part in holdings.holdings():
        yield from part.tasks(actor, seat)


def _invitations(actor: Actor) -> Iterator[Task]:
    """Give the invitations into an organisation that its managers see run out: whoever was invited has their mail."""
    now = clock.now()
    managed = Membership.objects.filter(
        holding(now), user=actor.user, organisation=OuterRef("organisation"), role=Role.MANAGER.value
    )
    rows = Invitation.objects.filter(
        Exists(managed),
        organisation=actor.organisation,
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=now,
        expires_at__lte=now + RUNS_OUT,
    )
    if not actor.has_scope(Scope.ORGANISATION):
        return
    for row in rows.order_by("expires_at", "id"):
        yield Task(
            kind="invitation.ends",
            subject=str(row.uuid),
            organisation=actor.organisation,
            text=WORDINGS["invitation.ends"].text,
            plain=WORDINGS["invitation.ends"].plain,
            about={"address": row.email},
            due_on=_last_day(row.expires_at),
            since=row.created_at,
            places=(("invitations", ()), ("members", ()), ("people", ())),
        )


def _endings(seat: Seat) -> Iterator[Task]:
    """Give exceptions of the person, and standings of the organisation, that end soon."""
    soon = clock.now() + SOON
    for here in seat.programmes.values():
        common = {
            "organisation": seat.actor.organisation,
            "programme": here.named,
            "places": (("programme-people", (here.named.uuid,)), ("programme", (here.named.uuid,))),
        }
        for ending in here.endings:
            if ending.ends_at <= soon:
                yield Task(
                    kind="exception.ends",
                    subject=f"{here.named.uuid}:{ending.key}",
                    text=WORDINGS["exception.ends"].text,
                    plain=WORDINGS["exception.ends"].plain,
                    about={"permission": ending.permission.help},
                    due_on=_last_day(ending.ends_at),
                    **common,  # type: ignore[arg-type]
                )
        if here.standing_ends_at is not None and here.standing_ends_at <= soon:
            yield Task(
                kind="standing.ends",
                subject=str(here.named.uuid),
                text=WORDINGS["standing.ends"].text,
                plain=WORDINGS["standing.ends"].plain,
                due_on=_last_day(here.standing_ends_at),
                **common,  # type: ignore[arg-type]
            )


def _last_day(instant: dt.datetime) -> dt.date:
    """Give the last day on which something still holds that ends at an instant."""
    return (instant - dt.timedelta(microseconds=1)).astimezone(clock.HOUSE_ZONE).date()
