"""How often each page asks the database. The figures are reviewed: a page that asks more shows it in the file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from handover.models import Programme
from tests.contracts.api_world import Phase, scene
from tests.contracts.page_world import client_of, page_routes
from tests.factories.cast import Cast

FILE: Final = Path(__file__).parent / "page_query_counts.toml"
WRITES: Final = "HANDOVER_WRITE_QUERY_COUNTS"
MOST: Final = 12
"""Queries of the page itself: reading the session, the account, its seat and telling the database who asks are the
same few on every page, and not counted."""
MOST_OF_FILES: Final = 26
"""Of a file: it tells at once what several pages do, and as many however much there is of it."""
EMPTY: Final = "/accessibility/"
"""A page that asks for nothing of its own: what it takes, every page takes."""
BOOKKEEPING: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def test_pages_take_as_many_queries_as_the_reviewed_file_says(cast: Cast, programme: Programme) -> None:
    made = scene(Phase.DURING, cast, programme)
    caller = next(item for item in made.callers if item.name == "giver manager")
    client = client_of(caller)
    _, common, _ = _asked(client, EMPTY)
    counts = {}
    files = set()
    for page in page_routes():
        if "GET" in page.methods:
            status, asked, is_page = _asked(client, page.address(made.home))
            if status == 200:
                counts[page.route] = max(asked - common, 0)
                if not is_page:
                    files.add(page.route)
    if os.environ.get(WRITES):
        head = "# Queries that each page takes beside those of every page. Reviewed by hand.\n\n"
        FILE.write_text(head + "".join(f'"{route}" = {count}\n' for route, count in sorted(counts.items())))
    most = {route: MOST_OF_FILES if route in files else MOST for route in counts}
    assert {route: count for route, count in counts.items() if count > most[route]} == {}
    assert counts == tomllib.loads(FILE.read_text()), f"see what took more queries, or review {FILE.name}"


def _asked(client: Client, address: str) -> tuple[int, int, bool]:
    """Open a page, count its queries (the marks of transactions are none), and tell whether it is a page to be read."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    asked = sum(not item["sql"].startswith(BOOKKEEPING) for item in seen.captured_queries)
    return answer.status_code, asked, answer.get("Content-Type", "").startswith("text/html")
