"""Calculated indicators: what they are calculated from, circles among them, and their points.

They are never stored: each reading calculates them from the parts as they stand then, so that they are never stale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from indicators.models import Indicator
from indicators.queries.continuity import BreakMark
from indicators.queries.points import How, Input, Missing, Point, Total
from indicators.queries.spans import Span, regular, tiles
from indicators.queries.totals import evaluated, none, over_periods


def is_calculated(indicator: Indicator) -> bool:
    """Tell whether an indicator is calculated from others; then nobody reports values for it."""
    return bool(indicator.expression)


def parts_of(indicator: Indicator) -> dict[str, UUID]:
    """Give the indicators that one is calculated from, by their names in its expression."""
    return {str(name): UUID(str(uuid)) for name, uuid in indicator.parts.items()}


def circle(parts: Mapping[UUID, Collection[UUID]], start: UUID) -> list[UUID] | None:
    """Give the way from an indicator through what it is calculated from back to itself; ``None`` if there is none.

    Args:
        parts: what each indicator is calculated from.
    """
    ways = [[start]]
    seen: set[UUID] = set()
    while ways:
        way = ways.pop()
        for part in sorted(parts.get(way[-1], ())):
            if part == start:
                return [*way, start]
            if part not in seen:
                seen.add(part)
                ways.append([*way, part])
    return None


def in_order(indicators: Iterable[Indicator]) -> list[Indicator]:
    """Give calculated indicators so that each comes after those that it is calculated from; circles are left out."""
    waiting = {row.uuid: row for row in indicators if is_calculated(row)}
    found: list[Indicator] = []
    while waiting:
        free = [row for row in waiting.values() if not set(parts_of(row).values()) & waiting.keys()]
        if not free:
            break
        found.extend(waiting.pop(row.uuid) for row in free)
    return found


@dataclass(frozen=True)
class Part:
    """An indicator that another is calculated from, with its series."""

    indicator: Indicator
    points: Sequence[Point]

    def at(self, span: Span) -> Input:
        """Give what it says of a period: its own point, or those that fill the period, rolled up."""
        own = [point for point in self.points if point.values and (point.starts_on, point.ends_on) == span]
        if own:
            return Input(self.indicator, tuple(own), own[0].total if len(own) == 1 else None)
        inside = [point for point in self.points if point.values and _within(point, span)]
        spans = [(point.starts_on, point.ends_on) for point in inside if point.starts_on and point.ends_on]
        if not spans or not tiles(spans, *span):
            return Input(self.indicator, (), None)
        return Input(self.indicator, tuple(inside), over_periods(self.indicator, inside))


def calculate(indicator: Indicator, own: Sequence[Point], parts: Mapping[str, Part]) -> list[Point]:
    """Give the points of a calculated indicator: its own periods, and those for which one of its parts has values.

    Where it states a frequency, only periods of that frequency are added to its own.

    Args:
        own: a point without a total for each of its own periods, with dates and target.
    """
    named = {(point.starts_on, point.ends_on) for point in own}
    spans = {
        (point.starts_on, point.ends_on)
        for part in parts.values()
        for point in part.points
        if point.values and point.starts_on is not None and point.ends_on is not None
    }
    added = [
        Point(period=None, starts_on=first, ends_on=last, total=None, how=How.NONE)
        for first, last in spans - named
        if not indicator.frequency or regular(indicator.frequency, first) == (first, last)
    ]
    return [_calculated(indicator, point, parts) for point in (*own, *added)]


def _calculated(indicator: Indicator, point: Point, parts: Mapping[str, Part]) -> Point:
    if point.starts_on is None or point.ends_on is None:
        return replace(point, missing=Missing.NOTHING_REPORTED)
    inputs = {name: part.at((point.starts_on, point.ends_on)) for name, part in parts.items()}
    values = sum(each.values for given in inputs.values() for each in given.points)
    total: Total = evaluated(indicator, inputs) if values else none(Missing.NOTHING_REPORTED)
    return replace(
        point, total=total.value, how=total.how, missing=total.missing, values=values, inputs=inputs
    )


def _within(point: Point, span: Span) -> bool:
    return (
        point.starts_on is not None
        and point.ends_on is not None
        and span[0] <= point.starts_on
        and point.ends_on <= span[1]
    )


def breaks_of(
    indicator: Indicator, breaks: Mapping[int, tuple[BreakMark, ...]], by_uuid: Mapping[UUID, Indicator]
) -> tuple[BreakMark, ...]:
    """Give an indicator's breaks; a break of something that it is calculated from is one of its own."""
    found: dict[UUID, BreakMark] = {}
    waiting, seen = [indicator], {indicator.uuid}
    while waiting:
        row = waiting.pop()
        found.update({mark.uuid: mark for mark in breaks.get(row.pk, ())})
        for uuid in parts_of(row).values():
            part = by_uuid.get(uuid)
            if part is not None and uuid not in seen:
                seen.add(uuid)
                waiting.append(part)
    return tuple(sorted(found.values(), key=lambda mark: mark.on))
