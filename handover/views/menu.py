"""What stands above every page: where a person can go, for whom they act, and in which colour."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from handover.access import who_asks

PLACES: Final = (
    ("home", gettext_noop("Waiting for you")),
    ("programmes", gettext_noop("Programmes")),
    ("portfolio", gettext_noop("Portfolio")),
    ("held", gettext_noop("What we hold")),
    ("after-handovers", gettext_noop("After handovers")),
    ("exceptions", gettext_noop("Exceptions")),
    ("organisation", gettext_noop("Organisation")),
    ("search", gettext_noop("Search")),
    ("you", gettext_noop("Your account")),
)
"""Names of addresses that take nothing, with their labels, in order. One whose page is not there is left out."""


def menu(request: HttpRequest) -> dict[str, Any]:
    """Give the languages by their own names; the menu, whom the person acts for, and the address of its colours."""
    spoken = {"spoken": settings.LANGUAGES}
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return spoken
    actor = who_asks()
    organisation = actor.organisation if actor is not None else None
    colour = getattr(organisation, "colour", "")
    return spoken | {
        "menu": list(_places(request.path)),
        "acting_for": organisation.name if organisation is not None else "",
        "theme": reverse("theme", args=[colour.lstrip("#")]) if colour else "",
    }


def _places(path: str) -> Any:
    for name, label in PLACES:
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        exact = path == address
        current = exact or (address != "/" and path.startswith(address))
        yield {"address": address, "label": gettext(label), "current": current, "exact": exact}
