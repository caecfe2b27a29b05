"""Audits: where an engagement is, who may read what of it, and whether a sample is the one that follows."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Q, QuerySet

from handover import access, clock, sampling
from handover.access import Actor
from handover.models import (
    AuditEngagement,
    AuditFinding,
    AuditLook,
    AuditRequest,
    AuditSample,
    Programme,
    Tenure,
)
from handover.models.audits import AuditKind, FindingState, RequestState
from handover.models.responsibilities import Capacity
from handover.permissions import Permission
from handover.queries import audit_frames
from handover.queries.obligations import today_of


class State(Enum):
    """Where an engagement is at this instant: told by its instants, so that nothing has to happen for it to end."""

    ANNOUNCED = "announced"
    OPEN = "open"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


def state(row: AuditEngagement) -> State:
    """Tell where an engagement is now: open from its first instant up to, and without, its last."""
    if row.withdrawn_at is not None:
        return State.WITHDRAWN
    now = clock.now()
    if now < row.starts_at:
        return State.ANNOUNCED
    return State.OPEN if now < row.ends_at else State.ENDED


def keeps(actor: Actor, row: AuditEngagement, held: Collection[Permission]) -> bool:
    """Tell whether an actor keeps this audit now: of the organisation that audits, while it is open."""
    return Permission.AUDIT in held and row.auditor_id == actor.organisation.pk and state(row) is State.OPEN


def opened(actor: Actor, row: AuditEngagement, held: Collection[Permission]) -> bool:
    """Tell whether an actor may let an audit last longer or end it: who opened it."""
    if row.kind == AuditKind.REVIEW:
        return Permission.MANAGE_STANDINGS in held
    return Permission.OPEN_AUDIT in held and row.opened_by_id == actor.organisation.pk


def follows(actor: Actor, row: AuditEngagement, held: Collection[Permission]) -> bool:
    """Tell whether an actor follows findings up and closes them: its auditors, and after the end the authority."""
    if state(row) is State.ENDED:
        return row.kind == AuditKind.AUTHORITY and opened(actor, row, held)
    return keeps(actor, row, held)


def engagements(programme: Programme) -> QuerySet[AuditEngagement]:
    """Give the engagements of a programme, the last one first."""
    return (
        AuditEngagement.objects.filter(programme=programme)
        .select_related("auditor", "opened_by", "programme")
        .order_by("-starts_at", "-id")
    )


def is_audited(actor: Actor, programme: Programme) -> bool:
    """Tell whether an actor's organisation is audited here: the steward, or who answers for a responsibility today."""
    return (
        programme.steward_id == actor.organisation.pk
        or Tenure.objects.filter(
            programme=programme,
            organisation=actor.organisation,
            capacity=Capacity.HOLDER,
            valid__contains=clock.today(),
        ).exists()
    )


def readable(actor: Actor, rows: QuerySet[AuditFinding]) -> QuerySet[AuditFinding]:
    """Narrow findings to those that an actor reads: drafts are those of the organisation that audits, and of its
    people who keep the audit."""
    mine = Q(
        engagement__auditor=actor.organisation.pk,
        programme__in=access.programme_ids(actor, may=Permission.AUDIT),
    )
    return rows.filter(~Q(state=FindingState.DRAFT) | mine)


def findings(actor: Actor, engagement: AuditEngagement) -> QuerySet[AuditFinding]:
    """Give the findings of an engagement that an actor reads, as they were written."""
    rows = AuditFinding.objects.filter(engagement=engagement).select_related("debtor", "engagement")
    return readable(actor, rows).order_by("id")


def requests(engagement: AuditEngagement) -> QuerySet[AuditRequest]:
    """Give what was asked, the most urgent first."""
    return AuditRequest.objects.filter(engagement=engagement).order_by("due_on", "id")


def samples(engagement: AuditEngagement) -> QuerySet[AuditSample]:
    """Give the samples of an engagement."""
    return AuditSample.objects.filter(engagement=engagement).order_by("id")


def looks(engagement: AuditEngagement) -> QuerySet[AuditLook]:
    """Give who looked at what of special categories, the last look first."""
    return AuditLook.objects.filter(engagement=engagement).order_by("-id")


def is_overdue(row: AuditRequest, *, today: dt.date | None = None) -> bool:
    """Tell whether a request waits for its answer after its day, on the clocks of the steward's country."""
    waits = row.state in (RequestState.OPEN, RequestState.RETURNED)
    return waits and row.due_on < (today or today_of(row.programme.steward))


def audited_by(actor: Actor, programme: Programme) -> AuditEngagement | None:
    """Give the open engagement in which an actor's organisation audits a programme now, if there is one."""
    now = clock.now()
    return (
        AuditEngagement.objects.filter(
            programme=programme,
            auditor=actor.organisation.pk,
            withdrawn_at=None,
            starts_at__lte=now,
            ends_at__gt=now,
        )
        .order_by("id")
        .first()
    )


@dataclass(frozen=True)
class Verified:
    """What drawing a sample again showed: each part that must be equal, and the sample that follows."""

    seed: bool
    frame: bool
    sample: bool
    drawn: Sequence[dict[str, Any]]

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return self.seed and self.frame and self.sample


def verify_sample(row: AuditSample) -> Verified | None:
    """Draw a sample again from what is shown of it; ``None`` while its seed is not revealed."""
    if row.revealed_at is None:
        return None
    seed = bytes.fromhex(row.seed)
    again = audit_frames.as_stored(audit_frames.drawn(row, seed))
    return Verified(
        seed=hashlib.sha256(seed).hexdigest() == row.commitment,
        frame=sampling.frame_digest(audit_frames.items(row.frame)).hex() == row.frame_digest,
        sample=again == row.drawn,
        drawn=again,
    )


@dataclass(frozen=True)
class ToCheck:
    """One line of a checklist for the spot: what, where, and room for what was found."""

    number: int
    label: str
    place: str
    stratum: str
    amount: int
    certain: bool


def checklist(row: AuditSample) -> list[ToCheck]:
    """List what was drawn, in the order in which it was drawn; nothing while the seed is not revealed."""
    frame = {line["uuid"]: line for line in row.frame}
    return [
        ToCheck(
            number,
            frame[item["uuid"]]["label"],
            frame[item["uuid"]]["place"],
            frame[item["uuid"]]["stratum"],
            int(frame[item["uuid"]]["amount"]),
            bool(item["certain"]),
        )
        for number, item in enumerate(row.drawn, start=1)
    ]
