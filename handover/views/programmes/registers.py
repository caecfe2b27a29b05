"""Registers of a programme: what there is, one line, and entering and changing lines; every register alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import registers as actions
from handover.models import Grant, LegalAct, Organisation, Post, PostFunding, Responsibility
from handover.models.base import InProgramme
from handover.models.legal_acts import FALLEN
from handover.models.registers import Register
from handover.permissions import Permission
from handover.queries import register_lines as reads
from handover.queries.seats import Reached, seat_of
from handover.views.pages import Visit, page, perform, visit
from handover.views.programmes.conflicts import perform_edit
from handover.views.programmes.lines import LineForm, called, said, start_of
from handover.views.programmes.nouns import BY_SLUG, LABELS, NOUNS, Noun
from handover.views.routes import may

EDIT: Final = Permission.EDIT_RESPONSIBILITY
FORM: Final = "handover/programmes/form.html"
BOTH: Final = ["GET", "HEAD", "POST"]
OWN: Final = {"legal-acts": Permission.ADD_EVIDENCE, "grants": Permission.EDIT_PROGRAMME}
"""Registers that hang on the programme, and what entering a line asks."""


@may(Permission.VIEW)
@login_required
@require_safe
def registers(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Name the registers of a programme, and how much stands in each."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    models = {noun.slug: noun.model for noun in NOUNS} | {"responsibilities": Responsibility}
    counts = reads.counted(models, here.programme)
    said_of = {
        "responsibilities": counts["responsibilities"],
        "nouns": [
            {
                "title": noun.title,
                "count": counts[noun.slug],
                "address": reverse(noun.plural, args=[here.programme.uuid]),
            }
            for noun in NOUNS
        ],
    }
    return page(request, "handover/programmes/registers.html", said_of, here=here)


@may(Permission.VIEW)
@login_required
@require_safe
def lines(request: HttpRequest, programme_uuid: UUID, noun: str) -> HttpResponse:
    """List the lines of a register; of one responsibility where it is asked for."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    kind = BY_SLUG[noun]
    asked = _uuid(request.GET.get("responsibility", "")) if kind.on_responsibility else None
    number = request.GET.get("page", "")
    found = reads.lines(
        kind.model,
        here.programme,
        responsibility=asked,
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
    )
    kept: dict[str, Any] = {"responsibility": asked} if asked else {}
    told = {
        "noun": kind,
        "found": found,
        "heads": [LABELS[name] for name in kind.listed],
        "rows": [_listed(row, kind, here) for row in found.rows],
        "form": _narrowing(here, asked) if kind.on_responsibility and (found.count or asked) else None,
        "asked": asked,
        "adding": reverse(f"{kind.name}-add", args=[here.programme.uuid]) if _may_add(here, kind) else "",
        "curve": kind.slug == "budget-lines",
        "before": urlencode({**kept, "page": found.page - 1}) if found.page > 1 else "",
        "after": urlencode({**kept, "page": found.page + 1}) if found.page < found.pages else "",
    }
    return page(request, "handover/programmes/lines.html", told, here=here)


def _listed(row: Any, kind: Noun, here: Visit) -> dict[str, Any]:
    fallen = getattr(row, "legal_act", None)
    return {
        "title": called(row),
        "address": reverse(kind.name, args=[here.programme.uuid, row.uuid]),
        "cells": [(LABELS[name], said(row, name)) for name in kind.listed],
        "fallen": fallen is not None and fallen.status in FALLEN,
    }


class NarrowingForm(forms.Form):
    """Of which responsibility."""

    responsibility = forms.ChoiceField(label=_("Responsibility"))


def _narrowing(here: Visit, asked: UUID | None) -> forms.Form:
    form = NarrowingForm(initial={"responsibility": str(asked or "")})
    field: Any = form.fields["responsibility"]
    field.choices = [("", gettext("All")), *responsibilities(here)]
    field.widget.is_required = False
    return form


def responsibilities(here: Visit, among: Sequence[int] | None = None) -> list[tuple[str, str]]:
    """Give the programme’s responsibilities as choices, or some of them by their keys."""
    rows = Responsibility.objects.filter(programme=here.programme)
    if among is not None:
        rows = rows.filter(pk__in=among)
    return [(str(uuid), title) for uuid, title in rows.order_by("title").values_list("uuid", "title")]


