"""Whether the installation can work now: database, migrations, the web's role, files. Each has a code."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader

from handover.engine.errors import EngineError
from handover.engine.roles import refuse_unsafe_web_role


def unready() -> Sequence[str]:
    """Give the codes of what keeps the installation from working; none where it can."""
    return [*_of_database(), *([] if files_writable() else ["files"])]


def pending() -> list[tuple[str, str]]:
    """Give the migrations that this release has and the database has not.

    Raises:
        Error: the database does not answer.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return sorted(_migrations())
        cursor.execute("SELECT app, name FROM django_migrations")
        return sorted(_migrations() - set(cursor.fetchall()))


def files_writable() -> bool:
    """Tell whether a file can be written where evidence is kept; nothing of the trial stays."""
    folder = Path(settings.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0")
    except OSError:
        return False
    return True


def _of_database() -> list[str]:
    try:
        found = ["migrations"] if pending() else []
        refuse_unsafe_web_role(connection)
    except EngineError:
        return [*found, "role"]
    except Error:
        return ["database"]
    return found


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)
