"""Trends of series: robust, honest about how sure they are, silent where too little is known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.queries.trends import FEWEST, trend

FIRST = dt.date(2026, 3, 31)
QUARTER = dt.timedelta(days=91)


def points(*values: float) -> list[tuple[dt.date, Decimal]]:
    return [(FIRST + number * QUARTER, Decimal(str(value))) for number, value in enumerate(values)]


def test_too_few_points_make_no_trend() -> None:
    assert trend(points(*range(FEWEST - 1))) is None
    assert trend(points(*range(FEWEST))) is not None


def test_points_of_one_day_make_no_trend() -> None:
    assert trend([(FIRST, Decimal(number)) for number in range(FEWEST)]) is None


def test_a_line_goes_on_as_it_went_and_meets_a_level_on_its_day() -> None:
    line = trend(points(100, 95, 90, 85, 80, 75))
    assert line is not None
    low, middle, high = line.at(FIRST + 9 * QUARTER)
    assert (low, middle, high) == (Decimal("55.0"), Decimal("55.0"), Decimal("55.0"))
    assert line.meets(Decimal(60), after=FIRST + 5 * QUARTER) == FIRST + 8 * QUARTER
    assert line.meets(Decimal(110), after=FIRST) is None


def test_one_outlier_does_not_turn_a_trend() -> None:
    line = trend(points(100, 101, 100, 3, 100, 101, 100, 101))
    assert line is not None
    _, middle, _ = line.at(FIRST + 10 * QUARTER)
    assert middle > 95


@given(st.lists(st.integers(0, 1000), min_size=FEWEST, max_size=20), st.integers(0, 40))
def test_the_middle_lies_between_its_bounds(values: list[int], ahead: int) -> None:
    line = trend(points(*values))
    assert line is not None
    low, middle, high = line.at(FIRST + (len(values) + ahead) * QUARTER)
    assert low <= middle <= high


@given(st.lists(st.integers(0, 1000), min_size=FEWEST, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_points_changes_nothing(values: list[int], random: object) -> None:
    found = points(*values)
    turned = list(found)
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert trend(found) == trend(turned)


@given(st.lists(st.integers(0, 1000), min_size=FEWEST, max_size=12), st.integers(-500, 500))
def test_lifting_all_values_lifts_the_trend_as_much(values: list[int], by: int) -> None:
    day = FIRST + 20 * QUARTER
    first, second = trend(points(*values)), trend(points(*(value + by for value in values)))
    assume(first is not None and second is not None)
    assert first is not None
    assert second is not None
    assert abs((second.at(day)[1] - first.at(day)[1]) - by) < Decimal("0.01")
