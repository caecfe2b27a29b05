"""Start, adopt and stop the toolkit's own PostgreSQL; everything happens under one file lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from handover.engine import cluster, processes, roles
from handover.engine.errors import EngineError
from handover.engine.places import STATE, State, runs_as_root
from handover.engine.programs import Account, Programs
from handover.engine.urls import PORT, embedded_addresses

# What redirects or alters a connection behind the back of whoever wrote the address.
MISLEADING = (
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGPASSWORD",
    "PGPASSFILE",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGOPTIONS",
    "PGSSLMODE",
    "PGREQUIREAUTH",
    "PGCHANNELBINDING",
    "PGTARGETSESSIONATTRS",
    "PGCLIENTENCODING",
    "PGTZ",
    "PGDATESTYLE",
)
LOCK_SECONDS = 180.0
READY_SECONDS = 120.0
SOCKET_SECONDS = 3.0
LEAVE_SECONDS = 60.0
ATTEMPTS = 3
LARGEST_LOG = 10_000_000


@dataclass(frozen=True)
class Running:
    """What `status` found: the server's process number, or None when it does not run."""

    folder: Path
    pid: int | None


class Supervisor:
    """The one who may start and stop the server of a state folder."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.account = Account.of_server()
        self.programs = Programs(state, self.account)

    def ensure(self) -> None:
        """Start the server, or adopt the one that runs; then make roles and database if they are missing.

        Raises EngineError when the state folder, the socket or the server is not usable.
        """
        self.state.refuse_long_sockets()
        for name in MISLEADING:
            os.environ.pop(name, None)
        with self.state.written():
            self._open_folder()
            with self._locked() as lock:
                self._ensure(lock)

    def _ensure(self, lock: int) -> None:
        cluster.refuse_other_owner(self.state, self.account)
        # A server that was just killed looks alive for a moment; then it is started, not adopted.
        for _ in range(ATTEMPTS):
            if processes.living_server(self.state.data, self.account) is None:
                self._start(lock)
            if self._is_ready():
                break
        else:
            raise EngineError(f"PostgreSQL in {self.state.folder} dies while starting: {self._last_words(0)}")
        if not self.state.provisioned.exists():
            roles.provision(embedded_addresses(self.state.sockets), superuser=cluster.SUPERUSER)
            self.state.provisioned.touch(mode=0o600)

    def stop(self) -> bool:
        """Stop the server cleanly; return whether there was one to stop."""
        if not self.state.lock.exists():
            return False
        with self.state.written(), self._locked():
            cluster.refuse_other_owner(self.state, self.account)
            pid = processes.living_server(self.state.data, self.account)
            if pid is None:
                return False
            code = self.programs.detach(
                "pg_ctl", "stop", "-D", str(self.state.data), "-m", "fast", "-w", "-t", f"{LEAVE_SECONDS:.0f}"
            )
            if code != 0 and processes.living_server(self.state.data, self.account) is not None:
                raise EngineError(
                    f"PostgreSQL in {self.state.folder} (process {pid}) did not stop "
                    f"within {LEAVE_SECONDS:.0f} seconds."
                )
            return True

    def status(self) -> Running:
        """Say whether the server runs; changes nothing and waits for nobody."""
        return Running(folder=self.state.folder, pid=processes.living_server(self.state.data, self.account))

    def _open_folder(self) -> None:
        self.state.make()
        root = runs_as_root()
        if root:
            self._refuse_closed_parents()
        if not self.state.sockets.exists():
            self.state.sockets.mkdir(mode=0o755 if root else 0o700, exist_ok=True)
            if root:  # the umask cuts the mode of mkdir
                self.state.sockets.chmod(0o755)
            self.account.owns(self.state.sockets)

    def _refuse_closed_parents(self) -> None:
        for parent in [self.state.folder, *self.state.folder.parents]:
            if not parent.stat().st_mode & 0o001:
                raise EngineError(
                    f"Root's PostgreSQL runs as {self.account.name}, who cannot enter {parent}: "
                    f"set {STATE} to a folder whose parents are open."
                )

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """Hold the state folder's lock; yield its descriptor. It ends with its last holder, killed or not."""
        descriptor = os.open(self.state.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise EngineError(
                            f"Another command has held {self.state.lock} for {LOCK_SECONDS:.0f} seconds."
                        ) from None
                    time.sleep(0.02)
            yield descriptor
        finally:
            os.close(descriptor)

    def _start(self, lock: int) -> None:
        self._clear_remains()
        cluster.prepare(self.state, self.programs, lock=lock)
        self._turn_log()
        log_end = self.state.log.stat().st_size
        code = self.programs.detach(
            "pg_ctl", "start", "-D", str(self.state.data), "-l", str(self.state.log), "-w", "-t", "30"
        )
        if code != 0 and processes.living_server(self.state.data, self.account) is None:
            raise EngineError(
                f"PostgreSQL in {self.state.folder} does not start: {self._last_words(log_end)}"
            )

    def _clear_remains(self) -> None:
        """Wait for a dead server's children, then remove what it left: its pid file and its sockets.

        Only the very pid file that was judged dead is removed: a launcher that was killed may have left
        a server behind that is just writing its own.
        """
        pid_file = self.state.data / "postmaster.pid"
        judged = pid_file.read_bytes() if pid_file.exists() else None
        deadline = time.monotonic() + LEAVE_SECONDS
        while left := processes.occupants(self.state.data, self.account):
            if processes.living_server(self.state.data, self.account) is not None:
                return
            if time.monotonic() > deadline:
                raise EngineError(
                    f"PostgreSQL in {self.state.folder} died, but its process {left[0]} still works there: "
                    "end it first."
                )
            time.sleep(0.05)
        if judged is not None and pid_file.exists() and pid_file.read_bytes() == judged:
            pid_file.unlink()
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self.state.sockets / name).unlink(missing_ok=True)

    def _turn_log(self) -> None:
        log = self.state.log
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".old"))
        log.touch(mode=0o600)
        self.account.owns(log)

    def _last_words(self, since: int) -> str:
        with self.state.log.open("rb") as log:
            log.seek(since)
            lines = log.read().decode("utf-8", "replace").splitlines()
        told = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "ERROR:" in line]
        last = (told or [line for line in lines if line.strip()] or ["it says nothing"])[-1]
        return f"{last.split(':  ', 1)[-1].rstrip('.')} (log: {self.state.log})"

    def _is_ready(self) -> bool:
        """Wait until the server answers on its socket; recovery after a crash may take its time.

        Returns False when it dies instead; raises EngineError when it lives but will not answer.
        """
        socket = self.state.sockets / f".s.PGSQL.{PORT}"
        asked = embedded_addresses(self.state.sockets).owner.libpq(database="postgres")
        begun = time.monotonic()
        while True:
            try:
                psycopg.connect(**asked | {"user": cluster.SUPERUSER, "connect_timeout": "3"}).close()  # type: ignore[arg-type]
                return True
            except psycopg.OperationalError as error:
                refused = str(error)
            waited = time.monotonic() - begun
            pid = processes.living_server(self.state.data, self.account)
            if pid is None:
                return False
            if waited > SOCKET_SECONDS and not socket.exists():
                raise EngineError(
                    f"PostgreSQL (process {pid}) runs, but its socket {socket} is gone: "
                    "run `handover engine stop`, then try again."
                )
            if waited > READY_SECONDS:
                raise EngineError(
                    f"PostgreSQL (process {pid}) does not answer on {socket} ({refused}): "
                    f"run `handover engine stop`, then try again (log: {self.state.log})."
                )
            time.sleep(0.05)
