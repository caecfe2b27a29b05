"""Transfer milestones: planned, evidenced, signed; done when nothing is missing, and then they move what
they move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from handover import access, clock, ledger, notices
from handover.access import Actor
from handover.actions import action
from handover.actions.evidence import milestone_for
from handover.actions.moves import move, move_exceptions
from handover.actions.permissions import rederive
from handover.actions.signoffs import side_of, write_signoff
from handover.actions.transfers import editable
from handover.errors import Gate, Invalid, NotAllowed, Refused
from handover.models import (
    LegalAct,
    MilestoneDependency,
    Responsibility,
    SignOff,
    TransferMilestone,
)
from handover.models.base import notice_personal_data
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.models.signoffs import Decision, SignOffSubject
from handover.models.transfers import OPEN_STATES, TransferState
from handover.permissions import Permission
from handover.queries import readiness, votes
from handover.queries.gates import moving_gates
from handover.queries.plans import milestone_digest
from handover.queries.signoffs import missing_sides

LARGEST_QUORUM: Final = 1_000_000


@action
def plan(
    *,
    by: Actor,
    transfer_uuid: UUID,
    kind: MilestoneKind | str,
    title: str,
    due_on: dt.date,
    signs: Sequence[Side | str],
    evidence_required: bool = True,
    legal_act: LegalAct | None = None,
    waits_for: Sequence[TransferMilestone] = (),
    moves: Sequence[Responsibility] = (),
    quorum: int | None = None,
    on_dissent: OnDissent | str = "",
) -> TransferMilestone:
    """Put a milestone into a plan: who signs it, what it waits for, and which of the plan's responsibilities
    it moves.

    A new milestone waits only for older ones, so the order has no cycle.

    Args:
        quorum: how many people must take part in a vote of the community before anybody signs.
        on_dissent: what happens where at least as many dissent as assent; a quorum needs it.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Invalid: an unknown kind or side, nobody to sign, a milestone of another transfer, a
            responsibility outside the plan, or a quorum that is none.
    """
    transfer = editable(by, transfer_uuid)
    _check_vote(quorum, on_dissent)
    if kind not in MilestoneKind.values:
        raise Invalid("unknown_kind", f"“{kind}” is no kind of transfer milestone.", field="kind")
    if not signs or any(side not in Side.values for side in signs):
        raise Invalid("signs_missing", f"Say who signs: {', '.join(Side.values)}.", field="signs")
    if any(item.transfer_id != transfer.pk for item in waits_for):
        raise Invalid(
            "foreign_milestone", "A milestone waits for milestones of its own transfer.", field="waits_for"
        )
    _of_programme(legal_act, transfer.programme_id)
    items = transfer.items.filter(responsibility__in=moves)
    if items.count() != len(moves):
        raise Invalid(
            "outside_plan", "A milestone moves responsibilities that are in its plan.", field="moves"
        )
    taken = items.filter(milestone__isnull=False).select_related("responsibility").first()
    if taken is not None:
        raise Invalid(
            "moves_twice",
            f"“{taken.responsibility.title}” moves with another milestone already.",
            field="moves",
        )
    milestone = TransferMilestone.objects.create(
        programme=transfer.programme,
        transfer=transfer,
        kind=kind,
        title=title,
        due_on=due_on,
        evidence_required=evidence_required,
        signs=list(dict.fromkeys(str(side) for side in signs)),
        legal_act=legal_act,
        quorum=quorum,
        on_dissent=str(on_dissent),
    )
    notice_personal_data(milestone)
    MilestoneDependency.objects.bulk_create(
        MilestoneDependency(programme=transfer.programme, milestone=milestone, waits_for=item)
        for item in waits_for
    )
    items.update(milestone=milestone)
    ledger.record(
        verb="milestone.planned",
        by=by,
        programme=transfer.programme,
        subject=milestone.uuid,
        data={
            "transfer": transfer.uuid,
            "kind": str(kind),
            "title": title,
            "due_on": due_on,
            "signs": milestone.signs,
            "waits_for": [item.uuid for item in waits_for],
            "moves": [item.uuid for item in moves],
            **({"quorum": quorum, "on_dissent": str(on_dissent)} if quorum or on_dissent else {}),
        },
    )
    return milestone


@action
def ask_community(
    *, by: Actor, milestone_uuid: UUID, version: int, quorum: int | None, on_dissent: OnDissent | str
) -> TransferMilestone:
    """Say of a milestone of a plan that is being drawn up how many must vote, and what happens on dissent.

    The plan is another one then: whoever signed it must sign it again.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Stale: somebody else was quicker.
        Invalid: a quorum that is none, or without a word on dissent.
    """
    milestone = milestone_for(by, milestone_uuid, may=Permission.VIEW)
    transfer = editable(by, milestone.transfer.uuid)
    _check_vote(quorum, on_dissent)
    before = {"quorum": milestone.quorum, "on_dissent": milestone.on_dissent}
    milestone.change(version=version, quorum=quorum, on_dissent=str(on_dissent))
    ledger.record(
        verb="milestone.community_asked",
        by=by,
        programme=transfer.programme,
        subject=milestone.uuid,
        data={"before": before, "after": {"quorum": quorum, "on_dissent": str(on_dissent)}},
    )
    return milestone


def _check_vote(quorum: int | None, on_dissent: OnDissent | str) -> None:
    if on_dissent and on_dissent not in OnDissent.values:
        known = ", ".join(OnDissent.values)
        raise Invalid(
            "unknown_on_dissent", f"“{on_dissent}” is no word on dissent: {known}.", field="on_dissent"
        )
    if quorum is None:
        return
    if isinstance(quorum, bool) or not isinstance(quorum, int):
        raise Invalid("not_a_whole_number", "A quorum must be a whole number.", field="quorum")
    if quorum < 1:
        sentence = f"A quorum of {quorum} is none: a vote needs at least one person, or leave the quorum out."
        raise Invalid("quorum_zero" if quorum == 0 else "negative_count", sentence, field="quorum")
    if quorum > LARGEST_QUORUM:
        raise Invalid("quorum_too_large", f"A quorum is at most {LARGEST_QUORUM}.", field="quorum")
    if not on_dissent:
        raise Invalid(
            "on_dissent_missing",
            f"Where the community votes, the plan says what happens on dissent: {', '.join(OnDissent.values)}.",
            field="on_dissent",
        )


@action
def postpone(*, by: Actor, milestone_uuid: UUID, version: int, due_on: dt.date) -> TransferMilestone:
    """Change the day on which a milestone of a plan that is being drawn up is due.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Stale: somebody else was quicker.
    """
    milestone = milestone_for(by, milestone_uuid, may=Permission.VIEW)
    transfer = editable(by, milestone.transfer.uuid)
    before = milestone.due_on
    milestone.change(version=version, due_on=due_on)
    ledger.record(
        verb="milestone.postponed",
        by=by,
        programme=transfer.programme,
        subject=milestone.uuid,
        data={"before": before, "after": due_on},
    )
    return milestone


@action
def rest_on(*, by: Actor, milestone_uuid: UUID, version: int, legal_act: LegalAct) -> TransferMilestone:
    """Say on which legal act a milestone rests. Signatures given before are void: they did not see the act.

    Raises:
        NotFound, NotAllowed: the actor may not add evidence there.
        Stale: somebody else was quicker.
        Invalid: the milestone is done, its transfer is over, or the act is another programme's.
    """
    milestone = milestone_for(by, milestone_uuid, may=Permission.ADD_EVIDENCE)
    if side_of(milestone.transfer, by) not in (Side.GIVER, Side.RECEIVER):
        raise NotAllowed("no_side", "Giver and receiver say on which act a milestone rests.")
    if milestone.done_at is not None or milestone.transfer.state not in OPEN_STATES:
        raise Invalid("milestone_done", "This milestone is done, or its transfer is over.", field="milestone")
    _of_programme(legal_act, milestone.programme_id)
    milestone.change(version=version, legal_act=legal_act)
    ledger.record(
        verb="milestone.rests_on",
        by=by,
        programme=milestone.programme,
        subject=milestone.uuid,
        data={"legal_act": legal_act.uuid, "number": legal_act.number},
    )
    return milestone


def _of_programme(legal_act: LegalAct | None, programme: int) -> None:
    if legal_act is not None and legal_act.programme_id != programme:
        raise Invalid("foreign_act", "A milestone rests on an act of its own programme.", field="legal_act")


def waiting(milestone: TransferMilestone, heard: Sequence[votes.Heard] | None = None) -> list[Gate]:
    """Name what keeps a milestone from being signed: milestones that come first, evidence that is missing, the
    community's vote or its dissent, scores that are too low.

    Args:
        heard: its votes as ``votes.history`` gives them, for whoever has read them already.
    """
    return [*_before(milestone), *votes.waiting(milestone, heard), *readiness.waiting(milestone)]


def _before(milestone: TransferMilestone) -> list[Gate]:
    gates = [
        Gate("waits_for", f"“{item.waits_for.title}” comes first.", str(item.waits_for.uuid))
        for item in sorted(milestone.dependencies.all(), key=lambda item: item.waits_for_id)
        if item.waits_for.done_at is None
    ]
    if milestone.evidence_required and not milestone.evidence.exists():
        gates.append(Gate("evidence_missing", f"“{milestone.title}” needs evidence.", str(milestone.uuid)))
    return gates


@action
def sign(
    *,
    by: Actor,
    milestone_uuid: UUID,
    decision: Decision | str = Decision.AGREES,
    remark: str = "",
) -> SignOff:
    """Sign a milestone for the actor's side, or object to it. The last signature that was missing completes
    it.

    Whoever signs is told of dissent that is on record. Neither a missing vote nor dissent keeps anybody from objecting.

    Raises:
        NotFound, NotAllowed: the actor may not sign, or its side has nothing to sign here.
        Refused: the transfer is not under way, the milestone is done, another one comes first, its evidence is
            missing, the community has not voted or dissents, or what it moves cannot be moved yet.
        Invalid: an unknown decision, or a dissent without words.
    """
    if decision not in Decision.values:
        raise Invalid(
            "unknown_decision",
            f"“{decision}” is no decision: {', '.join(Decision.values)}.",
            field="decision",
        )
    found = milestone_for(by, milestone_uuid, may=Permission.VIEW)
    # The whole programme is locked: two last signatures at once must not both find one missing.
    access.lock_programme(found.transfer.programme)
    milestone = milestone_for(by, milestone_uuid, may=Permission.SIGN)
    transfer = milestone.transfer
    if transfer.state != TransferState.ACCEPTED:
        raise Refused("wrong_state", "Milestones are signed while an accepted transfer is under way.")
    if milestone.done_at is not None:
        raise Refused("milestone_done", "This milestone is done already.")
    side = side_of(transfer, by)
    if side not in milestone.signs:
        raise NotAllowed("not_asked", "This milestone does not ask your side for a signature.")
    gates = _before(milestone)
    if decision != Decision.OBJECTS:
        gates = [*waiting(milestone), *moving_gates(milestone)]
    if decision == Decision.AGREES and side == Side.COMMUNITY:
        gates += votes.against(milestone)
    if gates:
        raise Refused("cannot_start", "This milestone cannot be signed yet.", gates)
    for sentence in votes.on_record(milestone):
        notices.warn("dissent_on_record", sentence)
    signed = milestone_digest(milestone)
    signoff = write_signoff(
        by=by,
        transfer=transfer,
        subject=SignOffSubject.MILESTONE,
        digest=signed,
        milestone=milestone,
        decision=Decision(decision),
        remark=remark,
    )
    if not missing_sides(milestone.signoffs.all(), signed, milestone.signs):
        _complete(by, milestone)
    return signoff


def _complete(by: Actor, milestone: TransferMilestone) -> None:
    transfer = milestone.transfer
    milestone.change(version=milestone.version, done_at=clock.now())
    items = list(
        transfer.items.filter(milestone=milestone, moved_at__isnull=True).select_related("responsibility")
    )
    moved = move(by=by, transfer=transfer, items=items)
    exceptions = move_exceptions(transfer, items) if moved else []
    if moved:
        rederive(transfer.programme)
    ledger.record(
        verb="milestone.done",
        by=by,
        programme=transfer.programme,
        subject=milestone.uuid,
        data={
            "transfer": transfer.uuid,
            "kind": milestone.kind,
            "moved": [item["responsibility"] for item in moved],
            "exceptions": exceptions,
        },
    )
