"""Sustainability checks: what each part says, what people found, and what was held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from handover import clock
from handover.actions import checks as actions
from handover.languages import translated
from handover.models import SustainabilityCheck, Transfer
from handover.models.checks import CheckState, Found, LookedAt
from handover.models.transfers import TransferState
from handover.permissions import Permission, StandingKind
from handover.queries import after_words as words
from handover.queries import checks as reads
from handover.queries.checks import State
from handover.views.after.overview import called
from handover.views.forms import DayField
from handover.views.pages import Visit, page, perform, visit
from handover.views.programmes.registers import BOTH, FORM, sent
from handover.views.routes import may

EDIT: Final = actions.MAY
LOOKS: Final = actions.LOOKS


@may(Permission.VIEW)
@login_required
@require_safe
def check(request: HttpRequest, programme_uuid: UUID, sustainability_check_uuid: UUID) -> HttpResponse:
    """Show one check: what it says today, or said when it was held, part by part."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = _one(here, sustainability_check_uuid)
    state = reads.state_of(row, clock.today())
    planned = row.state == CheckState.PLANNED
    result = reads.today_says(row, cutoff=here.reach.cutoff).as_json() if planned else row.result
    is_open = state in (State.OPEN, State.OVERDUE)
    told = {
        "row": row,
        "title": called(row),
        "tag": words.tag(words.CHECKS, state),
        "planned": planned,
        "dropped": state is State.DROPPED,
        "opens": reads.opens_on(row) if state is State.AHEAD else None,
        "parts": words.parts(result),
        "score": words.score(result.get("score")),
        "known": result.get("known"),
        "of": result.get("of"),
        "warnings": words.warnings(result.get("warnings", ())),
        "looks": is_open and here.can(LOOKS),
        "holds": is_open and here.can(EDIT),
        "edits": planned and here.can(EDIT),
    }
    return page(request, "handover/after/check.html", told, here=here)


