"""The search for the cheapest cells to suppress: every answer is attacked, and each failure teaches an inequality."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handover.disclosure.attack import NEAR, System, Task
from handover.disclosure.cuts import Cuts

Move = Mapping[int, int]
"""By how much some counts change so that every sum still holds; beside it stands its set of cells as bits."""


@dataclass
class Answer:
    """A set of suppressed cells that passed the attack, with what it costs."""

    hidden: frozenset[int]
    loss: int


@dataclass
class Search:
    """The search for one table.

    Args:
        system: the sums.
        counts: the counts, by number of the cell.
        weights: what suppressing each cell costs; those in ``forced`` cost nothing.
        sizes: how many inner cells each cell adds up.
        forced: cells that are suppressed in any case.
        fixed: cells that must stay published.
        exempt: cells that are never published but are not small: nobody needs to be kept from working them out.
        width: how wide the interval of a suppressed cell must stay.
        deadline: when to stop, by ``time.perf_counter``.
    """

    system: System
    counts: Sequence[int]
    weights: Sequence[int]
    sizes: Sequence[int]
    forced: frozenset[int]
    fixed: frozenset[int]
    exempt: frozenset[int]
    width: int
    deadline: float
    hurried: bool = False
    moves: list[tuple[int, Move]] = field(default_factory=list)
    cuts: Cuts = field(init=False)
    _ends: tuple[int, int, dict[int, int], dict[int, int]] | None = None
    _programme: tuple[list[int], Any, Any] | None = None

    def __post_init__(self) -> None:
        self.cuts = Cuts(self.weights, self.forced, self.fixed)
        # Nothing in a sum is suppressed alone.
        for row in self.system.rows:
            cells = [cell for cell, _ in row]
            for cell in cells:
                if cell not in self.exempt and cell not in self.fixed:
                    self.cuts.add({other: 1.0 for other in cells if other != cell}, cell)

    def late(self) -> bool:
        """Tell whether the time is up."""
        self.hurried = self.hurried or time.perf_counter() >= self.deadline
        return self.hurried

    def loss(self, hidden: Iterable[int]) -> int:
        """Add up what suppressing these cells costs, without those that are suppressed in any case."""
        return sum(self.weights[cell] for cell in hidden if cell not in self.forced)

    def all(self) -> frozenset[int]:
        """Give every cell that may be suppressed."""
        return frozenset(range(len(self.counts))) - self.fixed

    # --- the attack ------------------------------------------------------------------------------------------------

    def open_cells(self, hidden: Collection[int]) -> list[int]:
        """Give the suppressed cells for which no two known tables prove a wide enough interval."""
        shown = ~sum(1 << cell for cell in hidden)
        if self._ends is None or self._ends[0] != shown:
            self._ends = (shown, 0, {}, {})
        _, done, low, high = self._ends
        for mask, move in self.moves[done:]:
            if not mask & shown:
                for cell, by in move.items():
                    if by < low.get(cell, 0):
                        low[cell] = by
                    elif by > high.get(cell, 0):
                        high[cell] = by
        self._ends = (shown, len(self.moves), low, high)
        return [
            cell
            for cell in sorted(hidden)
            if cell not in self.exempt and high.get(cell, 0) - low.get(cell, 0) < self.width
        ]

    def keep(self, values: Sequence[float]) -> None:
        """Keep a move as proof if it is whole, keeps every sum and leaves no count negative: exact."""
        move = {cell: round(value) for cell, value in enumerate(values) if abs(value) > 0.5}
        whole = all(abs(value - round(value)) < NEAR for value in values)
        fits = all(self.counts[cell] + by >= 0 for cell, by in move.items())
        if move and whole and fits and self.system.holds(move):
            self.moves.append((sum(1 << cell for cell in move), move))

    def unsafe(self, hidden: Collection[int], *, first: bool = False) -> list[int]:
        """Attack: give the suppressed cells whose interval is too narrow; with ``first``, as soon as some are found."""
        left = self.open_cells(hidden)
        if len(left) > 3 and not first:
            self._sweep(left, hidden)
            left = self.open_cells(hidden)
        bad: list[int] = []
        size = 4 if first else 8
        while left:
            chunk, left = left[:size], left[size:]
            bad += self._narrow(chunk, hidden)
            if bad and first:
                return bad
            still = set(self.open_cells(hidden))
            left = [cell for cell in left if cell in still]
        return bad

    def _sweep(self, left: Sequence[int], hidden: Collection[int]) -> None:
        """Push many cells at once, this way and that: each solution is a table that fits and serves for all of them."""
        width = float(self.width)
        cells = sorted(hidden)
        low = [-min(count, width) for count in self.counts]
        high = [width] * len(low)
        tasks = []
        for shift in range(3):
            signs = {cell: 1.0 if (number >> shift) % 2 else -1.0 for number, cell in enumerate(left)}
            tasks += [Task(signs, low, high), Task({cell: -sign for cell, sign in signs.items()}, low, high)]
        for answer in self.system.solve(cells, tasks):
            if answer.found:
                self.keep(answer.values)

    def _narrow(self, some: Sequence[int], hidden: Collection[int]) -> list[int]:
        """Attack some cells one by one, each as far as it must be able to move."""
        cells = sorted(hidden)
        tasks = []
        for cell in some:
            low, high = self._reach(cell, dict.fromkeys(hidden, 1.0), math.inf)
            tasks += [Task({cell: 1}, low, high), Task({cell: -1}, low, high)]
        answers = self.system.solve(cells, tasks)
        for answer in answers:
            if answer.found:
                self.keep(answer.values)
        left = set(self.open_cells(hidden))
        bad = []
        for cell, down, up in zip(some, answers[::2], answers[1::2], strict=True):
            if cell in left:
                wide = down.found and up.found and up.values[cell] - down.values[cell] >= self.width - NEAR
                if not (wide and self._wide_in_whole_numbers(cell, hidden)):
                    bad.append(cell)
        return bad

    def _wide_in_whole_numbers(self, cell: int, hidden: Collection[int]) -> bool:
        """Ask again where the way to the ends leads over fractions of people, which a reader can rule out."""
        low, high = self._reach(cell, dict.fromkeys(hidden, 1.0), math.inf)
        for cost in (1.0, -1.0):
            found = self.system.whole({cell: cost}, low, high)
            if found is None:
                return False
            self.keep(found)
        return cell not in self.open_cells(hidden)

    def _reach(self, cell: int, share: Mapping[int, float], cap: float) -> tuple[list[float], list[float]]:
        """Give how far each cell may move, scaled by how far it is suppressed."""
        size = len(self.counts)
        low, high = [0.0] * size, [0.0] * size
        for number, part in share.items():
            most = cap if part >= 1 else self.width
            low[number], high[number] = -min(self.counts[number], most) * part, most * part
        part = share[cell]
        low[cell], high[cell] = -min(self.counts[cell], self.width) * part, self.width * part
        return low, high

    # --- what the attack teaches -----------------------------------------------------------------------------------

    def add_cuts(self, some: Sequence[int], share: Mapping[int, float], cap: float) -> int:
        """Attack an answer or a mixture of answers: add an inequality for each cell protected too little."""
        added = 0
        low_end, high_end = [0.0] * len(self.counts), [0.0] * len(self.counts)
        cells, left = sorted(share), list(some)
        while left and not self.late():
            chunk, left = left[:8], left[8:]
            tasks = []
            for cell in chunk:
                low, high = self._reach(cell, share, cap)
                tasks += [Task({cell: 1}, low, high), Task({cell: -1}, low, high)]
            answers = self.system.solve(cells, tasks)
            for number, cell in enumerate(chunk):
                pair = answers[2 * number : 2 * number + 2]
                if all(answer.found for answer in pair):
                    added += self._cut(cell, [answer.prices for answer in pair], share)
            # What moved on the way to one cell's ends shows how far other cells can move.
            for answer in answers:
                for cell, by in enumerate(answer.values):
                    low_end[cell], high_end[cell] = min(low_end[cell], by), max(high_end[cell], by)
            left = [
                cell
                for cell in left
                if high_end[cell] - low_end[cell] < self.width * share.get(cell, 0.0) - 1e-3
            ]
        return added

    def _cut(self, cell: int, prices: Sequence[Sequence[float]], share: Mapping[int, float]) -> bool:
        """Turn the prices of two programmes into an inequality; it is valid whatever the prices are."""
        need = float(self.width)
        costs: dict[int, float] = {}
        for sign, line in zip((1, -1), prices, strict=True):
            rounded = [round(price, 9) for price in line]
            for number, column in enumerate(self.system.columns):
                rest = (sign if number == cell else 0) - sum(step * rounded[row] for row, step in column)
                if rest > 1e-7:
                    costs[number] = costs.get(number, 0.0) + rest * self.counts[number]
                elif rest < -1e-7:
                    costs[number] = need
        own = costs.pop(cell, 0.0)
        least = need - own
        if least < NEAR:
            return False
        part = {number: min(cost, least) / least for number, cost in costs.items() if cost > 1e-7}
        got = sum(cost * share.get(number, 0.0) for number, cost in part.items())
        return got < share.get(cell, 0.0) - 1e-3 and self.cuts.add(part, cell)

    def exclude(self, hidden: Collection[int], cells: Iterable[int]) -> None:
        """Say that ``hidden`` alone does not protect some of its cells, where only whole numbers show it."""
        more = dict.fromkeys((number for number in range(len(self.counts)) if number not in hidden), 1.0)
        for cell in cells:
            self.cuts.add(more, cell)

    # --- answers ---------------------------------------------------------------------------------------------------

    def grow(self, hidden: Iterable[int], price: Callable[[int], float]) -> frozenset[int] | None:
        """Suppress more, cell by cell, until the attack fails; None where even everything would not be enough."""
        chosen = set(hidden)
        tried: set[int] = set()
        eager = True
        while left := [cell for cell in self.open_cells(chosen) if cell not in tried]:
            if self.late():
                return None
            # As long as cells need company, give it to one after the other; then look first which ones still do.
            some = left[:1] if eager else self._narrow(left[:8], chosen)[:1]
            for cell in some:
                tried.add(cell)
                more = self._way(cell, chosen, price)
                if more is None:
                    return None
                eager = not more <= chosen
                tried -= more - chosen
                chosen |= more
        while bad := self.unsafe(chosen):
            # Only whole numbers are too narrow here: open up around them.
            more = {n for n in self._beside(bad[0], chosen) if n not in self.fixed} - chosen
            if not more or self.late():
                return None
            chosen |= more
        return frozenset(chosen)

    def _beside(self, cell: int, hidden: Collection[int]) -> set[int]:
        lines = [{number for number, _ in row} for row in self.system.rows]
        near = set().union(*(line for line in lines if cell in line))
        return near if near - set(hidden) - self.fixed else set(range(len(self.counts)))

    def _way(self, cell: int, hidden: Collection[int], price: Callable[[int], float]) -> set[int] | None:
        """Find the cheapest cells that let this one move far enough, up and down together."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, vstack

        free, sums, bounds = self._two_moves()
        size, height = len(free), sums.shape[0]
        here = free.index(cell)
        apart = csr_array(
            ([1.0, -1.0, -1.0, 1.0], ([0] * 4, [here + block * size for block in range(4)])),
            shape=(1, 4 * size),
        )
        matrix: Any = vstack([sums, apart], format="csr")
        result: Any = linprog(
            [1e-3 if other in hidden else price(other) for other in free] * 4,
            A_eq=matrix,
            b_eq=[0.0] * height + [self.width],
            bounds=bounds,
            method="highs-ds",
        )
        if result.status != 0:
            return None
        values = result.x.tolist()
        found: set[int] = set()
        for first in (0, 2):
            move = [0.0] * len(self.counts)
            for number, other in enumerate(free):
                move[other] = values[first * size + number] - values[(first + 1) * size + number]
            self.keep(move)
            found |= {number for number, by in enumerate(move) if abs(by) > NEAR}
        return found

    def _two_moves(self) -> tuple[list[int], Any, Any]:
        """Give the programme of two moves, once: the ups and the downs of the first, then those of the second."""
        from scipy.sparse import csr_array

        if self._programme is None:
            free = [number for number in range(len(self.counts)) if number not in self.fixed]
            size, height = len(free), len(self.system.rows)
            data: list[float] = []
            rows: list[int] = []
            columns: list[int] = []
            bounds: list[tuple[float, float]] = []
            for block, sign in enumerate((1, -1, 1, -1)):
                for number, cell in enumerate(free):
                    bounds.append((0, math.inf if sign > 0 else self.counts[cell]))
                    for row, step in self.system.columns[cell]:
                        data.append(step * sign)
                        rows.append(row + height * (block // 2))
                        columns.append(block * size + number)
            sums = csr_array((data, (rows, columns)), shape=(2 * height, 4 * size))
            self._programme = (free, sums, csr_array(bounds).toarray())
        return self._programme

    def prune(self, hidden: frozenset[int]) -> frozenset[int]:
        """Publish again, the dearest first, what the others protect without it."""
        chosen = set(hidden)
        for cell in sorted(chosen - self.forced, key=lambda number: (-self.weights[number], number)):
            if self.late():
                break
            rest = chosen - {cell}
            if self.cuts.kept_by(rest) and not self.unsafe(rest, first=True):
                chosen = rest
        return frozenset(chosen)
