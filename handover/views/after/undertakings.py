"""Undertakings: what an institution promised, what depends on it, and what became of each year."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import undertakings as actions
from handover.languages import translated
from handover.models import Responsibility, Undertaking, UndertakingYear
from handover.models.undertakings import Outcome
from handover.narratives import best
from handover.permissions import Permission
from handover.queries import after_words as words
from handover.queries import undertakings as reads
from handover.queries.obligations import today_of
from handover.queries.undertakings import Told, Year
from handover.views.forms import AmountField
from handover.views.pages import Visit, asker, found, page, perform, visit
from handover.views.programmes.conflicts import perform_edit
from handover.views.programmes.lines import LineForm, said, start_of
from handover.views.programmes.nouns import LABELS, Noun
from handover.views.programmes.registers import BOTH, FORM, offered, sent
from handover.views.programmes.texts import WIDE
from handover.views.routes import may

EDIT: Final = actions.MAY
SAYS: Final = actions.SAYS
SHOWN_INLINE: Final = frozenset({"application/pdf", "image/png", "image/jpeg"})
"""Files that a browser may show; all others are saved."""

_UNDERTAKING: Final = Noun(
    "undertakings",
    "undertaking",
    Undertaking,
    gettext_lazy("Undertakings"),
    gettext_lazy("Enter what was promised"),
    gettext_lazy("Change the undertaking"),
    "",
    actions.SAID,
    (),
    on_responsibility=False,
)
_TOLD: Final = ("organisation", "kind", "promise", "legal_act", "starts_on", "ends_on")


@may(Permission.VIEW)
@login_required
@require_safe
def undertaking(request: HttpRequest, programme_uuid: UUID, undertaking_uuid: UUID) -> HttpResponse:
    """Show one undertaking: what was promised, what depends on it, what became of each year."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    told = _one(here, undertaking_uuid)
    row = told.row
    mine = {item.year: item for item in row.years.all() if item.organisation_id == here.actor.organisation.pk}
    open_years = [year for year in reads.span(row, today_of(row.organisation)) if year not in mine]
    shown = {
        "row": row,
        "tag": words.tag(words.YEARS, told.state),
        "cells": [(LABELS[name], said(row, name)) for name in _TOLD],
        "asked": _asked(row),
        "dependents": [item.responsibility for item in row.dependents.all()],
        "resting": [
            {
                "title": best(item.title, here.language),
                "address": reverse(item.page, args=[here.programme.uuid, item.uuid]),
            }
            for item in reads.resting(row)
        ],
        "years": [_year(here, year) for year in told.years],
        "edits": here.can(EDIT),
        "says": here.can(SAYS) and bool(open_years),
    }
    return page(request, "handover/after/undertaking.html", shown, here=here)


def _asked(row: Undertaking) -> str:
    """Say what one year asks for: ``2 FTE``, ``120 000 RON``."""
    parts = [f"{said(row, 'quantity')} {row.unit}"] if row.quantity is not None else []
    parts += [said(row, "amount")] if row.amount is not None else []
    return ", ".join(parts)


