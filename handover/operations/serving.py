"""The web as it is served for good: gunicorn in processes of their own, and a worker beside it where that is wanted."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from handover.errors import Invalid
from handover.operations.metrics import SHARED

log = logging.getLogger(__name__)

METRICS: Final = "handover-metrics-"
"""How the folder begins where the processes of one server add up their counts."""

LOOKS: Final = 0.2
"""Seconds between two looks whether a process is still there."""

LONGEST_PAUSE: Final = 60.0
"""Seconds at most before a worker that ended by itself is started again."""

AFTER_GRACE: Final = 10.0
"""Seconds beyond its grace that a process has to end before it is killed."""

WRITTEN: Final = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:.]+\]|[^:\s]+):)?(?P<port>\d{1,5})")


@dataclass(frozen=True)
class Place:
    """Where the web listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place(written: str) -> Place:
    """Read ``HOST:PORT``, ``[IPv6]:PORT`` or ``PORT``.

    Raises:
        Invalid: it is none of them.
    """
    found = WRITTEN.fullmatch(written)
    if found is None or not 1 <= int(found["port"]) <= 65535:
        raise Invalid("bind_malformed", f"“{written}” is no HOST:PORT, such as 127.0.0.1:8000.", field="bind")
    return Place((found["host"] or "127.0.0.1").strip("[]"), int(found["port"]))


def refuse_taken(where: Place) -> None:
    """Refuse a place where nobody can listen now.

    Raises:
        Invalid: another program listens there, or this account may not, or the machine has no such address.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind, proto) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Invalid(
            "bind_refused",
            f"The web cannot listen on {where} ({reason}): name another place by --bind.",
            field="bind",
        ) from None


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of the web's processes; a folder is made where they add up their counts."""
    return {
        **given,
        "HANDOVER_STATIC": "collected",
        SHARED: tempfile.mkdtemp(prefix=METRICS),
    }


def web_command(where: Place, *, workers: int, threads: int, grace: int) -> list[str]:
    """Give the command that serves the web."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--config=python:handover.operations.gunicorn_settings",
        f"--bind={where}",
        f"--workers={workers}",
        f"--threads={threads}",
        f"--graceful-timeout={grace}",
        "handover.wsgi",
    ]


def jobs_command(*, grace: int) -> list[str]:
    """Give the command that does jobs."""
    return [sys.executable, "-m", "handover", "worker", f"--grace={grace}"]


def become(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Become another program in this process: signals reach it without a go-between."""
    os.execve(command[0], list(command), dict(environ))  # noqa: S606  our own command, no shell


@dataclass
class House:
    """The web and a worker under one roof. The web's end is the end of both; a worker that ends is started again."""

    web: Sequence[str]
    jobs: Sequence[str]
    environ: Mapping[str, str]
    grace: int
    told_to_end: bool = False

    def run(self) -> int:
        """Serve until a signal says to end (then 0), or the web ends by itself (then its exit code)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        web = self._started(self.web)
        worker, began, pause, again_at = self._started(self.jobs), time.monotonic(), 1.0, 0.0
        while not self.told_to_end and web.poll() is None:
            time.sleep(LOOKS)
            now = time.monotonic()
            if worker.poll() is None:
                continue
            if not again_at:
                pause = 1.0 if now - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
                again_at = now + pause
                log.warning("The worker ended with %s; it is started again.", worker.returncode)
            elif now >= again_at:
                worker, began, again_at = self._started(self.jobs), now, 0.0
        ended_by_itself = web.poll()
        self._stop([web, worker])
        return 0 if self.told_to_end else ended_by_itself or 1

    def _end(self, *_: object) -> None:
        self.told_to_end = True

    def _started(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        # In a session of its own: Ctrl-C reaches this process alone, which then tells both, once.
        return subprocess.Popen(command, env=dict(self.environ), start_new_session=True)

    def _stop(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            if process.poll() is None:
                process.terminate()
        ends = time.monotonic() + self.grace + AFTER_GRACE
        for process in processes:
            try:
                process.wait(max(0.0, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
