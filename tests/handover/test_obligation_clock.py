"""The clock of an obligation: what is counted from which day, what stops it, and which of several binds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.models.obligations import CountsFrom, PauseEffect
from handover.queries.obligation_clock import (
    Days,
    Pause,
    Reading,
    Unknown,
    after,
    day_of,
    exposed,
    first_day,
    read,
    strictest,
)
from handover.queries.obligation_rules import shipped

PAID = dt.date(2026, 3, 12)
TODAY = dt.date(2026, 11, 23)
DAYS = Days(PAID, dt.date(2025, 12, 31))


def five_years(*pauses: Pause, days: Days = DAYS, counts: CountsFrom = CountsFrom.FINAL_PAYMENT) -> Reading:
    return read(counts, 5, 0, days, pauses, today=TODAY)


def suspended(first: str, last: str | None) -> Pause:
    return Pause(
        PauseEffect.SUSPENDS, dt.date.fromisoformat(first), dt.date.fromisoformat(last) if last else None
    )


def restarted(first: str, last: str | None) -> Pause:
    return Pause(
        PauseEffect.RESTARTS, dt.date.fromisoformat(first), dt.date.fromisoformat(last) if last else None
    )


# --- worked examples ------------------------------------------------------------------------------


def test_records_of_a_grant_paid_on_12_march_2026_are_kept_until_31_december_2031() -> None:
    rule = shipped()["cpr-82-records"]
    found = read(rule.counts_from, rule.years, rule.months, DAYS, [], today=TODAY)
    assert (found.counted_from, found.ends_on) == (dt.date(2026, 12, 31), dt.date(2031, 12, 31))


def test_durability_runs_five_years_from_the_final_payment() -> None:
    rule = shipped()["cpr-65-durability"]
    found = read(rule.counts_from, rule.years, rule.months, DAYS, [], today=TODAY)
    assert found.ends_on == dt.date(2031, 3, 12)


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [
        ("2024-02-29", 5, "2029-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2023-02-28", 1, "2024-02-28"),
        ("2026-12-31", 5, "2031-12-31"),
        ("2026-01-01", 10, "2036-01-01"),
    ],
)
def test_a_period_in_years_ends_on_the_same_date_or_on_the_last_day_of_its_month(
    first: str, years: int, last: str
) -> None:
    assert after(dt.date.fromisoformat(first), years) == dt.date.fromisoformat(last)


def test_months_end_on_the_last_day_of_a_shorter_month() -> None:
    assert after(dt.date(2026, 8, 31), 0, 6) == dt.date(2027, 2, 28)
    assert after(dt.date(2026, 12, 31), 1, 11) == dt.date(2028, 11, 30)


@pytest.mark.parametrize("paid", ["2026-01-01", "2026-12-31"])
def test_the_whole_year_of_a_payment_counts_from_its_last_day(paid: str) -> None:
    assert five_years(
        days=Days(dt.date.fromisoformat(paid), DAYS.grant_ends_on), counts=CountsFrom.PAYMENT_YEAR
    ).ends_on == dt.date(2031, 12, 31)


@pytest.mark.parametrize("zone", ["Europe/Bucharest", "Europe/Vilnius"])
def test_an_hour_before_midnight_utc_the_new_year_has_begun_in_bucharest_and_vilnius(zone: str) -> None:
    assert day_of(dt.datetime(2026, 12, 31, 23, 0, tzinfo=dt.UTC), zone) == dt.date(2027, 1, 1)
    assert day_of(dt.datetime(2026, 12, 31, 21, 59, tzinfo=dt.UTC), zone) == dt.date(2026, 12, 31)
    # In summer clocks there are three hours ahead.
    assert day_of(dt.datetime(2026, 7, 1, 21, 0, tzinfo=dt.UTC), zone) == dt.date(2026, 7, 2)


def test_nothing_is_known_before_the_final_payment() -> None:
    found = five_years(days=Days(None, DAYS.grant_ends_on))
    assert found == Reading(None, None, None, Unknown.NO_DAY)
    assert first_day(CountsFrom.PAYMENT_YEAR, Days(None, DAYS.grant_ends_on)) is None
    assert five_years(counts=CountsFrom.DAY).unknown is Unknown.NO_DAY
    assert five_years(counts=CountsFrom.GRANT_END).ends_on == dt.date(2030, 12, 31)


# --- what stops it --------------------------------------------------------------------------------


def test_a_suspension_adds_its_days() -> None:
    assert five_years(suspended("2027-01-01", "2027-01-10")).ends_on == dt.date(2031, 3, 22)


def test_suspensions_that_overlap_are_counted_once() -> None:
    both = five_years(suspended("2027-01-01", "2027-01-10"), suspended("2027-01-05", "2027-01-20"))
    assert both == five_years(suspended("2027-01-01", "2027-01-20"))


def test_an_interruption_begins_the_time_anew() -> None:
    assert five_years(restarted("2030-01-01", "2030-06-30")).ends_on == dt.date(2035, 6, 30)


def test_what_is_not_over_leaves_the_last_day_open_and_says_from_when_on_it_may_be() -> None:
    found = five_years(suspended("2026-11-14", None))
    assert (found.ends_on, found.unknown) == (None, Unknown.PAUSED)
    assert found.not_before == dt.date(2031, 3, 22), "ten days up to and with today"


def test_what_stops_the_clock_once_the_time_is_over_changes_nothing() -> None:
    assert five_years(restarted("2031-03-13", "2032-01-01")) == five_years()
    assert five_years(suspended("2031-03-12", "2031-03-12")).ends_on == dt.date(2031, 3, 13), (
        "its last day counts"
    )


def test_what_was_over_before_the_time_began_changes_nothing() -> None:
    assert five_years(suspended("2025-01-01", "2026-03-12")) == five_years()
    assert five_years(suspended("2025-01-01", "2026-03-13")).ends_on == dt.date(2031, 3, 13)


def test_what_began_before_the_time_and_is_not_over_leaves_the_last_day_open() -> None:
    paid_later = Days(dt.date(2027, 3, 12), DAYS.grant_ends_on)
    found = five_years(suspended("2026-04-01", None), days=paid_later)
    assert (found.ends_on, found.not_before, found.unknown) == (None, dt.date(2032, 3, 12), Unknown.PAUSED)


# --- which of several binds -----------------------------------------------------------------------


def test_the_longest_time_binds_and_the_earliest_deadline() -> None:
    short, long = five_years(), read(CountsFrom.PAYMENT_YEAR, 7, 0, DAYS, [], today=TODAY)
    assert strictest([short, long]) == strictest([long, short]) == long
    assert strictest([short, long], deadline=True) == short
    assert strictest([]) is None


def test_a_time_that_is_not_known_is_not_outdone_by_one_that_is() -> None:
    waiting = five_years(days=Days(None, DAYS.grant_ends_on))
    found = strictest([five_years(), waiting])
    assert found is not None
    assert (found.ends_on, found.not_before) == (None, dt.date(2031, 3, 12))


# --- what may have to be paid back ----------------------------------------------------------------


def test_what_is_exposed_falls_with_the_time_that_is_left() -> None:
    reading = five_years()
    at = {day: exposed(Decimal("1826.00"), reading, dt.date.fromisoformat(day)) for day in (
        "2026-03-12", "2031-03-11", "2031-03-12", "2040-01-01", "2020-01-01",
    )}  # fmt: skip
    assert {day: found and found.amount for day, found in at.items()} == {
        "2026-03-12": Decimal("1826.00"),
        "2031-03-11": Decimal("1.00"),
        "2031-03-12": Decimal("0.00"),
        "2040-01-01": Decimal("0.00"),
        "2020-01-01": Decimal("1826.00"),
    }
    assert exposed(Decimal(1), five_years(suspended("2026-11-14", None)), TODAY) is None


# --- properties -----------------------------------------------------------------------------------

Rule = tuple[CountsFrom, int, int]
dates = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))


@st.composite
def pauses(draw: st.DrawFn) -> Pause:
    first = draw(dates)
    last = draw(st.none() | st.integers(0, 2000))
    return Pause(
        draw(st.sampled_from(PauseEffect)), first, None if last is None else first + dt.timedelta(last)
    )


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    return draw(st.sampled_from(CountsFrom)), draw(st.integers(0, 20)), draw(st.integers(0, 11))


days = st.builds(Days, st.none() | dates, dates, st.none() | dates)


@given(rules(), days, st.lists(pauses(), max_size=6), dates, st.randoms(use_true_random=False))
def test_the_order_of_what_stops_the_clock_changes_nothing(
    rule: Rule, of: Days, stops: list[Pause], today: dt.date, chance: Random
) -> None:
    mixed = list(stops)
    chance.shuffle(mixed)
    assert read(*rule, of, stops, today=today) == read(*rule, of, mixed, today=today)


@given(rules(), days, st.lists(pauses(), max_size=6), pauses(), dates)
def test_nothing_that_stops_the_clock_makes_the_day_earlier(
    rule: Rule, of: Days, stops: list[Pause], more: Pause, today: dt.date
) -> None:
    plain = read(*rule, of, [], today=today)
    some = read(*rule, of, stops, today=today)
    if plain.last_known is None:
        assert some == plain
        return
    assert some.last_known is not None
    assert plain.last_known <= some.last_known
    with_more = read(*rule, of, [*stops, more], today=today)
    assert with_more.last_known is not None
    assert some.last_known <= with_more.last_known


@given(
    st.lists(rules(), min_size=1, max_size=5),
    days,
    st.lists(pauses(), max_size=3),
    dates,
    st.randoms(use_true_random=False),
)
def test_the_strictest_is_never_earlier_than_any_single_rule(
    several: list[Rule], of: Days, stops: list[Pause], today: dt.date, chance: Random
) -> None:
    readings = [read(*rule, of, stops, today=today) for rule in several]
    mixed = list(readings)
    chance.shuffle(mixed)
    found, again = strictest(readings), strictest(mixed)
    assert found is not None
    assert again is not None
    assert (found.ends_on, found.not_before, found.unknown) == (
        again.ends_on,
        again.not_before,
        again.unknown,
    )
    for single in readings:
        if single.last_known is not None:
            assert found.last_known is not None
            assert found.last_known >= single.last_known
        if single.unknown is not None:
            assert found.ends_on is None


@given(rules(), days, st.lists(pauses(), max_size=4), dates, st.decimals(0, 10**9, places=2))
def test_what_is_exposed_lies_between_nothing_and_the_whole(
    rule: Rule, of: Days, stops: list[Pause], today: dt.date, amount: Decimal
) -> None:
    found = exposed(amount, read(*rule, of, stops, today=today), today)
    assert found is None or (0 <= found.amount <= amount and 0 <= found.left <= found.whole)
