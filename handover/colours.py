"""Colours of an organisation's pages: white text stands on them, and must be read by everybody (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
LEAST: Final = Decimal("4.5")
"""The least contrast between text and what it stands on."""


def contrast_with_white(colour: str) -> Decimal:
    """Give how much white differs from a colour (``#1d4f7a``): 1 is not at all, 21 is black.

    >>> contrast_with_white("#000000")
    Decimal('21.00')
    """
    red, green, blue = (_light(Decimal(int(colour[at : at + 2], 16)) / 255) for at in (1, 3, 5))
    luminance = Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue
    return (Decimal("1.05") / (luminance + Decimal("0.05"))).quantize(Decimal("0.01"), rounding="ROUND_DOWN")


def _light(channel: Decimal) -> Decimal:
    if channel <= Decimal("0.04045"):
        return channel / Decimal("12.92")
    power: Decimal = ((channel + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
    return power
