"""Reads of sign-offs: what one says, and whether a side has agreed to exactly this."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handover.models import SignOff
from handover.models.milestones import Side
from handover.models.signoffs import Decision


def signoff_facts(signoff: SignOff) -> dict[str, Any]:
    """Give all that a sign-off says; its digest stands in the ledger, so that a later change of the row is found."""
    return {
        "uuid": signoff.uuid,
        "transfer": signoff.transfer.uuid,
        "subject": str(signoff.subject),
        "milestone": signoff.milestone.uuid if signoff.milestone else None,
        "side": str(signoff.side),
        "organisation": signoff.organisation.uuid,
        "user": signoff.user_uuid,
        "signatory": signoff.signatory,
        "capacity": signoff.capacity,
        "mandate_act": signoff.mandate_act,
        "decision": str(signoff.decision),
        "remark": signoff.remark,
        "digest": signoff.digest,
        "signed_at": signoff.signed_at,
    }


def standing_voices(signoffs: Iterable[SignOff], digest: str) -> dict[tuple[str, int], SignOff]:
    """Give the last word of each (side, organisation) on exactly this digest; words on another digest are void."""
    voices: dict[tuple[str, int], SignOff] = {}
    for signoff in sorted(signoffs, key=lambda item: item.pk):
        if signoff.digest == digest:
            voices[str(signoff.side), signoff.organisation_id] = signoff
    return voices


def objections(signoffs: Iterable[SignOff]) -> list[SignOff]:
    """Give the objections that stand: those after which their organisation has not spoken again.

    An edit or new evidence voids agreement, never an objection: only who objected takes it back.
    """
    last: dict[tuple[str, int], SignOff] = {}
    for signoff in sorted(signoffs, key=lambda item: item.pk):
        last[str(signoff.side), signoff.organisation_id] = signoff
    return [signoff for signoff in last.values() if signoff.decision == Decision.OBJECTS]


def missing_sides(signoffs: Iterable[SignOff], digest: str, sides: Iterable[str]) -> list[str]:
    """Name the sides that have not agreed yet; a side whose any organisation objects has not."""
    given = list(signoffs)
    agreed = {
        side
        for (side, _), voice in standing_voices(given, digest).items()
        if voice.decision != Decision.OBJECTS
    }
    against = {str(voice.side) for voice in objections(given)}
    missing = [side for side in sides if side not in agreed or side in against]
    return sorted(missing, key=Side.values.index)
