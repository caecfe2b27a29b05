"""No address without a reviewed line that says who may open it."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, clear_url_caches, get_resolver, path
from django.urls.resolvers import RoutePattern

from handover.models import User
from handover.permissions import Permission
from tests.contracts.resolver import every_route
from tests.contracts.routes import ROUTES, WHOLE, Operators, Public
from tests.factories.cast import Cast

KEYS = {
    "UUIDConverter": str(UUID(int=0)),
    "IntConverter": "0",
    "SlugConverter": "x",
    "StringConverter": "x",
    "PathConverter": "x",
}
TURNED_AWAY = (301, 302, 401, 403, 404, 405)


def _comes_as_a_whole(route: str) -> bool:
    return any(route.startswith(beginning) for beginning in WHOLE)


def _address(route: str, entry: URLPattern) -> str | None:
    """Give an address that a pattern matches, with keys that lead to nothing."""
    address = route
    if not isinstance(entry.pattern, RoutePattern) and "(" in route:
        return None
    for name, converter in entry.pattern.converters.items():
        kind = type(converter).__name__
        for written in (
            f"<{name}>",
            *(f"<{word}:{name}>" for word in ("uuid", "int", "slug", "str", "path")),
        ):
            address = address.replace(written, KEYS.get(kind, "x"))
    return "/" + address if "<" not in address else None


def test_every_route_is_on_the_reviewed_list() -> None:
    unlisted = {route for route, _ in every_route() if not _comes_as_a_whole(route)} - ROUTES.keys()
    assert unlisted == set(), "say in tests/contracts/routes.py what it asks"


def test_no_reviewed_route_has_gone() -> None:
    routes = {route for route, _ in every_route()}
    assert ROUTES.keys() - routes == set()
    assert [
        beginning for beginning in WHOLE if not any(route.startswith(beginning) for route in routes)
    ] == []


def test_what_asks_nothing_says_why() -> None:
    assert [route for route, asks in {**ROUTES, **WHOLE}.items() if not getattr(asks, "reason", asks)] == []


def test_every_view_is_marked_as_the_list_says() -> None:
    marked = {}
    for route, entry in every_route():
        if not _comes_as_a_whole(route) and route in ROUTES:
            may, reason = getattr(entry.callback, "may", None), getattr(entry.callback, "open_to", None)
            right = (
                may is ROUTES[route]
                if isinstance(ROUTES[route], Permission)
                else may is None and bool(reason)
            )
            if not right:
                marked[route] = may or reason
    assert marked == {}


def test_the_installation_does_not_start_with_a_route_that_is_not_marked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from handover import urls
    from handover.checks import routes_name_their_permission

    assert routes_name_their_permission(None) == []

    def unmarked(request: HttpRequest) -> HttpResponse:
        return HttpResponse("open to all")

    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("forgotten/", unmarked)])
    clear_url_caches()
    monkeypatch.setattr(get_resolver(), "url_patterns", urls.urlpatterns)
    try:
        (error,) = routes_name_their_permission(None)
    finally:
        clear_url_caches()
    assert (error.id, "forgotten/" in str(error.msg)) == ("handover.E002", True)


def test_no_two_routes_share_a_name() -> None:
    names = [entry.name for route, entry in every_route() if entry.name and not _comes_as_a_whole(route)]
    assert len(names) == len(set(names))


@pytest.mark.django_db
def test_whoever_is_not_signed_in_is_turned_away(client: Client) -> None:
    open_doors = []
    for route, entry in every_route():
        asks = next((WHOLE[start] for start in WHOLE if route.startswith(start)), ROUTES.get(route))
        address = _address(route, entry)
        if isinstance(asks, Public) or address is None:
            continue
        if "/login/" in address or "/logout/" in address or "jsi18n" in address:
            continue  # the admin site's own door
        status = client.get(address).status_code
        if status not in TURNED_AWAY:
            open_doors.append(f"{address}: {status}")
    assert open_doors == []


@pytest.mark.django_db
def test_the_operators_pages_turn_everybody_else_away(cast: Cast, client: Client) -> None:
    client.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    open_doors = []
    for route, entry in every_route():
        address = _address(route, entry)
        guarded = any(
            route.startswith(start) and isinstance(asks, Operators) for start, asks in WHOLE.items()
        )
        if (
            not guarded
            or address is None
            or any(part in address for part in ("/login/", "/logout/", "jsi18n"))
        ):
            continue
        status = client.get(address).status_code
        if status not in TURNED_AWAY:
            open_doors.append(f"{address}: {status}")
    assert open_doors == []


@pytest.mark.django_db
def test_an_operators_page_shows_nothing_of_any_programme(cast: Cast) -> None:
    """The admin site keeps the directory; what tenants hold is not registered there at all."""
    from django.contrib import admin

    from handover.models.base import InProgramme

    registered = [model for model in admin.site._registry if issubclass(model, InProgramme)]
    assert registered == []
    assert User.objects.filter(is_superuser=True).count() == 0
