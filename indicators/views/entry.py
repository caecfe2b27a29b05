"""Values entered by hand: for some indicators and a period, group by group and place by place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from handover import clock
from handover.errors import Invalid, NotAllowed
from handover.permissions import Permission
from handover.views.pages import asker, found, perform
from handover.views.routes import may
from indicators.actions import drafts, submissions
from indicators.models import Draft, Indicator, Submission
from indicators.queries import dues, tables
from indicators.queries.submissions import submission_for
from indicators.views import grids, panel, sheets, words
from indicators.views.entry_forms import ChooseForm, from_address
from indicators.views.grids import GridForm
from indicators.views.rooms import Room, around, page, visit
from indicators.views.sheets import Layout, Span

COUNT: Final = "count"
SUBMIT: Final = "submit"


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def report_values(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Choose indicators and a period, then fill them in."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    if not here.reports:
        raise NotAllowed("not_allowed", gettext("You may report none of this programme's indicators."))
    if request.method == "POST":
        return _filled_in(here, None)
    rows = _reportable(here)
    asked = from_address(request.GET)
    chosen = request.GET if asked else None
    form = ChooseForm(
        rows, clock.today(), here.language, chosen, initial={"indicators": request.GET.getlist("indicators")}
    )
    if asked and form.is_valid():
        wanted = [(row, form.cleaned_data["span"]) for row in form.chosen]
        every = "all_places" in request.GET
        drawn = sheets.sheets_for(here.programme, wanted, cutoff=here.reach.cutoff, all_places=every)
        if sheets.fields(drawn) <= sheets.MOST_FIELDS:
            return _grid(here, _form_of(drawn), None)
        form.add_error(
            "indicators", gettext("These are more fields than fit on one page: choose fewer indicators.")
        )
    return page(request, "indicators/report_choose.html", {"form": form, **_due(here, rows)}, here=here)


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def submission_values(request: HttpRequest, programme_uuid: UUID, submission_uuid: UUID) -> HttpResponse:
    """Change the values of a submission that is not handed in, or came back."""
    actor = asker()
    row: Submission = found(submission_for, actor, submission_uuid)
    here = around(request, actor, row.programme, programme_uuid)
    if row.drafted_by_id != here.actor.user.pk or row.state not in submissions.EDITABLE:
        messages.info(request, gettext("Only its author changes these values, until they are handed in."))
        return redirect("submission", here.programme.uuid, row.uuid)
    if request.method == "POST":
        return _filled_in(here, row)
    lines = _drafts(row)
    wanted = list(dict.fromkeys((draft.indicator, (draft.starts_on, draft.ends_on)) for draft in lines))
    drawn = sheets.sheets_for(here.programme, wanted, cutoff=here.reach.cutoff, drafts=lines)
    if sheets.fields(drawn) > sheets.MOST_FIELDS:
        messages.info(request, gettext("These are more values than fit on one page: correct them by a file."))
        return redirect("submission", here.programme.uuid, row.uuid)
    return _grid(here, _form_of(drawn, version=row.version), row)


def _reportable(here: Room) -> list[Indicator]:
    rows = Indicator.objects.filter(programme=here.programme, expression="").select_related("responsibility")
    return here.reportable(rows.order_by("result__position", "position", "id"))


def _due(here: Room, rows: Sequence[Indicator]) -> dict[str, Any]:
    """Give what is due of the indicators that the reader may report."""
    mine = {row.pk for row in rows}
    asked = [row for row in rows if row.frequency or row.due_days is not None]
    if not asked:
        return {"due": []}
    table = tables.table(here.programme, cutoff=here.reach.cutoff)
    today = clock.today()
    missing = dues.due(here.programme, [line for line in table.lines if line.indicator.pk in mine], today)
    return {"due": [panel.due(each, today) for each in missing]}


def _drafts(row: Submission) -> list[Draft]:
    rows = Draft.objects.filter(submission=row, position=0).select_related(
        "indicator__responsibility", "place"
    )
    return list(rows.order_by("indicator__result__position", "indicator__position", "starts_on", "id"))


def _form_of(
    drawn: Sequence[sheets.Sheet],
    *args: Any,
    layouts: Sequence[Layout] = (),
    version: int | None = None,
) -> GridForm:
    seen = [sheets.seen_in(layout) for layout in layouts] or [
        {slot: known.revision for slot, known in sheet.standing.items()} for sheet in drawn
    ]
    return GridForm(drawn, seen, *args, initial={"version": version})


def _filled_in(here: Room, row: Submission | None) -> HttpResponse:
    """Read what came in, and count it up, keep it or hand it in."""
    request = here.request
    try:
        layouts = sheets.read(request.POST.get("layout", ""))
    except ValueError:
        layouts = []
    rows = {item.uuid: item for item in _reportable(here)}
    layouts = [layout for layout in layouts if layout.indicator in rows]
    wanted: list[tuple[Indicator, Span]] = [
        (rows[layout.indicator], (layout.starts_on, layout.ends_on)) for layout in layouts
    ]
    lines = _drafts(row) if row is not None else []
    drawn = sheets.sheets_for(here.programme, wanted, cutoff=here.reach.cutoff, drafts=lines, layouts=layouts)
    if not drawn or sheets.fields(drawn) > sheets.MOST_FIELDS:
        messages.info(request, gettext("Choose indicators and a period first."))
        return redirect("report-values", here.programme.uuid)
    form = _form_of(drawn, request.POST, layouts=layouts)
    asked = request.POST.get("do", "")
    if asked == COUNT:
        return _grid(here, form, row, counted=True)
    done: list[Submission] = []
    if form.is_valid() and perform(form, _keeping(here, form, row, asked == SUBMIT, done)):
        for sentence in getattr(form, "heard", ()):
            messages.warning(request, sentence)
        said = (
            gettext("Handed in. Somebody else approves it now.")
            if asked == SUBMIT
            else gettext("Kept as a draft.")
        )
        messages.success(request, said)
        return redirect("submission", here.programme.uuid, done[-1].uuid)
    return _grid(here, form, row)


def _keeping(
    here: Room, form: GridForm, row: Submission | None, hand_in: bool, done: list[Submission]
) -> Callable[[], None]:
    """Give what keeps the values of a form, and hands them in where that is asked for."""

    def keep() -> None:
        changes, by = form.changes, here.actor
        if row is None and not changes.rows:
            raise Invalid(
                "nothing_to_report", gettext("Nothing was entered, or nothing that changes anything.")
            )
        title = ", ".join(dict.fromkeys(words.span(each.starts_on, each.ends_on) for each in form.sheets))
        kept = row or submissions.draft(by=by, programme_uuid=here.programme.uuid, title=title[:300])
        version = kept.version if row is None else form.cleaned_data["version"] or 0
        try:
            if changes.gone:
                kept = drafts.remove(
                    by=by, submission_uuid=kept.uuid, version=version, draft_uuids=changes.gone
                )
                version = kept.version
            if changes.rows:
                lines = [item for item, _ in changes.rows]
                kept = drafts.put(by=by, submission_uuid=kept.uuid, version=version, rows=lines)
                version = kept.version
            if hand_in:
                kept = submissions.submit(by=by, submission_uuid=kept.uuid, version=version)
        except Invalid as error:
            if form.told(error):
                raise Invalid(
                    "values_refused", gettext("Nothing was kept: see what is said at the fields.")
                ) from error
            raise
        done.append(kept)

    return keep


def _grid(here: Room, form: GridForm, row: Submission | None, *, counted: bool = False) -> HttpResponse:
    places = sheets.named_places(form.sheets)
    known = words.titles([axis for sheet in form.sheets[:1] for axis in sheet.axes])
    if form.is_bound:
        # What stands by now is on the page; whoever hands it in again has seen it.
        form.data = {**form.data.dict(), "layout": sheets.written(form.sheets)}  # type: ignore[attr-defined]
    context = {
        "form": form,
        "sheets": list(grids.shown(form, places, known, here.language)),
        "submission": row,
        "counted": counted,
        "more_places": _more_places(here.request),
        "corrects": any(sheet.standing for sheet in form.sheets),
    }
    return page(here.request, "indicators/report_values.html", context, here=here)


def _more_places(request: HttpRequest) -> str:
    """Give the address of the same page with all places; nothing where it has them, or began elsewhere."""
    if not from_address(request.GET) or "all_places" in request.GET:
        return ""
    return f"?{request.GET.urlencode()}&all_places=1"
