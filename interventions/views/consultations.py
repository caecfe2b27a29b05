"""Consultations: you said, we did; who came; where people dissented, and what was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from handover import clock
from handover.languages import language
from handover.narratives import best
from handover.permissions import Permission
from handover.views.pages import Visit, page, perform, visit
from handover.views.programmes import texts
from handover.views.programmes.conflicts import perform_edit
from handover.views.routes import may
from interventions.actions import consultations as actions
from interventions.actions import sayings
from interventions.models import Consultation, Outcome, Saying
from interventions.queries import consultation_pages as reads
from interventions.views import consultation_forms
from interventions.views.consultation_forms import (
    LABELS,
    AnswerForm,
    AttendanceForm,
    ConsultationForm,
    RaisedForm,
    SayingForm,
    ToldForm,
)
from interventions.views.need_forms import needs
from interventions.views.needs import BOTH, FORM, sent

VOICE: Final = Permission.RECORD_VOICE
COLOURS: Final = {
    Outcome.OPEN: "grey",
    Outcome.DONE: "green",
    Outcome.UNDER_WAY: "blue",
    Outcome.PARTLY: "yellow",
    Outcome.NOT_DONE: "red",
}


@may(Permission.VIEW)
@login_required
@require_safe
def consultations(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show what communities said and what was done about it, consultation by consultation."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    rows = reads.listing(here.programme)
    said = {
        "rows": [
            {
                "row": row,
                "came": reads.came(row.attendance.all()),
                "sayings": _sayings(row.sayings.all()),
            }
            for row in rows
        ],
        "dissents": reads.dissents(here.programme),
        "records": here.can(VOICE),
    }
    return page(request, "interventions/consultations.html", said, here=here)


def _sayings(rows: Iterable[Saying]) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "outcome": Outcome(row.outcome).label,
            "colour": COLOURS[Outcome(row.outcome)],
            "answered": row.outcome != Outcome.OPEN,
        }
        for row in rows
    ]


@may(Permission.VIEW)
@login_required
@require_safe
def consultation(request: HttpRequest, programme_uuid: UUID, consultation_uuid: UUID) -> HttpResponse:
    """Show one consultation whole: who came, what was heard, what changed, you said and we did, dissent."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = one(here, consultation_uuid)
    said = {
        "row": row,
        "came": reads.came(row.attendance.all()),
        "least": reads.LEAST,
        "sayings": _sayings(reads.sayings_of(row)),
        "effects": reads.effects(row),
        "dissents": reads.dissents(here.programme, row),
        "records": here.can(VOICE),
    }
    return page(request, "interventions/consultation.html", said, here=here)


