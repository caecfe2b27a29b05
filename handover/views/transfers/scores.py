"""The scores of one round: one's own, answered domain by domain and closed; then the gap, and what is agreed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import readiness as actions
from handover.languages import language, translated
from handover.models import Assessment
from handover.models.readiness import AssessmentState, Voice
from handover.narratives import best
from handover.permissions import Permission
from handover.queries import readiness_pages as reads
from handover.queries.questionnaires import Domain, Questionnaire
from handover.queries.readiness import Round, assessment_for, may_read, round_of, sheet_of
from handover.queries.readiness_gaps import DomainGap, Gap, gap_of
from handover.queries.readiness_pages import Asker, Turn
from handover.views.pages import Visit, asker, found, page, perform
from handover.views.routes import may
from handover.views.transfers.readiness import TURNS, asker_of, tag
from handover.views.transfers.score_forms import AgreedForm, DomainForm, labels, shown

WIDTH: Final = 200
"""Units of the width of a domain's drawing: two for each point of the score."""
SCORES: Final = Permission.ASSESS_READINESS


class RoundVisit(Visit):
    """Somebody on a page of a round."""

    assessment: Assessment
    within: Round
    by: Asker
    turn: Turn

    def show(self, template: str, context: dict[str, Any]) -> HttpResponse:
        """Render a page of the round."""
        first = self.within.first
        said = {
            "assessment": self.assessment,
            "first": first,
            "number": self.within.number,
            "heading": best(first.instrument.title, language()),
            "transfer": first.transfer,
            **context,
        }
        return page(self.request, f"handover/transfers/{template}.html", said, here=self)

    @property
    def mine(self) -> Assessment | None:
        """Give what the actor's organisation scored in the round."""
        return reads.own_of(self.within, self.by)


def _at(request: HttpRequest, assessment_uuid: UUID, *, may: Permission) -> RoundVisit:
    actor = asker()
    row = found(assessment_for, actor, assessment_uuid, may=may)
    here = RoundVisit(request, actor, row.programme)
    here.assessment, here.within = row, round_of(row)
    here.by = asker_of(here)
    here.turn = reads.turn(here.within, here.by)
    return here


# --- a round ------------------------------------------------------------------------------------------------------


@may(Permission.VIEW)
@login_required
@require_safe
def assessment(request: HttpRequest, assessment_uuid: UUID) -> HttpResponse:
    """Show a round as far as the reader may read it: whose turn it is, one's own progress, the gap."""
    here = _at(request, assessment_uuid, may=Permission.VIEW)
    within, mine = here.within, here.mine
    readable = [item for item in within.assessments if may_read(here.actor, item, within)]
    said: dict[str, Any] = {
        "word": TURNS[here.turn],
        "turn": here.turn.value,
        "mine": mine,
        "voices": within.voices,
        "agreed": within.agreed,
        "own": [],
        "gap": None,
    }
    if mine is not None and mine.state == AssessmentState.OPEN:
        said["own"] = _own(mine, within)
        said["complete"] = all(row["done"] for row in said["own"])
    elif readable:
        said["gap"] = _gap(gap_of(within, readable, language()))
    return here.show("assessment", said)


def _own(mine: Assessment, within: Round) -> list[dict[str, Any]]:
    lang = language()
    return [
        {
            "title": best(row.domain.title, lang),
            "key": row.domain.key,
            "answered": row.answered,
            "items": row.items,
            "done": row.done,
        }
        for row in reads.progress(sheet_of(mine, within))
    ]


def _gap(told: Gap) -> dict[str, Any]:
    """Give a gap for the page: rows with their drawing, and the items on which the voices are apart."""
    steps, names = labels(told.questionnaire), _names(told)
    return {
        "names": names,
        "sealed": told.sealed,
        "after": told.whole.before is not None,
        "agreed": told.round.agreed is not None and told.whole.agreed is not None,
        "ready": told.questionnaire.ready,
        "threshold": int(told.questionnaire.ready * 2),
        "rows": [_domain(told, row, names) for row in (*told.domains, told.whole)],
        "differences": [
            {
                "text": row.text,
                "steps": [
                    (column, steps[shown(step)]) for column, step in zip(told.columns, row.steps, strict=True)
                ],
                "agreed": steps[shown(row.agreed)] if row.reason or row.agreed is not None else "",
                "reason": row.reason,
            }
            for row in told.differences
        ],
    }


SHAPES: Final = {
    Voice.GIVER.value: "square",
    Voice.RECEIVER.value: "circle",
    Voice.COMMUNITY.value: "triangle",
}


def _names(told: Gap) -> list[str]:
    """Name the columns by their voices, and by their organisations too where several speak for one."""
    voices = [column.voice for column in told.columns]
    words = [translated(column.get_voice_display()).capitalize() for column in told.columns]
    return [
        word if voices.count(column.voice) == 1 else f"{word}, {column.organisation.name}"
        for word, column in zip(words, told.columns, strict=True)
    ]


def _domain(told: Gap, row: DomainGap, names: list[str]) -> dict[str, Any]:
    return {
        "row": row,
        "whole": not row.key,
        "voices": list(zip(names, row.voices, strict=True)),
        "marks": [
            {"shape": SHAPES[column.voice], "x": _x(score)}
            for column, score in zip(told.columns, row.voices, strict=True)
            if score is not None
        ],
        "agreed_x": _x(row.agreed) if row.agreed is not None else None,
        "tag": tag(told.standing(row)),
    }


