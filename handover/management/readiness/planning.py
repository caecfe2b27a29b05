"""What follows from readiness: milestones proposed, milestones that wait for a score, when it is measured again."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from handover import access
from handover.access import asking
from handover.actions import score_gates
from handover.canonical import decimal_text
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, Told, argument
from handover.management.finding import (
    day,
    milestone_named,
    responsibility_named,
)
from handover.management.readiness.scoring import RESPONSIBILITY
from handover.management.readiness.showing import LANGUAGE, programme_of
from handover.management.tables import table
from handover.management.transfer.showing import TRANSFER, named
from handover.models import ScoreGate, Transfer
from handover.models.milestones import Side
from handover.queries.readiness import asked
from handover.queries.readiness_proposals import Proposal, proposals
from handover.queries.readiness_waves import due
from handover.terminal import wrapped

steps = Steps()


@steps.add(
    "propose",
    TRANSFER,
    argument("--accept", metavar="KEY", help="put this one into the plan, while it is being drawn up"),
    argument("--due", type=day, metavar="DATE", help="another day than is proposed"),
    argument("--title", default="", metavar="TEXT", help="another title than is proposed"),
    argument("--signs", action="append", choices=Side.values, help="who signs, if not whom it proposes"),
    LANGUAGE,
)
def propose(call: Call) -> Told:
    """Show the transfer milestones that would close the agreed gaps; accept one of them into the plan."""
    found = named(call)
    if call["accept"] is not None:
        made = score_gates.accept_proposal(
            by=call.by,
            transfer_uuid=found.uuid,
            key=call["accept"],
            due_on=call["due"],
            title=call["title"],
            signs=call["signs"],
            lang=call["lang"],
        )
        return Told(
            {"milestone": {"uuid": made.uuid, "kind": made.kind, "title": made.title, "due_on": made.due_on}},
            [f"“{made.title}” (due {made.due_on}) is in the plan.", f"  milestone {made.uuid}"],
        )
    with asking(call.by):
        rows = proposals(found, lang=call["lang"])
    lines = [line for row in rows for line in _proposal_lines(row)]
    return Told(
        {"proposals": [_proposal(row) for row in rows]},
        lines or ["Nothing is proposed: no agreed score before the handover is below ready."],
    )


def _proposal_lines(row: Proposal) -> list[str]:
    return [
        row.key,
        *wrapped(f"{row.title} ({row.kind.label}), due {row.due_on}", first="  ", indent=4),
        f"  signs: {', '.join(row.signs)}",
        *wrapped(row.why, first="  why: ", indent=7),
    ]


def _proposal(row: Proposal) -> dict[str, object]:
    return {
        "key": row.key,
        "kind": row.kind.value,
        "title": row.title,
        "due_on": row.due_on,
        "signs": [side.value for side in row.signs],
        "why": row.why,
        "score": row.score,
        "short": row.missing,
    }


@steps.add(
    "gate",
    TRANSFER,
    argument(
        "--milestone", metavar="MILESTONE", help="which milestone waits; without it all gates are listed"
    ),
    argument("--instrument", default="", metavar="KEY"),
    argument("--domain", default="", metavar="KEY", help="the whole instrument, if left out"),
    argument("--at-least", metavar="N", help="of 100"),
    RESPONSIBILITY,
    argument(
        "--lift", metavar="GATE", help="let a milestone wait no longer: UUID or first characters of the gate"
    ),
)
def gate(call: Call) -> Told:
    """Let a milestone of a plan that is being drawn up wait for an agreed score; list or lift such gates."""
    found = named(call)
    with asking(call.by):
        there = list(ScoreGate.objects.filter(milestone__transfer=found).order_by("id"))
    if call["lift"] is not None:
        fitting = [
            item for item in there if len(call["lift"]) >= 8 and str(item.uuid).startswith(call["lift"])
        ]
        if len(fitting) != 1:
            raise Invalid("unknown_gate", f"This plan has no score gate “{call['lift']}”.", field="lift")
        score_gates.lift(by=call.by, gate_uuid=fitting[0].uuid)
    elif call["milestone"] is not None:
        _require(call, found)
    elif call["instrument"] or call["domain"] or call["at_least"] or call["responsibility"]:
        raise Invalid("usage", "Say which milestone waits: --milestone MILESTONE.")
    return _gates(call, found)


def _require(call: Call, found: Transfer) -> None:
    if not call["instrument"] or call["at_least"] is None:
        raise Invalid("usage", "Say for which score: --instrument KEY --at-least N.")
    with asking(call.by):
        milestone = milestone_named(found, call["milestone"])
        one = (
            responsibility_named(found.programme, call["responsibility"]) if call["responsibility"] else None
        )
    score_gates.require_score(
        by=call.by,
        milestone_uuid=milestone.uuid,
        instrument_key=call["instrument"],
        domain=call["domain"],
        at_least=_number(call["at_least"]),
        responsibility_uuid=one.uuid if one else None,
    )


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise Invalid("not_a_number", f"“{text}” is no number.", field="at_least") from error


def _gates(call: Call, found: Transfer) -> Told:
    with asking(call.by):
        rows = list(
            ScoreGate.objects.filter(milestone__transfer=found)
            .select_related("milestone", "responsibility")
            .order_by("id")
        )
        texts = [asked(found.programme_id, row) for row in rows]
    listed = [
        (str(row.uuid)[:8], decimal_text(row.at_least), text, row.milestone.title)
        for row, text in zip(rows, texts, strict=True)
    ]
    return Told(
        {
            "gates": [
                {
                    "uuid": row.uuid,
                    "milestone": row.milestone.uuid,
                    "instrument": row.instrument_key,
                    "domain": row.domain,
                    "responsibility": row.responsibility.uuid if row.responsibility else None,
                    "at_least": row.at_least,
                }
                for row in rows
            ]
        },
        [*table(("GATE", "AT LEAST", "OF", "MILESTONE"), listed, empty="No milestone waits for a score.")],
    )


@steps.add("due", PROGRAMME, reads=True)
def show_due(call: Call) -> Told:
    """Tell when readiness is measured again, 12 and 24 months after each executed transfer, and what is late."""
    found = programme_of(call)
    rows = due(found, cutoff=access.reach(call.by, found).cutoff)
    lines = [
        (
            row.due_on,
            row.wave.label,
            f"agreed on {row.agreed_on}" if row.agreed_on else "late" if row.late else "to come",
            f"{row.what}, “{row.transfer.title}”",
        )
        for row in rows
    ]
    empty = "Nothing is due: no transfer has been executed whose readiness was agreed before it."
    return Told(
        {
            "due": [
                {
                    "transfer": row.transfer.uuid,
                    "instrument": row.instrument,
                    "responsibility": row.responsibility.uuid if row.responsibility else None,
                    "wave": row.wave.value,
                    "due_on": row.due_on,
                    "scored": row.scored,
                    "agreed_on": row.agreed_on,
                    "late": row.late,
                }
                for row in rows
            ]
        },
        [*table(("DUE", "WAVE", "STATE", "OF"), lines, empty=empty)],
    )
