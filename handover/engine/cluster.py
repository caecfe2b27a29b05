"""The data folder: made whole or not at all, and configured anew at every start."""

from __future__ import annotations

import shutil
from pathlib import Path

from handover.engine.errors import EngineError
from handover.engine.places import STATE, State, runs_as_root
from handover.engine.programs import Account, Programs, caller
from handover.engine.urls import OWNER_ROLE, PORT, WEB_ROLE

SUPERUSER = "postgres"

# A small server on a shared machine. Commits stay durable: what people sign must survive a power cut.
# Its log tells that something failed, never the rows that it failed with: no statement, no detail, no context.
SETTINGS = {
    "autovacuum_naptime": "'30s'",
    "checkpoint_timeout": "'15min'",
    "effective_cache_size": "'1GB'",
    "fsync": "on",
    "jit": "off",
    "listen_addresses": "''",
    "log_error_verbosity": "'terse'",
    "log_min_error_statement": "'panic'",
    "log_min_messages": "'warning'",
    "log_line_prefix": "'%m [%p] '",
    "log_timezone": "'UTC'",
    "maintenance_work_mem": "'128MB'",
    "max_connections": "100",
    "max_wal_senders": "0",
    "max_wal_size": "'2GB'",
    "password_encryption": "'scram-sha-256'",
    "random_page_cost": "1.1",
    "shared_buffers": "'256MB'",
    "synchronous_commit": "on",
    "timezone": "'UTC'",
    "wal_compression": "on",
    "wal_level": "'minimal'",
    "work_mem": "'16MB'",
}


def prepare(state: State, programs: Programs, *, lock: int) -> None:
    """See that the data folder exists, fits these programs and is configured; the caller holds `lock`."""
    if not state.data.exists():
        _create(state, programs, lock=lock)
    _refuse_other_version(state, programs)
    _configure(state.data, state, programs.account)


def refuse_other_owner(state: State, account: Account) -> None:
    """Raise EngineError when the cluster belongs to another account than the one that would run it."""
    if state.data.exists() and state.data.stat().st_uid != account.uid:
        raise EngineError(
            f"The cluster in {state.folder} does not belong to {account.name}: run the command as the user "
            f"who made it, or set {STATE} to a folder of your own."
        )


def _create(state: State, programs: Programs, *, lock: int) -> None:
    # Nobody else is at it: an initdb that outlived its launcher still holds the lock.
    shutil.rmtree(state.staging, ignore_errors=True)
    state.provisioned.unlink(missing_ok=True)
    state.staging.mkdir(mode=0o700)
    programs.account.owns(state.staging)
    done = programs.run(
        "initdb",
        f"--pgdata={state.staging}",
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--auth=reject",
        "--no-instructions",
        keep=[lock],
    )
    if done.returncode != 0:
        reason = (done.stderr.strip() or "no reason given").splitlines()
        told = [line.removeprefix("initdb: error: ") for line in reason if "error:" in line]
        raise EngineError(
            f"PostgreSQL's data folder cannot be made in {state.folder}: {(told or reason)[-1]}"
        )
    state.staging.rename(state.data)


def _refuse_other_version(state: State, programs: Programs) -> None:
    made_by = (state.data / "PG_VERSION").read_text(encoding="ascii").strip()
    told = programs.run("postgres", "--version").stdout.split()
    ours = told[2].split(".")[0] if len(told) > 2 else "?"
    if made_by != ours:
        raise EngineError(
            f"The data in {state.folder} were written by PostgreSQL {made_by}, this release brings {ours}: "
            "run `handover backup` with the release that wrote them, "
            "then `handover restore` into a new state folder."
        )


def _configure(data: Path, state: State, account: Account) -> None:
    settings = {
        **SETTINGS,
        "port": str(PORT),
        "unix_socket_directories": _quoted(str(state.sockets)),
        "unix_socket_permissions": "0700" if not runs_as_root() else "0777",
    }
    who = _named(caller())
    _write(
        data / "postgresql.conf", [f"{name} = {value}" for name, value in sorted(settings.items())], account
    )
    _write(data / "pg_hba.conf", ["local all all peer map=handover", "host all all all reject"], account)
    _write(
        data / "pg_ident.conf",
        [f"handover {who} {role}" for role in (OWNER_ROLE, WEB_ROLE, SUPERUSER)],
        account,
    )


def _write(path: Path, lines: list[str], account: Account) -> None:
    making = path.with_name(path.name + ".new")
    making.write_text(
        "\n".join(["# Written at every start; edit nothing here.", *lines, ""]), encoding="utf-8"
    )
    making.chmod(0o600)
    account.owns(making)
    making.replace(path)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _named(account: str) -> str:
    return '"' + account.replace('"', '""') + '"'
