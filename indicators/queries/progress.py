"""Progress: how far an indicator has come from its baseline to its target, as a number, a light and words.

Exact to the last digit: a light is never rounded up. What the numbers do not support is grey, with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from indicators.models import Baseline, Indicator
from indicators.models.codes import Aggregation, CountingRule, Measure
from indicators.queries.points import How, Point
from indicators.queries.rules import TRUE, WORDS, rules
from indicators.queries.totals import total_over

GREEN_FROM: Final = Decimal(90)
AMBER_FROM: Final = Decimal(70)
"""Per cent of the way to the target, where a definition says nothing else."""

FALSE: Final = frozenset({"0", "false"})


class Light(StrEnum):
    """A traffic light. It always stands beside its words."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"

    @property
    def help(self) -> str:
        """Say what it means."""
        return LIGHTS[self]


LIGHTS: Final[Mapping[Light, str]] = {
    Light.GREEN: "on track",
    Light.AMBER: "at risk",
    Light.RED: "off track",
    Light.GREY: "not judged",
}


class Why(StrEnum):
    """Why progress is not judged, or cannot be told in per cent."""

    NO_TARGET = "no_target"
    NO_ACTUAL = "no_actual"
    NO_NUMBER = "no_number"
    NO_TOTAL = "no_total"
    NO_BASELINE = "no_baseline"
    NO_WAY = "no_way"
    OTHER_WAY = "other_way"
    LONGER = "longer"
    BREAK = "break"

    @property
    def help(self) -> str:
        """Give the reason as a sentence."""
        return REASONS[self]


REASONS: Final[Mapping[Why, str]] = {
    Why.NO_TARGET: "There is no target.",
    Why.NO_ACTUAL: "Nothing was reported yet.",
    Why.NO_NUMBER: "It is told in words or ranks: there is no way to measure.",
    Why.NO_TOTAL: "What was reported does not make one number.",
    Why.NO_BASELINE: "Less is better, and without a baseline the way down cannot be measured.",
    Why.NO_WAY: "The target is to stay where the baseline is.",
    Why.OTHER_WAY: "The target lies on the other side of the baseline than the definition says.",
    Why.LONGER: "The target is for a longer period, and what was reported in it does not add up.",
    Why.BREAK: "A break in the series lies between.",
}


@dataclass(frozen=True)
class Progress:
    """How far it has come. ``per_cent`` has one place, rounded down; below 0 it went backwards, above 100 beyond."""

    light: Light
    per_cent: Decimal | None = None
    why: Why | None = None
    at_least: bool = False
    """The per cent are certain, and it may be more."""

    @property
    def words(self) -> str:
        """Say it in words: the light, then the per cent of the way or the reason."""
        if self.per_cent is not None:
            return f"{self.light.help}: {'at least ' if self.at_least else ''}{self.per_cent}% of the way"
        return (
            f"{self.light.help}: {self.why.help[0].lower()}{self.why.help[1:]}"
            if self.why
            else self.light.help
        )


@dataclass(frozen=True)
class Goal:
    """What is aimed at: a target for everybody, and the days for which it was set."""

    value: Decimal
    starts_on: dt.date | None
    ends_on: dt.date | None


@dataclass(frozen=True)
class Judged:
    """An indicator's baseline, its last value, the target that this is held against, and what comes of it."""

    baseline: Baseline | None
    last: Point | None
    goal: Goal | None
    actual: Decimal | None
    """What is held against the target: the last value, or what the target's days have become so far."""
    progress: Progress


def thresholds(indicator: Indicator) -> tuple[Decimal, Decimal]:
    """Give from which per cent of the way an indicator is green, and from which amber."""
    green, amber = indicator.green_from, indicator.amber_from
    if green is None:
        green = max(GREEN_FROM, amber) if amber is not None else GREEN_FROM
    if amber is None:
        amber = min(AMBER_FROM, green)
    return green, amber


def progress(
    indicator: Indicator, *, baseline: Decimal | None, actual: Decimal | None, target: Decimal | None
) -> Progress:
    """Tell how far an indicator has come: ``(actual - baseline) / (target - baseline)``.

    Without a baseline the way begins at 0, unless less is better: then only an arrival can be told. Where the
    definition does not say which way is better, the way from the baseline to the target does.
    """
    if target is None:
        return Progress(Light.GREY, why=Why.NO_TARGET)
    if actual is None:
        return Progress(Light.GREY, why=Why.NO_ACTUAL)
    if indicator.measure in WORDS:
        return Progress(Light.GREY, why=Why.NO_NUMBER)
    start = Decimal(0) if baseline is None else baseline
    up = _upwards(indicator, start, target)
    arrived = actual >= target if up else actual <= target
    if indicator.measure == Measure.ORDINAL:
        # Ranks have an order, but no distances.
        return Progress(Light.GREEN if arrived else Light.GREY, why=Why.NO_NUMBER)
    if baseline is None and not up:
        return Progress(Light.GREEN if arrived else Light.GREY, why=Why.NO_BASELINE)
    if target == start:
        return Progress(Light.GREEN if arrived else Light.RED, why=Why.NO_WAY)
    if (target > start) is not up:
        return Progress(Light.GREY, why=Why.OTHER_WAY)
    way = Fraction(100) * (Fraction(actual) - Fraction(start)) / (Fraction(target) - Fraction(start))
    return Progress(_light(indicator, way), per_cent=_rounded_down(way))


