"""Activities and services of an intervention. One that needs a licence does not start without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover import clock, ledger, notices
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Licence, Programme
from interventions.actions import changes as kept
from interventions.actions import entries, parts
from interventions.actions.entries import Entry, Text
from interventions.models import Intervention, Service, ServiceKind
from interventions.queries.services import unstarted


class ServiceEntry(TypedDict, total=False):
    """What can be said of a service. ``planned`` is in its unit, a calendar quarter; references are UUIDs."""

    kind: ServiceKind | str
    title: Text
    unit: str
    planned: Decimal | str | int | None
    needs_licence: bool
    licence: UUID | None
    place: UUID | None
    starts_on: dt.date | None
    ends_on: dt.date | None


FIELDS: Final = frozenset(ServiceEntry.__annotations__)


class References:
    """The places and licences that entries name, read at once, however many entries."""

    def __init__(self, programme: Programme, given: Sequence[Entry]) -> None:
        self.places = entries.References(programme, given)
        keys = {key for entry in given if isinstance(key := entry.get("licence"), UUID)}
        rows = Licence.objects.filter(programme=programme, uuid__in=keys) if keys else ()
        self._licences: Mapping[UUID, Licence] = {row.uuid: row for row in rows}

    def licence(self, key: object, *, field: str) -> Licence | None:
        """Give the licence that a field names.

        Raises:
            Invalid: there is none, or it is of another programme.
        """
        if key is None:
            return None
        found = self._licences.get(key) if isinstance(key, UUID) else None
        if found is None:
            raise Invalid("unknown_licence", f"There is no licence {key} in this programme.", field=field)
        return found


@action
def add(
    *,
    by: Actor,
    intervention_uuid: UUID,
    reason: str = "",
    consultation: UUID | None = None,
    **entry: Unpack[ServiceEntry],
) -> Service:
    """Add an activity or a service; kind, title and unit are needed. Once the intervention has begun, with a reason.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Invalid: a wrong field, a plan below zero, a licence of another programme, dates the wrong way round; no reason
            where one is due.
    """
    entries.only(entry, FIELDS)
    of = parts.intervention_for(by, intervention_uuid)
    why = kept.why(of, reason, consultation, adds=True)
    row = build(of, entry)
    return parts.add(row, why, by=by, verb="service.added", told=_told(row))


@action
def edit(
    *,
    by: Actor,
    service_uuid: UUID,
    version: int,
    reason: str,
    consultation: UUID | None = None,
    **changes: Unpack[ServiceEntry],
) -> Service:
    """Change what is said of a service, and say why. A service that ended gets its last day.

    Raises:
        NotFound, NotAllowed: the actor may not change its intervention.
        Stale: somebody else was quicker.
        Invalid: no reason, a service that runs and would lose the licence that it needs, or as for ``add``.
    """
    entries.only(changes, FIELDS)
    row = parts.fetch(by, Service, service_uuid, what="service")
    why = kept.why(row.intervention, reason, consultation)
    values = entries.put(row, _columns(row.intervention, changes))
    _check_together(row)
    if row.started_on and row.needs_licence and row.licence is None:
        raise _licence_missing(row)
    return parts.edit(row, version, values, why, by=by, verb="service.edited")


@action
def start(*, by: Actor, service_uuid: UUID, version: int, on: dt.date | None = None) -> Service:
    """Say that a service has started, today or on an earlier day.

    What its intervention comes after is advice, not a gate: where that has not started, a notice says so.

    Raises:
        NotFound, NotAllowed: the actor may not change its intervention.
        Stale: somebody else was quicker.
        Invalid: it has started already, the day is ahead, or it needs a licence and has none that is valid on that day.
    """
    row = parts.fetch(by, Service, service_uuid, what="service")
    day = on or clock.today()
    if row.started_on:
        raise Invalid("already_started", f"“{row}” started on {row.started_on} already.", field="started_on")
    check_start(row, day)
    for first in unstarted(row.intervention, day):
        notices.warn(
            "waits_for_intervention",
            f"“{row.intervention}” comes after “{first}”, which had not begun on {day}.",
            "started_on",
        )
    row.change(version=version, started_on=day)
    ledger.record(
        verb="service.started",
        by=by,
        programme=row.programme,
        subject=row.intervention.uuid,
        data=entries.facts({"service": row, "started_on": day, "licence": row.licence}),
    )
    return row


def check_start(row: Service, day: dt.date, *, at: str = "") -> None:
    """Refuse a start on a day that is ahead, after the end, or without the licence that it needs.

    Raises:
        Invalid: see ``start``; the sentence names the licence.
    """
    field = f"{at}started_on"
    if day > clock.today():
        raise Invalid("start_ahead", f"“{row}” cannot have started on {day}: that is ahead.", field=field)
    if row.ends_on and day > row.ends_on:
        raise Invalid("dates_reversed", f"“{row}” ended on {row.ends_on}, before {day}.", field=field)
    _check_licence(row, day, at=at)


def _check_licence(row: Service, day: dt.date, *, at: str) -> None:
    if not row.needs_licence:
        return
    licence, field = row.licence, f"{at}licence"
    if licence is None:
        raise _licence_missing(row, at=at)
    named = f"Licence {licence.number} (“{licence}”)"
    if day < licence.valid_from:
        sentence = f"{named} is valid from {licence.valid_from} only: “{row}” cannot start on {day}."
        raise Invalid("licence_not_valid_yet", sentence, field=field, licence=str(licence.uuid))
    if licence.valid_to and day > licence.valid_to:
        sentence = f"{named} expired on {licence.valid_to}: “{row}” cannot start on {day}."
        raise Invalid("licence_expired", sentence, field=field, licence=str(licence.uuid))


def build(of: Intervention, entry: Entry, references: References | None = None, *, at: str = "") -> Service:
    """Make a service of what was entered, checked and not yet saved.

    Raises:
        Invalid: as for ``add``.
    """
    entries.only(entry, FIELDS, at=at)
    row = Service(programme=of.programme, intervention=of, **_columns(of, entry, references, at=at))
    entries.check(row, at=at)
    _check_together(row, at=at)
    return row


def _columns(
    of: Intervention, entry: Entry, references: References | None = None, *, at: str = ""
) -> dict[str, Any]:
    references = references or References(of.programme, [entry])
    entries.amounts(entry, ["planned"], at=at)
    values = entries.columns(entry, references.places, at=at)
    if "licence" in values:
        values["licence"] = references.licence(values["licence"], field=f"{at}licence")
    return values


def _check_together(row: Service, *, at: str = "") -> None:
    parts.check_dates(row, f"“{row}”", at=at)
    if row.started_on and row.ends_on and row.ends_on < row.started_on:
        sentence = f"“{row}” started on {row.started_on}: it cannot end on {row.ends_on}."
        raise Invalid("dates_reversed", sentence, field=f"{at}ends_on")


def _licence_missing(row: Service, *, at: str = "") -> Invalid:
    sentence = f"“{row}” needs a licence and has none: name it first."
    return Invalid("licence_missing", sentence, field=f"{at}licence", service=str(row.uuid))


def _told(row: Service) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ServiceEntry.__annotations__}
