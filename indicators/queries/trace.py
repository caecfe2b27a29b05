"""The way back from a value: its revisions, who reported and approved each, what they rest on, which entry has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from handover import access
from handover.access import Actor
from handover.errors import NotFound
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from indicators.models import Provenance, Submission, Value
from indicators.queries.values import history


@dataclass(frozen=True)
class Passed:
    """The submission by which a revision came: who handed it in, and who approved it."""

    uuid: UUID
    title: str
    author: str
    organisation: str
    submitted_at: dt.datetime | None
    approver: str
    decided_at: dt.datetime | None


@dataclass(frozen=True)
class Source:
    """A source series on which a revision rests: where an auditor finds it."""

    uuid: UUID
    title: str
    custodian: str
    office: str
    location: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    count: int | None
    counted: str
    sha256: str
    keep_until: dt.date | None
    named_by: str
    organisation: str
    named_at: dt.datetime


@dataclass(frozen=True)
class File:
    """A file on which a revision rests; after erasure its digest remains."""

    uuid: UUID
    title: str
    filename: str
    sha256: str
    size: int
    erased: bool
    added_by: str
    organisation: str
    added_at: dt.datetime


@dataclass(frozen=True)
class Revision:
    """One revision, and what is known of it. ``entry``: the number of its batch in the programme's ledger."""

    uuid: UUID
    revision: int
    value: Decimal | None
    said: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    reporter: str
    organisation: str
    recorded_at: dt.datetime
    reason: str
    batch: UUID
    digest: str
    entry: int | None
    submission: Passed | None
    sources: Sequence[Source]
    files: Sequence[File]


@dataclass(frozen=True)
class Trace:
    """The way back from a value."""

    value: UUID
    programme: str
    indicator: UUID
    title: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    place: str
    cell: str
    revisions: Sequence[Revision]

    def as_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        return asdict(self)


def value_for(actor: Actor, uuid: UUID) -> Value:
    """Fetch a value that an actor may read.

    Raises:
        NotFound: there is none, another tenant has it, or it was recorded after the actor's cut-off.
    """
    rows = Value.objects.select_related("programme", "indicator", "period", "place").filter(uuid=uuid)
    found = rows.order_by("id").first()
    if found is None:
        raise NotFound("value")
    programme = access.authorise(actor, found.programme_id, None, may=Permission.VIEW)
    cutoff = access.reach(actor, programme).cutoff
    if cutoff is not None and found.recorded_at > cutoff:
        raise NotFound("value")
    return found


def trace(value: Value, *, cutoff: dt.datetime | None = None) -> Trace:
    """Walk back from a value, in four queries.

    Args:
        cutoff: ``Reach.cutoff``: what was recorded after it does not show.
    """
    rows = history(value, cutoff=cutoff)
    batches = [row.batch for row in rows]
    passed = {
        row.batch: _passed(row)
        for row in Submission.objects.filter(programme=value.programme_id, batch__in=batches)
    }
    entries = _entries(value.programme, batches)
    sources, files = _origins(value, [row.uuid for row in rows], cutoff)
    return Trace(
        value=value.uuid,
        programme=value.programme.identifier,
        indicator=value.indicator.uuid,
        title=best(value.indicator.title),
        starts_on=value.period.starts_on,
        ends_on=value.period.ends_on,
        place=value.place.name if value.place else "",
        cell=value.cell,
        revisions=[
            _revision(
                row,
                entry=entries.get(row.batch),
                submission=passed.get(row.batch),
                sources=sources.get(row.uuid, ()),
                files=files.get(row.uuid, ()),
            )
            for row in rows
        ],
    )


def _revision(
    row: Value,
    *,
    entry: int | None,
    submission: Passed | None,
    sources: Sequence[Source],
    files: Sequence[File],
) -> Revision:
    return Revision(
        uuid=row.uuid,
        revision=row.revision,
        value=row.value,
        said=row.value_text,
        numerator=row.numerator,
        denominator=row.denominator,
        reporter=row.reporter_name,
        organisation=row.organisation_name,
        recorded_at=row.recorded_at,
        reason=row.reason,
        batch=row.batch,
        digest=bytes(row.digest).hex(),
        entry=entry,
        submission=submission,
        sources=sources,
        files=files,
    )


def _passed(row: Submission) -> Passed:
    return Passed(
        uuid=row.uuid,
        title=row.title,
        author=row.drafted_by_name,
        organisation=row.organisation_name,
        submitted_at=row.submitted_at,
        approver=row.decided_by_name,
        decided_at=row.decided_at,
    )


def _entries(programme: Programme, batches: Sequence[UUID]) -> dict[UUID, int]:
    """Find the entries that commit to batches: in canonical text the subject is the last but two."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT named.subject::uuid, min(named.seq)
              FROM (SELECT seq, substring(right(body, 200) from
                             '"subject":"([0-9a-f-]{36})","v":[0-9]+,"verb":"values[.][a-z]+"}$') AS subject
                      FROM handover_ledgerentry WHERE chain = %s) named
             WHERE named.subject = ANY (%s::text[]) GROUP BY named.subject
            """,
            [programme.uuid, [str(batch) for batch in batches]],
        )
        return {uuid: int(seq) for uuid, seq in cursor.fetchall()}


def _origins(
    value: Value, uuids: Sequence[UUID], cutoff: dt.datetime | None
) -> tuple[dict[UUID, list[Source]], dict[UUID, list[File]]]:
    rows = Provenance.objects.filter(programme=value.programme_id, value_uuid__in=uuids).select_related(
        "source__custodian", "file"
    )
    if cutoff is not None:
        rows = rows.filter(added_at__lte=cutoff)
    sources: dict[UUID, list[Source]] = {}
    files: dict[UUID, list[File]] = {}
    for row in rows.order_by("id"):
        if row.source is not None:
            sources.setdefault(row.value_uuid, []).append(_source(row))
        else:
            files.setdefault(row.value_uuid, []).append(_file(row))
    return sources, files


def _source(row: Provenance) -> Source:
    found = row.source
    if found is None:
        raise ValueError("no source")
    return Source(
        uuid=found.uuid,
        title=found.title,
        custodian=found.custodian.name,
        office=found.office,
        location=found.location,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        count=found.count,
        counted=found.counted,
        sha256=found.sha256,
        keep_until=found.keep_until,
        named_by=row.added_by_name,
        organisation=row.organisation_name,
        named_at=row.added_at,
    )


def _file(row: Provenance) -> File:
    found = row.file
    if found is None:
        raise ValueError("no file")
    return File(
        uuid=row.uuid,
        title=row.title,
        filename=row.filename,
        sha256=found.sha256,
        size=found.size,
        erased=found.erased_at is not None,
        added_by=row.added_by_name,
        organisation=row.organisation_name,
        added_at=row.added_at,
    )
