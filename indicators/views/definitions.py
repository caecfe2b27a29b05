"""Definitions: results and indicators, and what they are measured against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from handover import languages
from handover.canonical import decimal_text
from handover.errors import NotAllowed
from handover.models import Responsibility
from handover.narratives import best
from handover.permissions import Permission
from handover.views.forms import AmountField
from handover.views.pages import perform
from handover.views.routes import may
from indicators.actions import baselines, breaks, floors, indicators, periods, results, targets
from indicators.models import Axis, Baseline, Break, Floor, Indicator, Period, Result, Target
from indicators.models.codes import NUMERIC_MEASURES, BreakKind, Measure
from indicators.views import lines, words
from indicators.views.definition_forms import (
    BaselineForm,
    BreakForm,
    FloorForm,
    IndicatorForm,
    PeriodForm,
    ResultForm,
    TargetForm,
)
from indicators.views.rooms import Room, page, visit

DEFINE: Final = Permission.DEFINE_INDICATORS


def _room(request: HttpRequest, programme_uuid: UUID) -> Room:
    here = visit(request, programme_uuid, may=Permission.VIEW)
    if not here.anywhere(DEFINE):
        raise NotAllowed("not_allowed", gettext("You may not change the definitions of this programme."))
    return here


@may(Permission.VIEW)
@login_required
@require_GET
def definitions(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """List results and indicators, to be added to and changed."""
    here = _room(request, programme_uuid)
    rows = Indicator.objects.filter(programme=here.programme).select_related("responsibility")
    under: dict[int, list[dict[str, Any]]] = {}
    for row in rows.order_by("position", "id"):
        under.setdefault(row.result_id, []).append(
            {
                "uuid": row.uuid,
                "title": best(row.title, here.language) or str(row.uuid),
                "measure": gettext(words.MEASURES[Measure(row.measure)])
                if row.measure in Measure.values
                else "",
                "responsibility": row.responsibility.title if row.responsibility else "",
                "mine": here.may(DEFINE, row),
            }
        )
    context = {
        "results": [
            {
                "uuid": row.uuid,
                "title": best(row.title, here.language) or str(row.uuid),
                "kind": lines.kind(row.type),
                "indicators": under.get(row.pk, []),
            }
            for row in Result.objects.filter(programme=here.programme).order_by("position", "id")
        ],
        "whole": here.can(DEFINE),
    }
    return page(request, "indicators/definitions.html", context, here=here)


@may(Permission.DEFINE_INDICATORS)
@login_required
@require_http_methods(["GET", "POST"])
def result_add(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Add a result."""
    here = visit(request, programme_uuid, may=DEFINE)
    form = ResultForm(None, here.language, request.POST or None)

    def add() -> None:
        results.define(by=here.actor, programme_uuid=here.programme.uuid, **form.entry())

    if (
        request.method == "POST"
        and form.is_valid()
        and _done(here, form, add, gettext("The result is added."))
    ):
        return redirect("definitions", here.programme.uuid)
    return _form(here, form, gettext("Add a result"))


