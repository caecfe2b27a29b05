"""The programmes that are open to a person, with where each stands, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from handover import access
from handover.access import Actor
from handover.models import Programme, TransferMilestone
from handover.models.programmes import ProgrammeStatus
from handover.models.transfers import OPEN_STATES
from handover.permissions import Permission

SIZE: Final = 25
"""Programmes on a page."""


@dataclass(frozen=True)
class Listed:
    """A programme in the list, with how many steps of its open plans are done."""

    programme: Programme
    done: int = 0
    steps: int = 0


@dataclass(frozen=True)
class Listing:
    """One page of the list."""

    rows: Sequence[Listed]
    count: int
    page: int
    pages: int
    stewards: Sequence[tuple[UUID, str]]
    """Organisations that answer for some programme that is open to the person."""
    any: bool
    """Whether any programme is open to the person at all."""


def programme_list(actor: Actor, *, status: str = "", steward: UUID | None = None, page: int = 1) -> Listing:
    """Give a page of the programmes that an actor may read, by identifier, in four queries.

    Args:
        page: counts from 1; one beyond the last gives the last.
    """
    reached = access.programme_ids(actor, may=Permission.VIEW)
    rows: QuerySet[Programme] = Programme.objects.filter(pk__in=reached)
    stewards = list(rows.order_by("steward__name").values_list("steward__uuid", "steward__name").distinct())
    if status in ProgrammeStatus.values:
        rows = rows.filter(status=status)
    if steward is not None:
        rows = rows.filter(steward__uuid=steward)
    count = rows.count()
    pages = max(-(-count // SIZE), 1)
    number = min(max(page, 1), pages)
    shown = list(
        rows.select_related("steward").order_by("identifier", "pk")[(number - 1) * SIZE : number * SIZE]
    )
    steps = _steps(shown)
    return Listing(
        rows=[Listed(row, *steps.get(row.pk, (0, 0))) for row in shown],
        count=count,
        page=number,
        pages=pages,
        stewards=stewards,
        any=bool(reached),
    )


def _steps(shown: Sequence[Programme]) -> dict[int, tuple[int, int]]:
    if not shown:
        return {}
    rows = (
        TransferMilestone.objects.filter(programme__in=shown, transfer__state__in=OPEN_STATES)
        .order_by()
        .values(key=F("programme_id"))
        .annotate(done=Count("pk", filter=Q(done_at__isnull=False)), steps=Count("pk"))
    )
    return {row["key"]: (row["done"], row["steps"]) for row in rows}
