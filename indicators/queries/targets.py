"""Targets: what should be reached in a period, for everybody, for a group, at a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.models import Indicator, Target
from indicators.models.cells import TOTAL, Dimension, cell
from indicators.queries.agreement import Disagreement, of_rows


@dataclass(frozen=True)
class Goal:
    """One target of a period. With an empty cell and no locations it is for everybody and everywhere."""

    period_id: int
    cell: str
    dimensions: Sequence[Dimension]
    locations: tuple[str, ...]
    value: Decimal | None
    said: str | None

    @property
    def whole(self) -> bool:
        """Tell whether it is for everybody and everywhere."""
        return self.cell == TOTAL and not self.locations


@dataclass(frozen=True)
class _Given:
    """A target in the shape of a value."""

    cell: str
    value: Decimal | None
    place_id: None = None
    numerator: None = None
    denominator: None = None


def goals(periods: Iterable[int]) -> dict[int, list[Goal]]:
    """Give all targets of periods, by the period's key, in one query."""
    found: dict[int, list[Goal]] = {}
    rows = Target.objects.filter(period__in=list(periods)).order_by("period_id", "position", "id")
    for row in rows.only("period_id", "dimensions", "locations", "value", "value_text"):
        goal = Goal(
            period_id=row.period_id,
            cell=cell(row.dimensions),
            dimensions=row.dimensions,
            locations=tuple(sorted(str(place.get("ref") or "") for place in row.locations)),
            value=row.value,
            said=row.value_text,
        )
        found.setdefault(row.period_id, []).append(goal)
    return found


def by_cell(found: Iterable[Goal]) -> Mapping[str, Decimal]:
    """Give the targets of one period for everywhere, by cell; of two for one cell the first stands."""
    values: dict[str, Decimal] = {}
    for goal in found:
        if goal.value is not None and not goal.locations:
            values.setdefault(goal.cell, goal.value)
    return values


def disagreements(indicator: Indicator, found: Iterable[Goal]) -> list[Disagreement]:
    """Give where the target of one period for everybody is not what the targets of its groups add up to."""
    rows = [_Given(cell, value) for cell, value in by_cell(found).items()]
    return of_rows(indicator, rows, starts_on=None, ends_on=None)
