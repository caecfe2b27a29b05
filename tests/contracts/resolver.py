"""Every address that the resolver knows."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def every_route() -> Iterator[tuple[str, URLPattern]]:
    """Walk the resolver: pattern as written, from the root, and what it leads to."""

    def walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
        for entry in resolver.url_patterns:
            here = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, here)
            else:
                yield here, entry

    yield from walk(get_resolver(), "")
