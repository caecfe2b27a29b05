"""Reads of the registers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from handover.holdings import Finding
from handover.models import (
    BudgetLine,
    Contract,
    Equipment,
    LegalAct,
    Licence,
    Post,
    Premises,
    Programme,
    Responsibility,
    Tenure,
)
from handover.models.legal_acts import FALLEN
from handover.models.registers import Register
from handover.models.responsibilities import Capacity
from handover.queries import budgets, equipment, posts

REGISTERS: Final[Mapping[str, type[Register]]] = {
    "post": Post,
    "equipment": Equipment,
    "premises": Premises,
    "licence": Licence,
    "contract": Contract,
    "budget_line": BudgetLine,
}
"""The registers that hang on responsibilities, by the name of their kind."""


@dataclass(frozen=True)
class Gap:
    """Days on which a responsibility had nobody in a capacity: half-open, ``until`` is ``None`` while it lasts."""

    responsibility: Responsibility
    capacity: Capacity
    since: dt.date
    until: dt.date | None


def gaps(programme: Programme, capacity: Capacity = Capacity.PROVIDER) -> Iterator[Gap]:
    """Name the gaps in a programme's responsibilities, from each one's first day on."""
    rows = Tenure.objects.filter(programme=programme, capacity=capacity).select_related("responsibility")
    spans: dict[int, list[Tenure]] = {}
    for row in rows.order_by("responsibility_id", "valid"):
        spans.setdefault(row.responsibility_id, []).append(row)
    for tenures in spans.values():
        for tenure, following in zip(tenures, [*tenures[1:], None], strict=True):
            end = tenure.valid.upper
            start = following.valid.lower if following else None
            if end is not None and (start is None or start > end):
                yield Gap(tenure.responsibility, capacity, end, start)


def health(programme: Programme) -> Iterator[Finding]:
    """Name what is not well in the registers, each with its path: nothing is refused by it."""
    yield from posts.findings(programme)
    yield from equipment.findings(programme)
    yield from _on_fallen_acts(programme)
    yield from budgets.health(programme)


def _on_fallen_acts(programme: Programme) -> Iterator[Finding]:
    """Flag lines whose legal act does not hold any more; nothing is undone by itself."""
    for register in REGISTERS.values():
        fallen_acts = LegalAct.objects.filter(programme=programme, status__in=FALLEN)
        rows = register._default_manager.filter(programme=programme, legal_act__in=fallen_acts)
        for row in rows.select_related("responsibility", "legal_act").order_by("id"):
            act = row.legal_act
            if act is not None:
                fallen = f"it rests on {act}, which is {act.get_status_display()}."
                yield Finding(
                    "act_fallen", f"{row.responsibility.title} › {row.title}: {fallen}", str(row.uuid)
                )
