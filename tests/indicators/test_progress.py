"""How far an indicator has come: exact, in words, and grey where the numbers do not support a light."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.models import Baseline, Indicator
from indicators.queries.points import How, Point
from indicators.queries.progress import Light, Progress, Why, judge, progress

NUMBERS = st.decimals(min_value=-(10**6), max_value=10**6, places=3)


def _of(ascending: str = "1", **said: object) -> Indicator:
    return Indicator(**{"measure": "1", "ascending": ascending, "aggregation_status": "1", **said})


def _told(of: Indicator, baseline: int | None, actual: int | None, target: int | None) -> Progress:
    numbers = [None if number is None else Decimal(number) for number in (baseline, actual, target)]
    return progress(of, baseline=numbers[0], actual=numbers[1], target=numbers[2])


def test_progress_is_the_way_from_the_baseline_to_the_target() -> None:
    assert _told(_of(), 50, 80, 100) == Progress(Light.RED, Decimal("60.0"))


def test_without_a_baseline_the_way_begins_at_nothing() -> None:
    assert _told(_of(), None, 80, 100) == Progress(Light.AMBER, Decimal("80.0"))


def test_less_is_better_where_the_definition_says_so() -> None:
    assert _told(_of("0"), 50, 25, 20) == Progress(Light.AMBER, Decimal("83.3"))


def test_the_way_itself_tells_the_direction_where_the_definition_does_not() -> None:
    assert _told(_of(""), 50, 23, 20) == Progress(Light.GREEN, Decimal("90.0"))


def test_a_target_on_the_other_side_than_the_definition_says_is_not_judged() -> None:
    assert _told(_of("1"), 50, 45, 40) == Progress(Light.GREY, why=Why.OTHER_WAY)


def test_going_backwards_is_below_nothing() -> None:
    assert _told(_of(), 50, 40, 100) == Progress(Light.RED, Decimal("-20.0"))


def test_beyond_the_target_is_more_than_a_hundred() -> None:
    assert _told(_of(), 0, 150, 100) == Progress(Light.GREEN, Decimal("150.0"))


@pytest.mark.parametrize(("actual", "light"), [(50, Light.GREEN), (60, Light.GREEN), (49, Light.RED)])
def test_a_target_to_stay_where_one_is_has_no_way_but_is_kept_or_not(actual: int, light: Light) -> None:
    assert _told(_of(), 50, actual, 50) == Progress(light, why=Why.NO_WAY)


@pytest.mark.parametrize(("actual", "light"), [(20, Light.GREEN), (30, Light.GREY)])
def test_a_way_down_without_its_beginning_cannot_be_measured(actual: int, light: Light) -> None:
    assert _told(_of("0"), None, actual, 20) == Progress(light, why=Why.NO_BASELINE)


def test_without_target_or_value_it_is_grey_and_says_why() -> None:
    assert _told(_of(), 0, 10, None).words == "not judged: there is no target."
    assert _told(_of(), 0, None, 10).words == "not judged: nothing was reported yet."


def test_words_and_ranks_have_no_way() -> None:
    assert _told(_of(measure="5"), 0, 1, 2) == Progress(Light.GREY, why=Why.NO_NUMBER)
    assert _told(_of(measure="4"), 1, 3, 3) == Progress(Light.GREEN, why=Why.NO_NUMBER)


def test_a_light_is_never_rounded_up() -> None:
    of = _of()
    almost = progress(of, baseline=Decimal(0), actual=Decimal("89.9999999"), target=Decimal(100))
    assert almost == Progress(Light.AMBER, Decimal("89.9"))


def test_an_indicator_has_thresholds_of_its_own() -> None:
    of = _of(green_from=Decimal(50), amber_from=Decimal(10))
    assert [_told(of, 0, actual, 100).light for actual in (50, 49, 10, 9)] == [
        Light.GREEN,
        Light.AMBER,
        Light.AMBER,
        Light.RED,
    ]


def test_one_threshold_alone_moves_the_other_out_of_its_way() -> None:
    assert _told(_of(green_from=Decimal(60)), 0, 60, 100).light is Light.GREEN
    assert _told(_of(amber_from=Decimal(95)), 0, 94, 100).light is Light.RED


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_mirrored_numbers_have_come_as_far(
    base: Decimal, actual: Decimal, goal: Decimal, by: Decimal
) -> None:
    there = progress(_of(""), baseline=base, actual=actual, target=goal)
    moved = progress(_of(""), baseline=base + by, actual=actual + by, target=goal + by)
    assert there.per_cent == moved.per_cent
    assert there.light == moved.light


@given(NUMBERS, NUMBERS, NUMBERS)
def test_what_is_shown_is_never_more_than_the_truth(base: Decimal, actual: Decimal, goal: Decimal) -> None:
    found = progress(_of(""), baseline=base, actual=actual, target=goal)
    if found.per_cent is not None:
        truth = 100 * (Fraction(actual) - Fraction(base)) / (Fraction(goal) - Fraction(base))
        assert 0 <= truth - Fraction(found.per_cent) < Fraction(1, 10)
        assert (found.light is Light.GREEN) == (truth >= 90)


# --- which value against which target -----------------------------------------------------------------


def _point(quarter: int, total: int | None, *, target: int | None = None, segment: int = 0) -> Point:
    """Give a quarter of 2024, or the year (0)."""
    first, last = (1, 12) if quarter == 0 else (3 * quarter - 2, 3 * quarter)
    ends_on = dt.date(2024, last, 31 if last in {3, 12} else 30)
    return Point(
        period=uuid4(),
        starts_on=dt.date(2024, first, 1),
        ends_on=ends_on,
        total=None if total is None else Decimal(total),
        how=How.NONE if total is None else How.REPORTED,
        values=0 if total is None else 1,
        target=None if target is None else Decimal(target),
        segment=segment,
    )


def test_a_years_target_is_held_against_what_its_quarters_add_up_to() -> None:
    found = judge(_of(), [], [_point(0, None, target=100), _point(1, 40), _point(2, 30)])
    assert (found.actual, found.progress) == (Decimal(70), Progress(Light.AMBER, Decimal("70.0")))


def test_distinct_persons_of_quarters_are_at_least_so_many_in_the_year() -> None:
    of = _of(counting_rule="distinct_persons", aggregation_status="1")
    enough = judge(of, [], [_point(0, None, target=100), _point(1, 95), _point(2, 40)])
    assert enough.progress == Progress(Light.GREEN, Decimal("95.0"), at_least=True)
    assert enough.progress.words == "on track: at least 95.0% of the way"
    perhaps = judge(of, [], [_point(0, None, target=100), _point(1, 60), _point(2, 40)])
    assert perhaps.progress == Progress(Light.GREY, why=Why.LONGER)


def test_counts_that_do_not_add_up_are_not_held_against_a_years_target() -> None:
    of = _of(counting_rule="contacts", aggregation_status="0")
    found = judge(of, [], [_point(0, None, target=100), _point(1, 60)])
    assert found.progress == Progress(Light.GREY, why=Why.LONGER)


def test_a_share_on_the_way_is_held_against_the_share_wanted_by_then() -> None:
    found = judge(_of(measure="2"), [], [_point(1, 40), _point(4, None, target=80), _point(2, 64)])
    assert (found.last and found.last.total, found.progress.per_cent) == (Decimal(64), Decimal("80.0"))


def test_a_target_that_has_passed_is_held_against_the_value_of_its_own_days() -> None:
    found = judge(_of(), [], [_point(1, 90, target=100), _point(2, 5)])
    assert (found.last and found.last.total, found.actual) == (Decimal(5), Decimal(90))


def test_a_break_after_the_baseline_leaves_no_way_to_measure() -> None:
    before = Baseline(year="2022", value=Decimal(10), value_text="10")
    points = [_point(1, 20), _point(2, 90, target=100, segment=1)]
    assert judge(_of(), [before], points).progress == Progress(Light.GREY, why=Why.BREAK)
    after = Baseline(year="2024", value=Decimal(10), value_text="10")
    assert judge(_of(), [after], points).progress.light is Light.AMBER


def test_a_baseline_of_a_group_is_none_for_everybody() -> None:
    women = Baseline(year="2022", value=Decimal(50), dimensions=[{"name": "gender", "value": "women"}])
    assert judge(_of(), [women], [_point(1, 80, target=100)]).progress.per_cent == Decimal("80.0")
