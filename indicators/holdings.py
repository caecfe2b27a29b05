"""What this app holds for a programme."""

from __future__ import annotations


def register() -> None:
    """Register this app's holding."""