@may(Permission.VIEW)
@login_required
@require_safe
def line(request: HttpRequest, programme_uuid: UUID, noun: str, **named: UUID) -> HttpResponse:
    """Show one line of a register, with what rests on it or pays for it."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    kind = BY_SLUG[noun]
    row = one(here, kind, named)
    act = getattr(row, "legal_act", None)
    edits = bool(kind.editable) and may_edit(here, row)
    told = {
        "noun": kind,
        "row": row,
        "title": called(row),
        "cells": [_cell(row, name, here) for name in _told(kind)],
        "fallen": act is not None and act.status in FALLEN,
        "editing": reverse(f"{kind.name}-edit", args=[here.programme.uuid, row.uuid]) if edits else "",
        "edits": edits,
        "fundings": _fundings(row) if isinstance(row, Post) else [],
        "is_post": isinstance(row, Post),
        "is_budget": kind.slug == "budget-lines",
        "resting": _resting(here, row) if isinstance(row, LegalAct) else [],
        "is_act": isinstance(row, LegalAct),
    }
    return page(request, "handover/programmes/line.html", told, here=here)


def _told(kind: Noun) -> list[str]:
    return (["responsibility"] if kind.on_responsibility else []) + [
        name for name in kind.columns if name not in ("title", "currency") or kind.slug == "legal-acts"
    ]


def _cell(row: Any, name: str, here: Visit) -> dict[str, Any]:
    value = getattr(row, name)
    pages = {
        "responsibility": "responsibility",
        "legal_act": "legal-act",
        "contract": "contract",
        "grant": "grant",
    }
    linked = value is not None and name in pages
    return {
        "label": LABELS[name],
        "said": said(row, name),
        "address": reverse(pages[name], args=[here.programme.uuid, value.uuid]) if linked else "",
    }


def _fundings(row: Post) -> list[dict[str, Any]]:
    rows = PostFunding.objects.filter(post=row).order_by("starts_on", "pk")
    return [
        {"source": said(item, "source"), "share": item.share, "first": item.starts_on, "last": item.ends_on}
        for item in rows
    ]


def _resting(here: Visit, act: LegalAct) -> list[dict[str, str]]:
    kinds = {noun.model.__name__: noun for noun in NOUNS if noun.on_responsibility}
    found = reads.resting_on(act, [noun.model for noun in kinds.values()])
    return [
        {
            "kind": str(kinds[name].title),
            "title": title,
            "address": reverse(kinds[name].name, args=[here.programme.uuid, uuid]),
        }
        for name, uuid, title in found
    ]


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def add(request: HttpRequest, programme_uuid: UUID, noun: str) -> HttpResponse:
    """Enter a line in a register; of a responsibility whoever holds it may."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    kind = BY_SLUG[noun]
    if not _may_add(here, kind):
        return refused(here, kind)
    mine = responsibilities(here, held(here)) if kind.on_responsibility else []
    start = {"responsibility": request.GET.get("responsibility", "")}
    form = LineForm(
        sent(request),
        initial=start,
        noun=kind,
        columns=kind.columns,
        offered=offered(here, kind, kind.columns),
        responsibilities=mine,
    )
    made: list[Any] = []

    def act() -> None:
        made.append(_entered(here, kind, form.cleaned_data, form.columns()))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("“%(title)s” is entered.") % {"title": called(made[0])})
        return redirect(kind.name, here.programme.uuid, made[0].uuid)
    told = {
        "form": form,
        "heading": kind.adding,
        "button": gettext("Enter it"),
        "back": reverse(kind.plural, args=[here.programme.uuid]),
    }
    return page(request, FORM, told, here=here)


