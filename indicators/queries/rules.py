"""What adds up, and what does not: read from a definition, never from the numbers.

Shares, rates and averages never add up; a share of several groups is made anew from their numerators and denominators.
Distinct persons add up over groups that exclude each other (women and men of one period and place), but neither over
periods nor over places, where the same person may be counted again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from indicators.models import Indicator
from indicators.models.codes import CountingRule, Measure

TRUE: Final = frozenset({"1", "true"})
"""The spellings of ``xsd:boolean`` that mean yes."""


@dataclass(frozen=True)
class Additivity:
    """Over what the values of an indicator may be added; ``shares``: made anew from numerators and denominators."""

    groups: bool
    places: bool
    periods: bool
    shares: bool


def additivity(indicator: Indicator) -> Additivity:
    """Tell what adds up for an indicator.

    Over periods a count adds up only where its publisher says that it may be aggregated (``aggregation-status``).
    """
    counted_again = indicator.counting_rule == CountingRule.DISTINCT_PERSONS
    if indicator.measure == Measure.PERCENTAGE:
        return Additivity(groups=False, places=not counted_again, periods=False, shares=True)
    if indicator.measure != Measure.UNIT:
        return Additivity(groups=False, places=False, periods=False, shares=False)
    return Additivity(
        groups=True,
        places=not counted_again,
        periods=not counted_again and indicator.aggregation_status.strip() in TRUE,
        shares=False,
    )
