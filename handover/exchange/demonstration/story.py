"""What happens to the demonstration programme: milestones signed, transfers executed, work that goes on.

Each step is taken only if it has not been taken yet, so that a story that was interrupted goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from handover import access, holdings
from handover.access import Actor, asking
from handover.actions import evidence, executions, milestones, programmes
from handover.errors import DomainError, Gate, NotAllowed, Refused
from handover.exchange.demonstration import voices
from handover.exchange.demonstration.found import (
    DONOR,
    GIVER,
    Demonstration,
    Row,
    lead_key,
    on,
    plan_of,
    read,
)
from handover.models import CommunityVote, Evidence, LegalAct, Proof, SignOff, TransferMilestone
from handover.models.milestones import MilestoneKind, Side
from handover.models.signoffs import Decision, SignOffSubject
from handover.models.transfers import TransferState
from handover.permissions import Permission, Role

LAST_ACT: Final = frozenset(
    {MilestoneKind.DISCLOSURE_RECORD, MilestoneKind.COMMUNITY_VALIDATION, MilestoneKind.HANDOVER_PROTOCOL}
)
"""Milestones that are signed at the end, after a try to execute without them."""

PAPERS: Final = {
    MilestoneKind.DONOR_CONSENT: "Letter of consent",
    MilestoneKind.COUNCIL_DECISION: "Certified copy of the council's decision",
    MilestoneKind.BUDGET_LINE_ADOPTED: "Extract of the adopted budget",
    MilestoneKind.POST_ADVERTISED: "Notice of the competition",
    MilestoneKind.POST_FILLED: "Orders of appointment",
    MilestoneKind.LICENCE_OBTAINED: "Copy of the operating licence",
    MilestoneKind.CONTRACT_NOVATED: "Three-party agreement",
    MilestoneKind.INVENTORY_COUNTED: "Inventory list with serial numbers",
    MilestoneKind.TRAINING_COMPLETED: "Attendance list of the training",
    MilestoneKind.CO_DELIVERY: "Log of joint delivery, in aggregates",
    MilestoneKind.EQUIPMENT_HANDED_OVER: "Minutes of handing over",
    MilestoneKind.DISCLOSURE_RECORD: "Disclosure record",
    MilestoneKind.RECORDS_DELIVERED: "Receipt of records",
    MilestoneKind.COMMUNITY_VALIDATION: "Attendance list of the assembly",
    MilestoneKind.HANDOVER_PROTOCOL: "Handover protocol",
}
NAMES_PEOPLE: Final = frozenset(
    {MilestoneKind.POST_FILLED, MilestoneKind.TRAINING_COMPLETED, MilestoneKind.COMMUNITY_VALIDATION}
)
"""Milestones whose papers would name people in life: they open to named verifiers, and are erased."""
ERASE_AFTER: Final = dt.date(2027, 12, 31)
VERIFIES_UNTIL: Final = dt.date(2027, 6, 30)


@dataclass(frozen=True)
class Signed:
    """A milestone that was signed: when, by which sides, on what evidence, and what moved with it."""

    day: dt.date
    title: str
    receiver: str
    sides: tuple[str, ...]
    papers: tuple[str, ...]
    act: str
    moved: tuple[str, ...]
    dissent: str = ""


def signed_until_last_act(demo: Demonstration) -> Iterator[Signed]:
    """Sign every milestone but the last act's, of all transfers, in the order of their days."""
    yield from _sign_all(demo, [(plan, row) for plan, row in _steps() if row["kind"] not in LAST_ACT])


def signed_last_act(demo: Demonstration, key: str) -> Iterator[Signed]:
    """Sign what is left of one transfer."""
    yield from _sign_all(demo, [(plan, row) for plan, row in _steps() if plan["key"] == key])


def _steps() -> list[tuple[Row, Row]]:
    steps = [(plan, row) for plan in read("transfers") for row in plan["milestones"]]
    return sorted(steps, key=lambda step: step[1]["due"])


