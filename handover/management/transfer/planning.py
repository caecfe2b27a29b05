"""Drawing up a plan, putting it before the receiver, answering it, calling it off."""

from __future__ import annotations

from pathlib import Path

from handover.access import asking
from handover.actions import milestones, transfers
from handover.actions.transfers import Answer
from handover.errors import Invalid
from handover.exchange.plan_documents import read_plan
from handover.exchange.plan_entry import enter_plan
from handover.management.base import Call, Steps, Told, argument
from handover.management.finding import (
    annex_line_named,
    day,
    milestone_named,
    organisation_named,
    transfer_named,
    user_named,
)
from handover.management.tables import table
from handover.management.transfer.showing import REASON, TRANSFER, document, named, told_after
from handover.models import AnnexLine, Transfer
from handover.models.annexes import AnnexDecision
from handover.queries.previews import concerned_exceptions

MILESTONE = argument(
    "--milestone", metavar="MILESTONE", help="UUID, or a part of its title that only one has"
)

steps = Steps()


@steps.add(
    "draft",
    argument("file", type=Path, metavar="FILE", help="a plan as JSON: docs/reference/command-line.md"),
    argument(
        "--programme", default="", metavar="PROGRAMME", help="UUID or identifier; what FILE says, if left out"
    ),
    argument(
        "--into", metavar="TRANSFER", help="add FILE to this plan, which is being drawn up or was returned"
    ),
    argument("--list-holdings", action="store_true", help="also list in the annexes all that the apps hold"),
)
def draft(call: Call) -> Told:
    """Draw up a transfer from a JSON document; whatever is wrong with it is named at once, and nothing is entered."""
    plan = read_plan(call["file"], adds=call["into"] is not None)
    into = None
    if call["into"] is not None:
        with asking(call.by):
            into = transfer_named(call.by, call["into"]).uuid
    made = enter_plan(
        by=call.by,
        plan=plan,
        source=str(call["file"]),
        programme=call["programme"],
        into=into,
        list_holdings=call["list_holdings"],
    )
    counts = (len(plan.responsibilities), len(plan.milestones), len(plan.annex))
    what = "{} responsibilities, {} milestones, {} annex lines".format(*counts)
    return told_after(call, made, f"Added to the plan: {what}." if into else f"The plan is drawn up: {what}.")


@steps.add("propose", TRANSFER)
def propose(call: Call) -> Told:
    """Sign the plan for the giver and put it before the receiver, who from now on reads the programme."""
    found = named(call)
    transfers.propose(by=call.by, transfer_uuid=found.uuid)
    return told_after(call, found, f"The plan is signed and before {found.receiver.name}.")


@steps.add(
    "accept",
    TRANSFER,
    argument("--with-annex", action="store_true", help="accept all unanswered annex lines too"),
)
def accept(call: Call) -> Told:
    """Sign the plan for the receiver."""
    found = named(call)
    with asking(call.by):
        count = transfers.accept_annex(by=call.by, transfer_uuid=found.uuid) if call["with_annex"] else 0
        transfers.accept(by=call.by, transfer_uuid=found.uuid)
    lines = [f"annex lines accepted: {count}"] if call["with_annex"] else []
    return told_after(
        call, found, f"The plan is accepted for {found.receiver.name}.", *lines, annex_accepted=count
    )


@steps.add(
    "annex",
    TRANSFER,
    argument("--accept-all", action="store_true", help="accept every line that is not answered yet"),
    argument(
        "--accept", action="append", default=[], metavar="LINE", help="number, UUID or a part of its text"
    ),
    argument("--refuse", action="append", default=[], metavar="LINE"),
    argument(
        "--reserve", metavar="LINE", help="accept with a reservation: needs --text, --owner and --deadline"
    ),
    argument("--text", default="", metavar="TEXT", help="the reservation"),
    argument("--owner", metavar="SLUG", help="who sees to it"),
    argument("--deadline", type=day, metavar="DATE"),
)
def annex(call: Call) -> Told:
    """List the annex lines; as the receiver, answer them."""
    found = named(call)
    with asking(call.by):
        answers = _answers(call, found)
        if answers:
            transfers.answer_annex(by=call.by, transfer_uuid=found.uuid, answers=answers)
        if call["accept_all"]:
            transfers.accept_annex(by=call.by, transfer_uuid=found.uuid)
        rows = list(found.annex.select_related("owner").order_by("id"))
        told = document(found)
    lines = [
        (number, row.kind, row.get_decision_display(), row.text + _reserved(row))
        for number, row in enumerate(rows, 1)
    ]
    return Told(
        {
            "transfer": told,
            "annex": [
                {
                    "uuid": row.uuid,
                    "kind": row.kind,
                    "text": row.text,
                    "subject": row.subject_uuid,
                    "decision": row.decision,
                    "reservation": row.reservation,
                    "owner": row.owner.slug if row.owner else None,
                    "deadline": row.deadline,
                }
                for row in rows
            ],
        },
        [*table(("LINE", "ANNEX", "ANSWER", "TEXT"), lines, empty="The plan has no annex lines.")],
    )


