"""Keys that followed each other: which of them this installation answers for, and up to where each signed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from handover import keys
from handover.holdings import Finding
from handover.models import KeySuccession

ORIGIN: Final = "handover-toolkit/key"
VERSION: Final = 1


@dataclass(frozen=True)
class Known:
    """The keys that this installation answers for, by fingerprint, and what is wrong with the notes between them.

    ``until`` are the leaves of the log up to which a key signed; ``None`` for one that nothing follows.
    """

    until: Mapping[str, int | None]
    findings: tuple[Finding, ...]


def known() -> Known:
    """Walk from the present key back over the notes that both keys signed, in one query.

    Beside the present key those of ``settings.FORMER_KEYS`` are answered for, and whatever they followed.
    """
    until: dict[str, int | None] = {keys.fingerprint(): None, **dict.fromkeys(settings.FORMER_KEYS)}
    wrong: list[Finding] = []
    for row in KeySuccession.objects.order_by("-id"):
        found = list(_wrong(row))
        wrong += found
        if not found and keys.fingerprint(bytes(row.new_key)) in until:
            until.setdefault(keys.fingerprint(bytes(row.old_key)), row.size)
    return Known(until, tuple(wrong))


def _wrong(row: KeySuccession) -> Iterator[Finding]:
    """Name what a note does not say, or who did not sign it."""
    subject = f"key {keys.fingerprint(bytes(row.new_key))[:16]}"
    note, old, new = row.note.encode(), bytes(row.old_key), bytes(row.new_key)
    for key, signature, who in ((old, row.signed_by_old, "old"), (new, row.signed_by_new, "new")):
        if not keys.verified(key, note, bytes(signature)):
            yield Finding("succession_unsigned", f"The {who} key did not sign that one follows.", subject)
    try:
        said: dict[str, Any] = json.loads(row.note)
        agrees = (said["origin"], said["old"], said["new"], said["size"]) == (
            ORIGIN,
            old.hex(),
            new.hex(),
            row.size,
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        agrees = False
    if not agrees:
        yield Finding("succession_differs", "A note of one key after another says something else.", subject)


def exported(row: KeySuccession) -> dict[str, str]:
    """Give a note as it leaves the house, with both signatures; hexadecimal."""
    return {
        "note": row.note,
        "signed_by_old": bytes(row.signed_by_old).hex(),
        "signed_by_new": bytes(row.signed_by_new).hex(),
    }
