"""Execution: one transaction that moves what is left to move, and proves that nothing else changed.

Lock the programme → check gates → digest what it holds → move responsibilities, standings, grants → digest
again → compare → prove → ledger → checkpoint → commit. The number of statements does not depend on how much
the programme holds.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import Any
from uuid import UUID

from handover import access, clock, holdings, ledger
from handover.access import Actor, custody
from handover.actions import action
from handover.actions.checkpoints import sign_heads
from handover.actions.checks import plan_after
from handover.actions.exceptions import apply_mappings
from handover.actions.moves import move
from handover.actions.permissions import rederive
from handover.actions.signoffs import write_signoff
from handover.actions.standings import begin, end
from handover.actions.transfers import locked, step
from handover.canonical import canonical, text_digest
from handover.errors import Broken, NotAllowed, Refused
from handover.models import Programme, Proof, SignOff, Standing, Transfer
from handover.models.programmes import ProgrammeStatus
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import TransferState
from handover.permissions import Permission, StandingKind
from handover.queries import vote_words
from handover.queries.gates import gates
from handover.queries.plans import latest_preview
from handover.queries.previews import (
    Held,
    Person,
    held_after,
    held_now,
    owed_now,
    people,
    standings_now,
    unlike,
)

Snapshot = dict[str, list[holdings.Conserved]]


@action
def execute(*, by: Actor, transfer_uuid: UUID, key: str = "") -> Proof:
    """Execute an accepted transfer. The receiver's signatory does; the same key again gives the same proof
    and changes nothing.

    Args:
        key: an idempotency key of the caller's choice.

    Raises:
        NotFound, NotAllowed: the actor may not execute for the receiver.
        Refused: it is executed already, or gates are unmet; all are named.
        Broken: an invariant would not hold; nothing has happened.
    """
    found = access.transfer_for(by, transfer_uuid, may=Permission.VIEW)
    if found.receiver_id != by.organisation.pk:
        raise NotAllowed("not_receiver", "The receiver's signatory executes a transfer.")
    # Of two executions at once the second waits here, then finds the first one's result.
    access.lock_programme(found.programme)
    transfer = Transfer.objects.select_related("programme", "giver", "receiver").get(pk=found.pk)
    if transfer.executed_at is not None:
        if key and transfer.execution_key == key:
            return transfer.proof
        raise Refused("already_executed", "This transfer has been executed already.")
    access.transfer_for(by, transfer_uuid, may=Permission.EXECUTE_TRANSFER)
    unmet = gates(transfer)
    if unmet:
        raise Refused(
            "gates_unmet", f"The transfer cannot be executed yet: {len(unmet)} gates are unmet.", unmet
        )
    with custody(transfer.programme_id):
        return _execute(by, transfer, key or secrets.token_hex(16))


def _execute(by: Actor, transfer: Transfer, key: str) -> Proof:
    programme = transfer.programme
    before, held_before = snapshot(programme), held_now(programme)
    expected = held_after(transfer)
    seats = people({holder.organisation for holder in (*held_before, *expected)})
    steward_before = programme.steward
    stood = sorted(
        kind.value
        for organisation, kind, _ in standings_now(programme)
        if organisation == transfer.receiver_id
    )
    # The wall clock, not the transaction's: whatever was written before the lock lies before the cut-off.
    step(transfer, "execute", executed_at=clock.wall(), execution_key=key)
    items = list(transfer.items.filter(moved_at__isnull=True).select_related("responsibility"))
    moved = move(by=by, transfer=transfer, items=items)
    exceptions = apply_mappings(transfer)
    _move_standings(transfer)
    rederive(programme)
    after, held = snapshot(programme), held_now(programme)
    compare(before, after)
    _as_signed(expected, held)
    stewards_agree(programme)
    if transfer.lead:
        plan_after(by, transfer)
    body = {
        "v": 1,
        "programme": {"uuid": programme.uuid, "identifier": programme.identifier, "title": programme.title},
        "transfer": {"uuid": transfer.uuid, "title": transfer.title, "lead": transfer.lead},
        "giver": {"uuid": transfer.giver.uuid, "name": transfer.giver.name},
        "receiver": {"uuid": transfer.receiver.uuid, "name": transfer.receiver.name},
        "executed_at": transfer.executed_at,
        "plan": transfer.plan_digest,
        "steward": {"before": steward_before.uuid, "after": programme.steward.uuid},
        "receiver_stood": stood,
        "holdings": side_by_side(before, after),
        "moved_before": _moved_before(transfer, items),
        "moved": moved,
        "exceptions": exceptions,
        "permissions": _permission_story(transfer, held_before, held, seats),
        "voices": vote_words.story(transfer),
    }
    return prove(by, transfer, body)


def snapshot(programme: Programme) -> Snapshot:
    """Count, sum and digest all that every app holds for a programme."""
    return {holding.name: holding.conserved(programme) for holding in holdings.holdings()}


def compare(before: Snapshot, after: Snapshot) -> None:
    """Hold two snapshots against each other.

    Raises:
        Broken: something is not equal; every difference is named.
    """
    differing = [
        row.name
        for name, rows in before.items()
        for row, now in zip(rows, after[name], strict=True)
        if row != now
    ]
    if differing:
        raise Broken(
            "not_conserved", f"The handover would change {', '.join(differing)}.", holdings=differing
        )


def side_by_side(before: Snapshot, after: Snapshot) -> list[dict[str, Any]]:
    """Give two snapshots line by line, as the proof shows them."""
    return [
        {
            "holding": name,
            "name": row.name,
            "before": row.as_json(),
            "after": now.as_json(),
            "equal": row == now,
        }
        for name, rows in before.items()
        for row, now in zip(rows, after[name], strict=True)
    ]


def _move_standings(transfer: Transfer) -> None:
    """Move stewardship (lead) or make the receiver a partner (others); what the giver keeps ends on the day
    in the plan."""
    programme, giver, receiver = transfer.programme, transfer.giver, transfer.receiver
    end(programme, receiver, StandingKind.RECEIVER)
    end(programme, receiver, StandingKind.FORMER_STEWARD)
    if not transfer.lead:
        holds = Standing.objects.filter(
            programme=programme,
            organisation=receiver,
            kind__in=(StandingKind.PARTNER.value, StandingKind.STEWARD.value),
            valid__contains=clock.now(),
            # A partner for a time would lose, at its minute, what it now answers for.
            valid__upper_inf=True,
        )
        if not holds.exists():
            begin(programme, receiver, StandingKind.PARTNER, transfer_uuid=transfer.uuid)
        return
    end(programme, receiver, StandingKind.PARTNER)
    end(programme, giver, StandingKind.PARTNER)
    end(programme, giver, StandingKind.STEWARD)
    begin(programme, receiver, StandingKind.STEWARD, transfer_uuid=transfer.uuid)
    begin(
        programme,
        giver,
        StandingKind.FORMER_STEWARD,
        until=midnight_after(transfer.retention_until),
        writes=owed_now(programme.pk)
        .filter(transfer__giver=giver, transfer__state=TransferState.EXECUTED)
        .exists(),
        cutoff=transfer.executed_at,
        transfer_uuid=transfer.uuid,
    )
    programme.change(version=programme.version, steward=receiver, status=ProgrammeStatus.HANDED_OVER)


def midnight_after(day: dt.date) -> dt.datetime:
    """Give the instant at which a last day ends, in UTC."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)


