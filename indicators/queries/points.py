"""Points: what a series says of one period, and why where it says nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from handover.queries.handovers import Handover
from indicators.models import Indicator
from indicators.queries.continuity import BreakMark


class How(StrEnum):
    """Where a total comes from."""

    REPORTED = "reported"
    ADDED = "added"
    SHARE = "share"
    """Made anew from numerators and denominators."""
    LATEST = "latest"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    COMBINED = "combined"
    """From the parts of a period that a handover cut."""
    CALCULATED = "calculated"
    NONE = "none"


class Missing(StrEnum):
    """Why there is no total."""

    help: str

    def __new__(cls, value: str, text: str = "") -> Missing:
        """Make a member from its code name and its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        return member

    NOTHING_REPORTED = "nothing_reported", "nothing was reported"
    WORDS = "words", "it was reported in words"
    SPLITS = "splits", "the values are disaggregated in several ways, which would count people twice"
    GROUPS = "groups", "its groups do not make one number"
    PLACES = "places", "its places do not make one number"
    RATES = "rates", "rates and averages do not add up"
    DENOMINATORS = "denominators", "a numerator or a denominator is missing"
    TIME = "time", "its periods do not make one number"
    PERIODS_OVERLAP = "periods_overlap", "its periods overlap"
    BREAK = "break", "a break in the series lies between"
    PIECE_MISSING = "piece_missing", "one part of a period that a handover cut is missing"
    OVERLAP_UNKNOWN = "overlap_unknown", "how many people both sides counted was not stated"
    OVERLAP_TOO_LARGE = "overlap_too_large", "more people are said to be counted twice than were counted"
    PART_MISSING = "part_missing", "something that it is calculated from is missing"
    DIVISION_BY_ZERO = "division_by_zero", "it would be divided by zero"
    TOO_MANY_DIGITS = "too_many_digits", "it is larger than a value may be"


@dataclass(frozen=True, kw_only=True)
class Total:
    """One number out of several, where it comes from, or why there is none."""

    value: Decimal | None
    how: How = How.NONE
    missing: Missing | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True)
class Input:
    """What a calculated point was calculated from: one of its parts, as it stood in that period."""

    indicator: Indicator
    points: tuple[Point, ...]
    """The period's own point, or those that fill it."""
    value: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Point:
    """One period of an indicator. ``total`` in its unit (per cent for shares); ``None`` where nothing makes one."""

    period: UUID | None
    """``None``: no row of its own, as a cut period that only its frequency names."""
    starts_on: dt.date | None
    ends_on: dt.date | None
    total: Decimal | None
    how: How
    said: str | None = None
    """The reported total as it was written, words included."""
    values: int = 0
    target: Decimal | None = None
    missing: Missing | None = None
    """Why there is no total; set exactly where there is none."""
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    """Of the total, where it is a share, a rate or an average and they are known."""
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    """Of a cut period of distinct persons: what is certain while nobody stated how many both sides counted."""
    segment: int = 0
    """Points of different segments are different series: a break lies between them."""
    breaks: tuple[BreakMark, ...] = ()
    """Breaks after the first day, up to the last."""
    handovers: tuple[Handover, ...] = ()
    """Handovers after the first day, up to the last: they cut the period."""
    pieces: tuple[Point, ...] = ()
    """Parts of a cut period that have values. They stand nowhere else in the series."""
    overlap: Decimal | None = None
    """How many people were counted on both sides, as stated."""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    """What a calculated point was made of, by the names in the expression."""
