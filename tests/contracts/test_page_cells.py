"""Every page as a table: each address × everybody who could open it × own, shared, former and another tenant's rows ×
before, during and after the transfer. What is expected follows from the two tables of permissions."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.test import Client

from handover.models import Programme
from handover.permissions import Permission
from tests.contracts.api_world import Caller, Phase, Scene, Whole, scene
from tests.contracts.page_world import PageRoute, Public, client_of, page_routes
from tests.contracts.pages.indicators import OTHERWISE as OF_INDICATORS
from tests.contracts.pages.programme import OTHERWISE as OF_PROGRAMMES
from tests.contracts.pages.transfers import OTHERWISE as OF_TRANSFERS
from tests.factories.cast import Cast

UUIDS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
OPENED = (200, 302)
ALL = os.environ.get("PAGE_CELLS") == "all"
"""Every role of every side, instead of one or two a side."""
FEW = frozenset(
    (
        "giver manager",
        "giver viewer",
        "receiver manager",
        "partner manager",
        "donor manager",
        "community community_representative",
        "auditor auditor",
        "stranger manager",
    )
)
MOVING = frozenset(("giver manager", "receiver manager", "stranger manager"))
"""Whose standing the transfer changes, and whose programme it does not touch."""


@dataclass
class Table:
    """What was tried, and what was not as it must be."""

    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)


OTHERWISE: Mapping[str, tuple[tuple[int, ...], str]] = {**OF_INDICATORS, **OF_PROGRAMMES, **OF_TRANSFERS}
"""What else somebody with a standing may be answered, by route, and why. Nobody without one is answered any of it."""


def right(page: PageRoute, method: str, caller: Caller, whole: Whole, status: int) -> bool:
    """Tell whether an answer is one that the tables of permissions allow."""
    if status >= 500:
        return False
    if isinstance(page.asks, Public):
        return True
    if not isinstance(page.asks, Permission) or not page.about_a_programme:
        return status in (*OPENED, 400, 403, 404, 405, 409)
    held = caller.may(whole.programme)
    if Permission.VIEW not in held:
        return status == 404
    if status in OTHERWISE.get(page.route, ((), ""))[0]:
        return True
    if page.asks not in held:
        return status in (403, 404)
    return status in OPENED if method == "GET" else status in (*OPENED, 400, 403, 409)


def fill(table: Table, made: Scene) -> None:
    """Open every page, and send every form empty, for everybody.

    Where the transfer stands changes nothing of a programme that it does not touch: after the first phase, pages of the
    other tenant are read by those whose standing it changes.
    """
    for caller in made.callers:
        if caller.name.endswith("token") or not (ALL or caller.name in FEW):
            continue  # a key opens no page
        client = client_of(caller)
        hidden = {
            key.encode()
            for whole in (made.home, made.second, made.foreign)
            if whole.programme.pk not in caller.standings
            for key in whole.uuids
        }
        for whole in (made.home, made.foreign):
            settled = whole is made.foreign and made.phase is not Phase.BEFORE and not ALL
            if settled and caller.name not in MOVING:
                continue
            for page in page_routes():
                if not page.about_a_programme and whole is made.foreign:
                    continue
                for method in sorted(page.methods & ({"GET"} if settled else {"GET", "POST"})):
                    _try(table, client, caller, page, method, whole, hidden, made.phase)


def _try(
    table: Table,
    client: Client,
    caller: Caller,
    page: PageRoute,
    method: str,
    whole: Whole,
    hidden: set[bytes],
    phase: Phase,
) -> None:
    address = page.address(whole)
    if address.startswith(("/sign-out/", "/seat/", "/language/")) and method == "POST":
        return
    with transaction.atomic():
        answer = client.get(address) if method == "GET" else client.post(address, {})
        content = answer.getvalue()
        transaction.set_rollback(True)
    table.cells += 1
    cell = f"{phase} {caller.name} {method} {page.route} of {whole.programme.identifier}"
    if not right(page, method, caller, whole, answer.status_code):
        table.wrong.append(f"{cell}: {answer.status_code}")
    if told := (set(UUIDS.findall(content)) & hidden) - set(UUIDS.findall(address.encode())):
        table.leaks.append(f"{cell}: {sorted(told)[:2]}")


@pytest.mark.slow
@pytest.mark.parametrize("phase", list(Phase))
def test_every_page_opens_to_whom_the_tables_of_permissions_name(
    phase: Phase, cast: Cast, programme: Programme, capsys: pytest.CaptureFixture[str]
) -> None:
    made = scene(phase, cast, programme)
    table = Table()
    fill(table, made)
    with capsys.disabled():
        print(f"\n{phase}: {len(page_routes())} pages, {table.cells} cells, {len(table.leaks)} leaks")
    assert table.leaks == []
    assert table.wrong == []
