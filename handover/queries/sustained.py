"""What of a programme still stands after its handover: figures in three steps, parts as means, never a bare score.

Pure arithmetic, exact to the last digit. What nobody knows is a state of its own: it is counted as unknown, never as
zero, and a score says of how much it speaks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from handover.canonical import plain
from handover.narratives import Narrative

HOLDS_FROM: Final = Fraction(9, 10)
"""Of what stood at the handover: from here on it still holds."""
WEAKER_FROM: Final = Fraction(1, 2)
"""Below this it is lost, where nobody set a floor."""
ENOUGH: Final = 3
"""So many parts must be known before they make a score."""


class Part(StrEnum):
    """What a check looks at."""

    INDICATORS = "indicators"
    UNDERTAKINGS = "undertakings"
    SERVICES = "services"
    STAFF = "staff"
    EQUIPMENT = "equipment"
    VOICE = "voice"
    READINESS = "readiness"


class Stands(StrEnum):
    """How something stands beside the day of the handover."""

    HOLDS = "holds"
    WEAKER = "weaker"
    LOST = "lost"
    UNKNOWN = "unknown"


POINTS: Final[Mapping[Stands, int]] = {Stands.HOLDS: 100, Stands.WEAKER: 50, Stands.LOST: 0}
"""What each is worth; what is unknown is worth nothing and weighs nothing."""


@dataclass(frozen=True)
class Figure:
    """One thing that a check looked at: before and now in its ``unit``, how it stands, and why where that is unknown.

    ``said`` is whose word it is, where it was not worked out.
    """

    part: Part
    stands: Stands
    title: Sequence[Narrative] = ()
    uuid: str = ""
    before: Decimal | None = None
    now: Decimal | None = None
    floor: Decimal | None = None
    unit: str = ""
    why: str = ""
    said: str = ""
    remark: str = ""
    score: Decimal | None = None
    """From 0 to 100, where it is measured finer than in three steps."""

    @property
    def points(self) -> Fraction | None:
        """Give what it is worth; nothing where it is unknown."""
        if self.stands is Stands.UNKNOWN:
            return None
        return Fraction(self.score) if self.score is not None else Fraction(POINTS[self.stands])


@dataclass(frozen=True)
class PartScore:
    """One part: its figures, how many of them are known, and their mean from 0 to 100."""

    part: Part
    figures: Sequence[Figure]
    score: Decimal | None

    @property
    def known(self) -> int:
        """Count the figures that are known."""
        return sum(figure.stands is not Stands.UNKNOWN for figure in self.figures)


@dataclass(frozen=True)
class Verdict:
    """A check's parts, and their mean where enough of them are known."""

    parts: Sequence[PartScore]
    score: Decimal | None
    warnings: Sequence[Warned] = ()

    @property
    def known(self) -> int:
        """Count the parts that are known."""
        return sum(part.score is not None for part in self.parts)

    def of(self, part: Part) -> PartScore:
        """Give one part."""
        return next(item for item in self.parts if item.part is part)

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON types, decimals as texts, in a stable order."""
        said: Any = plain(
            {
                "score": self.score,
                "known": self.known,
                "of": len(self.parts),
                "parts": [
                    {
                        "part": part.part.value,
                        "score": part.score,
                        "figures": [_as_json(figure) for figure in part.figures],
                    }
                    for part in self.parts
                ],
                "warnings": [warned.as_json() for warned in self.warnings],
            }
        )
        return dict(said)


class Warns(StrEnum):
    """What an early warning says."""

    BELOW = "below"
    """It is below its floor now."""
    FALLS = "falls"
    """By its trend, with 95 per cent certainty, it is below its floor before the next check."""
    MAY_FALL = "may_fall"
    """By its trend it may be."""
    TOO_FEW = "too_few"
    """There are too few figures since the handover to tell a trend."""


@dataclass(frozen=True)
class Warned:
    """An early warning of one series: where it is, where its floor is, and where its trend leads by ``until``.

    ``low`` and ``high`` bound the trend's value on that day (95 per cent); ``crosses_on`` is when its middle line
    crosses the floor.
    """

    warns: Warns
    title: Sequence[Narrative]
    uuid: str
    now: Decimal | None
    floor: Decimal | None
    unit: str = ""
    points: int = 0
    until: dt.date | None = None
    expected: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    crosses_on: dt.date | None = None

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON types, decimals and days as texts."""
        said: Any = plain({name: getattr(self, name) for name in self.__dataclass_fields__})
        return dict(said)


def stands(
    before: Decimal | Fraction | None,
    now: Decimal | Fraction | None,
    *,
    floor: Decimal | None = None,
    less_is_better: bool = False,
) -> Stands:
    """Say how a number stands beside the one at the handover.

    Beyond its floor it is lost; else it holds from nine tenths of what stood at the handover (where less is better: up
    to ten ninths of it), and is weaker below that. Without a floor it is lost below a half (above the double).
    """
    if now is None or before is None:
        return Stands.UNKNOWN
    first, last = Fraction(before), Fraction(now)
    if floor is not None and (last > Fraction(floor) if less_is_better else last < Fraction(floor)):
        return Stands.LOST
    share = kept(first, last, less_is_better=less_is_better)
    if share >= HOLDS_FROM:
        return Stands.HOLDS
    return Stands.WEAKER if floor is not None or share >= WEAKER_FROM else Stands.LOST


def kept(before: Fraction, now: Fraction, *, less_is_better: bool = False) -> Fraction:
    """Give how much of what stood at the handover is kept: 1 is all of it, more is more."""
    good, bad = (before, now) if less_is_better else (now, before)
    if bad <= 0:
        return Fraction(1) if good >= bad else Fraction(0)
    return max(good, Fraction(0)) / bad


def floor_of(before: Decimal, *, less_is_better: bool = False) -> Decimal:
    """Give the floor that holds where nobody set one: half of what stood at the handover, or the double of it."""
    return before * 2 if less_is_better else before / 2


def part_score(part: Part, figures: Iterable[Figure]) -> PartScore:
    """Make one part of its figures: their mean, and no more than the least that anybody says who looked."""
    found = [figure for figure in figures if figure.part is part]
    counted = [worth for figure in found if not figure.said and (worth := figure.points) is not None]
    words = [worth for figure in found if figure.said and (worth := figure.points) is not None]
    mean = [sum(counted, Fraction()) / len(counted)] if counted else []
    return PartScore(part, found, _rounded(min([*mean, *words], default=None)))


def verdict(figures: Iterable[Figure], warnings: Sequence[Warned] = ()) -> Verdict:
    """Put figures into parts; parts weigh the same, and make a score where at least ``ENOUGH`` of them are known."""
    found = list(figures)
    parts = [part_score(part, found) for part in Part]
    known = [Fraction(part.score) for part in parts if part.score is not None]
    mean = sum(known, Fraction()) / len(known) if len(known) >= ENOUGH else None
    return Verdict(parts, _rounded(mean), warnings)


def _rounded(score: Fraction | None) -> Decimal | None:
    """Round to one place, halves to the even one; with two digits nothing here is known better."""
    return None if score is None else Decimal(round(score * 10)).scaleb(-1)


def _as_json(figure: Figure) -> dict[str, Any]:
    said = {name: getattr(figure, name) for name in figure.__dataclass_fields__ if name != "part"}
    return said | {"stands": figure.stands.value, "title": list(figure.title)}
