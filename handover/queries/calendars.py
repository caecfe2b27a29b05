"""Calendars: whose an address is, as long as its person has held a seat without a break since it was made."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Final

from handover import clock
from handover.models import CalendarAddress, User

SHORTEST: Final = 40
LONGEST: Final = 60
"""Characters of a secret: what is shorter or longer is not looked for."""


def digest_of(secret: str) -> bytes:
    """Give what is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def address_of(user: User) -> CalendarAddress | None:
    """Give a person's address that opens now, if they have one."""
    found = user.calendar_addresses.filter(revoked_at=None).first()
    return found if found is not None and _holds(found) else None


def owner_of(secret: str) -> User | None:
    """Give the person whose calendar a secret opens now; nobody where it is revoked or ended with their seat."""
    if not SHORTEST <= len(secret) <= LONGEST:
        return None
    rows = CalendarAddress.objects.filter(digest=digest_of(secret), revoked_at=None, user__is_active=True)
    found = rows.select_related("user").first()
    return found.user if found is not None and _holds(found) else None


def _holds(address: CalendarAddress) -> bool:
    """Tell whether the person has held a seat, whichever it was, at every moment since the address was made."""
    now, reached = clock.now(), address.created_at
    seats = address.user.memberships.order_by("starts_at").values_list("starts_at", "ends_at")
    for starts_at, ends_at in seats:
        if starts_at > reached:
            break
        reached = max(reached, ends_at or dt.datetime.max.replace(tzinfo=dt.UTC))
    return reached > now
