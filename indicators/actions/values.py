"""Values: reported, corrected with a reason, imported from a file. Nothing here changes what was reported before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from handover import access, notices
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound, Stale
from handover.models import Programme
from handover.models.base import notice_personal_data
from indicators.actions import barring, batches, entries, imports
from indicators.actions.batches import Batch, Problem, Problems
from indicators.actions.entries import Amount, Text
from indicators.actions.imports import Outcome, Rows
from indicators.actions.value_files import DIMENSIONS
from indicators.models import Indicator, Value
from indicators.models.cells import Dimension, cell
from indicators.queries import axes, cuts


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One value as it is reported. ``position`` counts values of the same period, place and dimensions, from 0."""

    value: Amount | None
    dimensions: Mapping[str, str] | Sequence[Dimension] = ()
    place: UUID | None = None
    numerator: Amount | None = None
    denominator: Amount | None = None
    comment: Text = ""
    locations: Sequence[Mapping[str, str]] = ()
    documents: Sequence[Mapping[str, Any]] = ()
    position: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


@action
def report(
    *, by: Actor, indicator_uuid: UUID, starts_on: dt.date, ends_on: dt.date, rows: Sequence[Reported]
) -> Batch:
    """Report values of one indicator for one period, which is made if it is not there.

    The indicator's responsibility alone is asked where it has one, else the programme; whoever owes results may report
    them.

    Raises:
        NotFound, NotAllowed: the actor may not report this indicator.
        Invalid: no rows, dates the wrong way round, or rows that are wrong or there already; all are named by their
            number, from 1.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.REPORT)
    entries.span(starts_on, ends_on)
    _check(indicator, rows)
    cuts.check(indicator, starts_on, ends_on)
    places = entries.places(row.place for row in rows)
    staged = _staged(indicator, rows, places, starts_on=starts_on, ends_on=ends_on)
    return _entered(indicator.programme, staged, by=by)


@action
def correct(
    *,
    by: Actor,
    value_uuid: UUID,
    reason: str,
    value: Amount | None,
    numerator: Amount | None = None,
    denominator: Amount | None = None,
    comment: Text | None = None,
) -> Batch:
    """Correct a value by a new revision that states it anew; a comment that is not given stays.

    The revision before stays readable. Place, dimensions, locations and documents are those of the revision before.

    Args:
        value_uuid: the value's last revision.

    Raises:
        NotFound, NotAllowed: the actor may not report this indicator.
        Stale: it has been corrected since.
        Invalid: no reason, or a number that is none.
    """
    before = _correctable(by, value_uuid)
    if (barred := barring.whole(before.indicator)) is not None:
        raise barred
    if not reason.strip():
        raise Invalid("reason_missing", "A correction needs a reason.", field="reason")
    row = Reported(
        value=value,
        numerator=numerator,
        denominator=denominator,
        dimensions=before.dimensions,
        comment=before.comment if comment is None else comment,
        locations=before.locations,
        documents=before.documents,
        position=before.position,
        extra=before.extra,
    )
    (staged,) = _staged(
        before.indicator,
        [row],
        {},
        period_id=before.period_id,
        place_id=before.place_id,
        cell=before.cell,
        revision=before.revision + 1,
        reason=reason.strip(),
    )
    data = {"corrects": value_uuid, "revision": before.revision + 1, "reason": reason.strip()}
    try:
        return _entered(before.programme, [staged], by=by, verb=batches.CORRECTED, data=data)
    except Invalid as error:
        # Somebody else's correction came first: it holds this revision's number.
        if error.code == "values_refused":
            raise Stale("value") from error
        raise


@action
def import_csv(
    *,
    by: Actor,
    programme_uuid: UUID,
    lines: Iterable[str],
    indicators: Mapping[str, UUID] | None = None,
    places: Mapping[str, UUID] | None = None,
    dimensions: Sequence[str] = DIMENSIONS,
    reason: str = "",
) -> Outcome:
    """Import values from CSV: all of them, or none. See ``imports.Rows`` for what a file and its names are.

    Raises:
        NotFound, NotAllowed: the actor may not report at least one of the indicators.
        Invalid: everything that is wrong, each with its line; nothing was imported.
    """
    rows = Rows(
        lines=lines,
        indicators=indicators or {},
        places=places or {},
        dimensions=dimensions,
        reason=reason,
    )
    return imports.apply(by=by, programme_uuid=programme_uuid, rows=rows)


def _correctable(by: Actor, value_uuid: UUID) -> Value:
    """Fetch a value that is the last revision of its slot, and ask for correcting it."""
    found = (
        Value.objects.select_related("programme", "indicator__programme", "indicator__responsibility")
        .filter(uuid=value_uuid)
        .order_by("id")
        .first()
    )
    if found is None:
        raise NotFound("value")
    entries.ask(by, found.programme, [found.indicator], may=entries.REPORT)
    cutoff = access.reach(by, found.programme).cutoff
    if cutoff is not None and found.recorded_at > cutoff:
        raise NotFound("value")
    later = Value.objects.filter(
        period=found.period_id, cell=found.cell, position=found.position, revision__gt=found.revision
    )
    if later.filter(place=found.place_id).exists():
        raise Stale("value")
    return found


def _check(indicator: Indicator, rows: Sequence[Reported]) -> None:
    """Refuse what may not be reported whatever its number.

    Raises:
        NotAllowed: the values need approval.
        Invalid: the indicator is calculated, or a row is of no group of it.
    """
    if (barred := barring.whole(indicator)) is not None:
        raise barred
    known = axes.allowed(indicator.programme) if indicator.axes else {}
    for row in rows:
        axes.check(indicator, entries.dimensions(row.dimensions), known)


def _entered(
    programme: Programme,
    staged: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    verb: str = batches.REPORTED,
    data: Mapping[str, object] | None = None,
) -> Batch:
    if not staged:
        raise Invalid("nothing_to_report", "There is nothing to report.", field="rows")
    for row in staged if notices.listening() else ():
        notice_personal_data(Value(comment=json.loads(row["comment"]), reason=row["reason"]))
    batches.stage([row[name] for name in batches.STAGED] for row in staged)
    return batches.enter(programme, by=by, verb=verb, data=data)


def _staged(
    indicator: Indicator, rows: Sequence[Reported], places: Mapping[UUID, int], **same: Any
) -> list[dict[str, Any]]:
    """Turn reported values into rows to stage; ``same`` is what all of them share.

    Raises:
        Invalid: the numbers of all rows that are wrong.
    """
    staged, problems = [], []
    for line, row in enumerate(rows, start=1):
        try:
            staged.append({**blank(), **columns(indicator, row, places), **same, "line": line})
        except Invalid as error:
            problems.append(Problem(line, error.code, error.sentence))
    batches.refuse(Problems(problems[: batches.SHOWN], len(problems)))
    return staged


def blank() -> dict[str, Any]:
    """Give a row to stage with what a first revision without anything else has."""
    return {**dict.fromkeys(batches.STAGED), "revision": 1, "reason": ""}


def columns(indicator: Indicator, row: Reported, places: Mapping[UUID, int]) -> dict[str, Any]:
    """Turn one reported value into columns to stage.

    Raises:
        Invalid: a number that is none, half a share, or a share of nothing (0 of 0 is no value).
    """
    numerator, denominator = (
        entries.exact(row.numerator, "numerator"),
        entries.exact(row.denominator, "denominator"),
    )
    if (numerator is None) is not (denominator is None):
        raise Invalid("half_a_share", "A share has a numerator and a denominator.", field="denominator")
    if denominator == 0 and (numerator != 0 or row.value is not None):
        raise Invalid("share_of_nothing", "A share of 0 is 0 of 0, without a value.", field="denominator")
    said, exact = (None, None) if denominator == 0 else entries.amount(indicator, row.value)
    axes = entries.dimensions(row.dimensions)
    return {
        "indicator_id": indicator.pk,
        "place_id": places.get(row.place) if row.place is not None else None,
        "cell": cell(axes),
        "dimensions": entries.dumped(axes),
        "position": row.position,
        "value": exact,
        "value_text": said,
        "numerator": numerator,
        "denominator": denominator,
        "comment": entries.dumped(entries.text(row.comment)),
        "locations": entries.dumped(list(row.locations)),
        "documents": entries.dumped(list(row.documents)),
        "extra": entries.dumped(dict(row.extra)),
    }
