"""Backup and restore of the whole database, by PostgreSQL's own pg_dump and pg_restore, as the owner."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from handover.engine.errors import EngineError
from handover.engine.programs import Programs, clean_environment
from handover.engine.roles import database_statements
from handover.engine.urls import Address, Addresses

DEBIAN = Path("/usr/lib/postgresql")
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "application_name": "PGAPPNAME",
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
    "options": "PGOPTIONS",
    "sslcert": "PGSSLCERT",
    "sslcrl": "PGSSLCRL",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
USER_OBJECTS = """
    WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
    SELECT (SELECT count(*) FROM pg_class JOIN ours ON ours.oid = relnamespace
            WHERE relkind IN ('r', 'p', 'v', 'm', 'S'))
         + (SELECT count(*) FROM pg_proc JOIN ours ON ours.oid = pronamespace)
"""


@dataclass(frozen=True)
class Restored:
    """What a restore did; `aside` names the database of before, if there was one to keep."""

    aside: str | None


def backup(addresses: Addresses, target: Path) -> None:
    """Write the whole database to `target` (pg_dump's custom format, readable by this user only).

    The file appears under its name once it is complete. Row level security stays on, because pg_dump would
    otherwise refuse tables that force it on their owner; the owner's policies let it see every row.
    Raises EngineError with one line when there is no fitting pg_dump, or when it fails.
    """
    making = target.with_name(target.name + ".part")
    programs = _programs(addresses, _server_major(addresses.owner), exactly=False)
    try:
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            _run(
                [
                    str(programs / "pg_dump"),
                    "--format=custom",
                    "--enable-row-security",
                    "--no-password",
                    "--lock-wait-timeout=60s",
                ],
                addresses.owner,
                stdout=file.fileno(),
            )
            os.fsync(file.fileno())
        making.replace(target)
    except OSError as error:
        raise EngineError(
            f"The backup {target} cannot be written: {(error.strerror or str(error)).lower()}."
        ) from None
    finally:
        making.unlink(missing_ok=True)


def restore(addresses: Addresses, source: Path, *, into_empty: bool = False) -> Restored:
    """Load a backup into an empty database, wholly or not at all.

    A database that holds anything is refused. With `into_empty` it is first set aside under another name
    and an empty one made; that needs the right to create databases, and nobody else connected. When loading
    then fails, the database of before is put back.
    """
    major = _server_major(addresses.owner)
    programs = _programs(addresses, major, exactly=True)
    _refuse_unreadable(programs, source, major)
    if _is_empty(addresses.owner):
        _load(programs, addresses.owner, source)
        return Restored(aside=None)
    if not into_empty:
        raise EngineError(
            f"The database {addresses.owner.name!r} is not empty; a restore never mixes: add --into-empty "
            "to set it aside under another name first, or name an empty database."
        )
    with _set_aside(addresses) as aside:
        _load(programs, addresses.owner, source)
    return Restored(aside=aside)


def _load(programs: Path, owner: Address, source: Path) -> None:
    _run(
        [
            str(programs / "pg_restore"),
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-password",
            f"--dbname={owner.name}",
            str(source),
        ],
        owner,
    )
    with _connection(owner) as connection:
        connection.execute("ANALYZE")


@contextlib.contextmanager
def _set_aside(addresses: Addresses) -> Iterator[str]:
    """Rename the database and make an empty one in its place; put it back when the block fails."""
    owner = addresses.owner
    aside = f"{owner.name[:40]}_before_{datetime.now(UTC):%Y%m%d_%H%M%S}"  # noqa: TID251  the kernel's clock needs a database
    create, grants = database_statements(owner=owner.user, web=addresses.web.user, database=owner.name)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with _connection(owner, database="postgres") as connection:
        connection.execute(rename.format(sql.Identifier(owner.name), sql.Identifier(aside)))
        try:
            connection.execute(create)
            for text in grants:
                connection.execute(text)
            yield aside
        except BaseException:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(owner.name)))
            connection.execute(rename.format(sql.Identifier(aside), sql.Identifier(owner.name)))
            raise


@contextlib.contextmanager
def _connection(address: Address, *, database: str | None = None) -> Iterator[psycopg.Connection]:
    """Connect outside Django; turn what PostgreSQL refuses into one line."""
    try:
        with psycopg.connect(**address.libpq(database=database), autocommit=True) as connection:  # type: ignore[arg-type]
            yield connection
    except psycopg.Error as error:
        raise EngineError(f"PostgreSQL refuses {address.user!r}: {error}") from None


def _server_major(address: Address) -> int:
    with _connection(address) as connection:
        return connection.info.server_version // 10_000


def _is_empty(address: Address) -> bool:
    with _connection(address) as connection:
        row = connection.execute(USER_OBJECTS).fetchone()
        return row is not None and row[0] == 0


def _programs(addresses: Addresses, server: int, *, exactly: bool) -> Path:
    """Return a folder with pg_dump and pg_restore for a server of this major version.

    pg_dump reads servers older than itself; pg_restore writes settings that an older server does not
    know, so a restore wants the server's own version.
    """
    found = _installed_majors(wheel_first=addresses.embedded)
    fitting = [major for major in found if major == server or (major > server and not exactly)]
    if fitting:
        return found[min(fitting)]
    have = ", ".join(str(major) for major in sorted(found)) or "none"
    raise EngineError(
        f"The server is PostgreSQL {server}, and its pg_dump and pg_restore are not here (found: {have}): "
        f"install PostgreSQL's client programs, version {server} (Debian: postgresql-client-{server})."
    )


def _installed_majors(*, wheel_first: bool) -> dict[int, Path]:
    """Return the folders of client programs on this machine by major version.

    For a server given by address the wheel's come last: they are built without TLS.
    """
    on_path = shutil.which("pg_dump")
    places = [Path(on_path).parent] if on_path else []
    places += sorted(DEBIAN.glob("*/bin")) if DEBIAN.is_dir() else []
    with contextlib.suppress(EngineError):
        places.insert(0 if wheel_first else len(places), Programs.installed())
    found: dict[int, Path] = {}
    for place in places:
        if (major := _major_of(place)) is not None:
            found.setdefault(major, place)
    return found


def _major_of(place: Path) -> int | None:
    majors = set()
    for program in ("pg_dump", "pg_restore"):
        try:
            told = subprocess.run(
                [str(place / program), "--version"],
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
                env=clean_environment(),
            ).stdout
        except (OSError, subprocess.TimeoutExpired):
            return None
        majors.add(_first_number(told))
    return majors.pop() if len(majors) == 1 else None


def _first_number(text: str) -> int | None:
    found = re.search(r"\b(\d+)(?:\.|devel|beta|rc|\s|$)", text)
    return int(found.group(1)) if found else None


def _refuse_unreadable(programs: Path, source: Path, server: int) -> None:
    """Raise EngineError when the file is no backup, or comes from a newer PostgreSQL than the server."""
    if not source.is_file():
        raise EngineError(f"There is no backup {source}.")
    done = subprocess.run(
        [str(programs / "pg_restore"), "--list", str(source)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env=clean_environment(),
    )
    if done.returncode != 0:
        raise EngineError(f"{source} cannot be read as a backup: {_reason(done.stderr)}")
    header = re.search(r"Dumped from database version: (\d+)", done.stdout)
    if header and int(header.group(1)) > server:
        raise EngineError(
            f"{source} comes from PostgreSQL {header.group(1)}, newer than this server's {server}: "
            "restore it into that version or later."
        )


def _run(command: list[str], address: Address, *, stdout: int = subprocess.DEVNULL) -> None:
    """Run a client program as the user of `address`; its password travels in the environment."""
    words = {VARIABLES[name]: value for name, value in address.libpq().items() if name in VARIABLES}
    done = subprocess.run(
        command,
        env={**clean_environment(), **words},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise EngineError(f"{Path(command[0]).name} failed, nothing was changed: {_reason(done.stderr)}")


def _reason(stderr: str) -> str:
    """Return the first line that names an error, without the program's name."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if "error:" in line.lower()] or lines or ["it says nothing"]
    return re.sub(r"^pg_(dump|restore): (error: )?", "", told[0])
