"""The whole REST interface as a table: every operation × everybody who could ask × own, shared, former and another
tenant's rows × before, during and after the transfer. What is expected follows from the two tables of permissions, not
from the code that asks for them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client, RequestFactory

from handover.access import asking
from handover.models import Programme
from handover.permissions import SCOPE_OF, Permission, Scope, StandingKind
from tests.contracts.api_routes import Open, listed
from tests.contracts.api_world import Caller, Phase, Refers, Scene, Whole, scene
from tests.contracts.operations import Operation, as_json, operations, sample
from tests.factories.cast import Cast

UUIDS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MAKER = RequestFactory()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    code: str
    content: bytes
    sent: frozenset[bytes]


def send(
    operation: Operation, caller: Caller, refers: Refers, query: Mapping[str, str] | None = None
) -> Answer:
    """Send a well-formed request, past the layers that only find out who asks, and undo what it did."""
    key = refers.key(operation.model)
    body = operation.body
    said = sample(body, refers) if body is not None else None
    address = operation.address(key)
    asked = dict(query or {})
    if operation.reads:
        asked |= {name: str(given) for name, given in (said or {}).items()}
    if hasattr(operation.resource, "asks"):
        asked |= {name: str(given) for name, given in sample(operation.resource.asks(), refers).items()}
    upload = operation.said.body is not None and body is None
    content = b"" if operation.reads or (said is None and not upload) else b"x" if upload else as_json(said)
    kind = "text/csv" if upload else "application/json"
    headers = {"Authorization": "Bearer hvr_", "If-Match": '"1"', "Idempotency-Key": "once"}
    if not operation.said.once:
        del headers["Idempotency-Key"]
    text = "&".join(f"{name}={given}" for name, given in asked.items())
    request = MAKER.generic(
        operation.method, f"{address}?{text}" if text else address, content, kind, headers=headers
    )
    kwargs = {"id": UUID(str(key))} if "{id}" in operation.pattern else {}
    with transaction.atomic():
        response = operation.callback(request, **kwargs)
        if hasattr(response, "render"):
            response.render()
        told = b"".join(response.streaming_content) if response.streaming else response.content
        for close in response._resource_closers:
            close()  # not response.close(): that ends the connection, and with it the test's transaction
        transaction.set_rollback(True)
    sent = frozenset(UUIDS.findall(request.get_full_path().encode() + content))
    code = ""
    if response.status_code >= 400:
        code = json.loads(told).get("code", "") if told else ""
    return Answer(response.status_code, code, told, sent)


@dataclass
class Table:
    """What was tried, and what was not as it must be."""

    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def note(self, cell: str, answer: Answer, right: bool, hidden: set[bytes]) -> None:
        """Write down one cell."""
        self.cells += 1
        if not right:
            self.wrong.append(f"{cell}: {answer.status} {answer.code}")
        if told := (set(UUIDS.findall(answer.content)) & hidden) - answer.sent:
            self.leaks.append(f"{cell}: {sorted(told)[:2]}")


def asked_of(operation: Operation) -> Permission | Scope | Open:
    """Give what the reviewed list says."""
    return listed()[str(operation)]


def right(operation: Operation, caller: Caller, whole: Whole, answer: Answer) -> bool:
    """Tell whether an answer is one that the tables of permissions allow."""
    asked = asked_of(operation)
    status, code = answer.status, answer.code
    if status >= 500 or status == 401:
        return False
    if isinstance(asked, Open):
        return status == 200
    scope = SCOPE_OF[asked] if isinstance(asked, Permission) else asked
    if scope not in caller.scopes:
        return (status, code) == (403, "scope_missing")
    if isinstance(asked, Scope) or not operation.programmes:
        return True
    if operation.name == "list":
        return status == 200 or (status == 404 and str(operation) in NEEDS)
    if str(operation) in KEYLESS:
        return status == 200
    return _allowed(operation, asked, caller.may(whole.programme), answer)


def _allowed(operation: Operation, asked: Permission, held: frozenset[Permission], answer: Answer) -> bool:
    status, code = answer.status, answer.code
    if Permission.VIEW not in held:
        return status == 404
    if code and code in OTHERWISE.get(str(operation), ((), ""))[0]:
        return True
    if asked not in held:
        return status == 403
    if operation.reads:
        return 200 <= status < 300
    return status != 404 and code not in ("not_allowed", "only_reads")


KEYLESS: Mapping[str, str] = {
    "GET indicators/portfolio": "it adds up the programmes that the caller may view, and names none",
    "GET programmes/after-handovers": "it tells of the programmes that the caller may view, and names none",
}
"""Readings that are about no programme in particular."""

NEEDS: Mapping[str, str] = {
    "GET values": "programme",
    "GET drafts": "submission",
}
"""Lists that are given for one thing only, and the filter that names it."""

SIDES = "the plan names who does this: a permission on the programme is not enough"
STATE = "its state is told to everybody who may read it, before it is asked who may change it"
ENDED = "a former steward's view ends before scores that were not closed by then"
ROWS = "the row of the scene is none that this can be done with, and whoever may read it is told so"

OTHERWISE: Mapping[str, tuple[tuple[str, ...], str]] = {
    "GET assessments/{id}": (("not_found",), ENDED),
    "POST assessments/{id}/close": (("not_found",), ENDED),
    "POST assessments/{id}/reconcile": (("not_found",), ENDED),
    "POST assessments/{id}/score": (("not_found",), ENDED),
    "GET assessments/{id}/gap": (
        ("scores_sealed", "not_found"),
        "sealed until one's own are closed; " + ENDED,
    ),
    "GET assessments/{id}/scores": (
        ("scores_sealed", "not_found"),
        "sealed until one's own are closed; " + ENDED,
    ),
    "GET evidence/{id}/file": (
        ("is_link", "not_found"),
        "evidence of the scene is a link; a view may end before it",
    ),
    "GET exports/{id}/file": (("not_found",), ROWS),
    "GET programmes/{id}/entry-proof": (("not_found",), "a view may end before the entry"),
    "GET indicators/{id}/groups": (("not_allowed",), "a donor reads totals alone"),
    "GET indicators/{id}/places": (("not_allowed",), "a donor reads totals alone"),
    "GET jobs/{id}": (("not_found",), "a job is told to the side that asked for it"),
    "POST jobs/{id}/cancel": (
        ("not_found", "not_allowed"),
        "a job is called off by whoever may do what it does",
    ),
    "GET provenance/{id}/file": (("not_found",), ROWS),
    "GET undertaking-years/{id}/file": (
        ("is_link", "not_found"),
        "a year of the scene has no file; a view may end before it",
    ),
    "PATCH undertaking-years/{id}": (("not_yours",), "each organisation changes its own words alone"),
    "GET submissions/{id}": (
        ("not_found",),
        "only the author's organisation reads a submission that is not handed in",
    ),
    "PATCH budget-steps/{id}": (("not_allowed",), "each organisation keeps its own calendar"),
    "POST budget-steps": (("not_allowed",), "each organisation keeps its own calendar"),
    "POST budget-steps/adopt": (("not_allowed",), "each organisation keeps its own calendar"),
    "POST axes/create-standard": (("not_found",), "no axis of that name ships, whoever asks"),
    "POST interventions/{id}/not-after": (("not_found",), ROWS),
    "POST needs/{id}/release": (("not_found",), ROWS),
    "POST legal-acts/{id}/restate": (
        ("not_allowed",),
        "an act is restated by the organisation that entered it",
    ),
    "POST milestones/{id}/sign": (("only_reads",), SIDES),
    "POST transfers/{id}/execute": (("already_executed",), STATE),
    "POST transfers/{id}/accept": (("not_allowed", "only_reads"), SIDES),
    "POST transfers/{id}/propose": (("not_allowed", "only_reads", "plan_fixed"), SIDES + "; " + STATE),
    **dict.fromkeys(
        (
            "POST submissions/{id}/approve",
            "POST submissions/{id}/remove-rows",
            "POST submissions/{id}/return",
            "POST submissions/{id}/rows",
            "POST submissions/{id}/submit",
            "POST submissions/{id}/withdraw",
        ),
        (
            ("not_found", "wrong_state"),
            "only the author's organisation sees it before it is handed in; " + STATE,
        ),
    ),
}
"""What else somebody with a standing may be told, by code, and why. Nobody without one is told any of it."""


def hidden_from(caller: Caller, scene: Scene) -> set[bytes]:
    """Give the UUIDs of all rows of programmes in which a caller's organisation has no standing."""
    return {
        key.encode()
        for whole in (scene.home, scene.second, scene.foreign)
        if whole.programme.pk not in caller.standings
        for key in whole.uuids
    }


