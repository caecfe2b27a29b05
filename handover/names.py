"""Names of people in what is kept for ever: a copy holds a pseudonym key, the name is kept apart and can be erased.

A copy of a name, in a column or in a hashed text, is ``name:`` and a UUID. Whoever reads the copy reads the name beside
it, until the name is erased; what was hashed never held it. A text without a key is a name from before there were keys.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.utils.translation import gettext

PREFIX: Final = "name:"
"""How a pseudonym key begins."""
KEY: Final = re.compile(PREFIX + r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""A pseudonym key, wherever it stands in a text."""
LIVES: Final = "\x1f"
"""What the database puts between a copy and the name that it stands for."""
ERASED: Final = "\x1e"
"""What the database puts between a copy and the organisation of a person whose name was erased."""


class Called(str):
    """What a person is called, with the key under which it is kept. Written down it is the key, read it is the name."""

    key: str
    """What a copy of the name holds."""
    organisation: str | None
    """Where the person was, if the name was erased; empty where that is not known."""

    def __new__(cls, name: str, key: str = "", organisation: str | None = None) -> Called:
        """Join a name and its key."""
        made = super().__new__(cls, name)
        made.key, made.organisation = key or name, organisation
        return made

    @property
    def erased(self) -> bool:
        """Tell whether the name was erased."""
        return self.organisation is not None


def key_text(key: UUID) -> str:
    """Write a pseudonym key as a copy holds it."""
    return f"{PREFIX}{key}"


def copied(value: str) -> str:
    """Give what a copy of a name holds: its key."""
    return value.key if isinstance(value, Called) else value


def read(told: str) -> Called:
    """Read a copy as the database tells it (``handover_named``): the name, or where the person was."""
    key, lives, name = told.partition(LIVES)
    if lives:
        return Called(name, key)
    key, erased, organisation = told.partition(ERASED)
    return Called(former(organisation), key, organisation) if erased else Called(told)


def said(name: str) -> str:
    """Say a name in the active language: where it was erased, it was read in another one perhaps."""
    if isinstance(name, Called) and name.organisation is not None:
        return former(name.organisation)
    return str(name)


def former(organisation: str) -> str:
    """Say who somebody was whose name was erased."""
    if not organisation:
        return gettext("former member")
    return gettext("former member of %(organisation)s") % {"organisation": organisation}
