"""Counts, sums and digests over rows of a programme: what a handover must leave equal.

Canonical row: a JSON array of texts, one a column in the order of the column names; UUIDs instead of keys,
``trim_scale`` for decimals, UTC with microseconds for instants, ``null`` apart from the empty text. A row's
digest is the SHA-256 of that, a table's the SHA-256 over its rows' digests, ordered by UUID. A column that a
model names in ``digested_if_said`` came later: it follows the others as ``name=text``, and only where it differs
from its default, so that what was sealed before it came still holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, models

from handover.holdings import Conserved
from handover.models import Programme
from handover.models.base import InProgramme

SKIPPED = frozenset({"id", "programme"})


def conserved_rows(programme: Programme, tables: Iterable[type[InProgramme]]) -> list[Conserved]:
    """Count, sum and digest whole tables of a programme: one statement, however many tables there are."""
    rows_of = list(tables)
    if not rows_of:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(_conserved_sql(model) for model in rows_of), [programme.pk] * len(rows_of)
        )
        found = {
            str(name): (int(count), str(digest), sums) for name, count, digest, sums in cursor.fetchall()
        }
    return [
        Conserved(
            name=model._meta.label_lower,
            count=found[model._meta.label_lower][0],
            digest=found[model._meta.label_lower][1],
            sums=dict(
                zip((field.name for field in _summed(model)), found[model._meta.label_lower][2], strict=True)
            ),
        )
        for model in rows_of
    ]


def _summed(model: type[InProgramme]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.DecimalField)]


def _conserved_sql(model: type[InProgramme]) -> str:
    """Give the SQL of one line: the table's name, its rows, their digest, and its sums as texts."""
    totals = ", ".join(f"trim_scale(coalesce(sum(t.{_name(field)}), 0))::text" for field in _summed(model))
    table = connection.ops.quote_name(model._meta.db_table)
    return (
        f"SELECT '{model._meta.label_lower}', count(*), encode(sha256(coalesce(string_agg({row_digest_sql(model)},"
        f" ''::bytea ORDER BY t.uuid), ''::bytea)), 'hex'), ARRAY[{totals}]::text[] FROM {table} t"
        " WHERE t.programme_id = %s"
    )


def row_digest_sql(model: type[models.Model], *, skip: frozenset[str] = SKIPPED) -> str:
    """Give the SQL that digests a row aliased ``t``; ``skip`` names fields that are not part of it."""
    later: frozenset[str] = getattr(model, "digested_if_said", frozenset())
    fields = sorted(
        (f for f in model._meta.concrete_fields if f.name not in skip), key=lambda field: str(field.column)
    )
    texts = ", ".join(_text(field) for field in fields if field.name not in later)
    said = ", ".join(_if_said(field) for field in fields if field.name in later)
    row = f"ARRAY[{texts}]::text[]" + (f" || array_remove(ARRAY[{said}]::text[], NULL)" if said else "")
    return f"sha256(convert_to(array_to_json({row})::text, 'UTF8'))"


def _if_said(field: models.Field[Any, Any]) -> str:
    """Give ``name=text`` of a column that differs from its default, else null."""
    default = field.get_default()
    match default:
        case bool():
            unsaid = "true" if default else "false"
        case str() | list() | dict() if not default:
            unsaid = {"str": "", "list": "[]", "dict": "{}"}[type(default).__name__]
        case None:
            return f"'{field.column}=' || {_text(field)}"
        case _:
            raise TypeError(f"{field} came later and needs an empty default")
    return f"'{field.column}=' || nullif({_text(field)}, '{unsaid}')"


def _name(field: models.Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def _text(field: models.Field[Any, Any]) -> str:
    column = f"t.{_name(field)}"
    match field:
        case models.ForeignKey():
            parent = field.related_model
            if any(item.name == "uuid" for item in parent._meta.concrete_fields):
                table = connection.ops.quote_name(parent._meta.db_table)
                return f"(SELECT parent.uuid::text FROM {table} parent WHERE parent.id = {column})"
            return f"{column}::text"
        case models.DecimalField():
            return f"trim_scale({column})::text"
        case models.DateTimeField():
            return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        case models.BinaryField():
            return f"encode({column}, 'hex')"
        case _:
            return f"{column}::text"
