"""What a reader can work out from a published table: the attack, as linear programming."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handover.disclosure.tables import Bounds, Cell, Sum
from handover.errors import Broken, Invalid

NEAR = 1e-6


@dataclass(frozen=True)
class Task:
    """One linear programme over the cells: the least of ``costs`` within ``low`` and ``high``."""

    costs: Mapping[int, float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Answer:
    """The solution, cell by cell, and the price of each sum; not found: there is none, or it has no end."""

    found: bool
    endless: bool
    values: Sequence[float]
    prices: Sequence[float]


class System:
    """The sums of a table as equations over numbered cells, in an order that does not depend on how they were given."""

    def __init__(self, cells: Iterable[Cell], sums: Iterable[Sum]) -> None:
        self.cells = tuple(sorted(cells))
        self.index = {cell: number for number, cell in enumerate(self.cells)}
        ordered = sorted((item.total, tuple(sorted(item.parts))) for item in sums)
        self.rows = [
            ((self.index[total], -1), *((self.index[part], 1) for part in parts)) for total, parts in ordered
        ]
        self.columns: list[list[tuple[int, int]]] = [[] for _ in self.cells]
        for number, row in enumerate(self.rows):
            for cell, sign in row:
                self.columns[cell].append((number, sign))
        self._last: tuple[tuple[int, ...], list[int], Any] | None = None

    def holds(self, move: Mapping[int, int]) -> bool:
        """Tell, in whole numbers, whether every sum still holds after cells have moved by so much."""
        drift = [0] * len(self.rows)
        for cell, by in move.items():
            for row, sign in self.columns[cell]:
                drift[row] += sign * by
        return not any(drift)

    def solve(
        self, cells: Sequence[int], tasks: Sequence[Task], right: Sequence[float] | None = None
    ) -> list[Answer]:
        """Solve several programmes over the same cells in one call, which costs much less than one by one.

        Args:
            cells: those that can move at all.
            tasks: the programmes.
            right: the right-hand sides, zero for moves.
        """
        from scipy.optimize import linprog

        if not cells:
            return [Answer(True, False, [0.0] * len(self.cells), [0.0] * len(self.rows)) for _ in tasks]
        rows, block = self._block(tuple(cells))
        equations: dict[str, Any] = {}
        if rows:
            sides = [right[row] if right else 0.0 for row in rows]
            equations = {"A_eq": _repeated(block, len(tasks)), "b_eq": sides * len(tasks)}
        result: Any = linprog(
            [task.costs.get(cell, 0) for task in tasks for cell in cells],
            bounds=[(task.low[cell], task.high[cell]) for task in tasks for cell in cells],
            method="highs-ds",
            options={"presolve": False},
            **equations,
        )
        if result.status != 0:
            return [Answer(False, result.status == 3, (), ()) for _ in tasks]
        prices = result.eqlin.marginals.tolist() if rows else []
        return list(self._apart(cells, rows, result.x.tolist(), prices))

    def _block(self, cells: tuple[int, ...]) -> tuple[list[int], Any]:
        """Give the sums that these cells stand in, and the matrix; the last one is kept."""
        from scipy.sparse import csr_array

        if self._last is None or self._last[0] != cells:
            rows = sorted({row for cell in cells for row, _ in self.columns[cell]})
            at = {row: number for number, row in enumerate(rows)}
            entries = [(s, at[row], n) for n, cell in enumerate(cells) for row, s in self.columns[cell]]
            signs, lines, columns = zip(*entries, strict=True) if entries else ((), (), ())
            shape = (max(len(rows), 1), len(cells))
            block: Any = csr_array(([float(sign) for sign in signs], (lines, columns)), shape=shape)
            self._last = (cells, rows, block)
        return self._last[1:]

    def _apart(
        self, cells: Sequence[int], rows: Sequence[int], values: Sequence[float], prices: Sequence[float]
    ) -> Iterator[Answer]:
        for number in range(len(values) // len(cells)):
            moved, paid = [0.0] * len(self.cells), [0.0] * len(self.rows)
            for column, cell in enumerate(cells, number * len(cells)):
                moved[cell] = values[column]
            for side, row in enumerate(rows, number * len(rows)):
                paid[row] = prices[side]
            yield Answer(True, False, moved, paid)

    def whole(
        self, costs: Mapping[int, float], low: Sequence[float], high: Sequence[float]
    ) -> list[int] | None:
        """Give the cheapest move in whole numbers, or None where none was found in time."""
        from scipy import optimize
        from scipy.sparse import csr_array

        size = len(self.cells)
        entries = [(row, cell, sign) for row, line in enumerate(self.rows) for cell, sign in line]
        limits: list[Any] = []
        if entries:
            rows, columns, signs = zip(*entries, strict=True)
            matrix = csr_array((signs, (rows, columns)), shape=(len(self.rows), size))
            limits = [optimize.LinearConstraint(matrix, 0, 0)]
        kinds: Any = 1
        result: Any = optimize.milp(
            [costs.get(cell, 0) for cell in range(size)],
            integrality=kinds,
            bounds=optimize.Bounds(list(low), list(high)),
            constraints=limits,
            options={"time_limit": 1.0},
        )
        return None if result.x is None else [round(value) for value in result.x.tolist()]


def _repeated(block: Any, times: int) -> Any:
    """Put the same matrix along the diagonal, so many times."""
    from scipy.sparse import eye_array, kron

    return block if times == 1 else kron(eye_array(times), block, format="csr")


def attack(bounds: Bounds, sums: Iterable[Sum]) -> dict[Cell, tuple[int, int | None]]:
    """Work out between which whole numbers each cell must lie, as a reader with a solver can.

    Args:
        bounds: what each cell says by itself: the figure twice where it is published, ``(0, None)`` where it is not.
        sums: what adds up.

    Returns:
        The lowest and the highest possible count of every cell; None is no upper end.
    """
    system = System(bounds, sums)
    low = [float(bounds[cell][0]) for cell in system.cells]
    high = [math.inf if (top := bounds[cell][1]) is None else float(top) for cell in system.cells]
    # Every count is taken from its lowest value; what is known for certain goes to the right-hand side.
    right = [0.0] * len(system.rows)
    for cell, least in enumerate(low):
        for row, sign in system.columns[cell]:
            right[row] -= sign * least
    zero, room = [0.0] * len(low), [most - least for least, most in zip(low, high, strict=True)]
    moving = [cell for cell, most in enumerate(room) if most]
    found: dict[Cell, tuple[int, int | None]] = {}
    for cell, name in enumerate(system.cells):
        start = int(low[cell])
        if room[cell] == 0:
            found[name] = (start, start)
            continue
        down, up = _ends(system, cell, moving, zero, room, right)
        found[name] = (start + math.ceil(down - NEAR), None if up is None else start + math.floor(up + NEAR))
    return found


def _ends(
    system: System,
    cell: int,
    moving: Sequence[int],
    low: Sequence[float],
    high: Sequence[float],
    right: Sequence[float],
) -> tuple[float, float | None]:
    down = system.solve(moving, [Task({cell: 1}, low, high)], right)[0]
    if not down.found:
        raise Invalid("table_does_not_add_up", "No table of counts fits these figures and sums.")
    up = system.solve(moving, [Task({cell: -1}, low, high)], right)[0]
    if not up.found and not up.endless:
        raise Broken("attack_failed", "The solver could not tell what a reader can work out from this table.")
    return down.values[cell], up.values[cell] if up.found else None