def fill(table: Table, scene: Scene) -> None:
    """Try every cell of a phase.

    Where the transfer stands changes nothing of a programme that it does not touch: after the first phase, rows of the
    other tenant are read by everybody, and lists with them, while commands are tried on the programme that moves.
    """
    for caller in scene.callers:
        hidden = hidden_from(caller, scene)
        with asking(caller.actor):
            for whole in (scene.home, scene.foreign):
                refers = Refers(whole)
                for operation in operations():
                    if whole is scene.foreign and scene.phase is not Phase.BEFORE and not operation.reads:
                        continue
                    answer = send(operation, caller, refers, _filter(operation, refers, scene))
                    cell = f"{scene.phase} {caller.name} {operation} of {_whose(caller, whole)}"
                    table.note(cell, answer, right(operation, caller, whole, answer), hidden)


def _filter(operation: Operation, refers: Refers, scene: Scene) -> dict[str, str]:
    """Ask for lists as they are, and once more for those of the other tenant's programme."""
    if operation.name != "list":
        return {}
    if str(operation) in NEEDS:
        name = NEEDS[str(operation)]
        return {name: str(refers(name))}
    kind = operation.resource.filterset_class
    named = kind is not None and "programme" in kind.base_filters
    return {"programme": str(refers("programme"))} if named and refers.whole is scene.foreign else {}