def _as_signed(expected: Held, held: Held) -> None:
    """Nobody may hold more or less than the signed plan leads to.

    Raises:
        Broken: a role would; each is named.
    """
    wrong = sorted(
        f"{holder.role} of organisation {holder.organisation}"
        for holder in expected.keys() | held.keys()
        if expected.on(holder) != held.on(holder)
    )
    if wrong:
        raise Broken(
            "permissions_differ",
            f"Permissions would not be what was signed: {', '.join(wrong)}.",
            roles=wrong,
        )


def stewards_agree(programme: Programme) -> None:
    """Steward, standings and policies agree, always.

    Raises:
        Broken: they do not.
    """
    stewards = list(
        Standing.objects.filter(
            programme=programme, kind=StandingKind.STEWARD.value, valid__contains=clock.now()
        ).values_list("organisation_id", flat=True)
    )
    if stewards != [programme.steward_id]:
        raise Broken("stewards_differ", "The programme's steward and its standings would not agree.")


def _moved_before(transfer: Transfer, items: list[Any]) -> list[dict[str, Any]]:
    now = {item.pk for item in items}
    return [
        {
            "responsibility": item.responsibility.uuid,
            "title": item.responsibility.title,
            "moved_at": item.moved_at,
        }
        for item in transfer.items.select_related("responsibility")
        if item.pk not in now
    ]


def _permission_story(transfer: Transfer, before: Held, after: Held, seats: list[Person]) -> dict[str, Any]:
    """Say what was signed, what happened, and what differs: who was let in or left since the plan was signed."""
    signed = latest_preview(transfer)
    differing = unlike(json.loads(signed.body), transfer.programme, after) if signed else []
    return {
        "preview": signed.digest if signed else None,
        "as_signed": not differing,
        "differing": differing,
        "roles_before": len(before),
        "roles_after": len(after),
        "people": sorted({f"{person.name.key}, {person.organisation_name}" for person in seats}),
    }


def prove(by: Actor, transfer: Transfer, body: dict[str, Any]) -> Proof:
    """Store a proof, sign it for the actor's side, record it and sign a checkpoint over all chains."""
    text = canonical(body)
    proof = Proof.objects.create(
        programme=transfer.programme,
        transfer=transfer,
        made_at=clock.now(),
        body=text,
        digest=text_digest(text),
    )
    write_signoff(by=by, transfer=transfer, subject=SignOffSubject.PROOF, digest=proof.digest)
    ledger.record(
        verb="transfer.executed",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={
            "proof": proof.digest,
            "plan": transfer.plan_digest,
            "lead": transfer.lead,
            "steward": transfer.programme.steward.uuid,
            "holdings": [line["after"] for line in body["holdings"]],
        },
    )
    sign_heads()
    return proof


@action
def countersign(*, by: Actor, transfer_uuid: UUID) -> SignOff:
    """Sign the continuity proof of an executed transfer for the other side. Until then it is an open task.

    Raises:
        NotFound, NotAllowed: the actor may not read the programme, or holds no seat that signs for its
            organisation. Refused: there is no proof yet, or this side has signed it.
    """
    found = access.transfer_for(by, transfer_uuid, may=Permission.VIEW)
    # A former steward's standing does not write; its signature under the proof is the exception.
    with custody(found.programme_id):
        transfer = locked(by, transfer_uuid, may=Permission.SIGN)
        proof = Proof.objects.filter(transfer=transfer).first()
        if proof is None:
            raise Refused("no_proof", "There is no proof to sign: the transfer is not executed.")
        given = transfer.signoffs.filter(
            subject=SignOffSubject.PROOF, organisation=by.organisation, digest=proof.digest
        )
        if given.exists():
            raise Refused("signed_already", f"{by.organisation.name} has signed this proof already.")
        return write_signoff(by=by, transfer=transfer, subject=SignOffSubject.PROOF, digest=proof.digest)
