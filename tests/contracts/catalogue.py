"""What PostgreSQL's own catalogue says about the test database's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection


def ask(question: str, values: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    """Run a query against the catalogue; anybody may read it."""
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


def tables() -> set[str]:
    """Give every table of the schema."""
    found = ask(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return {str(name) for (name,) in found}


@cache
def columns(table: str) -> dict[str, bool]:
    """Give a table's columns that can be written, each with whether it must be filled."""
    found = ask(
        "SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        (table,),
    )
    return {str(name): bool(required) for name, required in found}


@dataclass(frozen=True)
class Policy:
    """One row level security policy."""

    command: str
    role: str
    using: str
    check: str


def policies(table: str) -> dict[str, Policy]:
    """Give a table's policies by name; several roles are joined by a comma."""
    found = ask(
        """
        SELECT polname, polcmd::text,
               (SELECT string_agg(coalesce(rolname, 'public'), ',')
                  FROM unnest(polroles) r LEFT JOIN pg_roles ON pg_roles.oid = r),
               coalesce(pg_get_expr(polqual, polrelid), ''), coalesce(pg_get_expr(polwithcheck, polrelid), '')
          FROM pg_policy WHERE polrelid = %s::regclass AND polpermissive
        """,
        (table,),
    )
    return {str(name): Policy(*(str(item) for item in rest)) for name, *rest in found}


def walled(table: str) -> tuple[bool, bool]:
    """Tell whether row level security is enabled on a table, and whether it binds the owner too."""
    ((enabled, forced),) = ask(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", (table,)
    )
    return bool(enabled), bool(forced)


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key: which columns of which table point to which of which."""

    name: str
    child: str
    columns: tuple[str, ...]
    parent: str
    targets: tuple[str, ...]


def foreign_keys() -> list[ForeignKey]:
    """Give every foreign key of the schema."""
    found = ask(
        """
        SELECT conname, conrelid::regclass::text, confrelid::regclass::text,
               ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k(n, i)
                       JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY i),
               ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY k(n, i)
                       JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY i)
          FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
        """
    )
    return [
        ForeignKey(str(name), str(child), tuple(own), str(parent), tuple(targets))
        for name, child, parent, own, targets in found
    ]


def unique_keys() -> list[tuple[str, str, frozenset[str]]]:
    """Give table, name and columns (those in expressions too) of every unique index but primary keys."""
    found = ask(
        """
        SELECT indrelid::regclass::text, indexrelid::regclass::text,
               ARRAY(SELECT attname::text
                       FROM pg_depend d
                       JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                      WHERE d.refobjid = indrelid AND d.refobjsubid > 0
                        AND d.objid = coalesce((SELECT oid FROM pg_constraint c
                                                 WHERE c.conindid = indexrelid AND c.contype = 'u'), indexrelid))
          FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
         WHERE indisunique AND NOT indisprimary AND relnamespace = 'public'::regnamespace
        """
    )
    return [(str(table), str(name), frozenset(names)) for table, name, names in found]
