"""Checkpoints: the log of chain heads grows, and the installation signs its root."""

from __future__ import annotations

from django.db import connection

from handover import clock, keys, merkle
from handover.access import Actor, Operator
from handover.actions import action, key_successions
from handover.canonical import canonical
from handover.models import Checkpoint, LogLeaf
from handover.queries.checkpoints import leaf_bytes


def sign_heads() -> Checkpoint:
    """Append the heads of all chains that grew to the log and sign its root, inside the caller's transaction.

    The lock on the log is held until the end of that transaction, so call it last.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT handover_log_heads()")
    key_successions.settle()
    last = Checkpoint.objects.order_by("-size").first()
    frontier = [bytes.fromhex(item) for item in last.frontier] if last else []
    size = last.size if last else 0
    leaves = LogLeaf.objects.filter(position__gte=size).order_by("position")
    frontier, grown = merkle.extend(frontier, size, (merkle.leaf_hash(leaf_bytes(leaf)) for leaf in leaves))
    if last is not None and grown == size:
        return last
    root = merkle.root_of(frontier)
    made_at = clock.now()
    note = canonical(
        {
            "key": keys.fingerprint(),
            "made_at": made_at,
            "origin": "handover-toolkit/log",
            "root": root,
            "size": grown,
            "v": 1,
        }
    )
    return Checkpoint.objects.create(
        size=grown,
        root=root,
        frontier=[item.hex() for item in frontier],
        made_at=made_at,
        public_key=keys.public(),
        note=note,
        signature=keys.sign(note.encode()),
    )


@action
def make(*, by: Actor | Operator) -> Checkpoint:
    """Make a checkpoint now."""
    return sign_heads()
