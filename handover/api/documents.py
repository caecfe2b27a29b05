"""Documents that are told as they are kept, and the small parts that several nouns tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover.canonical import plain
from handover.errors import Gate
from handover.queries.names import names_in


@extend_schema_field({"type": "object", "additionalProperties": True})
class DocumentShown(serializers.Serializer[Any]):
    """A document, in JSON types: decimals as text, instants in UTC."""

    def to_representation(self, instance: Any) -> Any:
        """Give it; canonical text is read first."""
        return json.loads(instance) if isinstance(instance, str) else plain(instance)


class DigestedShown(serializers.Serializer[Mapping[str, Any]]):
    """A document with the digest of its canonical text (RFC 8785)."""

    digest = serializers.CharField(read_only=True, help_text="SHA-256, hexadecimal.")
    document = DocumentShown(read_only=True)
    names = serializers.DictField(
        child=serializers.CharField(),
        read_only=True,
        help_text="What the pseudonym keys in the document stand for: people as they are called, unless erased.",
    )


class GateShown(serializers.Serializer[Gate]):
    """One unmet condition: a stable code, one sentence, and what it is about."""

    code = serializers.CharField(read_only=True)
    sentence = serializers.CharField(read_only=True)
    subject = serializers.CharField(read_only=True)


def digested(row: Any) -> dict[str, Any]:
    """Give a preview or a proof as a document with its digest."""
    return {"digest": row.digest, "document": row.body, "names": names_in(row.body)}
