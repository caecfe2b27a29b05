"""The name of a cell, and numbers as they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.models.cells import TOTAL, Dimension, cell, number, parse_cell

TEXT = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12
) | st.sampled_from(["|", "=", "\\", "\\|", "a=b", "women|men", "ț"])
AXES = st.lists(st.builds(lambda name, value: Dimension(name=name, value=value), TEXT, TEXT), max_size=4)


def _pairs(axes: list[Dimension]) -> list[tuple[str, str]]:
    return sorted((axis["name"], axis["value"]) for axis in axes)


@given(AXES)
def test_a_cell_tells_its_dimensions_again(axes: list[Dimension]) -> None:
    assert _pairs(parse_cell(cell(axes))) == _pairs(axes)


@given(AXES, st.randoms())
def test_the_order_in_which_dimensions_are_given_does_not_matter(
    axes: list[Dimension], random: object
) -> None:
    shuffled = sorted(axes, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert cell(shuffled) == cell(axes)


@given(AXES, AXES)
def test_two_cells_have_one_name_only_if_they_are_one_cell(
    one: list[Dimension], other: list[Dimension]
) -> None:
    assert (cell(one) == cell(other)) == (_pairs(one) == _pairs(other))


def test_a_cell_reads_as_people_write_it() -> None:
    axes = [Dimension(name="gender", value="women"), Dimension(name="age", value="adults")]
    assert cell(axes) == "age=adults|gender=women"
    assert cell([]) == TOTAL


@pytest.mark.parametrize("text", ["women", "a=b=c", "a=b|", "a=b\\"])
def test_what_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_cell(text)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("41", Decimal(41)),
        ("-0.5", Decimal("-0.5")),
        (" 7 ", Decimal(7)),
        ("0.100000000001", Decimal("0.100000000001")),
        ("1e3", None),
        ("1,5", None),
        ("NaN", None),
        ("٣", None),
        ("", None),
        (None, None),
        ("1" * 27, None),
        ("0." + "1" * 13, None),
    ],
)
def test_a_number_is_read_exactly_or_not_at_all(text: str | None, exact: Decimal | None) -> None:
    assert number(text) == exact
