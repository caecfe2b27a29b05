"""`handover record`: records of the work, entered, edited, withdrawn, listed and added up."""

from __future__ import annotations

from typing import Any

from handover import access
from handover.access import asking
from handover.management.base import PROGRAMME, VERSION_READ, Call, Steps, StepsCommand, Told, Who, argument
from handover.management.tables import table
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import records
from interventions.management.records import reading, showing
from interventions.queries import feeding
from interventions.queries import records as told
from interventions.queries.periods import MONTHS, named
from interventions.queries.record_kinds import KINDS, Kind, kind_named

KIND = argument("kind", metavar="KIND", help=f"one of: {', '.join(KINDS)}")
RECORD = argument(
    "record", metavar="RECORD", help="UUID, its first 8 or more characters, or a part of its name"
)
FIELDS = argument("fields", metavar="FIELD=VALUE", nargs="+", help="`handover record fields KIND` lists them")
ONLY = argument(
    "--only",
    action="append",
    default=[],
    metavar="FIELD=VALUE",
    help="only those, may be repeated; several values with commas between",
)
PERIOD = argument("--period", type=str, metavar="PERIOD", help="2026, 2026-H1, 2026-Q1, 2026-03 or DAY..DAY")

steps = Steps()


class Command(StepsCommand):
    """Keep the records of the work."""

    help = "Records of the work, as counts and never as personal files: enter, edit, withdraw, list, add up."
    steps = steps


@steps.add("kinds", who=Who.OPERATOR)
def kinds(call: Call) -> Told:
    """List the kinds of records."""
    cells = [
        (kind.name, kind.title, kind.elsewhere and f"entered {kind.elsewhere}") for kind in KINDS.values()
    ]
    return Told(
        {"kinds": [showing.field_document(kind) for kind in KINDS.values()]},
        [*table(("KIND", "RECORDS OF", ""), cells, empty="")],
    )


@steps.add("fields", KIND, who=Who.OPERATOR)
def fields(call: Call) -> Told:
    """Say what a kind of record holds, what makes two the same, and what they can be counted by."""
    kind = kind_named(call["kind"])
    return Told(showing.field_document(kind), [*showing.field_lines(kind)])


@steps.add("enter", PROGRAMME, KIND, FIELDS)
def enter(call: Call) -> Told:
    """Enter a record."""
    kind = kind_named(call["kind"])
    with asking(call.by):
        programme = _programme(call)
        entry = reading.entry(programme, kind, call["fields"])
    row = records.enter(by=call.by, programme_uuid=programme.uuid, record=kind.name, entry=entry)
    return _told(call, kind, row, "It is recorded.")


@steps.add(
    "edit", PROGRAMME, KIND, RECORD, FIELDS, argument("--reason", default="", metavar="TEXT"), VERSION_READ
)
def edit(call: Call) -> Told:
    """Change what a record says; an empty value takes away what stood there."""
    kind = kind_named(call["kind"])
    with asking(call.by):
        programme = _programme(call)
        found = reading.record_named(programme, kind, call["record"])
        changes = reading.entry(programme, kind, call["fields"])
    row = records.edit(
        by=call.by,
        record=kind.name,
        record_uuid=found.uuid,
        version=found.version if call["read"] is None else call["read"],
        changes=changes,
        reason=call["reason"],
    )
    return _told(call, kind, row, "It is changed.")


@steps.add(
    "withdraw", PROGRAMME, KIND, RECORD, argument("--reason", required=True, metavar="TEXT"), VERSION_READ
)
def withdraw(call: Call) -> Told:
    """Take out a record that should not be there; the ledger keeps it, with the reason."""
    kind = kind_named(call["kind"])
    with asking(call.by):
        found = reading.record_named(_programme(call), kind, call["record"])
    records.withdraw(
        by=call.by,
        record=kind.name,
        record_uuid=found.uuid,
        version=found.version if call["read"] is None else call["read"],
        reason=call["reason"],
    )
    return Told({"withdrawn": found.uuid}, [f"“{found}” is withdrawn; the ledger keeps what it said."])


@steps.add("show", PROGRAMME, KIND, RECORD, reads=True)
def show(call: Call) -> Told:
    """Show a record."""
    kind, programme = kind_named(call["kind"]), _programme(call)
    cutoff = access.reach(call.by, programme).cutoff
    row = reading.record_named(programme, kind, call["record"], cutoff=cutoff)
    return Told({"record": showing.document(kind, row)}, [*showing.lines(kind, row)])


@steps.add("list", PROGRAMME, KIND, ONLY, PERIOD, reads=True)
def list_all(call: Call) -> Told:
    """List records of a kind in the order of time."""
    kind, programme = kind_named(call["kind"]), _programme(call)
    first, last = named(call["period"]) if call["period"] else (None, None)
    chosen = reading.filters(programme, kind, call["only"])
    cutoff = access.reach(call.by, programme).cutoff
    found = told.listing(programme, kind.name, filters=chosen, first=first, last=last, cutoff=cutoff)
    return Told({"records": [showing.document(kind, row) for row in found]}, showing.rows(kind, found))


@steps.add(
    "sums",
    PROGRAMME,
    KIND,
    argument("--by", default="quarter", choices=list(MONTHS), help="how long a period is; a quarter"),
    argument(
        "--split",
        default="",
        metavar="FIELD[,FIELD]",
        help="a line for each: kind, outcome, place, intervention …",
    ),
    ONLY,
    reads=True,
)
def sums(call: Call) -> Told:
    """Add up records of a kind by period. Those that reach over its edge stand in a period of their own."""
    kind, programme = kind_named(call["kind"]), _programme(call)
    found = told.sums(
        programme,
        kind.name,
        by=call["by"],
        split=feeding.parts(call["split"]),
        filters=reading.filters(programme, kind, call["only"]),
        cutoff=access.reach(call.by, programme).cutoff,
    )
    return Told({"sums": [showing.sum_document(item) for item in found]}, showing.sum_lines(found, kind))


def _told(call: Call, kind: Kind, row: Any, done: str) -> Told:
    with asking(call.by):
        lines = [done, *(f"  {line}" for line in showing.lines(kind, row))]
        return Told({"record": showing.document(kind, row)}, lines)


def _programme(call: Call) -> Programme:
    return access.programme_for(call.by, call["programme"], may=Permission.VIEW)
