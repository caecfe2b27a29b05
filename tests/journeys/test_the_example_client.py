"""The example client reads, commands and edits over a real connection, and the tutorial's steps work with it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from handover.models import Programme
from handover.permissions import Scope
from tests.factories import cast as casting
from tests.factories import indicators as measured
from tests.factories.api import key_for
from tests.factories.cast import Cast

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = DOCS / "tutorials" / "read-indicators-into-pandas.md"

with_a_server = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Give the example, imported from where it lies."""
    monkeypatch.syspath_prepend(str(DOCS / "examples"))
    yield import_module("handover_client")
    del sys.modules["handover_client"]


@pytest.fixture
def here(live_server: LiveServer) -> tuple[str, Cast]:
    """Give the address of a server, and the cast as it is in its database."""
    return f"{live_server.url}/api/v1", casting.assemble()


def _measured(cast: Cast) -> Programme:
    """Let the giver's programme have two quarters of one indicator, by gender."""
    programme = casting.programme_of(cast)
    of = measured.indicator(programme, by=cast.giver, frequency="quarterly")
    for quarter, women, men in ((measured.FIRST_QUARTER, "12", "9"), (measured.SECOND_QUARTER, "15", "8.5")):
        measured.reported(of, {"women": women, "men": men}, by=cast.giver, quarter=quarter)
    return programme


@with_a_server
def test_the_client_founds_reads_page_by_page_edits_and_is_told_what_was_refused(
    client: ModuleType, here: tuple[str, Cast]
) -> None:
    url, cast = here
    giver = client.Handover(url, key_for(cast.giver))
    made = [
        giver.post(
            "programmes", {"identifier": f"XX-{number}", "title": [{"lang": "en", "text": "One of three"}]}
        )
        for number in range(3)
    ]
    again = giver.post("programmes", {"identifier": "XX-K", "title": made[0]["title"]}, key="the-same")

    assert (
        giver.post("programmes", {"identifier": "XX-K", "title": made[0]["title"]}, key="the-same") == again
    )
    found = list(giver.rows("programmes", page_size=1, ordering="identifier"))
    assert [row["identifier"] for row in found] == ["XX-0", "XX-1", "XX-2", "XX-K"]
    path = f"programmes/{made[0]['id']}"
    assert giver.patch(path, {"ends_on": "2031-12-31"}, version=1)["ends_on"] == "2031-12-31"
    with pytest.raises(client.Problem, match="stale_version") as stale:
        giver.patch(path, {"ends_on": "2032-12-31"}, version=1)
    assert (stale.value.status, stale.value.details["fields"]) == (412, ["ends_on"])
    with pytest.raises(client.Problem) as unseen:
        client.Handover(url, key_for(cast.stranger)).get(path)
    assert (unseen.value.status, unseen.value.code) == (404, "not_found")
    with pytest.raises(client.Problem) as narrow:
        client.Handover(url, key_for(cast.giver, [Scope.READ])).post(f"{path}/admit", {})
    assert narrow.value.status in (400, 403)


@contextmanager
def _answering(
    script: Sequence[tuple[int, dict[str, str], Any]],
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Answer requests from a script; 0 loses the answer. Give the address, and the headers of what was asked."""
    left, heard = list(script), list[dict[str, str]]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(dict(self.headers))
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, headers, body = left.pop(0)
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            content = json.dumps(body).encode()
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()


def test_the_client_waits_where_it_is_told_to_and_asks_again_with_the_same_key(client: ModuleType) -> None:
    script = [(429, {"Retry-After": "0"}, {}), (0, {}, None), (201, {}, {"id": "1"})]
    with _answering(script) as (url, heard):
        assert client.Handover(url, "hvr_x").post("transfers", {}) == {"id": "1"}
    assert len(heard) == 3
    assert len({asked["Idempotency-Key"] for asked in heard}) == 1


def test_the_client_asks_nothing_twice_that_has_no_key(client: ModuleType) -> None:
    with _answering([(0, {}, None)]) as (url, heard), pytest.raises(client.requests.ConnectionError):
        client.Handover(url, "hvr_x").post("tokens/for-organisation", {}, key="")
    assert len(heard) == 1
    assert "Idempotency-Key" not in heard[0]


def test_the_client_gives_its_token_to_no_other_address(client: ModuleType) -> None:
    first = {"results": [{"id": "1"}], "next": "http://elsewhere.invalid/x?cursor=abc&page_size=1"}
    with _answering([(200, {}, first), (200, {}, {"results": [{"id": "2"}], "next": None})]) as (url, heard):
        rows = list(client.Handover(url, "hvr_x").rows("programmes"))
    assert [row["id"] for row in rows] == ["1", "2"]
    assert len(heard) == 2


@with_a_server
def test_the_tutorial_reads_indicators_into_pandas(
    client: ModuleType,
    here: tuple[str, Cast],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    url, cast = here
    programme = _measured(cast)
    monkeypatch.setenv("HANDOVER_URL", url)
    monkeypatch.setenv("HANDOVER_TOKEN", key_for(cast.giver, [Scope.READ]))
    monkeypatch.chdir(tmp_path)
    said: dict[str, Any] = {}

    for block in re.findall(r"^```python\n(.*?)^```$", TUTORIAL.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        exec(compile(block, str(TUTORIAL), "exec"), said)

    assert said["programme"] == str(programme.uuid)
    assert list(said["indicators"]["title"]) == ["Pupils enrolled"]
    assert sorted(said["values"]["value"]) == [8.5, 9, 12, 15]
    assert list(said["by_group"].columns) == ["gender=men", "gender=women"]
    assert list(said["over_time"]["total"]) == [21, 23.5]
    assert (tmp_path / "values.csv").read_text("utf-8").count("\n") == 5
