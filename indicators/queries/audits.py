"""What an audit asks of indicators: the values that it may draw from, and which groups are special categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from handover.holdings import Drawable
from handover.models import Programme
from handover.narratives import best
from indicators.models import Axis, Baseline, Indicator, Target, Value
from indicators.models.codes import ResultType
from indicators.queries.values import current

OUTPUTS: Final = {"indicator": None, "target": Target, "value": Value}
RESULTS: Final = {"indicator": None, "baseline": Baseline, "target": Target, "value": Value}


def annex_xvii(programme: Programme) -> dict[str, Sequence[str]]:
    """Say what is missing of output and result indicators, in two queries: ``indicator``, or what some have not."""
    found: dict[str, Sequence[str]] = {}
    for key, kind, asked in (
        ("outputs", ResultType.OUTPUT, OUTPUTS),
        ("results", ResultType.OUTCOME, RESULTS),
    ):
        there = {
            f"has_{name}": Exists(_of_indicator(model)) for name, model in asked.items() if model is not None
        }
        rows = list(
            Indicator.objects.filter(programme=programme, result__type=kind).annotate(**there).values(*there)
        )
        found[key] = [
            name for name in asked if f"has_{name}" in there and not all(r[f"has_{name}"] for r in rows)
        ]
        if not rows:
            found[key] = ["indicator"]
    return found


def _of_indicator(model: type[Baseline] | type[Target] | type[Value]) -> QuerySet[Any]:
    outer = OuterRef("pk")
    rows: QuerySet[Any] = model._default_manager.all()
    return rows.filter(indicator=outer) if model is Baseline else rows.filter(period__indicator=outer)


def values(programme: Programme) -> list[Drawable]:
    """List the current values, each by the UUID of its last revision; a stratum is an indicator."""
    rows = current(programme, cutoff=None).select_related("indicator", "period", "place")
    return [
        Drawable(
            row.uuid,
            " · ".join(
                filter(
                    None,
                    (best(row.indicator.title), f"{row.period.starts_on}–{row.period.ends_on}", row.cell),
                )
            ),
            row.place.name if row.place else "",
            best(row.indicator.title),
        )
        for row in rows
    ]


def special(programme: Programme, indicators: list[Indicator]) -> list[Indicator]:
    """Give those of some indicators that are broken down by a special category of persons (GDPR, article 9).

    These are the axes that are filled with informed estimates alone: that is how the toolkit keeps minorities.
    """
    names = set(Axis.objects.filter(programme=programme, estimated=True).values_list("name", flat=True))
    return [row for row in indicators if names.intersection(row.axes)] if names else []
