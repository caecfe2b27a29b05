"""Equipment that changes hands: what needs a proof, a title, or more time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from handover.canonical import decimal_text
from handover.errors import Gate, Invalid
from handover.holdings import Finding
from handover.models import Equipment, Grant, Programme, Transfer, TransferResponsibility
from handover.models.milestones import MilestoneKind, Side
from handover.models.transfers import OPEN_STATES, TransferState
from handover.queries.currencies import Rates, rates


@dataclass(frozen=True)
class Threshold:
    """An amount above which an item needs a proof of its transfer."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{decimal_text(self.amount)} {self.currency}"


class Thresholds:
    """The thresholds of a programme's grants, read in two queries."""

    def __init__(self, programme: Programme) -> None:
        self._grants: dict[int, Grant] = Grant.objects.filter(programme=programme).in_bulk()
        self._rates: Rates = rates(programme)

    def of(self, item: Equipment) -> Threshold | None:
        """Give an item's threshold in its own currency: its own grant's; where none is named, the strictest.

        A threshold in a currency without a rate is given as it is; ``None`` where no grant has one.
        """
        own = self._grants.get(item.grant_id or 0)
        found = [
            self._in(item, grant)
            for grant in ([own] if own else self._grants.values())
            if grant.equipment_threshold is not None
        ]
        comparable = [threshold for threshold in found if threshold.currency == item.currency]
        return min(comparable or found, key=lambda threshold: threshold.amount, default=None)

    def _in(self, item: Equipment, grant: Grant) -> Threshold:
        amount = grant.equipment_threshold or Decimal(0)
        try:
            same = self._rates.convert(
                amount, grant.currency, item.currency, on=item.acquired_on, named=item.title
            )
        except Invalid:
            return Threshold(amount, grant.currency)
        return Threshold(same, item.currency)

    def exceeded(self, item: Equipment) -> Threshold | None:
        """Give the threshold that an item costs more than; one that cannot be compared counts as exceeded."""
        found = self.of(item)
        if found is None or (found.currency == item.currency and item.cost <= found.amount):
            return None
        return found


def proven(item: Equipment) -> bool:
    """Tell whether a paper proves an item's transfer."""
    return bool(item.proof.strip() or item.proof_file_id)


def findings(programme: Programme) -> Iterator[Finding]:
    """Name items without the proof that their grant asks for, and those that move without a title or too early."""
    thresholds = Thresholds(programme)
    moving = _moving(programme)
    items = Equipment.objects.filter(programme=programme).select_related("responsibility").order_by("id")
    for item in items:
        path = f"{item.responsibility.title} › {item.title}"
        exceeded = thresholds.exceeded(item)
        if exceeded is not None and not proven(item):
            cost = f"{decimal_text(item.cost)} {item.currency}"
            stands = (
                "is above"
                if exceeded.currency == item.currency
                else "cannot be compared, for want of a rate, with"
            )
            yield Finding(
                "proof_missing",
                f"{path}: {cost} {stands} the threshold of {exceeded}, and no paper proves its transfer.",
                str(item.uuid),
            )
        move = moving.get(item.responsibility_id)
        if move is None:
            continue
        if not item.title_of_transfer:
            yield Finding(
                "transfer_title_missing",
                f"{path}: it passes to {move.transfer.receiver.name}, and nobody said by which title (ownership, "
                "free use, lease).",
                str(item.uuid),
            )
        if _too_early(item, move):
            yield Finding(
                "disposal_too_early",
                f"{path}: it passes {_when(move)}, and may not be disposed of before "
                f"{item.no_disposal_before:%d %B %Y} without the donor's consent.",
                str(item.uuid),
            )


def gates(transfer: Transfer) -> list[Gate]:
    """Name the items that a transfer moves before they may be disposed of, while the donor has not consented."""
    moves = {move.responsibility_id: move for move in _moves(transfer.programme) if move.transfer == transfer}
    items = Equipment.objects.filter(responsibility__in=moves, no_disposal_before__isnull=False)
    return [
        Gate(
            "disposal_too_early",
            f"{item.responsibility.title} › {item.title} passes {_when(moves[item.responsibility_id])}, and may not be "
            f"disposed of before {item.no_disposal_before:%d %B %Y} without the donor's consent.",
            str(item.uuid),
        )
        for item in items.select_related("responsibility").order_by("id")
        if _too_early(item, moves[item.responsibility_id])
    ]


def _moving(programme: Programme) -> dict[int, TransferResponsibility]:
    return {move.responsibility_id: move for move in _moves(programme)}


def _moves(programme: Programme) -> Sequence[TransferResponsibility]:
    """Read what plans move or have moved, with their milestones, in two queries; the later plan comes last."""
    rows = TransferResponsibility.objects.filter(
        programme=programme,
        transfer__state__in=(*OPEN_STATES, TransferState.EXECUTED),
        transfer__reverses__isnull=True,
    )
    return list(
        rows.select_related("transfer__receiver", "milestone")
        .prefetch_related("transfer__milestones")
        .order_by("transfer_id", "id")
    )


def _day(move: TransferResponsibility) -> dt.date | None:
    """Give the day on which something moves: it did, or its milestone is due, or the plan's last one is."""
    if move.moved_at is not None:
        return move.moved_at.date()
    if move.milestone is not None:
        return move.milestone.due_on
    return max((milestone.due_on for milestone in move.transfer.milestones.all()), default=None)


def _too_early(item: Equipment, move: TransferResponsibility) -> bool:
    day = _day(move)
    if item.no_disposal_before is None or (day is not None and day >= item.no_disposal_before):
        return False
    return not any(
        milestone.kind == MilestoneKind.DONOR_CONSENT
        and milestone.done_at is not None
        and Side.DONOR in milestone.signs
        for milestone in move.transfer.milestones.all()
    )


def _when(move: TransferResponsibility) -> str:
    day = _day(move)
    return f"on {day:%d %B %Y}" if day else "with the handover"
