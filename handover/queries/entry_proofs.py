"""An entry of the ledger with its proof: by which hashes it hangs on a checkpoint that left the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handover import keys, merkle
from handover.access import Reach
from handover.errors import NotFound
from handover.models import Checkpoint, LedgerEntry, LogLeaf
from handover.queries.checkpoints import exported, leaf_bytes
from handover.queries.names import named_all, withheld


@dataclass(frozen=True)
class EntryProof:
    """An entry, what follows it up to the head that a checkpoint holds, and the path from that head to its root."""

    entry: LedgerEntry
    following: Sequence[LedgerEntry] = ()
    leaf: LogLeaf | None = None
    """The head that was signed; ``None`` while no checkpoint was made since, or it lies behind the reader's view."""
    checkpoint: Checkpoint | None = None
    path: Sequence[bytes] = ()

    @property
    def key(self) -> str:
        """Give the fingerprint of the key that signed."""
        return keys.fingerprint(bytes(self.checkpoint.public_key)) if self.checkpoint else ""

    def as_json(self) -> dict[str, Any]:
        """Give all that is needed to check it without this installation; hashes in hexadecimal."""
        return {
            "chain": str(self.entry.chain),
            "entries": [_line(each) for each in (self.entry, *self.following)],
            "leaf": None
            if self.leaf is None
            else {
                "position": self.leaf.position,
                "chain": str(self.leaf.chain),
                "seq": self.leaf.seq,
                "hash": bytes(self.leaf.hash).hex(),
            },
            "path": [step.hex() for step in self.path],
            "checkpoint": exported(self.checkpoint) if self.checkpoint else None,
        }


def entry_proof(reach: Reach, seq: int) -> EntryProof:
    """Give an entry of a programme's chain with its proof, in four queries.

    Raises:
        NotFound: there is no such entry, or it was recorded after the reader's view ends.
    """
    entries = LedgerEntry.objects.filter(chain=reach.programme.uuid, programme_id=reach.programme.pk)
    if reach.cutoff is not None:
        entries = entries.filter(recorded_at__lte=reach.cutoff)
    entry = entries.filter(seq=seq).first()
    if entry is None:
        raise NotFound("ledger entry")
    leaf = LogLeaf.objects.filter(chain=entry.chain, seq__gte=seq).order_by("position").first()
    if leaf is None:
        return EntryProof(entry)
    following = list(entries.filter(seq__gt=seq, seq__lte=leaf.seq).order_by("seq"))
    checkpoint = Checkpoint.objects.filter(size__gt=leaf.position).order_by("size").first()
    if checkpoint is None or len(following) != leaf.seq - seq:
        return EntryProof(entry)
    leaves = LogLeaf.objects.filter(position__lt=checkpoint.size).order_by("position")
    path = merkle.inclusion([merkle.leaf_hash(leaf_bytes(each)) for each in leaves], leaf.position)
    return EntryProof(entry, following, leaf, checkpoint, path)


def without_erased(proof: EntryProof) -> dict[str, Any]:
    """Give the same, without the texts that hold a name erased since: nobody reads them, and their hashes remain."""
    found = proof.as_json()
    shown = named_all(line["body"] for line in found["entries"])
    for line, body in zip(found["entries"], shown, strict=True):
        if withheld(line["body"], body):
            line["body"] = None
    return found


def _line(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "recorded_at": entry.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "recorded_as": entry.recorded_as,
        "previous": bytes(entry.previous).hex(),
        "hash": bytes(entry.hash).hex(),
        "body": entry.body,
    }
