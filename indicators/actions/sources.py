"""Source series: named so that an auditor finds the sheets that were never uploaded. They hold no name of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.columns import checking
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Organisation, Programme
from handover.permissions import Permission
from indicators.actions import entries
from indicators.actions.submissions import reporter_in
from indicators.models import SourceSeries
from indicators.queries.digests import sealed


class SourceEntry(TypedDict, total=False):
    """What can be said of a source series."""

    title: str
    custodian: Organisation
    office: str
    location: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    count: int | None
    counted: str
    sha256: str
    keep_until: dt.date | None
    note: str


FIELDS: Final = frozenset(SourceEntry.__annotations__)
TEXTS: Final = frozenset({"title", "office", "location", "counted", "sha256", "note"})


@action
def register(*, by: Actor, programme_uuid: UUID, **entry: Unpack[SourceEntry]) -> SourceSeries:
    """Name a source series: what it is, and which organisation keeps it, in which office, where.

    Title, custodian and location are needed.

    Raises:
        NotFound, NotAllowed: the actor reports nothing in this programme.
        Invalid: an unknown, a missing or a wrong field.
    """
    programme = reporter_in(by, programme_uuid)
    entries.only(entry, FIELDS, what="A source series")
    entries.needed(entry, ("title", "custodian", "location"))
    row = SourceSeries(programme=programme, **_columns(entry))
    _check(row)
    entries.checked(row)
    row.save()
    _record("source.registered", by, row, entry)
    return row


@action
def edit(*, by: Actor, source_uuid: UUID, version: int, **changes: Unpack[SourceEntry]) -> SourceSeries:
    """Change what is said of a source series, for example when its custodian changes. Who reports for the programme
    itself may; others only of what their own organisation keeps.

    Raises:
        NotFound, NotAllowed: the actor may not.
        Stale: somebody else was quicker.
        Invalid: an unknown or a wrong field.
    """
    entries.only(changes, FIELDS, what="A source series")
    row = source_for(by, source_uuid)
    programme = reporter_in(by, row.programme.uuid)
    _own(by, programme, row)
    values = _columns(changes)
    for name in ("title", "location"):
        if name in values:
            entries.needed(values, (name,))
    _check(SourceSeries(**{**{name: getattr(row, name) for name in FIELDS}, **values}))
    with checking():
        row.change(version=version, **values)
    _record("source.edited", by, row, changes)
    return row


def source_for(by: Actor, source_uuid: UUID) -> SourceSeries:
    """Fetch a source series of a programme that an actor reads.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    rows = SourceSeries.objects.select_related("programme", "custodian").filter(uuid=source_uuid)
    found = rows.order_by("id").first()
    if found is None:
        raise NotFound("source series")
    access.authorise(by, found.programme_id, None, may=Permission.VIEW)
    return found


def _own(by: Actor, programme: Programme, row: SourceSeries) -> None:
    if row.custodian_id == by.organisation.pk:
        return
    if entries.REPORT not in access.reach(by, programme).permissions:
        raise NotAllowed(
            "not_custodian",
            f"“{row.title}” is kept by {row.custodian.name}: it, or whoever reports for the programme, changes it.",
        )


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item.strip() if name in TEXTS else item for name, item in given.items()}


def _check(row: SourceSeries) -> None:
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        raise Invalid("dates_reversed", "The period ends before it begins.", field="ends_on")
    row.sha256 = row.sha256.lower()
    if row.sha256 and (len(row.sha256) != 64 or set(row.sha256) - set("0123456789abcdef")):
        raise Invalid("not_a_digest", "A SHA-256 has 64 characters, 0 to 9 and a to f.", field="sha256")


def _record(verb: str, by: Actor, row: SourceSeries, said: Mapping[str, Any]) -> None:
    facts = {
        name: {"uuid": item.uuid, "name": item.name} if isinstance(item, Organisation) else item
        for name, item in said.items()
    }
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"said": facts, "version": row.version, "sealed": sealed([row])},
    )
