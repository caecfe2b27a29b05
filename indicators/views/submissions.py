"""Submissions: those of one's own, those that wait for somebody, and one of them with what it would change."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from handover import languages
from handover.narratives import best
from handover.permissions import Permission
from handover.views.pages import asker, found, perform
from handover.views.routes import may
from indicators.actions import submissions as actions
from indicators.models import Submission
from indicators.models.codes import SubmissionState
from indicators.queries import submissions as queries
from indicators.queries.submissions import DraftRow, Listed
from indicators.views import sheets, words
from indicators.views.rooms import Room, around, page, visit

S = SubmissionState
COLOURS: Final = {
    S.DRAFT: "grey",
    S.SUBMITTED: "blue",
    S.RETURNED: "orange",
    S.APPROVED: "green",
    S.WITHDRAWN: "grey",
}
CLOSED: Final = 50
"""Submissions that are settled, in the list at most."""
ROWS: Final = 500
"""Rows of a submission on its page at most."""


class StepForm(forms.Form):
    """A step of a submission; its version comes from the page on which somebody read it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    do = forms.ChoiceField(
        choices=[(name, name) for name in ("submit", "approve", "return", "withdraw")],
        widget=forms.HiddenInput,
        required=True,
    )
    note = forms.CharField(
        label=_("What should change"),
        help_text=_("Its author reads this and hands it in again."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
        error_messages={"required": _("Say what should change.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only what is returned needs a note.
        self.fields["note"].required = not self.is_bound or self.data.get("do") == "return"


@may(Permission.VIEW)
@login_required
@require_GET
def submissions(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """List what waits for the reader, what is theirs, and what is settled."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    rows = queries.listing(here.actor, here.programme)
    waiting = [row for row in rows if row.may_decide]
    mine = [
        row
        for row in rows
        if row.submission.drafted_by_id == here.actor.user.pk and row.submission.state in queries.OPEN
    ]
    others = [
        row for row in rows if row.submission.state in queries.OPEN and row not in waiting and row not in mine
    ]
    closed = [row for row in rows if row.submission.state not in queries.OPEN]
    context = {
        "groups": [
            {"title": gettext("Waiting for your approval"), "rows": _listed(waiting), "key": "waiting"},
            {"title": gettext("Your own, not settled yet"), "rows": _listed(mine), "key": "mine"},
            {"title": gettext("Others under way"), "rows": _listed(others), "key": "others"},
            {"title": gettext("Settled"), "rows": _listed(closed[:CLOSED]), "key": "closed"},
        ],
        "any": bool(rows),
        "reports": here.reports,
    }
    return page(request, "indicators/submissions.html", context, here=here)


def _listed(rows: Sequence[Listed]) -> list[dict[str, Any]]:
    return [{**_told(row.submission), "count": row.drafts} for row in rows]


def _told(row: Submission) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "title": row.title or gettext("Without a title"),
        "state": languages.translated(row.get_state_display()),
        "colour": COLOURS[S(row.state)],
        "author": row.drafted_by_name,
        "organisation": row.organisation_name,
        "drafted_at": row.drafted_at,
        "submitted_at": row.submitted_at,
        "decided_by": row.decided_by_name,
        "decided_at": row.decided_at,
        "note": row.note,
        "version": row.version,
    }


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def submission(request: HttpRequest, programme_uuid: UUID, submission_uuid: UUID) -> HttpResponse:
    """Show a submission with what stands now and what was before; take a step of it."""
    actor = asker()
    row: Submission = found(queries.submission_for, actor, submission_uuid)
    here = around(request, actor, row.programme, programme_uuid)
    form = StepForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid() and perform(form, lambda: _step(here, row, form)):
        for sentence in getattr(form, "heard", ()):
            messages.warning(request, sentence)
        messages.success(request, DONE[form.cleaned_data["do"]])
        return redirect("submission", here.programme.uuid, row.uuid)
    return page(request, "indicators/submission.html", {"form": form, **_shown(here, row)}, here=here)


DONE: Final = {
    "submit": _("Handed in. Somebody else approves it now."),
    "approve": _("Approved: the values count from now on."),
    "return": _("Returned to its author with your note."),
    "withdraw": _("Withdrawn."),
}


def _step(here: Room, row: Submission, form: StepForm) -> None:
    said = {"by": here.actor, "submission_uuid": row.uuid, "version": form.cleaned_data["version"]}
    match form.cleaned_data["do"]:
        case "submit":
            actions.submit(**said)
        case "approve":
            actions.approve(**said)
        case "return":
            actions.return_(**said, note=form.cleaned_data["note"])
        case _:
            actions.withdraw(**said)


def _shown(here: Room, row: Submission) -> dict[str, Any]:
    cutoff = here.reach.cutoff
    lines = queries.rows(row, cutoff=cutoff)
    own = row.drafted_by_id == here.actor.user.pk and row.organisation_id == here.actor.organisation.pk
    shown = (
        lines if here.inside else [line for line in lines if not line.draft.cell and line.draft.place is None]
    )
    indicators = {line.draft.indicator_id: line.draft.indicator for line in lines}
    decides = row.state == S.SUBMITTED and bool(lines)
    approves = all(here.may(Permission.APPROVE_VALUES, each) for each in indicators.values())
    reports = len(here.reportable(indicators.values())) == len(indicators)
    mine = row.organisation_id == here.actor.organisation.pk
    return {
        "submission": _told(row),
        "rows": _rows(here, shown[:ROWS]),
        "rows_in_all": len(shown),
        "withheld": len(lines) - len(shown),
        "may_edit": own and row.state in actions.EDITABLE,
        "may_submit": own and row.state in actions.EDITABLE and bool(lines),
        "may_decide": decides and approves and row.drafted_by_id != here.actor.user.pk,
        "own_waits": row.state == S.SUBMITTED and row.drafted_by_id == here.actor.user.pk,
        "may_withdraw": mine and reports and row.state in queries.OPEN,
        "corrects": any(line.draft.revision > 1 for line in lines),
    }


def _rows(here: Room, lines: Sequence[DraftRow]) -> list[dict[str, Any]]:
    """Give the rows with what stands now and what was reported for the period before."""
    wanted = list(
        dict.fromkeys((line.draft.indicator, (line.draft.starts_on, line.draft.ends_on)) for line in lines)
    )
    drawn = sheets.sheets_for(here.programme, wanted, cutoff=here.reach.cutoff) if wanted else []
    known = words.titles([axis for sheet in drawn[:1] for axis in sheet.axes])
    before = {(sheet.indicator.pk, (sheet.starts_on, sheet.ends_on)): sheet.before for sheet in drawn}
    found = []
    for line in lines:
        draft, now = line.draft, line.now
        earlier = before[draft.indicator_id, (draft.starts_on, draft.ends_on)].get(
            (draft.place.uuid if draft.place else None, draft.cell)
        )
        found.append(
            {
                "title": best(draft.indicator.title, here.language),
                "indicator": draft.indicator.uuid,
                "span": words.span(draft.starts_on, draft.ends_on),
                "cell": words.group(draft.cell, known),
                "place": draft.place.name if draft.place else "",
                "said": _amount(draft.indicator, draft.value, draft.value_text),
                "parts": (draft.numerator, draft.denominator) if draft.denominator is not None else None,
                "now": _standing(draft.indicator, now) if now else "",
                "now_by": now.reporter_name if now else "",
                "before": _amount(draft.indicator, earlier.value, earlier.value_text) if earlier else "",
                "change": _change(draft.indicator, draft.value, earlier.value if earlier else None),
                "collides": line.collides,
                "reason": draft.reason,
                "comment": best(draft.comment, here.language),
            }
        )
    return found


def _amount(indicator: Any, value: Decimal | None, text: str | None) -> str:
    return words.of(indicator, value) if value is not None else text or languages.NOTHING


def _standing(indicator: Any, now: queries.Standing) -> str:
    try:
        return words.of(indicator, Decimal(now.value_text or ""))
    except ArithmeticError:
        return now.value_text or languages.NOTHING


def _change(indicator: Any, value: Decimal | None, before: Decimal | None) -> str:
    """Say by how much a value is more or less than the one before."""
    if value is None or before is None or value == before:
        return ""
    difference = words.of(indicator, abs(value - before))
    said = gettext("%(amount)s more") if value > before else gettext("%(amount)s less")
    return said % {"amount": difference}
