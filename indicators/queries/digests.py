"""Row digests: what the ledger commits to, and what verification computes again.

A value's canonical row is a JSON array of texts, one a column in the order of ``VALUE_COLUMNS``: UUIDs instead of keys,
decimals without trailing zeros, the instant in UTC with microseconds, ``null`` apart from the empty text. Its digest
is the SHA-256 of that. The database has the same as ``indicators_value_digest``; a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import connection

from handover.canonical import decimal_text, instant_text
from handover.models.base import InProgramme
from handover.names import Called
from handover.queries.conservation import row_digest_sql
from indicators.models import (
    ActivityRecord,
    Axis,
    Baseline,
    Break,
    Indicator,
    Overlap,
    Period,
    Result,
    SourceSeries,
    Target,
)

DEFINITIONS: Final[Sequence[type[InProgramme]]] = (
    ActivityRecord,
    Axis,
    SourceSeries,
    Result,
    Indicator,
    Baseline,
    Period,
    Target,
    Break,
    Overlap,
)
"""The tables around the values, parents first."""

VALUE_COLUMNS: Final = (
    "batch",
    "cell",
    "comment",
    "denominator",
    "dimensions",
    "documents",
    "extra",
    "indicator",
    "locations",
    "numerator",
    "organisation",
    "organisation_name",
    "period",
    "place",
    "position",
    "reason",
    "recorded_at",
    "reported_by",
    "reporter_name",
    "revision",
    "uuid",
    "value",
    "value_text",
)
_JSON_COLUMNS: Final = frozenset({"comment", "dimensions", "documents", "extra", "locations"})


def value_digest(row: Mapping[str, object]) -> bytes:
    """Digest a value's row, given by column name; references are UUIDs.

    Raises:
        TypeError: a column holds something that has no agreed spelling.
    """
    texts = [_json(row[name]) if name in _JSON_COLUMNS else _text(row[name]) for name in VALUE_COLUMNS]
    return hashlib.sha256(json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def _text(value: object) -> str | None:
    match value:
        case Called():
            return value.key
        case None | str():
            return value
        case Decimal():
            return decimal_text(value)
        case UUID():
            return str(value)
        case dt.datetime():
            return instant_text(value)
        case int() if not isinstance(value, bool):
            return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _json(value: object) -> str:
    """Write JSON as PostgreSQL writes ``jsonb``: keys by length, then by bytes; a blank after each comma and colon."""
    match value:
        case Mapping():
            names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
            return (
                "{"
                + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {_json(value[name])}" for name in names)
                + "}"
            )
        case list() | tuple():
            return "[" + ", ".join(_json(item) for item in value) + "]"
        case None | str() | bool() | int():
            return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def definition_digests(model: type[InProgramme], keys: Iterable[int]) -> list[list[str]]:
    """Digest rows of the tree: ``[[uuid, digest]]`` in the order of the UUIDs, for the ledger."""
    wanted = list(keys)
    if not wanted:
        return []
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.uuid, encode({row_digest_sql(model)}, 'hex') FROM {table} t WHERE t.id = ANY(%s)"
            " ORDER BY t.uuid",
            [wanted],
        )
        return [[str(uuid), str(digest)] for uuid, digest in cursor.fetchall()]


def sealed(rows: Iterable[InProgramme]) -> dict[str, list[list[str]]]:
    """Digest rows of any of the tree's tables, by table: what the ledger entry of a definition commits to."""
    keys: dict[type[InProgramme], list[int]] = {}
    for row in rows:
        keys.setdefault(type(row), []).append(row.pk)
    return {model._meta.label_lower: definition_digests(model, found) for model, found in keys.items()}
