"""Totals and their groups: held against each other, wrong ones told from those that are only incomplete."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from handover.access import Operator, asking
from handover.actions import places
from handover.models import Programme
from indicators.actions import axes as axis_actions
from indicators.actions.values import Reported
from indicators.models import Indicator
from indicators.models.codes import Measure
from indicators.queries.agreement import Disagreement, disagreements, of_rows
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, indicator, reported

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(cast: Cast, programme: Programme) -> Indicator:
    axis_actions.create_standard(by=cast.giver, programme_uuid=programme.uuid, name="gender")
    return indicator(programme, by=cast.giver, axes=["gender"])


def _found(cast: Cast, programme: Programme) -> list[Disagreement]:
    with asking(cast.giver):
        return disagreements(programme)


@pytest.mark.parametrize(
    ("cells", "wrong", "sentence"),
    [
        ({"": 80, "women": 41, "men": 39}, None, ""),
        ({"": 79, "women": 41, "men": 39}, True, "The groups by gender add up to 80, the total is 79."),
        (
            {"": 85, "women": 41, "men": 39},
            False,
            "The groups by gender add up to 80 of 85: 5 of unknown group.",
        ),
        (
            {"": 85, "women": 41, "men": 39, "unknown": 2},
            True,
            "The groups by gender add up to 82, the total is 85.",
        ),
        ({"": 85, "women": 41, "men": 39, "unknown": 5}, None, ""),
        ({"women": 41, "men": 39}, None, ""),
    ],
)
def test_groups_and_total_are_compared(
    cast: Cast,
    programme: Programme,
    counted: Indicator,
    cells: dict[str, int],
    wrong: bool | None,
    sentence: str,
) -> None:
    reported(counted, cells, by=cast.giver)
    found = _found(cast, programme)
    assert [(each.wrong, each.sentence) for each in found] == ([] if wrong is None else [(wrong, sentence)])


def test_groups_that_nobody_declared_may_overlap(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"": 79, "women": 41, "men": 39}, by=cast.giver)
    (found,) = _found(cast, programme)
    assert (found.wrong, found.difference) == (False, Decimal(-1))


def test_each_place_is_compared_for_itself(cast: Cast, programme: Programme, counted: Indicator) -> None:
    here, there = (
        places.add_unit(by=Operator(), country="RO", nuts3="RO999", code=code, name=code) for code in "AB"
    )
    rows = [
        Reported(value=value, place=place.uuid, dimensions={"gender": gender} if gender else {})
        for place, gender, value in (
            (here, "", 10),
            (here, "women", 10),
            (there, "", 5),
            (there, "women", 4),
        )
    ]
    reported(counted, rows, by=cast.giver)
    (found,) = _found(cast, programme)
    assert (found.place_id, found.total, found.parts) == (there.pk, Decimal(5), Decimal(4))


def test_a_share_is_compared_by_what_it_is_made_of(cast: Cast, programme: Programme) -> None:
    axis_actions.create_standard(by=cast.giver, programme_uuid=programme.uuid, name="gender")
    of = indicator(programme, by=cast.giver, measure="2", counting_rule="none", axes=["gender"])
    rows = [
        Reported(value=50, numerator=5, denominator=10),
        Reported(value=60, numerator=3, denominator=5, dimensions={"gender": "women"}),
        Reported(value=40, numerator=2, denominator=6, dimensions={"gender": "men"}),
    ]
    reported(of, rows, by=cast.giver)
    (found,) = _found(cast, programme)
    assert (found.of, found.total, found.parts, found.wrong) == (
        "denominator",
        Decimal(10),
        Decimal(11),
        True,
    )


@pytest.mark.parametrize("said", [{"over_groups": "maximum"}, {"over_groups": "none"}])
def test_where_groups_do_not_add_up_nothing_is_compared(
    cast: Cast, programme: Programme, said: dict[str, Any]
) -> None:
    reported(indicator(programme, by=cast.giver, **said), {"": 79, "women": 41, "men": 39}, by=cast.giver)
    assert _found(cast, programme) == []


def test_comparing_takes_no_more_queries_for_more_periods(
    cast: Cast, programme: Programme, counted: Indicator
) -> None:
    counts = []
    for quarter in (FIRST_QUARTER, (TODAY.date(), TODAY.date())):
        reported(counted, {"": 79, "women": 41, "men": 39}, by=cast.giver, quarter=quarter)
        with asking(cast.giver), CaptureQueriesContext(connection) as seen:
            assert disagreements(programme, cutoff=TODAY) == disagreements(programme)
        counts.append(len(seen))
    assert counts == [8, 8]


@dataclass(frozen=True)
class Row:
    """A value that was not entered yet."""

    cell: str
    value: Decimal | None
    place_id: int | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


NUMBERS = st.integers(0, 50).map(Decimal)


@given(NUMBERS, NUMBERS, NUMBERS, st.none() | NUMBERS)
def test_rows_agree_exactly_where_their_groups_fill_the_total(
    total: Decimal, women: Decimal, men: Decimal, unknown: Decimal | None
) -> None:
    of = Indicator(pk=1, measure=Measure.UNIT, axes=["gender"])
    rows = [Row("", total), Row("gender=women", women), Row("gender=men", men)]
    rows += [Row("gender=unknown", unknown)] if unknown is not None else []
    together = women + men + (unknown or Decimal(0))
    found = of_rows(of, rows, starts_on=FIRST_QUARTER[0], ends_on=FIRST_QUARTER[1])
    assert (found == []) == (total == together)
    for each in found:
        assert each.difference == total - together
        assert each.wrong == (together > total or unknown is not None)