def _sign_all(demo: Demonstration, steps: list[tuple[Row, Row]]) -> Iterator[Signed]:
    for plan, row in steps:
        with asking(demo.giver):
            open_still = TransferMilestone.objects.filter(
                uuid=demo.milestones[row["key"]], done_at=None, transfer__state=TransferState.ACCEPTED
            ).exists()
        if open_still:
            yield _sign(demo, plan, row)


def _sign(demo: Demonstration, plan: Row, row: Row) -> Signed:
    key = demo.milestones[row["key"]]
    sides = {
        Side.GIVER: demo.giver,
        Side.RECEIVER: demo.actor(plan["receiver"]),
        Side.DONOR: demo.actor(DONOR),
        Side.COMMUNITY: demo.community(plan),
    }
    day = dt.datetime.combine(dt.date.fromisoformat(row["due"]), dt.time(14), tzinfo=dt.UTC)
    with transaction.atomic():
        told = _told(demo, sides[Side.COMMUNITY], row) if Side.COMMUNITY in row["signs"] else ()
    with transaction.atomic(), on(day):
        author = sides[Side(row["signs"][-1])]
        _lay_papers(demo, author, row)
        if "legal_act" in row:
            _rest_on(demo, sides[Side.RECEIVER], row)
        for side in row["signs"]:
            dissent = "; ".join(told) if side == Side.COMMUNITY else ""
            milestones.sign(
                by=sides[Side(side)],
                milestone_uuid=key,
                decision=Decision.AGREES_WITH_DISSENT if dissent else Decision.AGREES,
                remark=dissent,
            )
        with asking(demo.giver):
            done = TransferMilestone.objects.get(uuid=key)
            return Signed(
                day=done.done_at.date() if done.done_at else day.date(),
                title=done.title,
                receiver=demo.organisations[plan["receiver"]].name,
                sides=tuple(row["signs"]),
                papers=tuple(_paper(item) for item in done.evidence.all()),
                act=str(done.legal_act or ""),
                moved=tuple(done.moves.order_by("id").values_list("responsibility__title", flat=True)),
                dissent="; ".join(told),
            )


def _told(demo: Demonstration, by: Actor, row: Row) -> tuple[str, ...]:
    """Hold the votes on a milestone, and give the reasons of those who dissent in the one that stands: the community
    signs with them on record, although it agrees."""
    voices.hold(demo, by, row["key"])
    with asking(by):
        last = CommunityVote.objects.filter(milestone__uuid=demo.milestones[row["key"]]).last()
        return tuple(reason.text for reason in last.reasons.all()) if last else ()


def _paper(item: Evidence) -> str:
    if not item.names_people:
        return item.title
    verifiers = item.verifiers.count()
    return (
        f"{item.title} (names people: opens to {verifiers} named verifiers, erased after {item.erase_after})"
    )


def _lay_papers(demo: Demonstration, author: Actor, row: Row) -> None:
    """Add the paper that shows a milestone: written here, and saying so."""
    key, kind = demo.milestones[row["key"]], MilestoneKind(row["kind"])
    with asking(author):
        if Evidence.objects.filter(milestone__uuid=key).exists():
            return
    title, names = PAPERS[kind], kind in NAMES_PEOPLE
    text = (
        f"{title} (demonstration)\n\n{row['title']}\nWritten for the demonstration; nothing in it is real.\n"
    )
    if names:
        text += "A real paper of this kind names people. This one names none.\n"
    added = evidence.add(
        by=author,
        milestone_uuid=key,
        title=title,
        content=[text.encode()],
        filename=f"{row['key']}.txt",
        names_people=names,
        erase_after=ERASE_AFTER if names else None,
    )
    for verifier in (demo.people["auditor"], demo.people["donor-manager"]) if names else ():
        evidence.name_verifier(by=author, evidence_uuid=added.uuid, user=verifier.user, until=VERIFIES_UNTIL)


