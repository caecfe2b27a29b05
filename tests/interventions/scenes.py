"""Landscapes for tests and benchmarks, made in memory."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from interventions.queries.landscape import InterventionNode, Landscape, NeedNode

N = TypeVar("N", NeedNode, InterventionNode)


def need(
    key: int,
    *,
    level: int = 1,
    severity: int = 3,
    people: int = 0,
    parent: int | None = None,
    met: bool = False,
) -> NeedNode:
    """Make a need called ``need KEY``."""
    return NeedNode(
        key=key,
        uuid=uuids.UUID(int=key),
        title=f"need {key}",
        level=level,
        level_title=f"level {level}",
        severity=severity,
        people=people,
        parent=parent,
        met=met,
    )


def done(key: int, *, effort: int | str = 1) -> InterventionNode:
    """Make an intervention called ``work KEY``."""
    return InterventionNode(
        key=key, uuid=uuids.UUID(int=10_000 + key), title=f"work {key}", effort=Decimal(effort)
    )


def scene(
    needs: Iterable[NeedNode],
    works: Iterable[InterventionNode] = (),
    *,
    answers: Iterable[tuple[int, int]] = (),
    requires: Iterable[tuple[int, int]] = (),
    after: Iterable[tuple[int, int]] = (),
) -> Landscape:
    """Make a landscape."""
    return Landscape(
        needs=_by_key(needs),
        interventions=_by_key(works),
        answers=list(answers),
        requires=list(requires),
        after=list(after),
    )


def _by_key(items: Iterable[N]) -> dict[int, N]:
    return {item.key: item for item in items}
