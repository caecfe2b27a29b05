"""How long it takes to protect a table, and how far the answer is from the best one.

Nothing here asserts a time: the figures are printed for a person to read.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from handover.disclosure import Cell, Protected, Table, Weights, crossed, protect, rounded

TARGET = 2.0
SEEDS = range(5)


def table(seed: int, count: Callable[[random.Random], int]) -> Table:
    """Give a table of 20 places and 12 groups, with margins."""
    rng = random.Random(seed)
    counts: dict[Cell, int] = {
        (f"place {place:02}", f"group {group:02}"): count(rng) for place in range(20) for group in range(12)
    }
    return crossed(dict(counts))


def mixed(rng: random.Random) -> int:
    """Give a count as small towns have them: a third small, some zero."""
    return rng.choice([0, 0, 1, 2, 3, 5, 8, 12, 20, 35, 60])


def sparse(rng: random.Random) -> int:
    """Give a count that is mostly zero."""
    return 0 if rng.random() < 0.6 else int(rng.expovariate(1 / 6)) + 1


def skewed(rng: random.Random) -> int:
    """Give a count of which few are small."""
    return int(rng.lognormvariate(3, 1.2))


def rare(rng: random.Random) -> int:
    """Give a count of which one in ten is small."""
    return rng.randint(1, 5) if rng.random() < 0.1 else rng.choice([0, 0, 7, 9, 15, 30, 80])


def report(name: str, found: Protected) -> None:
    """Print one line: the time, what is withheld, and the gap to the best answer."""
    print(
        f"\nprotect a 20 x 12 table with margins, {name}: {found.seconds:.2f} s (target {TARGET:.0f} s), "
        f"{len(found.small)} small, {len(found.suppressed)} suppressed cells, loss {found.loss}, "
        f"bound {found.bound}, gap {found.gap:.1%}"
    )


@pytest.mark.parametrize("weights", ["cells", "values"])
@pytest.mark.parametrize("count", [mixed, sparse, skewed, rare], ids=lambda count: count.__name__)
def test_protecting_a_table_with_margins(count: Callable[[random.Random], int], weights: Weights) -> None:
    import scipy.optimize  # noqa: F401  # a process loads it once

    found = [protect(table(seed, count), weights=weights) for seed in SEEDS]
    report(
        f"{count.__name__} counts by {weights}, slowest of {len(found)}",
        max(found, key=lambda one: one.seconds),
    )
    report(f"{count.__name__} counts by {weights}, widest gap", max(found, key=lambda one: one.gap))


def test_rounding_a_table_with_margins() -> None:
    found = max((rounded(table(seed, mixed)) for seed in SEEDS), key=lambda one: one.seconds)
    print(
        f"\nround a 20 x 12 table with margins to {found.base}: {found.seconds:.2f} s (target {TARGET:.0f} s), "
        f"distance {found.distance}, bound {found.bound}"
    )