def _rest_on(demo: Demonstration, by: Actor, row: Row) -> None:
    numbers = {act["key"]: act["number"] for act in read("registers")["legal_acts"]}
    number = numbers[row["legal_act"]]
    with asking(by):
        milestone = TransferMilestone.objects.get(uuid=demo.milestones[row["key"]])
        act = LegalAct.objects.get(programme=demo.programme, number=number)
    milestones.rest_on(by=by, milestone_uuid=milestone.uuid, version=milestone.version, legal_act=act)


def try_to_execute(demo: Demonstration, key: str) -> tuple[Gate, ...]:
    """Try to execute a transfer, and give the gates that refused it; none if it was executed already."""
    try:
        executions.execute(by=receiver(demo, key), transfer_uuid=demo.transfers[key], key=_once(key))
    except Refused as refused:
        return refused.gates
    return ()


def execute(demo: Demonstration, key: str) -> Proof:
    """Execute a transfer and countersign its proof; again, it gives the same proof.

    Raises:
        Refused: gates are unmet; all are named.
    """
    by = receiver(demo, key)
    uuid = demo.transfers[key]
    proof = executions.execute(by=by, transfer_uuid=uuid, key=_once(key))
    with asking(by):
        given = SignOff.objects.filter(
            transfer__uuid=uuid, subject=SignOffSubject.PROOF, digest=proof.digest, side=Side.GIVER
        ).exists()
    if not given:
        executions.countersign(by=demo.giver, transfer_uuid=uuid)
    return proof


def _once(key: str) -> str:
    return f"demonstration/{key}"


def receiver(demo: Demonstration, key: str, role: Role = Role.MANAGER) -> Actor:
    """Give who acts for the receiver of a transfer."""
    return demo.actor(plan_of(key)["receiver"], role)


def proof_of(demo: Demonstration, key: str) -> tuple[Proof, list[SignOff]] | None:
    """Fetch the proof of a transfer with its signatures; ``None`` before its execution."""
    with asking(receiver(demo, key)):
        proof = Proof.objects.filter(transfer__uuid=demo.transfers[key]).first()
        if proof is None:
            return None
        rows = SignOff.objects.filter(transfer__uuid=demo.transfers[key], digest=proof.digest)
        return proof, list(rows.select_related("organisation").order_by("id"))


def proven(demo: Demonstration, key: str) -> tuple[Proof, list[SignOff]]:
    """Fetch the proof of an executed transfer with its signatures.

    Raises:
        DomainError: it has not been executed.
    """
    found = proof_of(demo, key)
    if found is None:
        raise DomainError("not_executed", "The demonstration's transfer has not been executed.")
    return found


def next_quarter(demo: Demonstration) -> Iterator[str]:
    """Let the new steward's officer go on with the work, as far as the apps can show it."""
    officer = receiver(demo, lead_key(), Role.OFFICER)
    for holding in holdings.holdings():
        for line in holding.sample(demo.programme, officer):
            yield f"{officer.user.display_name}: {line}"


def refusals(demo: Demonstration) -> Iterator[str]:
    """Let the former steward's officer try the same, and the programme's description; tell how it is refused.

    Raises:
        AssertionError: it was not.
    """
    officer = demo.actor(GIVER, Role.OFFICER)
    for holding in holdings.holdings():
        try:
            done = list(holding.sample(demo.programme, officer))
        except NotAllowed as refused:
            yield f"{officer.user.display_name}: refused. {refused.sentence}"
        else:
            if done:
                raise AssertionError(f"the former steward could still: {'; '.join(done)}")
    with asking(officer):
        programme = access.programme_for(officer, demo.programme.uuid, may=Permission.VIEW)
    try:
        programmes.edit(
            by=officer, programme_uuid=programme.uuid, version=programme.version, title="Ours again"
        )
    except NotAllowed as refused:
        yield f"{officer.user.display_name}: refused. {refused.sentence}"
    else:
        raise AssertionError("the former steward could still edit the programme")
