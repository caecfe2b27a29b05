"""Reads of the log of chain heads."""

from __future__ import annotations

from handover.models import LogLeaf


def leaf_bytes(leaf: LogLeaf) -> bytes:
    """Give what a leaf commits to: chain (16 bytes), sequence number (8 bytes, big-endian), head hash (32 bytes)."""
    return leaf.chain.bytes + leaf.seq.to_bytes(8, "big") + bytes(leaf.hash)
