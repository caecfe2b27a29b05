"""The steps of a transfer as people see them: what is done, what can be done now and by whom, what waits for what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch

from handover import clock
from handover.models import (
    CommunityVote,
    Evidence,
    MilestoneDependency,
    SignOff,
    Transfer,
    TransferMilestone,
    TransferResponsibility,
)
from handover.models.milestones import Side
from handover.models.transfers import TransferState
from handover.queries.plans import bound_by_signatures
from handover.queries.signoffs import missing_sides, objections, standing_voices


class StepState(StrEnum):
    """How far a step is. ``help`` is the word for it."""

    help: str

    def __new__(cls, value: str, text: str = "") -> StepState:
        """Make a member from its code name and its word."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        return member

    DONE = "done", "Done"
    STARTED = "started", "In progress"
    OPEN = "open", "Not started"
    BLOCKED = "blocked", "Cannot start yet"


@dataclass(frozen=True)
class Step:
    """One step: how far it is, what it waits for, who has signed it as it stands, and who has not."""

    milestone: TransferMilestone
    state: StepState
    waits_for: Sequence[TransferMilestone]
    missing: Sequence[Side]
    signed: Sequence[SignOff]
    objections: Sequence[SignOff]
    evidence: Sequence[Evidence]
    moves: Sequence[str]
    digest: str
    late: bool

    @property
    def lacks_evidence(self) -> bool:
        """Whether evidence is asked for and none is there."""
        return self.milestone.evidence_required and not self.evidence and self.state is not StepState.DONE


def steps(transfer: Transfer, *, cutoff: dt.datetime | None = None) -> list[Step]:
    """Give the steps of a transfer by their days, in a constant number of queries.

    Args:
        cutoff: evidence that came after this instant is not shown: ``access.Reach.cutoff`` of whoever reads.
    """
    moves = TransferResponsibility.objects.filter(milestone=OuterRef("pk")).order_by("id")
    votes = CommunityVote.objects.filter(milestone=OuterRef("pk"))
    rows = (
        transfer.milestones.select_related("legal_act")
        .annotate(moved=ArraySubquery(moves.values("responsibility__title")))
        .annotate(voted=ArraySubquery(votes.values("uuid")))
        .prefetch_related(Prefetch("dependencies", MilestoneDependency.objects.select_related("waits_for")))
        .prefetch_related(Prefetch("evidence", Evidence.objects.select_related("file", "organisation")))
        .prefetch_related(Prefetch("signoffs", SignOff.objects.select_related("organisation")))
        .order_by("due_on", "id")
    )
    under_way = transfer.state == TransferState.ACCEPTED
    return [_step(transfer, row, under_way=under_way, cutoff=cutoff) for row in rows]


def _step(transfer: Transfer, row: Any, *, under_way: bool, cutoff: dt.datetime | None) -> Step:
    evidence = sorted(row.evidence.all(), key=lambda item: item.uuid)
    bound = bound_by_signatures(
        plan=transfer.plan_digest,
        milestone=row.uuid,
        legal_act=row.legal_act.uuid if row.legal_act else None,
        evidence=[
            {
                "uuid": item.uuid,
                "title": item.title,
                "sha256": item.file.sha256 if item.file else None,
                "link": item.link,
            }
            for item in evidence
        ],
        votes=sorted(row.voted),
    )
    given = sorted(row.signoffs.all(), key=lambda item: item.pk)
    waits = [item.waits_for for item in row.dependencies.all() if item.waits_for.done_at is None]
    missing = [Side(side) for side in missing_sides(given, bound, row.signs)]
    signed = list(standing_voices(given, bound).values())
    seen = [item for item in evidence if cutoff is None or item.added_at <= cutoff]
    return Step(
        milestone=row,
        state=_state(row, waits=bool(waits), begun=bool(evidence or signed), under_way=under_way),
        waits_for=waits,
        missing=[] if row.done_at else missing,
        signed=given if row.done_at else signed,
        objections=[] if row.done_at else objections(given),
        evidence=sorted(seen, key=lambda item: item.pk),
        moves=row.moved,
        digest=bound,
        late=row.done_at is None and under_way and row.due_on < clock.today(),
    )


def _state(row: TransferMilestone, *, waits: bool, begun: bool, under_way: bool) -> StepState:
    if row.done_at is not None:
        return StepState.DONE
    if waits or not under_way:
        return StepState.BLOCKED
    return StepState.STARTED if begun else StepState.OPEN


def side_here(transfer: Transfer, organisation_id: int, standings: frozenset[str]) -> Side | None:
    """Tell for which side an organisation speaks in a transfer, as signing itself does; ``None`` for nobody's."""
    if organisation_id in (transfer.giver_id, transfer.receiver_id):
        return Side.GIVER if organisation_id == transfer.giver_id else Side.RECEIVER
    if "community" in standings:
        return Side.COMMUNITY
    return Side.DONOR if "donor" in standings else None