class PlanForm(forms.Form):
    """After which handover, after how many months."""

    transfer = forms.ChoiceField(label=gettext_lazy("Handover"))
    months = forms.IntegerField(
        label=gettext_lazy("Months after it"),
        min_value=1,
        max_value=actions.LATEST,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-3"}),
    )


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def plan(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Plan one more check after a handover."""
    here = visit(request, programme_uuid, may=EDIT)
    form = PlanForm(sent(request))
    executed = Transfer.objects.filter(
        programme=here.programme, state=TransferState.EXECUTED, reverses__isnull=True
    ).order_by("-executed_at", "id")
    field: Any = form.fields["transfer"]
    field.choices = [(str(row.uuid), row.title) for row in executed]

    def act() -> None:
        given = form.cleaned_data
        actions.plan(by=here.actor, transfer_uuid=UUID(given["transfer"]), months=[given["months"]])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The check is planned."))
        return redirect("after", here.programme.uuid)
    told = {
        "form": form,
        "heading": gettext("Plan a check"),
        "lead": "" if field.choices else gettext("Nothing was handed over yet: checks follow a handover."),
        "button": gettext("Plan it"),
        "back": reverse("after", args=[here.programme.uuid]),
    }
    return page(request, FORM, told, here=here)


class LookForm(forms.Form):
    """What somebody found by looking."""

    part = forms.ChoiceField(label=gettext_lazy("What you looked at"))
    found = forms.ChoiceField(
        label=gettext_lazy("What you found"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what you found.")},
    )
    counted = forms.IntegerField(
        label=gettext_lazy("So many were there"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-5"}),
        help_text=gettext_lazy("Where you counted: items, posts, places."),
    )
    expected = forms.IntegerField(
        label=gettext_lazy("Of so many"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-5"}),
    )
    remark = forms.CharField(
        label=gettext_lazy("How you know"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Needed where it does not hold. Nobody is named."),
    )

    def __init__(self, *args: Any, parts: list[LookedAt], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        part: Any = self.fields["part"]
        part.choices = [(item.value, translated(str(item.label)).capitalize()) for item in parts]
        found: Any = self.fields["found"]
        found.choices = [(item.value, translated(str(item.label)).capitalize()) for item in Found]


@may(LOOKS)
@login_required
@require_http_methods(BOTH)
def look(request: HttpRequest, programme_uuid: UUID, sustainability_check_uuid: UUID) -> HttpResponse:
    """Say for one's organisation what one found."""
    here = visit(request, programme_uuid, may=LOOKS)
    row = _one(here, sustainability_check_uuid)
    community = StandingKind.COMMUNITY in here.reach.standings
    form = LookForm(sent(request), parts=[item for item in LookedAt if community or item != LookedAt.VOICE])

    def act() -> None:
        actions.look(by=here.actor, check_uuid=row.uuid, **form.cleaned_data)

    return _done(
        here,
        row,
        form,
        act,
        gettext("Say what you found"),
        gettext("Say it"),
        gettext("It is recorded, in the name of your organisation."),
    )


class MoveForm(forms.Form):
    """To which day."""

    due_on = DayField(label=gettext_lazy("The day by which it is held"))
    version = forms.IntegerField(widget=forms.HiddenInput)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def move(request: HttpRequest, programme_uuid: UUID, sustainability_check_uuid: UUID) -> HttpResponse:
    """Move a check to another day."""
    here = visit(request, programme_uuid, may=EDIT)
    row = _one(here, sustainability_check_uuid)
    form = MoveForm(sent(request), initial={"due_on": row.due_on, "version": row.version})

    def act() -> None:
        actions.move(by=here.actor, check_uuid=row.uuid, **form.cleaned_data)

    return _done(
        here, row, form, act, gettext("Move the check"), gettext("Move it"), gettext("The check is moved.")
    )


class DropForm(forms.Form):
    """Why it is dropped."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=10_000, widget=forms.Textarea({"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def drop(request: HttpRequest, programme_uuid: UUID, sustainability_check_uuid: UUID) -> HttpResponse:
    """Drop a check, with a reason that stays to be read."""
    here = visit(request, programme_uuid, may=EDIT)
    row = _one(here, sustainability_check_uuid)
    form = DropForm(sent(request), initial={"version": row.version})

    def act() -> None:
        actions.drop(by=here.actor, check_uuid=row.uuid, **form.cleaned_data)

    return _done(
        here,
        row,
        form,
        act,
        gettext("Drop the check"),
        gettext("Drop it"),
        gettext("The check is dropped; its reason stays to be read."),
        warns=True,
    )


class HoldForm(forms.Form):
    """What follows from a check."""

    remark = forms.CharField(
        label=gettext_lazy("What follows from it"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 3}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def hold(request: HttpRequest, programme_uuid: UUID, sustainability_check_uuid: UUID) -> HttpResponse:
    """Hold a check: what it says today is kept for good."""
    here = visit(request, programme_uuid, may=EDIT)
    row = _one(here, sustainability_check_uuid)
    form = HoldForm(sent(request), initial={"version": row.version})

    def act() -> None:
        actions.hold(by=here.actor, check_uuid=row.uuid, **form.cleaned_data)

    return _done(
        here,
        row,
        form,
        act,
        gettext("Hold the check"),
        gettext("Hold it"),
        gettext("The check is held; what it found is kept for good."),
        lead=gettext("What every part says today is kept with its digest, and nobody changes it afterwards."),
    )


def _done(
    here: Visit,
    row: SustainabilityCheck,
    form: forms.Form,
    act: Callable[[], object],
    heading: str,
    button: str,
    success: str,
    *,
    lead: str = "",
    warns: bool = False,
) -> HttpResponse:
    """Do what a form about a check asks for, or show the form."""
    if here.request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(here.request, success)
        return redirect("check", here.programme.uuid, row.uuid)
    told = {
        "form": form,
        "heading": heading,
        "lead": lead or called(row),
        "button": button,
        "back": reverse("check", args=[here.programme.uuid, row.uuid]),
        "warns": warns,
    }
    return page(here.request, FORM, told, here=here)


def _one(here: Visit, key: UUID) -> SustainabilityCheck:
    found = reads.rows(here.programme, cutoff=here.reach.cutoff).filter(uuid=key).first()
    if found is None:
        raise Http404
    return found