@may(VOICE)
@login_required
@require_http_methods(BOTH)
def record(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Record a consultation that was held."""
    here = visit(request, programme_uuid, may=VOICE)
    form = ConsultationForm(sent(request), initial={"languages": language()}, programme=here.programme)
    made: list[Consultation] = []

    def act() -> None:
        made.append(actions.record(by=here.actor, programme_uuid=here.programme.uuid, **form.entry()))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request, gettext("The consultation is recorded. Enter who came and what was said next.")
        )
        return redirect("consultation", here.programme.uuid, made[0].uuid)
    back = reverse("consultations", args=[here.programme.uuid])
    return _form(here, form, gettext("Record a consultation"), gettext("Record it"), back=back)


@may(VOICE)
@login_required
@require_http_methods(BOTH)
def edit(request: HttpRequest, programme_uuid: UUID, consultation_uuid: UUID) -> HttpResponse:
    """Change what is said of a consultation."""
    here = visit(request, programme_uuid, may=VOICE)
    row = one(here, consultation_uuid)
    start = consultation_forms.start_of(row)
    form = ConsultationForm(sent(request), initial=start, programme=here.programme, version=row.version)

    def act(version: int) -> None:
        actions.edit(by=here.actor, consultation_uuid=row.uuid, version=version, **form.entry(row))

    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=LABELS, shown=consultation_forms.said_of)
    ):
        return _done(here, row, gettext("The consultation is changed."))
    return _form(here, form, gettext("Change the consultation"), gettext("Keep the changes"), row=row)


@may(VOICE)
@login_required
@require_http_methods(BOTH)
def attend(request: HttpRequest, programme_uuid: UUID, consultation_uuid: UUID) -> HttpResponse:
    """Say how many people came, by gender and age."""
    here = visit(request, programme_uuid, may=VOICE)
    row = one(here, consultation_uuid)
    form = AttendanceForm(sent(request), row=row)

    def act() -> None:
        actions.attend(by=here.actor, consultation_uuid=row.uuid, attendance=form.attended())

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, row, gettext("It is recorded who came."))
    said = {
        "form": form,
        "row": row,
        "back": reverse("consultation", args=[here.programme.uuid, row.uuid]),
    }
    return page(request, "interventions/attendance.html", said, here=here)


@may(VOICE)
@login_required
@require_http_methods(BOTH)
def raise_needs(request: HttpRequest, programme_uuid: UUID, consultation_uuid: UUID) -> HttpResponse:
    """Say which needs were first raised at a consultation."""
    here = visit(request, programme_uuid, may=VOICE)
    row = one(here, consultation_uuid)
    form = RaisedForm(sent(request), choices=needs(here.programme))

    def act() -> None:
        keys = [UUID(key) for key in form.cleaned_data["needs"]]
        actions.raise_needs(by=here.actor, consultation_uuid=row.uuid, needs=keys)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, row, gettext("It is recorded which needs were raised there."))
    return _form(here, form, gettext("Say which needs were raised"), gettext("Record it"), row=row)


@may(VOICE)
@login_required
@require_http_methods(BOTH)
def tell_back(request: HttpRequest, programme_uuid: UUID, consultation_uuid: UUID) -> HttpResponse:
    """Say on which day the community was told what came of its words."""
    here = visit(request, programme_uuid, may=VOICE)
    row = one(here, consultation_uuid)
    start = {"told_back_on": row.told_back_on or clock.today()}
    form = ToldForm(sent(request), initial=start, version=row.version)

    def act(version: int) -> None:
        day = form.cleaned_data["told_back_on"]
        actions.tell_back(by=here.actor, consultation_uuid=row.uuid, version=version, told_back_on=day)

    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=LABELS, shown=consultation_forms.said_of)
    ):
        return _done(here, row, gettext("It is recorded when people were told."))
    return _form(here, form, gettext("Say when people were told"), gettext("Record it"), row=row)


@may(VOICE)
@login_required
@require_http_methods(BOTH)
def say(request: HttpRequest, programme_uuid: UUID, consultation_uuid: UUID) -> HttpResponse:
    """Record one thing that people said."""
    here = visit(request, programme_uuid, may=VOICE)
    row = one(here, consultation_uuid)
    form = SayingForm(sent(request), programme=here.programme)

    def act() -> None:
        sayings.say(by=here.actor, consultation_uuid=row.uuid, **form.entry())

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, row, gettext("It is recorded what people said."))
    return _form(here, form, gettext("Record what people said"), gettext("Record it"), row=row)


@may(VOICE)
@login_required
@require_http_methods(BOTH)
def answer(request: HttpRequest, programme_uuid: UUID, saying_uuid: UUID) -> HttpResponse:
    """Answer what people said; a later answer follows, and the ledger keeps each."""
    here = visit(request, programme_uuid, may=VOICE)
    row = reads.saying_of(here.programme, saying_uuid)
    if row is None:
        raise Http404
    start = {"outcome": row.outcome, **texts.initial("done", row.done)}
    form = AnswerForm(sent(request), initial=start, version=row.version)

    def act(version: int) -> None:
        given = form.cleaned_data
        done = texts.given("done", given, row.done)
        sayings.answer(
            by=here.actor, saying_uuid=row.uuid, version=version, outcome=given["outcome"], done=done
        )

    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(
            form,
            act,
            row,
            labels=consultation_forms.DONE,
            shown=consultation_forms.done_of,
        )
    ):
        return _done(
            here, row.consultation, gettext("The answer is recorded. Tell people, and say when you did.")
        )
    lead = gettext("You said: “%(said)s”") % {"said": best(row.said, language())}
    back = reverse("consultation", args=[here.programme.uuid, row.consultation.uuid])
    return _form(
        here, form, gettext("Answer what people said"), gettext("Record the answer"), back=back, lead=lead
    )


def one(here: Visit, key: UUID) -> Consultation:
    """Fetch a consultation of the programme.

    Raises:
        Http404: there is none.
    """
    row = reads.consultation_of(here.programme, key)
    if row is None:
        raise Http404
    return row


def _done(here: Visit, row: Consultation, said: str) -> HttpResponse:
    messages.success(here.request, said)
    return redirect("consultation", here.programme.uuid, row.uuid)


def _form(
    here: Visit,
    form: forms.Form,
    heading: str,
    button: str,
    *,
    row: Consultation | None = None,
    back: str = "",
    lead: str = "",
) -> HttpResponse:
    said = {
        "form": form,
        "heading": heading,
        "lead": lead or (f"“{best(row.title, language())}”" if row else ""),
        "button": button,
        "back": back or reverse("consultation", args=[here.programme.uuid, row.uuid if row else ""]),
    }
    return page(here.request, FORM, said, here=here)
