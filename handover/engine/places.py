"""Where the toolkit's own PostgreSQL lives on this machine: one state folder, and what lies in it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from handover.engine.errors import EngineError

STATE = "HANDOVER_STATE"
SECRET_KEY = "HANDOVER_SECRET_KEY"  # noqa: S105  the name of a variable
# A Unix socket's whole path must fit 107 bytes; ".s.PGSQL.5432" and its slash take 14.
LONGEST_SOCKET_FOLDER = 93


def runs_as_root() -> bool:
    """Say whether this process is root (PostgreSQL refuses to run as root, so it runs as `nobody` then)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


@dataclass(frozen=True)
class State:
    """The state folder and the names in it. Making one of these touches nothing on disk."""

    folder: Path

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self.folder / "data"

    @property
    def staging(self) -> Path:
        """A data folder in the making; it becomes `data` by one rename."""
        return self.folder / "data.new"

    @property
    def sockets(self) -> Path:
        """The folder with the socket, the only way into the cluster."""
        return self.folder / "socket"

    @property
    def lock(self) -> Path:
        """The file whose lock whoever starts, stops or creates holds."""
        return self.folder / "lock"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "log"

    @property
    def provisioned(self) -> Path:
        """Present once roles and database exist; written last."""
        return self.folder / "provisioned"

    @property
    def programs(self) -> Path:
        """A copy of PostgreSQL's programs, made when the server's account cannot reach the installed ones."""
        return self.folder / "programs"

    @contextlib.contextmanager
    def written(self) -> Iterator[None]:
        """Turn what the operating system says about this folder into one clear line (an EngineError)."""
        try:
            yield
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise EngineError(
                f"The state folder {self.folder} cannot be written ({reason}): "
                f"set {STATE} to a folder that can."
            ) from None

    def make(self) -> None:
        """Make the state folder. For root its parents are enterable: the server runs as another account."""
        root = runs_as_root()
        for parent in [*reversed(self.folder.parents), self.folder]:
            if not parent.exists():
                parent.mkdir(mode=0o755 if root or parent != self.folder else 0o700, exist_ok=True)
                if root:  # the umask cuts the mode of mkdir
                    parent.chmod(0o755)

    def secret(self, name: str) -> str:
        """Return the secret kept under this name, made on first use; EngineError if it cannot be kept."""
        kept = self.folder / name
        with self.written():
            if not kept.exists():
                self.make()
                making = self.folder / f"{name}.{secrets.token_hex(8)}"
                descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(secrets.token_urlsafe(64))
                # Of two at once the first one wins; both then read the same secret.
                with contextlib.suppress(FileExistsError):
                    os.link(making, kept)
                making.unlink()
            return kept.read_text(encoding="ascii").strip()

    def refuse_long_sockets(self) -> None:
        """Raise EngineError when the operating system could not bind a socket in this state folder."""
        size = len(os.fsencode(self.sockets))
        if size > LONGEST_SOCKET_FOLDER:
            raise EngineError(
                f"The socket folder {self.sockets} is too long for a Unix socket ({size} bytes, at most "
                f"{LONGEST_SOCKET_FOLDER}): set {STATE} to a shorter folder."
            )


def state_of(environ: Mapping[str, str]) -> State:
    """Return the state folder of this installation; each checkout or installed package has its own.

    `HANDOVER_STATE` wins. Root takes `/var/lib/handover/…`, because the account that then runs the server
    cannot enter root's home; everyone else takes `XDG_STATE_HOME`.
    """
    if given := environ.get(STATE, "").strip():
        return State(Path(os.path.realpath(Path(given).expanduser())))
    home = Path(__file__).resolve().parents[2]
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    if runs_as_root():
        base = Path("/var/lib")
    else:
        given_base = environ.get("XDG_STATE_HOME", "")
        # The XDG specification: a relative path is invalid and must be ignored.
        base = Path(given_base) if given_base.startswith("/") else Path("~/.local/state").expanduser()
    return State(Path(os.path.realpath(base / "handover" / mark)))
