"""The community's votes: what they say, and what they hold up."""

from __future__ import annotations

from collections.abc import Iterator

from handover.errors import Gate
from handover.models import Transfer, TransferMilestone


def gates(transfer: Transfer) -> Iterator[Gate]:
    """Name what keeps a transfer from being executed."""
    return iter(())


def waiting(milestone: TransferMilestone) -> Iterator[Gate]:
    """Name what keeps a milestone from being signed."""
    return iter(())
