"""Lines over time as geometry: pages draw them with ``fill`` and ``stroke`` alone, and say the same in text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.utils.translation import ngettext

from handover.languages import short_day
from indicators.queries.points import Point
from indicators.queries.tables import Line

MARGIN = 6
LITTLE = 100
"""Height up to which a chart is drawn with few marks."""

AFTER = dt.timedelta(days=366)


@dataclass(frozen=True)
class Dot:
    """A point of a line."""

    x: str
    y: str


@dataclass(frozen=True)
class Stroke:
    """A line without a gap: the points of one segment."""

    dots: Sequence[Dot]
    all_marked: bool = True

    @property
    def marked(self) -> Sequence[Dot]:
        """Give the points that are drawn as dots; the last one alone where there is little room."""
        return self.dots if self.all_marked else self.dots[-1:]

    @property
    def path(self) -> str:
        """Give the points as SVG's ``polyline`` takes them."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


@dataclass(frozen=True)
class Chart:
    """A chart of one indicator. Positions are texts, so that no language writes them with a comma."""

    width: int
    height: int
    strokes: Sequence[Stroke]
    handovers: Sequence[str]
    breaks: Sequence[str]
    goals: Sequence[Stroke]
    floor: str
    words: str

    @property
    def radius(self) -> int:
        """Give the size of a dot."""
        return 4 if self.height > LITTLE else 2


def chart(line: Line, *, width: int, height: int, last: int | None = None) -> Chart | None:
    """Draw an indicator's periods, or its last ones; ``None`` where no period has a number.

    Lines end at a break. Vertical lines are handovers and breaks; short horizontal ones are targets.
    """
    told = [point for point in line.points if point.total is not None and point.ends_on is not None]
    told = told[-last:] if last else told
    if not told:
        return None
    days = [day for point in told if (day := point.ends_on)]
    first_day = min(point.starts_on or point.ends_on or days[0] for point in told)
    # What happened soon after the last value belongs to the picture.
    marks = [found.day for found in line.handovers] + [found.on for found in line.breaks]
    last_day = max([*days, *(day for day in marks if day <= max(days) + AFTER)])
    aimed = [
        point
        for point in line.points
        if point.target is not None
        and point.ends_on is not None
        and first_day <= point.ends_on <= last_day
        # A year's target beside quarters is another measure.
        and not any(_inside(each, point) for each in told)
    ]
    numbers = [number for point in told if (number := point.total) is not None]
    numbers += [point.target for point in aimed if point.target is not None]
    scale = _Scale(
        first_day, last_day, min([Decimal(0), *numbers]), max([Decimal(0), *numbers]), width, height
    )
    return Chart(
        width=width,
        height=height,
        strokes=[
            Stroke([scale.dot(point, point.total) for point in points], all_marked=height > LITTLE)
            for _, points in groupby(told, key=lambda point: point.segment)
        ],
        handovers=[scale.x(found.day) for found in line.handovers if first_day <= found.day <= last_day],
        breaks=[scale.x(found.on) for found in line.breaks if first_day <= found.on <= last_day],
        goals=[scale.bar(point) for point in aimed],
        floor=scale.y(Decimal(0)),
        words=_words(told),
    )


def _words(told: Sequence[Point]) -> str:
    said = ngettext(
        "%(count)s period, from %(first)s to %(last)s",
        "%(count)s periods, from %(first)s to %(last)s",
        len(told),
    )
    first, last = told[0].starts_on or told[0].ends_on, told[-1].ends_on
    return said % {"count": len(told), "first": short_day(first), "last": short_day(last)}


def _inside(point: Point, outer: Point) -> bool:
    if point.starts_on is None or point.ends_on is None or outer.starts_on is None or outer.ends_on is None:
        return False
    within = outer.starts_on <= point.starts_on and point.ends_on <= outer.ends_on
    return within and (point.starts_on, point.ends_on) != (outer.starts_on, outer.ends_on)


@dataclass(frozen=True)
class _Scale:
    first: dt.date
    last: dt.date
    low: Decimal
    high: Decimal
    width: int
    height: int

    def x(self, day: dt.date) -> str:
        days = max((self.last - self.first).days, 1)
        return _text(MARGIN + Decimal(self.width - 2 * MARGIN) * (day - self.first).days / days)

    def y(self, number: Decimal | None) -> str:
        reach = (self.high - self.low) or Decimal(1)
        return _text(
            self.height - MARGIN - (self.height - 2 * MARGIN) * ((number or Decimal(0)) - self.low) / reach
        )

    def dot(self, point: Point, number: Decimal | None) -> Dot:
        return Dot(self.x(point.ends_on or self.last), self.y(number))

    def bar(self, point: Point) -> Stroke:
        begins = max(point.starts_on or self.first, self.first)
        return Stroke([Dot(self.x(begins), self.y(point.target)), self.dot(point, point.target)])


def _text(number: Decimal) -> str:
    return str(number.quantize(Decimal("0.1")))
