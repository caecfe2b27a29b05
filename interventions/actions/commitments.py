"""What became of a commitment: closed with its outcome, reopened with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Final
from uuid import UUID

from handover import clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, Refused
from interventions.actions import records
from interventions.models import Commitment, CommitmentState
from interventions.queries.record_kinds import KINDS

CLOSED: Final = tuple(state for state in CommitmentState if state is not CommitmentState.OPEN)
"""What can become of a commitment."""


@action
def close(
    *,
    by: Actor,
    commitment_uuid: UUID,
    version: int,
    state: CommitmentState | str,
    outcome: str,
    closed_on: dt.date | None = None,
) -> Commitment:
    """Say what became of a commitment: kept, partly kept, not kept, or withdrawn; and how one knows.

    Raises:
        NotFound, NotAllowed: the actor may not change what is done in the programme.
        Stale: somebody else was quicker.
        Refused: it is closed already.
        Invalid: no such state, no outcome, or a day before it was made or after today.
    """
    row: Commitment = records.fetch(by, KINDS["commitment"], commitment_uuid)
    if row.state != CommitmentState.OPEN:
        raise Refused("commitment_closed", f"“{row}” is {row.get_state_display()} already: reopen it first.")
    if state not in [item.value for item in CLOSED]:
        there = ", ".join(item.value for item in CLOSED)
        raise Invalid(
            "unknown_state", f"“{state}” is no end of a commitment; there are: {there}.", field="state"
        )
    if not outcome.strip():
        raise Invalid("outcome_missing", f"Say what became of “{row}”.", field="outcome")
    day = closed_on or clock.today()
    if not row.made_on <= day <= clock.today():
        raise Invalid(
            "wrong_day",
            f"“{row}” was made on {row.made_on}: it closes between that day and today, not on {day}.",
            field="closed_on",
        )
    row.change(version=version, state=str(state), outcome=outcome.strip(), closed_on=day)
    _record("commitment.closed", row, by=by, state=row.state, outcome=row.outcome, closed_on=day)
    return row


@action
def reopen(*, by: Actor, commitment_uuid: UUID, version: int, reason: str) -> Commitment:
    """Open a commitment again that was closed wrongly; the ledger keeps what was said of it.

    Raises:
        NotFound, NotAllowed: the actor may not change what is done in the programme.
        Stale: somebody else was quicker.
        Refused: it is open.
        Invalid: no reason.
    """
    row: Commitment = records.fetch(by, KINDS["commitment"], commitment_uuid)
    if row.state == CommitmentState.OPEN:
        raise Refused("commitment_open", f"“{row}” is open.")
    if not reason.strip():
        raise Invalid("reason_missing", f"Say why “{row}” is open again.", field="reason")
    was = {"state": row.state, "outcome": row.outcome, "closed_on": row.closed_on}
    row.change(version=version, state=CommitmentState.OPEN, outcome="", closed_on=None)
    _record("commitment.reopened", row, by=by, was=was, reason=reason.strip())
    return row


def _record(verb: str, row: Commitment, *, by: Actor, **said: object) -> None:
    data = {"text": row.text, "version": row.version, **said}
    ledger.record(verb=verb, by=by, programme=row.programme, subject=row.uuid, data=data)
