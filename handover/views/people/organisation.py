"""An organisation's own settings, and who may sign for it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from handover import access, clock
from handover.actions import organisations
from handover.actions.organisations import SIGNATORIES
from handover.errors import NotAllowed
from handover.models import Organisation
from handover.queries.members import members
from handover.queries.members import representatives as representatives_of
from handover.views.pages import asker, perform
from handover.views.people.administration import OWN, manager, shown
from handover.views.people.forms import RepresentativeForm, SettingsForm
from handover.views.routes import open_to


@open_to(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Change the organisation's name, languages and colour."""
    actor = manager()
    row = Organisation.objects.get(pk=actor.organisation.pk)
    start = {
        "version": row.version,
        "name": row.name,
        "languages": ", ".join(row.languages),
        "colour": row.colour,
    }
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=start)

    def act() -> None:
        given = form.cleaned_data
        organisations.change(
            by=actor,
            version=given["version"],
            name=given["name"],
            languages=given["languages"].replace(";", ",").split(","),
            colour=given["colour"],
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The settings are kept."))
        return redirect("organisation-settings")
    return shown(request, "settings", {"form": form, "row": row}, actor=actor)


@open_to(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def representatives(request: HttpRequest) -> HttpResponse:
    """List who may sign for the organisation, and name another one."""
    actor = asker()
    signs = (
        access.seats_now(actor.user).filter(organisation=actor.organisation, role__in=SIGNATORIES).exists()
    )
    people = {str(item.uuid): item.user for item in members(actor)} if signs else {}
    named = [(key, user.display_name) for key, user in people.items()]
    form = RepresentativeForm(request.POST if request.method == "POST" else None, people=named)
    if request.method == "POST" and not signs:
        raise NotAllowed(
            "not_manager", f"Only a manager of {actor.organisation.name} may name who represents it."
        )

    def act() -> None:
        given = form.cleaned_data
        organisations.represent(
            by=actor,
            capacity=given["capacity"],
            mandate_act=given["mandate_act"],
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
            user=people[str(UUID(given["user"]))] if given["user"] else None,
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The mandate is recorded."))
        return redirect("organisation-representatives")
    today = clock.today()
    rows = [
        {
            "capacity": row.capacity,
            "mandate_act": row.mandate_act,
            "person": row.user.display_name if row.user else "",
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "over": row.valid_to is not None and row.valid_to < today,
        }
        for row in representatives_of(actor)
    ]
    return shown(request, "representatives", {"form": form, "rows": rows, "signs": signs}, actor=actor)
