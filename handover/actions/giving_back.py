"""Giving back: within the agreed period and with both signatures, holders, standings and grants return;
values never do.

Nothing is erased. A new transfer, executed at once, reverses the first and has a proof of its own.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor, custody
from handover.actions import action
from handover.actions.exceptions import end_exceptions, restore
from handover.actions.executions import (
    compare,
    midnight_after,
    prove,
    side_by_side,
    snapshot,
    stewards_agree,
)
from handover.actions.moves import move_back
from handover.actions.permissions import rederive
from handover.actions.signoffs import write_signoff
from handover.actions.standings import begin, end, standings_now
from handover.actions.transfers import locked, step
from handover.canonical import digest
from handover.errors import Invalid, NotAllowed, Refused
from handover.models import Organisation, Programme, SignOff, Transfer
from handover.models.milestones import Side
from handover.models.programmes import ProgrammeStatus
from handover.models.responsibilities import Phase
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import OPEN_STATES, TransferState
from handover.permissions import Permission, StandingKind
from handover.queries.previews import held_now, holders_now, people
from handover.queries.signoffs import missing_sides


def give_back_digest(transfer: Transfer) -> str:
    """Give what the signatures under giving back bind: this transfer's proof, and that it is undone."""
    return digest({"v": 1, "give_back": transfer.uuid, "proof": transfer.proof.digest})


def last_day(transfer: Transfer) -> dt.date | None:
    """Give the last day on which an executed transfer may be given back."""
    if transfer.executed_at is None:
        return None
    return (transfer.executed_at + dt.timedelta(days=transfer.give_back_days)).date()


@action
def give_back(*, by: Actor, transfer_uuid: UUID, reason: str) -> tuple[SignOff, Transfer | None]:
    """Sign giving back for the actor's side; the second side's signature carries it out.

    Returns:
        The signature, and the reversing transfer once both sides have signed.

    Raises:
        NotFound, NotAllowed: the actor signs for neither giver nor receiver.
        Invalid: no reason.
        Refused: not executed, given back already, past the agreed period, signed already, or
            responsibilities have moved on.
    """
    if not reason.strip():
        raise Invalid("comment_missing", "Say why: the other side reads it.", field="reason")
    found = access.transfer_for(by, transfer_uuid, may=Permission.VIEW)
    if by.organisation.pk not in (found.giver_id, found.receiver_id):
        raise NotAllowed("no_side", "Giver and receiver sign giving back.")
    # The giver only reads by now: custody lets its signature, and what it leads to, through.
    with custody(found.programme_id):
        transfer = locked(by, transfer_uuid, may=Permission.SIGN)
        _refuse_if_late(transfer)
        bound = give_back_digest(transfer)
        if transfer.signoffs.filter(
            subject=SignOffSubject.GIVE_BACK, organisation=by.organisation, digest=bound
        ).exists():
            raise Refused("signed_already", f"{by.organisation.name} has signed giving back already.")
        signoff = write_signoff(
            by=by, transfer=transfer, subject=SignOffSubject.GIVE_BACK, digest=bound, remark=reason
        )
        given = transfer.signoffs.filter(subject=SignOffSubject.GIVE_BACK)
        if missing_sides(given, bound, (Side.GIVER, Side.RECEIVER)):
            return signoff, None
        return signoff, _reverse(by, transfer)


def _refuse_if_late(transfer: Transfer) -> None:
    if transfer.state != TransferState.EXECUTED or transfer.reverses_id is not None:
        raise Refused("wrong_state", "Only an executed transfer can be given back.")
    until = last_day(transfer)
    if until is not None and clock.today() > until:
        raise Refused("too_late", f"It could be given back until {until:%d %B %Y}.")
    holders = holders_now(transfer.programme)
    for item in transfer.items.all():
        if holders[item.responsibility_id] != (None if item.phase == Phase.OUT else transfer.receiver_id):
            raise Refused("moved_on", "Some of its responsibilities have moved on with a later transfer.")
    if not transfer.lead:
        return
    if transfer.programme.steward_id != transfer.receiver_id:
        raise Refused("moved_on", "The programme has another steward by now.")
    # Its new giver could neither execute nor revoke it any more.
    onward = Transfer.objects.filter(
        programme=transfer.programme_id, giver=transfer.receiver_id, state__in=OPEN_STATES
    )
    for other in onward.select_related("receiver"):
        raise Refused("other_transfer_open", f"Revoke the transfer to {other.receiver.name} first.")


