"""Time is one noun: Python asks here, SQL asks ``handover_now()``, and a test moves both at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg.pq import TransactionStatus

_moved: ContextVar[dt.datetime | None] = ContextVar("moved_clock", default=None)
_frozen: ContextVar[dt.datetime | None] = ContextVar("frozen_clock", default=None)

HOUSE_ZONE = ZoneInfo("UTC")
"""Instants are UTC; a date is the date in UTC unless a rule says otherwise."""


def now() -> dt.datetime:
    """Give the present instant, timezone-aware, in UTC; inside a transaction of an actor, that of its beginning.

    So Python and the policies of the database agree to the microsecond on what holds.
    """
    return _moved.get() or _frozen.get() or dt.datetime.now(dt.UTC)


def wall() -> dt.datetime:
    """Give the instant that a clock on the wall shows, inside a transaction too: for what must lie after a lock."""
    return _moved.get() or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Give the present date in the house's time zone."""
    return now().astimezone(HOUSE_ZONE).date()


def moved_to() -> dt.datetime | None:
    """Give the instant that a test moved the clock to, if any."""
    return _moved.get()


@contextmanager
def at(instant: dt.datetime) -> Iterator[None]:
    """Move the clock for the length of a block, for Python and for SQL inside ``access.asking``.

    For tests, for the demonstration, which tells years in seconds, and for what asks again in a long transaction.
    The ledger's own time does not move.
    """
    token = _moved.set(instant)
    previous = _tell_database(instant.isoformat())
    try:
        yield
    finally:
        _moved.reset(token)
        # An aborted transaction takes no statement, and its rollback restores the database's clock.
        if previous is not None and not _aborted():
            _tell_database(previous)


def _aborted() -> bool:
    native = connection.connection
    in_error = native is None or native.info.transaction_status == TransactionStatus.INERROR
    return connection.needs_rollback or in_error


@contextmanager
def frozen(instant: dt.datetime | None = None) -> Iterator[None]:
    """Stop the clock where ``handover_now()`` stands: at the transaction's beginning. An inner block keeps it.

    Args:
        instant: what it said, for who has asked it already.
    """
    if _moved.get() or _frozen.get():
        yield
        return
    if instant is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT handover_now()")
            row = cursor.fetchone()
        instant = row[0] if row else None
    token = _frozen.set(instant.astimezone(dt.UTC) if instant else None)
    try:
        yield
    finally:
        _frozen.reset(token)


def _tell_database(value: str) -> str | None:
    """Set the database's clock inside the open transaction; outside one, ``access.asking`` does it."""
    if not connection.in_atomic_block:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('handover.now', true), '')")
        row = cursor.fetchone()
        cursor.execute("SELECT set_config('handover.now', %s, true)", [value])
    return str(row[0]) if row else ""