def _x(score: Decimal) -> int:
    """Place a score on the drawing, whose ends leave room for a mark."""
    return int(score * WIDTH / 100) + 8


# --- one's own scores ---------------------------------------------------------------------------------------------


@may(SCORES)
@login_required
@require_http_methods(["GET", "POST"])
def score(request: HttpRequest, assessment_uuid: UUID) -> HttpResponse:
    """Answer the items of one domain; ``?domain=`` says of which, else the first that lacks an answer."""
    here = _at(request, assessment_uuid, may=SCORES)
    mine = here.mine
    if mine is None or mine.pk != here.assessment.pk or mine.state != AssessmentState.OPEN:
        return redirect("assessment", assessment_uuid)
    told = sheet_of(mine, here.within)
    domains = list(told.questionnaire.domains)
    chosen = _domain_asked(request, told.questionnaire, reads.progress(told))
    form = DomainForm(
        request.POST or None,
        questionnaire=told.questionnaire,
        domain=chosen,
        scores=told.scores,
        later="later" in request.POST,
    )

    def act() -> None:
        if answers := form.answers():
            actions.score(by=here.actor, assessment_uuid=assessment_uuid, answers=answers)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        for warned in getattr(form, "heard", ()):
            messages.warning(request, warned)
        following = domains[domains.index(chosen) + 1 :]
        if "later" in request.POST or not following:
            messages.success(request, gettext("Your answers are kept."))
            return redirect("assessment", assessment_uuid)
        return redirect(f"{reverse('assessment-score', args=[assessment_uuid])}?domain={following[0].key}")
    said = {
        "form": form,
        "domain": best(chosen.title, language()),
        "at": domains.index(chosen) + 1,
        "of": len(domains),
    }
    return here.show("score", said)


def _domain_asked(
    request: HttpRequest, questionnaire: Questionnaire, progress: list[reads.Progress]
) -> Domain:
    wanted = request.GET.get("domain", "")
    by_key = {domain.key: domain for domain in questionnaire.domains}
    first = next((row.domain for row in progress if not row.done), questionnaire.domains[0])
    return by_key.get(wanted, first)


class VersionForm(forms.Form):
    """What is closed, as it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


@may(SCORES)
@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, assessment_uuid: UUID) -> HttpResponse:
    """Check and close scores: one's own, or the agreed ones that another side wrote down."""
    here = _at(request, assessment_uuid, may=SCORES)
    row, mine = here.assessment, here.mine
    own = mine is not None and mine.pk == row.pk and mine.state == AssessmentState.OPEN
    if not own and not (row.voice == Voice.AGREED and here.turn is Turn.CLOSE):
        return redirect("assessment", assessment_uuid)
    form = VersionForm(request.POST or None, initial={"version": row.version})

    def act() -> None:
        actions.close(by=here.actor, assessment_uuid=assessment_uuid, version=form.cleaned_data["version"])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        done = gettext("Your side’s scores are closed.")
        agreed = gettext("What was agreed is closed: it counts now.")
        messages.success(request, done if own else agreed)
        return redirect("assessment", assessment_uuid)
    told = sheet_of(row, here.within)
    steps, lang = labels(told.questionnaire), language()
    said = {
        "form": form,
        "own": own,
        "missing": len(told.missing),
        "domains": [
            {
                "title": best(domain.title, lang),
                "key": domain.key,
                "items": [
                    {
                        "text": best(item.text, lang),
                        "step": steps[shown(told.scores[item.key].score)] if item.key in told.scores else "",
                        "remark": told.scores[item.key].remark if item.key in told.scores else "",
                    }
                    for item in domain.items
                ],
            }
            for domain in told.questionnaire.domains
        ],
    }
    return here.show("score_close", said)


# --- agreeing -----------------------------------------------------------------------------------------------------


@may(SCORES)
@login_required
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, assessment_uuid: UUID) -> HttpResponse:
    """Write down what the sides agreed on; another side closes it."""
    here = _at(request, assessment_uuid, may=SCORES)
    if here.turn not in (Turn.AGREE, Turn.CLOSE, Turn.CLOSED_BY_OTHERS):
        return redirect("assessment", assessment_uuid)
    within = here.within
    items = reads.compared(within, lang=language())
    first = sheet_of(within.voices[0], within)
    form = AgreedForm(
        request.POST or None,
        questionnaire=first.questionnaire,
        items=items,
        remark=within.agreed.remark if within.agreed is not None else "",
    )
    made: list[Assessment] = []

    def act() -> None:
        made.append(
            actions.reconcile(
                by=here.actor,
                assessment_uuid=assessment_uuid,
                answers=form.answers(),
                remark=form.cleaned_data["remark"],
            )
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        for warned in getattr(form, "heard", ()):
            messages.warning(request, warned)
        messages.success(request, gettext("It is written down. It counts once another side has closed it."))
        return redirect("assessment", made[0].uuid)
    steps = labels(first.questionnaire)
    rows = [
        {
            **row,
            "scored": [
                {"who": voice, "step": steps[shown(given.score)], "remark": given.remark}
                for voice, given in zip(within.voices, row["item"].scores, strict=True)
            ],
        }
        for row in form.rows()
    ]
    return here.show("score_agree", {"form": form, "rows": rows, "at_one": len(items) - len(rows)})
