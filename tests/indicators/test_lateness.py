"""What came late is marked late, and what has not come is named: by the days and the frequency of the definition."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from handover import clock
from handover.access import Actor, asking
from handover.models import Programme
from handover.models.guard import writing
from indicators.actions import drafts, periods, submissions, values
from indicators.actions.drafts import Row
from indicators.models import Indicator, Period, Submission, Value
from indicators.models.codes import Frequency
from indicators.queries.lateness import MONTHS, Overdue, expected, late, late_periods, overdue
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported

pytestmark = pytest.mark.django_db

DUE = dt.date(2024, 4, 15)
"""The day on which the first quarter is due, 15 days after its end."""


def _at(day: dt.date, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)


def _quarterly(cast: Cast, programme: Programme, **said: Any) -> Indicator:
    """Give an indicator that is due 15 days after each quarter, unless something else is said."""
    of = indicator(programme, by=cast.giver)
    facts = {"frequency": Frequency.QUARTERLY, "due_days": 15, **said}
    with asking(cast.giver), writing():
        Indicator.objects.filter(pk=of.pk).update(**facts)
    return of


def _overdue(
    by: Actor, programme: Programme, today: dt.date, *, cutoff: dt.datetime | None = None
) -> list[Overdue]:
    with asking(by):
        return overdue(programme, today, cutoff=cutoff)


def _spans(found: list[Overdue]) -> list[tuple[str, str]]:
    return [(str(item.starts_on), str(item.ends_on)) for item in found]


# --- late -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "days"), [(DUE, None), (DUE + dt.timedelta(days=1), 1), (dt.date(2024, 6, 3), 49)]
)
def test_a_value_is_late_from_the_day_after_it_was_due(
    cast: Cast, programme: Programme, day: dt.date, days: int | None
) -> None:
    of = _quarterly(cast, programme)
    with clock.at(_at(day, 23)):
        reported(of, {"women": 41, "men": 37}, by=cast.giver_reporter)
        with asking(cast.giver):
            found = late(programme)
            (period,) = Period.objects.all()
            by_period = late_periods([period])
    assert [item.days for item in found] == ([] if days is None else [days, days])
    if days is not None:
        assert {(item.due_on, item.came_on, item.cell) for item in found} == {
            (DUE, day, "gender=women"),
            (DUE, day, "gender=men"),
        }
        assert (by_period[period.pk].days, by_period[period.pk].values) == (days, 2)
    else:
        assert by_period == {}


def test_what_has_no_due_day_is_never_late(cast: Cast, programme: Programme) -> None:
    reported(_quarterly(cast, programme, due_days=None), {"": 1}, by=cast.giver)
    with asking(cast.giver):
        assert late(programme) == []


def test_a_correction_is_not_late_and_does_not_make_late(cast: Cast, programme: Programme) -> None:
    of = _quarterly(cast, programme)
    with clock.at(_at(DUE)):
        reported(of, {"women": 41}, by=cast.giver)
    with asking(cast.giver):
        (row,) = Value.objects.all()
    values.correct(by=cast.giver, value_uuid=row.uuid, value=44, reason="Three enrolled late")
    with asking(cast.giver):
        assert late(programme) == []


def test_a_correction_does_not_make_a_late_value_timely(cast: Cast, programme: Programme) -> None:
    of = _quarterly(cast, programme)
    reported(of, {"women": 41}, by=cast.giver)
    with asking(cast.giver):
        (row,) = Value.objects.all()
    values.correct(by=cast.giver, value_uuid=row.uuid, value=44, reason="Three enrolled late")
    with asking(cast.giver):
        assert [(item.value, item.days) for item in late(programme)] == [(row.uuid, 49)]


def _handed_in(cast: Cast, programme: Programme, of: Indicator) -> Submission:
    mine = cast.giver_reporter
    made = submissions.draft(by=mine, programme_uuid=programme.uuid)
    row = Row(indicator=of.uuid, starts_on=FIRST_QUARTER[0], ends_on=FIRST_QUARTER[1], value=41)
    put = drafts.put(by=mine, submission_uuid=made.uuid, version=made.version, rows=[row])
    return submissions.submit(by=mine, submission_uuid=put.uuid, version=put.version)


def test_a_value_that_waited_for_approval_came_on_the_day_on_which_it_was_handed_in(
    cast: Cast, programme: Programme
) -> None:
    of = _quarterly(cast, programme)
    with clock.at(_at(DUE)):
        made = _handed_in(cast, programme, of)
    submissions.approve(by=cast.giver, submission_uuid=made.uuid, version=made.version)
    with asking(cast.giver):
        assert late(programme) == []
    with clock.at(_at(DUE + dt.timedelta(days=9))):
        other = _quarterly(cast, programme)
        made = _handed_in(cast, programme, other)
    submissions.approve(by=cast.giver, submission_uuid=made.uuid, version=made.version)
    with asking(cast.giver):
        assert [(item.indicator, item.days) for item in late(programme)] == [(other.uuid, 9)]
        assert late(programme, indicator=of) == []


def test_whoever_sees_less_is_told_less(cast: Cast, programme: Programme) -> None:
    reported(_quarterly(cast, programme), {"": 1}, by=cast.giver)
    with asking(cast.giver):
        assert late(programme, cutoff=_at(DUE)) == []
    with asking(cast.stranger):
        assert late(programme) == []
        assert overdue(programme, dt.date(2024, 6, 3)) == []


# --- overdue --------------------------------------------------------------------------------------


def test_periods_without_a_value_are_overdue_once_their_day_is_past(cast: Cast, programme: Programme) -> None:
    of = _quarterly(cast, programme)
    reported(of, {"": 1}, by=cast.giver, quarter=(dt.date(2022, 1, 1), dt.date(2022, 3, 31)))
    assert _spans(_overdue(cast.giver, programme, dt.date(2022, 7, 15))) == []
    (found,) = _overdue(cast.giver, programme, dt.date(2022, 7, 16))
    assert (found.indicator, found.starts_on, found.ends_on, found.due_on, found.days, found.awaiting) == (
        of,
        dt.date(2022, 4, 1),
        dt.date(2022, 6, 30),
        dt.date(2022, 7, 15),
        1,
        False,
    )


def test_nothing_is_expected_after_the_programmes_end(cast: Cast, programme: Programme) -> None:
    _quarterly(cast, programme)
    found = _overdue(cast.giver, programme, dt.date(2031, 1, 1))
    assert (found[0].starts_on, found[-1].ends_on) == (dt.date(2022, 1, 1), dt.date(2026, 12, 31))
    assert len(found) == 20


def test_of_a_period_that_a_handover_cut_only_the_part_that_is_missing_is_overdue(
    cast: Cast, programme: Programme
) -> None:
    of = _quarterly(cast, programme, frequency=Frequency.YEARLY, due_days=0)
    reported(of, {"": 1}, by=cast.giver, quarter=(dt.date(2022, 1, 1), dt.date(2022, 5, 9)))
    assert _spans(_overdue(cast.giver, programme, dt.date(2023, 6, 1))) == [("2022-05-10", "2022-12-31")]
    reported(of, {"": 1}, by=cast.giver, quarter=(dt.date(2022, 5, 10), dt.date(2022, 12, 31)))
    assert _overdue(cast.giver, programme, dt.date(2023, 6, 1)) == []


def test_a_year_does_not_stand_for_its_quarters(cast: Cast, programme: Programme) -> None:
    of = _quarterly(cast, programme)
    reported(of, {"": 1}, by=cast.giver, quarter=(dt.date(2022, 1, 1), dt.date(2022, 12, 31)))
    assert len(_overdue(cast.giver, programme, dt.date(2023, 2, 1))) == 4


def test_of_own_days_only_periods_that_are_there_are_expected(cast: Cast, programme: Programme) -> None:
    of = _quarterly(cast, programme, frequency=Frequency.CUSTOM, due_days=10)
    assert _overdue(cast.giver, programme, dt.date(2024, 12, 1)) == []
    span = (dt.date(2024, 2, 7), dt.date(2024, 2, 20))
    periods.put(by=cast.giver, indicator_uuid=of.uuid, starts_on=span[0], ends_on=span[1])
    assert _spans(_overdue(cast.giver, programme, dt.date(2024, 12, 1))) == [("2024-02-07", "2024-02-20")]
    reported(of, {"": 1}, by=cast.giver, quarter=span)
    assert _overdue(cast.giver, programme, dt.date(2024, 12, 1)) == []


@pytest.mark.parametrize("said", [{"frequency": "", "due_days": None}, {"expression": "a + b"}])
def test_what_nobody_is_expected_to_report_is_not_overdue(
    cast: Cast, programme: Programme, said: dict[str, Any]
) -> None:
    _quarterly(cast, programme, **said)
    assert _overdue(cast.giver, programme, dt.date(2024, 12, 1)) == []


def test_what_is_handed_in_waits_for_approval(cast: Cast, programme: Programme) -> None:
    of = _quarterly(cast, programme)
    made = _handed_in(cast, programme, of)
    today = dt.date(2024, 6, 3)
    waiting = [item for item in _overdue(cast.giver, programme, today) if item.awaiting]
    assert _spans(waiting) == [("2024-01-01", "2024-03-31")]
    submissions.return_(by=cast.giver, submission_uuid=made.uuid, version=made.version, note="Recount")
    found = _overdue(cast.giver, programme, today)
    assert [item.awaiting for item in found if item.starts_on == FIRST_QUARTER[0]] == [False]


def test_it_takes_the_same_number_of_queries_however_many_indicators_there_are(
    cast: Cast, programme: Programme
) -> None:
    counts = []
    for _ in range(2):
        reported(_quarterly(cast, programme), {"": 1}, by=cast.giver, quarter=SECOND_QUARTER)
        with asking(cast.giver), CaptureQueriesContext(connection) as seen:
            overdue(programme, dt.date(2025, 1, 1))
            late(programme)
        counts.append(len(seen))
    assert counts == [4, 4]


# --- expected periods -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "first"),
    [
        (Frequency.MONTHLY, ("2024-02-01", "2024-02-29")),
        (Frequency.QUARTERLY, ("2024-01-01", "2024-03-31")),
        (Frequency.HALF_YEARLY, ("2024-01-01", "2024-06-30")),
        (Frequency.YEARLY, ("2024-01-01", "2024-12-31")),
        (Frequency.SCHOOL_YEAR, ("2023-09-01", "2024-08-31")),
    ],
)
def test_periods_begin_with_the_one_in_which_the_programme_begins(
    frequency: Frequency, first: tuple[str, str]
) -> None:
    found = expected(frequency, dt.date(2024, 2, 15), dt.date(2026, 1, 1))
    assert (str(found[0][0]), str(found[0][1])) == first


def test_own_days_make_no_periods() -> None:
    assert expected(Frequency.CUSTOM, dt.date(2024, 1, 1), dt.date(2024, 12, 31)) == []


@given(
    frequency=st.sampled_from(sorted(MONTHS)),
    days=st.tuples(
        st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))
    ),
)
def test_expected_periods_follow_each_other_without_gap_and_cover_every_day(
    frequency: Frequency, days: tuple[dt.date, dt.date]
) -> None:
    first, last = sorted(days)
    found = expected(frequency, first, last)
    assert found[0][0] <= first <= found[0][1]
    assert found[-1][0] <= last <= found[-1][1]
    assert all(one[1] + dt.timedelta(days=1) == other[0] for one, other in pairwise(found))
