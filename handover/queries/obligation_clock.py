"""The clock of an obligation: from which day its time runs, what stops it, and its last day. Nothing here reads a
database."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from handover.models.obligations import CountsFrom, PauseEffect

ONE_DAY: Final = dt.timedelta(days=1)
CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Days:
    """What a grant's days are; a payment that was not made yet has none."""

    final_payment_on: dt.date | None
    grant_ends_on: dt.date
    day: dt.date | None = None
    """The day of its own, where a rule counts from one."""


@dataclass(frozen=True)
class Pause:
    """What stops a clock: its first and last day; without a last one it is not over."""

    effect: PauseEffect
    starts_on: dt.date
    ends_on: dt.date | None


class Unknown(StrEnum):
    """Why a last day is not known."""

    NO_DAY = "no_day"
    """The day from which the time runs has not come, or nobody entered it."""
    PAUSED = "paused"
    """Something stops the clock, and is not over."""


@dataclass(frozen=True)
class Reading:
    """What a clock shows. The duty holds on ``ends_on`` too."""

    counted_from: dt.date | None
    ends_on: dt.date | None
    not_before: dt.date | None
    """Where the last day is not known: it is this one, or later."""
    unknown: Unknown | None

    @property
    def last_known(self) -> dt.date | None:
        """Give the last day, or the earliest that it can be."""
        return self.ends_on or self.not_before


def first_day(counts_from: CountsFrom | str, days: Days) -> dt.date | None:
    """Give the day from which the time of a rule runs, if it is known."""
    match CountsFrom(counts_from):
        case CountsFrom.FINAL_PAYMENT:
            return days.final_payment_on
        case CountsFrom.PAYMENT_YEAR:
            return days.final_payment_on and dt.date(days.final_payment_on.year, 12, 31)
        case CountsFrom.GRANT_END:
            return days.grant_ends_on
        case CountsFrom.DAY:
            return days.day


def after(day: dt.date, years: int, months: int = 0) -> dt.date:
    """Give the day of the same date so many years and months later; where its month has no such day, the month's last
    (as periods in years end by Regulation (EEC, Euratom) 1182/71, article 3(2)).

    >>> after(dt.date(2024, 2, 29), 5)
    datetime.date(2029, 2, 28)
    """
    at = day.year * 12 + day.month - 1 + years * 12 + months
    year, month = divmod(at, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read(
    counts_from: CountsFrom | str,
    years: int,
    months: int,
    days: Days,
    pauses: Iterable[Pause],
    *,
    today: dt.date,
) -> Reading:
    """Read a clock: the rule's time from its first day, without the days on which it stood still, begun anew after
    each interruption. In which order the pauses are given changes nothing, and none of them makes the day earlier.

    Args:
        today: up to which an open pause has stopped the clock so far.
    """
    start = first_day(counts_from, days)
    if start is None:
        return Reading(None, None, None, Unknown.NO_DAY)
    # The day itself from which the time runs is not counted: the first day that can stand still is the next one.
    end, still_from, open_one = after(start, years, months), start + ONE_DAY, False
    for pause in sorted(pauses, key=lambda item: (item.starts_on, item.ends_on or dt.date.max, item.effect)):
        over = pause.ends_on or max(today, pause.starts_on)
        if pause.starts_on > end:
            continue
        open_one = open_one or pause.ends_on is None
        if over <= start:
            continue
        # Days that an earlier pause has taken out already are not taken out twice.
        end += max(over - max(pause.starts_on, still_from) + ONE_DAY, dt.timedelta())
        if pause.effect == PauseEffect.RESTARTS:
            end = max(end, after(over, years, months))
        still_from = max(still_from, over + ONE_DAY)
    if open_one:
        return Reading(start, None, end, Unknown.PAUSED)
    return Reading(start, end, None, None)


def strictest(readings: Sequence[Reading], *, deadline: bool = False) -> Reading | None:
    """Give the one that binds of several that apply: the latest day until which something is kept, the earliest by
    which something is done. One that is not known is not outdone by a known one that it may yet outlast."""
    if not readings:
        return None
    known = [item for item in readings if item.ends_on is not None]
    if deadline:
        return min(known, key=lambda item: item.ends_on or dt.date.max) if known else readings[0]
    latest = max((item.last_known for item in readings if item.last_known), default=None)
    open_ones = [item for item in readings if item.unknown is not None]
    if open_ones:
        start = next((item.counted_from for item in open_ones if item.counted_from), None)
        paused = any(item.unknown is Unknown.PAUSED for item in open_ones)
        return Reading(start, None, latest, Unknown.PAUSED if paused else Unknown.NO_DAY)
    return max(known, key=lambda item: item.ends_on or dt.date.min)


def day_of(instant: dt.datetime, zone: str) -> dt.date:
    """Give the date of an instant on the clocks of a place: shortly before midnight UTC, in Bucharest and in Vilnius
    the next day has begun."""
    return instant.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class Estimate:
    """What may have to be paid back if a duty were broken from a day on: an estimate for one rule only."""

    amount: Decimal
    left: int
    """Days that are left of the duty's time."""
    whole: int
    """Days of the whole of it."""


def exposed(amount: Decimal, reading: Reading, on: dt.date) -> Estimate | None:
    """Estimate what may have to be paid back: ``amount × days left ÷ all days`` (in proportion to the period of
    non-compliance, Regulation (EU) 2021/1060, article 65(1)), rounded to the cent. Nothing where no last day is known.
    """
    first, last = reading.counted_from, reading.ends_on
    if first is None or last is None or last <= first:
        return None
    whole = (last - first).days
    left = min(max((last - on).days, 0), whole)
    return Estimate((amount * left / whole).quantize(CENT, ROUND_HALF_UP), left, whole)
