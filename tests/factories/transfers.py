"""Transfers at every point of their story, brought there by the actions that bring them there in life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from handover.access import Actor, asking
from handover.actions import evidence, executions, milestones, transfers
from handover.actions.transfers import Item
from handover.models import Organisation, Programme, Proof, Responsibility, Transfer, TransferMilestone
from handover.models.milestones import MilestoneKind, Side
from tests.factories.cast import Cast

DUE = dt.date(2024, 8, 31)
"""The day on which the milestones of test plans are due."""

RETENTION = dt.date(2029, 12, 31)
"""The giver's last retention date in test plans."""


def responsibilities_of(programme: Programme, *, by: Actor) -> list[Responsibility]:
    """Give a programme's responsibilities in the order in which they were defined."""
    with asking(by):
        return list(
            Responsibility.objects.filter(programme=programme).order_by("id").select_related("programme")
        )


def drafted(
    programme: Programme,
    *,
    by: Actor,
    receiver: Organisation,
    lead: bool = True,
    moves: Sequence[Responsibility | Item] | None = None,
    validated_by: Sequence[Side] = (Side.COMMUNITY,),
    give_back_days: int = 180,
) -> Transfer:
    """Draw up a plan that moves everything (or what is named) and that the community validates without evidence."""
    transfer = transfers.draft(
        by=by,
        programme_uuid=programme.uuid,
        title=f"To {receiver.slug}",
        receiver=receiver,
        retention_until=RETENTION,
        lead=lead,
        give_back_days=give_back_days,
    )
    chosen = responsibilities_of(programme, by=by) if moves is None else moves
    items = [item if isinstance(item, Item) else Item(item) for item in chosen]
    transfers.include(by=by, transfer_uuid=transfer.uuid, items=items)
    if validated_by:
        milestone(transfer, by=by, kind=MilestoneKind.COMMUNITY_VALIDATION, signs=validated_by)
    return transfer


def milestone(
    transfer: Transfer,
    *,
    by: Actor,
    kind: MilestoneKind = MilestoneKind.TRAINING_COMPLETED,
    title: str = "",
    signs: Sequence[Side] = (Side.GIVER, Side.RECEIVER),
    waits_for: Sequence[TransferMilestone] = (),
    moves: Sequence[Responsibility] = (),
    evidence_required: bool = False,
) -> TransferMilestone:
    """Put a milestone into a plan; without more said, it needs no evidence and both sides sign it."""
    return milestones.plan(
        by=by,
        transfer_uuid=transfer.uuid,
        kind=kind,
        title=title or kind.label.capitalize(),
        due_on=DUE,
        signs=signs,
        waits_for=waits_for,
        moves=moves,
        evidence_required=evidence_required,
    )


def agreed(transfer: Transfer, *, by: Actor, receiver: Actor) -> Transfer:
    """Propose a plan and accept it, annexes included."""
    transfers.propose(by=by, transfer_uuid=transfer.uuid)
    transfers.accept_annex(by=receiver, transfer_uuid=transfer.uuid)
    return transfers.accept(by=receiver, transfer_uuid=transfer.uuid)


def milestones_of(transfer: Transfer, *, by: Actor) -> list[TransferMilestone]:
    """Give a transfer's milestones as they are now, in the order in which they were planned."""
    with asking(by):
        return list(TransferMilestone.objects.filter(transfer=transfer).order_by("id"))


def signed(
    transfer: Transfer, cast: Cast, *, giver: Actor | None = None, receiver: Actor | None = None
) -> None:
    """Let every side sign every milestone that is not done, with a piece of evidence where one is needed."""
    voices = {
        Side.GIVER: giver or cast.giver,
        Side.RECEIVER: receiver or cast.receiver,
        Side.COMMUNITY: cast.community,
        Side.DONOR: cast.donor,
    }
    for step in milestones_of(transfer, by=voices[Side.GIVER]):
        if step.done_at is not None:
            continue
        if step.evidence_required:
            evidence.add(
                by=voices[Side.GIVER],
                milestone_uuid=step.uuid,
                title="Minutes",
                content=[str(step.uuid).encode()],
            )
        for side in step.signs:
            milestones.sign(by=voices[Side(side)], milestone_uuid=step.uuid)


def ready(cast: Cast, programme: Programme) -> Transfer:
    """Give a lead transfer of everything to which nothing stands in the way any more."""
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    signed(transfer, cast)
    return transfer


def executed(cast: Cast, programme: Programme) -> Proof:
    """Hand a programme over, stewardship and all."""
    return executions.execute(by=cast.receiver, transfer_uuid=ready(cast, programme).uuid, key="test")


def read(transfer: Transfer, *, by: Actor) -> Transfer:
    """Read a transfer anew, as the actor sees it."""
    with asking(by):
        return Transfer.objects.select_related("programme__steward", "giver", "receiver").get(
            uuid=transfer.uuid
        )


@contextmanager
def undone() -> Iterator[None]:
    """Try something out: whatever happens in the block has not happened after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
