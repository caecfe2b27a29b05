"""Obligations of a programme's grants: what binds until when, by which rule, and what stops the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import obligations as actions
from handover.languages import counted, day, language, money, translated
from handover.models import Grant, Obligation, ObligationPause
from handover.models.obligations import Applies
from handover.permissions import Permission
from handover.queries import obligations as reads
from handover.queries.obligation_rules import shipped
from handover.queries.obligation_words import STATES
from handover.queries.obligations import Duty, OfGrant
from handover.views.pages import Visit, page, perform, visit
from handover.views.programmes.conflicts import perform_edit
from handover.views.programmes.lines import LineForm, said, start_of
from handover.views.programmes.nouns import LABELS, Noun
from handover.views.programmes.obligation_forms import RulesForm, source_of
from handover.views.programmes.registers import BOTH, FORM, offered, sent
from handover.views.routes import may

EDIT: Final = Permission.EDIT_PROGRAMME

_OBLIGATION: Final = Noun(
    "obligations",
    "obligation",
    Obligation,
    gettext_lazy("Obligations"),
    gettext_lazy("Enter a rule of your own"),
    gettext_lazy("Change the obligation"),
    "",
    actions.SAID,
    (),
    on_responsibility=False,
)
_DECIDED: Final = replace(_OBLIGATION, columns=("applies", "why", "debtor", "counts_from", "day"))
"""What is decided of a shipped rule; what it says is not."""
_PAUSE: Final = Noun(
    "obligation-pauses",
    "obligation-pause",
    ObligationPause,
    "",
    gettext_lazy("Enter what stops the clock"),
    gettext_lazy("Change what stops the clock"),
    "",
    actions.PAUSED,
    (),
    on_responsibility=False,
)


@may(Permission.VIEW)
@login_required
@require_safe
def obligations(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Tell what binds after the money, grant by grant."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    by_grant = {found.grant.pk: found for found in reads.of_programme(here.programme)}
    grants = Grant.objects.filter(programme=here.programme).select_related("donor", "lead")
    told = {
        "grants": [
            _grant(here, grant, by_grant.get(grant.pk)) for grant in grants.order_by("starts_on", "pk")
        ],
        "edits": here.can(EDIT),
        "steward": here.programme.steward.name,
    }
    return page(request, "handover/programmes/obligations.html", told, here=here)


def _grant(here: Visit, grant: Grant, found: OfGrant | None) -> dict[str, Any]:
    duties = found.duties if found else ()
    return {
        "row": grant,
        "duties": [_line(here, duty) for duty in duties],
        "until": found.ends_on if found else None,
        "undecided": sum(duty.row.applies == Applies.UNDECIDED for duty in duties),
        "left": len(shipped()) > sum(bool(duty.row.rule) for duty in duties),
    }


def _line(here: Visit, duty: Duty) -> dict[str, Any]:
    word, colour = STATES[duty.state]
    return {
        "duty": duty,
        "title": reads.titled(duty.row, language()),
        "address": reverse("obligation", args=[here.programme.uuid, duty.row.uuid]),
        "kind": translated(duty.row.get_kind_display()).capitalize(),
        "source": source_of(duty.row),
        "mark": translated(duty.row.get_mark_display()),
        "state": gettext(word),
        "colour": colour,
        "last": _last(duty),
        "exposed": money(duty.exposed.amount, duty.row.grant.currency) if duty.exposed else "",
        "undecided": duty.row.applies == Applies.UNDECIDED,
    }


def _last(duty: Duty) -> str:
    if duty.reading.ends_on:
        return day(duty.reading.ends_on)
    if duty.reading.not_before:
        return gettext("not known, not before %(day)s") % {"day": day(duty.reading.not_before)}
    return gettext("not known yet")


@may(Permission.VIEW)
@login_required
@require_safe
def obligation(request: HttpRequest, programme_uuid: UUID, obligation_uuid: UUID) -> HttpResponse:
    """Show one obligation: its rule, how it is counted, what stops it, who answers for it, what is exposed."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    beside = reads.beside(one(here, obligation_uuid), here.programme)
    duty = beside.of(obligation_uuid)
    row = duty.row
    estimate = duty.exposed
    told = {
        **_line(here, duty),
        "row": row,
        "counted": _counted(duty),
        "cells": [
            (LABELS[name], said(row, name)) for name in ("in_force_from", "in_force_to", "applies", "why")
        ],
        "condition": shipped()[row.rule].condition(language()) if row.rule in shipped() else "",
        "pauses": [_pause(here, item) for item in row.pauses.all()],
        "stricter": [_line(here, item) for item in beside.duties if _stricter(item, duty)],
        "steward": here.programme.steward,
        "formula": gettext("%(amount)s × %(left)s ÷ %(whole)s")
        % {
            "amount": money(row.grant.amount, row.grant.currency),
            "left": counted("%(count)s day left", "%(count)s days left", estimate.left),
            "whole": counted("%(count)s day", "%(count)s days", estimate.whole),
        }
        if estimate
        else "",
        "edits": here.can(EDIT),
    }
    return page(request, "handover/programmes/obligation.html", told, here=here)