def _entered(here: Visit, kind: Noun, given: Any, columns: dict[str, Any]) -> InProgramme:
    key = here.programme.uuid
    if kind.on_responsibility:
        register: Any = kind.model
        line: Register = actions.enter(
            by=here.actor, register=register, responsibility_uuid=UUID(given["responsibility"]), **columns
        )
        return line
    for name in ("issuer", "donor", "lead"):
        if columns.get(name):
            columns[name] = Organisation.objects.get(uuid=columns[name])
    plain = {name: value for name, value in columns.items() if value != "" or name == "title"}
    if kind.model is LegalAct:
        return actions.cite(by=here.actor, programme_uuid=key, **plain)
    return actions.add_grant(by=here.actor, programme_uuid=key, **plain)


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def edit(request: HttpRequest, programme_uuid: UUID, noun: str, **named: UUID) -> HttpResponse:
    """Change a line of a register; the ledger keeps what stood there before."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    kind = BY_SLUG[noun]
    row = one(here, kind, named)
    if not may_edit(here, row):
        return refused(here, kind, row)
    form = LineForm(
        sent(request),
        initial=start_of(row, kind.editable),
        noun=kind,
        columns=kind.editable,
        offered=offered(here, kind, kind.editable),
        asks_why=isinstance(row, Post),
        version=row.version,
    )

    def act(version: int) -> None:
        _changed(here, kind, row, version, form)

    labels = {name: LABELS[name] for name in kind.editable}
    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=labels, shown=said)
    ):
        title = form.cleaned_data.get("title") or called(row)
        messages.success(request, gettext("“%(title)s” is changed.") % {"title": title})
        return redirect(kind.name, here.programme.uuid, row.uuid)
    told = {
        "form": form,
        "heading": kind.changing,
        "lead": called(row),
        "button": gettext("Keep the changes"),
        "back": reverse(kind.name, args=[here.programme.uuid, row.uuid]),
    }
    return page(request, FORM, told, here=here)


def _changed(here: Visit, kind: Noun, row: Any, version: int, form: LineForm) -> None:
    if isinstance(row, LegalAct):
        status = form.cleaned_data["status"]
        actions.restate(by=here.actor, act=row, version=version, status=status)
        return
    changes = form.changes(start_of(row, kind.editable))
    if isinstance(row, Grant):
        actions.edit_grant(by=here.actor, grant_uuid=row.uuid, version=version, **changes)
        return
    register: Any = kind.model
    actions.edit(
        by=here.actor,
        register=register,
        line_uuid=row.uuid,
        version=version,
        reason=form.cleaned_data.get("reason", ""),
        **changes,
    )


def sent(request: HttpRequest) -> Any:
    """Give what a form was sent with."""
    return request.POST if request.method == "POST" else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def one(here: Visit, kind: Noun, named: dict[str, UUID]) -> Any:
    """Fetch a line of a register of the programme.

    Raises:
        Http404: there is none.
    """
    row = reads.line(kind.model, here.programme, named[kind.argument])
    if row is None:
        raise Http404
    return row


def offered(here: Visit, kind: Noun, columns: Sequence[str]) -> dict[str, list[tuple[str, Any]]]:
    """Give what the columns of a register may refer to."""
    wanted = [field for field in reads.references(kind.model) if field.name in columns]
    targets: list[Any] = [field.related_model for field in wanted]
    return reads.candidates(here.programme, targets)


def reached(here: Visit) -> Reached | None:
    """Give what the person holds on the programme and on each of its responsibilities."""
    return seat_of(here.actor).programmes.get(here.programme.pk)


def held(here: Visit) -> list[int]:
    """Give the responsibilities whose registers the person may keep."""
    found = reached(here)
    return [key for key, codes in found.responsibilities.items() if EDIT in codes] if found else []


def _may_add(here: Visit, kind: Noun) -> bool:
    return bool(held(here)) if kind.on_responsibility else here.can(OWN[kind.slug])


def may_edit(here: Visit, row: Any) -> bool:
    """Tell whether the person may change a line."""
    if isinstance(row, Register):
        return row.responsibility_id in held(here)
    if isinstance(row, LegalAct):
        own = row.issuer_id == here.actor.organisation.pk
        return here.can(Permission.ADD_EVIDENCE if own else Permission.EDIT_PROGRAMME)
    return isinstance(row, Grant) and here.can(Permission.EDIT_PROGRAMME)


def refused(here: Visit, kind: Noun, row: Any = None) -> HttpResponse:
    """Send somebody who may only read back to reading, and say why."""
    said_so = (
        gettext("Whoever holds the responsibility keeps these lines; you may read them.")
        if kind.on_responsibility
        else gettext("You may read this, and not change it.")
    )
    messages.error(here.request, said_so)
    if row is None:
        return redirect(kind.plural, here.programme.uuid)
    return redirect(kind.name, here.programme.uuid, row.uuid)
