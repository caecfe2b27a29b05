"""The next stage of a budget line, who pays a post, and the budget curve."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import budgets as budget_actions
from handover.actions import posts as post_actions
from handover.errors import Invalid
from handover.languages import refusal
from handover.models import BudgetLine, Post, PostFunding
from handover.models.registers import Source
from handover.permissions import Permission
from handover.queries import budgets
from handover.queries.budgets import Certainty, Curve, CurveYear
from handover.views.pages import page, perform, visit
from handover.views.programmes.lines import LineForm
from handover.views.programmes.nouns import BY_SLUG, Noun
from handover.views.programmes.registers import BOTH, FORM, may_edit, offered, one, refused, sent
from handover.views.routes import may

HEIGHT: Final = 160
BAR: Final = 36
STEP: Final = 64
LEFT: Final = 4
COLOURS: Final = {
    Source.GRANT: "#1d4f7a",
    Source.MUNICIPALITY: "#00703c",
    Source.STATE: "#f47738",
    Source.OTHER: "#505a5f",
}
CERTAINTIES: Final = {
    Certainty.EXECUTED: gettext_noop("spent"),
    Certainty.DECIDED: gettext_noop("decided"),
    Certainty.REQUESTED: gettext_noop("asked for"),
    Certainty.ESTIMATE: gettext_noop("estimated"),
}
STAGE: Final = Noun(
    "stage", "stage", BudgetLine, "", "", "", "", ("stage", "amount", "decided_on", "legal_act"), ()
)
FUNDING: Final = Noun(
    "funding", "funding", PostFunding, "", "", "", "", ("source", "share", "starts_on", "ends_on", "note"), ()
)


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def stage(request: HttpRequest, programme_uuid: UUID, budget_line_uuid: UUID) -> HttpResponse:
    """Enter the next stage of a budget line; the stages before stay."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    kind = BY_SLUG["budget-lines"]
    row: BudgetLine = one(here, kind, {kind.argument: budget_line_uuid})
    if not may_edit(here, row):
        return refused(here, kind, row)
    form = LineForm(
        sent(request),
        initial={"amount": row.amount},
        noun=STAGE,
        columns=STAGE.columns,
        offered=offered(here, STAGE, STAGE.columns),
    )
    form.fields["stage"].required = True
    made: list[BudgetLine] = []

    def act() -> None:
        made.append(budget_actions.stage(by=here.actor, line_uuid=row.uuid, **form.columns()))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The next stage is entered; the ones before stay."))
        return redirect(kind.name, here.programme.uuid, made[0].uuid)
    told = {
        "form": form,
        "heading": gettext("Enter the next stage"),
        "lead": row.title,
        "button": gettext("Enter the stage"),
        "back": reverse(kind.name, args=[here.programme.uuid, row.uuid]),
    }
    return page(request, FORM, told, here=here)


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def fund(request: HttpRequest, programme_uuid: UUID, post_uuid: UUID) -> HttpResponse:
    """Say who pays which share of a post on which days."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    kind = BY_SLUG["posts"]
    row: Post = one(here, kind, {kind.argument: post_uuid})
    if not may_edit(here, row):
        return refused(here, kind, row)
    start = {"starts_on": row.starts_on, "share": Decimal(100)}
    form = LineForm(sent(request), initial=start, noun=FUNDING, columns=FUNDING.columns, offered={})

    def act() -> None:
        post_actions.fund(by=here.actor, post_uuid=row.uuid, **form.columns())

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("It is entered who pays the post."))
        return redirect(kind.name, here.programme.uuid, row.uuid)
    told = {
        "form": form,
        "heading": gettext("Say who pays the post"),
        "lead": row.title,
        "button": gettext("Enter it"),
        "back": reverse(kind.name, args=[here.programme.uuid, row.uuid]),
    }
    return page(request, FORM, told, here=here)


@may(Permission.VIEW)
@login_required
@require_safe
def curve(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show how the money moves from the grant to others, year by year: a table, and the same drawn."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    try:
        found, why = budgets.curve(here.programme), ""
    except Invalid as error:
        found, why = Curve("", []), refusal(error)
    sources = [source for source in Source if any(source in year.by_source() for year in found.years)]
    told = {
        "refused": why,
        "currency": found.currency,
        "sources": [{"label": source.label, "colour": COLOURS[source]} for source in sources],
        "years": [_year(year, sources) for year in found.years],
        "bars": _bars(found, sources),
        "width": LEFT * 2 + STEP * len(found.years),
        "height": HEIGHT,
        "first_year": found.years[0].year if found.years else "",
        "last_year": found.years[-1].year if found.years else "",
        "lines_address": reverse("budget-lines", args=[here.programme.uuid]),
    }
    return page(request, "handover/programmes/curve.html", told, here=here)


def _year(year: CurveYear, sources: list[Source]) -> dict[str, Any]:
    amounts = year.by_source()
    return {
        "year": year.year,
        "total": year.total,
        "amounts": [
            {"label": source.label, "amount": amounts.get(source), "share": year.share(source)}
            for source in sources
        ],
        "certainty": [
            {"word": CERTAINTIES[level], "amount": amount}
            for level, amount in year.by_certainty().items()
            if amount
        ],
    }


def _bars(found: Curve, sources: list[Source]) -> list[dict[str, Any]]:
    most = max((year.total for year in found.years), default=Decimal(0))
    drawn = []
    for place, year in enumerate(found.years):
        top, parts = HEIGHT, []
        for source in sources:
            amount = year.by_source().get(source, Decimal(0))
            tall = int(amount * HEIGHT / most) if most else 0
            if tall:
                top -= tall
                parts.append({"y": top, "height": tall, "colour": COLOURS[source]})
        x = LEFT + place * STEP + (STEP - BAR) // 2
        drawn.append({"x": x, "width": BAR, "year": year.year, "parts": parts})
    return drawn
