"""An attacker with a solver, written a second time: every withheld count keeps an interval that is wide enough."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from handover.disclosure import ALL, Cell, Sum, Table, attack, crossed, protect, rounded

Known = Mapping[Cell, tuple[int, int | None]]

counts_ = st.one_of(st.integers(0, 7), st.sampled_from([0, 1, 5, 6, 12, 40, 90]))
sparse = st.one_of(st.just(0), st.just(0), st.integers(0, 9))
thorough = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ends(known: Known, sums: Iterable[Sum], cell: Cell) -> tuple[int, float]:
    """Give the lowest and highest whole number that a cell can be, straight from the definition."""
    cells = list(known)
    equations = [
        [1 if other in item.parts else -1 if other == item.total else 0 for other in cells] for item in sums
    ]
    result: list[float] = []
    for sign in (1, -1):
        found: Any = linprog(
            [sign if other == cell else 0 for other in cells],
            A_eq=equations or None,
            b_eq=[0] * len(equations) or None,
            bounds=[known[other] for other in cells],
        )
        assert found.status in (0, 3), found.message
        result.append(sign * found.fun if found.status == 0 else math.inf)
    return math.ceil(result[0] - 1e-6), result[1] if result[1] == math.inf else math.floor(result[1] + 1e-6)


def seen(table: Table, hidden: Collection[Cell]) -> dict[Cell, tuple[int, int | None]]:
    """Give what a reader knows of each cell when these are withheld."""
    return {
        cell: (0, None) if cell in hidden or count is None else (count, count)
        for cell, count in table.counts.items()
    }


def narrow(table: Table, hidden: Collection[Cell], width: int) -> list[Cell]:
    """Give the withheld cells that can be placed in an interval narrower than the width."""
    known = seen(table, hidden)
    found = {cell: ends(known, table.sums, cell) for cell in hidden}
    return [cell for cell, (low, high) in found.items() if high - low < width]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    shape = draw(
        st.sampled_from([(1,), (4,), (1, 1), (1, 4), (4, 1), (2, 2), (3, 3), (4, 5), (2, 2, 2), (2, 3, 3)])
    )
    figures = draw(st.sampled_from([counts_, sparse]))
    names = [[f"{axis}{n}" for n in range(size)] for axis, size in enumerate(shape)]
    counts = {cell: draw(figures) for cell in itertools.product(*names)}
    holes = (
        draw(st.sets(st.sampled_from(sorted(counts)), max_size=len(counts) - 1))
        if draw(st.booleans())
        else set()
    )
    groups = {0: {"group": names[0][:2]}} if shape[0] >= 3 and draw(st.booleans()) else None
    return crossed(
        {cell: count for cell, count in counts.items() if cell not in holes or ALL in cell},
        absent="empty",
        groups=groups
        if groups and all(any(c[0] == n for c in counts.keys() - holes) for n in names[0])
        else None,
    )


@given(
    table=tables(),
    threshold=st.integers(1, 6),
    zeros=st.booleans(),
    time_limit=st.sampled_from([0.0, 0.05, 1.6]),
)
@settings(thorough, max_examples=50)
def test_no_attack_on_a_random_table_comes_closer_than_the_protection_range(
    table: Table, threshold: int, zeros: bool, time_limit: float
) -> None:
    found = protect(
        table, threshold=threshold, zeros="small" if zeros else "published", time_limit=time_limit
    )
    for cell, count in table.counts.items():
        assert count is not None
        small = (0 if zeros else 1) <= count <= threshold
        assert (cell in found.small) == small
        assert found.figures[cell] == ("c" if cell in found.suppressed else count)
    assert found.small <= found.suppressed
    assert not narrow(table, found.suppressed, threshold)
    assert found.bound <= found.loss
    if not found.small:
        assert not found.suppressed


@given(table=tables())
@settings(thorough, max_examples=20)
def test_the_attack_of_the_module_agrees_with_the_definition(table: Table) -> None:
    hidden = {cell for number, cell in enumerate(sorted(table.counts)) if number % 3}
    known = seen(table, hidden)
    found = attack(known, table.sums)
    for cell in table.counts:
        low, high = ends(known, table.sums, cell)
        assert found[cell] == (low, None if high == math.inf else high)


@given(rows=st.lists(st.lists(counts_, min_size=3, max_size=3), min_size=2, max_size=3))
@settings(thorough, max_examples=25)
def test_no_cheaper_choice_is_safe_on_a_small_table(rows: list[list[int]]) -> None:
    table = crossed({(f"r{r}", f"c{c}"): n for r, row in enumerate(rows) for c, n in enumerate(row)})
    found = protect(table, time_limit=30)
    assert found.gap == 0
    weights = table.sizes()
    others = [cell for cell in sorted(table.counts) if cell not in found.small]
    for size in range(len(others) + 1):
        if size >= found.loss:
            break
        for more in itertools.combinations(others, size):
            if sum(weights[cell] for cell in more) < found.loss:
                hidden = found.small | set(more)
                alone = any(len({item.total, *item.parts} & hidden) == 1 for item in table.sums)
                assert alone or narrow(table, hidden, 5), f"{more} would have been enough"


def test_one_more_cell_in_each_line_is_not_enough() -> None:
    table = crossed(
        {("a", "x"): 3, ("a", "y"): 7, ("a", "z"): 30, ("b", "x"): 0, ("b", "y"): 8, ("b", "z"): 40}
        | {("c", "x"): 20, ("c", "y"): 50, ("c", "z"): 60}
    )
    naive = {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    assert attack(seen(table, naive), table.sums)["a", "x"] == (0, 3)
    found = protect(table)
    low, high = attack(found.bounds, table.sums)["a", "x"]
    assert high is None or high - low >= 5


def test_a_total_under_two_names_gives_nothing_away() -> None:
    # A group that holds every label is the total once more.
    table = crossed(
        {("a", "w"): 3, ("a", "x"): 30, ("b", "w"): 40, ("b", "x"): 50},
        groups={1: {"both": ["w", "x"]}},
    )
    one_name = {("a", "w"), ("a", "both"), ("b", "w"), ("b", "both")}
    assert attack(seen(table, one_name), table.sums)["a", "w"] == (3, 3)
    found = protect(table)
    assert not narrow(table, found.suppressed, 5)
    assert found.suppressed == {("a", "w"), ("a", "x"), ("b", "w"), ("b", "x")}


def test_withheld_counts_in_three_dimensions_hold_in_whole_numbers() -> None:
    values = [0, 2, 7, 0, 4, 1, 0, 30, 0, 3, 0, 9, 12, 0, 1, 0, 5, 0, 0, 8, 2, 0, 0, 6, 0, 1, 3]
    cells = itertools.product("abc", "def", "ghi")
    table = crossed(dict(zip(cells, values, strict=True)))
    found = protect(table)
    assert found.small
    assert not narrow(table, found.suppressed, 5)


def test_conventional_rounding_can_be_undone_and_rounding_that_adds_up_cannot() -> None:
    table = crossed({("a",): 2, ("b",): 2, ("c",): 2, ("d",): 2})
    # Each 2 becomes 0 and their total, 8, becomes 10: four counts of at most 2 add up to 8 at least.
    conventional: Known = {cell: (0, 2) if count == 2 else (8, 12) for cell, count in table.counts.items()}
    assert set(attack(conventional, table.sums).values()) == {(2, 2), (8, 8)}
    found = rounded(table)
    assert all(
        high is not None and high - low >= 4 for low, high in attack(found.bounds, table.sums).values()
    )


@given(table=tables(), base=st.sampled_from([3, 5, 10]))
@settings(thorough, max_examples=20)
def test_rounding_leaves_as_many_numbers_as_its_base(table: Table, base: int) -> None:
    found = rounded(table, base=base)
    for cell, count in table.counts.items():
        low, high = ends(found.bounds, table.sums, cell)
        assert high - low >= base - 1
        assert count is not None
        assert low <= count <= high
        assert found.figures[cell] % base == 0
        assert abs(found.figures[cell] - count) <= found.farthest
    for item in table.sums:
        assert found.figures[item.total] == sum(found.figures[part] for part in item.parts)


@pytest.mark.parametrize("width", [3, 12])
def test_a_wider_range_can_be_asked_for(width: int) -> None:
    table = crossed(
        {
            (r, c): n
            for r, row in {"a": [3, 6, 20], "b": [7, 8, 30]}.items()
            for c, n in zip("xyz", row, strict=True)
        }
    )
    assert not narrow(table, protect(table, width=width).suppressed, width)
