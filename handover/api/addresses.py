"""Addresses of the interface: a router that knows UUIDs and no trailing slash."""

from __future__ import annotations

from rest_framework import routers


class Addresses(routers.SimpleRouter):
    """Addresses of nouns: ``/nouns``, ``/nouns/{id}``, ``/nouns/{id}/verb``."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=False, use_regex_path=False)
