"""The commemoration calendar: the days of a year, and the events that were held for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from handover import clock
from handover.errors import Invalid
from handover.models import Programme
from handover.narratives import Narrative, best, narratives
from interventions.models import CommemorationDay, Event
from interventions.queries.feeding import chosen
from interventions.queries.record_kinds import KINDS

UNCONFIRMED: Final = "[M]"
"""Marks a source that is general knowledge, which nobody has looked up for this list."""


@dataclass(frozen=True)
class SharedDay:
    """A day that everybody keeps: data, with its source."""

    key: str
    month: int
    day: int
    title: Mapping[str, str]
    source: str

    @property
    def narratives(self) -> list[Narrative]:
        """Give its title as narratives."""
        return narratives(self.title)


_SHARED: Final = (
    SharedDay(
        "8-april",
        4,
        8,
        {
            "en": "International Roma Day",
            "ro": "Ziua Internațională a Romilor",
            "lt": "Tarptautinė romų diena",
        },
        f"First World Romani Congress, London, 8 April 1971 {UNCONFIRMED}",
    ),
    SharedDay(
        "2-august",
        8,
        2,
        {
            "en": "Roma Holocaust Memorial Day",
            "ro": "Ziua de comemorare a Holocaustului împotriva romilor",
            "lt": "Romų holokausto atminimo diena",
        },
        f"Night of 2 to 3 August 1944, Auschwitz-Birkenau; European Parliament, 15 April 2015 {UNCONFIRMED}",
    ),
    SharedDay(
        "5-november",
        11,
        5,
        {
            "en": "World Day of the Romani Language",
            "ro": "Ziua mondială a limbii romani",
            "lt": "Pasaulinė romų kalbos diena",
        },
        f"UNESCO General Conference, 2015 {UNCONFIRMED}",
    ),
)

SHARED: Final[Mapping[str, SharedDay]] = MappingProxyType({item.key: item for item in _SHARED})
"""The days that everybody keeps, by key."""


@dataclass(frozen=True)
class Day:
    """A day of one year, and the events of that year that were held for it."""

    key: str
    on: dt.date
    title: Sequence[Narrative]
    own: bool
    source: str
    events: Sequence[Event] = ()

    @property
    def people(self) -> int:
        """Give how many took part: each time counts."""
        return sum(event.children + event.adults + event.age_unknown for event in self.events)


def in_year(year: int, month: int, day: int) -> dt.date:
    """Give a day of a year; 29 February is kept on the 28th where there is none.

    Raises:
        ValueError: no year has such a day.
    """
    if (month, day) == (2, 29):
        return dt.date(year, 3, 1) - dt.timedelta(days=1)
    return dt.date(year, month, day)


def calendar(programme: Programme, year: int, *, cutoff: dt.datetime | None = None) -> list[Day]:
    """Give the days of a year in their order, shared ones and the programme's own, each with its events.

    Args:
        cutoff: ``Reach.cutoff``: nothing that was entered or changed after it is shown.

    Raises:
        Invalid: no such year.
    """
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise Invalid("wrong_year", f"There is no year {year}.", field="year")
    held: dict[int, list[Event]] = {}
    found = chosen(programme, KINDS["event"], cutoff=cutoff).filter(
        day__isnull=False, starts_on__range=(dt.date(year, 1, 1), dt.date(year, 12, 31))
    )
    for event in found.select_related("place").order_by("starts_on", "id"):
        held.setdefault(event.day_id or 0, []).append(event)
    rows: list[CommemorationDay] = list(chosen(programme, KINDS["day"], cutoff=cutoff))
    kept = {row.key for row in rows}
    days = [
        Day(
            key=row.key,
            on=in_year(year, row.month, row.day),
            title=row.title,
            own=row.own,
            source=SHARED[row.key].source if row.key in SHARED else row.note,
            events=held.get(row.pk, ()),
        )
        for row in rows
    ]
    days += [
        Day(item.key, in_year(year, item.month, item.day), item.narratives, own=False, source=item.source)
        for item in _SHARED
        if item.key not in kept
    ]
    return sorted(days, key=lambda day: (day.on, day.key))


def lines(days: Sequence[Day], today: dt.date) -> Iterator[str]:
    """Tell the days of a year: what was held, and for which nothing is recorded."""
    for day in days:
        yield f"{day.on}  {best(day.title)}{' (own day)' if day.own else ''}"
        for event in day.events:
            people = event.children + event.adults + event.age_unknown
            where = f", {event.place.name}" if event.place else ""
            yield f"    {event.title} ({event.get_kind_display()}{where}): {people} people, {event.children} children"
        if not day.events:
            yield "    nothing is recorded" if day.on <= today else "    nothing is recorded yet"


def chapter(programme: Programme, year: int | None = None) -> Iterator[str]:
    """Tell the calendar of a year; of the last one with an event where none is named. Nothing without events."""
    if year is None:
        last = (
            Event.objects.filter(programme=programme, day__isnull=False, starts_on__lte=clock.today())
            .order_by("-starts_on")
            .values_list("starts_on", flat=True)
            .first()
        )
        if last is None:
            return
        year = last.year
    yield from lines(calendar(programme, year), clock.today())
