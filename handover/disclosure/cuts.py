"""What is known of every safe choice of cells: inequalities, and the bound that follows from them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handover.disclosure.attack import NEAR


@dataclass(frozen=True)
class Cut:
    """An inequality that every safe answer keeps: the ``costs`` of what it suppresses are at least ``least``."""

    costs: Mapping[int, float]
    least: float = 0.0


@dataclass
class Cuts:
    """The inequalities that are known so far.

    Args:
        weights: what suppressing each cell costs.
        forced: cells that are suppressed in any case; they cost nothing.
        fixed: cells that must stay published.
    """

    weights: Sequence[int]
    forced: frozenset[int]
    fixed: frozenset[int]
    known: list[Cut] = field(default_factory=list)
    seen: set[tuple[tuple[int, float], ...]] = field(default_factory=set)

    def add(self, part: Mapping[int, float], cell: int) -> bool:
        """Add that what is suppressed of ``part`` is at least 1, provided that the cell is suppressed."""
        costs = {n: cost for n, cost in part.items() if n not in self.forced and n not in self.fixed}
        least = -sum(cost for number, cost in part.items() if number in self.forced)
        if cell in self.forced:
            least += 1.0
        else:
            costs[cell] = costs.get(cell, 0.0) - 1.0
        key = tuple(sorted(costs.items()))
        if key in self.seen or (least <= 0 and all(cost >= 0 for cost in costs.values())):
            return False
        self.seen.add(key)
        self.known.append(Cut(costs, least))
        return True

    def kept_by(self, hidden: Collection[int]) -> bool:
        """Tell whether nothing that is known yet speaks against this answer: much quicker than an attack."""
        return all(
            sum(cost for cell, cost in cut.costs.items() if cell in hidden) >= cut.least - NEAR
            for cut in self.known
        )

    def relaxed(self) -> tuple[float, dict[int, float]]:
        """Solve the inequalities over mixtures: a bound that no safe answer can undercut."""
        from scipy.optimize import linprog

        free, matrix, least = self._rows()
        if not free:
            return 0.0, dict.fromkeys(self.forced, 1.0)
        result: Any = linprog(
            [self.weights[cell] for cell in free],
            A_ub=-matrix,
            b_ub=[-value for value in least],
            bounds=(0, 1),
            method="highs-ds",
        )
        if result.status != 0:
            return 0.0, dict.fromkeys(self.forced, 1.0)
        return float(result.fun), self._share(free, result.x.tolist())

    def cheapest(self, seconds: float) -> tuple[float, dict[int, float] | None, bool]:
        """Solve the inequalities over answers: the bound, the answer, and whether it is proven the cheapest."""
        from scipy import optimize

        free, matrix, least = self._rows()
        if not free:
            return 0.0, dict.fromkeys(self.forced, 1.0), True
        kinds: Any = 1
        result: Any = optimize.milp(
            [self.weights[cell] for cell in free],
            integrality=kinds,
            bounds=optimize.Bounds(0, 1),
            constraints=[optimize.LinearConstraint(matrix, least, math.inf)],
            options={"time_limit": max(seconds, 0.05), "mip_rel_gap": 0.0},
        )
        bound = 0.0 if result.mip_dual_bound is None else float(result.mip_dual_bound)
        if result.x is None:
            return bound, None, False
        return (
            bound,
            self._share(free, [float(round(value)) for value in result.x.tolist()]),
            result.status == 0,
        )

    def _share(self, free: Sequence[int], values: Sequence[float]) -> dict[int, float]:
        share = {cell: value for cell, value in zip(free, values, strict=True) if value > 1e-9}
        return share | dict.fromkeys(self.forced, 1.0)

    def _rows(self) -> tuple[list[int], Any, list[float]]:
        from scipy.sparse import csr_array

        free = [n for n in range(len(self.weights)) if n not in self.fixed and n not in self.forced]
        at = {cell: number for number, cell in enumerate(free)}
        entries = [
            (row, at[cell], cost) for row, cut in enumerate(self.known) for cell, cost in cut.costs.items()
        ]
        rows, columns, costs = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(self.known), len(free))
        return free, csr_array((costs, (rows, columns)), shape=shape), [cut.least for cut in self.known]
