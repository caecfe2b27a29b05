"""Where a thing is done: the first of its pages that is there."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import NoReverseMatch, reverse

from handover.queries.tasks import Place


def address_of(places: Iterable[Place]) -> str:
    """Give the path of the first page that exists; empty where none does, so that no link leads nowhere."""
    for name, args in places:
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return ""
