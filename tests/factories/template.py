"""One database with every migration applied: each test database is a copy of it, made in a second, not in thirty.

It stays until a migration changes: its name is the digest of all that was migrated. A test database is migrated as
ever after it was copied; there is just nothing left to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from handover import engine

LOCK = 1_668_247_157  # an arbitrary number: the advisory lock of whoever makes the template


def ready() -> str:
    """Give the name of the template, as the owner; whoever comes first makes it while the others wait."""
    installation = str(connection.settings_dict["NAME"])
    name = f"{installation}_template_{_digest()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{installation}_template_"]
        )
        found = {str(row[0]) for row in cursor.fetchall()}
        for former in found - {name}:
            cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(former)))
        if name not in found:
            making = f"{name}_new"
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
            _migrate(making)
            # Only what was migrated to its end has the name that is looked for.
            cursor.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
            )
    return name


def _migrate(database: str) -> None:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _digest() -> str:
    """Say what a migrated database depends on: the migrations of every app, Django, and who the roles are."""
    digest = hashlib.sha256(repr((django.VERSION, engine.addresses().owner.user)).encode())
    digest.update(engine.addresses().web.user.encode())
    for file in _migrations():
        digest.update(f"{file.parent.parent.name}/{file.name}".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _migrations() -> Iterator[Path]:
    for app in apps.get_app_configs():
        module, _ = MigrationLoader.migrations_module(app.label)
        folder = Path(str(app.path)) / "migrations"
        if module and folder.is_dir():
            yield from sorted(Path(str(import_module(module).__path__[0])).glob("*.py"))
