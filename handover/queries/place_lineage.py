"""What became of places, by what was executed, and where figures of former ones count today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from handover.models import PlaceLineage


@dataclass(frozen=True)
class Became:
    """What one place became on a day: places and the share of it that went to each, adding up to one."""

    former: int
    on: dt.date
    shares: Sequence[tuple[int, Fraction]]

    @property
    def ended(self) -> bool:
        """Tell whether nothing of the place kept its name."""
        return all(heir != self.former for heir, _ in self.shares)


def events_of(places: Iterable[int]) -> list[Became]:
    """Give what became of places, and of what they became, in order of time: one query for each generation."""
    events: dict[tuple[int, dt.date], list[tuple[int, Fraction]]] = {}
    asked: set[int] = set()
    wanted = set(places)
    while wanted:
        asked |= wanted
        rows = list(PlaceLineage.objects.filter(former__in=wanted).order_by("on", "id"))
        for row in rows:
            share = Fraction(row.numerator, row.denominator)
            events.setdefault((row.former_id, row.on), []).append((row.successor_id, share))
        wanted = {row.successor_id for row in rows} - asked
    ordered = sorted(events.items(), key=lambda item: (item[0][1], item[0][0]))
    return [Became(former, on, shares) for (former, on), shares in ordered]


def shares_today(place: int, year: int, events: Iterable[Became]) -> dict[int, Fraction]:
    """Give where a figure of a place and a year belongs today: places by primary keys, and shares that add up to one.

    A place that ended takes its figures of every year with it. One that kept a part of itself shares out what was
    reported of it before the year of the change: what came after is the smaller place's own.

    Args:
        events: those of ``events_of``, in order of time.
    """
    whole = {place: Fraction(1)}
    for event in events:
        if event.former not in whole or not (event.ended or year < event.on.year):
            continue
        share = whole.pop(event.former)
        for heir, part in event.shares:
            whole[heir] = whole.get(heir, Fraction(0)) + share * part
    return whole
