"""Which process really is the server: a number in a file proves nothing, a working folder does."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from handover.engine.programs import Account, run_as


def noted_pid(data: Path) -> int | None:
    """Return the process number that the data folder's `postmaster.pid` names, if any."""
    try:
        first = (data / "postmaster.pid").read_text(encoding="ascii", errors="replace").split("\n", 1)[0]
    except OSError:
        return None
    return int(first) if first.strip().isdigit() and int(first) > 0 else None


def living_server(data: Path, account: Account) -> int | None:
    """Return the process number of the server that runs on this data folder, or None.

    `pg_ctl status` believes a number that another process has taken over since; the working folder
    of a postmaster is its data folder, and nobody else's.
    """
    pid = noted_pid(data)
    return pid if pid is not None and _sits_in(pid, data, account) else None


def occupants(data: Path, account: Account) -> list[int]:
    """Return every process that works in the data folder, orphaned children of a killed server included.

    A `pg_ctl` whose launcher was killed counts too: it is about to bring a server to life there.
    """
    found, hidden = [], False
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if _was_started_for(process.cmdline(), data) or process.cwd() == str(data):
                found.append(process.pid)
        except psutil.AccessDenied:
            hidden = True
        except psutil.NoSuchProcess:
            continue
    return sorted({*found, *_seen_as(account, data)}) if hidden and _may_ask(account) else found


def _sits_in(pid: int, data: Path, account: Account) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(data)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return _may_ask(account) and pid in _seen_as(account, data)


def _was_started_for(command: list[str], data: Path) -> bool:
    return bool(command) and Path(command[0]).name in {"pg_ctl", "postgres"} and str(data) in command


def _may_ask(account: Account) -> bool:
    return os.geteuid() == 0 and account.uid != 0 and Path("/proc/self/cwd").exists()


def _seen_as(account: Account, data: Path) -> list[int]:
    """Ask as the server's account: root without CAP_SYS_PTRACE (a container) cannot see where others work."""
    script = 'for p in /proc/[0-9]*; do [ "$p/cwd" -ef "$1" ] && echo "${p#/proc/}"; done'
    done = run_as(account, ["/bin/sh", "-c", script, "sh", str(data)], seconds=30)
    return [int(line) for line in done.stdout.split() if line.isdigit() and not _gone(int(line))]


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
