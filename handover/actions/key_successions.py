"""The installation's key is followed by another one: both sign it, and everybody can check which key signed what."""

from __future__ import annotations

from django.db import connection, transaction

from handover import clock, keys, ledger
from handover.access import Operator
from handover.actions import action
from handover.canonical import canonical, text_digest
from handover.errors import Broken, Invalid
from handover.models import Checkpoint, KeySuccession
from handover.queries.key_successions import ORIGIN, VERSION


@action
def rotate(*, by: Operator, reason: str) -> KeySuccession:
    """Let a new key follow the installation's own. The old one signs the new one, and nothing afterwards: it is gone.

    While it is done nothing else is added to the log. Should the machine stop half-way, the next checkpoint ends it.

    Raises:
        Invalid: no reason.
    """
    if not reason.strip():
        raise Invalid("reason_needed", "Say why another key follows.", field="reason")
    settle()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('handover.log', 0))")
    last = Checkpoint.objects.order_by("-size").first()
    old, new = keys.public(), keys.next_public(make=True)
    if new is None:
        raise Broken("key_unusable", "No key could be made.")
    made_at, size = clock.now(), last.size if last else 0
    note = canonical(
        {
            "at": made_at,
            "new": new,
            "old": old,
            "origin": ORIGIN,
            "reason": reason.strip(),
            "size": size,
            "v": VERSION,
        }
    )
    row = KeySuccession.objects.create(
        old_key=old,
        new_key=new,
        size=size,
        made_at=made_at,
        note=note,
        signed_by_old=keys.sign(note.encode()),
        signed_by_new=keys.sign_next(note.encode()),
    )
    ledger.record(
        verb="key.followed",
        by=by,
        subject="",
        data={
            "old": keys.fingerprint(old),
            "new": keys.fingerprint(new),
            "note_digest": text_digest(note),
            "reason": reason.strip(),
        },
    )
    transaction.on_commit(keys.adopt_next)
    return row


def settle() -> None:
    """End a succession that was kept, but whose key is not in its place yet: the machine stopped between the two."""
    waiting = keys.next_public()
    if waiting is not None and KeySuccession.objects.filter(new_key=waiting, old_key=keys.public()).exists():
        keys.adopt_next()
