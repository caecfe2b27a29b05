"""Notices: what a person should be told although nothing is refused.

They are kept nowhere. An edge (command line, pages, interface) opens ``collected()`` around what it does and tells what
was heard; where nobody listens, nothing happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

LOOKS_PERSONAL: Final = "looks_personal"
"""The code of a text that looks like personal data."""


@dataclass(frozen=True)
class Notice:
    """One thing to be told: a stable code, one sentence, and the field that it is about."""

    code: str
    sentence: str
    field: str = ""

    def as_json(self) -> dict[str, str]:
        """Give the notice as a JSON object of three strings."""
        return {"code": self.code, "sentence": self.sentence, "field": self.field}


_heard: ContextVar[dict[Notice, None] | None] = ContextVar("heard_notices", default=None)


class Heard:
    """What was heard so far, each notice once, in the order in which it was said."""

    def __init__(self, notices: dict[Notice, None]) -> None:
        self._notices = notices

    def __iter__(self) -> Iterator[Notice]:
        return iter(self._notices)

    def __len__(self) -> int:
        return len(self._notices)


@contextmanager
def collected() -> Iterator[Heard]:
    """Listen for the length of a block. Of two blocks, one inside the other, the inner one hears."""
    notices: dict[Notice, None] = {}
    token = _heard.set(notices)
    try:
        yield Heard(notices)
    finally:
        _heard.reset(token)


def listening() -> bool:
    """Tell whether anybody listens: what costs time to find out need not be found out otherwise."""
    return _heard.get() is not None


def warn(code: str, sentence: str, field: str = "") -> None:
    """Say something to whoever listens; the same thing is heard once."""
    heard = _heard.get()
    if heard is not None:
        heard.setdefault(Notice(code, sentence, field))
