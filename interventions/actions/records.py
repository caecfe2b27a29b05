"""Records of the work: entered, edited, withdrawn with a reason. One action for every kind that is declared.

Records are counts and facts about bodies, never about persons. What is withdrawn leaves the table; the ledger keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.db.models import ProtectedError

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import entries, record_entries
from interventions.actions.entries import Entry
from interventions.actions.record_entries import Reading
from interventions.models import CommemorationDay, Event
from interventions.queries.record_kinds import Kind, kind_named

SHOWN: Final = 3


@action
def enter(*, by: Actor, programme_uuid: UUID, record: str, entry: Entry) -> Any:
    """Enter a record of a kind. References are UUIDs; a day that everybody keeps is named by its key.

    Raises:
        NotFound, NotAllowed: the actor may not record this; the intervention's responsibility is asked, or else the
            programme.
        Invalid: no such kind or field, something missing, wrong, below zero or the wrong way round, a reference to
            nothing in this programme, or a record that is there already.
    """
    kind = _entered_here(record)
    programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
    values = Reading(programme, kind, [entry]).columns(entry)
    row = kind.model(programme=programme, **values)
    record_entries.check(kind, row)
    entries.ask(by, programme, [record_entries.responsible(kind, row)], may=kind.may)
    return _enter(kind, row, by=by)


@action
def edit(*, by: Actor, record: str, record_uuid: UUID, version: int, changes: Entry, reason: str = "") -> Any:
    """Change what a record says. If its intervention changes, the old and the new one are asked.

    Raises:
        NotFound, NotAllowed: the actor may not record this.
        Stale: somebody else was quicker.
        Invalid: as for ``enter``.
    """
    kind = _entered_here(record)
    row = fetch(by, kind, record_uuid)
    values = Reading(row.programme, kind, [changes]).columns(changes)
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    record_entries.check(kind, row)
    entries.ask(by, row.programme, [record_entries.responsible(kind, row)], may=kind.may)
    _refuse_twins(kind, row)
    _keep_day(row, by=by)
    row.change(version=version, **{name: getattr(row, name) for name in values})
    ledger.record(
        verb="record.edited",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            "record": kind.name,
            "version": row.version,
            "before": entries.facts(before),
            "changes": entries.facts({name: getattr(row, name) for name in values}),
            "reason": reason.strip(),
        },
    )
    return row


@action
def withdraw(*, by: Actor, record: str, record_uuid: UUID, version: int, reason: str) -> None:
    """Take a record out that should not be there. The ledger keeps what it said, and why it went.

    Raises:
        NotFound, NotAllowed: the actor may not record this.
        Stale: somebody else was quicker.
        Invalid: no reason.
        Refused: other records rest on it; they are named.
    """
    kind = _entered_here(record)
    row = fetch(by, kind, record_uuid)
    if not reason.strip():
        raise Invalid("reason_missing", f"Say why “{row}” is withdrawn.", field="reason")
    said = entries.facts(_said(kind, row))
    try:
        gone, _ = _all(kind).filter(pk=row.pk, version=version).delete()
    except ProtectedError as error:
        resting = [f"“{item}”" for item in sorted(error.protected_objects, key=lambda item: item.pk)[:SHOWN]]
        raise Refused(
            "record_in_use", f"“{row}” stays: {', '.join(resting)} and whatever else rests on it come first."
        ) from error
    if not gone:
        raise Stale(str(row._meta.verbose_name))
    ledger.record(
        verb="record.withdrawn",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"record": kind.name, "version": version, "said": said, "reason": reason.strip()},
    )


def fetch(by: Actor, kind: Kind, key: UUID) -> Any:
    """Fetch a record and ask for changing it.

    Raises:
        NotFound: there is none, or the actor may not read its programme.
        NotAllowed: the actor may read it, and may not do this.
    """
    related = [f"{kind.intervention}__responsibility"] if kind.intervention else []
    found = _all(kind).select_related("programme", *related).filter(uuid=key).order_by("id").first()
    if found is None:
        raise NotFound(str(kind.model._meta.verbose_name))
    entries.ask(by, found.programme, [record_entries.responsible(kind, found)], may=kind.may)
    return found


def _entered_here(record: str) -> Kind:
    kind = kind_named(record)
    if kind.elsewhere:
        raise Invalid(
            "recorded_elsewhere", f"{kind.title.capitalize()} are entered {kind.elsewhere}.", field="record"
        )
    return kind


def _enter(kind: Kind, row: Any, *, by: Actor) -> Any:
    _refuse_twins(kind, row)
    _keep_day(row, by=by)
    if kind.model is CommemorationDay:
        row.own = True
    row.save()
    ledger.record(
        verb="record.entered",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"record": kind.name, **entries.facts(_said(kind, row))},
    )
    return row


def _keep_day(row: Any, *, by: Actor) -> None:
    """Put a shared day into the programme's calendar, with the first event that is held for it."""
    day: Any = row.day if isinstance(row, Event) else None
    if day is None or day.pk is not None:
        return
    day.save()
    row.day = day
    said = {"key": day.key, "title": day.title, "month": day.month, "day": day.day, "own": False}
    ledger.record(
        verb="record.entered",
        by=by,
        programme=row.programme,
        subject=day.uuid,
        data={"record": "day", **said},
    )


def _refuse_twins(kind: Kind, row: Any) -> None:
    """Refuse a record that is there already, or that counts days which another one counts.

    Of two that enter the same one at once, the second waits here and is told.
    """
    if Programme.objects.select_for_update(no_key=True).filter(pk=row.programme_id).first() is None:
        raise NotAllowed("only_reads", "Your organisation only reads this programme.")
    there = record_entries.same(kind, row)
    if there is None:
        return
    name = str(row._meta.verbose_name)
    days = [name for name in dict.fromkeys(kind.days) if name]
    if all(getattr(there, day) == getattr(row, day) for day in days):
        raise Invalid(
            "recorded_already",
            f"This {name} is recorded already: “{there}”, {there.uuid}. Edit it if it says something else now.",
            record=str(there.uuid),
        )
    first, last = (getattr(there, day) for day in kind.days)
    raise Invalid(
        "period_overlaps",
        f"The {name} “{there}” counts {first} to {last or 'today'} already: the same days are never counted twice.",
        field=kind.days[0],
        record=str(there.uuid),
    )


def _all(kind: Kind) -> models.Manager[Any]:
    return kind.model._default_manager


def _said(kind: Kind, row: Any) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in kind.fields}
