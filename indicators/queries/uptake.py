"""Who adopted a model, and how their indicators went: aggregates of many organisations, small ones withheld.

The database function does the counting and the withholding, because nobody may read those programmes one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from handover.disclosure import SUPPRESSED

Figure = int | str
"""A figure, or the mark of one that is withheld."""


@dataclass(frozen=True)
class Uptake:
    """One indicator of a model among those who adopted it; with an empty ``key`` the model as a whole."""

    key: str
    organisations: Figure
    """That adopted the model: told of the whole model alone."""
    reporting: Figure
    """That report the indicator."""
    forward: Figure
    """That stand better than their baseline."""
    median: Figure
    """Per cent of the way from the baseline to the target, in steps of 5."""
    bound: int
    """Counts from 1 to this are withheld."""

    def as_json(self) -> Mapping[str, Any]:
        """Give it as a JSON object."""
        return {
            "key": self.key,
            "organisations": self.organisations,
            "reporting": self.reporting,
            "forward": self.forward,
            "median": self.median,
            "bound": self.bound,
        }


def uptake(model: UUID) -> list[Uptake]:
    """Tell of a model as a whole, then of each of its indicators that anybody reports, by key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT piece, organisations, reporting, forward, median, bound"
            " FROM indicators_model_uptake(%s) ORDER BY piece",
            [model],
        )
        rows = cursor.fetchall()
    return [
        Uptake(
            key=key,
            organisations=_figure(organisations),
            reporting=_figure(reporting),
            forward=_figure(forward),
            median=_figure(median),
            bound=bound,
        )
        for key, organisations, reporting, forward, median, bound in rows
    ]


def _figure(count: int | None) -> Figure:
    return SUPPRESSED if count is None else count
