"""Every page of the toolkit with a real address: keys are those of the demonstration programme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from tests.browser.house import House
from tests.contracts.asks import Directory, Interface, Operators, Public
from tests.contracts.resolver import every_route
from tests.contracts.routes import ROUTES, WHOLE

PARAMETER: Final = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")

KEYS: Final = {
    "programme_uuid": "SELECT uuid FROM handover_programme ORDER BY id LIMIT 1",
    "milestone_uuid": "SELECT uuid FROM handover_transfermilestone ORDER BY id LIMIT 1",
    "user_uuid": "SELECT uuid FROM handover_user WHERE email = 'reader-en@example.org'",
    "person_uuid": "SELECT uuid FROM handover_user WHERE email = 'reader-en@example.org'",
    "transfer_uuid": "SELECT uuid FROM handover_transfer ORDER BY lead DESC, id LIMIT 1",
}
"""How a parameter finds its row, by SQL; others by their name: ``need_uuid`` is a row of a table ``…_need``."""

GIVEN: Final = {"colour": "1d4f7a", "noun": "programmes", "lang": "ro"}
"""Parameters that are no keys."""

UNKNOWN: Final = "?"

COLUMNS: Final = "SELECT column_name FROM information_schema.columns WHERE table_name = '{}'"

LEFT_OUT: Final = {
    "sign-out/": "it only takes a form that is sent",
    "security/passkeys/<int:pk>/remove/": "nobody has a passkey here; tested with a soft authenticator",
}
"""Pages that are not opened, each with its reason."""

NO_PAGES: Final = re.compile(
    r"\.(css|xlsx|csv|pdf|ics|json|yaml|zip|xml)$|/(export|file|download|feed)/|^(healthz|readyz|metrics)"
)
"""Addresses that answer with something else than a page."""


@dataclass(frozen=True)
class Address:
    """A route with an address that leads to something."""

    route: str
    path: str
    public: bool


@cache
def pages(house: House) -> tuple[Address, ...]:
    """Give every page of the toolkit that a GET opens, with keys of a house."""
    return tuple(_pages(house))


def _pages(house: House) -> Iterator[Address]:
    for route, entry in every_route():
        if any(route.startswith(start) for start in WHOLE) or isinstance(
            ROUTES.get(route), Directory | Interface | Operators
        ):
            continue
        if route in LEFT_OUT or NO_PAGES.search(route) or "get" not in _methods(entry.callback):
            continue
        path = route
        for match in PARAMETER.finditer(route):
            path = path.replace(match[0], _key(house, match["name"]))
        if UNKNOWN in path:
            continue
        yield Address(route, f"/{path}", isinstance(ROUTES.get(route), Public))


def _methods(view: object) -> set[str]:
    """Give what a view answers; ``require_POST`` and its like leave a mark in the wrapped function's closure."""
    inner = view
    while inner is not None:
        for cell in getattr(inner, "__closure__", None) or ():
            said = cell.cell_contents
            if (
                isinstance(said, list)
                and said
                and all(isinstance(name, str) and name.isupper() for name in said)
            ):
                return {name.lower() for name in said}
        inner = getattr(inner, "__wrapped__", None)
    return {"get"}


@cache
def _key(house: House, name: str) -> str:
    if name in GIVEN:
        return GIVEN[name]
    if name in KEYS:
        return str(house.rows(KEYS[name])[0][0])
    if not name.endswith("_uuid"):
        return UNKNOWN
    noun = name.removesuffix("_uuid").replace("_", "")
    tables = [
        str(row[0]) for row in house.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    table = next((table for table in tables if table.partition("_")[2].replace("_", "") == noun), "")
    if not table:
        return UNKNOWN
    columns = {str(row[0]) for row in house.rows(COLUMNS.format(table))}
    where = (
        " WHERE programme_id = (SELECT min(id) FROM handover_programme)" if "programme_id" in columns else ""
    )
    if "uuid" not in columns:
        return UNKNOWN
    found = house.rows(f'SELECT uuid FROM "{table}"{where} ORDER BY id LIMIT 1')
    return str(found[0][0]) if found else UNKNOWN
