"""Looking at transfers: the list, the plan, the preview, the state, the proof."""

from __future__ import annotations

import json
from typing import Any

from handover import access, clock
from handover.actions.giving_back import last_day
from handover.actions.milestones import waiting
from handover.canonical import plain
from handover.errors import Refused
from handover.management.base import Call, Steps, Told, argument
from handover.management.finding import transfer_named
from handover.management.tables import table
from handover.management.transfer.duties import duties
from handover.management.transfer.showing import TRANSFER, document, told_proof
from handover.models import Proof, Transfer
from handover.models.transfers import EDITABLE_STATES, TransferState
from handover.permissions import Permission
from handover.queries import names
from handover.queries.gates import gates
from handover.queries.plans import latest_preview, milestone_digest
from handover.queries.plans import plan as plan_of
from handover.queries.previews import preview as preview_of
from handover.queries.signoffs import missing_sides
from handover.terminal import gate_lines, heading, plan_lines, preview_lines

CLOSED = frozenset(
    {TransferState.REFUSED, TransferState.REVOKED, TransferState.EXECUTED, TransferState.GIVEN_BACK}
)

steps = Steps()


@steps.add(
    "list",
    argument("--programme", metavar="PROGRAMME", help="only of one programme: UUID or identifier"),
    argument("--state", choices=TransferState.values, help="only those in one state"),
    reads=True,
)
def list_all(call: Call) -> Told:
    """List the transfers that you may read."""
    if call["programme"]:
        keys = {access.programme_for(call.by, call["programme"], may=Permission.VIEW).pk}
    else:
        keys = set(access.programme_ids(call.by, may=Permission.VIEW))
    rows = Transfer.objects.filter(programme__in=keys).select_related(
        "programme", "giver", "receiver", "reverses"
    )
    if call["state"]:
        rows = rows.filter(state=call["state"])
    found = list(rows.order_by("programme__identifier", "id"))
    lines = [
        (
            str(item.uuid)[:8],
            item.state,
            item.programme.identifier,
            f"{item.giver.slug} → {item.receiver.slug}",
            f"{item.title}{' (lead)' if item.lead else ''}",
        )
        for item in found
    ]
    empty = "There is no transfer that you may read."
    return Told(
        {"transfers": [document(item) for item in found]},
        [*table(("TRANSFER", "STATE", "PROGRAMME", "FROM → TO", "TITLE"), lines, empty=empty)],
    )


@steps.add("plan", TRANSFER, reads=True)
def plan(call: Call) -> Told:
    """Show the plan: what goes to whom, the milestones in their order, what the giver keeps, the annexes."""
    found = transfer_named(call.by, call["transfer"])
    return Told(
        {"transfer": document(found), "plan": plan_of(found)},
        [*plan_lines(found), f"  transfer {found.uuid}"],
    )


@steps.add(
    "preview",
    TRANSFER,
    argument("--now", action="store_true", help="as it would be now, instead of as it was signed"),
    reads=True,
)
def preview(call: Call) -> Told:
    """Show what each person can do before the transfer and what after it: gained, kept, lost, unmapped."""
    found = transfer_named(call.by, call["transfer"])
    signed = latest_preview(found)
    live = call["now"] or signed is None or found.state in EDITABLE_STATES
    if call["now"] and found.state in CLOSED:
        raise Refused(
            "wrong_state", f"This transfer is {found.get_state_display()}: only what was signed can be shown."
        )
    body: dict[str, Any] = preview_of(found) if live or signed is None else json.loads(signed.body)
    how = "as the plan stands now" if live else "as it was signed"
    return Told(
        {
            "transfer": document(found),
            "signed": not live,
            "digest": None if live or signed is None else signed.digest,
            "preview": body,
            "names": {} if live or signed is None else names.names_in(signed.body),
        },
        [
            f"{found.title}: who can do what, before → after, {how}",
            *preview_lines(*names.told([plain(body)])),
        ],
    )


@steps.add("status", TRANSFER, reads=True)
def status(call: Call) -> Told:
    """Show where a transfer is, its milestones, the gates that are not met yet, and who must do what next."""
    found = transfer_named(call.by, call["transfer"])
    milestones = _milestones(found)
    unmet = [] if found.state in CLOSED else gates(found)
    coming = duties(found)
    lines = [
        f"{found.title}",
        f"  transfer {found.uuid} of {found.programme.identifier}",
        f"  {found.giver.name} → {found.receiver.name}{', who becomes the steward' if found.lead else ''}",
        f"  {found.get_state_display()}{_since(found)}",
    ]
    if found.comment:
        lines.append(f"  what was said: {found.comment}")
    if milestones:
        lines += heading("Milestones")
        rows = [(item["due_on"], item["state"], item["title"]) for item in milestones]
        lines += [f"  {line}" for line in table(("DUE", "STATE", "TITLE"), rows, empty="")]
    if found.state not in CLOSED:
        lines += [*heading("Before it can be executed"), *gate_lines(unmet)]
    lines += heading("Next")
    lines += [line for item in coming for line in item.lines()] or ["  nothing is left to do"]
    return Told(
        {
            "transfer": document(found),
            "give_back_until": last_day(found) if found.state == TransferState.EXECUTED else None,
            "milestones": milestones,
            "gates": [gate.as_json() for gate in unmet],
            "next": [item.as_json() for item in coming],
        },
        lines,
    )


def _since(transfer: Transfer) -> str:
    if transfer.executed_at is None:
        return ""
    until = last_day(transfer)
    back = (
        f"; it can be given back until {until}"
        if transfer.state == TransferState.EXECUTED and not transfer.reverses_id
        else ""
    )
    return f", {transfer.executed_at:%Y-%m-%d %H:%M} UTC{back}"


def _milestones(transfer: Transfer) -> list[dict[str, Any]]:
    found = []
    rows = transfer.milestones.select_related("transfer__programme", "legal_act")
    for item in rows.prefetch_related("signoffs", "evidence").order_by("due_on", "id"):
        missing = (
            [] if item.done_at else missing_sides(item.signoffs.all(), milestone_digest(item), item.signs)
        )
        blocked = [] if item.done_at else waiting(item)
        if item.done_at is not None:
            state = f"done {item.done_at:%Y-%m-%d}"
        elif any(gate.code == "waits_for" for gate in blocked):
            state = "waits for others"
        elif blocked:
            state = "needs evidence"
        else:
            state = f"to be signed by: {', '.join(missing)}"
        overdue = item.done_at is None and item.due_on < clock.today()
        found.append(
            {
                "uuid": item.uuid,
                "title": item.title,
                "kind": str(item.kind),
                "due_on": item.due_on,
                "overdue": overdue,
                "state": f"overdue; {state}" if overdue else state,
                "done_at": item.done_at,
                "evidence": len(item.evidence.all()),
                "waiting": [gate.as_json() for gate in blocked],
                "missing": missing,
            }
        )
    return found


@steps.add("proof", TRANSFER, reads=True)
def proof(call: Call) -> Told:
    """Show the continuity proof of an executed transfer, and who has signed it."""
    found = transfer_named(call.by, call["transfer"])
    there = Proof.objects.filter(transfer=found).select_related("transfer").first()
    if there is None:
        raise Refused("no_proof", f"There is no proof yet: the transfer is {found.get_state_display()}.")
    return told_proof(call, there, "")
