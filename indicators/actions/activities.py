"""Activities: a programme with its whole result tree comes in at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action, programmes
from handover.errors import Invalid
from handover.models import Programme
from handover.models.base import InProgramme
from handover.narratives import Narrative
from handover.permissions import Permission
from indicators.actions import batches
from indicators.actions.entries import dumped
from indicators.models import ActivityRecord, Baseline, Indicator, Period, Result, Target
from indicators.models.cells import cell
from indicators.queries.digests import sealed

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be: its columns, and the rows below it by the name of their relation."""

    columns: Mapping[str, Any]
    below: Mapping[str, Sequence[Row]] = field(default_factory=dict)


Planted: TypeAlias = Sequence[tuple[InProgramme, Row]]
"""Rows that are there now, each with what it was made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDraft:
    """An activity to be: the programme, what is kept of it as it was written, and its results.

    ``where`` names file and line for refusals.
    """

    identifier: str
    title: Sequence[Narrative]
    description: Sequence[Narrative]
    starts_on: dt.date | None
    ends_on: dt.date | None
    attributes: Sequence[Sequence[str]]
    parts: Sequence[Mapping[str, str]]
    envelope: Mapping[str, Any]
    results: Sequence[Row]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in: the programme, and the number of rows of each kind."""

    programme: Programme
    counts: Mapping[str, int]


@action
def import_activities(*, by: Actor, drafts: Iterable[ActivityDraft], source: str = "") -> list[Imported]:
    """Found a programme for each activity, with its results and values: all of them, or none.

    The actor's organisation becomes the steward, the actor the reporter of the values. What ``drafts``
    raises while it is consumed undoes everything.

    Args:
        source: the file's name, for the ledger.

    Raises:
        NotAllowed: the actor may not found programmes.
        Invalid: ``activity_known``: the organisation knows a programme of this identifier already.
    """
    return [_import(by, draft, source) for draft in drafts]


def _import(by: Actor, draft: ActivityDraft, source: str) -> Imported:
    known = (
        Programme.objects.filter(identifier=draft.identifier).select_related("steward").order_by("id").first()
    )
    if known is not None:
        raise Invalid(
            "activity_known",
            f"{draft.where}: {draft.identifier} was imported already; its steward is {known.steward.name}.",
            identifier=draft.identifier,
            programme=str(known.uuid),
        )
    programme = programmes.create(
        by=by,
        identifier=draft.identifier,
        title=draft.title,
        description=draft.description,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
    )
    for may in (Permission.DEFINE_INDICATORS, Permission.REPORT_VALUES):
        access.authorise(by, programme.pk, None, may=may)
    record = ActivityRecord.objects.create(
        programme=programme,
        attributes=[list(pair) for pair in draft.attributes],
        parts=list(draft.parts),
        envelope=draft.envelope,
        imported_for=by.organisation,
        imported_at=clock.now(),
    )
    tree = _grow(programme, draft.results)
    values = _report(programme, tree["periods"], by=by, source=source)
    counts = {name: len(rows) for name, rows in tree.items()} | {"values": values}
    ledger.record(
        verb="activity.imported",
        by=by,
        programme=programme,
        subject=programme.uuid,
        data={
            "identifier": draft.identifier,
            "source": source,
            "counts": counts,
            "sealed": sealed([record, *(row for rows in tree.values() for row, _ in rows)]),
        },
    )
    return Imported(programme, counts)


def _grow(programme: Programme, results: Sequence[Row]) -> dict[str, Planted]:
    """Insert the tree level by level: the number of statements follows the levels and the batches of rows."""
    top = _plant(programme, Result, [({"position": at}, row) for at, row in enumerate(results)])
    indicators = _plant(programme, Indicator, _next(top, "result", "indicators"))
    periods = _plant(programme, Period, _next(indicators, "indicator", "periods"))
    return {
        "results": top,
        "indicators": indicators,
        "baselines": _plant(programme, Baseline, _next(indicators, "indicator", "baselines")),
        "periods": periods,
        "targets": _plant(programme, Target, _next(periods, "period", "targets")),
    }


def _next(planted: Planted, parent: str, relation: str) -> list[tuple[Mapping[str, Any], Row]]:
    """Give the rows of one relation below others, each with its parent and its place among its siblings."""
    return [
        ({parent: above, "position": at}, below)
        for above, row in planted
        for at, below in enumerate(row.below.get(relation, ()))
    ]


def _plant(
    programme: Programme, model: type[InProgramme], rows: Sequence[tuple[Mapping[str, Any], Row]]
) -> Planted:
    made = [model(programme=programme, **row.columns, **above) for above, row in rows]
    model._default_manager.bulk_create(made, batch_size=BATCH)
    return list(zip(made, (row for _, row in rows), strict=True))


def _report(programme: Programme, periods: Planted, *, by: Actor, source: str) -> int:
    """Enter the actuals as one batch of values, reported by the actor, in the file's order."""
    count = batches.stage(_staged(periods))
    if count:
        batches.enter(programme, by=by, data={"source": source})
    else:
        batches.drop("indicators_staged")
    return count


def _staged(periods: Planted) -> Iterator[list[Any]]:
    line = 0
    for period, above in periods:
        taken: Counter[str] = Counter()
        for row in above.below.get("actuals", ()):
            line += 1
            named = cell(row.columns["dimensions"])
            staged = {
                "line": line,
                "indicator_id": getattr(period, "indicator_id", None),
                "period_id": period.pk,
                "cell": named,
                "position": taken[named],
                "revision": 1,
                "reason": "",
                **{name: _copied(value) for name, value in row.columns.items()},
            }
            taken[named] += 1
            yield [staged.get(name) for name in batches.STAGED]


def _copied(value: object) -> object:
    return dumped(value) if isinstance(value, list | dict) else value
