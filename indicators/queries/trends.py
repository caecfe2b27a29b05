"""Trends: where a series leads, told robustly (Theil and Sen), with how sure that is, or that too little is known.

The slope is the median of the slopes between all pairs of points, so that single outliers do not turn it (Theil 1950,
Sen 1968); its bounds come from the same pairs (SciPy's ``theilslopes``, 95 per cent). The line goes through the median
of days and the median of values. The seasons of a year are not told apart from a trend.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from scipy.stats import theilslopes

FEWEST: Final = 6
"""So many points make a trend."""
SURE: Final = 0.95
DIGITS: Final = 4
"""Places to which what comes of a trend is rounded: it is an estimate."""


@dataclass(frozen=True)
class Trend:
    """A series' line: ``at`` a day, with its lowest and highest course, and the day on which it meets a level."""

    day: float
    """Median of the days, as ordinals."""
    value: float
    slope: float
    low: float
    high: float

    def at(self, day: dt.date) -> tuple[Decimal, Decimal, Decimal]:
        """Give the lowest, the middle and the highest value that the trend leads to on a day."""
        reach = day.toordinal() - self.day
        ends = sorted((self.value + self.low * reach, self.value + self.high * reach))
        return (_rounded(ends[0]), _rounded(self.value + self.slope * reach), _rounded(ends[1]))

    def meets(self, level: Decimal, *, after: dt.date) -> dt.date | None:
        """Give the first day after another on which the middle line is at a level; ``None`` where it never is."""
        if self.slope == 0:
            return None
        ordinal = self.day + (float(level) - self.value) / self.slope
        if not after.toordinal() < ordinal < dt.date.max.toordinal():
            return None
        return dt.date.fromordinal(int(ordinal) + (ordinal != int(ordinal)))


def trend(points: Sequence[tuple[dt.date, Decimal]]) -> Trend | None:
    """Give the trend of values on days; ``None`` where they are fewer than ``FEWEST``, or all of one day."""
    days = [float(day.toordinal()) for day, _ in points]
    if len(points) < FEWEST or len(set(days)) < 2:
        return None
    values = [float(value) for _, value in points]
    found = theilslopes(values, days, alpha=SURE)
    return Trend(
        day=_median(days),
        value=_median(values),
        slope=float(found.slope),
        low=float(found.low_slope),
        high=float(found.high_slope),
    )


def _median(values: Sequence[float]) -> float:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _rounded(value: float) -> Decimal:
    return Decimal(str(round(value, DIGITS)))
