"""Small cells leave the house neither by themselves nor by subtraction."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal

import pytest

from handover.disclosure import (
    ALL,
    SUPPRESSED,
    Cell,
    Sum,
    Table,
    crossed,
    protect,
    rounded,
    shares,
    withheld,
)
from handover.errors import Invalid, Refused


def grid(*rows: list[int]) -> Table:
    return crossed({(f"r{r}", f"c{c}"): count for r, row in enumerate(rows) for c, count in enumerate(row)})


# --- tables ------------------------------------------------------------------------------------------------------


def test_a_crossed_table_has_every_margin() -> None:
    table = crossed({(a, b, c): 7 for a in "ab" for b in "cd" for c in "ef"})
    assert len(table.counts) == 27
    assert table.counts["a", ALL, "e"] == 14
    assert table.counts[ALL, ALL, ALL] == 56
    assert len(table.sums) == 27


def test_groups_stand_between_labels_and_the_total() -> None:
    table = crossed(
        {("RO111", "women"): 4, ("RO112", "women"): 9, ("LT011", "women"): 20},
        groups={0: {"RO": ["RO111", "RO112"], "LT": ["LT011"]}},
    )
    assert table.counts["RO", "women"] == 13
    assert Sum((ALL, ALL), (("LT", ALL), ("RO", ALL))) in {
        Sum(item.total, tuple(sorted(item.parts))) for item in table.sums
    }
    assert table.sizes()[ALL, ALL] == 3


def test_an_absent_cell_must_be_explained() -> None:
    counts: dict[Cell, int | None] = {("a", "x"): 7, ("a", "y"): None, ("b", "x"): 8, ("b", "y"): 9}
    with pytest.raises(Invalid) as caught:
        crossed(counts)
    assert caught.value.code == "absent_unexplained"
    assert caught.value.details["cells"] == [["a", "y"]]


def test_an_empty_cell_protects_nobody_because_everybody_knows_it() -> None:
    counts = {("a", "x"): 3, ("a", "z"): 20, ("b", "x"): 30, ("b", "y"): 40, ("b", "z"): 50}
    table = crossed(counts, absent="empty")
    assert ("a", "y") not in table.counts
    found = protect(table)
    assert found.figures["a", "z"] == SUPPRESSED
    assert found.figures["b", "y"] == 40


def test_an_unknown_cell_protects_its_neighbours_and_is_protected() -> None:
    counts: dict[Cell, int | None] = {("a", "x"): 3, ("a", "y"): None, ("b", "x"): 30, ("b", "y"): None}
    totals: dict[Cell, int | None] = {
        ("a", ALL): 23,
        ("b", ALL): 80,
        (ALL, "x"): 33,
        (ALL, "y"): 70,
        (ALL, ALL): 103,
    }
    found = protect(crossed(counts, absent="unknown", totals=totals))
    assert ("a", "y") not in found.figures
    assert found.suppressed == {("a", "x"), ("b", "x")}


def test_unknown_cells_that_fit_no_total_are_refused() -> None:
    counts: dict[Cell, int | None] = {("a", "x"): 30, ("a", "y"): None}
    totals: dict[Cell, int | None] = {("a", ALL): 20, (ALL, ALL): 20, (ALL, "x"): 30}
    with pytest.raises(Invalid, match="No count of the unknown cells fits the totals"):
        protect(crossed(counts, absent="unknown", totals=totals))


@pytest.mark.parametrize("count", [-1, Decimal("2.5"), Decimal("NaN"), Decimal("Infinity")])
def test_only_whole_numbers_are_counts(count: int | Decimal) -> None:
    with pytest.raises(Invalid) as caught:
        crossed({("a", "x"): count})
    assert caught.value.code == "count_not_whole"


def test_a_table_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        crossed({("a", "x"): 3, ("b", "x"): 4}, totals={(ALL, "x"): 8})
    assert caught.value.code == "table_does_not_add_up"
    assert str(caught.value) == "all / x is 8, but its parts add up to 7."


def test_a_total_is_never_a_part_of_itself() -> None:
    with pytest.raises(Invalid) as caught:
        Table({("a",): 5, ("b",): 5}, (Sum(("a",), (("b",),)), Sum(("b",), (("a",),)))).sizes()
    assert caught.value.code == "table_goes_round"


@pytest.mark.parametrize(
    "groups", [{"RO": ["RO"]}, {"RO": ["EU"], "EU": ["RO"]}, {"RO": ["x"], "EU": ["x"]}, {ALL: ["x"]}]
)
def test_wrong_groups_are_refused(groups: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid):
        crossed({("x",): 5, ("y",): 6}, groups={0: groups})


# --- what is small -----------------------------------------------------------------------------------------------


def test_counts_from_one_to_the_threshold_are_small() -> None:
    counts = {("n", str(count)): count for count in range(8)}
    found = protect(crossed(counts), threshold=5)
    assert found.small == {("n", str(n)) for n in range(1, 6)} | {(ALL, str(n)) for n in range(1, 6)}
    assert found.figures["n", "0"] == 0
    assert protect(crossed(counts), threshold=2).small == {(a, str(n)) for a in ("n", ALL) for n in (1, 2)}


def test_nothing_is_withheld_where_nothing_is_small() -> None:
    found = protect(grid([6, 0, 40], [9, 17, 0]))
    assert not found.suppressed
    assert found.loss == found.bound == found.gap == 0
    assert SUPPRESSED not in found.figures.values()


def test_a_zero_can_be_treated_as_small() -> None:
    table = grid([0, 20, 30], [30, 40, 50], [60, 70, 80])
    assert not protect(table).suppressed
    found = protect(table, zeros="small")
    assert found.small == {("r0", "c0")}
    assert len(found.suppressed) == 4
    assert "between 0 and 5" in found.sentence


def test_small_totals_are_withheld_too() -> None:
    found = protect(grid([1, 2], [60, 70]))
    assert found.figures["r0", ALL] == SUPPRESSED


def test_the_rest_of_a_total_is_not_worked_out() -> None:
    found = protect(crossed({("boys",): 48, ("girls",): 2, ("not said",): 0}))
    assert found.figures == {
        ("boys",): SUPPRESSED,
        ("girls",): SUPPRESSED,
        ("not said",): 0,
        (ALL,): 50,
    }


# --- what it costs -----------------------------------------------------------------------------------------------


def test_inner_cells_are_withheld_rather_than_totals() -> None:
    found = protect(grid([3, 50, 60], [70, 80, 90], [75, 85, 95]))
    assert len(found.suppressed) == 4
    assert all(ALL not in cell for cell in found.suppressed)
    assert (found.loss, found.bound) == (3, 3)
    assert not found.hurried


def test_weights_say_what_is_withheld_first() -> None:
    table = grid([3, 500, 60], [70, 80, 90], [75, 85, 95])
    assert protect(table, weights="values").suppressed == {
        ("r0", "c0"),
        ("r0", "c2"),
        ("r1", "c0"),
        ("r1", "c2"),
    }
    dear = {cell: 1 if cell[0] in ("r0", "r2") and cell[1] in ("c0", "c1") else 9 for cell in table.counts}
    assert protect(table, weights=dear).suppressed == {
        ("r0", "c0"),
        ("r0", "c1"),
        ("r2", "c0"),
        ("r2", "c1"),
    }
    assert protect(table, weights="logarithms").loss == 7 + 6 + 7


def test_the_same_table_gives_the_same_pattern_in_whatever_order_it_comes() -> None:
    rng = random.Random(4)
    counts: dict[Cell, int | Decimal | None] = {
        (f"r{r}", f"c{c}"): rng.choice([0, 2, 4, 9, 30, 70]) for r in range(7) for c in range(6)
    }
    patterns = set()
    for _ in range(4):
        items = list(counts.items())
        rng.shuffle(items)
        patterns.add(protect(crossed(dict(items)), time_limit=20).suppressed)
    assert len(patterns) == 1


def test_an_answer_without_time_is_safe_and_says_what_it_may_have_lost() -> None:
    rng = random.Random(1)
    table = grid(*([rng.choice([0, 3, 20, 80]) for _ in range(8)] for _ in range(8)))
    hasty, best = protect(table, time_limit=0), protect(table, time_limit=20)
    assert hasty.hurried
    assert hasty.loss > best.loss == best.bound
    assert hasty.gap == Decimal(hasty.loss - hasty.bound) / hasty.loss > 0
    assert best.gap == 0
    assert not best.hurried


def test_a_former_pattern_can_be_kept() -> None:
    table = grid([3, 50, 60], [70, 80, 90], [75, 85, 95])
    former = protect(table).suppressed
    assert protect(table, suppressed=former).suppressed == former
    assert ("r2", "c2") in protect(table, suppressed=[("r2", "c2")]).suppressed


def test_what_is_public_stays_public_or_the_table_stays_in() -> None:
    table = grid([3, 50], [70, 80])
    inner = [("r0", "c1"), ("r1", "c0")]
    found = protect(table, published=inner)
    assert not found.suppressed & set(inner)
    with pytest.raises(Refused) as caught:
        protect(table, published=[("r0", "c0")])
    assert caught.value.code == "small_cell_is_public"
    with pytest.raises(Refused) as caught:
        protect(table, published=[*inner, ("r0", ALL)])
    assert caught.value.code == "table_cannot_be_protected"


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"width": 0}, {"time_limit": -1}, {"weights": {}}])
def test_protection_that_protects_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        protect(grid([3, 50]), **wrong)  # type: ignore[arg-type]
    assert caught.value.code == "protection_wrong"


def test_the_reader_is_told_one_mark_for_small_and_other_cells() -> None:
    found = protect(grid([3, 50], [70, 80]), threshold=4)
    assert set(found.figures.values()) - {3, 53, 50, 70, 80, 73, 130, 150, 203} == {SUPPRESSED}
    assert found.sentence == (
        "c: withheld, because the count is between 1 and 4 or because it would let such a count be worked out."
    )


def test_a_cell_that_two_tables_share_is_protected_in_both() -> None:
    by_age = crossed({("Cluj", "women"): 3, ("Cluj", "men"): 20, ("Dolj", "women"): 40, ("Dolj", "men"): 50})
    by_school = Table(
        counts={("Cluj", "women"): 3, ("women", "in"): 1, ("women", "out"): 2},
        sums=(Sum(("Cluj", "women"), (("women", "in"), ("women", "out"))),),
    )
    both = by_age.joined(by_school)
    assert protect(both).suppressed >= {("Cluj", "women"), ("women", "in"), ("women", "out")}
    with pytest.raises(Invalid) as caught:
        by_age.joined(Table({("Cluj", "women"): 4}, ()))
    assert caught.value.code == "tables_differ"


# --- rounding ----------------------------------------------------------------------------------------------------


def test_rounded_figures_are_neighbouring_multiples_that_add_up() -> None:
    table = grid([1, 2, 3], [4, 6, 17], [0, 5, 10])
    found = rounded(table, base=5)
    for cell, figure in found.figures.items():
        count = table.counts[cell]
        assert count is not None
        assert figure % 5 == 0
        assert abs(figure - count) < 5
    for item in table.sums:
        assert found.figures[item.total] == sum(found.figures[part] for part in item.parts)
    assert found.figures["r2", "c1"] == 5
    assert found.distance == found.bound
    assert found.sentence == (
        "Every figure is rounded to a multiple of 5, up or down, so that the table adds up; "
        "none is further than 4 from the count."
    )


def test_totals_go_further_where_neighbours_cannot_add_up() -> None:
    ones = {("a", "a", "a"), ("b", "a", "b"), ("b", "b", "a")}
    cube = crossed({cell: int(cell in ones) for cell in itertools.product("ab", "ab", "ab")})
    found = rounded(cube, base=2)
    for item in cube.sums:
        assert found.figures[item.total] == sum(found.figures[part] for part in item.parts)
    assert found.farthest == 2
    assert found.bounds[ALL, ALL, ALL] == (0, None)
    assert "none is further than 2" in found.sentence


def test_rounding_needs_a_base_and_every_count() -> None:
    with pytest.raises(Invalid):
        rounded(grid([3]), base=1)
    unknown = crossed({("a",): None, ("b",): 3}, absent="unknown", totals={(ALL,): 9})
    with pytest.raises(Invalid) as caught:
        rounded(unknown)
    assert caught.value.code == "count_missing"


# --- shares ------------------------------------------------------------------------------------------------------


def test_a_share_is_withheld_with_its_numerator_or_denominator() -> None:
    figures = protect(grid([3, 50, 60], [70, 80, 90], [75, 85, 95])).figures
    pairs: dict[str, tuple[Cell, Cell]] = {
        "small": (("r0", "c0"), ("r0", ALL)),
        "whole": (("r0", ALL), (ALL, ALL)),
        "elsewhere": (("r9", "c0"), (ALL, ALL)),
    }
    found = shares(pairs, figures)
    assert found == {"small": SUPPRESSED, "whole": Decimal(113) / 608, "elsewhere": SUPPRESSED}
    assert withheld(pairs, figures) == {"small", "elsewhere"}


def test_a_share_of_nothing_is_nothing() -> None:
    assert shares({"x": (("a",), ("b",))}, {("a",): 0, ("b",): 0}) == {"x": None}


def test_what_a_share_leaves_out_is_protected_as_well() -> None:
    enrolled, children = ("enrolled",), ("children",)
    table = Table({enrolled: 48, children: 50}, ())
    assert not protect(table).suppressed
    found = protect(table.with_rests([(enrolled, children)]))
    assert len(found.suppressed) == 1
    assert set(found.figures) == {enrolled, children}
    assert shares({"x": (enrolled, children)}, found.figures) == {"x": SUPPRESSED}
    assert not protect(Table({enrolled: 40, children: 50}, ()).with_rests([(enrolled, children)])).suppressed


def test_a_numerator_never_exceeds_its_denominator() -> None:
    with pytest.raises(Invalid) as caught:
        Table({("a",): 9, ("b",): 8}, ()).with_rests([(("a",), ("b",))])
    assert caught.value.code == "not_a_share"
