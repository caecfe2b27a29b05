"""Callers of the interface: a client with a token of its own for each of the cast."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.test import Client

from handover import clock
from handover.access import Actor
from handover.actions import tokens
from handover.permissions import PERSONAL_SCOPES, Scope

API = "/api/v1"


class Caller:
    """Somebody with a token: says method, address below ``/api/v1`` and body, and gets status, body and headers."""

    def __init__(self, key: str, client: Client | None = None) -> None:
        self.key = key
        self.client = client or Client(raise_request_exception=False)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | str | None = None,
        key: str | None = None,
        **headers: str,
    ) -> Answer:
        """Send one request: ``version`` becomes ``If-Match``, ``key`` the ``Idempotency-Key``."""
        said = {"Authorization": f"Bearer {self.key}", "Accept": "application/json", **headers}
        said |= {"If-Match": f'"{version}"'} if version is not None else {}
        said |= {"Idempotency-Key": key} if key is not None else {}
        response = self.client.generic(
            method,
            path if path.startswith("/") and path.startswith(API) else f"{API}/{path.lstrip('/')}",
            json.dumps(body) if body is not None else b"",
            "application/json",
            headers=said,
        )
        return Answer(response)

    def get(self, path: str, **headers: str) -> Answer:
        """Read."""
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **said: Any) -> Answer:
        """Command."""
        return self("POST", path, body, **said)

    def patch(self, path: str, body: Any, **said: Any) -> Answer:
        """Edit."""
        return self("PATCH", path, body, **said)


class Answer:
    """What came back."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        content = b"".join(response.streaming_content) if response.streaming else response.content
        self.content: bytes = content
        self.body: Any = json.loads(content) if "json" in response.headers.get("Content-Type", "") else None

    def __repr__(self) -> str:
        return f"{self.status} {self.content[:600]!r}"

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    @property
    def results(self) -> list[Any]:
        """Rows of a page."""
        rows: list[Any] = self.body["results"]
        return rows

    def good(self) -> Answer:
        """Insist that it was answered with 2xx."""
        assert 200 <= self.status < 300, self
        return self


def key_for(actor: Actor, scopes: Iterable[Scope] = PERSONAL_SCOPES) -> str:
    """Issue a personal token, good for a month."""
    wanted = list(scopes)
    return tokens.issue(
        by=actor, title=f"Test {uuid4()}", scopes=wanted, expires_at=clock.now() + dt.timedelta(days=30)
    ).key


def caller(actor: Actor, scopes: Iterable[Scope] = PERSONAL_SCOPES) -> Caller:
    """Give somebody a token, and a client that sends it."""
    return Caller(key_for(actor, scopes))
