"""A table of counts and what adds up in it, as a reader of the table knows it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeVar

from handover.errors import Invalid

Cell = tuple[str, ...]
Labels = TypeVar("Labels", bound=tuple[str, ...])
Bounds = Mapping[Cell, tuple[int, int | None]]

ALL = "*"
"""The label of a total: ``("women", ALL)`` is the total over the second dimension."""


@dataclass(frozen=True)
class Sum:
    """One thing that adds up: a total and its parts."""

    total: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Counts, and the sums that every reader knows to hold between them.

    A cell that is structurally empty is not in the table at all: everybody knows that nothing is counted there.

    Args:
        counts: the whole numbers, not negative; None is a count that nobody knows, which must be in ``unshown``.
        sums: totals and parts.
        unshown: cells that belong to the sums but are never published.
    """

    counts: Mapping[Cell, int | None]
    sums: tuple[Sum, ...]
    unshown: frozenset[Cell] = frozenset()

    def __post_init__(self) -> None:
        named = {cell for item in self.sums for cell in (item.total, *item.parts)} | self.unshown
        for cell in sorted(named - self.counts.keys()):
            raise Invalid("cell_missing", f"The sums name a cell that has no count: {_name(cell)}.")
        for cell, count in self.counts.items():
            if count is None and cell not in self.unshown:
                raise Invalid("count_missing", f"{_name(cell)} has no count but would be published.")
            if count is not None and count < 0:
                raise Invalid("count_not_whole", f"{_name(cell)} is {count}: a count is never negative.")
        for item in self.sums:
            counts = [self.counts[cell] for cell in (item.total, *item.parts)]
            known = [count for count in counts if count is not None]
            if len(known) == len(counts) and known[0] != sum(known[1:]):
                raise Invalid(
                    "table_does_not_add_up",
                    f"{_name(item.total)} is {known[0]}, but its parts add up to {sum(known[1:])}.",
                    cell=list(item.total),
                )

    @property
    def totals(self) -> frozenset[Cell]:
        """Give the cells that are a total of others."""
        return frozenset(item.total for item in self.sums)

    def sizes(self) -> dict[Cell, int]:
        """Give for each cell how many inner cells it adds up; an inner cell is 1."""
        by_total: dict[Cell, list[Sum]] = {}
        for item in self.sums:
            by_total.setdefault(item.total, []).append(item)
        sizes: dict[Cell, int] = {}

        def size(cell: Cell, above: frozenset[Cell]) -> int:
            if cell in above:
                raise Invalid("table_goes_round", f"{_name(cell)} is a part of itself.")
            if cell not in sizes:
                below = above | {cell}
                sums = (sum(size(part, below) for part in item.parts) for item in by_total.get(cell, ()))
                sizes[cell] = max(sums, default=1) or 1
            return sizes[cell]

        for cell in self.counts:
            size(cell, frozenset())
        return sizes

    def joined(self, other: Table) -> Table:
        """Give both tables as one, so that cells which they share are protected alike in both."""
        for cell in self.counts.keys() & other.counts.keys():
            if self.counts[cell] != other.counts[cell]:
                raise Invalid("tables_differ", f"{_name(cell)} is not the same in the two tables.")
        return Table(
            counts={**self.counts, **other.counts},
            sums=tuple(dict.fromkeys((*self.sums, *other.sums))),
            unshown=(self.unshown & other.unshown)
            | (self.unshown - other.counts.keys())
            | (other.unshown - self.counts.keys()),
        )

    def with_rests(self, shares: Sequence[tuple[Cell, Cell]]) -> Table:
        """Add what is left of each denominator beside its numerator: "48 of 50" also tells of the other two."""
        counts, sums, unshown = dict(self.counts), list(self.sums), set(self.unshown)
        for numerator, denominator in shares:
            upper, lower = counts.get(numerator), counts.get(denominator)
            if upper is None or lower is None or upper > lower:
                raise Invalid("not_a_share", f"{_name(numerator)} is no part of {_name(denominator)}.")
            rest: Cell = ("rest", *denominator, "without", *numerator)
            counts[rest] = lower - upper
            sums.append(Sum(denominator, (numerator, rest)))
            unshown.add(rest)
        return Table(counts=counts, sums=tuple(dict.fromkeys(sums)), unshown=frozenset(unshown))


