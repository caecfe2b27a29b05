"""Lists of rows inside a body: never more of them than one request may name."""

from __future__ import annotations

from typing import Any

from handover.api.serializers import Body
from interventions.api import limits


def rows(kind: type[Body], *, most: int = limits.MANY, **said: Any) -> Any:
    """Make the field that holds so many rows at most."""
    given: dict[str, Any] = {"max_length": most, **said}
    return kind(many=True, **given)
