"""The result tree as lines of text: each indicator with where it stood, where it stands, and where it should."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from handover.canonical import decimal_text
from handover.models import Programme
from handover.narratives import best
from indicators.models import Indicator
from indicators.models.codes import Measure, ResultType
from indicators.queries.points import How, Missing, Point
from indicators.queries.results import IndicatorNode, ResultNode
from indicators.queries.results import tree as load
from indicators.queries.series import latest

WORDS = {
    How.ADDED: " (groups added)",
    How.SHARE: " (of all groups)",
    How.MINIMUM: " (the smallest)",
    How.MAXIMUM: " (the largest)",
    How.COMBINED: " (of both sides of a handover)",
    How.CALCULATED: " (calculated)",
}


USUAL = frozenset(
    {Missing.SPLITS, Missing.GROUPS, Missing.PLACES, Missing.RATES, Missing.DENOMINATORS, Missing.WORDS}
)
"""Why values do not add up where nothing is the matter."""


def outline(programme: Programme, *, cutoff: dt.datetime | None = None, lang: str = "en") -> Iterator[str]:
    """Tell a programme's results and indicators, in nine queries however many there are.

    Values that were recorded after the cut-off are left out.
    """
    results = load(programme, cutoff=cutoff)
    points = latest(
        programme, [node.indicator for result in results for node in result.indicators], cutoff=cutoff
    )
    for result in results:
        yield _result(result, lang)
        for node in result.indicators:
            yield f"  {_indicator(node, points.get(node.indicator.pk), lang)}"


def _result(node: ResultNode, lang: str) -> str:
    kinds = {kind.value: kind.label for kind in ResultType}
    return f"{best(node.result.title, lang)} ({kinds.get(node.result.type, node.result.type)})"


def _indicator(node: IndicatorNode, point: Point | None, lang: str) -> str:
    facts = [_baseline(node), _last(node.indicator, point), _target(node, point)]
    return f"{best(node.indicator.title, lang)}: {'; '.join(fact for fact in facts if fact) or 'nothing reported yet'}"


def _baseline(node: IndicatorNode) -> str:
    first = next(iter(node.baselines), None)
    if first is None or first.value_text is None:
        return ""
    return f"baseline {_number(node.indicator, first.value, first.value_text)} in {first.year}"


def _last(indicator: Indicator, point: Point | None) -> str:
    if point is None or not point.values:
        return ""
    until = f" by {point.ends_on}" if point.ends_on else ""
    if point.total is None and not point.said:
        return f"{_apart(indicator, point)}{until}{_why(point)}"
    total = point.total
    if total is not None and point.how in (How.SHARE, How.CALCULATED):
        total = total.quantize(Decimal("0.1"))
    broken = f", after a break on {point.breaks[-1].on} in the period" if point.breaks else ""
    return f"{_number(indicator, total, point.said)}{until}{WORDS.get(point.how, '')}{broken}"


def _apart(indicator: Indicator, point: Point) -> str:
    """Tell what is certain where there is no total: bounds, or how many values there are."""
    if point.at_least is not None and point.at_most is not None:
        return f"at least {_number(indicator, point.at_least, None)}, at most {decimal_text(point.at_most)}"
    return f"{point.values} {'value' if point.values == 1 else 'values'}"


def _why(point: Point) -> str:
    if point.missing in USUAL or point.missing is None:
        return ", which do not add up"
    return f": {point.missing.help}"


def _target(node: IndicatorNode, point: Point | None) -> str:
    """Tell the target of the last period, else the latest that was set for everybody."""
    if point is not None and point.target is not None:
        return f"target {_number(node.indicator, point.target, None)}"
    found = [
        (period.period.ends_on, target)
        for period in node.periods
        for target in period.targets
        if period.period.ends_on is not None and not target.dimensions and target.value_text is not None
    ]
    if not found:
        return ""
    until, target = max(found, key=lambda pair: pair[0])
    return f"target {_number(node.indicator, target.value, target.value_text)} by {until}"


def _number(indicator: Indicator, value: Decimal | None, said: str | None) -> str:
    text = decimal_text(value) if value is not None else f"“{said}”"
    return f"{text}%" if indicator.measure == Measure.PERCENTAGE and value is not None else text