def crossed(
    counts: Mapping[Labels, int | Decimal | None],
    *,
    absent: Literal["empty", "unknown"] | None = None,
    totals: Mapping[Labels, int | Decimal | None] | None = None,
    groups: Mapping[int, Mapping[str, Sequence[str]]] | None = None,
) -> Table:
    """Cross two or more dimensions, with every margin.

    Args:
        counts: the inner cells by their labels, one label for each dimension.
        absent: what it means that a combination is missing or None; it must be said as soon as one is. ``empty``: the
            totals leave it out, and every reader knows. ``unknown``: it is part of the totals, which must then
            be given, and nobody outside knows it.
        totals: totals that come from elsewhere; those that are missing are added up.
        groups: for a dimension, by its number, totals between its labels and ``ALL``:
            ``{0: {"RO": ["RO111", "RO112"]}}``.
    """
    if not counts:
        raise Invalid("table_empty", "A table without cells cannot be protected.")
    named: dict[Cell, int | Decimal | None] = dict(counts.items())
    trees = _trees(named, groups or {})
    inner = list(itertools.product(*(_leaves(tree) for tree in trees)))
    known = {cell: _whole(cell, named.get(cell)) for cell in inner}
    gaps = {cell for cell, count in known.items() if count is None}
    if gaps and absent is None:
        raise Invalid(
            "absent_unexplained",
            f"{_name(min(gaps))} has no count: say whether absent cells are empty or unknown.",
            cells=[list(cell) for cell in sorted(gaps)],
        )
    figures: dict[Cell, int | None] = {
        cell: count for cell, count in known.items() if count is not None or absent == "unknown"
    }
    given: dict[Cell, int | None] = {cell: _whole(cell, count) for cell, count in (totals or {}).items()}
    sums = []
    for item in _sums(trees):
        for cell in (item.total, *item.parts):
            _fill(figures, cell, given, trees)
        parts = tuple(cell for cell in item.parts if cell in figures)
        if parts:
            sums.append(Sum(item.total, parts))
    for cell in sorted(given.keys() - figures.keys()):
        raise Invalid(
            "cell_missing", f"A total is given for a cell that the table does not have: {_name(cell)}."
        )
    return Table(
        counts=figures, sums=tuple(sums), unshown=frozenset(c for c, n in figures.items() if n is None)
    )


def _fill(
    figures: dict[Cell, int | None],
    cell: Cell,
    given: Mapping[Cell, int | None],
    trees: Sequence[Mapping[str, tuple[str, ...]]],
) -> None:
    """Give a total its count: the one that is given, or what its parts add up to; without parts it is empty."""
    number = next((n for n, label in enumerate(cell) if label in trees[n]), None)
    if cell in figures or number is None:
        return
    parts = [_at(cell, number, part) for part in trees[number][cell[number]]]
    for part in parts:
        _fill(figures, part, given, trees)
    counts = [figures[part] for part in parts if part in figures]
    if counts:
        added = None if None in counts else sum(count for count in counts if count is not None)
        figures[cell] = given.get(cell, added)


def _trees(
    counts: Mapping[Cell, object], groups: Mapping[int, Mapping[str, Sequence[str]]]
) -> list[dict[str, tuple[str, ...]]]:
    """Give for each dimension the parts of each of its labels that has parts, the deepest first."""
    width = len(next(iter(counts)))
    trees = []
    for number in range(width):
        labels = dict.fromkeys(cell[number] for cell in counts if len(cell) == width)
        if len({len(cell) for cell in counts}) > 1 or ALL in labels:
            raise Invalid("labels_wrong", f"Each inner cell has {width} labels, none of which is {ALL}.")
        tree = {name: tuple(parts) for name, parts in groups.get(number, {}).items()}
        below = [part for parts in tree.values() for part in parts]
        if len(below) != len(set(below)) or labels.keys() & tree.keys() or ALL in tree:
            raise Invalid(
                "groups_wrong",
                "Each label stands in one group at most, and a group has no counts of its own.",
            )
        top = [label for label in (*tree, *sorted(labels)) if label not in set(below)]
        tree[ALL] = tuple(top)
        trees.append(_deepest_first(tree))
    return trees


def _deepest_first(tree: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    order: list[str] = []
    walk = [ALL]
    while walk:
        name = walk.pop()
        if name in order:
            raise Invalid("table_goes_round", f"{name} is a part of itself.")
        order.append(name)
        walk += [part for part in tree[name] if part in tree]
    if len(order) != len(tree):
        raise Invalid("table_goes_round", "A group is a part of itself.")
    return {name: tree[name] for name in reversed(order)}


def _leaves(tree: Mapping[str, tuple[str, ...]]) -> list[str]:
    return sorted({part for parts in tree.values() for part in parts} - tree.keys())


def _sums(trees: Sequence[Mapping[str, tuple[str, ...]]]) -> Iterator[Sum]:
    """Give every sum: along each dimension, at each place of the others."""
    labels = [[*_leaves(tree), *tree] for tree in trees]
    for number, tree in enumerate(trees):
        for place in itertools.product(*([""] if n == number else names for n, names in enumerate(labels))):
            for name, parts in tree.items():
                yield Sum(_at(place, number, name), tuple(_at(place, number, part) for part in parts))


def _at(place: Cell, number: int, label: str) -> Cell:
    return (*place[:number], label, *place[number + 1 :])


def _whole(cell: Cell, count: int | Decimal | None) -> int | None:
    if count is None:
        return None
    number = Decimal(count)
    if not number.is_finite() or number < 0 or number != number.to_integral_value():
        raise Invalid(
            "count_not_whole", f"{_name(cell)} is {count}: only whole numbers of people are protected."
        )
    return int(count)


def _name(cell: Cell) -> str:
    return " / ".join("all" if label == ALL else label for label in cell)
