"""Calendars: an address is made and revoked by its person; what it tells is noted, so that changes are told as such."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Final

from handover import clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import NotAllowed
from handover.models import CalendarAddress, CalendarEntry
from handover.queries.calendars import digest_of
from handover.queries.tasks import Task

KEPT: Final = dt.timedelta(days=90)
"""How long a calendar is told that something is cancelled."""


@action
def open_address(*, by: Actor) -> str:
    """Make the actor's secret address and give the secret, which nobody can read again; one made before is revoked.

    Raises:
        NotAllowed: the actor acts by a token.
    """
    _by_hand(by)
    _revoke(by)
    secret = secrets.token_urlsafe(32)
    CalendarAddress.objects.create(user=by.user, digest=digest_of(secret), created_at=clock.now())
    ledger.record(verb="calendar.opened", by=by, organisation=by.organisation, subject=by.user.uuid)
    return secret


@action
def revoke_address(*, by: Actor) -> bool:
    """Revoke the actor's secret address: nobody reads by it any more. Tell whether there was one.

    Raises:
        NotAllowed: the actor acts by a token.
    """
    _by_hand(by)
    if not _revoke(by):
        return False
    ledger.record(verb="calendar.revoked", by=by, organisation=by.organisation, subject=by.user.uuid)
    return True


def _by_hand(by: Actor) -> None:
    if by.scopes is not None:
        raise NotAllowed("token_by_token", "A token cannot make or revoke addresses: sign in to do this.")


def _revoke(by: Actor) -> bool:
    rows = CalendarAddress.objects.filter(user=by.user, revoked_at=None)
    return bool(rows.update(revoked_at=clock.now()))


@action
def note(*, by: Actor, tasks: Sequence[Task]) -> list[CalendarEntry]:
    """Note what a calendar is told of one organisation, and give it: a change counts up, what is gone is cancelled."""
    now = clock.now()
    days = {task.key: task.due_on for task in tasks if task.due_on is not None}
    mine = {"organisation": by.organisation, "user": by.user}
    known = {row.task: row for row in CalendarEntry.objects.select_for_update().filter(**mine).order_by("id")}
    for key, row in known.items():
        due_on = days.get(key)
        if (due_on == row.due_on and not row.cancelled) or (due_on is None and row.cancelled):
            continue
        row.due_on, row.cancelled = due_on or row.due_on, due_on is None
        row.sequence, row.changed_at = row.sequence + 1, now
        row.save()
    CalendarEntry.objects.bulk_create(
        [
            CalendarEntry(task=key, due_on=due_on, changed_at=now, **mine)
            for key, due_on in days.items()
            if key not in known
        ],
        ignore_conflicts=True,
    )
    CalendarEntry.objects.filter(cancelled=True, changed_at__lt=now - KEPT, **mine).delete()
    return list(CalendarEntry.objects.filter(**mine).order_by("due_on", "id"))
