"""Volunteering: how many helped an intervention in a period, young ones apart, their hours and their training."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from interventions.actions import changes as kept
from interventions.actions import entries, parts, periods
from interventions.actions.entries import Entry
from interventions.models import Intervention, Volunteering


class VolunteeringEntry(TypedDict, total=False):
    """What was counted: volunteers under 30 and others, hours of work, and hours of training that they received."""

    starts_on: dt.date
    ends_on: dt.date
    young: int
    others: int
    hours: Decimal | str | int
    training_hours: Decimal | str | int
    place: UUID | None
    source: str
    note: str


FIELDS: Final = frozenset(VolunteeringEntry.__annotations__)
COUNTS: Final = ("young", "others", "hours", "training_hours")


@action
def record(*, by: Actor, intervention_uuid: UUID, **entry: Unpack[VolunteeringEntry]) -> Volunteering:
    """Enter the volunteers of a period. Nobody is named.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Invalid: a count below zero, hours of nobody, a period that is ahead, the wrong way round, or overlaps another
            of the same intervention and place.
    """
    entries.only(entry, FIELDS)
    of = parts.intervention_for(by, intervention_uuid)
    parts.lock(of)
    row = build(of, entry)
    periods.alone(row, Volunteering.objects.filter(intervention=of), of=of)
    row.save()
    ledger.record(
        verb="volunteering.recorded",
        by=by,
        programme=of.programme,
        subject=row.uuid,
        data=entries.facts({"intervention": of, **_told(row)}),
    )
    return row


@action
def correct(
    *, by: Actor, volunteering_uuid: UUID, version: int, reason: str, **changes: Unpack[VolunteeringEntry]
) -> Volunteering:
    """Correct what was entered, and say why. The ledger keeps what stood there.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Stale: somebody else was quicker.
        Invalid: no reason, or as for ``record``.
    """
    entries.only(changes, FIELDS)
    row = parts.fetch(by, Volunteering, volunteering_uuid, what="count of volunteers")
    why = kept.why(row.intervention, reason)
    parts.lock(row.intervention)
    before = {name: getattr(row, name) for name in changes}
    values = entries.put(row, _columns(row.intervention, changes))
    _check_together(row)
    periods.alone(row, Volunteering.objects.filter(intervention=row.intervention), of=row.intervention)
    return periods.corrected(
        row, version, values, before, why, of=row.intervention, by=by, verb="volunteering.corrected"
    )


def build(
    of: Intervention, entry: Entry, references: entries.References | None = None, *, at: str = ""
) -> Volunteering:
    """Make a count of volunteers of what was entered, checked by itself and not yet saved.

    Raises:
        Invalid: as for ``record``, but for overlaps.
    """
    entries.only(entry, FIELDS, at=at)
    row = Volunteering(programme=of.programme, intervention=of, **_columns(of, entry, references, at=at))
    entries.check(row, at=at)
    _check_together(row, at=at)
    return row


def _columns(
    of: Intervention, entry: Entry, references: entries.References | None = None, *, at: str = ""
) -> dict[str, Any]:
    entries.amounts(entry, COUNTS, at=at)
    return entries.columns(entry, references or entries.References(of.programme, [entry]), at=at)


def _check_together(row: Volunteering, *, at: str = "") -> None:
    periods.check(row, at=at)
    if not row.young + row.others and (row.hours or row.training_hours):
        raise Invalid("nobody_counted", "Hours need the volunteers who gave them.", field=f"{at}others")


def _told(row: Volunteering) -> dict[str, Any]:
    return {name: getattr(row, name) for name in VolunteeringEntry.__annotations__}
