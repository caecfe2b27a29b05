"""Every route names its permission, or the reason why it needs none. One that does neither does not start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.urls import URLPattern, URLResolver, get_resolver

from handover.permissions import Permission

V = TypeVar("V", bound=Callable[..., Any])

FOREIGN = {
    "admin": "Django's admin: operators alone; it shows the shared directory and no programme",
    "static": "files of the pages",
}
"""Namespaces of others' routes, and why they may be there."""


def may(permission: Permission) -> Callable[[V], V]:
    """Say which permission a view asks ``access`` for."""

    def mark(view: V) -> V:
        view.may = permission  # type: ignore[attr-defined]
        return view

    return mark


def open_to(reason: str) -> Callable[[V], V]:
    """Say why a view asks for no permission: everybody, or everybody who is signed in, may see it."""

    def mark(view: V) -> V:
        view.open_to = reason  # type: ignore[attr-defined]
        return view

    return mark


def routes() -> Iterator[tuple[str, str, Any]]:
    """Give every route of the installation: (pattern, namespace, view)."""
    yield from _walk(get_resolver(), "", "")


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[tuple[str, str, Any]]:
    for item in resolver.url_patterns:
        path = f"{prefix}{item.pattern}"
        if isinstance(item, URLResolver):
            yield from _walk(item, path, item.namespace or namespace)
        elif isinstance(item, URLPattern):
            yield path, namespace, item.callback


def unnamed() -> list[str]:
    """Name the routes that say neither which permission they ask for nor why they ask for none."""
    return [path for path, namespace, view in routes() if namespace not in FOREIGN and not _named(view)]


def _named(view: Any) -> bool:
    """Tell whether a view says what it asks for; of a resource of the interface each handler must."""
    handlers = getattr(view, "actions", None)
    if handlers:
        return all(hasattr(getattr(view.cls, name, None), "command") for name in handlers.values())
    return hasattr(view, "may") or hasattr(view, "open_to")
