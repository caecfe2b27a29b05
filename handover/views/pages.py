"""What every page of a programme begins with, and how a form does what an action does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from handover import access, notices
from handover.access import Actor, Reach, who_asks
from handover.errors import DomainError, NotAllowed, NotFound
from handover.holdings import Link, holdings
from handover.languages import language, refusal, translated
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission

T = TypeVar("T")

OWN_LINKS: Sequence[Link] = (
    Link("programme", "Overview", 0),
    Link("transfers", "Transfer", 60),
    Link("blockers", "What blocks", 62),
    Link("readiness", "Readiness", 64),
    Link("registers", "Staff, equipment and money", 70),
    Link("obligations", "Obligations", 75),
    Link("after", "After the handover", 77),
    Link("audits", "Audits", 78),
    Link("documents", "Documents", 80),
    Link("programme-people", "People and permissions", 90),
    Link("programme-activity", "Activity", 95),
)
"""The kernel's own pages of a programme; the apps' come through their holdings."""


ASKING: Mapping[str, Permission] = {"programme-activity": Permission.READ_LEDGER}
"""What a page asks beyond reading: its link is not shown to whoever does not hold it."""


@dataclass
class Visit:
    """Somebody on a page of a programme: who they are, and how far they reach here."""

    request: HttpRequest
    actor: Actor
    programme: Programme

    @cached_property
    def reach(self) -> Reach:
        """Give standings, permissions and what ends the view, as they were when the programme was opened."""
        return access.reached(self.actor, self.programme)

    @property
    def language(self) -> str:
        """Give the reader's language as two letters."""
        return language()

    @property
    def title(self) -> str:
        """Give the programme's title in the reader's language, else its identifier."""
        return best(self.programme.title, language()) or self.programme.identifier

    def can(self, permission: Permission) -> bool:
        """Tell whether the actor holds a permission on the programme; a page offers nothing else."""
        return permission in self.reach.permissions


def asker() -> Actor:
    """Give who asks.

    Raises:
        Http404: the person holds no seat anywhere, so nothing is open to them.
    """
    actor = who_asks()
    if actor is None:
        raise Http404
    return actor


def visit(request: HttpRequest, programme_uuid: UUID, *, may: Permission) -> Visit:
    """Open a programme's page for whoever asks.

    Raises:
        Http404: there is no such programme, or it is not open to the actor.
        NotAllowed: it is open to them, but this is not.
    """
    actor = asker()
    return Visit(request, actor, found(access.programme_for, actor, programme_uuid, may=may))


def found(fetch: Callable[..., T], *args: object, **kwargs: object) -> T:
    """Fetch something through ``access`` or a query; what is not open to the actor is not there.

    Raises:
        Http404: nothing is there for the actor.
    """
    try:
        return fetch(*args, **kwargs)
    except NotFound:
        raise Http404 from None


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    here: Visit | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page; one of a programme gets its title, its sub-navigation and the way back."""
    said: dict[str, Any] = dict(context or {})
    if here is not None:
        said |= {
            "here": here,
            "programme": here.programme,
            "programme_title": here.title,
            "cutoff": here.reach.cutoff,
            "subnav": _links(here),
        }
    return render(request, template, said, status=status)


def perform(form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Do what a form asks for; a refusal becomes the form's error, and nothing has happened.

    Args:
        form: a bound, valid form. A refusal about a field of its own stands at that field.
        act: calls one action, or several that stand or fall together.

    Returns:
        Whether it was done.

    Raises:
        Http404: the thing is not there for the actor.
    """
    try:
        with transaction.atomic(), notices.collected() as heard:
            act()
    except NotFound:
        raise Http404 from None
    except DomainError as error:
        name = str(error.details.get("field", "") or "")
        form.add_error(name if name in form.fields else None, refusal(error))
        for gate in getattr(error, "gates", ()):
            form.add_error(None, refusal(gate))
        return False
    _tell(form, heard)
    return True


def attempt(act: Callable[[], object]) -> str:
    """Do something that has no form of its own.

    Returns:
        Nothing where it was done, else why it was refused.

    Raises:
        Http404: the thing is not there for the actor.
    """
    form = forms.Form({})
    form.is_valid()
    return "" if perform(form, act) else " ".join(map(str, form.non_field_errors()))


def _tell(form: forms.BaseForm, heard: Any) -> None:
    """Keep what was noticed, for the page to tell."""
    form.heard = [translated(notice.sentence) for notice in heard]  # type: ignore[attr-defined]


def _links(here: Visit) -> list[dict[str, Any]]:
    """Give the programme's sub-navigation: what is there, in order, the present page marked."""
    told = []
    links = [*OWN_LINKS, *(link for holding in holdings() for link in holding.links())]
    for link in sorted(links, key=lambda link: link.position):
        try:
            address = reverse(link.name, args=[here.programme.uuid])
        except NoReverseMatch:
            continue
        path = here.request.path
        inside = path == address or (link.position > 0 and path.startswith(address))
        if link.name in ASKING and not here.can(ASKING[link.name]):
            continue
        told.append({"address": address, "label": translated(link.label), "current": inside})
    return told


__all__ = ["NotAllowed", "Visit", "asker", "attempt", "found", "page", "perform", "visit"]
