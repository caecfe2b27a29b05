"""Who calls: a key in the ``Authorization`` header, and how many requests it has made in this minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http import HttpRequest, HttpResponse

from handover import clock
from handover.access import Actor
from handover.api.problems import problem_response, too_large
from handover.models import User
from handover.queries.tokens import actor_by_key

INTERFACES: Final = ("/api/", "/scim/")
"""Beginnings of the addresses where a key is taken; the pages know sessions alone."""

API: Final = "/api/"

WINDOW: Final = dt.timedelta(minutes=1)


class Callers:
    """Find whose key a request carries, and refuse those who ask too often. It runs before the request's transaction:
    a count must stay when the request is rolled back, and must not make two requests wait for each other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 429 to whoever is over the limit, else pass on."""
        if not request.path.startswith(INTERFACES):
            return self.get_response(request)
        key = key_of(request)
        actor = actor_by_key(key) if key else None
        request.key_actor = actor  # type: ignore[attr-defined]
        callers = _callers(request, actor, keyed=bool(key))
        if not callers:
            return self._pass_on(request)
        left, limit = _count(callers)
        reset = _seconds_left(clock.wall())
        if left < 0:
            response = problem_response(
                request,
                "too_many_requests",
                f"You may ask {limit} times a minute: wait {reset} seconds.",
                429,
            )
            response["Retry-After"] = str(reset)
        else:
            response = self._pass_on(request)
        response["RateLimit-Limit"], response["RateLimit-Remaining"] = str(limit), str(max(left, 0))
        response["RateLimit-Reset"] = str(reset)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Refuse a request that Django itself finds too large before anybody has read it."""
        if request.path.startswith(API) and isinstance(exception, RequestDataTooBig):
            refused = too_large()
            return problem_response(request, refused.code, refused.sentence, refused.status_code)
        return None

    def _pass_on(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; that there is no such address is told as every other refusal."""
        response = self.get_response(request)
        if response.status_code == 404 and request.resolver_match is None and request.path.startswith(API):
            return problem_response(request, "not_found", "There is no such address.", 404)
        return response


def key_of(request: HttpRequest) -> str:
    """Give the key that a request carries, or nothing."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""


def carries_key(request: HttpRequest) -> bool:
    """Tell whether a request to an interface comes with a key: then its session counts for nothing."""
    return request.path.startswith(INTERFACES) and bool(request.headers.get("Authorization"))


def _callers(request: HttpRequest, actor: Actor | None, *, keyed: bool) -> dict[str, int]:
    """Give who is counted, each with their limit: the token and its user, else the user of the session."""
    if actor is not None:
        return {
            f"token:{actor.token}": settings.REQUESTS_A_MINUTE["token"],
            f"user:{actor.user.uuid}": settings.REQUESTS_A_MINUTE["user"],
        }
    if not keyed and isinstance(request.user, User):
        return {f"user:{request.user.uuid}": settings.REQUESTS_A_MINUTE["user"]}
    return {}


def _count(callers: dict[str, int]) -> tuple[int, int]:
    """Count one request of each caller; give what is left to the one who is nearest to their limit, and that limit."""
    began = clock.wall().replace(second=0, microsecond=0)
    rows = ", ".join(["(%s, %s, 1)"] * len(callers))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO handover_requestwindow AS w (caller, began_at, requests) VALUES {rows}
            ON CONFLICT (caller) DO UPDATE SET began_at = excluded.began_at,
              requests = CASE WHEN w.began_at = excluded.began_at THEN w.requests + 1 ELSE 1 END
            RETURNING caller, requests
            """,
            [item for caller in sorted(callers) for item in (caller, began)],
        )
        return min((callers[caller] - requests, callers[caller]) for caller, requests in cursor.fetchall())


def _seconds_left(now: dt.datetime) -> int:
    return int(WINDOW.total_seconds()) - now.second
