"""The door of SCIM. What lies behind it is loaded with the first request: the command line never needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from handover.views.routes import open_to

REASON: Final = "an organisation's directory, by the organisation's token with the scope provision"

View = Callable[..., HttpResponse]


def _endpoint(name: str) -> View:
    # No cookie counts here, so there is nothing to forge.
    @csrf_exempt
    @open_to(REASON)
    def view(request: HttpRequest, key: str = "") -> HttpResponse:
        from handover.api.scim.endpoints import respond

        return respond(request, name, key)

    return view


users = _endpoint("users")
groups = _endpoint("groups")
config = _endpoint("config")
types = _endpoint("types")
schemas = _endpoint("schemas")
unsupported = _endpoint("unsupported")
nothing = _endpoint("nothing")
