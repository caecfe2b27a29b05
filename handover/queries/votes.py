"""The community's votes: which of them stand, what they hold up, and whether they are as the ledger says.

A vote counts if it has the quorum that its milestone's plan asks for. Of the votes that count, the newest of each
community stands; one of no community in particular follows all before it. A dissent *weighs* when at least as many
people dissent as assent: then the milestone waits for what the plan says. A smaller dissent holds nothing up; it is
told to whoever signs, and stays on record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Prefetch, Subquery

from handover.canonical import digest, plain
from handover.errors import Gate
from handover.holdings import Finding
from handover.models import (
    CommunityVote,
    DissentAnswer,
    DissentReason,
    Programme,
    SignOff,
    Transfer,
    TransferMilestone,
)
from handover.models.milestones import OnDissent
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import OPEN_STATES
from handover.models.voices import AnswerKind
from handover.queries.chains import digest_text, firsts, uuid_text

SETTLES: Final[Mapping[str, AnswerKind]] = {
    OnDissent.MEDIATION.value: AnswerKind.MEDIATED,
    OnDissent.GO_ON.value: AnswerKind.REASONS_GIVEN,
}
"""The answer by which a milestone may go on, by what the plan says; a pause ends with a new vote alone."""
HOLDS: Final[Mapping[str, str]] = {
    "": "dissent_pause",
    OnDissent.PAUSE.value: "dissent_pause",
    OnDissent.MEDIATION.value: "dissent_mediation",
    OnDissent.GO_ON.value: "dissent_reasons",
}
"""The codes of the gates that dissent closes, by what the plan says."""
SILENT: Final = (
    "The plan says nothing of dissent, so the milestone waits until the community has voted again."
)


@dataclass(frozen=True)
class Heard:
    """A vote as it stands today: its reasons, what was done about them, and whether it still says what counts."""

    vote: CommunityVote
    reasons: Sequence[DissentReason]
    answers: Sequence[DissentAnswer]
    counts: bool
    """Enough people were there."""
    current: bool
    """The plan has not changed since it was held."""
    stands: bool
    """It counts, and no later vote that counts followed it."""

    @property
    def weighs(self) -> bool:
        """Tell whether at least as many people dissented as assented."""
        return 0 < self.vote.dissent >= self.vote.assent

    @property
    def carries(self) -> bool:
        """Tell whether more people assented than dissented."""
        return self.vote.assent > self.vote.dissent

    @property
    def settled(self) -> bool:
        """Tell whether what the plan asks for on dissent was done about it."""
        wanted = SETTLES.get(self.vote.milestone.on_dissent)
        return wanted is not None and any(item.kind == wanted for item in self.answers)


def history(milestone: TransferMilestone) -> list[Heard]:
    """Give all votes on a milestone, the oldest first. None ever leaves."""
    return _heard(milestone.transfer, _votes().filter(milestone=milestone)).get(milestone.pk, [])


def of_transfer(transfer: Transfer) -> dict[int, list[Heard]]:
    """Give all votes on a transfer's milestones by the milestone's key, in a constant number of queries."""
    return _heard(transfer, _votes().filter(milestone__transfer=transfer))


def standing(milestone: TransferMilestone) -> list[Heard]:
    """Give the votes that stand on a milestone: at most one of each community."""
    return [item for item in history(milestone) if item.stands]


def _votes() -> Any:
    answers = DissentAnswer.objects.select_related("organisation")
    return (
        CommunityVote.objects.select_related("milestone", "community", "organisation")
        .prefetch_related("reasons", Prefetch("answers", queryset=answers))
        .order_by("id")
    )


def _heard(transfer: Transfer, votes: Any) -> dict[int, list[Heard]]:
    by_milestone: defaultdict[int, list[Any]] = defaultdict(list)
    for vote in votes.annotate(plan_since=_plan_since(transfer)):
        by_milestone[vote.milestone_id].append(vote)
    found: dict[int, list[Heard]] = {}
    for key, rows in by_milestone.items():
        stands = standing_of(rows)
        found[key] = [
            Heard(
                vote=vote,
                reasons=list(vote.reasons.all()),
                answers=list(vote.answers.all()),
                counts=counts(vote),
                current=vote.plan_since is not None and vote.recorded_at >= vote.plan_since,
                stands=vote.pk in stands,
            )
            for vote in rows
        ]
    return found


def standing_of(votes: Iterable[CommunityVote]) -> frozenset[int]:
    """Give the keys of the votes that stand among a milestone's, in their order: the newest of each community that
    counts, and of all before one that was open to everybody none."""
    last: dict[int | None, int] = {}
    for vote in votes:
        if not counts(vote):
            continue
        if vote.community_id is None:
            last.clear()
        last[vote.community_id] = vote.pk
    return frozenset(last.values())


def counts(vote: CommunityVote) -> bool:
    """Tell whether as many people were there as the plan asks for."""
    return vote.present >= (vote.milestone.quorum or 0)


def _plan_since(transfer: Transfer) -> Subquery:
    """Give the instant at which the plan as it is was first signed; ``None`` before that."""
    signed = SignOff.objects.filter(
        transfer=transfer, subject=SignOffSubject.PLAN, digest=transfer.plan_digest or "-"
    )
    return Subquery(signed.order_by("signed_at").values("signed_at")[:1])


# --- what they hold up ---


def gates(transfer: Transfer) -> Iterator[Gate]:
    """Name what the community's votes, or the lack of one, hold up in a transfer: its milestones that are not done."""
    heard = of_transfer(transfer)
    for milestone in transfer.milestones.filter(done_at=None).order_by("due_on", "id"):
        yield from _waiting(milestone, heard.get(milestone.pk, []))


