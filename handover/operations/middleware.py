"""The outermost layer of every request: its id, its time, its line in the log; and the addresses of whoever watches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve

from handover.operations import logs, metrics

log = logging.getLogger(logs.REQUESTS)

HEADER: Final = "X-Request-ID"
AT_ONCE: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered before hosts, HTTPS, sessions and persons are looked at: a monitor has none of them."""


class Watched:
    """Give each request an id, count it, and write one line about it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say in the answer by which id the log knows the request."""
        request_id = logs.identified(request.headers.get(HEADER, ""))
        began = time.perf_counter()
        with logs.about(request, request_id):
            response = self._answer(request)
            seconds = time.perf_counter() - began
            method, route = logs.method_of(request), logs.route_of(request)
            metrics.count(method=method, route=route, status=response.status_code, seconds=seconds)
            milliseconds = round(seconds * 1000)
            log.info(
                "%s %s %s, %d ms",
                method,
                route,
                response.status_code,
                milliseconds,
                extra={
                    "method": method,
                    "route": route,
                    "status": response.status_code,
                    "milliseconds": milliseconds,
                },
            )
        response.headers[HEADER] = request_id
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in AT_ONCE:
            return self.get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return answer
