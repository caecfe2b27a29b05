"""A whole installation of its own: database, demonstration programme, web server. Made once a test run."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

import psycopg

PASSWORD: Final = "hand it over gently"
SECONDS: Final = 600
READERS: Final = {"en": "reader-en@example.org", "ro": "reader-ro@example.org", "lt": "reader-lt@example.org"}
"""People who read in each language: managers of the programme's steward, who was the giver before the handover and is
the municipality after it."""
NEWCOMER: Final = "newcomer@example.org"
"""A manager of an organisation that has nothing yet."""


@dataclass(frozen=True)
class House:
    """Where the installation stands: its state folder, its address, and who runs it."""

    state: str
    address: str
    pid: int

    def run(self, *command: str, given: str = "") -> str:
        """Run a command of the toolkit there and give what it says."""
        return toolkit(Path(self.state), *command, given=given)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Read from the database, past all walls, as its owner."""
        return rows(Path(self.state), statement)


def furnish(folder: Path) -> Path:
    """Make an installation with the demonstration programme, not handed over, in an empty folder; its database rests.

    Houses are built from copies of it.
    """
    state = folder / "state"
    state.mkdir(parents=True)
    toolkit(state, "migrate", "--verbosity", "0")
    toolkit(state, "model", "install")
    toolkit(state, "demo", "--load", "--password", PASSWORD)
    toolkit(state, "engine", "stop")
    return state


def build(folder: Path, furnished: Path, *, handed_over: bool) -> House:
    """Copy a furnished installation into an empty folder and start its server."""
    state = folder / "state"
    subprocess.run(["cp", "--archive", str(furnished), str(state)], check=True)
    toolkit(state, "engine", "start")
    if handed_over:
        toolkit(state, "demo", "--quiet", "--password", PASSWORD)
    _people(state, "receiver" if handed_over else "giver")
    port = _free_port()
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "handover", "runserver", "--noreload", "--insecure", f"127.0.0.1:{port}"],
            env=_environment(state),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started.append(server)
    house = House(str(state), f"http://127.0.0.1:{port}", server.pid)
    _wait(house, folder / "server.log")
    return house


_started: Final[list[subprocess.Popen[bytes]]] = []
"""The servers that this process has started. Another one may stop them."""


def leave(house: House) -> None:
    """Stop the server and its database, and take the folder away."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(house.pid, signal.SIGTERM)
    for server in _started:
        if server.pid == house.pid:
            server.wait(SECONDS)
    toolkit(Path(house.state), "engine", "stop")
    shutil.rmtree(Path(house.state).parent, ignore_errors=True)


def toolkit(state: Path, *command: str, given: str = "") -> str:
    """Run a command of the toolkit on an installation."""
    done = subprocess.run(
        [sys.executable, "-m", "handover", *command],
        env=_environment(state),
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"handover {' '.join(command[:2])}: {done.stderr or done.stdout}"
    return done.stdout


def rows(state: Path, statement: str) -> list[tuple[object, ...]]:
    """Read from an installation's database as its owner."""
    with psycopg.connect(**_owner(state), autocommit=True) as owner:  # type: ignore[arg-type]
        return list(owner.execute(statement.encode()).fetchall())


@cache
def _owner(state: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", OWNER],
        env=_environment(state),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    told: dict[str, str] = json.loads(done.stdout)
    return told


OWNER: Final = """
import json
from handover import engine
print(json.dumps(engine.addresses().owner.libpq(database="handover")))
"""


def kept(house: House) -> str:
    """Write a house down, for another process to find."""
    return json.dumps(asdict(house))


def _people(state: Path, side: str) -> None:
    """Seat one reader a language with a side of the leading transfer, and somebody to whom nothing is open yet."""
    slug = rows(
        state,
        "SELECT o.slug FROM handover_transfer t JOIN handover_organisation o"
        f" ON o.id = t.{side}_id WHERE t.lead LIMIT 1",
    )[0][0]
    commands = [
        [
            "organisation",
            "add",
            "New Town",
            "--slug",
            "new-town",
            "--kind",
            "municipality",
            "--country",
            "RO",
        ],
        *seated(NEWCOMER, "Newcomer", "en", "new-town"),
    ]
    for language, address in READERS.items():
        commands += seated(address, f"Reader ({language})", language, str(slug))
    seat_all(state, commands)


def seat_all(state: Path, commands: list[list[str]]) -> None:
    """Run commands of the toolkit on an installation, in one process; each is given the password that all have."""
    program = "import json, sys; from tests.browser.house import say_all; say_all(json.loads(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(commands)],
        env=_environment(state),
        cwd=Path(__file__).parents[2],
        input=(PASSWORD + "\n") * len(commands),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout


def seated(
    address: str, name: str, language: str, organisation: str, role: str = "manager"
) -> list[list[str]]:
    """Give the commands that make an account and seat it."""
    return [
        ["account", "add", address, name, "--language", language, "--password-stdin"],
        ["account", "seat", address, organisation, role],
    ]


def say_all(commands: list[list[str]]) -> None:
    """Run several commands of the toolkit in this process: starting anew for each takes longer than what they do."""
    import django
    from django.core.management import call_command

    django.setup()
    for command in commands:
        call_command(*command)


def _environment(state: Path) -> dict[str, str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE_", "HANDOVER_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    return clean | {"HANDOVER_STATE": str(state), "DJANGO_SETTINGS_MODULE": "handover.settings"}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(house: House, log: Path) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{house.address}/sign-in/", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server does not answer: {log.read_text(errors='replace')[-2000:]}")
