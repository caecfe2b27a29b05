"""How much a request may say at once."""

from __future__ import annotations

from typing import Final

TEXT: Final = 20_000
"""Characters of the longest text."""
SHORT: Final = 300
"""Characters of a line."""
COUNT: Final = 2_147_483_647
"""The greatest whole number that a column holds."""
RANK: Final = 1_000_000
"""The last place that a need can be given among its siblings."""
MANY: Final = 2_000
"""Rows that one list of a request names."""
