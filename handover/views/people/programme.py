"""The people of a programme: which organisations stand to it, who may do what there, and why."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from handover import access
from handover.actions import permissions, standings
from handover.actions.standings import ADMITTED
from handover.models import Organisation, Programme, Responsibility, User
from handover.permissions import Permission, StandingKind
from handover.queries.explained import Side, sides
from handover.queries.seats import seat_of
from handover.views.pages import Visit, page, perform, visit
from handover.views.people.forms import AdmitForm, DismissForm, ExceptionForm, end_of
from handover.views.routes import may

WHOLE: Final = "programme"
"""What an exception is on that is on no single responsibility."""


@may(Permission.VIEW)
@login_required
@require_GET
def people(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Tell which organisations stand to the programme, who of them may do what, and why."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    said = {
        "sides": sides(here.programme),
        "manages": here.can(Permission.MANAGE_STANDINGS),
        "reads_ledger": here.can(Permission.READ_LEDGER),
        "ending": [kind.value for kind in ADMITTED],
    }
    return page(request, "handover/people/programme.html", said, here=here)


@may(Permission.MANAGE_STANDINGS)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Let an organisation in."""
    here = visit(request, programme_uuid, may=Permission.MANAGE_STANDINGS)
    known = list(Organisation.objects.exclude(pk=here.programme.steward_id).order_by("name"))
    form = AdmitForm(request.POST if request.method == "POST" else None, organisations=known)

    def act() -> None:
        given = form.cleaned_data
        standings.admit(
            by=here.actor,
            programme_uuid=programme_uuid,
            organisation=next(item for item in known if str(item.uuid) == given["organisation"]),
            kind=StandingKind(given["kind"]),
            until=end_of(given["until"]),
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The organisation is let in."))
        return redirect("programme-people", programme_uuid=programme_uuid)
    return page(request, "handover/people/admit.html", {"form": form}, here=here)


@may(Permission.MANAGE_STANDINGS)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def dismiss(request: HttpRequest, programme_uuid: UUID, organisation_uuid: UUID, kind: str) -> HttpResponse:
    """End an organisation's access, with a reason."""
    here = visit(request, programme_uuid, may=Permission.MANAGE_STANDINGS)
    organisation = Organisation.objects.filter(uuid=organisation_uuid).first()
    standing = next((item for item in ADMITTED if item.value == kind), None)
    if (
        organisation is None
        or standing is None
        or not standings.standings_now(here.programme, organisation, standing).exists()
    ):
        return redirect("programme-people", programme_uuid=programme_uuid)
    form = DismissForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        standings.dismiss(
            by=here.actor,
            programme_uuid=programme_uuid,
            organisation=organisation,
            kind=standing,
            reason=form.cleaned_data["reason"],
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request, gettext("%(name)s no longer has this access.") % {"name": organisation.name}
        )
        return redirect("programme-people", programme_uuid=programme_uuid)
    said = {"form": form, "organisation": organisation, "kind": standing.help}
    return page(request, "handover/people/dismiss.html", said, here=here)


@may(Permission.MANAGE_STANDINGS)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exempt(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Give one person a permission that their role does not bring, with a reason and a last day."""
    here = visit(request, programme_uuid, may=Permission.MANAGE_STANDINGS)
    known = sides(here.programme)
    things = _things(here)
    form = ExceptionForm(
        request.POST if request.method == "POST" else None, people=_people(known), things=list(things.items())
    )

    def act() -> None:
        given = form.cleaned_data
        organisation, _, person = given["person"].partition("/")
        permissions.except_user(
            by=here.actor,
            thing=_thing(here, given["thing"]),
            user=User.objects.get(uuid=UUID(person)),
            organisation=Organisation.objects.get(uuid=UUID(organisation)),
            permission=Permission(given["permission"]),
            reason=given["reason"],
            until=end_of(given["until"]),
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The exception is given."))
        return redirect("programme-people", programme_uuid=programme_uuid)
    return page(request, "handover/people/exception.html", {"form": form}, here=here)


def _people(known: list[Side]) -> list[tuple[str, str]]:
    return [
        (f"{side.uuid}/{person.uuid}", f"{person.name} – {side.name}")
        for side in known
        for person in side.people
    ]


def _things(here: Visit) -> dict[str, str]:
    """Give what an exception may be on: all of the programme, and the responsibilities that the actor keeps."""
    found: dict[str, str] = {WHOLE: gettext("All of the programme")}
    held = seat_of(here.actor).programmes[here.programme.pk].responsibilities
    mine = [key for key, codes in held.items() if Permission.EDIT_RESPONSIBILITY in codes]
    rows = Responsibility.objects.filter(programme=here.programme, pk__in=mine).order_by("title")
    found.update((str(uuid), title) for uuid, title in rows.values_list("uuid", "title"))
    return found


def _thing(here: Visit, key: str) -> Programme | Responsibility:
    if key == WHOLE:
        return here.programme
    return access.responsibility_for(here.actor, UUID(key), may=Permission.VIEW)
