"""Reads of the log of chain heads."""

from __future__ import annotations

from typing import Any

from handover.models import Checkpoint, LogLeaf


def leaf_bytes(leaf: LogLeaf) -> bytes:
    """Give what a leaf commits to: chain (16 bytes), sequence number (8 bytes, big-endian), head hash (32 bytes)."""
    return leaf.chain.bytes + leaf.seq.to_bytes(8, "big") + bytes(leaf.hash)


def exported(checkpoint: Checkpoint) -> dict[str, Any]:
    """Give a checkpoint as it leaves the house: the note, its signature and the public key, in hexadecimal."""
    return {
        "note": checkpoint.note,
        "public_key": bytes(checkpoint.public_key).hex(),
        "signature": bytes(checkpoint.signature).hex(),
    }
