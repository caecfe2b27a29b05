"""What comes before what: ways and circles in graphs given as ``{node: nodes that it waits for}``."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


class CircleError(ValueError):
    """The edges go round in a circle; ``nodes`` starts and ends with the same node."""

    def __init__(self, nodes: list[object]) -> None:
        super().__init__("a circle")
        self.nodes = nodes


def way(edges: Mapping[K, Iterable[K]], start: K, goal: K) -> list[K]:
    """Give a shortest way along the edges, both ends included; empty if there is none."""
    came_from: dict[K, K | None] = {start: None}
    open_ends = deque([start])
    while open_ends:
        here = open_ends.popleft()
        if here == goal:
            return _back(came_from, goal)
        for there in edges.get(here, ()):
            if there not in came_from:
                came_from[there] = here
                open_ends.append(there)
    return []


def _back(came_from: Mapping[K, K | None], goal: K) -> list[K]:
    steps, here = [goal], came_from[goal]
    while here is not None:
        steps.append(here)
        here = came_from[here]
    return steps[::-1]


def waves(edges: Mapping[K, Iterable[K]]) -> Iterator[list[K]]:
    """Give the nodes in waves that wait only for nodes of earlier waves; in a wave they keep their order.

    Nodes that are only waited for come after those that are given.

    Raises:
        CircleError: there is no such order.
    """
    nodes = dict.fromkeys([*edges, *(node for items in edges.values() for node in items)])
    place = {node: position for position, node in enumerate(nodes)}
    sorter = TopologicalSorter(edges)
    try:
        sorter.prepare()
    except CycleError as error:
        # graphlib names each node before the one that waits for it: the circle is read the other way round.
        raise CircleError(list(reversed(error.args[1]))) from error
    while sorter.is_active():
        wave = sorter.get_ready()
        yield sorted(wave, key=place.__getitem__)
        sorter.done(*wave)
