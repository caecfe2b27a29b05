"""`handover trace VALUE`: the way back from a value, to whoever reported it and to what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.core.management.base import CommandParser

from handover import access
from handover.access import asking
from handover.canonical import decimal_text
from handover.management.base import ActorCommand, Call, Told
from indicators.queries.trace import Revision, Trace, trace, value_for


class Command(ActorCommand):
    help = (
        "The way back from a value: every revision, who reported and who approved it, for which organisation, when and "
        "why, the register or file that it rests on, and the ledger's entry that commits to it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("value", type=UUID, metavar="VALUE", help="UUID of any of its revisions")
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        with asking(call.by):
            value = value_for(call.by, call["value"])
            found = trace(value, cutoff=access.reach(call.by, value.programme).cutoff)
        return Told({"trace": found.as_json()}, list(_lines(found)))


def _lines(found: Trace) -> Iterator[str]:
    yield f"{found.title}, {found.starts_on} to {found.ends_on}"
    where = ", ".join(part for part in (found.cell, found.place) if part)
    yield f"  {where or 'everybody'}; programme {found.programme}"
    for revision in found.revisions:
        yield ""
        yield from _revision(revision)


def _revision(row: Revision) -> Iterator[str]:
    said = decimal_text(row.value) if row.value is not None else (row.said or "")
    if row.numerator is not None and row.denominator is not None:
        said = f"{said} ({decimal_text(row.numerator)} of {decimal_text(row.denominator)})".strip()
    yield f"Revision {row.revision}: {said}"
    yield f"  reported by {row.reporter}, {row.organisation}, {row.recorded_at:%Y-%m-%d %H:%M} UTC"
    if row.reason:
        yield f"  because: {row.reason}"
    if row.submission is not None:
        sent = f"{row.submission.submitted_at:%Y-%m-%d %H:%M} UTC" if row.submission.submitted_at else "–"
        yield f"  handed in {sent}, approved by {row.submission.approver} (submission {row.submission.uuid})"
    entry = f"entry {row.entry}" if row.entry is not None else "no entry"
    yield f"  value {row.uuid}, batch {row.batch}, {entry} of the programme's ledger"
    for source in row.sources:
        keeper = f"{source.custodian}, {source.office}" if source.office else source.custodian
        count = f"; {source.count} {source.counted or 'pieces'}" if source.count is not None else ""
        yield f"  rests on “{source.title}”, kept by {keeper}, at {source.location}{count}"
    for file in row.files:
        gone = " (erased)" if file.erased else ""
        yield f"  rests on the file {file.filename}{gone}, SHA-256 {file.sha256}"
