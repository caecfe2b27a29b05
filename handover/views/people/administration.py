"""What pages of an organisation have in common: who may open them, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from handover import access
from handover.access import Actor
from handover.errors import NotAllowed
from handover.queries.activity import is_own
from handover.views.pages import asker, page

OWN: Final = (
    "the pages of one's own organisation: its people see them, its managers change it; the action asks again"
)

TABS: Final = (
    ("organisation", gettext_noop("Members"), "member"),
    ("organisation-representatives", gettext_noop("Who signs for it"), "member"),
    ("reorganisations", gettext_noop("Mergers and splits"), "member"),
    ("organisation-settings", gettext_noop("Settings"), "manager"),
    ("organisation-tokens", gettext_noop("Tokens"), "manager"),
    ("organisation-webhooks", gettext_noop("Webhooks"), "manager"),
    ("organisation-activity", gettext_noop("Activity"), "auditor"),
)
"""Pages of an organisation, and who is shown the way: everybody there, its managers, or they and its auditors."""


def manager() -> Actor:
    """Give who asks, if they manage the organisation that they act for.

    Raises:
        Http404: they hold no seat anywhere.
        NotAllowed: they do not manage it.
    """
    actor = asker()
    if not access.manages(actor, actor.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {actor.organisation.name} may do this.")
    return actor


def shown(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, actor: Actor, status: int = 200
) -> HttpResponse:
    """Render a page of the actor's organisation with the way to the others."""
    manages = access.manages(actor, actor.organisation)
    open_to = {"member"} | ({"manager"} if manages else set())
    if manages or is_own(actor, actor.organisation):
        open_to.add("auditor")
    tabs = [
        {"address": reverse(name), "label": gettext(label), "current": request.path == reverse(name)}
        for name, label, whom in TABS
        if whom in open_to
    ]
    said = {"organisation": actor.organisation, "tabs": tabs, "manages": manages, **context}
    return page(request, f"handover/people/{template}.html", said, status=status)
