"""A small client of the REST interface: copy it into your own code. It needs Python 3.11 and `requests`.

It goes through the pages of a list, waits where it is told to, names the version that an edit rests on, sends a POST
with a key so that nothing happens twice, and raises what was refused with its code.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import requests

LOST = (requests.ConnectionError, requests.Timeout)
"""Ways in which an answer gets lost."""


class Problem(Exception):
    """What was refused, as RFC 9457 tells it. Decide by ``code``: titles and details are sentences for people."""

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(told.get("code", ""))
        self.field = str(told.get("field", ""))
        self.errors: list[dict[str, str]] = list(told.get("errors", []))
        self.details: dict[str, Any] = dict(told.get("details", {}))
        super().__init__(f"{status} {self.code}: {told.get('detail') or told.get('title', '')}")


class Handover:
    """An installation, as the owner of one token reaches it."""

    def __init__(
        self, url: str, token: str, *, language: str = "en", tries: int = 4, timeout: float = 60
    ) -> None:
        """Prepare requests below ``url``, for example ``https://handover.town.example/api/v1``."""
        self._url = url.rstrip("/")
        self._tries = tries
        self._timeout = timeout
        self._session = requests.Session()
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept-Language": language})

    def get(self, path: str, **parameters: Any) -> Any:
        """Read one thing: a row, or the answer to a question about it."""
        return self._ask("GET", path, parameters=parameters)

    def rows(self, noun: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Read a whole list, page by page."""
        asked: dict[str, Any] = {"page_size": 200, **filters}
        while asked:
            page = self._ask("GET", noun, parameters=asked)
            yield from page["results"]
            # Of the next page's address only the parameters are taken: the token goes to no other address.
            asked = dict(parse_qsl(urlsplit(page["next"] or "").query))

    def post(self, path: str, body: Any = None, *, version: int | None = None, key: str | None = None) -> Any:
        """Command something, once: the same ``key`` again gets the same answer.

        A key is made up where none is given; where an answer holds a secret none may be sent: ``key=""``.
        """
        key = str(uuid4()) if key is None else key
        return self._ask("POST", path, body, version=version, key=key)

    def patch(self, path: str, changes: Any, *, version: int) -> Any:
        """Change a row that was read in this version; if it has changed since, it is refused as ``stale_version``."""
        return self._ask("PATCH", path, changes, version=version)

    def delete(self, path: str, *, version: int | None = None) -> None:
        """Remove a row."""
        self._ask("DELETE", path, version=version)

    def _ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        parameters: Mapping[str, Any] | None = None,
        version: int | None = None,
        key: str = "",
    ) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        headers |= {"If-Match": f'"{version}"'} if version is not None else {}
        for left in reversed(range(self._tries)):
            try:
                answer = self._session.request(
                    method,
                    f"{self._url}/{path.lstrip('/')}",
                    params=parameters,
                    json=body,
                    headers=headers,
                    timeout=self._timeout,
                )
            except LOST:
                # Whether it was done is not known: only what is read, or has a key, may be asked again.
                if not left or not (method == "GET" or key):
                    raise
                continue
            if answer.status_code == 429 and left:
                time.sleep(float(answer.headers.get("Retry-After", "1")))
                continue
            return _told(answer)
        raise AssertionError("a client tries at least once")


def _told(answer: requests.Response) -> Any:
    """Give what was answered, or raise what was refused."""
    kind = answer.headers.get("Content-Type", "")
    told = answer.json() if "json" in kind else answer.content
    if not answer.ok:
        raise Problem(answer.status_code, told if isinstance(told, dict) else {"detail": answer.reason})
    return None if answer.status_code == 204 else told
