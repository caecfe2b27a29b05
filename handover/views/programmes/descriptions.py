"""What a programme is called, what it is for, and from when to when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from handover import languages
from handover.actions import programmes as actions
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from handover.views.forms import DayField
from handover.views.pages import page, visit
from handover.views.programmes import texts
from handover.views.programmes.conflicts import perform_edit
from handover.views.programmes.texts import TextsForm
from handover.views.routes import may

LABELS: Final[Mapping[str, Any]] = {
    "title": _("Title"),
    "description": _("What it is for"),
    "starts_on": _("First day"),
    "ends_on": _("Last day"),
}


class DescriptionForm(TextsForm):
    """Title, description and dates of a programme."""

    needed = ("title",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= texts.text_fields("title", LABELS["title"], required=True)
        self.fields |= texts.text_fields("description", LABELS["description"], required=False, long=True)
        self.fields["starts_on"] = DayField(label=LABELS["starts_on"], required=False)
        self.fields["ends_on"] = DayField(label=LABELS["ends_on"], required=False)

    def clean(self) -> dict[str, Any]:
        """Hold the dates against each other."""
        given = super().clean()
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", gettext("The programme ends before it begins."))
        return given


def described(given: Mapping[str, Any], programme: Programme | None = None) -> dict[str, Any]:
    """Give what was entered as the actions take it."""
    return {
        "title": texts.given("title", given, programme.title if programme else ()),
        "description": texts.given("description", given, programme.description if programme else ()),
        "starts_on": given["starts_on"],
        "ends_on": given["ends_on"],
    }


def said_of(programme: Programme, name: str) -> str:
    """Say what stands in a column of a programme."""
    value = getattr(programme, name)
    return best(value, languages.language()) if name in ("title", "description") else languages.day(value)


@may(Permission.EDIT_PROGRAMME)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Change a programme's title, description and dates."""
    here = visit(request, programme_uuid, may=Permission.EDIT_PROGRAMME)
    row = here.programme
    start = {
        **texts.initial("title", row.title),
        **texts.initial("description", row.description),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
    }
    form = DescriptionForm(
        request.POST if request.method == "POST" else None, initial=start, version=row.version
    )

    def act(version: int) -> None:
        changes = described(form.cleaned_data, row)
        actions.edit(by=here.actor, programme_uuid=row.uuid, version=version, **changes)

    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=LABELS, shown=said_of)
    ):
        messages.success(request, gettext("The description of the programme is changed."))
        return redirect("programme", row.uuid)
    said = {
        "form": form,
        "heading": gettext("Change the description"),
        "button": gettext("Keep the changes"),
        "back": reverse("programme", args=[row.uuid]),
    }
    return page(request, "handover/programmes/form.html", said, here=here)
