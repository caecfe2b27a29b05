"""People counted by whoever answers for the programmes: added up by their rules, small counts withheld."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from handover.access import asking
from handover.disclosure import ALL, Cell, Sum, attack
from handover.models import Programme
from indicators.queries.stewards import across, protected
from tests.factories.cast import Cast
from tests.factories.indicators import SECOND_QUARTER, indicator, reported
from tests.factories.programmes import programme as founded

CODE = {"vocabulary": "99", "code": "EECO15", "indicator_uri": "urn:test"}
OTHER = {"vocabulary": "99", "code": "ZZ", "indicator_uri": "urn:test"}
YEARS = (2023, 2024)


@pytest.mark.django_db
class TestAcross:
    """Counts over real programmes."""

    def test_a_code_adds_up_by_organisation_and_year(self, cast: Cast, programme: Programme) -> None:
        here = indicator(programme, by=cast.giver, references=[CODE])
        other = founded(cast.giver)
        there = indicator(other, by=cast.giver, references=[CODE])
        reported(here, {"": 30}, by=cast.giver)
        reported(here, {"": 20}, by=cast.giver, quarter=SECOND_QUARTER)
        reported(there, {"": 40}, by=cast.giver)
        with asking(cast.giver):
            (told,) = across({programme.pk: 7, other.pk: 8}, YEARS, threshold=5)
        assert told.code == "EECO15"
        assert told.figures == {7: [None, 50], 8: [None, 40]}
        assert told.totals == [None, 90]

    def test_a_small_count_is_withheld_with_another_one_but_not_the_total(
        self, cast: Cast, programme: Programme
    ) -> None:
        counts = {programme: 3, founded(cast.giver): 40, founded(cast.giver): 60}
        for home, count in counts.items():
            row = indicator(home, by=cast.giver, references=[CODE])
            reported(row, {"": count}, by=cast.giver)
        with asking(cast.giver):
            (told,) = across({home.pk: at for at, home in enumerate(counts, 1)}, (2024,), threshold=5)
        assert told.figures[1] == ["c"]
        assert sorted(map(str, (told.figures[2][0], told.figures[3][0]))) in (["40", "c"], ["60", "c"])
        assert told.totals == [103]

    def test_distinct_persons_of_several_programmes_are_not_added_up(
        self, cast: Cast, programme: Programme
    ) -> None:
        other = founded(cast.giver)
        for home in (programme, other):
            row = indicator(home, by=cast.giver, references=[CODE], counting_rule="distinct_persons")
            reported(row, {"": 30}, by=cast.giver)
        with asking(cast.giver):
            (together,) = across({programme.pk: 7, other.pk: 7}, (2024,), threshold=5)
            (apart,) = across({programme.pk: 7, other.pk: 8}, (2024,), threshold=5)
        assert (together.figures, together.totals) == ({7: [None]}, [None])
        assert (apart.figures, apart.totals) == ({7: [30], 8: [30]}, [None])

    def test_an_indicator_of_two_codes_counts_under_one_alone(self, cast: Cast, programme: Programme) -> None:
        row = indicator(programme, by=cast.giver, references=[OTHER, CODE])
        reported(row, {"": 30}, by=cast.giver)
        with asking(cast.giver):
            assert [told.code for told in across({programme.pk: 7}, (2024,), threshold=5)] == ["EECO15"]

    def test_what_counts_no_people_or_has_no_code_is_not_told(self, cast: Cast, programme: Programme) -> None:
        kinds: tuple[dict[str, Any], ...] = (
            {"references": [CODE], "counting_rule": "none", "unit": "packages"},
            {"references": []},
        )
        for said in kinds:
            reported(indicator(programme, by=cast.giver, **said), {"": 30}, by=cast.giver)
        with asking(cast.giver):
            assert across({programme.pk: 7}, (2024,), threshold=5) == []

    def test_it_takes_as_many_queries_for_many_programmes_as_for_one(
        self, cast: Cast, programme: Programme
    ) -> None:
        homes = [programme, founded(cast.giver), founded(cast.giver)]
        for home in homes:
            reported(indicator(home, by=cast.giver, references=[CODE]), {"": 30}, by=cast.giver)
        with asking(cast.giver):
            taken = []
            for some in (homes[:1], homes):
                with CaptureQueriesContext(connection) as seen:
                    across({home.pk: home.pk for home in some}, YEARS, threshold=5)
                taken.append(len(seen))
        assert taken == [3, 3]


small = st.integers(min_value=1, max_value=5)
figure = st.one_of(small, st.integers(min_value=0, max_value=60))


@settings(max_examples=60, deadline=None)
@given(st.lists(figure, min_size=1, max_size=7))
def test_no_small_count_can_be_worked_out_from_what_is_told(counts: list[int]) -> None:
    """Whoever knows all that is told, and that it adds up, does not know any count of 1 to 5."""
    by_organisation = {at: {2024: count} for at, count in enumerate(counts, 1)}
    told = protected(by_organisation, {2024: sum(counts)}, threshold=5)
    cells: list[Cell] = [(str(at), "2024") for at in by_organisation]
    bounds: dict[Cell, tuple[int, int | None]] = {
        cell: (0, None) if told.get(cell, "c") == "c" else (int(told[cell]), int(told[cell]))
        for cell in [*cells, (ALL, "2024")]
    }
    known = attack(bounds, [Sum((ALL, "2024"), tuple(cells))])
    for cell, count in zip(cells, counts, strict=True):
        low, high = known[cell]
        if 1 <= count <= 5:
            assert told.get(cell) == "c"
            assert high is None or high - low >= 5


def test_a_total_is_not_told_where_a_part_is_not_known() -> None:
    told = protected({1: {2024: 30}, 2: {2024: None}}, {2024: 70}, threshold=5)
    assert told == {("1", "2024"): 30}
