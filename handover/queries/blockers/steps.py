"""What one step of a plan waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.languages import day, number
from handover.models import CommunityVote, DissentAnswer, SignOff, TransferMilestone
from handover.models.legal_acts import FALLEN, LegalActStatus
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.queries.blockers.kinds import Blocker, Kind, Plan
from handover.queries.plans import bound_by_signatures
from handover.queries.signoffs import missing_sides, objections
from handover.queries.votes import Heard, counts, standing_of

RESTS_ON_AN_ACT: Final = frozenset({MilestoneKind.COUNCIL_DECISION, MilestoneKind.BUDGET_LINE_ADOPTED})
"""Kinds of steps that are nothing without a legal act."""


def of_step(plan: Plan, step: Any) -> Iterator[Blocker]:
    """Give what an open step, as ``waiting_transfers.steps_of`` reads it, waits for."""
    first = [plan.steps[key] for key in plan.waits_for.get(step.pk, ())]
    for other in first:
        sentence = _("It waits for “%(other)s” (due %(due)s).")
        told = sentence % {"other": other.title, "due": day(other.due_on)}
        who = [name for side in other.signs for name in plan.names(side)]
        yield plan.of(step, Kind.DEPENDENCY, told, _("Finish the step that comes first"), who)
    yield from _of_act(plan, step)
    if step.evidence_required and not step.shown:
        sides = [side for side in (Side.GIVER, Side.RECEIVER) if side in step.signs] or [
            Side.GIVER,
            Side.RECEIVER,
        ]
        told = _("It has no evidence.")
        who = [name for side in sides for name in plan.names(side)]
        yield plan.of(step, Kind.EVIDENCE, told, _("Upload the paper that shows it"), who, any_of=True)
    yield from _of_votes(plan, step)
    if step.pk in plan.scores_missing:
        told = _("It waits for a readiness score that is not agreed, or too low.")
        who = [name for side in (Side.GIVER, Side.RECEIVER, Side.COMMUNITY) for name in plan.names(side)]
        yield plan.of(step, Kind.SCORE, told, _("Score readiness and agree on the scores"), who)
    yield from _of_signatures(plan, step)


def _of_act(plan: Plan, step: Any) -> Iterator[Blocker]:
    act, receiver = step.legal_act, plan.names(Side.RECEIVER)
    if act is None:
        if step.kind in RESTS_ON_AN_ACT:
            told = _("It names no legal act.")
            yield plan.of(step, Kind.LEGAL_ACT, told, _("Enter the act and name it at the step"), receiver)
        return
    about = {"act": act.number}
    if act.status in FALLEN:
        told = _("It rests on act %(act)s, which does not hold any more.") % about
        yield plan.of(step, Kind.LEGAL_ACT, told, _("Name an act that holds"), receiver)
    elif act.status == LegalActStatus.DRAFT:
        told = _("It rests on act %(act)s, which is a draft.") % about
        yield plan.of(step, Kind.LEGAL_ACT, told, _("Have the act adopted"), receiver)


def _of_signatures(plan: Plan, step: Any) -> Iterator[Blocker]:
    bound = bound_by_signatures(
        plan=plan.transfer.plan_digest,
        milestone=step.uuid,
        legal_act=step.legal_act.uuid if step.legal_act else None,
        evidence=step.shown,
        votes=sorted(vote["uuid"] for vote in step.voted),
    )
    given = [
        SignOff(
            id=item["id"],
            side=item["side"],
            organisation_id=item["organisation"],
            decision=item["decision"],
            digest=item["digest"],
        )
        for item in step.said
    ]
    against = {str(voice.side) for voice in objections(given)}
    missing = missing_sides(given, bound, step.signs)
    objecting = [name for side in missing if side in against for name in plan.names(side)]
    waiting = [name for side in missing if side not in against for name in plan.names(side)]
    if objecting:
        told = _("There is an objection to it.")
        yield plan.of(step, Kind.OBJECTION, told, _("Settle it; only who objected takes it back"), objecting)
    if waiting:
        told = _("Not every side has signed it.")
        yield plan.of(step, Kind.SIGNATURE, told, _("Sign the step"), waiting)


def _of_votes(plan: Plan, step: Any) -> Iterator[Blocker]:
    heard = _heard(plan.transfer, step)
    community = plan.names(Side.COMMUNITY) or plan.names(Side.GIVER)
    if step.quorum is not None and not any(item.stands and item.current for item in heard):
        told = ngettext(
            "It waits for a vote of the community; at least %(count)s person must be there.",
            "It waits for a vote of the community; at least %(count)s people must be there.",
            step.quorum,
        ) % {"count": number(step.quorum)}
        yield plan.of(step, Kind.VOTE, told, _("Hold the vote and record it"), community)
    if any(item.stands and item.weighs and not item.settled for item in heard):
        told = _("At least as many people dissented from it as assented.")
        yield plan.of(step, Kind.VOTE, told, _after_dissent(step), community)


def _after_dissent(step: TransferMilestone) -> str:
    if step.on_dissent == OnDissent.MEDIATION:
        return _("Hold a mediation and record it")
    if step.on_dissent == OnDissent.GO_ON:
        return _("Answer the reasons in writing")
    return _("Talk, and let the community vote again")


def _heard(transfer: Any, step: Any) -> list[Heard]:
    """Give the votes on a step as ``queries.votes`` weighs them."""
    rows = [
        CommunityVote(
            id=said["id"],
            milestone=step,
            community_id=said["community"],
            present=said["present"],
            assent=said["assent"],
            dissent=said["dissent"],
            recorded_at=dt.datetime.fromisoformat(said["recorded_at"]),
        )
        for said in step.voted
    ]
    stands = standing_of(rows)
    return [
        Heard(
            vote=row,
            reasons=(),
            answers=[DissentAnswer(kind=kind) for kind in said["answers"]],
            counts=counts(row),
            current=transfer.plan_since is not None and row.recorded_at >= transfer.plan_since,
            stands=row.pk in stands,
        )
        for row, said in zip(rows, step.voted, strict=True)
    ]