def _upwards(indicator: Indicator, start: Decimal, target: Decimal) -> bool:
    said = indicator.ascending.strip()
    if said in FALSE or said in TRUE:
        return said in TRUE
    return target >= start


def _light(indicator: Indicator, way: Fraction) -> Light:
    green, amber = thresholds(indicator)
    if way >= Fraction(green):
        return Light.GREEN
    return Light.AMBER if way >= Fraction(amber) else Light.RED


def _rounded_down(way: Fraction) -> Decimal:
    tenths = (way * 10).__floor__()
    return Decimal(tenths).scaleb(-1).quantize(Decimal("0.1"), rounding=ROUND_FLOOR)


# --- which baseline, which value, which target ------------------------------------------------------


def judge(indicator: Indicator, baselines: Iterable[Baseline], points: Sequence[Point]) -> Judged:
    """Hold an indicator's last value against the target of its period; else against the next one, else the last one.

    A target for longer than the last value's period is compared with what the values in it add up to.
    """
    reported = [point for point in points if point.values or point.how is How.CALCULATED]
    last = max(reported, key=_day, default=None)
    baseline = _baseline(baselines)
    goal = _goal(points, last)
    start = baseline.value if baseline is not None else None
    held = _held(indicator, reported, last, goal)
    found = progress(indicator, baseline=start, actual=held.actual, target=goal.value if goal else None)
    if goal is not None and held.why is not None:
        found = Progress(Light.GREY, why=held.why)
    elif held.at_least:
        # More persons may have come in the longer period than in its fullest part: only an arrival is certain.
        sure = found.light is Light.GREEN and found.per_cent is not None
        found = replace(found, at_least=True) if sure else Progress(Light.GREY, why=Why.LONGER)
    if found.per_cent is not None and last is not None and _broken(baseline, last, points):
        found = Progress(Light.GREY, why=Why.BREAK)
    return Judged(baseline, last, goal, held.actual, found)


def _day(point: Point) -> tuple[dt.date, dt.date]:
    return (point.ends_on or dt.date.min, point.starts_on or dt.date.min)


def _baseline(baselines: Iterable[Baseline]) -> Baseline | None:
    """Give the latest baseline for everybody, with a number if there is one."""
    whole = [row for row in baselines if not row.dimensions and not row.locations]
    return max(whole, key=lambda row: (row.value is not None, row.year, -row.position), default=None)


def _goal(points: Sequence[Point], last: Point | None) -> Goal | None:
    aimed = sorted((point for point in points if point.target is not None), key=_day)
    if not aimed:
        return None
    by = last.ends_on if last else None
    if last is not None and last.target is not None:
        chosen = last
    elif by is not None:
        chosen = next((point for point in aimed if point.ends_on and point.ends_on >= by), aimed[-1])
    else:
        chosen = aimed[-1]
    assert chosen.target is not None  # noqa: S101  # it was chosen for it
    return Goal(chosen.target, chosen.starts_on, chosen.ends_on)


@dataclass(frozen=True)
class _Held:
    """What is held against a target, or why there is nothing."""

    actual: Decimal | None = None
    why: Why | None = None
    at_least: bool = False


def _held(indicator: Indicator, reported: Sequence[Point], last: Point | None, goal: Goal | None) -> _Held:
    if last is None:
        return _Held(why=Why.NO_ACTUAL)
    inside = [point for point in reported if goal is not None and _within(goal, point)]
    if goal is not None and inside and not (len(inside) == 1 and _same(goal, inside[0])):
        own = next((point for point in inside if _same(goal, point)), None)
        return _value(own) if own is not None else _so_far(indicator, inside)
    if inside:
        return _value(inside[0])
    # The target is for other days: how far the last value is from it.
    return _value(last)


def _value(point: Point) -> _Held:
    if point.total is None:
        return _Held(why=Why.NO_NUMBER if point.said is not None else Why.NO_TOTAL)
    return _Held(point.total)


def _so_far(indicator: Indicator, inside: Sequence[Point]) -> _Held:
    """Give what the periods within a target's days have become: by the rule over time, or the last one of a level."""
    rule = rules(indicator).time
    if rule not in {Aggregation.NONE, Aggregation.LATEST}:
        found = total_over(indicator, inside)
        return _Held(found.value, Why.LONGER if found.value is None else None)
    counts = indicator.measure == Measure.UNIT and not indicator.expression and rule == Aggregation.NONE
    if not counts or indicator.counting_rule == CountingRule.NONE:
        return _value(max(inside, key=_day))
    totals = [point.total for point in inside if point.total is not None]
    if indicator.counting_rule == CountingRule.DISTINCT_PERSONS and totals:
        return _Held(max(totals), at_least=True)
    return _Held(why=Why.LONGER)


def _within(goal: Goal, point: Point) -> bool:
    if goal.starts_on is None or goal.ends_on is None or point.starts_on is None or point.ends_on is None:
        return _same(goal, point)
    return goal.starts_on <= point.starts_on and point.ends_on <= goal.ends_on


def _same(goal: Goal, point: Point) -> bool:
    return (goal.starts_on, goal.ends_on) == (point.starts_on, point.ends_on)


def _broken(baseline: Baseline | None, last: Point, points: Sequence[Point]) -> bool:
    """Tell whether a break lies between the baseline's year and the last value."""
    if baseline is None or baseline.value is None:
        return False
    first_of = [point.starts_on for point in points if point.segment == last.segment and point.starts_on]
    if last.segment == 0 or not first_of:
        return False
    year = baseline.year.strip()
    return not (year.isascii() and year.isdigit() and int(year) >= min(first_of).year)
