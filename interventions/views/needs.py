"""Needs: the tree, one need, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from handover.languages import language
from handover.narratives import best
from handover.permissions import Permission
from handover.views.pages import Visit, attempt, page, perform, visit
from handover.views.programmes.conflicts import perform_edit
from handover.views.routes import may
from interventions.actions import levels
from interventions.actions import needs as actions
from interventions.models import Need, NeedState
from interventions.queries import need_pages as reads
from interventions.queries.levels import DEFAULT
from interventions.queries.need_pages import Shown
from interventions.views import need_forms
from interventions.views.need_forms import LABELS, MoveForm, NeedForm, OtherNeedForm, ReasonForm

EDIT: Final = Permission.EDIT_NEEDS
FORM: Final = "handover/programmes/form.html"
BOTH: Final = ["GET", "HEAD", "POST"]


@may(Permission.VIEW)
@login_required
@require_safe
def needs(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show a programme's needs as a tree, level by level at the top."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    roots = reads.needs_tree(here.programme, language())
    known = reads.levels_of(here.programme) if not roots else []
    said = {
        "levels": _by_level(roots),
        "counts": reads.counts(roots),
        "edits": here.can(EDIT),
        "no_levels": not roots and not known,
        "tab": "needs",
    }
    return page(request, "interventions/needs.html", said, here=here)


def _by_level(roots: Iterable[Shown]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for root in roots:
        level = root.need.level
        part = found.setdefault(level.pk, {"title": best(level.title, language()) or level.key, "roots": []})
        part["roots"].append(_told(root, level.pk))
    return list(found.values())


def _told(item: Shown, level: int) -> dict[str, Any]:
    """Give a need and all below it as plain values; the level is told where a branch enters another one."""
    need = item.need
    return {
        "uuid": need.uuid,
        "number": item.node.number,
        "title": best(need.title, language()),
        "level": best(need.level.title, language()) if need.level_id != level else "",
        "severity": need.severity,
        "people": need.people_affected,
        "place": need.place.name if need.place else "",
        "met": need.state == NeedState.MET,
        "covered": item.covered,
        "own": item.own,
        "answers": item.answers,
        "children": [_told(child, need.level_id) for child in item.children],
    }


@may(Permission.VIEW)
@login_required
@require_safe
def need(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Show one need: what is said of it, what answers it, where it comes from, what it came of."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = one(here, need_uuid)
    found = reads.about(row, language())
    said = {
        "need": row,
        "about": found,
        "below": [_told(item, row.level_id) for item in found.below],
        "severity": need_forms.SEVERITIES[row.severity],
        "edits": here.can(EDIT) and not _closed(row),
        "closed": _closed(row),
        "met": row.state == NeedState.MET,
        "tab": "needs",
    }
    return page(request, "interventions/need.html", said, here=here)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def add(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Add a need, below another or at the top."""
    here = visit(request, programme_uuid, may=EDIT)
    start = {"parent": request.GET.get("below", ""), "raised_by": "both"}
    form = NeedForm(sent(request), initial=start, programme=here.programme, adds=True)
    made: list[Need] = []

    def act() -> None:
        parent = form.cleaned_data["parent"]
        above = UUID(parent) if parent else None
        made.append(
            actions.add(by=here.actor, programme_uuid=here.programme.uuid, parent=above, **form.entry())
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The need is added."))
        return redirect("need", here.programme.uuid, made[0].uuid)
    heading = gettext("Add a need")
    return form_page(here, form, heading, gettext("Add the need"), back=tree_of(here))


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def edit(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Change what is said of a need."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, need_uuid)
    start = need_forms.start_of(row)
    form = NeedForm(sent(request), initial=start, programme=here.programme, row=row, version=row.version)

    def act(version: int) -> None:
        actions.edit(by=here.actor, need_uuid=row.uuid, version=version, **form.entry(row))

    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=LABELS, shown=need_forms.said_of)
    ):
        return done(here, row, gettext("The need is changed."))
    return form_page(here, form, gettext("Change the need"), gettext("Keep the changes"), row=row)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def move(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Put a need, with all below it, somewhere else."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, need_uuid)
    start = {"parent": str(row.parent.uuid) if row.parent else ""}
    below = _below(here, row)
    form = MoveForm(
        sent(request), initial=start, programme=here.programme, without=below, version=row.version
    )

    def act(version: int) -> None:
        parent = form.cleaned_data["parent"]
        actions.move(
            by=here.actor,
            need_uuid=row.uuid,
            parent=UUID(parent) if parent else None,
            version=version,
            rank=form.cleaned_data["rank"],
        )

    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=LABELS, shown=need_forms.said_of)
    ):
        return done(here, row, gettext("The need is moved."))
    return form_page(here, form, gettext("Move the need"), gettext("Move it"), row=row)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def state(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Say that a need is met, or that it is not after all."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, need_uuid)
    met = row.state == NeedState.MET
    label = gettext("Why is it not met?") if met else gettext("How does one know that it is met?")
    form = ReasonForm(sent(request), label=label, version=row.version)
    act_of: Callable[..., Need] = actions.reopen if met else actions.meet

    def act(version: int) -> None:
        act_of(by=here.actor, need_uuid=row.uuid, version=version, reason=form.cleaned_data["reason"])

    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=LABELS, shown=need_forms.said_of)
    ):
        return done(here, row, gettext("The need is open again.") if met else gettext("The need is met."))
    heading = gettext("The need is not met") if met else gettext("The need is met")
    return form_page(here, form, heading, gettext("Open it again") if met else gettext("It is met"), row=row)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def require(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Say that another need comes first."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, need_uuid)
    choices = need_forms.needs(here.programme, without=[row.pk])
    form = OtherNeedForm(
        sent(request), label=gettext("Which need has to be answered first?"), choices=choices
    )

    def act() -> None:
        actions.require(by=here.actor, need_uuid=row.uuid, requires=UUID(form.cleaned_data["other"]))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return done(here, row, gettext("The need waits for the other one."))
    return form_page(here, form, gettext("What comes first"), gettext("It comes first"), row=row)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def release(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Say that a need no longer waits for another."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, need_uuid)
    waits = [link.requires for link in row.prerequisites.select_related("requires").order_by("id")]
    choices = [(str(other.uuid), best(other.title, language())) for other in waits]
    form = OtherNeedForm(
        sent(request), label=gettext("For which need does it no longer wait?"), choices=choices
    )

    def act() -> None:
        actions.release(by=here.actor, need_uuid=row.uuid, requires=UUID(form.cleaned_data["other"]))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return done(here, row, gettext("The need no longer waits for the other one."))
    return form_page(here, form, gettext("No longer wait for a need"), gettext("It no longer waits"), row=row)


@may(EDIT)
@login_required
@require_POST
def rank(request: HttpRequest, programme_uuid: UUID, need_uuid: UUID) -> HttpResponse:
    """Put a need one place up or down among those of its level."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, need_uuid)
    siblings = [
        item.need
        for root in reads.needs_tree(here.programme, language())
        for item in root.walk()
        if item.need.parent_id == row.parent_id
    ]
    order = [item.uuid for item in siblings]
    place = order.index(row.uuid) if row.uuid in order else -1
    other = place + (-1 if request.POST.get("way") == "up" else 1)
    if place < 0 or not 0 <= other < len(order) or siblings[other].level_id != row.level_id:
        messages.error(request, gettext("The need is at the end of its level already."))
        return redirect(tree_of(here))
    order[place], order[other] = order[other], order[place]
    why = attempt(
        lambda: actions.rank(
            by=here.actor,
            programme_uuid=here.programme.uuid,
            parent=row.parent.uuid if row.parent else None,
            ranked=order,
        )
    )
    if why:
        messages.error(request, why)
    else:
        said = gettext("“%(title)s” has another place now.") % {"title": best(row.title, language())}
        messages.success(request, said)
    return redirect(tree_of(here) + f"#need-{row.uuid}")


@may(EDIT)
@login_required
@require_POST
def begin(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Give a programme without levels those of the house to begin with."""
    here = visit(request, programme_uuid, may=EDIT)
    why = attempt(
        lambda: (
            levels.define(by=here.actor, programme_uuid=here.programme.uuid, levels=DEFAULT)
            if not reads.levels_of(here.programme)
            else None
        )
    )
    if why:
        messages.error(request, why)
    else:
        messages.success(request, gettext("The programme has levels. Add its first need."))
    return redirect(tree_of(here))


def sent(request: HttpRequest) -> Any:
    """Give what a form was sent with."""
    return request.POST if request.method == "POST" else None


def one(here: Visit, key: UUID) -> Need:
    """Fetch a need of the programme.

    Raises:
        Http404: there is none.
    """
    row = reads.need_of(here.programme, key)
    if row is None:
        raise Http404
    return row


def _closed(row: Need) -> bool:
    return row.state in (NeedState.MERGED, NeedState.SPLIT)


def _below(here: Visit, row: Need) -> list[int]:
    """Give the keys of a need and of all below it: it cannot be put there."""
    for root in reads.needs_tree(here.programme, language()):
        for item in root.walk():
            if item.need.pk == row.pk:
                return [part.need.pk for part in item.walk()]
    return [row.pk]


def tree_of(here: Visit) -> str:
    """Give the address of the tree."""
    return reverse("needs", args=[here.programme.uuid])


def done(here: Visit, row: Need, said: str) -> HttpResponse:
    """Say what was done, on the page of the need."""
    messages.success(here.request, said)
    return redirect("need", here.programme.uuid, row.uuid)


def form_page(
    here: Visit, form: forms.Form, heading: str, button: str, *, row: Need | None = None, back: str = ""
) -> HttpResponse:
    """Show a form about a need."""
    said = {
        "form": form,
        "heading": heading,
        "lead": f"“{best(row.title, language())}”" if row else "",
        "button": button,
        "back": back or reverse("need", args=[here.programme.uuid, row.uuid if row else ""]),
    }
    return page(here.request, FORM, said, here=here)
