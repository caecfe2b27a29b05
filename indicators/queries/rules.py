"""What becomes one number, and how: read from a definition, never from the numbers.

A definition may state its rule over time, places and groups; where it states none, measure and counting rule do.
Whatever it states, shares, rates and averages never add up (a share of several groups is made anew from their
numerators and denominators), and distinct persons add up over groups that exclude each other (women and men of one
period and place), but neither over periods, nor over places or programmes, where the same person may be counted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from indicators.models import Indicator
from indicators.models.codes import PERSONS, Aggregation, CountingRule, Measure

TRUE: Final = frozenset({"1", "true"})
"""The spellings of ``xsd:boolean`` that mean yes."""

WORDS: Final = frozenset({Measure.NOMINAL, Measure.QUALITATIVE})


@dataclass(frozen=True)
class Rules:
    """How values become one over time, over places (and programmes), and over the groups of a disaggregation."""

    time: Aggregation
    places: Aggregation
    groups: Aggregation


@dataclass(frozen=True)
class Additivity:
    """Over what the values of an indicator may be added; ``shares``: made anew from numerators and denominators."""

    groups: bool
    places: bool
    periods: bool
    shares: bool


def rules(indicator: Indicator) -> Rules:
    """Give an indicator's rules: those that its definition states, else what measure and counting rule say.

    Counts add up over periods only where their publisher says so (``aggregation-status``).
    """
    usual = _usual(indicator)
    return Rules(
        time=Aggregation(indicator.over_time) if indicator.over_time else usual.time,
        places=Aggregation(indicator.over_places) if indicator.over_places else usual.places,
        groups=Aggregation(indicator.over_groups) if indicator.over_groups else usual.groups,
    )


def _usual(indicator: Indicator) -> Rules:
    counted_again = indicator.counting_rule == CountingRule.DISTINCT_PERSONS
    none = Aggregation.NONE
    if indicator.measure == Measure.PERCENTAGE:
        return Rules(
            time=none, places=none if counted_again else Aggregation.WEIGHTED, groups=Aggregation.WEIGHTED
        )
    if indicator.measure != Measure.UNIT:
        return Rules(time=none, places=none, groups=none)
    adds = not counted_again and indicator.aggregation_status.strip() in TRUE
    return Rules(
        time=Aggregation.SUM if adds else none,
        places=none if counted_again else Aggregation.SUM,
        groups=Aggregation.SUM,
    )


def additivity(indicator: Indicator) -> Additivity:
    """Tell over what the values of an indicator may be added."""
    found = rules(indicator)
    return Additivity(
        groups=found.groups == Aggregation.SUM,
        places=found.places in {Aggregation.SUM, Aggregation.WEIGHTED},
        periods=found.time == Aggregation.SUM,
        shares=found.groups == Aggregation.WEIGHTED,
    )


def contradictions(indicator: Indicator) -> Iterator[tuple[str, str, str]]:
    """Give what is wrong with the rules that a definition states: (field, code, sentence)."""
    if indicator.unit == PERSONS and indicator.counting_rule == CountingRule.NONE:
        yield (
            "counting_rule",
            "counting_rule_missing",
            "A count of people states its rule: new entrants, distinct persons, or contacts.",
        )
    for field in ("over_time", "over_places", "over_groups"):
        stated = getattr(indicator, field)
        if not stated:
            continue
        if indicator.measure == Measure.PERCENTAGE and stated == Aggregation.SUM:
            yield field, "shares_add_up", "Shares never add up: take the weighted average, or none."
        elif indicator.measure in WORDS and stated not in {Aggregation.LATEST, Aggregation.NONE}:
            yield field, "words_add_up", "Words have no sum and no average: take the latest, or none."
        elif indicator.measure == Measure.ORDINAL and stated in {Aggregation.SUM, Aggregation.WEIGHTED}:
            yield (
                field,
                "ranks_add_up",
                "Ranks have no sum and no average: take the smallest, the largest, or none.",
            )
        elif (
            indicator.counting_rule == CountingRule.DISTINCT_PERSONS
            and field != "over_groups"
            and stated in {Aggregation.SUM, Aggregation.WEIGHTED}
        ):
            yield (
                field,
                "persons_add_up",
                "Distinct persons never add up over periods or places: they would count twice.",
            )


def counts_people(indicator: Indicator) -> bool:
    """Tell whether an indicator counts people: then its small numbers may tell who they are."""
    return indicator.unit == PERSONS or indicator.counting_rule != CountingRule.NONE
