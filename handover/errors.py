"""What can go wrong, said once: a stable code for the machine and one sentence for the person.

The kernel and the apps raise these; the edges (command line, pages, API) translate them. Nothing here knows HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class DomainError(Exception):
    """A refusal that a person can act on.

    Args:
        code: stable, machine-readable, ``snake_case``; never changes once released.
        sentence: one clear sentence for the person.
        details: what the machine may want to know besides, JSON-serialisable.
    """

    def __init__(self, code: str, sentence: str, **details: object) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.details: Mapping[str, object] = details


class NotFound(DomainError):
    """The thing does not exist, or not for this actor: the two are never told apart."""

    def __init__(self, what: str = "record") -> None:
        super().__init__("not_found", f"There is no such {what}, or it is not open to you.", what=what)


class NotAllowed(DomainError):
    """The actor sees the thing but may not do this with it."""


class Invalid(DomainError):
    """The input breaks a rule; ``details`` names the field where there is one."""


class Stale(DomainError):
    """Somebody else changed the thing since the actor read it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "stale_version", f"Somebody else changed this {what} in the meantime; read it again.", what=what
        )


class Broken(DomainError):
    """An invariant would not hold: the transaction is rolled back and nothing has happened."""


@dataclass(frozen=True)
class Gate:
    """One unmet condition of an execution: a stable code, one sentence, and what it is about."""

    code: str
    sentence: str
    subject: str = ""

    def as_json(self) -> dict[str, str]:
        """Give the gate as a JSON object of three strings."""
        return {"code": self.code, "sentence": self.sentence, "subject": self.subject}


class Refused(DomainError):
    """A step of a transfer that cannot be taken now. It names every unmet gate at once."""

    def __init__(self, code: str, sentence: str, gates: Sequence[Gate] = ()) -> None:
        super().__init__(code, sentence, gates=[gate.as_json() for gate in gates])
        self.gates = tuple(gates)
