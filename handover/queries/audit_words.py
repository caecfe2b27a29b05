"""What the states of audits are called, on pages and in statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_noop

from handover.queries.audits import State

STATES: Final[Mapping[State, tuple[str, str]]] = {
    State.ANNOUNCED: (gettext_noop("Announced"), "yellow"),
    State.OPEN: (gettext_noop("Open"), "blue"),
    State.ENDED: (gettext_noop("Ended"), "green"),
    State.WITHDRAWN: (gettext_noop("Withdrawn"), "grey"),
}
"""What each state of an audit is called, and the colour of its tag."""
