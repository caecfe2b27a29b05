"""Odd and hostile requests, made from the OpenAPI document, in every role: nothing breaks, all answers are described.

``make fuzz`` goes deeper: ``FUZZ_CASES`` requests of each kind for each operation and every role.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count as count_up
from typing import Any, Final

import hypothesis
import pytest
import schemathesis
from django.conf import LazySettings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from handover import clock
from handover.models import Programme
from tests.contracts.api_world import Phase, Refers, scene
from tests.contracts.operations import Operation, operations
from tests.factories.api import key_for
from tests.factories.cast import Cast

CASES: Final = int(os.environ.get("FUZZ_CASES", "1"))
"""Requests that fit the document, and as many that do not, for each operation and role."""

ONLY: Final = os.environ.get("FUZZ_ONLY", "")
"""Part of an operation's name (``POST imports``): the others are left out."""

LEAST: Final = 3
"""Roles that send each request at the least depth."""

ACCEPTED: Final = ["2xx", "401", "403", "404", "409", "412", "422", "428"]
"""What may answer a request that fits the document: rules of the domain are not in any schema."""

MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
ROLES: Final = (
    "giver", "giver_officer", "giver_reporter", "receiver", "community", "donor", "auditor", "stranger",
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Let requests use the test's own connection, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def loaded() -> Any:
    """Load the document from the application, as a client would."""
    config = SchemathesisConfig.from_dict(
        {"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}}
    )
    return schemathesis.openapi.from_wsgi("/api/openapi.yaml", get_wsgi_application(), config=config)


def test_no_request_breaks_anything_in_any_role(
    cast: Cast, programme: Programme, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.REQUESTS_A_MINUTE = {"token": 10**9, "user": 10**9}
    made = scene(Phase.DURING, cast, programme)
    roles = [*(key_for(getattr(cast, name)) for name in ROLES), ""]
    refers = Refers(made.home)
    known = {str(operation): operation for operation in operations()}
    reached: Counter[str] = Counter()
    broken: dict[str, str] = {}
    for described in _described(loaded()):
        name = f"{described.method.upper()} {described.path.removeprefix('/api/v1/')}"
        if ONLY not in name:
            continue
        reached[name] += 0
        try:
            _try_out(described, known[name], refers, roles, partial(reached.update, [name]))
        except (Exception, BaseExceptionGroup) as found:  # noqa: BLE001  the other operations are tried too
            broken[name] = _shortly(found)
    with capsys.disabled():
        tried = f"{len(reached)} operations, {len(roles)} roles, {sum(reached.values())} requests"
        print(f"\nfuzz: {tried}, {len(broken)} broken")
        for name, said in broken.items():
            print(f"{name}: {said}")
    assert broken == {}
    assert set(reached) == {name for name in known if ONLY in name}
    assert min(reached.values()) >= LEAST


def _described(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def _try_out(
    described: Any, operation: Operation, refers: Refers, roles: list[str], count: Callable[[], object]
) -> None:
    """Send requests of both kinds, each in every role, and take back what they did."""
    at: dict[str, Any] = {}
    if "{id}" in operation.pattern:
        at = {"path_parameters": {"id": str(refers.key(operation.model))}}
    turns = count_up(sum(operation.pattern.encode()))
    kinds = [
        described.as_strategy(generation_mode=mode, **at)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    ]

    @hypothesis.settings(
        max_examples=2 * CASES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=strategies.one_of(kinds))
    def each(case: Any) -> None:
        # At the least depth the roles take turns; each of them reaches a third of all operations, twice.
        first = next(turns) % len(roles)
        for key in roles if CASES > 1 else (roles * 2)[first : first + LEAST]:
            with transaction.atomic():
                headers = {"Authorization": f"Bearer {key}"} if key else {}
                response = case.call(headers=headers)
                count()
                transaction.set_rollback(True)
            try:
                case.validate_response(response, headers=headers)
            except BaseExceptionGroup as found:
                raise BaseExceptionGroup(
                    f"{response.status_code} {response.text[:300]}", found.exceptions
                ) from None

    with clock.at(clock.now()):
        each()


def _shortly(found: BaseException) -> str:
    inner = getattr(found, "exceptions", (found,))
    return f"{found} " + " | ".join(str(each).strip()[:700] for each in inner)
