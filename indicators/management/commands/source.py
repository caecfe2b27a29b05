"""`handover source`: where values come from, so that an auditor finds what was never uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from handover import access
from handover.access import asking
from handover.errors import Invalid, NotFound
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, organisation_named
from handover.permissions import Permission
from indicators.actions import provenance, sources
from indicators.models import SourceSeries
from indicators.queries.sources import Listed, line, listing
from indicators.queries.sources import named as sources_named

CHUNK = 1024 * 1024

steps = Steps()


class Command(StepsCommand):
    """Name the registers and sheets behind the values."""

    help = (
        "Where values come from: registers and sheets that stay with their custodian are named, with place and "
        "count; files that name nobody are kept here."
    )
    steps = steps


@steps.add(
    "add",
    PROGRAMME,
    argument("--title", required=True, metavar="TEXT", help="for example: attendance register, day centre"),
    argument("--custodian", required=True, metavar="SLUG", help="the organisation that keeps it"),
    argument("--office", default="", metavar="TEXT", help="the post that keeps it, not a person"),
    argument("--location", required=True, metavar="TEXT", help="address, room, shelf or system"),
    argument("--from", dest="starts_on", type=day, metavar="DATE"),
    argument("--until", dest="ends_on", type=day, metavar="DATE"),
    argument("--count", type=int, metavar="N"),
    argument("--counted", default="", metavar="TEXT", help="what is counted: sheets, entries, files"),
    argument("--sha256", default="", metavar="DIGEST", help="of the scanned or electronic whole"),
    argument("--keep-until", type=day, metavar="DATE"),
    argument("--note", default="", metavar="TEXT"),
)
def add(call: Call) -> Told:
    """Name a source series: what it is, which organisation keeps it, in which office, where."""
    with asking(call.by):
        programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    made = sources.register(
        by=call.by,
        programme_uuid=programme.uuid,
        title=call["title"],
        custodian=organisation_named(call["custodian"]),
        office=call["office"],
        location=call["location"],
        starts_on=call["starts_on"],
        ends_on=call["ends_on"],
        count=call["count"],
        counted=call["counted"],
        sha256=call["sha256"],
        keep_until=call["keep_until"],
        note=call["note"],
    )
    return Told(
        {"source": Listed(source=made, values=0).as_json()},
        [f"“{made.title}” is named, kept by {made.custodian.name}.", f"  source {made.uuid}"],
    )


@steps.add(
    "edit",
    argument("source", metavar="SOURCE", type=UUID, help="UUID"),
    argument("--title", metavar="TEXT"),
    argument("--custodian", metavar="SLUG", help="the organisation that keeps it now"),
    argument("--office", metavar="TEXT"),
    argument("--location", metavar="TEXT"),
    argument("--from", dest="starts_on", type=day, metavar="DATE"),
    argument("--until", dest="ends_on", type=day, metavar="DATE"),
    argument("--count", type=int, metavar="N"),
    argument("--counted", metavar="TEXT"),
    argument("--sha256", metavar="DIGEST"),
    argument("--keep-until", type=day, metavar="DATE"),
    argument("--note", metavar="TEXT"),
)
def edit(call: Call) -> Told:
    """Change what is said of a source series, for example who keeps it now. What is not named stays."""
    changes: dict[str, Any] = {name: call[name] for name in sources.FIELDS if call[name] is not None}
    if not changes:
        raise Invalid("usage", "Say what changes.")
    if "custodian" in changes:
        changes["custodian"] = organisation_named(changes["custodian"])
    with asking(call.by):
        found = sources.source_for(call.by, call["source"])
    row = sources.edit(by=call.by, source_uuid=found.uuid, version=found.version, **changes)
    return Told(
        {"source": {"uuid": row.uuid, "title": row.title, "version": row.version}},
        [f"“{row.title}” is changed.", f"  source {row.uuid}, version {row.version}"],
    )


@steps.add(
    "attach",
    argument("values", nargs="+", type=UUID, metavar="VALUE", help="UUIDs of values"),
    argument("--source", metavar="SOURCE", help="UUID of a source series"),
    argument("--file", type=Path, metavar="FILE", help="instead: a file that names nobody"),
    argument("--title", default="", metavar="TEXT", help="of the file"),
    argument("--names-nobody", action="store_true", help="you confirm that the file names no person"),
)
def attach(call: Call) -> Told:
    """Say on which source series, or on which file, values rest."""
    file: Path | None = call["file"]
    if (file is None) == (call["source"] is None):
        raise Invalid("source_or_file", "Give either a source series or a file.", field="file")
    if file is None:
        done = provenance.attach(by=call.by, value_uuids=call["values"], source_uuid=_uuid(call["source"]))
    else:
        done = provenance.attach(
            by=call.by,
            value_uuids=call["values"],
            content=_chunks(file),
            filename=file.name,
            title=call["title"],
            names_people=False if call["names_nobody"] else None,
        )
    said = "1 value rests" if done.count == 1 else f"{done.count} values rest"
    return Told(
        {"batch": done.batch, "count": done.count, "digest": done.digest},
        [f"{said} on it now.", f"  batch {done.batch}"],
    )


@steps.add("list", PROGRAMME, reads=True)
def list_all(call: Call) -> Told:
    """List the source series of a programme, and how many values rest on each."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    found = listing(programme, cutoff=access.reach(call.by, programme).cutoff)
    lines = [f"{str(item.source.uuid)[:8]}  {line(item)}" for item in found]
    return Told({"sources": [item.as_json() for item in found]}, lines or ["No source series is named yet."])


@steps.add("show", PROGRAMME, argument("source", metavar="SOURCE", help="UUID or title"), reads=True)
def show(call: Call) -> Told:
    """Show a source series."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    row = sources_named(programme, [call["source"]]).get(call["source"])
    if row is None:
        raise NotFound("source series")
    found = listing(programme, cutoff=access.reach(call.by, programme).cutoff)
    (item,) = (item for item in found if item.source.pk == row.pk)
    return Told({"source": item.as_json()}, list(_lines(item.source, item.values)))


def _lines(row: SourceSeries, values: int) -> Iterator[str]:
    yield row.title
    yield f"  source {row.uuid}, version {row.version}"
    yield f"  kept by {row.custodian.name}{f', {row.office}' if row.office else ''}"
    yield f"  at {row.location}"
    if row.starts_on or row.ends_on:
        yield f"  for {row.starts_on or '…'} to {row.ends_on or '…'}"
    if row.count is not None:
        yield f"  {row.count} {row.counted or 'pieces'}"
    if row.sha256:
        yield f"  SHA-256 {row.sha256}"
    if row.keep_until:
        yield f"  to be kept until {row.keep_until}"
    if row.note:
        yield f"  {row.note}"
    yield "  1 value rests on it" if values == 1 else f"  {values} values rest on it"


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("source series") from None
