"""Empty a test or development database, as the owner, past the triggers that keep history."""

from __future__ import annotations

import argparse
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

from handover import engine

# Both follow from the code alone: emptied, every cached key of a permission would point at nothing.
KEPT = frozenset({"auth_permission", "django_content_type", "django_migrations"})
WAIT = "10s"


class Command(BaseCommand):
    """Django's flush runs as whoever is connected; the web role may not, and append-only tables refuse everybody."""

    help = (
        "Removes all rows of a test or development database, but for migrations, content types and permissions. "
        "Refuses every other database: history is not removed from an installation."
    )
    stealth_options = ("reset_sequences", "allow_cascade", "inhibit_post_migrate")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--noinput", "--no-input", action="store_false", dest="interactive", help="Do not ask."
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=tuple(connections))

    def handle(self, *args: Any, **options: Any) -> None:
        database = str(connections[options["database"]].settings_dict["NAME"])
        refuse_installation(database)
        if options["interactive"] and input(f"Remove all rows of {database!r}? Type 'yes': ") != "yes":
            self.stdout.write("Nothing was removed.")
            return
        try:
            empty(database, reset_sequences=bool(options.get("reset_sequences", True)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise CommandError(
                f"The owner may not empty {database!r} ({error}): "
                "GRANT SET ON PARAMETER session_replication_role to it, on a developer's machine."
            ) from error


def refuse_installation(database: str) -> None:
    """Refuse a database that is neither made by the tests nor run with HANDOVER_DEBUG=1.

    Raises:
        CommandError: it may be an installation's.
    """
    if not (database.startswith("test_") or settings.DEBUG):
        raise CommandError(
            f"{database!r} is no test database: flush removes the ledger too. "
            "On a developer's machine set HANDOVER_DEBUG=1."
        )


def empty(database: str, *, reset_sequences: bool) -> None:
    """Remove all rows as the owner, in one transaction.

    ``session_replication_role = replica`` silences triggers and foreign keys for this connection alone. Only tables
    that hold rows are touched: a DELETE of a few rows is quicker than a TRUNCATE of a hundred tables. A row lock that
    is still held somewhere ends in an error after ten seconds, not in a wait for ever.
    """
    address = engine.addresses().owner.libpq(database=database)
    with psycopg.connect(**address) as owner:  # type: ignore[arg-type]
        owner.execute(sql.SQL("SET session_replication_role = replica; SET lock_timeout = {}").format(WAIT))
        for table in _filled(owner):
            owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        if reset_sequences:
            owner.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
                " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
            )


def _filled(owner: psycopg.Connection[Any]) -> list[str]:
    found = owner.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND NOT relispartition ORDER BY relname"
    )
    tables = [name for (name,) in found if name not in KEPT]
    if not tables:
        return []
    question = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}::text WHERE EXISTS (SELECT FROM {})").format(name, sql.Identifier(name))
        for name in tables
    )
    return [name for (name,) in owner.execute(question)]