def _answers(call: Call, transfer: Transfer) -> list[Answer]:
    reserving = call["reserve"] is not None
    if not reserving and (call["text"] or call["owner"] or call["deadline"]):
        raise Invalid("usage", "--text, --owner and --deadline go with --reserve LINE.")
    answers = [
        Answer(annex_line_named(transfer, text).uuid, decision)
        for decision, texts in (
            (AnnexDecision.ACCEPTED, call["accept"]),
            (AnnexDecision.REFUSED, call["refuse"]),
        )
        for text in texts
    ]
    if reserving:
        owner = organisation_named(call["owner"]) if call["owner"] else None
        line = annex_line_named(transfer, call["reserve"]).uuid
        answers.append(Answer(line, AnnexDecision.RESERVED, call["text"].strip(), owner, call["deadline"]))
    if len({answer.line for answer in answers}) != len(answers):
        raise Invalid("answered_twice", "The same annex line is answered twice here.", field="line")
    return answers


def _reserved(row: AnnexLine) -> str:
    if row.decision != AnnexDecision.RESERVED:
        return ""
    return f" — {row.reservation} ({row.owner}, until {row.deadline})"


@steps.add("refuse", TRANSFER, REASON)
def refuse(call: Call) -> Told:
    """Refuse a proposal, with the reason. Your organisation's access as its receiver ends."""
    found = named(call)
    transfers.refuse(by=call.by, transfer_uuid=found.uuid, comment=call["reason"])
    return told_after(call, found, f"The proposal is refused: {call['reason']}")


@steps.add("return", TRANSFER, REASON)
def send_back(call: Call) -> Told:
    """Return the plan to the giver with comments; until it is proposed again, all signatures on it are void."""
    found = named(call)
    transfers.send_back(by=call.by, transfer_uuid=found.uuid, comment=call["reason"])
    return told_after(call, found, f"The plan is returned to {found.giver.name}: {call['reason']}")


@steps.add("revoke", TRANSFER, REASON)
def revoke(call: Call) -> Told:
    """Call a transfer off before its execution; what moved with a milestone goes back."""
    found = named(call)
    transfers.revoke(by=call.by, transfer_uuid=found.uuid, reason=call["reason"])
    return told_after(call, found, f"The transfer is revoked: {call['reason']}")


@steps.add(
    "map",
    TRANSFER,
    argument("exception", nargs="?", metavar="EXCEPTION", help="its key; left out: list them"),
    argument("--to", metavar="EMAIL", help="who gets it on the receiver's side"),
    argument("--lost", action="store_true", help="nobody gets it"),
)
def map_exception(call: Call) -> Told:
    """Say where a single user's exception goes at the handover: to somebody at the receiver, or lost."""
    found = named(call)
    if call["exception"] is None:
        return _exceptions(call, found)
    if (call["to"] is None) != call["lost"]:
        raise Invalid("usage", "Say where it goes: --to EMAIL, or --lost.")
    to_user = user_named(call["to"]) if call["to"] else None
    transfers.map_exception(by=call.by, transfer_uuid=found.uuid, key=call["exception"], to_user=to_user)
    where = f"goes to {to_user.display_name}" if to_user else "is lost"
    return told_after(call, found, f"The exception {where}.")


def _exceptions(call: Call, transfer: Transfer) -> Told:
    with asking(call.by):
        mapped = {item.grant_key: item.to_user for item in transfer.mappings.select_related("to_user")}
        rows = [
            {
                "key": item.key,
                "name": item.user_name,
                "permission": item.permission.value,
                "reason": item.reason,
                "outcome": "unmapped"
                if item.key not in mapped
                else f"to {mapped[item.key]}"
                if mapped[item.key]
                else "lost",
            }
            for item in concerned_exceptions(transfer)
        ]
        told = document(transfer)
    lines = [(row["outcome"], row["name"], row["permission"], row["key"]) for row in rows]
    empty = "The transfer touches no single user's exception."
    return Told(
        {"transfer": told, "exceptions": rows},
        [*table(("OUTCOME", "PERSON", "PERMISSION", "KEY"), lines, empty=empty)],
    )


@steps.add("postpone", TRANSFER, MILESTONE, argument("--due", required=True, type=day, metavar="DATE"))
def postpone(call: Call) -> Told:
    """Change the day on which a milestone of a plan that is being drawn up is due."""
    found = named(call)
    with asking(call.by):
        milestone = milestone_named(found, call["milestone"])
    milestones.postpone(
        by=call.by, milestone_uuid=milestone.uuid, version=milestone.version, due_on=call["due"]
    )
    return told_after(call, found, f"“{milestone.title}” is due on {call['due']}.")
