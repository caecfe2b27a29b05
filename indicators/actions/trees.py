"""Whole result trees: results, indicators, baselines, periods, targets and values come in level by level.

The number of statements depends on the levels, not on the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.models import Programme
from handover.models.base import InProgramme
from handover.permissions import Permission
from indicators.actions import batches, entries
from indicators.models import Baseline, Indicator, Period, Result, Target
from indicators.models.cells import cell
from indicators.queries.digests import sealed

M = TypeVar("M", bound=InProgramme)

JSON_COLUMNS = ("dimensions", "comment", "locations", "documents")


class Branch(Protocol):
    """A row to be: its columns, and the rows below it by the name of their relation."""

    @property
    def columns(self) -> Mapping[str, Any]:
        """Values by column name; references are rows."""

    @property
    def below(self) -> Mapping[str, Sequence[Any]]:
        """Rows below: ``indicators``; ``baselines``, ``periods``; ``targets``, ``actuals``."""


@dataclass(frozen=True, slots=True)
class Row:
    """A plain branch."""

    columns: Mapping[str, Any]
    below: Mapping[str, Sequence[Row]] = field(default_factory=dict)


@dataclass(frozen=True)
class Planted:
    """What a tree became: its rows by kind, in the order in which they were given, and the number of its values."""

    results: Sequence[Result]
    indicators: Sequence[Indicator]
    baselines: Sequence[Baseline]
    periods: Sequence[Period]
    targets: Sequence[Target]
    values: int

    @property
    def rows(self) -> list[InProgramme]:
        """Give all rows but the values, parents first."""
        return [*self.results, *self.indicators, *self.baselines, *self.periods, *self.targets]

    @property
    def counts(self) -> dict[str, int]:
        """Give the number of rows of each kind."""
        return {
            "results": len(self.results),
            "indicators": len(self.indicators),
            "baselines": len(self.baselines),
            "periods": len(self.periods),
            "targets": len(self.targets),
            "values": self.values,
        }


@action
def plant(*, by: Actor, programme_uuid: UUID, results: Sequence[Branch]) -> Planted:
    """Add whole results to a programme, with everything below them, values included.

    The programme is asked for defining, and each responsibility that an indicator names; for reporting too where there
    are values.

    Raises:
        NotFound, NotAllowed: the actor may not define (or report) all of it.
        Invalid: a column that breaks a rule.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
    access.authorise(by, programme.pk, None, may=entries.DEFINE)
    named = [branch.columns for result in results for branch in result.below.get("indicators", ())]
    responsibilities = {
        row["responsibility"].pk: row["responsibility"] for row in named if row.get("responsibility")
    }
    for key in sorted(responsibilities):
        access.authorise(by, programme.pk, responsibilities[key], may=entries.DEFINE)
    planted, actuals = grow(programme, results)
    ledger.record(
        verb="results.planted",
        by=by,
        programme=programme,
        subject=programme.uuid,
        data={"counts": planted.counts, "sealed": sealed(planted.rows)},
    )
    if actuals:
        entries.ask(
            by,
            programme,
            {period.indicator_id: period.indicator for period, _ in actuals}.values(),
            may=entries.REPORT,
        )
        enter_actuals(programme, actuals, by=by)
    return planted


def grow(
    programme: Programme, results: Sequence[Branch]
) -> tuple[Planted, Sequence[tuple[Period, Mapping[str, Any]]]]:
    """Insert everything but the values, which are given back with their periods for ``enter_actuals``.

    Inside an action that has asked for it, and that records ``queries.digests.sealed(planted.rows)`` as ``sealed``.

    Raises:
        Invalid: a column that breaks a rule.
    """
    above = Result.objects.filter(programme=programme).count()
    top = _insert(Result, programme, [({"position": above + n}, row) for n, row in enumerate(results)])
    indicators = _insert(Indicator, programme, _next(top, "result", "indicators"))
    baselines = _insert(Baseline, programme, _next(indicators, "indicator", "baselines"))
    periods = _insert(Period, programme, _next(indicators, "indicator", "periods"))
    targets = _insert(Target, programme, _next(periods, "period", "targets"))
    actuals = [(period, row.columns) for period, above in periods for row in above.below.get("actuals", ())]
    planted = Planted(
        results=[row for row, _ in top],
        indicators=[row for row, _ in indicators],
        baselines=[row for row, _ in baselines],
        periods=[row for row, _ in periods],
        targets=[row for row, _ in targets],
        values=len(actuals),
    )
    return planted, actuals


def enter_actuals(
    programme: Programme, actuals: Iterable[tuple[Period, Mapping[str, Any]]], *, by: Actor
) -> batches.Batch:
    """Enter values of given periods as one batch with its own ledger entry, in their order.

    Columns are those of ``Value`` (``value``, ``value_text``, ``comment``, ``locations``, ``dimensions``,
    ``documents``, ``extra``, ``numerator``, ``denominator``, and ``place`` as a row); what is missing is empty.
    Values of one period and cell are told apart by their order. Inside an action that has asked for it.
    """
    batches.stage([row[name] for name in batches.STAGED] for row in _staged(actuals))
    return batches.enter(programme, by=by)


def _staged(actuals: Iterable[tuple[Period, Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[int, str, int | None]] = Counter()
    for line, (period, columns) in enumerate(actuals, start=1):
        place = columns["place"].pk if columns.get("place") else None
        slot = (period.pk, cell(columns.get("dimensions") or ()), place)
        yield {
            **dict.fromkeys(batches.STAGED),
            "line": line,
            "indicator_id": period.indicator_id,
            "period_id": period.pk,
            "place_id": place,
            "cell": slot[1],
            "position": seen[slot],
            **{name: columns.get(name) for name in ("value", "value_text", "numerator", "denominator")},
            **{name: entries.dumped(columns.get(name) or []) for name in JSON_COLUMNS},
            "extra": entries.dumped(columns.get("extra") or {}),
            "revision": 1,
            "reason": "",
        }
        seen[slot] += 1


def _next(
    planted: Sequence[tuple[M, Branch]], parent: str, relation: str
) -> list[tuple[dict[str, Any], Branch]]:
    """Give the rows of one relation below others, each with its parent and its place among its siblings."""
    return [
        ({parent: row, "position": position}, below)
        for row, branch in planted
        for position, below in enumerate(branch.below.get(relation, ()))
    ]


def _insert(
    model: type[M], programme: Programme, rows: Sequence[tuple[dict[str, Any], Branch]]
) -> list[tuple[M, Branch]]:
    made = [model(**{**branch.columns, **given, "programme": programme}) for given, branch in rows]
    for row in made:
        entries.checked(row)
    model._default_manager.bulk_create(made)
    return list(zip(made, (branch for _, branch in rows), strict=True))