def waiting(milestone: TransferMilestone, heard: Sequence[Heard] | None = None) -> Iterator[Gate]:
    """Name what keeps a milestone from being signed: a vote that the plan asks for, or dissent that weighs.

    Args:
        heard: its votes as ``history`` gives them, for whoever has read them already.
    """
    yield from _waiting(milestone, history(milestone) if heard is None else heard)


def against(milestone: TransferMilestone) -> Iterator[Gate]:
    """Name the standing votes for which nobody can sign that the community agrees: no majority assented."""
    for item in standing(milestone):
        if not item.carries:
            vote = item.vote
            sentence = (
                f"In the vote of {vote.held_on:%d %B %Y} on “{milestone.title}” {vote.assent} people assented and "
                f"{vote.dissent} dissented: sign with the dissent on record, or object."
            )
            yield Gate("no_majority", sentence, str(vote.uuid))


def on_record(milestone: TransferMilestone) -> Iterator[str]:
    """Tell whoever signs of the dissent in the votes that stand on a milestone, held up by it or not."""
    for item in standing(milestone):
        if item.vote.dissent:
            yield dissent_sentence(milestone, item)


def _waiting(milestone: TransferMilestone, heard: Sequence[Heard]) -> Iterator[Gate]:
    if milestone.quorum is not None and not any(item.stands and item.current for item in heard):
        yield _unasked(milestone, heard)
    for item in heard:
        if item.stands and item.weighs and not item.settled:
            yield Gate(HOLDS[milestone.on_dissent], _held_up(milestone, item), str(item.vote.uuid))


def _unasked(milestone: TransferMilestone, heard: Sequence[Heard]) -> Gate:
    short = [item.vote for item in heard if item.current and not item.counts]
    if short:
        vote = short[-1]
        sentence = (
            f"The vote of {vote.held_on:%d %B %Y} on “{milestone.title}” does not count: {vote.present} people were "
            f"there, and the plan asks for {milestone.quorum}."
        )
        return Gate("below_quorum", sentence, str(vote.uuid))
    again = " again, because the plan has changed since it voted" if heard else ""
    sentence = (
        f"“{milestone.title}” waits for the community to vote{again}; the plan asks for at least "
        f"{milestone.quorum} people."
    )
    return Gate("vote_missing", sentence, str(milestone.uuid))


def _held_up(milestone: TransferMilestone, item: Heard) -> str:
    return f"{dissent_sentence(milestone, item)} {plan_word(milestone)}"


def dissent_sentence(milestone: TransferMilestone, item: Heard) -> str:
    """Say in one sentence that people dissented, how many, when, and why."""
    vote = item.vote
    why = "; ".join(f"“{reason.text}” ({reason.people})" for reason in item.reasons)
    of = f" of {vote.community}" if vote.community else ""
    return (
        f"On {vote.held_on:%d %B %Y} {vote.dissent} of {vote.present} people{of} dissented from "
        f"“{milestone.title}” and {vote.assent} assented. Their reasons: {why}."
    )


