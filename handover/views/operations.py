"""For whoever watches the server: alive, ready, figures. Answered before anybody is asked who they are."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from handover.operations import health, metrics
from handover.views.routes import open_to


@open_to("it says nothing but that the process answers")
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; it asks nobody else, the database neither."""
    return _plain(JsonResponse({"alive": True}))


@open_to("it names what does not work by a code, and nothing else")
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether the installation can work now: 503 where it cannot."""
    codes = health.unready()
    return _plain(
        JsonResponse({"ready": not codes, "codes": list(codes)}, status=503 if codes else 200),
    )


@open_to("a secret of its own guards it; without that there is no such address")
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Give the figures to whoever brings the key of the environment."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    given = kind.lower() == "bearer" and constant_time_compare(key.strip(), settings.METRICS_KEY)
    if not settings.METRICS_KEY or not given:
        return _plain(HttpResponseNotFound("Not found\n", content_type="text/plain; charset=utf-8"))
    return _plain(HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST))


def _plain(response: HttpResponse) -> HttpResponse:
    """Keep an answer out of caches, and from being taken for something else."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
