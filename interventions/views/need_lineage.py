"""Needs that become one, and one that becomes several."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from handover.views.pages import perform, visit
from handover.views.routes import may
from interventions.actions import lineage
from interventions.views import need_forms
from interventions.views.need_forms import OtherNeedForm, SplitForm
from interventions.views.needs import BOTH, EDIT, done, form_page, one, sent


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def merge(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Merge a need into another: that one gets every link of it, and this one stays readable."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, need_uuid)
    choices = need_forms.needs(here.programme, without=[row.pk])
    label = gettext("Into which need is it merged?")
    form = OtherNeedForm(sent(request), label=label, choices=choices, asks_why=True)

    def act() -> None:
        given = form.cleaned_data
        lineage.merge(
            by=here.actor,
            programme_uuid=here.programme.uuid,
            need_uuids=[row.uuid],
            into=UUID(given["other"]),
            reason=given["reason"],
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The need is merged: the other one has all that hung on it."))
        return redirect("need", here.programme.uuid, UUID(form.cleaned_data["other"]))
    return form_page(here, form, gettext("Merge the need into another"), gettext("Merge it"), row=row)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def split(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Split a need into several new ones in its place; what hangs on it goes to each of them."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, need_uuid)
    form = SplitForm(sent(request))

    def act() -> None:
        reason = form.cleaned_data["reason"]
        lineage.split(by=here.actor, need_uuid=row.uuid, parts=form.parts, reason=reason)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return done(here, row, gettext("The need is split: its parts stand in its place."))
    return form_page(here, form, gettext("Split the need"), gettext("Split it"), row=row)
