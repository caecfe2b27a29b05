"""What the page on handing over by API shows is what happens, request by request."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from handover.permissions import Scope
from tests.contracts.shown_requests import differences, requests_of
from tests.factories.api import key_for
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs/how-to/hand-a-programme-over-by-api.md"
URL = "http://testserver/api/v1"
SIDES = {"GIVER": "giver", "RECEIVER": "receiver", "COMMUNITY": "community"}


def test_every_request_of_the_page_is_answered_as_the_page_shows(cast: Cast) -> None:
    noted = {"URL": URL}
    for name, side in SIDES.items():
        scopes = [Scope.READ, Scope.SIGN, *([Scope.PLAN] if name == "GIVER" else [])]
        noted[name] = key_for(getattr(cast, side), scopes)
    there = Client(raise_request_exception=False)

    for shown in requests_of(PAGE):
        sent = shown.request(noted)
        answer = there.generic(sent.method, sent.address, sent.body, "application/json", headers=sent.headers)
        assert list(differences(shown.answer, answer.json(), noted)) == [], (shown.command, answer.content)

    assert noted["PROOF"]


def test_the_handover_of_the_page_takes_ten_requests() -> None:
    commands = [shown.command for shown in requests_of(PAGE)]
    first = next(number for number, command in enumerate(commands) if '$URL/programmes"' in command)
    last = next(number for number, command in enumerate(commands) if "/execute" in command)
    assert last - first + 1 == 10
