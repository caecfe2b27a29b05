"""SCIM as a conformance tester of its own sees it: every check of RFC 7643 and RFC 7644, through the whole stack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test.utils import override_settings
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import ScimProvider
from scim2_tester import Status, check_server

from handover import clock
from handover.actions import tokens
from handover.permissions import Scope
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

NOT_OFFERED = {
    # A directory asks at /Users and /Groups; a search over all kinds at once is optional, and answered 501.
    "search_with_attributes",
}
"""Checks that are skipped, because what they check is optional and not offered."""

FINE = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the connection of the test's transaction open between requests, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def client_of(cast: Cast, one_connection: None) -> WSGISCIMClient:
    issued = tokens.issue_for_organisation(
        by=cast.receiver,
        title="The directory",
        scopes=[Scope.PROVISION],
        expires_at=clock.now() + dt.timedelta(days=90),
    )
    return WSGISCIMClient(
        WSGIHandler(),
        base_url="http://testserver/scim/v2",
        headers={"Authorization": f"Bearer {issued.key}"},
        provider=ScimProvider(),
    )


def test_a_conformance_tester_finds_nothing_wrong(client_of: WSGISCIMClient) -> None:
    with override_settings(REQUESTS_A_MINUTE={"token": 100_000, "user": 100_000}):
        found = check_server(client_of)
    wrong = [
        (result.title, result.resource_type, result.reason) for result in found if result.status not in FINE
    ]
    skipped = {result.title for result in found if result.status is Status.SKIPPED}
    assert wrong == []
    assert skipped == NOT_OFFERED
    assert {result.resource_type for result in found} == {None, "User", "Group"}
    assert len(found) > 50, "it has checked next to nothing"
