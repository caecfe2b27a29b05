"""Kept answers: what must happen once happens once, because its answer is kept in the transaction that did it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from handover import clock
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import KeptAnswer

KEPT: Final = dt.timedelta(days=7)
"""How long an answer is kept."""

LONGEST_KEY: Final = 200


@action
def claim(*, by: Actor, key: str, fingerprint: bytes) -> tuple[KeptAnswer, bool]:
    """Claim a key for the request that is being answered; give it and whether it was answered before.

    Of two requests at once with one key, the second waits here until the first's transaction ends.

    Raises:
        Invalid: the key is empty or too long, or belongs to another request.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid(
            "idempotency_key_length",
            f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.",
            field="Idempotency-Key",
        )
    own = KeptAnswer.objects.filter(organisation=by.organisation, user=by.user)
    own.filter(created_at__lt=clock.now() - KEPT).delete()
    draft = KeptAnswer(
        organisation=by.organisation, user=by.user, key=key, fingerprint=fingerprint, created_at=clock.now()
    )
    KeptAnswer.objects.bulk_create([draft], ignore_conflicts=True)
    kept = own.get(key=key)
    if bytes(kept.fingerprint) != fingerprint:
        raise Invalid(
            "idempotency_key_used",
            "This Idempotency-Key belongs to another request: take a new one.",
            field="Idempotency-Key",
        )
    return kept, kept.status != 0


@action
def keep(*, by: Actor, answer: KeptAnswer, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Keep the answer to a claimed key, in the transaction of what it tells."""
    answer.status, answer.headers, answer.body = status, dict(headers), body
    answer.save(update_fields=["status", "headers", "body"])
