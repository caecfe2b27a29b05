"""Every page with an address that leads to a row of a programme, and whoever opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.test import Client

from tests.contracts.api_world import Caller, Whole
from tests.contracts.asks import Asks, Directory, Interface, Operators, Public, SignedIn
from tests.contracts.resolver import every_route
from tests.contracts.routes import ROUTES, WHOLE

PARAMETER: Final = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
GIVEN: Final = {"colour": "1d4f7a", "pk": "0", "key": "x"}
"""Parameters that are no UUID of a row, with what they may be."""
NAMED: Final = {
    "milestone": "handover.TransferMilestone",
    "act": "handover.LegalAct",
    "legal_act": "handover.LegalAct",
    "token": "handover.AccessToken",
    "organisation": "handover.Organisation",
    "user": "handover.User",
    "person": "handover.User",
}
"""Parameters whose name is not their model's: ``milestone_uuid``."""
UNSEEN: Final = (Directory, Interface, Operators)
"""Addresses that are no pages, or are guarded as a whole."""


@dataclass(frozen=True)
class PageRoute:
    """A route of a page, and what it asks."""

    route: str
    asks: Asks
    methods: frozenset[str]

    @property
    def about_a_programme(self) -> bool:
        """Whether the page is about one programme, by itself or by a row of it."""
        return any(match["kind"] == "uuid" for match in PARAMETER.finditer(self.route))

    def address(self, whole: Whole) -> str:
        """Give the address that leads to a programme's rows."""
        return "/" + PARAMETER.sub(
            lambda match: _value(match["kind"] or "str", match["name"], whole), self.route
        )


@cache
def page_routes() -> tuple[PageRoute, ...]:
    """Give every page, sorted by its route."""
    return tuple(sorted(_routes(), key=lambda page: page.route))


def _routes() -> Iterator[PageRoute]:
    for route, entry in every_route():
        asks = ROUTES.get(route)
        if asks is None or isinstance(asks, UNSEEN) or any(route.startswith(start) for start in WHOLE):
            continue
        yield PageRoute(route, asks, frozenset(methods_of(entry.callback)))


def methods_of(view: Any) -> set[str]:
    """Give the methods that a view answers; ``require_http_methods`` keeps them in a closure."""
    inner = view
    while inner is not None:
        for cell in getattr(inner, "__closure__", None) or ():
            said = cell.cell_contents
            if (
                isinstance(said, list)
                and said
                and all(isinstance(name, str) and name.isupper() for name in said)
            ):
                return set(said)
        inner = getattr(inner, "__wrapped__", None)
    return {"GET", "POST"}


def _value(kind: str, name: str, whole: Whole) -> str:
    if name in GIVEN:
        return GIVEN[name]
    if kind == "uuid":
        return str(_uuid(name.removesuffix("_uuid"), whole))
    return _choice(name)


def _uuid(noun: str, whole: Whole) -> UUID:
    label = NAMED.get(noun)
    if label is None:
        plain = noun.replace("_", "")
        label = next(
            (key for key in _labels() if key.partition(".")[2].lower() in (plain, f"transfer{plain}")), ""
        )
    if label == "handover.Organisation":
        return whole.steward.organisation.uuid
    found = whole.keys.get(label)
    return found or UUID(int=0)


@cache
def _labels() -> tuple[str, ...]:
    return tuple(model._meta.label for model in apps.get_models())


def _choice(name: str) -> str:
    return CHOICES.get(name, "x")


CHOICES: Final[dict[str, str]] = {"noun": "posts", "seq": "1"}
"""Parameters that choose among a few, by name."""


def client_of(caller: Caller) -> Client:
    """Give a browser in which somebody is signed in and acts for their organisation."""
    client = Client(raise_request_exception=False)
    client.force_login(caller.actor.user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["organisation"] = caller.actor.organisation.slug
    session.save()
    return client


__all__ = ["PageRoute", "Public", "SignedIn", "client_of", "methods_of", "page_routes"]
