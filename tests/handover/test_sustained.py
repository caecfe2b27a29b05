"""What still stands: figures, parts and the score of a check; exact, and unknown where nobody knows."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.canonical import canonical
from handover.queries.sustained import (
    ENOUGH,
    Figure,
    Part,
    Stands,
    Warned,
    Warns,
    floor_of,
    part_score,
    stands,
    verdict,
)

amounts = st.decimals(min_value=0, max_value=10**6, places=2)
figures = st.builds(
    Figure,
    part=st.sampled_from(Part),
    stands=st.sampled_from(Stands),
    said=st.sampled_from(["", "A donor"]),
    score=st.none() | st.decimals(min_value=0, max_value=100, places=1),
)
BETTER = {Stands.LOST: 0, Stands.WEAKER: 1, Stands.HOLDS: 2}


@pytest.mark.parametrize(
    ("before", "now", "floor", "less", "expected"),
    [
        ("100", "90", None, False, Stands.HOLDS),
        ("100", "89.99", None, False, Stands.WEAKER),
        ("100", "50", None, False, Stands.WEAKER),
        ("100", "49.99", None, False, Stands.LOST),
        ("100", "95", "96", False, Stands.LOST),
        ("100", "10", "5", False, Stands.WEAKER),
        ("10", "11", None, True, Stands.HOLDS),
        ("10", "12", None, True, Stands.WEAKER),
        ("10", "21", None, True, Stands.LOST),
        ("10", "12", "11", True, Stands.LOST),
        ("0", "0", None, False, Stands.HOLDS),
        ("0", "5", None, False, Stands.HOLDS),
        ("0", "1", None, True, Stands.LOST),
        ("5", "0", None, True, Stands.HOLDS),
    ],
)
def test_a_number_holds_is_weaker_or_lost(
    before: str, now: str, floor: str | None, less: bool, expected: Stands
) -> None:
    level = None if floor is None else Decimal(floor)
    assert stands(Decimal(before), Decimal(now), floor=level, less_is_better=less) is expected


def test_what_was_not_measured_is_unknown_and_never_zero() -> None:
    assert stands(Decimal(5), None) is Stands.UNKNOWN
    assert stands(None, Decimal(5)) is Stands.UNKNOWN


@given(amounts, amounts, amounts, st.booleans())
def test_more_of_what_is_good_never_stands_worse(
    before: Decimal, now: Decimal, more: Decimal, less: bool
) -> None:
    first = stands(before, now, less_is_better=less)
    second = stands(before, max(Decimal(0), now - more) if less else now + more, less_is_better=less)
    assert BETTER[second] >= BETTER[first]


@given(st.decimals(min_value=1, max_value=10**6, places=2), amounts, st.booleans())
def test_without_a_floor_lost_is_what_lies_beyond_the_usual_one(
    before: Decimal, now: Decimal, less: bool
) -> None:
    floor = floor_of(before, less_is_better=less)
    beyond = now > floor if less else now < floor
    assert (stands(before, now, less_is_better=less) is Stands.LOST) == beyond


@given(st.lists(figures, max_size=12))
def test_a_part_is_never_better_than_the_least_that_somebody_says_who_looked(found: list[Figure]) -> None:
    for part in Part:
        score = part_score(part, found).score
        words = [item.points for item in found if item.part is part and item.said and item.points is not None]
        if words:
            assert score is not None
            assert Fraction(score) <= min(words) + Fraction(1, 20)


@given(st.lists(figures, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_figures_changes_no_score(found: list[Figure], random: object) -> None:
    turned = list(found)
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert verdict(found).score == verdict(turned).score


@given(st.lists(figures, max_size=12))
def test_what_is_unknown_changes_no_score(found: list[Figure]) -> None:
    more = [*found, *(Figure(part=part, stands=Stands.UNKNOWN) for part in Part)]
    assert verdict(more).score == verdict(found).score


@given(st.lists(figures, max_size=12))
def test_a_score_speaks_of_enough_parts_or_there_is_none(found: list[Figure]) -> None:
    told = verdict(found)
    assert (told.score is None) == (told.known < ENOUGH)
    assert told.score is None or 0 <= told.score <= 100
    assert [part.part for part in told.parts] == list(Part)


@given(st.lists(figures, max_size=6))
def test_a_verdict_can_be_written_for_good_and_read_again(found: list[Figure]) -> None:
    warned = Warned(Warns.FALLS, [], "x", Decimal("1.5"), Decimal(2), until=dt.date(2030, 1, 1))
    said = verdict(found, [warned]).as_json()
    assert json.loads(canonical(said)) == said


def test_a_part_is_the_mean_of_what_is_known_and_counts_what_is_not() -> None:
    told = part_score(
        Part.INDICATORS,
        [
            Figure(Part.INDICATORS, Stands.HOLDS),
            Figure(Part.INDICATORS, Stands.LOST),
            Figure(Part.INDICATORS, Stands.UNKNOWN, why="break"),
            Figure(Part.STAFF, Stands.LOST),
        ],
    )
    assert (told.score, told.known, len(told.figures)) == (Decimal("50.0"), 2, 3)