def _year(here: Visit, year: Year) -> dict[str, Any]:
    told = ([year.own] if year.own else []) + list(year.others)
    return {
        "year": year,
        "tag": words.tag(words.YEARS, year.state),
        "said": [
            {
                "row": item,
                "outcome": translated(item.get_outcome_display()).capitalize(),
                "mine": item.organisation_id == here.actor.organisation.pk and here.can(SAYS),
                "is_file": item.file_id is not None,
            }
            for item in told
        ],
    }


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def add(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Enter what an institution promised."""
    here = visit(request, programme_uuid, may=EDIT)
    start = {"organisation": str(here.programme.steward.uuid), "due_month": 3, "due_day": 31}
    form = _form(here, sent(request), start)
    made: list[Undertaking] = []

    def act() -> None:
        given = {name: value for name, value in form.columns().items() if value not in ("", None)}
        made.append(actions.enter(by=here.actor, programme_uuid=here.programme.uuid, **given))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("“%(title)s” is entered.") % {"title": made[0].title})
        return redirect("undertaking", here.programme.uuid, made[0].uuid)
    back = reverse("after", args=[here.programme.uuid])
    return _page(here, form, _UNDERTAKING.adding, gettext("Enter it"), back)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def edit(request: HttpRequest, programme_uuid: UUID, undertaking_uuid: UUID) -> HttpResponse:
    """Change an undertaking; the ledger keeps what stood there before."""
    here = visit(request, programme_uuid, may=EDIT)
    row = _one(here, undertaking_uuid).row
    start = start_of(row, actions.SAID)
    form = _form(here, sent(request), start, version=row.version)

    def act(version: int) -> None:
        actions.edit(by=here.actor, undertaking_uuid=row.uuid, version=version, **form.changes(start))

    labels = {name: LABELS[name] for name in actions.SAID}
    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=labels, shown=said)
    ):
        messages.success(request, gettext("“%(title)s” is changed.") % {"title": row.title})
        return redirect("undertaking", here.programme.uuid, row.uuid)
    return _page(here, form, _UNDERTAKING.changing, gettext("Keep the changes"), _back(here, row), row.title)


class DependentsForm(forms.Form):
    """Which responsibilities depend on an undertaking."""

    responsibilities = forms.MultipleChoiceField(
        label=gettext_lazy("Responsibilities that depend on it"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def depend(request: HttpRequest, programme_uuid: UUID, undertaking_uuid: UUID) -> HttpResponse:
    """Say which responsibilities depend on an undertaking."""
    here = visit(request, programme_uuid, may=EDIT)
    row = _one(here, undertaking_uuid).row
    now = [str(item.responsibility.uuid) for item in row.dependents.all()]
    form = DependentsForm(sent(request), initial={"responsibilities": now})
    field: Any = form.fields["responsibilities"]
    rows = Responsibility.objects.filter(programme=here.programme).order_by("title", "id")
    field.choices = [(str(item.uuid), item.title) for item in rows]

    def act() -> None:
        keys = [UUID(key) for key in form.cleaned_data["responsibilities"]]
        actions.depend(by=here.actor, undertaking_uuid=row.uuid, responsibilities=keys)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("It is kept what depends on it."))
        return redirect("undertaking", here.programme.uuid, row.uuid)
    heading = gettext("What depends on it")
    return _page(here, form, heading, gettext("Keep the changes"), _back(here, row), row.title)


class SayForm(forms.Form):
    """What became of a year."""

    year = forms.ChoiceField(label=gettext_lazy("Year"))
    outcome = forms.ChoiceField(
        label=gettext_lazy("What became of it"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what became of it.")},
    )
    quantity = AmountField(
        label=gettext_lazy("How much there was"), required=False, max_digits=12, decimal_places=2
    )
    amount = AmountField(
        label=gettext_lazy("How much money there was"), required=False, max_digits=18, decimal_places=2
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, or how one knows"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Needed where it was not kept. Nobody is named."),
    )
    file = forms.FileField(
        label=gettext_lazy("A file that shows it"),
        required=False,
        help_text=gettext_lazy("It names nobody."),
    )
    link = forms.CharField(
        label=gettext_lazy("Or a link"), required=False, max_length=1000, widget=forms.TextInput(WIDE)
    )

    def __init__(self, *args: Any, years: list[int], version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year: Any = self.fields["year"]
        year.choices = [(str(item), str(item)) for item in years]
        outcome: Any = self.fields["outcome"]
        outcome.choices = [(item.value, translated(str(item.label)).capitalize()) for item in Outcome]
        if version is not None:
            del self.fields["file"], self.fields["year"]
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=version)

    def told(self) -> dict[str, Any]:
        """Give what is said of the year, as the actions take it."""
        return {name: self.cleaned_data[name] for name in actions.OF_A_YEAR}


@may(SAYS)
@login_required
@require_http_methods(BOTH)
def say(request: HttpRequest, programme_uuid: UUID, undertaking_uuid: UUID) -> HttpResponse:
    """Say for one's organisation what became of a year."""
    here = visit(request, programme_uuid, may=SAYS)
    row = _one(here, undertaking_uuid).row
    mine = {item.year for item in row.years.all() if item.organisation_id == here.actor.organisation.pk}
    years = [year for year in reads.span(row, today_of(row.organisation)) if year not in mine]
    form = SayForm(sent(request), request.FILES or None, years=years)

    def act() -> None:
        file = form.cleaned_data["file"]
        actions.say(
            by=here.actor,
            undertaking_uuid=row.uuid,
            year=int(form.cleaned_data["year"]),
            content=file.chunks() if file else None,
            filename=str(file.name) if file else "",
            **form.told(),
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("It is recorded, in the name of your organisation."))
        return redirect("undertaking", here.programme.uuid, row.uuid)
    heading = gettext("What became of a year")
    return _page(here, form, heading, gettext("Say it"), _back(here, row), row.title, multipart=True)


@may(SAYS)
@login_required
@require_http_methods(BOTH)
def resay(request: HttpRequest, programme_uuid: UUID, undertaking_year_uuid: UUID) -> HttpResponse:
    """Change what one's own organisation said of a year."""
    here = visit(request, programme_uuid, may=SAYS)
    rows = UndertakingYear.objects.filter(programme=here.programme, uuid=undertaking_year_uuid)
    row = rows.select_related("undertaking").first()
    if row is None:
        raise Http404
    start = {name: getattr(row, name) for name in actions.OF_A_YEAR}
    form = SayForm(sent(request), initial=start, years=[row.year], version=row.version)

    def act(version: int) -> None:
        changes = {name: value for name, value in form.told().items() if value != start[name]}
        actions.resay(by=here.actor, said_uuid=row.uuid, version=version, **changes)

    labels: dict[str, Any] = {name: form.fields[name].label for name in actions.OF_A_YEAR}
    back = _back(here, row.undertaking)
    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=labels, shown=said)
    ):
        messages.success(request, gettext("It is changed; the ledger keeps what you said before."))
        return redirect(back)
    heading = gettext("Change what you said of %(year)s") % {"year": row.year}
    return _page(here, form, heading, gettext("Keep the changes"), back, row.undertaking.title)


