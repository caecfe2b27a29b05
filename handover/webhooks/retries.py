"""When a message is tried again, and when it is given up."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Final

PAUSES: Final = (60, 300, 1800, 7200, 21_600, 43_200, 86_400)
"""Seconds after each attempt that failed; after the last attempt there is none."""

ATTEMPTS: Final = len(PAUSES) + 1

HOPELESS: Final = 20
"""Messages given up in a row after which a webhook is switched off."""

SILENT: Final = dt.timedelta(days=3)
"""How long a webhook that takes nothing stays switched on, once a message has been given up."""


def pause_after(attempts: int) -> int | None:
    """Give the seconds until the next attempt, up to a fifth more so that not all come at once; ``None``: give up."""
    if attempts >= ATTEMPTS:
        return None
    usual = PAUSES[max(attempts, 1) - 1]
    return usual + secrets.randbelow(usual // 5 + 1)
