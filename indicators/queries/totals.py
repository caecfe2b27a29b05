"""How several values become one by an indicator's rules: in a period, and over periods; or why they do not.

A total that was reported as such is never second-guessed. What goes over places and groups at once is made of the
groups of each place first, where the two rules differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from indicators.models import Indicator
from indicators.models.cells import DECIMAL_PLACES
from indicators.models.codes import Aggregation, Measure
from indicators.queries.aggregates import Aggregate
from indicators.queries.expressions import Why, evaluate
from indicators.queries.points import How, Input, Missing, Point, Total
from indicators.queries.rules import Rules, rules

HOW: Final = {
    Aggregation.SUM: How.ADDED,
    Aggregation.WEIGHTED: How.SHARE,
    Aggregation.LATEST: How.LATEST,
    Aggregation.MINIMUM: How.MINIMUM,
    Aggregation.MAXIMUM: How.MAXIMUM,
}
WHY: Final = {
    Why.DIVISION_BY_ZERO: Missing.DIVISION_BY_ZERO,
    Why.TOO_MANY_DIGITS: Missing.TOO_MANY_DIGITS,
}
SHARE_PLACES: Final = min(DECIMAL_PLACES, 4)


def none(missing: Missing) -> Total:
    """Give no number, and why."""
    return Total(value=None, missing=missing)


def factor(indicator: Indicator) -> int:
    """Give by what a numerator over its denominator is multiplied: shares are per cent, averages are not."""
    return 100 if indicator.measure == Measure.PERCENTAGE else 1


def ratio(numerator: Decimal, denominator: Decimal, times: int) -> Decimal:
    """Divide a numerator by its denominator, rounded once."""
    return (times * numerator / denominator).quantize(Decimal(1).scaleb(-SHARE_PLACES))


# --- in a period ---------------------------------------------------------------------------------


def total(rule: Rules, times: int, sums: Aggregate | None, places: Sequence[Aggregate] = ()) -> Total:
    """Read, fold or make a period's total from what SQL says of its values.

    Args:
        times: ``factor`` of the indicator.
        places: what SQL says of each place; needed where ``by_place_needed``.
    """
    if sums is None or not sums.values:
        return none(Missing.NOTHING_REPORTED)
    if sums.said is not None:
        return _reported(sums)
    if sums.splits != 1:
        return none(Missing.SPLITS)
    if not by_place_needed(rule, sums):
        apart = _one_a_place(sums)
        if rule.places == Aggregation.NONE and sums.places > 1:
            return none(Missing.PLACES)
        missing = Missing.PLACES if apart else Missing.GROUPS
        return _folded(rule.places if apart else rule.groups, times, sums, missing)
    if Aggregation.NONE in (rule.places, rule.groups):
        return none(Missing.PLACES if rule.places == Aggregation.NONE else Missing.GROUPS)
    found = [_folded(rule.groups, times, place, Missing.GROUPS) for place in places]
    return over(rule.places, times, found, Missing.PLACES)


def by_place_needed(rule: Rules, sums: Aggregate | None) -> bool:
    """Tell whether a total takes each place's groups first: several places, several groups, two rules."""
    if sums is None or sums.said is not None or sums.splits != 1 or rule.places == rule.groups:
        return False
    return sums.places > 1 and sums.values > sums.places


def _one_a_place(sums: Aggregate) -> bool:
    return sums.places > 1 and sums.values == sums.places


def _reported(sums: Aggregate) -> Total:
    if sums.reported is None:
        return none(Missing.WORDS)
    numerator, denominator = _own_fraction(sums)
    return Total(value=sums.reported, how=How.REPORTED, numerator=numerator, denominator=denominator)


def _own_fraction(sums: Aggregate) -> tuple[Decimal | None, Decimal | None]:
    """Give numerator and denominator of the total itself: among groups as well, the sums are not its own."""
    return (sums.numerator, sums.denominator) if sums.values == 1 else (None, None)


def _folded(rule: Aggregation, times: int, sums: Aggregate, missing: Missing) -> Total:
    """Make one number of the values of one way of disaggregating."""
    all_numbers = sums.numbers == sums.values
    match rule:
        case Aggregation.SUM if not all_numbers:
            return none(Missing.WORDS)
        case Aggregation.SUM if sums.fractions:
            # A count with a denominator is a rate or an average: those do not add up.
            return none(Missing.RATES)
        case Aggregation.SUM:
            return Total(value=sums.total, how=How.ADDED)
        case Aggregation.WEIGHTED if sums.values == 1 and sums.total is not None:
            return Total(
                value=sums.total, how=How.SHARE, numerator=sums.numerator, denominator=sums.denominator
            )
        case Aggregation.WEIGHTED:
            if sums.fractions != sums.values or sums.numerator is None or not sums.denominator:
                return none(Missing.DENOMINATORS)
            value = ratio(sums.numerator, sums.denominator, times)
            return Total(value=value, how=How.SHARE, numerator=sums.numerator, denominator=sums.denominator)
        case Aggregation.MINIMUM | Aggregation.MAXIMUM:
            # A share of nobody (0 of 0) has no number, and is no word either.
            if not all_numbers and sums.fractions != sums.values:
                return none(Missing.WORDS)
            extreme = sums.smallest if rule == Aggregation.MINIMUM else sums.largest
            return none(missing) if extreme is None else Total(value=extreme, how=HOW[rule])
    return none(missing)


