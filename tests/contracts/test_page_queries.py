"""How often each page asks the database. The figures are reviewed: a page that asks more shows it in the file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Final

from django.db import connection
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
MORE: Final = {
    "exceptions/": 20,
    "programmes/<uuid:programme_uuid>/blockers/": 13,
}
"""Pages that still take more, as many as is said here: what is off track takes six queries a programme; what blocks
puts together what several rooms know."""
EVERY_PAGE: Final = (
    "django_session",
    "handover_user",
    "handover_membership",
    "set_config",
    "SAVEPOINT",
    "handover_organisation",
)


def test_pages_take_as_many_queries_as_the_reviewed_file_says(cast: Cast, programme: Programme) -> None:
    made = scene(Phase.DURING, cast, programme)
    caller = next(item for item in made.callers if item.name == "giver manager")
    client = client_of(caller)
    counts = {}
    for page in page_routes():
        if "GET" in page.methods:
            with CaptureQueriesContext(connection) as seen:
                status = client.get(page.address(made.home)).status_code
            if status == 200:
                counts[page.route] = sum(1 for item in seen.captured_queries if not _common(item["sql"]))
    if os.environ.get(WRITES):
        head = "# Queries that each page takes beside those of every page. Reviewed by hand.\n\n"
        FILE.write_text(head + "".join(f'"{route}" = {count}\n' for route, count in sorted(counts.items())))
    assert {route: count for route, count in counts.items() if count > MORE.get(route, MOST)} == {}
    assert counts == tomllib.loads(FILE.read_text()), f"see what took more queries, or review {FILE.name}"


def _common(sql: str) -> bool:
    """Tell whether a query is one of those that every page takes."""
    return (
        "set_config" in sql
        or "current_setting" in sql
        or any(name in sql.partition(" WHERE ")[0] for name in EVERY_PAGE)
    )
