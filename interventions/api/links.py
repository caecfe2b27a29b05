"""Links: the rows that a row is joined to by rows of a table between them, told as UUIDs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "uuid"}})
class Linked(serializers.Field[Any, Any, list[str], Any]):
    """What rows between two tables lead to, in the order of linking; ``rows()`` prefetches them."""

    def __init__(self, to: str, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)
        self.to = to

    def to_representation(self, value: Any) -> list[str]:
        """Give the UUIDs."""
        return [
            str(getattr(link, self.to).uuid) for link in sorted(value.all(), key=lambda link: int(link.pk))
        ]
