"""What every step of a transfer needs: finding it, and telling where it is and what comes next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from handover import access
from handover.access import asking
from handover.errors import NotFound
from handover.management.base import Call, Told, argument
from handover.management.finding import transfer_named
from handover.management.transfer.duties import duties
from handover.models import Proof, Transfer
from handover.permissions import Permission
from handover.queries import names
from handover.terminal import heading, proof_lines

TRANSFER = argument("transfer", metavar="TRANSFER", help="UUID, or its first 8 or more characters")
REASON = argument(
    "--reason", "--comment", dest="reason", required=True, metavar="TEXT", help="why: the other side reads it"
)


def named(call: Call) -> Transfer:
    """Find the transfer that a call names, for whoever acts."""
    with asking(call.by):
        return transfer_named(call.by, call["transfer"])


def document(transfer: Transfer) -> dict[str, Any]:
    """Give a transfer for machines."""
    return {
        "uuid": transfer.uuid,
        "title": transfer.title,
        "programme": transfer.programme.identifier,
        "state": str(transfer.state),
        "giver": transfer.giver.slug,
        "receiver": transfer.receiver.slug,
        "lead": transfer.lead,
        "plan_digest": transfer.plan_digest,
        "comment": transfer.comment,
        "retention_until": transfer.retention_until,
        "give_back_days": transfer.give_back_days,
        "executed_at": transfer.executed_at,
        "reverses": transfer.reverses.uuid if transfer.reverses else None,
    }


def told_after(call: Call, transfer: Transfer, done: str, *lines: str, **more: Any) -> Told:
    """Tell what was done, where the transfer is now, and what comes next.

    Whoever may no longer read the programme is told what was done, and no more.
    """
    try:
        with asking(call.by):
            found = access.transfer_for(call.by, transfer.uuid, may=Permission.VIEW)
            coming = duties(found)
            state = [f"  {found.title}: {found.get_state_display()}", f"  transfer {found.uuid}"]
            document_now: dict[str, Any] = document(found)
    except NotFound:
        coming, state = [], [f"  transfer {transfer.uuid}: your organisation no longer reads it"]
        document_now = {"uuid": transfer.uuid}
    told = [done, *(f"  {line}" for line in lines), *state]
    if coming:
        told += ["Next", *(line for item in coming for line in item.lines())]
    return Told(
        {"done": done, "transfer": document_now, **more, "next": [item.as_json() for item in coming]}, told
    )


def told_proof(call: Call, proof: Proof, done: str) -> Told:
    """Tell a continuity proof with its signatures, and what comes next."""
    with asking(call.by):
        transfer = access.transfer_for(call.by, proof.transfer.uuid, may=Permission.VIEW)
        body: dict[str, Any] = json.loads(proof.body)
        signoffs = list(
            transfer.signoffs.filter(subject="proof", digest=proof.digest)
            .select_related("organisation")
            .order_by("id")
        )
        coming = duties(transfer)
        signatures = [
            {
                "side": item.side,
                "organisation": item.organisation.slug,
                "signatory": item.signatory,
                "at": item.signed_at,
            }
            for item in signoffs
        ]
        lines = [
            *([done] if done else []),
            *proof_lines(names.named(proof.body), signoffs),
            f"  SHA-256    {proof.digest}",
            *_next_lines(coming),
        ]
        return Told(
            {
                **({"done": done} if done else {}),
                "transfer": document(transfer),
                "proof": {
                    "digest": proof.digest,
                    "body": body,
                    "names": names.names_in(proof.body),
                    "signatures": signatures,
                },
                "next": [item.as_json() for item in coming],
            },
            lines,
        )


def _next_lines(coming: Sequence[Any]) -> Iterator[str]:
    if coming:
        yield from heading("Next")
        for item in coming:
            yield from item.lines()
