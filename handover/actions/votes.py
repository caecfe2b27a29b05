"""The community's votes on transfer milestones, and what is done about dissent. Both are only ever added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from handover import clock, holdings, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.columns import checking
from handover.actions.evidence import milestone_for
from handover.canonical import digest
from handover.errors import Invalid, NotFound, Refused
from handover.models import (
    Community,
    CommunityVote,
    DissentAnswer,
    DissentReason,
    Programme,
    SignOff,
    Transfer,
    TransferMilestone,
)
from handover.models.base import InProgramme
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import TransferState
from handover.models.voices import AnswerKind
from handover.narratives import Narrative, narratives
from handover.permissions import Permission
from handover.queries.votes import answer_facts, counts, vote_facts

UNDER_WAY = frozenset({TransferState.PROPOSED, TransferState.ACCEPTED})
"""Where a plan lies before both sides and the community."""


@action
def hold(
    *,
    by: Actor,
    milestone_uuid: UUID,
    held_on: dt.date,
    asked: str | dict[str, str] | Sequence[Narrative],
    present: int,
    assent: int,
    dissent: int,
    abstained: int = 0,
    reasons: Sequence[tuple[str, int]] = (),
    community: UUID | None = None,
    consultation: UUID | None = None,
) -> CommunityVote:
    """Record a vote of the community on a milestone. A vote below the plan's quorum is recorded too; it does not count.

    Earlier votes stay: a later one only follows them. Signatures given before the vote are void, for they did not see
    it.

    Args:
        asked: the question in plain language, as it was put.
        present: how many people were there; the quorum asks for them.
        reasons: why people dissented, in their words, and how many gave that reason.
        community: one of the programme's communities; ``None``: the vote was open to all whom the milestone concerns.
        consultation: the UUID of the consultation where it was held.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Refused: the transfer is not under way, or the milestone is done.
        Invalid: no question, nobody there, counts that cannot be, dissent without reasons, a day that cannot be, a
            community or a consultation of another programme, or the same vote recorded already.
    """
    milestone = milestone_for(by, milestone_uuid, may=Permission.RECORD_VOICE)
    # Of two votes at once one is first: the order in which they are recorded is the order in which they follow.
    milestone = (
        TransferMilestone.objects.select_for_update(of=("self",))
        .select_related("transfer__programme", "programme")
        .get(pk=milestone.pk)
    )
    _refuse_closed(milestone)
    question = _question(asked)
    _check_counts(present=present, assent=assent, dissent=dissent, abstained=abstained)
    said = _reasons(reasons, dissent)
    _check_day(milestone.transfer, held_on)
    vote = CommunityVote(
        programme=milestone.programme,
        milestone=milestone,
        community=_community(milestone.programme, community),
        consultation_uuid=_consultation(milestone.programme, consultation),
        held_on=held_on,
        asked=question,
        present=present,
        assent=assent,
        dissent=dissent,
        abstained=abstained,
        organisation=by.organisation,
        user_uuid=by.user.uuid,
        recorded_at=clock.now(),
    )
    _refuse_repeated(vote)
    _check(vote)
    vote.save()
    rows = [
        DissentReason(programme=milestone.programme, vote=vote, text=text, people=people)
        for text, people in said
    ]
    for row in rows:
        _check(row)
    DissentReason.objects.bulk_create(rows)
    facts = vote_facts(vote, rows)
    ledger.record(
        verb="vote.held",
        by=by,
        programme=milestone.programme,
        subject=vote.uuid,
        data={
            "facts": facts,
            "facts_digest": digest(facts),
            "transfer": milestone.transfer.uuid,
            "title": milestone.title,
            "quorum": milestone.quorum,
            "counts": counts(vote),
            "on_dissent": milestone.on_dissent,
            "plan": milestone.transfer.plan_digest,
        },
    )
    return vote


@action
def answer(
    *,
    by: Actor,
    vote_uuid: UUID,
    kind: AnswerKind | str,
    text: str,
    answered_on: dt.date | None = None,
    mediator: str = "",
) -> DissentAnswer:
    """Record what was done about the dissent of a vote: a mediation, reasons given, or a change of the plan.

    Whether a milestone then goes on is what its plan says. The dissent stays on record.

    Args:
        answered_on: today, if left out.
        mediator: the body that mediated, where a mediation was held; never a person.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Invalid: an unknown kind, no words, a vote without dissent, a mediation without a mediator, or a day that cannot
            be.
    """
    vote = CommunityVote.objects.select_related("milestone", "programme").filter(uuid=vote_uuid).first()
    if vote is None:
        raise NotFound("vote")
    milestone_for(by, vote.milestone.uuid, may=Permission.RECORD_VOICE)
    if kind not in AnswerKind.values:
        known = ", ".join(AnswerKind.values)
        raise Invalid("unknown_kind", f"“{kind}” is no answer to dissent: {known}.", field="kind")
    if not text.strip():
        raise Invalid("answer_missing", "Say in plain words what was said or agreed.", field="text")
    if not vote.dissent:
        raise Invalid(
            "no_dissent", "Nobody dissented in this vote: there is nothing to answer.", field="vote"
        )
    if kind == AnswerKind.MEDIATED and not mediator.strip():
        raise Invalid(
            "mediator_missing", "Say which body mediated: an organisation, never a person.", field="mediator"
        )
    day = answered_on or clock.today()
    if day < vote.held_on:
        sentence = f"The vote was held on {vote.held_on}: it cannot have been answered before."
        raise Invalid("before_the_vote", sentence, field="answered_on")
    _refuse_future(day, field="answered_on")
    made = DissentAnswer(
        programme=vote.programme,
        vote=vote,
        kind=kind,
        text=text.strip(),
        mediator=mediator.strip(),
        answered_on=day,
        organisation=by.organisation,
        user_uuid=by.user.uuid,
        recorded_at=clock.now(),
    )
    _check(made)
    made.save()
    facts = answer_facts(made)
    ledger.record(
        verb="dissent.answered",
        by=by,
        programme=vote.programme,
        subject=made.uuid,
        data={"facts": facts, "facts_digest": digest(facts), "milestone": vote.milestone.uuid},
    )
    return made


def _refuse_closed(milestone: TransferMilestone) -> None:
    transfer = milestone.transfer
    if transfer.state not in UNDER_WAY:
        sentence = (
            "A community votes on a plan that is proposed or accepted; this one is "
            f"{transfer.get_state_display()}."
        )
        raise Refused("not_under_way", sentence)
    if milestone.done_at is not None:
        sentence = (
            f"“{milestone.title}” has been done since {milestone.done_at:%d %B %Y}: no vote can change it."
        )
        raise Refused("milestone_done", sentence)


def _question(asked: str | dict[str, str] | Sequence[Narrative]) -> list[Narrative]:
    found = narratives(asked)
    if not found or any(not item["text"].strip() for item in found):
        raise Invalid("question_missing", "Say in plain words what was asked.", field="asked")
    return found


def _check_counts(**given: int) -> None:
    for name, count in given.items():
        if not is_whole(count):
            raise Invalid("not_a_whole_number", f"{name.capitalize()} must be a whole number.", field=name)
        if count < 0:
            raise Invalid("negative_count", f"{name.capitalize()} cannot be below zero: {count}.", field=name)
    if given["present"] == 0:
        raise Invalid("nobody_present", "Nobody was there: that is no vote.", field="present")
    voted = given["assent"] + given["dissent"] + given["abstained"]
    if voted > given["present"]:
        sentence = f"{voted} people are said to have voted or abstained, and {given['present']} were there."
        raise Invalid("more_than_present", sentence, field="present")


def is_whole(given: object) -> bool:
    """Tell whether something is a whole number, and not true or false."""
    return isinstance(given, int) and not isinstance(given, bool)


def _reasons(reasons: Sequence[tuple[str, int]], dissent: int) -> list[tuple[str, int]]:
    said = []
    for text, people in reasons:
        if not text.strip():
            raise Invalid("reason_missing", "A reason needs words.", field="reasons")
        if not is_whole(people) or people < 1:
            raise Invalid(
                "nobody_said_so", f"Nobody is said to have given the reason “{text}”.", field="reasons"
            )
        if people > dissent:
            sentence = f"{people} people are said to have given the reason “{text}”, and {dissent} dissented."
            raise Invalid("more_than_dissent", sentence, field="reasons")
        said.append((text.strip(), people))
    if dissent and not said:
        sentence = f"{dissent} people dissented: say why, in their words. A dissent is never kept without its reasons."
        raise Invalid("reason_missing", sentence, field="reasons")
    return said


def _check_day(transfer: Transfer, held_on: dt.date) -> None:
    _refuse_future(held_on, field="held_on")
    since = (
        SignOff.objects.filter(
            transfer=transfer, subject=SignOffSubject.PLAN, digest=transfer.plan_digest or "-"
        )
        .order_by("signed_at")
        .first()
    )
    if since is not None and held_on < since.signed_at.date():
        sentence = (
            f"The plan as it is lies open since {since.signed_at:%d %B %Y}: a vote of {held_on:%d %B %Y} was about"
            " something else."
        )
        raise Invalid("before_the_plan", sentence, field="held_on")


def _refuse_future(day: dt.date, *, field: str) -> None:
    if day > clock.today():
        raise Invalid("in_the_future", f"{day:%d %B %Y} has not come yet.", field=field)


def _community(programme: Programme, key: UUID | None) -> Community | None:
    if key is None:
        return None
    found = Community.objects.filter(programme=programme, uuid=key).first()
    if found is None:
        raise Invalid(
            "unknown_community", f"There is no community {key} in this programme.", field="community"
        )
    return found


def _consultation(programme: Programme, key: UUID | None) -> UUID | None:
    """Ask the apps: the kernel does not know consultations."""
    if key is not None and not any(holding.knows(programme, key) for holding in holdings.holdings()):
        sentence = f"There is no consultation {key} in this programme."
        raise Invalid("unknown_consultation", sentence, field="consultation")
    return key


def _refuse_repeated(vote: CommunityVote) -> None:
    """Of two people who record the same assembly, the second is told."""
    same: dict[str, Any] = {
        name: getattr(vote, name)
        for name in (
            "milestone",
            "community",
            "consultation_uuid",
            "held_on",
            "asked",
            "present",
            "assent",
            "dissent",
            "abstained",
        )
    }
    there = CommunityVote.objects.filter(**same).select_related("organisation").first()
    if there is not None:
        sentence = (
            f"{there.organisation.name} has recorded exactly this vote of {there.held_on:%d %B %Y} already."
        )
        raise Invalid("vote_recorded_already", sentence, field="milestone")


def _check(row: InProgramme) -> None:
    """Check a new row by its model's rules; texts that look like personal data are noticed."""
    with checking():
        row.clean_fields(exclude={field.name for field in row._meta.concrete_fields if field.is_relation})
