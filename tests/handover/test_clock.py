"""Time is one noun: what Python believes and what PostgreSQL believes is the same instant."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.db import connection

from handover import clock
from handover.access import asking
from tests.factories.cast import FOUNDED, TODAY, Cast

LATER = dt.datetime(2031, 5, 6, 7, 8, 9, 10, tzinfo=dt.UTC)


def sql_now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT handover_now()")
        (now,) = cursor.fetchone() or (None,)
    assert isinstance(now, dt.datetime)
    return now


def test_now_is_the_present_instant_in_utc() -> None:
    before = time.time()
    assert before <= clock.now().timestamp() <= time.time()
    assert clock.now().tzinfo is dt.UTC
    assert clock.moved_to() is None


@pytest.mark.django_db
def test_sql_reads_the_present_when_nobody_moved_the_clock() -> None:
    assert abs(sql_now() - clock.now()) < dt.timedelta(minutes=5)


@pytest.mark.django_db
def test_python_and_sql_move_together() -> None:
    with clock.at(LATER):
        assert clock.now() == sql_now() == LATER
        assert clock.today() == LATER.date()
    assert sql_now() < LATER


@pytest.mark.django_db
def test_moved_clocks_nest() -> None:
    with clock.at(TODAY):
        with clock.at(FOUNDED):
            assert clock.now() == sql_now() == FOUNDED
        assert clock.now() == sql_now() == TODAY


@pytest.mark.django_db(transaction=True)
def test_a_clock_moved_outside_a_transaction_is_said_when_somebody_asks(cast: Cast) -> None:
    with clock.at(LATER):
        with asking(cast.giver):
            assert sql_now() == LATER
        assert sql_now() < LATER, "it ended with the transaction"


@pytest.mark.django_db
def test_a_clock_moved_by_an_action_that_fails_stands_as_before(today: dt.datetime) -> None:
    with pytest.raises(ZeroDivisionError), clock.at(LATER):
        raise ZeroDivisionError
    assert clock.now() == sql_now() == today


@pytest.mark.django_db
def test_a_day_ends_at_midnight_in_utc() -> None:
    with clock.at(dt.datetime(2024, 6, 3, 23, 59, 59, tzinfo=dt.UTC)):
        assert clock.today() == dt.date(2024, 6, 3)
    with clock.at(dt.datetime(2024, 6, 4, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=3)))):
        assert clock.today() == dt.date(2024, 6, 3)
