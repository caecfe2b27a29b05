"""Somebody leaves the organisation: what is open and who takes over; and, on request, who they were is erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from handover.actions import accounts, leaving
from handover.queries.leaving import leaving_of, successors
from handover.views.pages import found, perform
from handover.views.people.administration import OWN, manager, shown
from handover.views.people.leaving_forms import ForgetForm, LeaveForm
from handover.views.routes import open_to


@open_to(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, user_uuid: UUID) -> HttpResponse:
    """Show what is open in a person's hands, and let them leave once somebody is named who takes over."""
    actor = manager()
    open_now = found(leaving_of, actor, user_uuid)
    form = LeaveForm(
        request.POST if request.method == "POST" else None,
        people=successors(actor, open_now.user),
        needed=bool(open_now.handed),
        last=open_now.is_last,
    )
    name = open_now.user.display_name

    def act() -> None:
        leaving.leave(
            by=actor,
            user_uuid=user_uuid,
            to_uuid=UUID(form.cleaned_data["to"]) if form.cleaned_data["to"] else None,
            confirmed=form.cleaned_data.get("confirmed", False),
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request,
            gettext("%(name)s has left %(organisation)s.")
            % {"name": name, "organisation": actor.organisation.name},
        )
        return redirect("home" if open_now.user == actor.user else "organisation")
    return shown(request, "leave", {"form": form, "leaving": open_now}, actor=actor)


@open_to(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: HttpRequest, user_uuid: UUID) -> HttpResponse:
    """Ask for the reason, ask once more, and erase who somebody was who has left."""
    actor = manager()
    open_now = found(leaving_of, actor, user_uuid)
    form = ForgetForm(request.POST if request.method == "POST" else None)
    said: dict[str, Any] = {"form": form, "leaving": open_now, "asked": False}

    def act() -> None:
        accounts.pseudonymise(by=actor, user=open_now.user, reason=form.cleaned_data["reason"])

    if request.method == "POST" and form.is_valid():
        if "meant" not in request.POST:
            # The first time nothing happens: what it means is shown once more, with the reason.
            said["asked"] = True
        elif perform(form, act):
            messages.success(
                request, gettext("The name is erased. What the person did stays, under a pseudonym.")
            )
            return redirect("organisation")
    return shown(request, "forget", said, actor=actor)