@may(Permission.DEFINE_INDICATORS)
@login_required
@require_http_methods(["GET", "POST"])
def result_edit(request: HttpRequest, programme_uuid: UUID, result_uuid: UUID) -> HttpResponse:
    """Change a result."""
    here = visit(request, programme_uuid, may=DEFINE)
    row = Result.objects.filter(programme=here.programme, uuid=result_uuid).first()
    if row is None:
        raise Http404
    form = ResultForm(row, here.language, request.POST or None)

    def edit() -> None:
        version = form.cleaned_data["version"] or 0
        results.edit(by=here.actor, result_uuid=row.uuid, version=version, **form.entry())

    if (
        request.method == "POST"
        and form.is_valid()
        and _done(here, form, edit, gettext("The result is changed."))
    ):
        return redirect("definitions", here.programme.uuid)
    return _form(here, form, gettext("Change a result"))


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def indicator_add(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Add an indicator to a result."""
    here = _room(request, programme_uuid)
    initial = {"result": request.GET.get("result", "")}
    form = _indicator_form(here, None, request.POST or None, initial=initial)
    made: list[Indicator] = []

    def add() -> None:
        result = UUID(form.cleaned_data["result"])
        made.append(indicators.define(by=here.actor, result_uuid=result, **form.entry()))

    if (
        request.method == "POST"
        and form.is_valid()
        and _done(here, form, add, gettext("The indicator is added."))
    ):
        return redirect("indicator-frame", here.programme.uuid, made[0].uuid)
    return _form(here, form, gettext("Add an indicator"))


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def indicator_edit(request: HttpRequest, programme_uuid: UUID, indicator_uuid: UUID) -> HttpResponse:
    """Change the definition of an indicator."""
    here, row = _indicator(request, programme_uuid, indicator_uuid)
    form = _indicator_form(here, row, request.POST or None)

    def edit() -> None:
        indicators.edit(
            by=here.actor,
            indicator_uuid=row.uuid,
            version=form.cleaned_data["version"] or 0,
            break_in=form.break_in(),
            **form.entry(),
        )

    said = gettext("The definition is changed.")
    if request.method == "POST" and form.is_valid() and _done(here, form, edit, said):
        return redirect("indicator", here.programme.uuid, row.uuid)
    return _form(here, form, gettext("Change an indicator"), indicator=row.uuid)


def _indicator_form(here: Room, row: Indicator | None, *args: Any, **kwargs: Any) -> IndicatorForm:
    held = Responsibility.objects.filter(programme=here.programme).order_by("title", "id")
    return IndicatorForm(
        row,
        here.language,
        *args,
        results=list(Result.objects.filter(programme=here.programme).order_by("position", "id")),
        responsibilities=list(held),
        axes=list(Axis.objects.filter(programme=here.programme).order_by("position", "id")),
        **kwargs,
    )


def _indicator(request: HttpRequest, programme_uuid: UUID, indicator_uuid: UUID) -> tuple[Room, Indicator]:
    here = _room(request, programme_uuid)
    rows = Indicator.objects.filter(programme=here.programme, uuid=indicator_uuid)
    row = rows.select_related("responsibility", "result").first()
    if row is None:
        raise Http404
    if not here.may(DEFINE, row):
        raise NotAllowed("not_allowed", gettext("Somebody else defines this indicator."))
    return here, row


def _done(here: Room, form: forms.Form, act: Callable[[], None], said: str) -> bool:
    """Do it, and say so; what was noticed is told besides."""
    if not perform(form, act):
        return False
    for sentence in getattr(form, "heard", ()):
        messages.warning(here.request, sentence)
    messages.success(here.request, said)
    return True


def _form(here: Room, form: forms.Form, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, **more}
    return page(here.request, "indicators/definition_form.html", context, here=here)


# --- what it is measured against ------------------------------------------------------------------

FORMS: Final[Mapping[str, type[forms.Form]]] = {
    "baseline": BaselineForm,
    "target": TargetForm,
    "period": PeriodForm,
    "break": BreakForm,
    "floor": FloorForm,
}
SAID: Final = {
    "baseline": _("The baseline is stated."),
    "target": _("The target is stated."),
    "period": _("The period is added."),
    "break": _("The break is stated."),
    "floor": _("The floor is kept."),
}


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def indicator_frame(request: HttpRequest, programme_uuid: UUID, indicator_uuid: UUID) -> HttpResponse:
    """State an indicator's baselines, targets, periods, breaks and floor."""
    here, row = _indicator(request, programme_uuid, indicator_uuid)
    asked = request.POST.get("do", "")
    shown: dict[str, forms.Form] = {name: kind(auto_id=f"{name}_%s") for name, kind in FORMS.items()}
    failed: forms.Form | None = None
    if request.method == "POST":
        if asked not in FORMS:
            return redirect("indicator-frame", here.programme.uuid, row.uuid)
        form = FORMS[asked](request.POST, auto_id=f"{asked}_%s")
        if form.is_valid() and _done(here, form, lambda: _state(here, row, asked, form), str(SAID[asked])):
            return redirect("indicator-frame", here.programme.uuid, row.uuid)
        shown[asked] = failed = form
    context = {
        "form": failed,
        "forms": shown,
        "title": best(row.title, here.language) or str(row.uuid),
        "indicator": row.uuid,
        **_stated(row),
    }
    return page(request, "indicators/frame.html", context, here=here)


def _state(here: Room, row: Indicator, what: str, form: forms.Form) -> None:
    given = form.cleaned_data
    said: dict[str, Any] = {"by": here.actor, "indicator_uuid": row.uuid}
    match what:
        case "baseline":
            baselines.put(**said, year=given["year"], value=_value(row, given["value"]))
        case "target":
            targets.put(
                **said,
                starts_on=given["starts_on"],
                ends_on=given["ends_on"],
                value=_value(row, given["value"]),
            )
        case "period":
            periods.put(**said, starts_on=given["starts_on"], ends_on=given["ends_on"])
        case "floor":
            floors.set_floor(**said, level=given["level"], reason=given["reason"])
        case _:
            breaks.state(**said, on=given["on"], kind=given["kind"], reason=given["reason"])


def _value(row: Indicator, text: str) -> str:
    """Read a number as people write it; words stay as they are."""
    if row.measure not in NUMERIC_MEASURES:
        return text
    try:
        number = AmountField(max_digits=38, decimal_places=12).clean(text)
    except ValidationError:
        return text
    return decimal_text(number) if number is not None else text


def _stated(row: Indicator) -> dict[str, Any]:
    there = Period.objects.filter(indicator=row, starts_on__isnull=False).order_by("-ends_on", "-starts_on")
    aims = Target.objects.filter(period__indicator=row).select_related("period")
    known = words.titles(list(Axis.objects.filter(programme=row.programme_id)))
    return {
        "baselines": [
            {
                "year": each.year,
                "value": words.baseline(row, each).split(" (")[0],
                "group": _group(each, known),
            }
            for each in Baseline.objects.filter(indicator=row).order_by("position", "id")
        ],
        "targets": [
            {
                "span": words.span(each.period.starts_on, each.period.ends_on),
                "value": words.of(row, each.value) if each.value is not None else each.value_text,
                "group": _group(each, known),
            }
            for each in aims.order_by("-period__ends_on", "position", "id")
        ],
        "periods": list(dict.fromkeys(words.span(each.starts_on, each.ends_on) for each in there)),
        "breaks": [
            {
                "on": each.on,
                "kind": languages.translated(BreakKind(each.kind).label),
                "reason": each.reason,
                "by": each.stated_by_name,
                "organisation": each.organisation_name,
            }
            for each in Break.objects.filter(indicator=row).order_by("-on", "-id")
        ],
        "floor": [
            {"level": words.of(row, each.level), "reason": each.reason}
            for each in Floor.objects.filter(indicator=row)
        ],
    }


def _group(each: Baseline | Target, known: words.Titles) -> str:
    said = ", ".join(words.category(item["name"], item["value"], known) for item in each.dimensions)
    return said or gettext("everybody")
