"""What is wrong with a definition by itself, before anybody looks at the rest of its programme."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeAlias

from handover.errors import Invalid
from indicators.models import Indicator
from indicators.models.codes import NUMERIC_MEASURES, Aggregation, CountingRule, Measure
from indicators.queries import codelists
from indicators.queries.expressions import parse
from indicators.queries.rules import contradictions

Problem: TypeAlias = tuple[str, str, str]
"""Field, code, sentence."""

CURRENCIES: Final = "currencies"
GREEN_FROM: Final = Decimal(90)
AMBER_FROM: Final = Decimal(70)
"""Per cent of the way to a target from which an indicator is green or amber, where its definition states nothing."""

SERIES_FIELDS: Final = ("measure", "unit", "counting_rule", "expression", "parts")
"""What a series counts: after a handover these change only with a break."""


def problems(indicator: Indicator) -> Iterator[Problem]:
    """Name what contradicts itself in a definition, one sentence each."""
    yield from contradictions(indicator)
    yield from _order(indicator)
    yield from _counting(indicator)
    yield from _currency(indicator)
    yield from _scale(indicator)
    yield from _thresholds(indicator)
    yield from _expression(indicator)


def _order(indicator: Indicator) -> Iterator[Problem]:
    for field in ("over_places", "over_groups"):
        if getattr(indicator, field) == Aggregation.LATEST:
            yield (
                field,
                "latest_over_time",
                "Places and groups of one period have no latest one: that is a rule over time alone.",
            )


def _counting(indicator: Indicator) -> Iterator[Problem]:
    counts = indicator.counting_rule not in ("", CountingRule.NONE)
    if counts and indicator.measure not in NUMERIC_MEASURES:
        yield "counting_rule", "counting_rule_of_words", "Only counts and shares have a counting rule."


def _currency(indicator: Indicator) -> Iterator[Problem]:
    if not indicator.currency:
        return
    if indicator.currency not in codelists.list_named(CURRENCIES).codes:
        yield (
            "currency",
            "unknown_currency",
            f"“{indicator.currency}” is no currency: take its three letters, for example EUR or RON.",
        )
    elif indicator.measure != Measure.UNIT:
        yield "currency", "currency_of_no_amount", "Only an amount has a currency: its measure is a unit."


def _scale(indicator: Indicator) -> Iterator[Problem]:
    if not indicator.scale:
        return
    if indicator.measure != Measure.ORDINAL:
        yield "scale", "scale_of_no_rank", "Only an ordinal indicator has a scale."
        return
    codes = [str(item.get("code") or "") if isinstance(item, dict) else "" for item in indicator.scale]
    if len(codes) < 2 or not all(codes) or len(set(codes)) < len(codes):
        yield (
            "scale",
            "scale_wrong",
            "A scale has at least two steps, from lowest to highest, each with a code of its own.",
        )


def _thresholds(indicator: Indicator) -> Iterator[Problem]:
    green = GREEN_FROM if indicator.green_from is None else Decimal(indicator.green_from)
    amber = AMBER_FROM if indicator.amber_from is None else Decimal(indicator.amber_from)
    if amber < 0 or green < amber:
        yield (
            "amber_from" if indicator.green_from is None else "green_from",
            "thresholds_reversed",
            f"Green begins at or above amber, amber at or above 0: they would be at {green:f} and {amber:f} per cent.",
        )


def _expression(indicator: Indicator) -> Iterator[Problem]:
    if not indicator.expression:
        if indicator.parts:
            yield "parts", "parts_without_expression", "Parts belong to an expression, and there is none."
        return
    if indicator.measure not in NUMERIC_MEASURES:
        yield (
            "expression",
            "calculated_words",
            "Only counts and shares are calculated: the measure is neither.",
        )
    if indicator.approval:
        yield "approval", "calculated_approval", "Nobody approves a calculated indicator: approve its parts."
    try:
        named = parse(indicator.expression).names
    except Invalid as error:
        yield "expression", error.code, error.sentence
        return
    missing = [name for name in named if name not in indicator.parts]
    unused = sorted(name for name in indicator.parts if name not in named)
    if missing:
        yield "parts", "part_unnamed", f"The expression names “{missing[0]}”, which stands for no indicator."
    elif unused:
        yield "parts", "part_unused", f"“{unused[0]}” does not stand in the expression."
    elif not named:
        yield "expression", "nothing_calculated", "The expression names no indicator."