def _reverse(by: Actor, transfer: Transfer) -> Transfer:
    programme = transfer.programme
    before, held_before = snapshot(programme), held_now(programme)
    steward_before = programme.steward
    reversal = Transfer.objects.create(
        programme=programme,
        title=f"Giving back: {transfer.title}"[:300],
        giver=transfer.receiver,
        receiver=transfer.giver,
        lead=transfer.lead,
        state=TransferState.EXECUTED,
        give_back_days=0,
        retention_until=transfer.retention_until,
        reverses=transfer,
        executed_at=clock.wall(),
        execution_key=secrets.token_hex(16),
    )
    step(transfer, "give_back")
    count = move_back(by=by, transfer=transfer, reversal=reversal)
    story: dict[str, Any] = json.loads(transfer.proof.body)
    _return_standings(transfer, reversal, stood=story["receiver_stood"])
    rederive(programme)
    restore(transfer, story["exceptions"])
    ended = end_exceptions(
        transfer, story["exceptions"], everywhere=not _answers(programme, transfer.receiver)
    )
    after, held = snapshot(programme), held_now(programme)
    compare(before, after)
    stewards_agree(programme)
    body = {
        "v": 1,
        "programme": {"uuid": programme.uuid, "identifier": programme.identifier, "title": programme.title},
        "transfer": {"uuid": reversal.uuid, "title": reversal.title, "lead": reversal.lead},
        "reverses": {"uuid": transfer.uuid, "proof": transfer.proof.digest},
        "giver": {"uuid": reversal.giver.uuid, "name": reversal.giver.name},
        "receiver": {"uuid": reversal.receiver.uuid, "name": reversal.receiver.name},
        "executed_at": reversal.executed_at,
        "steward": {"before": steward_before.uuid, "after": programme.steward.uuid},
        "holdings": side_by_side(before, after),
        "moved_back": count,
        "exceptions_ended": ended,
        "permissions": {"roles_before": len(held_before), "roles_after": len(held)},
        "people": len(people({holder.organisation for holder in held})),
    }
    ledger.record(
        verb="transfer.given_back",
        by=by,
        programme=programme,
        subject=transfer.uuid,
        data={"reversal": reversal.uuid, "moved_back": count},
    )
    prove(by, reversal, body)
    return reversal


def _return_standings(transfer: Transfer, reversal: Transfer, *, stood: Sequence[str]) -> None:
    """Stewardship returns; the receiver stays the partner that it was, or reads what it did until the day on
    which the giver's own reading would have ended.

    Args:
        stood: how the receiver stood to the programme before the transfer was executed.
    """
    programme, giver, receiver = transfer.programme, transfer.giver, transfer.receiver
    still_holds = receiver.pk in holders_now(programme).values()
    if transfer.lead:
        end(programme, receiver, StandingKind.STEWARD)
        end(programme, giver, StandingKind.FORMER_STEWARD)
        begin(programme, giver, StandingKind.STEWARD, transfer_uuid=reversal.uuid)
        if still_holds or StandingKind.PARTNER.value in stood:
            begin(programme, receiver, StandingKind.PARTNER, transfer_uuid=reversal.uuid)
        programme.change(version=programme.version, steward=giver, status=_status_of(giver, programme))
    else:
        if not still_holds:
            end(programme, receiver, StandingKind.PARTNER, given_by=transfer.uuid)
        if not _answers(programme, giver):
            # Stewardship has gone to somebody else: what returns to the giver needs its hands all the same.
            begin(programme, giver, StandingKind.PARTNER, transfer_uuid=reversal.uuid)
    until = midnight_after(transfer.retention_until)
    if until > clock.now() and not _answers(programme, receiver):
        begin(
            programme,
            receiver,
            StandingKind.FORMER_STEWARD,
            until=until,
            writes=False,
            cutoff=reversal.executed_at,
            transfer_uuid=reversal.uuid,
        )


def _answers(programme: Programme, organisation: Organisation) -> bool:
    kinds = (StandingKind.STEWARD, StandingKind.PARTNER)
    return any(standings_now(programme, organisation, kind).exists() for kind in kinds)


def _status_of(steward: Organisation, programme: Programme) -> ProgrammeStatus:
    handed = Transfer.objects.filter(
        programme=programme, receiver=steward, lead=True, state=TransferState.EXECUTED, reverses=None
    )
    return ProgrammeStatus.HANDED_OVER if handed.exists() else ProgrammeStatus.ACTIVE
