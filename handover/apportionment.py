"""Apportionment: a whole figure is told among several by exact shares, and nothing is lost or made up in the rounding.

Shares are fractions that add up to one. Each gets its exact part, rounded down to the unit; what is left over goes, one
unit each, to the largest remainders (method of Hamilton), and of equal ones to the first. Only figures that add up may
be apportioned: a share, a rate, an average or distinct persons are nobody's part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

SHARE: Final = re.compile(r"[0-9]{1,12}/[0-9]{1,12}|[0-9]{1,3}(\.[0-9]{1,12})?%?")
"""A share as it is written: short enough for whole numbers of a database, and never a power of ten to work out."""


def apportion(total: Decimal, shares: Sequence[Fraction], *, unit: Decimal = Decimal(1)) -> list[Decimal]:
    """Tell a total among shares, in whole units; the parts add up to the total.

    Args:
        total: a whole number of units; a negative one is told as its opposite is.
        shares: positive, adding up to one.
        unit: the smallest part: 1 for things and persons, 0.01 for money.

    Raises:
        ValueError: no shares, one that is not positive, shares that do not add up to one, or a total that is no whole
            number of units.
    """
    if not shares or any(share <= 0 for share in shares) or sum(shares) != 1:
        raise ValueError("shares are positive and add up to one")
    units = Fraction(total) / Fraction(unit)
    if units.denominator != 1:
        raise ValueError(f"{total} is no whole number of {unit}")
    sign, whole = (-1 if units < 0 else 1), abs(units.numerator)
    exact = [whole * share for share in shares]
    parts = [int(part) for part in exact]
    order = sorted(range(len(shares)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: whole - sum(parts)]:
        parts[place] += 1
    return [sign * part * unit for part in parts]


def fraction_of(text: str) -> Fraction:
    """Read a share: ``1``, ``2/3``, ``0.25`` or ``25%``.

    Raises:
        ValueError: it is none, or not above zero and at most one.
    """
    said = text.strip()
    if not SHARE.fullmatch(said):
        raise ValueError(f"“{text}” is no share")
    try:
        found = Fraction(said[:-1]) / 100 if said.endswith("%") else Fraction(said)
    except ZeroDivisionError:
        raise ValueError(f"“{text}” is no share") from None
    if not 0 < found <= 1:
        raise ValueError(f"“{text}” is no share")
    return found