# --- over periods, pieces and places -------------------------------------------------------------


def over(rule: Aggregation, times: int, totals: Sequence[Total], missing: Missing) -> Total:
    """Make one number of several totals, in the order of time where there is one; all of them must be there."""
    values = [found.value for found in totals if found.value is not None]
    if not totals:
        return none(Missing.NOTHING_REPORTED)
    if rule == Aggregation.NONE:
        return none(missing)
    if rule == Aggregation.LATEST:
        return Total(value=totals[-1].value, how=How.LATEST, missing=totals[-1].missing)
    if len(values) < len(totals):
        return none(next(found.missing for found in totals if found.value is None) or missing)
    if rule == Aggregation.WEIGHTED:
        return _weighted(times, totals)
    match rule:
        case Aggregation.MINIMUM:
            value = min(values)
        case Aggregation.MAXIMUM:
            value = max(values)
        case _:
            value = sum(values, Decimal(0))
    return Total(value=value, how=HOW[rule])


def _weighted(times: int, totals: Sequence[Total]) -> Total:
    numerators = [found.numerator for found in totals if found.numerator is not None]
    denominators = [found.denominator for found in totals if found.denominator is not None]
    numerator, denominator = sum(numerators, Decimal(0)), sum(denominators, Decimal(0))
    if len(numerators) < len(totals) or len(denominators) < len(totals) or not denominator:
        return none(Missing.DENOMINATORS)
    value = ratio(numerator, denominator, times)
    return Total(value=value, how=How.SHARE, numerator=numerator, denominator=denominator)


def over_periods(indicator: Indicator, points: Iterable[Point]) -> Decimal | None:
    """Make one number of an indicator's periods, as ``total_over``; ``None`` where there is none."""
    return total_over(indicator, points).value


def total_over(indicator: Indicator, points: Iterable[Point]) -> Total:
    """Make one number of an indicator's periods by its rule over time, where that means something.

    Periods without values are left out; each of the others must have a total. Periods must not overlap (quarters
    beside their year would count twice). No total crosses a break; the latest value is not a total over time.
    A calculated indicator is calculated from its parts, each rolled up by its own rule.
    """
    found = sorted((point for point in points if point.values), key=_first_day)
    if not found:
        return none(Missing.NOTHING_REPORTED)
    rule = rules(indicator).time
    if not indicator.expression and rule == Aggregation.NONE:
        return none(Missing.TIME)
    for before, after in pairwise(found):
        if before.ends_on is None or after.starts_on is None or before.ends_on >= after.starts_on:
            return none(Missing.PERIODS_OVERLAP)
    if rule != Aggregation.LATEST and _broken(found):
        return none(Missing.BREAK)
    if indicator.expression:
        return calculated_over(indicator, found)
    return over(rule, factor(indicator), [as_total(point) for point in found], Missing.TIME)


def as_total(point: Point) -> Total:
    """Give what a point says as one number."""
    return Total(
        value=point.total,
        how=point.how,
        missing=point.missing,
        numerator=point.numerator,
        denominator=point.denominator,
    )


def calculated_over(indicator: Indicator, points: Sequence[Point]) -> Total:
    """Calculate an indicator over periods from its parts over the same periods."""
    parts: dict[str, dict[object, Point]] = {}
    whose: dict[str, Indicator] = {}
    for point in points:
        for name, given in point.inputs.items():
            whose[name] = given.indicator
            parts.setdefault(name, {}).update({(at.starts_on, at.ends_on): at for at in given.points})
    inputs = {
        name: Input(whose[name], tuple(found.values()), over_periods(whose[name], found.values()))
        for name, found in parts.items()
    }
    return evaluated(indicator, inputs)


def evaluated(indicator: Indicator, inputs: dict[str, Input]) -> Total:
    """Calculate an indicator from its parts."""
    outcome = evaluate(indicator.expression, {name: given.value for name, given in inputs.items()})
    if outcome.why is not None or outcome.value is None:
        return none(WHY.get(outcome.why or Why.MISSING, Missing.PART_MISSING))
    return Total(value=outcome.value, how=How.CALCULATED)


def _broken(points: Sequence[Point]) -> bool:
    if len(points) == 1:
        return False
    return len({point.segment for point in points}) > 1 or any(point.breaks for point in points)


def _first_day(point: Point) -> dt.date:
    return point.starts_on or dt.date.min
