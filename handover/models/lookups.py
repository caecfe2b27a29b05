"""Lookups: one array as one parameter, where ``IN`` would send each key by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import ForeignKey, Lookup
from django.db.models.fields import BigAutoField


class AnyOf(Lookup[Any]):
    """``column__any=keys``: the column is one of some keys. Thousands of keys plan and travel like one; they may
    come as the text of an array."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Give the comparison."""
        column, values = self.process_lhs(compiler, connection)
        keys: str | Iterable[int] = self.rhs
        return f"{column} = ANY(%s::bigint[])", (*values, keys if isinstance(keys, str) else sorted(keys))


ForeignKey.register_lookup(AnyOf)
BigAutoField.register_lookup(AnyOf)
