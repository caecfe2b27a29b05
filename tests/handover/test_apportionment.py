"""What is told among several by shares adds up to what it was."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.apportionment import apportion, fraction_of

weights = st.lists(st.integers(1, 10**7), min_size=1, max_size=12)
units = st.sampled_from([Decimal(1), Decimal("0.01")])


def shares_of(weighed: list[int]) -> list[Fraction]:
    return [Fraction(weight, sum(weighed)) for weight in weighed]


@given(st.integers(-(10**12), 10**12), weights, units)
def test_the_parts_add_up_to_the_total(whole: int, weighed: list[int], unit: Decimal) -> None:
    assert sum(apportion(whole * unit, shares_of(weighed), unit=unit)) == whole * unit


@given(st.integers(0, 10**12), weights)
def test_each_part_is_its_exact_share_rounded_down_or_up(whole: int, weighed: list[int]) -> None:
    for part, share in zip(apportion(Decimal(whole), shares_of(weighed)), shares_of(weighed), strict=True):
        assert abs(Fraction(part) - whole * share) < 1


@given(st.integers(0, 10**9), weights)
def test_who_has_the_larger_share_gets_no_less(whole: int, weighed: list[int]) -> None:
    parts = apportion(Decimal(whole), shares_of(weighed))
    assert all(
        parts[one] >= parts[other]
        for one in range(len(parts))
        for other in range(len(parts))
        if weighed[one] > weighed[other]
    )


@given(st.integers(-(10**9), 10**9), weights)
def test_a_negative_total_is_told_as_its_opposite(whole: int, weighed: list[int]) -> None:
    there, back = (apportion(Decimal(sign * whole), shares_of(weighed)) for sign in (1, -1))
    assert there == [-part for part in back]


def test_what_is_left_over_goes_to_the_largest_remainder_and_of_equal_ones_to_the_first() -> None:
    assert apportion(Decimal(10), [Fraction(1, 3)] * 3) == [4, 3, 3]
    assert apportion(Decimal(100), [Fraction(1, 8), Fraction(5, 8), Fraction(1, 4)]) == [13, 62, 25]
    assert apportion(Decimal("0.05"), [Fraction(1, 2)] * 2, unit=Decimal("0.01")) == [
        Decimal("0.03"),
        Decimal("0.02"),
    ]


@pytest.mark.parametrize(
    ("total", "shares"),
    [
        (Decimal(1), []),
        (Decimal(1), [Fraction(1, 2)]),
        (Decimal(1), [Fraction(3, 2), Fraction(-1, 2)]),
        (Decimal("0.5"), [Fraction(1)]),
    ],
)
def test_what_cannot_be_told_is_refused(total: Decimal, shares: list[Fraction]) -> None:
    with pytest.raises(ValueError, match=r"add up|whole number"):
        apportion(total, shares)


def test_a_share_is_read_as_people_write_it() -> None:
    read = [fraction_of(text) for text in ("1", " 2/3", "0.25", "25%")]
    assert read == [1, Fraction(2, 3), Fraction(1, 4), Fraction(1, 4)]
    for wrong in ("", "0", "4/3", "1/0", "-1/2", "half", "120%", "1e-9", "1e999999999", "1/" + "9" * 13):
        with pytest.raises(ValueError, match="no share"):
            fraction_of(wrong)