def _counted(duty: Duty) -> str:
    """Say how the time is counted: ``5 years from 31 December 2026 (31 December of the year of the final payment)``."""
    row, first = duty.row, duty.reading.counted_from
    parts = [counted("%(count)s year", "%(count)s years", row.years)] if row.years else []
    parts += [counted("%(count)s month", "%(count)s months", row.months)] if row.months else []
    words = {
        "time": " ".join(parts),
        "day": day(first),
        "from": translated(row.get_counts_from_display()),
    }
    if not parts:
        return (
            gettext("By %(day)s (%(from)s)") % words
            if first
            else gettext("By a day not known yet (%(from)s)") % words
        )
    if first:
        return gettext("%(time)s from %(day)s (%(from)s)") % words
    return gettext("%(time)s from a day not known yet (%(from)s)") % words


def _pause(here: Visit, item: ObligationPause) -> dict[str, Any]:
    return {
        "row": item,
        "effect": translated(item.get_effect_display()),
        "address": reverse("obligation-pause-edit", args=[here.programme.uuid, item.uuid]),
    }


def _stricter(other: Duty, duty: Duty) -> bool:
    """Tell whether another obligation decides instead of this one."""
    same = (other.row.kind, other.row.is_deadline) == (duty.row.kind, duty.row.is_deadline)
    return same and other.binds and not duty.binds and duty.row.applies != Applies.NO


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def adopt(request: HttpRequest, programme_uuid: UUID, grant_uuid: UUID) -> HttpResponse:
    """Take shipped rules over for a grant."""
    here = visit(request, programme_uuid, may=EDIT)
    grant = _grant_of(here, grant_uuid)
    there = set(Obligation.objects.filter(grant=grant).values_list("rule", flat=True))
    left = [rule for rule in shipped().values() if rule.key not in there and rule.in_force(grant)]
    form = RulesForm(sent(request), rules=left)
    made: list[Obligation] = []

    def act() -> None:
        keys = form.cleaned_data["rules"]
        made.extend(actions.adopt(by=here.actor, grant_uuid=grant.uuid, rules=keys, language=language()))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The rules are taken over. Now decide of each whether it applies."))
        return redirect("obligations", here.programme.uuid)
    told = {
        "form": form,
        "heading": gettext("Take rules over"),
        "lead": gettext(
            "None of this is advice. Take over what may bind this grant; whether a rule applies, you decide afterwards."
        ),
        "button": gettext("Take them over"),
        "back": reverse("obligations", args=[here.programme.uuid]),
    }
    return page(request, FORM, told, here=here)


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def add(request: HttpRequest, programme_uuid: UUID, grant_uuid: UUID) -> HttpResponse:
    """Enter a rule of one's own for a grant."""
    here = visit(request, programme_uuid, may=EDIT)
    grant = _grant_of(here, grant_uuid)
    start = {"mark": "unconfirmed", "applies": "yes", "exposure": "none", "debtor": str(grant.lead.uuid)}
    form = _form(here, _OBLIGATION, sent(request), start)
    made: list[Obligation] = []

    def act() -> None:
        made.append(actions.enter(by=here.actor, grant_uuid=grant.uuid, **_said_only(form)))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("“%(title)s” is entered.") % {"title": made[0].title})
        return redirect("obligation", here.programme.uuid, made[0].uuid)
    return _form_page(
        here,
        form,
        _OBLIGATION.adding,
        gettext("Enter it"),
        reverse("obligations", args=[here.programme.uuid]),
    )


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def edit(request: HttpRequest, programme_uuid: UUID, obligation_uuid: UUID) -> HttpResponse:
    """Change an obligation: most often, decide whether it applies."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, obligation_uuid)
    noun = _DECIDED if row.rule else _OBLIGATION
    start = start_of(row, noun.columns)
    form = _form(here, noun, sent(request), start, version=row.version)

    def act(version: int) -> None:
        actions.edit(by=here.actor, obligation_uuid=row.uuid, version=version, **form.changes(start))

    labels = {name: LABELS[name] for name in noun.columns}
    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=labels, shown=said)
    ):
        messages.success(
            request, gettext("“%(title)s” is changed.") % {"title": reads.titled(row, language())}
        )
        return redirect("obligation", here.programme.uuid, row.uuid)
    back = reverse("obligation", args=[here.programme.uuid, row.uuid])
    return _form_page(
        here, form, _OBLIGATION.changing, gettext("Keep the changes"), back, reads.titled(row, language())
    )


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def pause(request: HttpRequest, programme_uuid: UUID, obligation_uuid: UUID) -> HttpResponse:
    """Enter proceedings or an authority's request that stop the clock."""
    here = visit(request, programme_uuid, may=EDIT)
    row = one(here, obligation_uuid)
    form = _form(here, _PAUSE, sent(request), {})

    def act() -> None:
        actions.pause(by=here.actor, obligation_uuid=row.uuid, **_said_only(form))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("It is entered, and the last day is worked out anew."))
        return redirect("obligation", here.programme.uuid, row.uuid)
    back = reverse("obligation", args=[here.programme.uuid, row.uuid])
    return _form_page(here, form, _PAUSE.adding, gettext("Enter it"), back, reads.titled(row, language()))


