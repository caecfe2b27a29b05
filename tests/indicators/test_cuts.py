"""A handover in the middle of a period: who reports which part, and what the parts make together."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from handover import clock
from handover.access import asking
from handover.actions import executions, giving_back
from handover.errors import Invalid, NotAllowed
from handover.models import Programme
from handover.queries.handovers import Handover, handovers
from indicators.actions import breaks, overlaps, targets, trees
from indicators.actions.trees import Row
from indicators.actions.values import Reported
from indicators.holdings import IndicatorsHolding
from indicators.models import Indicator, Overlap, Value
from indicators.models.codes import Measure
from indicators.queries import cuts
from indicators.queries.points import How, Missing, Point
from indicators.queries.series import latest, over_periods, series
from indicators.queries.spans import following, pieces, regular, tiles
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported
from tests.factories.programmes import responsibility

pytestmark = pytest.mark.django_db

DAY = TODAY.date()
GIVERS = (SECOND_QUARTER[0], DAY - dt.timedelta(days=1))
RECEIVERS = (DAY, SECOND_QUARTER[1])
PERSONS: dict[str, Any] = {"counting_rule": "distinct_persons", "aggregation_status": "0", "unit": "persons"}
SHARE: dict[str, Any] = {"measure": "2", "counting_rule": "none", "aggregation_status": "0"}


def _cut(
    cast: Cast, programme: Programme, before: Any = None, after: Any = None, **said: Any
) -> tuple[Indicator, list[Point]]:
    """Let the giver report its part of the quarter, hand over, and let the receiver report the rest."""
    of = indicator(programme, by=cast.giver, **{"frequency": "quarterly", **said})
    if before is not None:
        reported(of, before, by=cast.giver, quarter=GIVERS)
    plans.executed(cast, programme)
    if after is not None:
        reported(of, after, by=cast.receiver, quarter=RECEIVERS)
    return of, _series(cast, programme, of)


def _series(cast: Cast, programme: Programme, of: Indicator) -> list[Point]:
    with asking(cast.receiver):
        return series(programme, of, cutoff=None)


def _overlap(cast: Cast, of: Indicator, count: Any, **more: Any) -> Overlap:
    said = {"by": cast.receiver, "reason": "Both lists were compared at the handover", **more}
    return overlaps.state(
        indicator_uuid=of.uuid, starts_on=SECOND_QUARTER[0], ends_on=SECOND_QUARTER[1], count=count, **said
    )


# --- the days ------------------------------------------------------------------------------------


def test_a_handover_is_known_by_its_day_and_its_sides(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    with asking(cast.receiver), CaptureQueriesContext(connection) as seen:
        found = handovers(programme)
    assert len(seen) == 1
    assert {(each.day, each.giver, each.receiver) for each in found} == {
        (DAY, cast.giver.organisation.name, cast.receiver.organisation.name)
    }
    assert [each.responsibility_id is None for each in found] == [True, False, False]


def test_what_came_back_on_the_same_day_never_changed_hands(cast: Cast, programme: Programme) -> None:
    proof = plans.executed(cast, programme)
    for side in (cast.giver, cast.receiver):
        giving_back.give_back(by=side, transfer_uuid=proof.transfer.uuid, reason="Too early")
    with asking(cast.giver):
        assert handovers(programme) == []


def test_what_came_back_later_changed_hands_twice(cast: Cast, programme: Programme) -> None:
    proof = plans.executed(cast, programme)
    later = TODAY + dt.timedelta(days=30)
    with clock.at(later):
        for side in (cast.giver, cast.receiver):
            giving_back.give_back(by=side, transfer_uuid=proof.transfer.uuid, reason="Too early")
        with asking(cast.giver):
            found = handovers(programme)
            known = handovers(programme, cutoff=TODAY)
    assert sorted({each.day for each in found}) == [DAY, later.date()]
    assert {each.day for each in known} == {DAY}


def test_an_indicator_of_a_responsibility_that_stays_is_not_cut(cast: Cast, programme: Programme) -> None:
    moving, staying = plans.responsibilities_of(programme, by=cast.giver)
    rows = [indicator(programme, by=cast.giver, responsibility=row.uuid) for row in (moving, staying)]
    shared = indicator(programme, by=cast.giver)
    transfer = plans.drafted(
        programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[moving]
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid, key="x")
    with asking(cast.giver):
        found = cuts.handover_days(programme)
    assert [[each.day for each in cuts.days_of(row, found)] for row in (*rows, shared)] == [[DAY], [], []]


# --- what the parts make together ----------------------------------------------------------------


@pytest.mark.parametrize("rule", ["new_entrants", "contacts"])
def test_new_entrants_and_contacts_of_both_sides_add_up(cast: Cast, programme: Programme, rule: str) -> None:
    _, (point,) = _cut(cast, programme, {"women": 40}, {"women": 20, "men": 10}, counting_rule=rule)
    assert (point.starts_on, point.ends_on) == SECOND_QUARTER
    assert (point.total, point.how, point.values) == (Decimal(70), How.COMBINED, 3)
    assert [(part.starts_on, part.ends_on, part.total) for part in point.pieces] == [
        (*GIVERS, Decimal(40)),
        (*RECEIVERS, Decimal(30)),
    ]
    assert [each.day for each in point.handovers] == [DAY]


def test_distinct_persons_of_both_sides_are_never_merged_silently(cast: Cast, programme: Programme) -> None:
    _, (point,) = _cut(cast, programme, {"": 40}, {"": 30}, **PERSONS)
    assert (point.total, point.missing) == (None, Missing.OVERLAP_UNKNOWN)
    assert (point.at_least, point.at_most) == (Decimal(40), Decimal(70))


def test_people_known_to_both_sides_count_once(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"women": 25, "men": 15}, {"": 30}, **PERSONS)
    _overlap(cast, of, 12)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.how, point.overlap) == (Decimal(58), How.COMBINED, Decimal(12))
    assert point.at_least is None


def test_people_known_to_both_sides_may_be_stated_by_group(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"women": 25, "men": 15}, {"women": 20, "men": 10}, **PERSONS)
    _overlap(cast, of, 9, dimensions={"gender": "women"})
    assert _series(cast, programme, of)[0].missing == Missing.OVERLAP_UNKNOWN
    _overlap(cast, of, 3, dimensions={"gender": "men"})
    (point,) = _series(cast, programme, of)
    assert (point.total, point.overlap) == (Decimal(58), Decimal(12))


def test_an_overlap_stated_again_is_a_revision(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"": 40}, {"": 30}, **PERSONS)
    _overlap(cast, of, 12)
    second = _overlap(cast, of, 10, reason="Two of them were namesakes")
    assert second.revision == 2
    assert _series(cast, programme, of)[0].total == Decimal(60)


@pytest.mark.parametrize(
    ("count", "more", "code"),
    [
        (31, {}, "overlap_too_large"),
        (6, {"dimensions": {"gender": "women"}}, "overlap_too_large"),
        ("1.5", {}, "not_people"),
        (-1, {}, "not_people"),
        (1, {"reason": " "}, "reason_missing"),
        (1, {"cut_on": DAY + dt.timedelta(days=1)}, "not_cut"),
    ],
)
def test_a_wrong_overlap_is_refused(
    cast: Cast, programme: Programme, count: Any, more: dict[str, Any], code: str
) -> None:
    of, _ = _cut(cast, programme, {"women": 5, "men": 40}, {"women": 20, "men": 10}, **PERSONS)
    with pytest.raises(Invalid) as refused:
        _overlap(cast, of, count, **more)
    assert refused.value.code == code
    with asking(cast.receiver):
        assert Overlap.objects.count() == 0


def test_only_distinct_persons_have_an_overlap(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"": 40}, {"": 30})
    with pytest.raises(Invalid) as refused:
        _overlap(cast, of, 1)
    assert refused.value.code == "no_overlap"


def test_who_may_not_report_states_no_overlap(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"": 40}, {"": 30}, **PERSONS)
    for actor in (cast.giver, cast.community, cast.donor):
        with pytest.raises(NotAllowed):
            _overlap(cast, of, 1, by=actor)


def test_an_overlap_that_the_parts_turned_out_too_small_for_gives_no_total(
    cast: Cast, programme: Programme
) -> None:
    of, _ = _cut(cast, programme, {"": 40}, **PERSONS)
    _overlap(cast, of, 30)
    reported(of, {"": 20}, by=cast.receiver, quarter=RECEIVERS)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.missing) == (None, Missing.OVERLAP_TOO_LARGE)
    assert (point.at_least, point.at_most) == (Decimal(40), Decimal(60))


def test_a_share_of_both_sides_is_made_of_numerators_and_denominators(
    cast: Cast, programme: Programme
) -> None:
    one = Reported(value=50, numerator=1, denominator=2)
    groups = [
        Reported(value="12.5", numerator=1, denominator=8),
        Reported(value=100, numerator=1, denominator=1, dimensions={"gender": "men"}),
    ]
    _, (point,) = _cut(cast, programme, [one], groups, **SHARE)
    assert (point.total, point.how) == (Decimal(20), How.COMBINED)
    assert (point.numerator, point.denominator) == (Decimal(2), Decimal(10))


def test_a_share_without_denominators_has_no_whole(cast: Cast, programme: Programme) -> None:
    _, (point,) = _cut(cast, programme, {"": 50}, {"": 20}, **SHARE)
    assert (point.total, point.missing) == (None, Missing.DENOMINATORS)


def test_while_one_side_is_missing_there_is_no_whole(cast: Cast, programme: Programme) -> None:
    _, (point,) = _cut(cast, programme, {"": 40})
    assert (point.total, point.missing, len(point.pieces)) == (None, Missing.PIECE_MISSING, 1)


@pytest.mark.parametrize(("frequency", "cut"), [("quarterly", True), ("", True), ("custom", False)])
def test_the_whole_is_known_by_the_frequency_or_by_the_calendar(
    cast: Cast, programme: Programme, frequency: str, cut: bool
) -> None:
    _, points = _cut(cast, programme, {"": 40}, {"": 30}, frequency=frequency)
    assert [(point.starts_on, point.ends_on) for point in points] == (
        [SECOND_QUARTER] if cut else [GIVERS, RECEIVERS]
    )


def test_the_whole_keeps_the_target_of_its_period(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"": 40}, {"": 30}, frequency="")
    first, last = SECOND_QUARTER
    targets.put(by=cast.receiver, indicator_uuid=of.uuid, starts_on=first, ends_on=last, value=80)
    with asking(cast.receiver):
        (point,) = series(programme, of, cutoff=None)
        ((_, last_point),) = latest(programme, [of], cutoff=None).items()
    assert (point.target, point.total) == (Decimal(80), Decimal(70))
    assert last_point == point


def test_a_cut_quarter_counts_once_over_the_year(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, frequency="quarterly")
    reported(of, {"": 5}, by=cast.giver)
    reported(of, {"": 40}, by=cast.giver, quarter=GIVERS)
    plans.executed(cast, programme)
    reported(of, {"": 30}, by=cast.receiver, quarter=RECEIVERS)
    assert over_periods(of, _series(cast, programme, of)) == Decimal(75)


def test_a_break_at_the_handover_keeps_both_sides_apart(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"": 40}, {"": 30})
    breaks.state(by=cast.receiver, indicator_uuid=of.uuid, on=DAY, kind="holder", reason="Another register")
    (point,) = _series(cast, programme, of)
    assert (point.total, point.missing) == (None, Missing.BREAK)
    assert [part.segment for part in point.pieces] == [0, 1]


def test_a_period_that_a_file_repeats_is_lost_nowhere(cast: Cast, programme: Programme) -> None:
    period = Row(
        {"starts_on": GIVERS[0], "ends_on": GIVERS[1]}, {"actuals": [Row({"value": 40, "value_text": "40"})]}
    )
    leaf = Row(
        {"measure": "1", "counting_rule": "contacts", "title": [], "frequency": "quarterly"},
        {"periods": [period, period]},
    )
    results = [Row({"type": "1", "title": []}, {"indicators": [leaf]})]
    planted = trees.plant(by=cast.giver, programme_uuid=programme.uuid, results=results)
    plans.executed(cast, programme)
    (of,) = planted.indicators
    reported(of, {"": 30}, by=cast.receiver, quarter=RECEIVERS)
    found = [(point.starts_on, point.ends_on, point.total) for point in _series(cast, programme, of)]
    assert found == [(*GIVERS, Decimal(40)), (*SECOND_QUARTER, Decimal(70))]


def test_a_year_is_not_made_of_the_quarter_before_the_handover(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    year = (dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    targets.put(by=cast.giver, indicator_uuid=of.uuid, starts_on=year[0], ends_on=year[1], value=9)
    reported(of, {"": 5}, by=cast.giver)
    with clock.at(dt.datetime(2024, 4, 1, 9, tzinfo=dt.UTC)):
        plans.executed(cast, programme)
    found = {(point.starts_on, point.ends_on): point for point in _series(cast, programme, of)}
    assert set(found) == {year, FIRST_QUARTER}
    assert found[year].pieces == ()


def test_reading_a_cut_series_takes_no_more_queries(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"": 40}, {"": 30}, **PERSONS)
    _overlap(cast, of, 12)
    with asking(cast.receiver), CaptureQueriesContext(connection) as seen:
        series(programme, of, cutoff=None)
    assert len(seen) == 3


# --- refusals ------------------------------------------------------------------------------------


def test_a_whole_period_is_refused_while_a_part_has_values(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"": 40})
    with asking(cast.receiver):
        of = Indicator.objects.select_related("programme").get(pk=of.pk)
        with pytest.raises(
            Invalid, match="report the parts, 2024-04-01 to 2024-06-02, 2024-06-03 to 2024-06-30"
        ):
            cuts.check(of, *SECOND_QUARTER)
        cuts.check(of, *RECEIVERS)
        cuts.check(of, *FIRST_QUARTER)
        cuts.check(of, dt.date(2024, 1, 1), dt.date(2024, 12, 31))


def test_nobody_reports_the_whole_beside_a_part(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme, {"": 40})
    with pytest.raises(Invalid) as refused:
        reported(of, {"": 70}, by=cast.receiver, quarter=SECOND_QUARTER)
    assert refused.value.code == "cut_by_handover"


def test_a_part_is_refused_while_the_whole_has_values(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 70}, by=cast.giver, quarter=SECOND_QUARTER)
    plans.executed(cast, programme)
    with asking(cast.receiver):
        of = Indicator.objects.select_related("programme").get(pk=of.pk)
        for part in (GIVERS, RECEIVERS):
            with pytest.raises(Invalid, match="The whole period"):
                cuts.check(of, *part)
        cuts.check(of, *SECOND_QUARTER)


def test_periods_of_one_file_see_each_other(cast: Cast, programme: Programme) -> None:
    of, _ = _cut(cast, programme)
    asked = [(of.pk, *SECOND_QUARTER), (of.pk, *RECEIVERS), (of.pk, *FIRST_QUARTER)]
    with asking(cast.receiver), CaptureQueriesContext(connection) as seen:
        found = cuts.refused(programme, asked)
    assert set(found) == set(asked[:2])
    assert len(seen) == 3


def test_nothing_is_refused_where_nothing_was_handed_over(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    with asking(cast.giver), CaptureQueriesContext(connection) as seen:
        assert cuts.refused(programme, [(of.pk, *SECOND_QUARTER), (of.pk, *RECEIVERS)]) == {}
    assert len(seen) == 1


def test_the_receiver_reports_its_part_of_the_next_quarter(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 40}, by=cast.giver)
    plans.executed(cast, programme)
    holding = IndicatorsHolding()
    lines = [*holding.sample(programme, cast.receiver), *holding.sample(programme, cast.receiver)]
    assert [line[-24:] for line in lines] == ["2024-06-03 to 2024-06-30", "2024-07-01 to 2024-09-30"]
    with asking(cast.receiver):
        spans = Value.objects.order_by("id").values_list("period__starts_on", "period__ends_on")
        assert list(spans)[1:] == [RECEIVERS, (dt.date(2024, 7, 1), dt.date(2024, 9, 30))]


def test_a_responsibility_of_its_own_is_cut_on_its_own_day(cast: Cast, programme: Programme) -> None:
    own = responsibility(programme, by=cast.giver, title="Food")
    of = indicator(programme, by=cast.giver, responsibility=own.uuid)
    plans.executed(cast, programme)
    with asking(cast.receiver):
        assert [each.day for each in cuts.days_of(of, cuts.handover_days(programme))] == [DAY]


# --- for all numbers -----------------------------------------------------------------------------

COUNTS = st.decimals(min_value=0, max_value=10**9, places=0, allow_nan=False, allow_infinity=False)
DATES = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


def _part(total: Decimal) -> Point:
    return Point(period=None, starts_on=None, ends_on=None, total=total, how=How.REPORTED, values=1)


@given(st.lists(COUNTS, min_size=2, max_size=4), st.data())
def test_the_whole_of_distinct_persons_lies_between_its_largest_part_and_their_sum(
    counts: list[Decimal], data: st.DataObject
) -> None:
    of = Indicator(measure=Measure.UNIT, counting_rule="distinct_persons")
    overlap = [data.draw(COUNTS) for _ in counts[1:]]
    found = cuts.combine(of, [_part(count) for count in counts], expected=len(counts), overlaps=overlap)
    if found.total.value is None:
        assert found.total.missing == Missing.OVERLAP_TOO_LARGE
        assert (found.at_least, found.at_most) == (max(counts), sum(counts))
    else:
        assert max(counts) <= found.total.value <= sum(counts)


@given(COUNTS, COUNTS, COUNTS)
def test_an_overlap_larger_than_either_part_is_refused_and_any_other_is_not(
    one: Decimal, other: Decimal, overlap: Decimal
) -> None:
    of = Indicator(measure=Measure.UNIT, counting_rule="distinct_persons")
    found = cuts.combine(of, [_part(one), _part(other)], expected=2, overlaps=[overlap])
    assert (found.total.value is None) == (overlap > min(one, other))
    if found.total.value is not None:
        assert found.total.value == one + other - overlap


@given(DATES, DATES, st.lists(DATES, max_size=5))
def test_the_pieces_of_a_period_fill_it(one: dt.date, other: dt.date, days: list[dt.date]) -> None:
    first, last = sorted((one, other))
    found = pieces(first, last, days)
    assert tiles(found, first, last)
    assert {start for start, _ in found} == {first, *(day for day in days if first < day <= last)}


@given(DATES, st.sampled_from(["monthly", "quarterly", "half_yearly", "yearly", "school_year"]))
def test_regular_periods_follow_each_other_without_a_gap(day: dt.date, frequency: str) -> None:
    span = regular(frequency, day)
    assert span is not None
    assert span[0] <= day <= span[1]
    after = following(*span)
    assert after == regular(frequency, span[1] + dt.timedelta(days=1))
    assert tiles([span, after], span[0], after[1])
    assert not cuts.odd(frequency, span)


def test_a_school_year_begins_in_september() -> None:
    assert regular("school_year", DAY) == (dt.date(2023, 9, 1), dt.date(2024, 8, 31))
    assert regular("custom", DAY) is None


def test_a_part_without_a_number_leaves_the_whole_without_one() -> None:
    of = Indicator(measure=Measure.UNIT, counting_rule="new_entrants")
    nothing = replace(_part(Decimal(0)), total=None, missing=Missing.WORDS)
    found = cuts.combine(of, [_part(Decimal(1)), nothing], expected=2, overlaps=[None])
    assert found.total.missing == Missing.WORDS


def test_handovers_of_another_responsibility_do_not_concern_an_indicator() -> None:
    uuid = Indicator().uuid
    found = [Handover(DAY, key, "giver", "receiver", uuid, uuid, 1) for key in (None, 1, 2)]
    assert cuts.days_of(Indicator(responsibility_id=1), found) == found[1:2]
