"""Obligations from the command line: taken over, decided, stopped, paid; and what is refused in one line."""

from __future__ import annotations

import datetime as dt

import pytest

from handover.models import Grant, Programme
from tests.factories.cast import Cast
from tests.factories.programmes import grant as granted
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

HOME, NUMBER = "XX-TEST-HOME", "XX-1"


@pytest.fixture
def me(cast: Cast, programme: Programme) -> tuple[str, str]:
    return "--as", cast.giver.user.email


@pytest.fixture
def grant(cast: Cast, programme: Programme) -> Grant:
    return granted(programme, by=cast.giver, donor=cast.donor.organisation)


def test_the_rules_that_ship_are_listed_without_saying_who_asks() -> None:
    assert "cpr-82-records: All supporting documents of the operation are kept" in said("obligation", "rules")
    (found,) = (rule for rule in told("obligation", "rules")["rules"] if rule["key"] == "cpr-82-records")
    assert (found["years"], found["counts_from"], found["mark"]) == (5, "payment_year", "secondary")


def test_from_taking_over_to_the_last_day(me: tuple[str, str], grant: Grant) -> None:
    assert "No obligations are entered" in said("obligation", "list", HOME, *me)
    assert "its last day is not known" in said("obligation", "adopt", HOME, NUMBER, "cpr-82-records", *me)
    assert "They are all there already." in said("obligation", "adopt", HOME, NUMBER, "cpr-82-records", *me)
    assert "until 2031-12-31" in said("obligation", "paid", HOME, NUMBER, "2026-03-12", *me)
    stop = ("--from", "2030-01-01", "--authority", "Court", "--reason", "A claim")
    assert "not known" in said("obligation", "pause", HOME, "cpr-82-records", "restarts", *stop, *me)
    assert "until 2035-06-30" in said("obligation", "end-pause", HOME, "cpr-82-records", "2030-06-30", *me)
    said("obligation", "decide", HOME, "supporting documents", "yes", "--debtor", "receiver", *me)
    (of_grant,) = told("obligation", "list", HOME, *me)["grants"]
    (row,) = of_grant["obligations"]
    assert (row["ends_on"], row["debtor"], row["binds"], row["applies"]) == (
        "2035-06-30",
        "receiver",
        True,
        "yes",
    )
    assert "2035-06-30" in said("obligation", "list", HOME, *me)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("adopt", HOME, "XX-9", "cpr-82-records"), "unknown_grant"),
        (("adopt", HOME, NUMBER, "cpr-99"), "unknown_rule"),
        (("decide", HOME, "nothing", "yes"), "unknown_obligation"),
        (("decide", HOME, "gber-records", "perhaps"), "usage"),
        (("decide", HOME, "gber-records", "no"), "reason_needed"),
        (("end-pause", HOME, "gber-records", "2026-01-01"), "nothing_stops"),
        (("paid", HOME, NUMBER, "yesterday"), "usage"),
        (("list", "XX-NOTHING"), "not_found"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(
    me: tuple[str, str], grant: Grant, typed: tuple[str, ...], code: str
) -> None:
    said("obligation", "adopt", HOME, NUMBER, "gber-records", *me)
    assert f"[{code}]" in refused("obligation", *typed, *me)


def test_a_stranger_finds_no_programme(cast: Cast, grant: Grant) -> None:
    assert "[not_found]" in refused("obligation", "list", HOME, "--as", cast.stranger.user.email)


def test_a_grant_without_obligations_is_paid_all_the_same(me: tuple[str, str], grant: Grant) -> None:
    assert "the final payment is entered" in said(
        "obligation", "paid", HOME, NUMBER, dt.date(2026, 3, 12), *me
    )
