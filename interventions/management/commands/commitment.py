"""`handover commitment`: what institutions said they would do, and what became of it."""

from __future__ import annotations

from handover import access, clock
from handover.access import asking
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day
from handover.management.tables import table
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import commitments
from interventions.management.records import reading, showing
from interventions.models import Commitment, CommitmentState
from interventions.queries import records
from interventions.queries.record_kinds import KINDS

COMMITMENT = argument(
    "commitment", metavar="COMMITMENT", help="UUID, its first 8 or more characters, or a part of its text"
)
KIND = KINDS["commitment"]

steps = Steps()


class Command(StepsCommand):
    """Follow what institutions committed themselves to."""

    help = (
        "What institutions said they would do, by when, and what became of it. Entered by `handover record`."
    )
    steps = steps


@steps.add(
    "list",
    PROGRAMME,
    argument("--state", choices=CommitmentState.values, help="only those in one state"),
    argument("--overdue", action="store_true", help="only open ones whose day is over"),
    reads=True,
)
def list_all(call: Call) -> Told:
    """List commitments, with the authority that made them."""
    programme, today = _programme(call), clock.today()
    late = {row.pk for row in records.overdue(programme, today)}
    cutoff = access.reach(call.by, programme).cutoff
    found = [
        row
        for row in records.listing(
            programme,
            KIND.name,
            filters={"state": call["state"]} if call["state"] else None,
            cutoff=cutoff,
        )
        if row.pk in late or not call["overdue"]
    ]
    cells = [
        (
            str(row.uuid)[:8],
            row.made_on,
            row.due_on or "–",
            f"{row.state}{', overdue' if row.pk in late else ''}",
            row.authority.name,
            row.text,
        )
        for row in found
    ]
    heads = ("KEY", "MADE", "DUE", "STATE", "AUTHORITY", "WHAT")
    return Told(
        {"commitments": [{**showing.document(KIND, row), "overdue": row.pk in late} for row in found]},
        [*table(heads, cells, empty="There are no such commitments recorded here.")],
    )


@steps.add(
    "close",
    PROGRAMME,
    COMMITMENT,
    argument("state", choices=[state.value for state in commitments.CLOSED], help="what became of it"),
    argument("--outcome", required=True, metavar="TEXT", help="what was done, and how one knows"),
    argument("--on", type=day, metavar="DATE", help="today, if it is left out"),
)
def close(call: Call) -> Told:
    """Say what became of a commitment."""
    found = _named(call)
    row = commitments.close(
        by=call.by,
        commitment_uuid=found.uuid,
        version=found.version,
        state=call["state"],
        outcome=call["outcome"],
        closed_on=call["on"],
    )
    return _told(call, row, f"“{row}”: {row.get_state_display()} since {row.closed_on}.", f"  {row.outcome}")


@steps.add("reopen", PROGRAMME, COMMITMENT, argument("--reason", required=True, metavar="TEXT"))
def reopen(call: Call) -> Told:
    """Open a commitment again that was closed wrongly."""
    found = _named(call)
    row = commitments.reopen(
        by=call.by, commitment_uuid=found.uuid, version=found.version, reason=call["reason"]
    )
    return _told(call, row, f"“{row}” is open again.")


def _told(call: Call, row: Commitment, *lines: str) -> Told:
    with asking(call.by):
        return Told({"commitment": showing.document(KIND, row)}, lines)


def _programme(call: Call) -> Programme:
    return access.programme_for(call.by, call["programme"], may=Permission.VIEW)


def _named(call: Call) -> Commitment:
    with asking(call.by):
        row: Commitment = reading.record_named(_programme(call), KIND, call["commitment"])
    return row
