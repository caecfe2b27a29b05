"""What adds up among the figures of one indicator: over groups that exclude each other, over places, over time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from indicators.models.cells import TOTAL, Dimension, cell, parse_cell

EVERYWHERE: Final = ""


class Slot(NamedTuple):
    """Where a figure stands: its period (UUID), place (code; empty: everywhere) and cell (empty: everybody)."""

    period: str
    place: str
    cell: str


def _split(name: str) -> frozenset[str]:
    return frozenset(item["name"] for item in parse_cell(name))


def _by_spot(slots: Iterable[Slot]) -> dict[tuple[str, str], dict[frozenset[str], list[str]]]:
    """Give the cells of each period and place, by the axes that they are split by."""
    spots: dict[tuple[str, str], dict[frozenset[str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for slot in slots:
        spots[slot.period, slot.place][_split(slot.cell)].append(slot.cell)
    return spots


def group_totals(counts: Mapping[Slot, int]) -> dict[Slot, int]:
    """Add the groups up where nobody reported everybody and there is one way of splitting."""
    return {
        Slot(*spot, TOTAL): sum(counts[Slot(*spot, name)] for names in splits.values() for name in names)
        for spot, splits in _by_spot(counts).items()
        if len(splits) == 1 and frozenset() not in splits
    }


def shared_margins(counts: Mapping[Slot, int]) -> dict[Slot, int]:
    """Give totals that two ways of splitting share and that nobody publishes: a reader compares them all the same."""
    found: dict[Slot, int] = {}
    for spot, splits in _by_spot(counts).items():
        names = list(splits)
        shared = {a & b for number, a in enumerate(names) for b in names[:number]} - set(names)
        for axes in shared:
            sums: dict[str, list[int]] = defaultdict(list)
            for split in (split for split in names if split > axes):
                for margin, parts in _margins(splits[split], axes).items():
                    sums[margin].append(sum(counts[Slot(*spot, part)] for part in parts))
            found |= {Slot(*spot, margin): max(totals) for margin, totals in sums.items()}
    return found


def _margins(names: Iterable[str], axes: frozenset[str]) -> dict[str, list[str]]:
    """Give for each combination along fewer axes the cells that make it up."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        kept: list[Dimension] = [item for item in parse_cell(name) if item["name"] in axes]
        found[cell(kept)].append(name)
    return found


def groups(counts: Mapping[Slot, int]) -> Iterator[tuple[Slot, list[Slot], bool]]:
    """Give totals with the groups that make them up."""
    for spot, splits in _by_spot(counts).items():
        for axes, totals in splits.items():
            for finer in (split for split in splits if split > axes):
                margins = _margins(splits[finer], axes)
                for name in totals:
                    if name in margins:
                        yield Slot(*spot, name), [Slot(*spot, part) for part in margins[name]], True


def _by_cell(slots: Iterable[Slot]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for slot in slots:
        if slot.place != EVERYWHERE:
            found[slot.period, slot.cell].append(slot.place)
    return found


def _outer(places: Iterable[str], around: Mapping[str, str]) -> list[str]:
    """Give the places that lie in none of the others."""
    here = set(places)
    return sorted(place for place in here if around.get(place) not in here)


def place_totals(counts: Mapping[Slot, int], around: Mapping[str, str]) -> dict[Slot, int]:
    """Add places up where all that report a period report the group, and nobody reported it for everywhere."""
    reporting: dict[str, set[str]] = defaultdict(set)
    everywhere = {slot.period for slot in counts if slot.place == EVERYWHERE}
    for slot in counts:
        if slot.place != EVERYWHERE:
            reporting[slot.period].add(slot.place)
    return {
        Slot(period, EVERYWHERE, name): sum(
            counts[Slot(period, place, name)] for place in _outer(places, around)
        )
        for (period, name), places in _by_cell(counts).items()
        if period not in everywhere and len(places) > 1 and set(places) == reporting[period]
    }


def places(counts: Mapping[Slot, int], around: Mapping[str, str]) -> Iterator[tuple[Slot, list[Slot], bool]]:
    """Give totals over places, and places with the settlements inside them."""
    for (period, name), places in _by_cell(counts).items():
        whole = Slot(period, EVERYWHERE, name)
        if whole in counts:
            yield whole, [Slot(period, place, name) for place in _outer(places, around)], True
        inside: dict[str, list[Slot]] = defaultdict(list)
        for place in sorted(places):
            outer = around.get(place)
            if outer in places:
                inside[str(outer)].append(Slot(period, place, name))
        for outer, parts in inside.items():
            yield Slot(period, outer, name), parts, True


def times(
    counts: Mapping[Slot, int], days: Mapping[str, tuple[dt.date, dt.date]]
) -> Iterator[tuple[Slot, list[Slot], bool]]:
    """Give periods with the shorter ones inside them; where those are more than the whole, it is no sum of them."""
    periods: dict[tuple[str, str], list[str]] = defaultdict(list)
    for slot in counts:
        if slot.period in days:
            periods[slot.place, slot.cell].append(slot.period)
    for (place, name), keys in periods.items():
        for whole in keys:
            inside = [key for key in keys if _within(days[key], days[whole])]
            direct = [key for key in inside if not any(_within(days[key], days[other]) for other in inside)]
            direct.sort(key=lambda key: (days[key], key))
            apart = all(days[one][1] < days[two][0] for one, two in pairwise(direct))
            if direct and apart:
                yield Slot(whole, place, name), [Slot(key, place, name) for key in direct], False


def _within(inner: tuple[dt.date, dt.date], outer: tuple[dt.date, dt.date]) -> bool:
    return inner != outer and outer[0] <= inner[0] and inner[1] <= outer[1]