def plan_word(milestone: TransferMilestone) -> str:
    """Say what the plan says about dissent from a milestone."""
    if not milestone.on_dissent:
        return SILENT
    return f"The plan says: {OnDissent(milestone.on_dissent).label}."


# --- what is not well ---


def health(programme: Programme) -> Iterator[Finding]:
    """Name dissent that nobody has answered, and votes that came too short, of open transfers and of executed ones."""
    for item in of_programme(programme):
        vote, milestone = item.vote, item.vote.milestone
        path = f"{milestone.transfer.title} → {milestone.title} → vote of {vote.held_on}"
        if vote.dissent and not item.answers:
            sentence = f"{path}: {vote.dissent} people dissented, and nobody has answered their reasons."
            yield Finding("dissent_unanswered", sentence, str(vote.uuid))
        if not item.counts and milestone.done_at is None and milestone.transfer.state in OPEN_STATES:
            sentence = f"{path}: {vote.present} people were there, and the plan asks for {milestone.quorum}."
            yield Finding("vote_below_quorum", sentence, str(vote.uuid))


def of_programme(programme: Programme) -> Iterator[Heard]:
    """Give all votes of a programme, transfer by transfer, milestone by milestone, the oldest first."""
    votes = CommunityVote.objects.filter(programme=programme)
    for transfer in Transfer.objects.filter(pk__in=votes.values("milestone__transfer")).order_by("id"):
        heard = of_transfer(transfer)
        milestones = transfer.milestones.filter(pk__in=heard).order_by("due_on", "id")
        for milestone in milestones:
            for item in heard[milestone.pk]:
                item.vote.milestone.transfer = transfer
                yield item


# --- whether they are as the ledger says ---


def vote_facts(vote: CommunityVote, reasons: Iterable[DissentReason]) -> dict[str, Any]:
    """Give all that a vote says; the ledger holds it with its digest."""
    return {
        "milestone": vote.milestone.uuid,
        "community": vote.community.uuid if vote.community else None,
        "consultation": vote.consultation_uuid,
        "held_on": vote.held_on,
        "asked": vote.asked,
        "present": vote.present,
        "assent": vote.assent,
        "dissent": vote.dissent,
        "abstained": vote.abstained,
        "reasons": [{"text": reason.text, "people": reason.people} for reason in reasons],
        "organisation": vote.organisation.uuid,
        "user": vote.user_uuid,
    }


def answer_facts(answer: DissentAnswer) -> dict[str, Any]:
    """Give all that an answer to dissent says; the ledger holds it with its digest."""
    return {
        "vote": answer.vote.uuid,
        "kind": str(answer.kind),
        "text": answer.text,
        "mediator": answer.mediator,
        "answered_on": answer.answered_on,
        "organisation": answer.organisation.uuid,
        "user": answer.user_uuid,
    }


def verify(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Hold votes, reasons and answers against the ledger: name each that was changed, was never recorded or is gone."""
    votes = {
        str(vote.uuid): digest(plain(vote_facts(vote, vote.reasons.all())))
        for vote in _votes().filter(programme=programme)
    }
    answers = {
        str(answer.uuid): digest(plain(answer_facts(answer)))
        for answer in DissentAnswer.objects.filter(programme=programme)
        .select_related("vote", "organisation")
        .order_by("id")
    }
    for verb, rows, what in (
        ("vote.held", votes, "vote of the community"),
        ("dissent.answered", answers, "answer to dissent"),
    ):
        recorded, wrong = firsts(entries, {verb}, _said, what)
        yield from wrong
        for key in sorted(rows.keys() | recorded.keys()):
            name = f"A {what}" if what.startswith("v") else f"An {what}"
            noun = verb.partition(".")[0]
            if key not in recorded:
                yield Finding(f"{noun}_unrecorded", f"{name} stands in no ledger entry: {key}.", key)
            elif key not in rows:
                yield Finding(f"{noun}_missing", f"{name} that the ledger holds is gone: {key}.", key)
            elif rows[key] != recorded[key]:
                yield Finding(f"{noun}_changed", f"{name} is not what the ledger holds: {key}.", key)


def _said(entry: Mapping[str, Any]) -> tuple[str, str]:
    return uuid_text(entry["subject"]), digest_text(entry["data"]["facts_digest"])
