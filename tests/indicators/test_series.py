"""What adds up over groups, places and periods, and what does not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from handover import clock
from handover.access import Operator, asking
from handover.actions import places
from handover.models import Programme
from indicators.actions import targets, values
from indicators.actions.values import Reported
from indicators.frames import GROUPS, SERIES, groups_frame, series_frame
from indicators.models import Indicator, Value
from indicators.queries.aggregates import Aggregate
from indicators.queries.points import Missing
from indicators.queries.rules import rules
from indicators.queries.series import (
    How,
    Point,
    Total,
    all_series,
    latest,
    over_periods,
    place_series,
    series,
    total_over,
)
from indicators.queries.totals import total
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported

pytestmark = pytest.mark.django_db

SHARE: dict[str, Any] = {"measure": "2", "counting_rule": "none", "aggregation_status": "0"}


def _series(cast: Cast, programme: Programme, of: Indicator) -> list[Point]:
    with asking(cast.giver):
        return series(programme, of, cutoff=None)


def _share(gender: str, numerator: int, denominator: int, **more: Any) -> Reported:
    return Reported(
        value=str(Decimal(100 * numerator) / denominator)[:6],
        numerator=numerator,
        denominator=denominator,
        dimensions={"gender": gender} if gender else {},
        **more,
    )


def test_groups_of_a_count_add_up(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41, "men": 37, "non-binary": 2}, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.how, point.values) == (Decimal(80), How.ADDED, 3)


def test_shares_never_add_up(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, **SHARE)
    reported(of, {"women": 60, "men": 40}, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.how) == (None, How.NONE)


def test_a_share_of_all_groups_is_made_of_their_numerators_and_denominators(
    cast: Cast, programme: Programme
) -> None:
    of = indicator(programme, by=cast.giver, **SHARE)
    reported(of, [_share("women", 1, 2), _share("men", 1, 8)], by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.how) == (Decimal(20), How.SHARE)


def test_an_empty_group_leaves_the_share_of_all_as_it_is(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, **SHARE)
    empty = Reported(value=None, numerator=0, denominator=0, dimensions={"gender": "non-binary"})
    reported(of, [_share("women", 1, 2), _share("men", 1, 8), empty], by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.how) == (Decimal(20), How.SHARE)


def test_one_group_without_its_denominator_leaves_no_share_of_all(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, **SHARE)
    reported(of, [_share("women", 1, 2), Reported(value=40, dimensions={"gender": "men"})], by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert point.total is None


def test_rates_and_averages_never_add_up(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    rows = [
        Reported(value=3, numerator=30, denominator=10, dimensions={"gender": name})
        for name in ("women", "men")
    ]
    reported(of, rows, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert point.total is None


def test_words_never_add_up(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, measure="4", counting_rule="none")
    reported(of, {"women": "3", "men": "4"}, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert point.total is None


def test_a_reported_total_is_never_second_guessed(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 79, "women": 41, "men": 37}, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.how) == (Decimal(79), How.REPORTED)


def test_two_ways_of_disaggregating_do_not_add_up(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    rows = [
        Reported(value=41, dimensions={"gender": "women"}),
        Reported(value=30, dimensions={"age": "children"}),
    ]
    reported(of, rows, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert point.total is None


@pytest.mark.parametrize(
    ("rule", "total"), [("new_entrants", 3), ("contacts", 3), ("distinct_persons", None)]
)
def test_distinct_persons_do_not_add_up_over_places(
    cast: Cast, programme: Programme, rule: str, total: int | None
) -> None:
    here = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="Here")
    there = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999998", name="There")
    of = indicator(programme, by=cast.giver, counting_rule=rule)
    reported(of, [Reported(value=1, place=here.uuid), Reported(value=2, place=there.uuid)], by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert point.total == total


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ({}, 100),
        ({"aggregation_status": "0"}, None),
        ({"aggregation_status": ""}, None),
        ({"counting_rule": "distinct_persons"}, None),
        (SHARE, None),
    ],
)
def test_periods_add_up_only_where_the_definition_says_so(
    cast: Cast, programme: Programme, said: dict[str, Any], total: int | None
) -> None:
    of = indicator(programme, by=cast.giver, **said)
    reported(of, {"": 60}, by=cast.giver)
    reported(of, {"": 40}, by=cast.giver, quarter=SECOND_QUARTER)
    assert over_periods(of, _series(cast, programme, of)) == total


def test_a_year_and_its_quarter_do_not_add_up(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 60}, by=cast.giver)
    reported(of, {"": 100}, by=cast.giver, quarter=(dt.date(2024, 1, 1), dt.date(2024, 12, 31)))
    assert over_periods(of, _series(cast, programme, of)) is None


def test_a_series_shows_the_last_revision_and_the_target(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41, "men": 37}, by=cast.giver)
    starts_on, ends_on = FIRST_QUARTER
    targets.put(by=cast.giver, indicator_uuid=of.uuid, starts_on=starts_on, ends_on=ends_on, value=90)
    with asking(cast.giver):
        row = Value.objects.get(cell="gender=women")
    with clock.at(TODAY + dt.timedelta(days=1)):
        values.correct(by=cast.giver, value_uuid=row.uuid, value=43, reason="Two came late")
        with asking(cast.giver):
            (now,) = series(programme, of, cutoff=None)
            (then,) = series(programme, of, cutoff=TODAY)
    assert (now.total, now.target, then.total) == (Decimal(80), Decimal(90), Decimal(78))


def test_the_last_periods_of_all_indicators_take_four_queries(cast: Cast, programme: Programme) -> None:
    made = []
    for _ in range(3):
        of = indicator(programme, by=cast.giver)
        made.append(of)
        reported(of, {"women": 1, "men": 1}, by=cast.giver)
        reported(of, {"women": 2, "men": 3}, by=cast.giver, quarter=SECOND_QUARTER)
    with asking(cast.giver), CaptureQueriesContext(connection) as seen:
        found = latest(programme, made, cutoff=None)
    assert {key: point.total for key, point in found.items()} == {of.pk: 5 for of in made}
    assert len(seen) == 4


def test_tables_for_analysis_keep_numbers_exact(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": "0.1", "men": "0.2"}, by=cast.giver)
    with asking(cast.giver):
        periods = series_frame(programme, of, cutoff=None)
        groups = groups_frame(programme, of, cutoff=None)
    assert list(periods.columns) == list(SERIES)
    assert list(groups.columns) == list(GROUPS)
    assert periods["total"].dtype == object
    assert list(periods["total"]) == [Decimal("0.3")]
    assert dict(zip(groups["cell"], groups["value"], strict=True)) == {
        "gender=men": Decimal("0.2"),
        "gender=women": Decimal("0.1"),
    }


def test_an_indicator_without_values_gives_an_empty_table(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    with asking(cast.giver):
        assert len(series_frame(programme, of, cutoff=None)) == 0
        assert list(groups_frame(programme, of, cutoff=None).columns) == list(GROUPS)


# --- rules that a definition states --------------------------------------------------------------

RULES = [
    ("sum", Decimal(100), How.ADDED),
    ("latest", Decimal(40), How.LATEST),
    ("minimum", Decimal(40), How.MINIMUM),
    ("maximum", Decimal(60), How.MAXIMUM),
    ("none", None, How.NONE),
]


@pytest.mark.parametrize(("rule", "one", "how"), RULES)
def test_periods_become_one_by_the_rule_over_time(
    cast: Cast, programme: Programme, rule: str, one: Decimal | None, how: How
) -> None:
    of = indicator(programme, by=cast.giver, counting_rule="none", over_time=rule)
    reported(of, {"": 60}, by=cast.giver)
    reported(of, {"women": 10, "men": 30}, by=cast.giver, quarter=SECOND_QUARTER)
    found = total_over(of, _series(cast, programme, of))
    assert (found.value, found.how) == (one, how)


@pytest.mark.parametrize(("measure", "one"), [("2", Decimal(30)), ("1", Decimal("0.3"))])
def test_weighted_periods_are_made_anew_from_denominators(
    cast: Cast, programme: Programme, measure: str, one: Decimal
) -> None:
    of = indicator(programme, by=cast.giver, measure=measure, counting_rule="none", over_time="weighted")
    groups = [Reported(value=1, numerator=1, denominator=1, dimensions={"gender": "women"})]
    reported(of, [Reported(value=50, numerator=1, denominator=2), *groups], by=cast.giver)
    reported(of, [Reported(value=25, numerator=2, denominator=8)], by=cast.giver, quarter=SECOND_QUARTER)
    assert over_periods(of, _series(cast, programme, of)) == one


@pytest.mark.parametrize(
    ("groups", "over_places", "one", "how"),
    [
        ("sum", "sum", Decimal(20), How.ADDED),
        ("sum", "maximum", Decimal(11), How.MAXIMUM),
        ("maximum", "sum", Decimal(13), How.ADDED),
        ("minimum", "minimum", Decimal(3), How.MINIMUM),
        ("none", "sum", None, How.NONE),
        ("sum", "none", None, How.NONE),
    ],
)
def test_groups_of_a_place_become_one_before_places_do(
    cast: Cast, programme: Programme, groups: str, over_places: str, one: Decimal | None, how: How
) -> None:
    here, there = (
        places.add_unit(by=Operator(), country="RO", nuts3="RO999", code=code, name=code) for code in "AB"
    )
    of = indicator(
        programme, by=cast.giver, counting_rule="none", over_groups=groups, over_places=over_places
    )
    rows = [
        Reported(value=value, place=place.uuid, dimensions={"gender": gender})
        for place, gender, value in (
            (here, "women", 7),
            (here, "men", 4),
            (there, "women", 6),
            (there, "men", 3),
        )
    ]
    reported(of, rows, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.how) == (one, how)


def test_each_place_has_a_series_of_its_own(cast: Cast, programme: Programme) -> None:
    here, there = (
        places.add_unit(by=Operator(), country="RO", nuts3="RO999", code=code, name=code) for code in "AB"
    )
    of = indicator(programme, by=cast.giver, counting_rule="distinct_persons")
    rows = [
        Reported(value=value, place=place.uuid, dimensions={"gender": gender})
        for place, gender, value in ((here, "women", 7), (here, "men", 4), (there, "women", 6))
    ]
    reported(of, rows, by=cast.giver)
    with asking(cast.giver):
        found = place_series(programme, cutoff=None)
    assert {place: point.total for (_, place), (point,) in found.items()} == {here.pk: 11, there.pk: 6}


def test_what_has_no_total_says_why(cast: Cast, programme: Programme) -> None:
    several = indicator(programme, by=cast.giver)
    rows = [
        Reported(value=41, dimensions={"gender": "women"}),
        Reported(value=30, dimensions={"age": "children"}),
    ]
    reported(several, rows, by=cast.giver)
    words = indicator(programme, by=cast.giver, measure="5", counting_rule="none")
    reported(words, {"": "better"}, by=cast.giver)
    empty = indicator(programme, by=cast.giver)
    targets.put(
        by=cast.giver,
        indicator_uuid=empty.uuid,
        starts_on=FIRST_QUARTER[0],
        ends_on=FIRST_QUARTER[1],
        value=1,
    )
    found = [_series(cast, programme, of)[0].missing for of in (several, words, empty)]
    assert found == [Missing.SPLITS, Missing.WORDS, Missing.NOTHING_REPORTED]


def test_all_series_of_a_programme_take_four_queries(cast: Cast, programme: Programme) -> None:
    counts = []
    for _ in range(2):
        of = indicator(programme, by=cast.giver)
        reported(of, {"women": 1, "men": 1}, by=cast.giver)
        reported(of, {"women": 2, "men": 3}, by=cast.giver, quarter=SECOND_QUARTER)
        with asking(cast.giver), CaptureQueriesContext(connection) as seen:
            found = all_series(programme, cutoff=None)
        counts.append(len(seen))
    assert counts == [4, 4]
    assert [point.total for point in found[of]] == [2, 5]
    with asking(cast.giver), CaptureQueriesContext(connection) as seen:
        assert series(programme, of, cutoff=None) == found[of]
    assert len(seen) == 3


# --- for all numbers -----------------------------------------------------------------------------

COUNTS = st.integers(0, 10**6).map(Decimal)
FRACTIONS = st.integers(0, 10**4).flatmap(
    lambda part: st.tuples(st.just(part), st.integers(max(part, 1), 10**4))
)


def _point(quarter: int, total: Total) -> Point:
    first = dt.date(2020 + quarter // 4, quarter % 4 * 3 + 1, 1)
    return Point(
        period=None,
        starts_on=first,
        ends_on=first + dt.timedelta(days=80),
        total=total.value,
        how=total.how,
        values=1,
        numerator=total.numerator,
        denominator=total.denominator,
    )


def _of_places(values: list[Decimal]) -> Aggregate:
    """Give what SQL says of one value at each of several places."""
    return Aggregate(
        values=len(values),
        numbers=len(values),
        fractions=0,
        splits=1,
        places=len(values),
        total=sum(values, Decimal(0)),
        numerator=None,
        denominator=None,
        reported=None,
        said=None,
        smallest=min(values),
        largest=max(values),
    )


def _of_groups(fractions: list[tuple[int, int]]) -> Aggregate:
    shares = [Decimal(100 * part) / whole for part, whole in fractions]
    return Aggregate(
        values=len(fractions),
        numbers=len(fractions),
        fractions=len(fractions),
        splits=1,
        places=1,
        total=sum(shares, Decimal(0)),
        numerator=Decimal(sum(part for part, _ in fractions)),
        denominator=Decimal(sum(whole for _, whole in fractions)),
        reported=None,
        said=None,
        smallest=min(shares),
        largest=max(shares),
    )


@given(st.lists(COUNTS, min_size=2, max_size=8), st.sampled_from(["", "1", "true"]))
def test_distinct_persons_never_add_up_over_periods_or_places(values: list[Decimal], status: str) -> None:
    of = Indicator(measure="1", counting_rule="distinct_persons", aggregation_status=status)
    points = [_point(number, Total(value=value)) for number, value in enumerate(values)]
    assert over_periods(of, points) is None
    assert total(rules(of), 1, _of_places(values)).value is None


@given(st.lists(FRACTIONS, min_size=1, max_size=8))
def test_a_share_lies_between_the_smallest_and_the_largest_of_its_groups(
    fractions: list[tuple[int, int]],
) -> None:
    of = Indicator(measure="2", counting_rule="none")
    sums = _of_groups(fractions)
    found = total(rules(of), 100, sums).value
    assert found is not None
    assert sums.smallest is not None
    assert sums.largest is not None
    # Rounded once, to four places.
    assert sums.smallest - Decimal("0.00005") <= found <= sums.largest + Decimal("0.00005")


@given(st.lists(COUNTS, min_size=1, max_size=6), st.sampled_from(["sum", "latest", "minimum", "maximum"]))
def test_what_becomes_one_over_time_lies_where_its_rule_says(values: list[Decimal], rule: str) -> None:
    of = Indicator(measure="1", counting_rule="none", over_time=rule)
    points = [_point(number, Total(value=value)) for number, value in enumerate(values)]
    expected = {"sum": sum(values), "latest": values[-1], "minimum": min(values), "maximum": max(values)}
    assert over_periods(of, reversed(points)) == expected[rule]
