"""Calculated indicators: from others, always fresh, never in a circle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from handover.access import asking
from handover.errors import Invalid
from handover.models import Programme
from indicators.actions import breaks, indicators, targets, values
from indicators.models import Indicator, Value
from indicators.queries.calculated import circle
from indicators.queries.points import How, Missing, Point
from indicators.queries.series import all_series, latest, over_periods, series
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported

pytestmark = pytest.mark.django_db


def _calculated(
    cast: Cast, programme: Programme, expression: str, parts: dict[str, Indicator], **said: Any
) -> Indicator:
    return indicator(
        programme,
        by=cast.giver,
        expression=expression,
        parts={name: part.uuid for name, part in parts.items()},
        **{"measure": "2", "counting_rule": "none", "title": "Calculated", **said},
    )


def _rate(cast: Cast, programme: Programme, **said: Any) -> tuple[Indicator, Indicator, Indicator]:
    passed, enrolled = (indicator(programme, by=cast.giver, title=title) for title in ("Passed", "Enrolled"))
    of = _calculated(
        cast, programme, "100 * passed / enrolled", {"passed": passed, "enrolled": enrolled}, **said
    )
    return of, passed, enrolled


def _series(cast: Cast, programme: Programme, of: Indicator) -> list[Point]:
    with asking(cast.giver):
        return series(programme, of, cutoff=None)


def test_a_calculated_indicator_follows_its_parts(cast: Cast, programme: Programme) -> None:
    of, passed, enrolled = _rate(cast, programme)
    reported(passed, {"women": 12, "men": 8}, by=cast.giver)
    reported(enrolled, {"": 80}, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.how, point.values) == (Decimal(25), How.CALCULATED, 3)
    assert {name: given.value for name, given in point.inputs.items()} == {"passed": 20, "enrolled": 80}
    with asking(cast.giver):
        row = Value.objects.get(cell="")
    values.correct(by=cast.giver, value_uuid=row.uuid, value=40, reason="Half of them moved away")
    assert _series(cast, programme, of)[0].total == Decimal(50)


def test_without_a_part_there_is_no_result_and_the_reason(cast: Cast, programme: Programme) -> None:
    of, passed, enrolled = _rate(cast, programme)
    reported(passed, {"": 20}, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.missing) == (None, Missing.PART_MISSING)
    reported(enrolled, {"": 0}, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.missing) == (None, Missing.DIVISION_BY_ZERO)


def test_a_year_is_calculated_from_parts_rolled_up_not_from_quarters(
    cast: Cast, programme: Programme
) -> None:
    of, passed, enrolled = _rate(cast, programme)
    for quarter, one, all_of_them in ((FIRST_QUARTER, 10, 10), (SECOND_QUARTER, 0, 30)):
        reported(passed, {"": one}, by=cast.giver, quarter=quarter)
        reported(enrolled, {"": all_of_them}, by=cast.giver, quarter=quarter)
    points = _series(cast, programme, of)
    assert [point.total for point in points] == [Decimal(100), Decimal(0)]
    assert over_periods(of, points) == Decimal(25)


def test_a_part_that_is_reported_by_quarter_fills_the_half_year_of_another(
    cast: Cast, programme: Programme
) -> None:
    of, passed, enrolled = _rate(cast, programme, frequency="half_yearly")
    half = (FIRST_QUARTER[0], SECOND_QUARTER[1])
    reported(passed, {"": 30}, by=cast.giver, quarter=half)
    for quarter in (FIRST_QUARTER, SECOND_QUARTER):
        reported(enrolled, {"": 50}, by=cast.giver, quarter=quarter)
    (point,) = _series(cast, programme, of)
    assert ((point.starts_on, point.ends_on), point.total) == (half, Decimal(30))


def test_calculated_from_calculated(cast: Cast, programme: Programme) -> None:
    rate, passed, enrolled = _rate(cast, programme)
    gap = _calculated(cast, programme, "100 - rate", {"rate": rate})
    reported(passed, {"": 20}, by=cast.giver)
    reported(enrolled, {"": 80}, by=cast.giver)
    assert _series(cast, programme, gap)[0].total == Decimal(75)


def test_targets_of_a_calculated_indicator_are_its_own(cast: Cast, programme: Programme) -> None:
    of, passed, enrolled = _rate(cast, programme)
    first, last = FIRST_QUARTER
    targets.put(by=cast.giver, indicator_uuid=of.uuid, starts_on=first, ends_on=last, value=30)
    reported(passed, {"": 20}, by=cast.giver)
    reported(enrolled, {"": 80}, by=cast.giver)
    (point,) = _series(cast, programme, of)
    assert (point.total, point.target) == (Decimal(25), Decimal(30))


def test_a_break_of_a_part_is_a_break_of_what_is_calculated_from_it(cast: Cast, programme: Programme) -> None:
    of, passed, enrolled = _rate(cast, programme)
    for quarter in (FIRST_QUARTER, SECOND_QUARTER):
        reported(passed, {"": 20}, by=cast.giver, quarter=quarter)
        reported(enrolled, {"": 80}, by=cast.giver, quarter=quarter)
    breaks.state(
        by=cast.giver,
        indicator_uuid=enrolled.uuid,
        on=SECOND_QUARTER[0],
        kind="scope",
        reason="One village more",
    )
    points = _series(cast, programme, of)
    assert [point.segment for point in points] == [0, 1]
    assert over_periods(of, points) is None


def test_a_cut_quarter_of_a_part_is_one_quarter_of_what_is_calculated(
    cast: Cast, programme: Programme
) -> None:
    of, passed, enrolled = _rate(cast, programme)
    before = (SECOND_QUARTER[0], TODAY.date() - dt.timedelta(days=1))
    for part in (passed, enrolled):
        reported(part, {"": 10}, by=cast.giver, quarter=before)
    plans.executed(cast, programme)
    reported(passed, {"": 5}, by=cast.receiver, quarter=(TODAY.date(), SECOND_QUARTER[1]))
    reported(enrolled, {"": 20}, by=cast.receiver, quarter=(TODAY.date(), SECOND_QUARTER[1]))
    with asking(cast.receiver):
        (point,) = series(programme, of, cutoff=None)
    assert ((point.starts_on, point.ends_on), point.total) == (SECOND_QUARTER, Decimal(50))


def test_the_number_of_queries_depends_on_no_number_of_indicators(cast: Cast, programme: Programme) -> None:
    counts = []
    made: list[Indicator] = []
    for _ in range(2):
        for _ in range(2):
            of, passed, enrolled = _rate(cast, programme)
            made += [of, passed, enrolled]
            reported(passed, {"": 20}, by=cast.giver)
            reported(enrolled, {"": 80}, by=cast.giver)
        reads: list[Callable[[], object]] = [
            partial(all_series, programme, cutoff=None),
            partial(latest, programme, list(made), cutoff=None),
        ]
        for read in reads:
            with asking(cast.giver), CaptureQueriesContext(connection) as seen:
                read()
            counts.append(len(seen))
    assert counts == [4, 4, 4, 4]
    with asking(cast.giver):
        found = latest(programme, [made[0]], cutoff=None)
    assert found[made[0].pk].total == Decimal(25)


# --- definitions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"expression": "passed / enrolled"}, "part_unnamed"),
        ({"expression": "passed + passed"}, None),
        ({"expression": "passed", "extra_part": True}, "part_unused"),
        ({"expression": "passed +"}, "expression_syntax"),
        ({"expression": "1 + 1", "parts": {}}, "nothing_calculated"),
        ({"expression": ""}, "parts_without_expression"),
        ({"expression": "passed", "measure": "5"}, "calculated_words"),
        ({"expression": "passed", "approval": True}, "calculated_approval"),
        ({"expression": "passed", "parts": {"passed": uuid4()}}, "unknown_part"),
        ({"expression": "passed", "parts": {"passed": "who"}}, "unknown_part"),
    ],
)
def test_a_wrong_calculation_is_refused(
    cast: Cast, programme: Programme, said: dict[str, Any], code: str | None
) -> None:
    part = indicator(programme, by=cast.giver)
    entry = {"measure": "1", "counting_rule": "none", "parts": {"passed": part.uuid}, **said}
    if entry.pop("extra_part", False):
        entry["parts"] = {**entry["parts"], "other": part.uuid}
    if code is None:
        assert indicator(programme, by=cast.giver, **entry).expression
        return
    with pytest.raises(Invalid) as refused:
        indicator(programme, by=cast.giver, **entry)
    assert refused.value.code == code


def test_words_are_no_part(cast: Cast, programme: Programme) -> None:
    words = indicator(programme, by=cast.giver, measure="5", counting_rule="none")
    with pytest.raises(Invalid) as refused:
        _calculated(cast, programme, "x", {"x": words})
    assert refused.value.code == "part_of_words"


def test_a_circle_is_refused_and_named(cast: Cast, programme: Programme) -> None:
    part = indicator(programme, by=cast.giver, title="Pupils")
    first = _calculated(cast, programme, "x", {"x": part}, title="First")
    second = _calculated(cast, programme, "x", {"x": first}, title="Second")
    with pytest.raises(Invalid) as refused:
        indicators.edit(by=cast.giver, indicator_uuid=first.uuid, version=1, parts={"x": second.uuid})
    assert refused.value.code == "calculated_from_itself"
    assert "First → Second → First" in refused.value.sentence
    with pytest.raises(Invalid, match="Second → Second"):
        indicators.edit(by=cast.giver, indicator_uuid=second.uuid, version=1, parts={"x": second.uuid})


def test_an_indicator_with_values_does_not_become_a_calculated_one(cast: Cast, programme: Programme) -> None:
    part, of = (indicator(programme, by=cast.giver) for _ in range(2))
    reported(of, {"": 1}, by=cast.giver)
    with pytest.raises(Invalid) as refused:
        indicators.edit(
            by=cast.giver, indicator_uuid=of.uuid, version=1, expression="x", parts={"x": part.uuid}
        )
    assert refused.value.code == "values_reported"


KEYS = [UUID(int=number) for number in range(6)]


@given(
    st.dictionaries(st.sampled_from(KEYS), st.sets(st.sampled_from(KEYS)), max_size=6), st.sampled_from(KEYS)
)
def test_a_circle_is_found_where_one_leads_back_and_nowhere_else(
    parts: dict[UUID, set[UUID]], start: UUID
) -> None:
    reached: set[UUID] = set()
    waiting = list(parts.get(start, ()))
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += parts.get(key, ())
    found = circle(parts, start)
    assert (found is not None) == (start in reached)
    if found is not None:
        assert found[0] == found[-1] == start
        assert all(after in parts[before] for before, after in pairwise(found))
