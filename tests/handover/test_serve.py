"""`handover serve`: where it cannot listen it says so in a line; what runs serves whole pages, and ends in peace."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import psutil
import pytest
from django.db import connection

from handover.engine import EngineError
from handover.errors import Invalid
from handover.operations import serving
from tests.engine_conftest import connected_as
from tests.handover.command_line import refused
from tests.handover.test_job_workers import named, url

PATIENCE = 60.0
KEY = "a-key-of-the-tests"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


# --- where -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("8000", "127.0.0.1:8000"),
        ("0.0.0.0:80", "0.0.0.0:80"),
        ("localhost:8080", "localhost:8080"),
        ("[::1]:8000", "[::1]:8000"),
    ],
)
def test_a_place_is_read(written: str, meant: str) -> None:
    assert str(serving.place(written)) == meant


@pytest.mark.parametrize(
    "written", ["", ":", "host", "host:", ":80", "host:0", "host:65536", "a:b:1", "h h:80", "-1"]
)
def test_what_is_no_place_is_refused(written: str) -> None:
    with pytest.raises(Invalid, match="HOST:PORT") as caught:
        serving.place(written)
    assert caught.value.code == "bind_malformed"


@pytest.mark.django_db
def test_a_port_that_is_taken_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused("serve", "--bind", str(port))
    assert line == (
        f"error: The web cannot listen on 127.0.0.1:{port} (address already in use): name another place by --bind. "
        "[bind_refused]"
    )
    serving.refuse_taken(serving.place(str(port)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words", [("--workers", "0"), ("--threads", "65"), ("--grace", "-1"), ("--workers", "x")]
)
def test_a_number_out_of_reach_is_refused(words: tuple[str, str]) -> None:
    assert refused("serve", *words).endswith("[usage]")


@pytest.mark.django_db
def test_a_database_of_another_release_is_not_served() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'handover' AND name = '0003_small_cells'")
    assert refused("serve", "--bind", str(free_port())).endswith("[not_migrated]")


@pytest.mark.django_db(transaction=True)
def test_nobody_serves_as_a_role_that_looks_over_the_wall() -> None:
    from django.core.management import call_command

    with connected_as("owner"), pytest.raises(EngineError, match="owns"):
        call_command("serve", "--bind", str(free_port()))


# --- the server itself -------------------------------------------------------------------------------------------


@contextmanager
def served(state: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    """Serve in a process of its own, on the test's database; give it, its address and its log."""
    found = named(str(connection.settings_dict["NAME"]))
    environment = {
        **os.environ,
        "HANDOVER_STATE": str(state),
        "HANDOVER_METRICS_KEY": KEY,
        "HANDOVER_LOG": "json",
        "TMPDIR": str(state),
        "DATABASE_URL": url(found.web),
        "DATABASE_OWNER_URL": url(found.owner),
    }
    address, log = f"127.0.0.1:{free_port()}", state / "log-of-serve"
    command = [sys.executable, "-m", "handover", "serve", "--bind", address, "--workers", "2", *options]
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)
    try:
        until(lambda: process.poll() is not None or status(f"http://{address}/healthz") == 200)
        assert process.poll() is None, log.read_text()
        yield process, f"http://{address}", log
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def until(enough: Callable[[], Any]) -> None:
    ends = time.monotonic() + PATIENCE
    while not enough():
        assert time.monotonic() < ends
        time.sleep(0.1)


def opened(address: str, **headers: str) -> Any:
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=PATIENCE)


def status(address: str) -> int:
    try:
        return int(opened(address).status)
    except HTTPError as error:
        return int(error.code)
    except (URLError, OSError):
        return 0


def figures_of(address: str) -> str:
    text: bytes = opened(f"{address}/metrics", Authorization=f"Bearer {KEY}").read()
    return text.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_serves_with_a_worker_beside_that_it_starts_again_and_ends_when_it_is_told(tmp_path: Path) -> None:
    with served(tmp_path, "--jobs", "--grace", "20") as (process, address, log):
        assert status(f"{address}/readyz") == 200
        page = opened(f"{address}/sign-in/").read().decode()
        (sheet,) = re.findall(r'href="(/static/handover/built/pages\.[0-9a-f]{12}\.css)"', page)
        style = opened(f"{address}{sheet}", **{"Accept-Encoding": "gzip"})
        assert style.headers["Content-Encoding"] == "gzip"
        assert "immutable" in style.headers["Cache-Control"]
        for _ in range(20):
            assert status(f"{address}/healthz") == 200
        counted = re.search(r'handover_requests_total\{[^}]*"/healthz"[^}]*\} ([\d.]+)', figures_of(address))
        assert counted is not None
        assert float(counted[1]) >= 20, "all processes are counted together"
        until(lambda: "handover_workers 1.0" in figures_of(address))
        assert list(tmp_path.glob("handover-metrics-*"))
        (first,) = workers_of(process)
        os.kill(first, signal.SIGKILL)
        until(lambda: workers_of(process) - {first})
        assert status(f"{address}/healthz") == 200, "the web lives on"
        answer = answered_while_ending(process, address)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert answer.endswith(b"</html>\n"), "what was begun is answered whole"
        assert process.wait(PATIENCE) == 0
        assert not list(tmp_path.glob("handover-metrics-*")), "nothing is left behind"
        assert status(f"{address}/healthz") == 0
        lines = log.read_text().splitlines()
    assert "The web is on" in lines[0]
    assert all(line.startswith('{"time":') for line in lines[1:]), lines
    assert any("it is started again" in line for line in lines)


def workers_of(process: subprocess.Popen[bytes]) -> set[int]:
    """Give the processes that do jobs beside the web."""
    alive = [
        child for child in psutil.Process(process.pid).children() if child.status() != psutil.STATUS_ZOMBIE
    ]
    return {child.pid for child in alive if "worker" in child.cmdline()}


def answered_while_ending(process: subprocess.Popen[bytes], address: str) -> bytes:
    """Begin a request, tell the server to end, then say the rest; give what it answers."""
    host, _, port = address.removeprefix("http://").partition(":")
    token = "a" * 32
    body = f"csrfmiddlewaretoken={token}&login=nobody".encode()
    lines = (
        "POST /sign-in/ HTTP/1.1",
        f"Host: {host}",
        "Connection: close",
        f"Cookie: csrftoken={token}",
        f"Content-Length: {len(body)}",
        "Content-Type: application/x-www-form-urlencoded",
        "\r\n",
    )
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
        client.sendall("\r\n".join(lines).encode() + body[:5])
        time.sleep(0.5)
        process.terminate()
        time.sleep(0.5)
        client.sendall(body[5:])
        return client.makefile("rb").read()
