"""The programmes that are open to a person, and the beginning of a new one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from handover import access
from handover.actions import programmes as actions
from handover.actions.programmes import FOUNDERS
from handover.languages import translated
from handover.models import Programme
from handover.models.programmes import ProgrammeStatus
from handover.permissions import Permission
from handover.queries.programme_list import Listing, programme_list
from handover.views.pages import asker, page, perform
from handover.views.programmes.descriptions import DescriptionForm, described
from handover.views.routes import may, open_to

FOUNDING = (
    "managers and officers of any organisation may found a programme of their own; the action refuses others"
)


class ListForm(forms.Form):
    """How the list is narrowed."""

    status = forms.ChoiceField(label=_("Status"), required=False)
    steward = forms.ChoiceField(label=_("Steward"), required=False)

    def narrowed(self, found: Listing) -> None:
        """Offer what there is."""
        every = ("", gettext("All"))
        self._offer("status", [every, *((item.value, translated(item.label)) for item in ProgrammeStatus)])
        self._offer("steward", [every, *((str(uuid), name) for uuid, name in found.stewards)])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices
        field.required = True  # A filter is no question that may be left open: no “(optional)” beside it.
        field.widget.attrs["required"] = False


class FoundingForm(DescriptionForm):
    """What a programme is founded with."""

    identifier = forms.CharField(
        label=_("Identifier"),
        max_length=100,
        help_text=_("The IATI activity identifier. It never changes, whoever answers for the programme."),
        error_messages={"required": _("Enter an identifier.")},
    )
    field_order = ("identifier",)


@may(Permission.VIEW)
@login_required
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """List the programmes that are open to the person; narrowed by status and steward."""
    actor = asker()
    asked = request.GET
    status, steward = asked.get("status", ""), _uuid(asked.get("steward", ""))
    found = programme_list(actor, status=status, steward=steward, page=_number(asked.get("page", "")))
    form = ListForm(initial={"status": status, "steward": str(steward or "")})
    form.narrowed(found)
    kept: dict[str, Any] = {
        name: value for name, value in (("status", status), ("steward", steward)) if value
    }
    said = {
        "found": found,
        "form": form,
        "founds": access.seats_now(actor.user)
        .filter(organisation=actor.organisation, role__in=FOUNDERS)
        .exists(),
        "before": urlencode({**kept, "page": found.page - 1}) if found.page > 1 else "",
        "after": urlencode({**kept, "page": found.page + 1}) if found.page < found.pages else "",
    }
    return page(request, "handover/programmes/programmes.html", said)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 1


@open_to(FOUNDING)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def found(request: HttpRequest) -> HttpResponse:
    """Found a programme; the person's organisation becomes its steward."""
    actor = asker()
    form = FoundingForm(request.POST if request.method == "POST" else None)
    made: list[Programme] = []

    def act() -> None:
        given = form.cleaned_data
        made.append(actions.create(by=actor, identifier=given["identifier"], **described(given)))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request,
            gettext("The programme is there, and %(name)s answers for it. Enter its needs next.")
            % {"name": actor.organisation.name},
        )
        return redirect("programme", made[0].uuid)
    said = {
        "form": form,
        "heading": gettext("Begin a programme"),
        "lead": gettext("Your organisation, %(name)s, becomes its steward: it answers for the programme.")
        % {"name": actor.organisation.name},
        "button": gettext("Begin the programme"),
        "back": reverse("programmes"),
    }
    return page(request, "handover/programmes/form.html", said)
