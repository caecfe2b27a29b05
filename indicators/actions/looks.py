"""Looks at groups of special categories: noted wherever their figures are told."""

from __future__ import annotations

from collections.abc import Iterable

from handover.access import Actor
from handover.actions import audit_looks
from handover.models import Programme
from handover.narratives import best
from indicators.models import Indicator
from indicators.queries.audits import special


def note(by: Actor, programme: Programme, indicators: Iterable[Indicator], *, where: str) -> None:
    """Note a look at those of the indicators that are broken down by a special category, if there are any.

    Args:
        where: by which way they are told: ``interface``, ``page``, ``export``.
    """
    found = special(programme, list(indicators))
    if found:
        titles = ", ".join(best(row.title) for row in found)
        audit_looks.look(by=by, programme=programme, what=f"{where}: {titles}")
