"""Rows of a programme document by their keys, and keys as the UUIDs that they got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover.errors import Invalid

RENAMED: Final = {"start": "starts_on", "end": "ends_on"}


def keyed(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    """Give a list's rows by their key.

    Raises:
        Invalid: a row without key, or a key that is there twice.
    """
    found: dict[str, dict[str, Any]] = {}
    for position, row in enumerate(rows):
        key = row.get("key")
        if not isinstance(key, str) or not key:
            raise Invalid(
                "key_missing", f"Row {position + 1} of {name} has no key.", field=f"{name}[{position}].key"
            )
        if key in found:
            raise Invalid(
                "repeated_key", f"There are two rows “{key}” among {name}.", field=f"{name}[{key}].key"
            )
        found[key] = {field: value for field, value in row.items() if field != "key"}
    return found


def resolved(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    """Replace the keys of places and responsibilities by UUIDs; ``null`` counts as not given."""
    given = {RENAMED.get(field, field): value for field, value in row.items() if value is not None}
    for kind in ("place", "responsibility"):
        if kind in given:
            given[kind] = named(names, kind, given[kind], f"{at}.{kind}")
    return given


def named(names: Mapping[str, UUID], kind: str, key: object, field: str) -> UUID:
    """Give the UUID that a key got.

    Raises:
        Invalid: there is no such key.
    """
    found = names.get(f"{kind}:{key}")
    if found is None:
        raise Invalid(f"unknown_{kind}", f"There is no {kind} “{key}”.", field=field)
    return found
