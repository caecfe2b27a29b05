"""Frames: the rows from which an audit draws, as they are when the frame is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover import holdings, sampling
from handover.errors import Invalid
from handover.holdings import Drawable
from handover.models import AuditEngagement, AuditSample, BudgetLine, Equipment, Evidence, Post
from handover.models.audits import FrameKind, SampleMethod
from handover.sampling import Drawn, Item, Method

MONEY: Final = frozenset({FrameKind.EQUIPMENT.value, FrameKind.BUDGET_LINES.value})
"""Populations that are money: only of these is drawn by monetary units."""


def lines(engagement: AuditEngagement, population: str) -> list[Drawable]:
    """List what an engagement may draw from, in a number of queries that does not depend on how much it is.

    Equipment is narrowed to the grants that the engagement names; other rows name no grant.
    """
    match FrameKind(population):
        case FrameKind.EQUIPMENT:
            return _equipment(engagement)
        case FrameKind.POSTS:
            posts = Post.objects.filter(programme=engagement.programme).select_related("responsibility")
            return [Drawable(row.uuid, row.title, row.number, row.responsibility.title) for row in posts]
        case FrameKind.BUDGET_LINES:
            budget = BudgetLine.objects.filter(programme=engagement.programme)
            return [
                Drawable(row.uuid, row.title, str(row.year), row.source, row.amount, row.currency)
                for row in budget
            ]
        case FrameKind.EVIDENCE:
            files = Evidence.objects.filter(programme=engagement.programme).select_related("milestone")
            return [Drawable(row.uuid, row.title, row.filename, row.milestone.title) for row in files]
        case FrameKind.VALUES:
            for holding in holdings.holdings():
                found = holding.frame(engagement.programme, population)
                if found is not None:
                    return list(found)
    return []


def _equipment(engagement: AuditEngagement) -> list[Drawable]:
    rows = Equipment.objects.filter(programme=engagement.programme).select_related("responsibility", "place")
    grants = list(engagement.scope.values_list("grant_id", flat=True))
    if grants:
        rows = rows.filter(grant__in=grants)
    return [
        Drawable(
            row.uuid,
            " · ".join(filter(None, (row.title, row.inventory_number, row.serial))),
            row.place.name if row.place else "",
            row.responsibility.title,
            row.cost,
            row.currency,
        )
        for row in rows
    ]


def frozen(sample: AuditSample, found: Sequence[Drawable]) -> tuple[list[dict[str, Any]], str]:
    """Give a frame as it is stored, ordered by UUID, and its currency. By money, what is worth nothing is not in it.

    Raises:
        Invalid: money in several currencies, or fewer rows than are to be drawn.
    """
    by_money = sample.method == SampleMethod.MONETARY
    rows = [row for row in found if not by_money or (row.amount is not None and row.amount > 0)]
    currencies = {row.currency for row in rows} if by_money else set[str]()
    if len(currencies) > 1:
        raise Invalid(
            "frame_currencies",
            f"Money is drawn in one currency, and here are several: {', '.join(sorted(currencies))}.",
            field="population",
        )
    if len(rows) < sample.size:
        raise Invalid(
            "sample_size", f"A sample of {sample.size} cannot be drawn from {len(rows)} items.", field="size"
        )
    frame = [
        {
            "uuid": str(row.uuid),
            "stratum": " ".join(row.stratum.split()),
            "amount": sampling.hundredths(row.amount) if by_money and row.amount is not None else 0,
            "label": row.label,
            "place": row.place,
        }
        for row in sorted(rows, key=lambda row: row.uuid)
    ]
    return frame, currencies.pop() if currencies else ""


def items(frame: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Read the items of a stored frame."""
    return [Item(UUID(row["uuid"]), row["stratum"], int(row["amount"])) for row in frame]


def drawn(sample: AuditSample, seed: bytes) -> list[Drawn]:
    """Draw a sample from its frozen frame.

    Raises:
        Invalid: it cannot be drawn from that frame.
    """
    return sampling.draw(
        Method(sample.method), items(sample.frame), seed=seed, size=sample.size, sizes=sample.sizes or None
    )


def as_stored(found: Sequence[Drawn]) -> list[dict[str, Any]]:
    """Give a sample as it is stored."""
    return [{"uuid": str(row.item.uuid), "certain": row.certain} for row in found]