@may(EDIT)
@login_required
@require_http_methods(BOTH)
def edit_pause(request: HttpRequest, programme_uuid: UUID, obligation_pause_uuid: UUID) -> HttpResponse:
    """Change what stops a clock: most often, say its last day."""
    here = visit(request, programme_uuid, may=EDIT)
    rows = ObligationPause.objects.filter(programme=here.programme, uuid=obligation_pause_uuid)
    found = rows.select_related("obligation").first()
    if found is None:
        raise Http404
    start = start_of(found, _PAUSE.columns)
    form = _form(here, _PAUSE, sent(request), start, version=found.version)

    def act(version: int) -> None:
        actions.edit_pause(by=here.actor, pause_uuid=found.uuid, version=version, **form.changes(start))

    labels = {name: LABELS[name] for name in _PAUSE.columns}
    back = reverse("obligation", args=[here.programme.uuid, found.obligation.uuid])
    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, found, labels=labels, shown=said)
    ):
        messages.success(request, gettext("It is changed, and the last day is worked out anew."))
        return redirect(back)
    return _form_page(here, form, _PAUSE.changing, gettext("Keep the changes"), back, found.authority)


def one(here: Visit, key: UUID) -> Obligation:
    """Fetch an obligation of the programme.

    Raises:
        Http404: there is none.
    """
    found = reads.rows(here.programme).filter(uuid=key).first()
    if found is None:
        raise Http404
    return found


def _grant_of(here: Visit, key: UUID) -> Grant:
    found = Grant.objects.filter(programme=here.programme, uuid=key).select_related("lead").first()
    if found is None:
        raise Http404
    return found


def _form(here: Visit, noun: Noun, data: Any, start: Mapping[str, Any], **kwargs: Any) -> LineForm:
    columns = noun.columns
    form = LineForm(
        data, initial=start, noun=noun, columns=columns, offered=offered(here, noun, columns), **kwargs
    )
    # In registers a source pays; here it is where a rule stands.
    if "source" in form.fields:
        form.fields["source"].label = gettext("Law, agreement or decision")
    return form


def _said_only(form: LineForm) -> dict[str, Any]:
    """Give what was entered; an empty field says nothing."""
    return {name: value for name, value in form.columns().items() if value not in ("", None)}


def _form_page(
    here: Visit, form: LineForm, heading: Any, button: str, back: str, lead: str = ""
) -> HttpResponse:
    told = {"form": form, "heading": heading, "button": button, "back": back, "lead": lead}
    return page(here.request, FORM, told, here=here)
