"""The whole result tree of a programme, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from handover.models import Programme
from indicators.models import Baseline, Indicator, Period, Result, Target, Value
from indicators.queries.values import current

T = TypeVar("T")


@dataclass(frozen=True)
class PeriodNode:
    """A period with its targets and, where they were asked for, its current values."""

    period: Period
    targets: Sequence[Target]
    values: Sequence[Value]


@dataclass(frozen=True)
class IndicatorNode:
    """An indicator with its baselines and periods."""

    indicator: Indicator
    baselines: Sequence[Baseline]
    periods: Sequence[PeriodNode]


@dataclass(frozen=True)
class ResultNode:
    """A result with its indicators."""

    result: Result
    indicators: Sequence[IndicatorNode]


def tree(programme: Programme, *, cutoff: dt.datetime | None, values: bool = False) -> list[ResultNode]:
    """Load all results with everything below them: five queries, six with values.

    Args:
        cutoff: ``Reach.cutoff``: values recorded after it are left out.
        values: load the current values too; a large programme has very many.
    """
    of = {"programme": programme}
    targets = _by(Target.objects.filter(**of).order_by("position", "id"), "period_id")
    actuals = _by(current(programme, cutoff=cutoff), "period_id") if values else {}
    periods: dict[Hashable, list[PeriodNode]] = defaultdict(list)
    for period in Period.objects.filter(**of).order_by("position", "id"):
        periods[period.indicator_id].append(
            PeriodNode(period, targets.get(period.pk, ()), actuals.get(period.pk, ()))
        )
    baselines = _by(Baseline.objects.filter(**of).order_by("position", "id"), "indicator_id")
    indicators: dict[Hashable, list[IndicatorNode]] = defaultdict(list)
    rows = Indicator.objects.filter(**of).select_related("responsibility", "intervention", "need")
    for indicator in rows.order_by("position", "id"):
        indicators[indicator.result_id].append(
            IndicatorNode(indicator, baselines.get(indicator.pk, ()), periods.get(indicator.pk, ()))
        )
    return [
        ResultNode(result, indicators.get(result.pk, ()))
        for result in Result.objects.filter(**of).order_by("position", "id")
    ]


def _by(rows: Iterable[T], key: str) -> dict[Hashable, list[T]]:
    found: dict[Hashable, list[T]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found
