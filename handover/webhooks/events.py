"""Events: what a webhook can be told of, and its message, which holds no name of a person and no text of people."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from handover.canonical import canonical


class Event(StrEnum):
    """One kind of message. ``help`` explains it; the name is stable."""

    help: str

    def __new__(cls, value: str, text: str = "") -> Event:
        """Make a member from its name and its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        return member

    TRANSFER_PROPOSED = (
        "transfer.proposed",
        "A giver signed the plan of a transfer and put it to the receiver",
    )
    TRANSFER_RETURNED = "transfer.returned", "A receiver returned the plan of a transfer with comments"
    TRANSFER_ACCEPTED = "transfer.accepted", "A receiver signed the plan of a transfer"
    TRANSFER_REFUSED = "transfer.refused", "A receiver refused a transfer"
    TRANSFER_REVOKED = "transfer.revoked", "A giver called a transfer off"
    TRANSFER_EXECUTED = "transfer.executed", "A transfer was executed; its continuity proof is there"
    TRANSFER_GIVEN_BACK = "transfer.given_back", "An executed transfer was given back"
    PROOF_SIGNED = "proof.signed", "A side signed a continuity proof"
    MILESTONE_SIGNED = "milestone.signed", "A side signed a milestone, or objected to it"
    MILESTONE_DONE = "milestone.done", "A milestone is done: its evidence is there and everybody has signed"
    MILESTONE_OVERDUE = "milestone.overdue", "The day on which a milestone was due is over and it is not done"
    RESPONSIBILITIES_MOVED = "responsibilities.moved", "Responsibilities went over to another holder"
    RESPONSIBILITIES_MOVED_BACK = "responsibilities.moved_back", "Responsibilities went back to their holder"
    VOTE_HELD = "vote.held", "A community's vote on a milestone was recorded"
    WEBHOOK_TEST = "webhook.test", "Somebody tried the webhook out; nothing happened"


WANTED: Final = tuple(event for event in Event if event is not Event.WEBHOOK_TEST)
"""Events that a webhook can ask for. A test comes when a manager sends it, asked for or not."""

SIGNED: Final = "signoff.given"
_SIGNATURES: Final = {"proof": Event.PROOF_SIGNED, "milestone": Event.MILESTONE_SIGNED}

VERBS: Final = frozenset(
    {str(event) for event in WANTED} - {Event.PROOF_SIGNED, Event.MILESTONE_SIGNED, Event.MILESTONE_OVERDUE}
    | {SIGNED}
)
"""Verbs of the ledger of which webhooks are told."""


def event_of(entry: Mapping[str, Any]) -> Event | None:
    """Give the event that an entry of the ledger is, if it is one."""
    verb = entry["verb"]
    if verb == SIGNED:
        return _SIGNATURES.get(entry["data"]["facts"]["subject"])
    return Event(verb) if verb in VERBS else None


def transfer_of(entry: Mapping[str, Any]) -> str:
    """Give the UUID of the transfer that an entry of an event is about; often its subject, sometimes in its facts."""
    data = entry["data"]
    facts = data.get("facts") or {}
    named = data.get("transfer") or facts.get("transfer")
    if named:
        return str(named)
    return str(entry["subject"]) if entry["verb"].startswith(("transfer.", "responsibilities.")) else ""


def subject_of(entry: Mapping[str, Any]) -> str:
    """Give the UUID of what an event happened to: for a milestone's signature the milestone, not the signature."""
    facts = entry["data"].get("facts") or {}
    if entry["verb"] == SIGNED and facts.get("milestone"):
        return str(facts["milestone"])
    return str(entry["subject"])


@dataclass(frozen=True)
class Happening:
    """What happened, in keys: enough to ask the interface for the rest."""

    event: Event
    key: str
    """Names it once and for all: the same is told once."""
    occurred_at: str
    programme: UUID | None = None
    identifier: str = ""
    subject: str = ""
    transfer: str = ""
    organisation: str = ""
    organisation_name: str = ""

    def body(self) -> str:
        """Give the message: RFC 8785 text."""
        where = self.programme
        told: dict[str, object] = {
            "id": uuids.uuid5(where or uuids.NAMESPACE_OID, self.key),
            "event": self.event.value,
            "occurred_at": self.occurred_at,
            "programme": {"id": where, "identifier": self.identifier} if where else None,
            "subject": self.subject or None,
            "transfer": self.transfer or None,
            "organisation": (
                {"id": self.organisation, "name": self.organisation_name} if self.organisation else None
            ),
            "path": self._path(),
        }
        return canonical(told)

    def _path(self) -> str | None:
        if self.transfer:
            return f"/api/v1/transfers/{self.transfer}"
        return f"/api/v1/programmes/{self.programme}" if self.programme else None


def happening_of(entry: Mapping[str, Any], *, key: str, programme: UUID, identifier: str) -> Happening | None:
    """Give what an entry of a programme's chain tells webhooks; ``None`` where it is no event."""
    event = event_of(entry)
    if event is None:
        return None
    by = entry["by"] or {}
    return Happening(
        event=event,
        key=key,
        occurred_at=entry["at"],
        programme=programme,
        identifier=identifier,
        subject=subject_of(entry),
        transfer=transfer_of(entry),
        organisation=by.get("organisation", ""),
        organisation_name=by.get("organisation_name", ""),
    )
