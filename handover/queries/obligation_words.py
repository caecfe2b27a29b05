"""What obligations are called, on pages and in statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_noop

from handover.queries.obligations import State

STATES: Final[Mapping[State, tuple[str, str]]] = {
    State.NOT_OURS: (gettext_noop("Does not apply"), "grey"),
    State.WAITING: (gettext_noop("Waits for its first day"), "yellow"),
    State.PAUSED: (gettext_noop("Clock stopped"), "purple"),
    State.RUNNING: (gettext_noop("Runs"), "blue"),
    State.ENDING: (gettext_noop("Ends soon"), "orange"),
    State.OVER: (gettext_noop("Over"), "green"),
}
"""What each state is called, and the colour of its tag."""