@may(Permission.VIEW)
@login_required
@require_safe
def file(request: HttpRequest, programme_uuid: UUID, undertaking_year_uuid: UUID) -> HttpResponse:
    """Give the file that shows what became of a year. What is no picture and no PDF is saved, never shown."""
    visit(request, programme_uuid, may=Permission.VIEW)
    content = found(actions.open_file, by=asker(), said_uuid=undertaking_year_uuid)
    row = UndertakingYear.objects.select_related("file").get(uuid=undertaking_year_uuid)
    kind = row.file.media_type if row.file and row.file.media_type in SHOWN_INLINE else ""
    response = HttpResponse(content, content_type=kind or "application/octet-stream")
    how = "inline" if kind else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(row.filename or 'evidence')}"
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    )
    return response


def _one(here: Visit, key: UUID) -> Told:
    row = reads.rows(here.programme, cutoff=here.reach.cutoff).filter(uuid=key).first()
    if row is None:
        raise Http404
    return reads.whole(row)


def _back(here: Visit, row: Undertaking) -> str:
    return reverse("undertaking", args=[here.programme.uuid, row.uuid])


def _form(here: Visit, data: Any, start: Any, **kwargs: Any) -> LineForm:
    columns = actions.SAID
    return LineForm(
        data,
        initial=start,
        noun=_UNDERTAKING,
        columns=columns,
        offered=offered(here, _UNDERTAKING, columns),
        **kwargs,
    )


def _page(
    here: Visit,
    form: forms.Form,
    heading: Any,
    button: str,
    back: str,
    lead: str = "",
    *,
    multipart: bool = False,
) -> HttpResponse:
    told = {
        "form": form,
        "heading": heading,
        "button": button,
        "back": back,
        "lead": lead,
        "multipart": multipart,
    }
    return page(here.request, FORM, told, here=here)
