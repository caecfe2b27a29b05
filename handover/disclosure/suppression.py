"""Suppression: which cells of a table to withhold, so that nobody can work out the small ones."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from handover.disclosure.attack import System
from handover.disclosure.search import Answer, Search
from handover.disclosure.tables import Bounds, Cell, Table
from handover.errors import Invalid, Refused

SUPPRESSED: Final = "c"
"""What stands in the place of a withheld count, small or not: the two are never told apart."""

Figure = int | Literal["c"]
Weights = Literal["cells", "values", "logarithms"] | Mapping[Cell, int]

TIME_LIMIT = 1.6
"""Seconds. A larger table may need more; the gap tells whether more could have been published."""


@dataclass(frozen=True)
class Protected:
    """A table that may leave the house, and how well its withheld cells were chosen.

    Args:
        figures: what may be published: a count, or ``SUPPRESSED``.
        suppressed: the withheld cells, small and others.
        small: those among them that are withheld for their own sake; never publish which they are.
        threshold: counts of ``lowest`` to this are small.
        lowest: 1, or 0 where zeros are small too.
        width: how wide the interval is, at least, in which a reader can place a withheld count.
        loss: what is withheld besides the small cells, in the weights that were asked for.
        bound: no answer that passes the attack loses less than this.
        seconds: how long it took.
        hurried: the time limit ended the search, so that another run may choose otherwise.
        bounds: what each cell tells a reader, for ``attack``.
    """

    figures: Mapping[Cell, Figure]
    suppressed: frozenset[Cell]
    small: frozenset[Cell]
    threshold: int
    lowest: int
    width: int
    loss: int
    bound: int
    seconds: float
    hurried: bool
    bounds: Bounds

    @property
    def gap(self) -> Decimal:
        """Give the share of the loss that a better answer could still save, at most: 0 is proven best."""
        return Decimal(self.loss - self.bound) / self.loss if self.loss else Decimal(0)

    @property
    def sentence(self) -> str:
        """Say to the reader of the table what the mark means."""
        return (
            f"{SUPPRESSED}: withheld, because the count is between {self.lowest} and {self.threshold} "
            "or because it would let such a count be worked out."
        )


def protect(
    table: Table,
    *,
    threshold: int = 5,
    width: int | None = None,
    zeros: Literal["published", "small"] = "published",
    weights: Weights = "cells",
    time_limit: float = TIME_LIMIT,
    suppressed: Collection[Cell] = (),
    published: Collection[Cell] = (),
) -> Protected:
    """Withhold every count of 1 to ``threshold``, and the fewest others that keep them from being worked out.

    Every withheld cell, small or not, keeps an interval at least ``width`` wide. Each of these intervals is proven by
    two tables of whole numbers that agree with everything published.

    Args:
        table: the counts and what adds up.
        threshold: the largest count that is small.
        width: the protection range; the threshold if not given.
        zeros: whether a zero is published or treated as small.
        weights: what a withheld cell costs: as many as the inner cells that it adds up, its count, or the count's
            length in bits. A mapping gives costs of one's own, whole and not negative.
        time_limit: seconds after which the best safe answer is taken as it is.
        suppressed: cells to withhold in any case, such as those of the same table's last publication.
        published: cells that are public already and stay so.

    Raises:
        Refused: no choice of cells is safe, which can only be for what is public already.
    """
    start = time.perf_counter()
    width = threshold if width is None else width
    if threshold < 1 or width < 1 or time_limit < 0:
        raise Invalid("protection_wrong", "The threshold and the protection range are at least 1.")
    lowest = 0 if zeros == "small" else 1
    small = frozenset(
        cell for cell, count in table.counts.items() if count is None or lowest <= count <= threshold
    )
    _check(table, small, suppressed, published)
    search = _search(
        table,
        small=small,
        forced=small | table.unshown | frozenset(suppressed),
        fixed=frozenset(published),
        weights=weights,
        width=width,
        deadline=start + time_limit,
    )
    answer, bound = _answer(search)
    hidden = frozenset(search.system.cells[cell] for cell in answer.hidden)
    bounds: dict[Cell, tuple[int, int | None]] = {
        cell: (0, None) if cell in hidden or count is None else (count, count)
        for cell, count in table.counts.items()
    }
    return Protected(
        figures={
            cell: SUPPRESSED if most is None else most
            for cell, (_, most) in bounds.items()
            if cell not in table.unshown
        },
        suppressed=hidden - table.unshown,
        small=small - table.unshown,
        threshold=threshold,
        lowest=lowest,
        width=width,
        loss=answer.loss,
        bound=bound,
        seconds=time.perf_counter() - start,
        hurried=search.hurried,
        bounds=bounds,
    )


def _search(
    table: Table,
    *,
    small: frozenset[Cell],
    forced: frozenset[Cell],
    fixed: frozenset[Cell],
    weights: Weights,
    width: int,
    deadline: float,
) -> Search:
    system = System(table.counts, table.sums)
    sizes = table.sizes()
    costs = _weights(table, sizes, weights)

    def numbers(cells: Collection[Cell]) -> frozenset[int]:
        return frozenset(system.index[cell] for cell in cells)

    return Search(
        system=system,
        counts=_completed(system, table),
        weights=[costs[cell] for cell in system.cells],
        sizes=[sizes[cell] for cell in system.cells],
        forced=numbers(forced),
        fixed=numbers(fixed),
        exempt=numbers(table.unshown - small),
        width=width,
        deadline=deadline,
    )


def _check(
    table: Table, small: frozenset[Cell], suppressed: Collection[Cell], published: Collection[Cell]
) -> None:
    for cell in (*suppressed, *published):
        if cell not in table.counts:
            raise Invalid("cell_missing", "A cell is named that the table does not have.", cell=list(cell))
    both = set(published) & (small | table.unshown | set(suppressed))
    if both:
        raise Refused(
            "small_cell_is_public",
            f"{len(both)} cells that must be withheld are public already; this table stays in.",
        )


def _weights(table: Table, sizes: Mapping[Cell, int], weights: Weights) -> Mapping[Cell, int]:
    if not isinstance(weights, str):
        if any(weights.get(cell, -1) < 0 for cell in table.counts):
            raise Invalid("protection_wrong", "Each cell needs a weight, which is not negative.")
        return weights
    if weights == "cells":
        return sizes
    # A total tells at least as much as its largest part, and a zero tells something too.
    counts = {cell: (count or 0) + 1 for cell, count in table.counts.items()}
    return counts if weights == "values" else {cell: count.bit_length() for cell, count in counts.items()}


def _completed(system: System, table: Table) -> list[int]:
    """Give the counts, those that nobody knows in a way that fits: which way makes no difference to an attack."""
    counts = [table.counts[cell] for cell in system.cells]
    if None not in counts:
        return [count for count in counts if count is not None]
    low = [0.0 if count is None else float(count) for count in counts]
    high = [math.inf if count is None else float(count) for count in counts]
    found = system.whole({}, low, high)
    if found is None or not system.holds(dict(enumerate(found))):
        raise Invalid("table_does_not_add_up", "No count of the unknown cells fits the totals.")
    return found


def _answer(search: Search) -> tuple[Answer, int]:
    """Find the cheapest answer that passes the attack: first a quick one, then better ones, with a bound."""
    if not search.unsafe(search.forced):
        return Answer(search.forced, 0), 0
    best = _quick(search)
    bound, best = _squeeze(search, best)
    while bound < best.loss and not search.late():
        least, share, proven = search.cuts.cheapest(search.deadline - time.perf_counter())
        bound = max(bound, _whole_bound(least))
        if share is None:
            break
        hidden = frozenset(cell for cell, part in share.items() if part > 0.5)
        bad = search.unsafe(hidden)
        if not bad:
            best = min(best, Answer(hidden, search.loss(hidden)), key=lambda answer: answer.loss)
            bound = best.loss if proven else bound
        else:
            if not search.add_cuts(bad, share, math.inf):
                search.exclude(hidden, bad)
            best = _mended(search, hidden, share, best)
    return best, min(bound, best.loss)


def _quick(search: Search) -> Answer:
    """Give a safe answer: a grown one, or everything that may be withheld."""
    grown = search.grow(search.forced, lambda cell: float(search.weights[cell]))
    if grown is None:
        # No time: everything up to some size, the inner cells first.
        sizes = sorted({search.sizes[cell] for cell in search.all()})
        steps = (
            frozenset(n for n in search.all() if search.sizes[n] <= size) | search.forced for size in sizes
        )
        grown = next((step for step in steps if not search.unsafe(step)), None)
    if grown is None:
        raise Refused(
            "table_cannot_be_protected",
            "Even with every other cell withheld, what is public already tells the small counts; this table stays in.",
        )
    pruned = search.prune(grown)
    return Answer(pruned, search.loss(pruned))


def _squeeze(search: Search, best: Answer) -> tuple[int, Answer]:
    """Raise the bound by inequalities over mixtures of answers, and follow the mixtures to better answers."""
    bound, stalled, last = 0, 0, 0.0
    while bound < best.loss and stalled < 3:
        least, share = search.cuts.relaxed()
        bound = max(bound, _whole_bound(least))
        stalled = stalled + 1 if least < last + 0.01 * max(last, 1.0) else 0
        last = max(last, least)
        cells = [cell for cell, part in sorted(share.items()) if part > 0.1 and cell not in search.exempt]
        if search.late() or not search.add_cuts(cells, share, float(search.width)):
            break
    if bound < best.loss and not search.late():
        _, share = search.cuts.relaxed()
        best = _mended(search, search.forced, share, best)
    return min(bound, best.loss), best


def _mended(search: Search, hidden: Collection[int], share: Mapping[int, float], best: Answer) -> Answer:
    """Follow a mixture to a safe answer: what it suppresses much of is cheap."""
    grown = search.grow(hidden, lambda cell: search.weights[cell] * (1.02 - min(share.get(cell, 0.0), 1.0)))
    if grown is None or search.loss(grown) > 1.15 * best.loss + 1:
        return best
    pruned = search.prune(grown)
    loss = search.loss(pruned)
    return Answer(pruned, loss) if loss < best.loss else best


def _whole_bound(least: float) -> int:
    return math.ceil(least - 1e-6) if least > 0 else 0
