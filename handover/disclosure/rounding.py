"""Rounding: every count to a neighbouring multiple of a base, so that the table still adds up."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handover.disclosure.attack import System, attack
from handover.disclosure.tables import Bounds, Cell, Table
from handover.errors import Invalid, Refused


@dataclass(frozen=True)
class Rounded:
    """A table in multiples of ``base``.

    Args:
        figures: what may be published; multiples of the base that add up.
        base: the base.
        farthest: how far a figure is from its count at most; less than the base for inner cells, and for totals
            wherever such a rounding exists.
        distance: how far all figures are from their counts together.
        bound: no rounding that adds up is nearer than this.
        seconds: how long it took.
        bounds: what each figure tells a reader, for ``attack``.
    """

    figures: Mapping[Cell, int]
    base: int
    farthest: int
    distance: int
    bound: int
    seconds: float
    bounds: Bounds

    @property
    def sentence(self) -> str:
        """Say to the reader of the table what was done to the figures."""
        return (
            f"Every figure is rounded to a multiple of {self.base}, up or down, so that the table adds up; "
            f"none is further than {self.farthest} from the count."
        )


def rounded(table: Table, *, base: int = 5, time_limit: float = 1.6) -> Rounded:
    """Round every count up or down to a multiple of the base, as near to the counts as adding up allows.

    A reader who knows the rule is left with at least ``base`` whole numbers for each count. Totals that are rounded by
    themselves, the conventional way, would not add up, and the difference would give the small counts away.

    Raises:
        Refused: sums of different breakdowns cannot be rounded together, or leave too few numbers possible.
    """
    start = time.perf_counter()
    if base < 2:
        raise Invalid("protection_wrong", "A base for rounding is at least 2.")
    system = System(table.counts, table.sums)
    counts = [table.counts[cell] for cell in system.cells]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        raise Invalid("count_missing", "A table with unknown counts cannot be rounded so that it adds up.")
    totals = frozenset(system.index[cell] for cell in table.totals)
    loose: frozenset[int] = frozenset()
    found = _nearest(system, known, base, loose, time_limit / 2)
    if found is None:
        loose = totals
        found = _nearest(system, known, base, loose, time_limit / 2)
    if found is None:
        raise Refused(
            "table_cannot_be_rounded", "No rounding of this table adds up; withhold its small cells instead."
        )
    figures, bound = found
    bounds = _bounds(table, system, figures, base, loose)
    _check(table, system, figures, bounds, base)
    off = [abs(figure - count) for figure, count in zip(figures, known, strict=True)]
    return Rounded(
        figures={cell: figures[n] for n, cell in enumerate(system.cells) if cell not in table.unshown},
        base=base,
        farthest=base - 1 if not loose else max(base - 1, *off),
        distance=sum(off),
        bound=min(bound, sum(off)),
        seconds=time.perf_counter() - start,
        bounds=bounds,
    )


def _nearest(
    system: System, counts: Sequence[int], base: int, loose: frozenset[int], seconds: float
) -> tuple[list[int], int] | None:
    """Choose multiples that add up; the ``loose`` cells may go further than to a neighbour.

    Each cell has a column for its multiple and one for its distance from the count.
    """
    from scipy import optimize
    from scipy.sparse import csr_array

    size, height = len(counts), len(system.rows)
    entries = [(row, cell, float(sign)) for row, line in enumerate(system.rows) for cell, sign in line]
    sides = [(0.0, 0.0)] * height
    for cell, count in enumerate(counts):
        for sign in (1, -1):
            # distance >= +-(base * multiple - count)
            entries += [(len(sides), cell, -sign * float(base)), (len(sides), size + cell, 1.0)]
            sides.append((-sign * float(count), math.inf))
    rows, columns, steps = zip(*entries, strict=True)
    matrix = csr_array((steps, (rows, columns)), shape=(len(sides), 2 * size))
    low = [0.0 if n in loose else count // base for n, count in enumerate(counts)] + [0.0] * size
    high = [math.inf if n in loose else -(-count // base) for n, count in enumerate(counts)] + [
        math.inf
    ] * size
    kinds: Any = [1] * size + [0] * size
    result: Any = optimize.milp(
        [0.0] * size + [1.0] * size,
        integrality=kinds,
        bounds=optimize.Bounds(low, high),
        constraints=[optimize.LinearConstraint(matrix, [lo for lo, _ in sides], [hi for _, hi in sides])],
        options={"time_limit": max(seconds, 0.1)},
    )
    if result.x is None:
        return None
    multiples = [round(value) for value in result.x.tolist()[:size]]
    if not system.holds(dict(enumerate(multiples))):
        return None
    return [base * multiple for multiple in multiples], max(0, math.ceil(float(result.mip_dual_bound) - 1e-6))


def _bounds(
    table: Table, system: System, figures: Sequence[int], base: int, loose: frozenset[int]
) -> dict[Cell, tuple[int, int | None]]:
    """Say what each figure tells by itself: a neighbour is less than the base away."""
    return {
        cell: (0, None)
        if cell in table.unshown or number in loose
        else (max(0, figures[number] - base + 1), figures[number] + base - 1)
        for number, cell in enumerate(system.cells)
    }


def _check(table: Table, system: System, figures: Sequence[int], bounds: Bounds, base: int) -> None:
    """Prove that ``base`` numbers stay possible for each count: the figures fit, and so does one inner cell more."""
    proven: set[int] = set()
    above: dict[Cell, set[Cell]] = {}
    for item in table.sums:
        for part in item.parts:
            above.setdefault(part, set()).add(item.total)
    for cell in table.counts.keys() - table.totals:
        path, walk = {cell}, [cell]
        while walk:
            more = above.get(walk.pop(), set()) - path
            path |= more
            walk += sorted(more)
        numbers = {system.index[name] for name in path}
        if system.holds(dict.fromkeys(numbers, base - 1)):
            proven |= numbers
    if len(proven) == len(system.cells):
        return
    for low, high in attack(bounds, table.sums).values():
        if high is not None and high - low < base - 1:
            raise Refused(
                "table_cannot_be_rounded",
                "Rounding leaves too few numbers possible for a count of this table; withhold its small cells instead.",
            )
