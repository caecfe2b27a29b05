"""Who the tests connect as: the owner makes the test database, the web role runs the tests.

Loaded with `-p` before Django reads its settings, because they decide who connects; a conftest comes later.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

from handover import engine

os.environ["HANDOVER_DB_ROLE"] = "owner"


def pytest_configure() -> None:
    """Start the database once, before any test; say in one line why it cannot be."""
    try:
        engine.ensure()
    except engine.EngineError as error:
        pytest.exit(str(error), returncode=2)


def connect_as(role: engine.Role) -> None:
    """Connect Django to the present (test) database as `role` from now on, threads and live server too."""
    from django.db import connections

    connection = connections["default"]
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    address = engine.addresses().of(role).django()
    for part in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS"):
        connection.settings_dict[part] = address[part]
    os.environ["HANDOVER_DB_ROLE"] = role


@contextlib.contextmanager
def connected_as(role: engine.Role) -> Iterator[None]:
    """Connect as `role` inside the block and as before after it; not inside a transaction."""
    before: engine.Role = "owner" if os.environ["HANDOVER_DB_ROLE"] == "owner" else "web"
    connect_as(role)
    try:
        yield
    finally:
        connect_as(before)