def _whose(caller: Caller, whole: Whole) -> str:
    kind = caller.standings.get(whole.programme.pk)
    if kind is None:
        return "another tenant"
    return {StandingKind.STEWARD: "own", StandingKind.FORMER_STEWARD: "former"}.get(kind, "shared")


LEAST = {Phase.BEFORE: 12_000, Phase.DURING: 8_000, Phase.AFTER: 8_000}
"""Cells that a phase has at least: the table does not shrink unnoticed."""


@pytest.mark.slow
@pytest.mark.parametrize("phase", list(Phase))
def test_everybody_gets_what_the_tables_of_permissions_say(
    phase: Phase, cast: Cast, programme: Programme, capsys: pytest.CaptureFixture[str]
) -> None:
    made = scene(phase, cast, programme)
    table = Table()
    fill(table, made)
    with capsys.disabled():
        print(f"\n{phase}: {len(operations())} operations, {table.cells} cells, {len(table.leaks)} leaks")
    assert table.leaks == []
    assert table.wrong == []
    assert table.cells >= LEAST[phase]


def test_nobody_gets_past_the_door_of_any_operation(cast: Cast) -> None:
    """Without a key, and with one that is good for nothing."""
    client = Client()
    inside = []
    for headers in ({}, {"Authorization": "Bearer hvr_unknown"}):
        for operation in operations():
            answer = client.generic(
                operation.method, operation.address(UUID(int=1)), b"{}", "application/json", headers=headers
            )
            if answer.status_code != 401:
                inside.append(f"{operation}: {answer.status_code}")
    assert inside == []
