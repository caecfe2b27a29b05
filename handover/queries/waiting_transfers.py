"""What transfers wait for: plans to answer, steps to evidence and to sign, dissent to answer, handovers to execute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from handover import clock
from handover.models import (
    AnnexLine,
    CommunityVote,
    DissentAnswer,
    Evidence,
    MilestoneDependency,
    ScoreGate,
    SignOff,
    Transfer,
    TransferMilestone,
    TransferResponsibility,
)
from handover.models.annexes import AnnexDecision
from handover.models.legal_acts import FALLEN
from handover.models.milestones import MilestoneKind, Side
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import TransferState
from handover.permissions import Permission, StandingKind
from handover.queries.plans import bound_by_signatures
from handover.queries.seats import Reached, Seat
from handover.queries.signoffs import missing_sides, standing_voices
from handover.queries.tasks import WORDINGS, Named, Task, pages_of
from handover.queries.votes import Heard, counts, standing_of

S = TransferState
ALIVE: Final = (S.PROPOSED, S.RETURNED, S.ACCEPTED, S.EXECUTED)
"""States in which a transfer can wait for somebody beside who draws it up."""
SIDE_OF_STANDING: Final = {StandingKind.COMMUNITY: Side.COMMUNITY, StandingKind.DONOR: Side.DONOR}


def transfers_of(seat: Seat) -> list[Transfer]:
    """Give the transfers that may wait for somebody of an organisation, with all that decides it, in one query."""
    mine = seat.actor.organisation
    own = SignOff.objects.filter(transfer=OuterRef("pk"))
    steps = TransferMilestone.objects.filter(transfer=OuterRef("pk"))
    rows = Transfer.objects.filter(programme__in=list(seat.programmes), state__in=ALIVE).annotate(
        planned_at=Subquery(_plans(own).filter(side=Side.GIVER).values("signed_at")[:1]),
        accepted_at=Subquery(_plans(own).filter(side=Side.RECEIVER).values("signed_at")[:1]),
        plan_since=Subquery(
            own.filter(subject=SignOffSubject.PLAN, digest=OuterRef("plan_digest"))
            .order_by("signed_at")
            .values("signed_at")[:1]
        ),
        signed_for=ArraySubquery(own.filter(user=seat.actor.user).order_by("id").values("side")),
        proof_digest=F("proof__digest"),
        proof_made_at=F("proof__made_at"),
        proof_signed=Exists(
            own.filter(subject=SignOffSubject.PROOF, organisation=mine, digest=OuterRef("proof__digest"))
        ),
        giving_back=ArraySubquery(
            own.filter(subject=SignOffSubject.GIVE_BACK).order_by("id").values("organisation_id")
        ),
        annex_unsettled=Exists(
            AnnexLine.objects.filter(transfer=OuterRef("pk")).exclude(
                decision__in=(AnnexDecision.ACCEPTED, AnnexDecision.RESERVED)
            )
        ),
        unfinished=Exists(steps.filter(Q(done_at=None) | Q(legal_act__status__in=FALLEN))),
        validated=Exists(
            steps.filter(kind=MilestoneKind.COMMUNITY_VALIDATION, signs__contains=[Side.COMMUNITY.value])
        ),
        moved=ArraySubquery(
            TransferResponsibility.objects.filter(transfer=OuterRef("pk")).values("responsibility_id")
        ),
    )
    return list(rows.order_by("id"))


def _plans(rows: QuerySet[SignOff]) -> QuerySet[SignOff]:
    return rows.filter(subject=SignOffSubject.PLAN).order_by("-signed_at", "-id")


def steps_of(transfers: Sequence[Transfer]) -> list[TransferMilestone]:
    """Give the steps of transfers that are under way, and those with dissent that nobody has answered, in one query."""
    unanswered = CommunityVote.objects.filter(milestone=OuterRef("pk"), dissent__gt=0, answers=None)
    rows = TransferMilestone.objects.filter(transfer__in=[item.pk for item in transfers]).filter(
        Q(transfer__state=S.ACCEPTED, done_at=None) | Exists(unanswered)
    )
    of = {"milestone": OuterRef("pk")}
    answers = DissentAnswer.objects.filter(vote=OuterRef("pk")).order_by("id").values("kind")
    return list(
        rows.select_related("legal_act")
        .annotate(
            blocked=Exists(MilestoneDependency.objects.filter(waits_for__done_at=None, **of)),
            shown=ArraySubquery(
                Evidence.objects.filter(**of)
                .order_by("uuid")
                .values(json=JSONObject(uuid="uuid", title="title", sha256="file__sha256", link="link"))
            ),
            voted=ArraySubquery(
                CommunityVote.objects.filter(**of)
                .order_by("id")
                .values(
                    json=JSONObject(
                        id="id",
                        uuid="uuid",
                        community="community_id",
                        present="present",
                        assent="assent",
                        dissent="dissent",
                        recorded_at="recorded_at",
                        answers=ArraySubquery(answers),
                    )
                )
            ),
            said=ArraySubquery(
                SignOff.objects.filter(**of)
                .order_by("id")
                .values(
                    json=JSONObject(
                        id="id",
                        side="side",
                        organisation="organisation_id",
                        decision="decision",
                        digest="digest",
                    )
                )
            ),
            gated=Exists(ScoreGate.objects.filter(**of)),
        )
        .order_by("due_on", "id")
    )


def tasks(
    seat: Seat, transfers: Sequence[Transfer], steps: Sequence[TransferMilestone], unmet: frozenset[int]
) -> Iterator[Task]:
    """Give what transfers wait for.

    What a step moves, and what else a handover asks, is checked when it is done, and told on its page.

    Args:
        unmet: keys of steps that wait for a score.
    """
    by_key = {transfer.pk: transfer for transfer in transfers}
    for transfer in transfers:
        yield from _of_transfer(seat, transfer)
    for step in steps:
        yield from _of_step(seat, by_key[step.transfer_id], step, scores_missing=step.pk in unmet)


# --- a transfer as a whole ------------------------------------------------------------------------


def _of_transfer(seat: Seat, transfer: Any) -> Iterator[Task]:
    here, mine = seat.programmes[transfer.programme_id], seat.actor.organisation.pk
    gives, takes = transfer.giver_id == mine, transfer.receiver_id == mine
    if transfer.state == S.PROPOSED and takes and here.may(Permission.ANSWER_TRANSFER):
        yield _task(seat, "plan.answer", here, transfer, since=transfer.planned_at, turn=_turn(transfer))
    if transfer.state == S.RETURNED and gives and here.may(Permission.PLAN_TRANSFER):
        yield _task(seat, "plan.mend", here, transfer, turn=_turn(transfer))
    if _ready(transfer) and takes and here.may(Permission.EXECUTE_TRANSFER):
        yield _task(seat, "transfer.execute", here, transfer, turn=_turn(transfer))
    if transfer.state != S.EXECUTED or not (gives or takes) or not here.may(Permission.SIGN):
        return
    side = Side.GIVER if gives else Side.RECEIVER
    if {*transfer.signed_for} - {side.value}:
        return
    if transfer.proof_digest and not transfer.proof_signed:
        yield _task(seat, "proof.countersign", here, transfer, since=transfer.proof_made_at)
    last = last_day_to_give_back(transfer)
    if transfer.giving_back and mine not in transfer.giving_back and last and clock.today() <= last:
        yield _task(seat, "give_back.sign", here, transfer, due_on=last)


def last_day_to_give_back(transfer: Transfer) -> dt.date | None:
    """Give the last day on which an executed transfer may be given back."""
    if transfer.executed_at is None:
        return None
    return (transfer.executed_at + dt.timedelta(days=transfer.give_back_days)).date()


def _ready(transfer: Any) -> bool:
    return (
        transfer.state == S.ACCEPTED
        and transfer.validated
        and not transfer.unfinished
        and not transfer.annex_unsettled
    )


def _turn(transfer: Transfer) -> str:
    return transfer.plan_digest[:16]


# --- one step -------------------------------------------------------------------------------------


def _of_step(seat: Seat, transfer: Any, step: Any, *, scores_missing: bool) -> Iterator[Task]:
    here, side = seat.programmes[transfer.programme_id], _side(seat, transfer)
    heard = _heard(transfer, step)
    if here.may(Permission.RECORD_VOICE):
        for item in heard:
            if item.vote.dissent and not item.answers:
                facts = {"subject": str(item.vote.uuid), "since": item.vote.recorded_at}
                yield _of(seat, "dissent.answer", here, transfer, step, **facts)
    open_now = transfer.state == S.ACCEPTED and step.done_at is None and not step.blocked
    if not open_now or side is None:
        return
    since = {"since": transfer.accepted_at, "turn": _turn(transfer)}
    concerned = side in step.signs or side in (Side.GIVER, Side.RECEIVER)
    if step.evidence_required and not step.shown:
        if concerned and here.may(Permission.ADD_EVIDENCE):
            yield _of(seat, "milestone.evidence", here, transfer, step, due_on=step.due_on, **since)
        return
    if step.quorum is not None and not any(item.stands and item.current for item in heard):
        if here.may(Permission.RECORD_VOICE):
            yield _of(seat, "vote.hold", here, transfer, step, due_on=step.due_on, **since)
        return
    held_up = any(item.stands and item.weighs and not item.settled for item in heard)
    if held_up or scores_missing or not _waits_for(seat, side, transfer, step):
        return
    yield _of(seat, "milestone.sign", here, transfer, step, due_on=step.due_on, **since)


def _side(seat: Seat, transfer: Transfer) -> Side | None:
    """Tell for which side the organisation signs, as signing itself does."""
    mine = seat.actor.organisation.pk
    if mine in (transfer.giver_id, transfer.receiver_id):
        return Side.GIVER if mine == transfer.giver_id else Side.RECEIVER
    kinds = seat.programmes[transfer.programme_id].standings
    return next((side for kind, side in SIDE_OF_STANDING.items() if kind in kinds), None)


def _waits_for(seat: Seat, side: Side, transfer: Any, step: Any) -> bool:
    """Tell whether a step still waits for the signature of the actor's side, and the actor may give it."""
    here = seat.programmes[transfer.programme_id]
    if side not in step.signs or not here.may(Permission.SIGN) or {*transfer.signed_for} - {side.value}:
        return False
    bound = bound_by_signatures(
        plan=transfer.plan_digest,
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
    if (side.value, seat.actor.organisation.pk) in standing_voices(given, bound):
        return False
    return side.value in missing_sides(given, bound, step.signs)


def _heard(transfer: Any, step: TransferMilestone) -> list[Heard]:
    """Give the votes on a step as ``queries.votes`` weighs them."""
    rows = [
        CommunityVote(
            id=said["id"],
            uuid=said["uuid"],
            milestone=step,
            community_id=said["community"],
            present=said["present"],
            assent=said["assent"],
            dissent=said["dissent"],
            recorded_at=dt.datetime.fromisoformat(said["recorded_at"]),
        )
        for said in step.voted  # type: ignore[attr-defined]
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
        for row, said in zip(rows, step.voted, strict=True)  # type: ignore[attr-defined]
    ]


# --- the task itself ------------------------------------------------------------------------------


def _task(seat: Seat, kind: str, here: Reached, transfer: Transfer, **facts: Any) -> Task:
    wording = WORDINGS[kind]
    return Task(
        kind=kind,
        subject=facts.pop("subject", str(transfer.uuid)),
        organisation=seat.actor.organisation,
        text=wording.text,
        plain=wording.plain,
        about={"transfer": transfer.title, **facts.pop("about", {})},
        programme=here.named,
        transfer=Named(transfer.uuid, transfer.title),
        places=facts.pop("places", pages_of(programme=here.named.uuid, transfer=transfer.uuid)),
        **facts,
    )


def _of(
    seat: Seat, kind: str, here: Reached, transfer: Transfer, step: TransferMilestone, **facts: Any
) -> Task:
    about: Mapping[str, object] = {"milestone": step.title, "kind": step.get_kind_display()}
    pages = pages_of(programme=here.named.uuid, transfer=transfer.uuid, milestone=step.uuid)
    said = {"subject": str(step.uuid), "about": about, "places": pages, **facts}
    return _task(seat, kind, here, transfer, **said)
