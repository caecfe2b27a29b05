"""Shares and other figures that are worked out from counts: they may say no more than the counts beside them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from decimal import Decimal
from typing import Literal, TypeVar

from handover.disclosure.suppression import SUPPRESSED
from handover.disclosure.tables import Cell

Key = TypeVar("Key", bound=Hashable)


def withheld(derived: Mapping[Key, Collection[Cell]], figures: Mapping[Cell, int | Literal["c"]]) -> set[Key]:
    """Give the figures to withhold because a count that they are worked out from is not published.

    Args:
        derived: the counts that each figure is worked out from; for a share its numerator and its denominator.
        figures: what is published.
    """
    return {
        key
        for key, cells in derived.items()
        if any(figures.get(cell, SUPPRESSED) == SUPPRESSED for cell in cells)
    }


def shares(
    pairs: Mapping[Key, tuple[Cell, Cell]], figures: Mapping[Cell, int | Literal["c"]]
) -> dict[Key, Decimal | Literal["c"] | None]:
    """Work out shares from what is published alone, so that rounded counts give shares of rounded counts.

    Returns:
        For each pair of numerator and denominator the share, ``SUPPRESSED``, or None where the denominator is zero.
    """
    found: dict[Key, Decimal | Literal["c"] | None] = {}
    for key, (numerator, denominator) in pairs.items():
        upper = figures.get(numerator, SUPPRESSED)
        lower = figures.get(denominator, SUPPRESSED)
        if isinstance(upper, str) or isinstance(lower, str):
            found[key] = SUPPRESSED
        else:
            found[key] = Decimal(upper) / lower if lower else None
    return found
