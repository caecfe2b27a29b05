"""Importing a file step by step: the file, what has to be asked, what it would change, and the import itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover import languages
from handover.errors import DomainError, Gate, Invalid, NotAllowed
from handover.models import Job
from handover.permissions import Permission
from handover.views import jobs as job_pages
from handover.views.pages import perform
from handover.views.routes import may
from indicators import jobs
from indicators.actions.imports import Outcome
from indicators.exchange import value_imports
from indicators.exchange.looks import Look
from indicators.exchange.tables import templates
from indicators.exchange.tables.written import FILES
from indicators.views import uploads
from indicators.views.exports import job_in, sent
from indicators.views.import_forms import FileForm, ReadingForm, ReasonForm, noted
from indicators.views.rooms import Room, page, visit
from indicators.views.uploads import Kept

SHOWN: Final = 20
"""Problems on the page."""
RETURNED: Final = 100_000
"""Problems at most that a workbook explains."""
UNREAD: Final = frozenset({"questions", "unknown_answer"})
"""Refusals that another answer would mend."""

CORRECTIONS: Final = frozenset({"already_reported", "reason_missing"})
"""Problems that a reason mends."""


def _room(request: HttpRequest, programme_uuid: UUID) -> Room:
    here = visit(request, programme_uuid, may=Permission.VIEW)
    if not here.reports:
        raise NotAllowed("not_allowed", gettext("You may report none of this programme's indicators."))
    return here


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def values_import(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Take a file."""
    here = _room(request, programme_uuid)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and perform(form, lambda: _take(here, form)):
        return redirect("import-reading", here.programme.uuid)
    context = {
        "form": form,
        "step": 1,
        "earlier": _earlier(here),
        "kept": uploads.kept(request, here.programme),
    }
    return page(request, "indicators/import_file.html", context, here=here)


def _take(here: Room, form: FileForm) -> None:
    """Look whether it can be read at all, and keep it.

    Raises:
        Invalid: it is no table, or too large.
    """
    upload = form.cleaned_data["file"]
    with uploads.on_disk(upload) as path:
        try:
            value_imports.look(here.actor, here.programme.uuid, path, name=upload.name)
        except Invalid as error:
            raise Invalid(error.code, error.sentence, field="file") from error
        uploads.keep(here.request, here.programme, path, name=upload.name, size=upload.size)


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def import_reading(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Ask what the file does not say, or how else it is to be read; with nothing to ask, go on."""
    here = _room(request, programme_uuid)
    kept = uploads.kept(request, here.programme)
    if kept is None:
        return _again(here)
    try:
        look = _look(here, kept)
    except Invalid as error:
        if not kept.how.answers and not kept.how.encoding and not kept.how.delimiter:
            messages.error(request, languages.refusal(error))
            return _again(here)
        # What was answered cannot be: begin with the questions again.
        messages.error(request, languages.refusal(error))
        uploads.remember(request, replace(kept, how=type(kept.how)(reason=kept.how.reason)))
        return redirect("import-reading", here.programme.uuid)
    form = ReadingForm(look, kept.how, look.kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        trial = replace(kept, how=form.how(kept.how))
        if perform(form, lambda: _look(here, trial)):
            uploads.remember(request, trial)
            return redirect("import-reading", here.programme.uuid)
    elif look.ready and request.method == "GET" and "again" not in request.GET:
        return redirect("import-preview", here.programme.uuid)
    context = {
        "form": form,
        "step": 2,
        "kept": _named(kept),
        "notes": _notes(look),
        "template": look.template,
    }
    return page(request, "indicators/import_reading.html", context, here=here)


def _look(here: Room, kept: Kept) -> Look:
    with kept.opened() as path:
        return value_imports.look(here.actor, here.programme.uuid, path, name=kept.name, how=kept.how)


def _notes(look: Look) -> list[str]:
    return [noted(note) for note in look.proposal.notes] if look.proposal else []


def _again(here: Room) -> HttpResponse:
    messages.info(here.request, gettext("Choose the file first."))
    return redirect("values-import", here.programme.uuid)


def _named(kept: Kept) -> dict[str, Any]:
    return {"name": kept.name, "size": kept.size, "sheet": kept.how.sheet or ""}


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def import_preview(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Tell what the file would change; then let a worker import it."""
    here = _room(request, programme_uuid)
    kept = uploads.kept(request, here.programme)
    if kept is None:
        return _again(here)
    form = ReasonForm(request.POST or None, initial={"reason": kept.how.reason})
    if request.method == "POST" and form.is_valid():
        kept = replace(kept, how=replace(kept.how, reason=form.cleaned_data["reason"].strip()))
        uploads.remember(request, kept)
        if request.POST.get("do") != "import":
            return redirect("import-preview", here.programme.uuid)
        asked: list[Job] = []
        if perform(form, _asking(here, kept, asked)):
            uploads.forget(request, here.programme)
            return redirect("import-job", here.programme.uuid, asked[0].uuid)
    try:
        outcome = _preview(here, kept, SHOWN)
    except Invalid as error:
        if error.code in UNREAD:
            return redirect("import-reading", here.programme.uuid)
        messages.error(request, languages.refusal(error))
        return redirect("values-import", here.programme.uuid)
    context = {"form": form, "step": 3, "kept": _named(kept), **_outcome(outcome)}
    return page(request, "indicators/import_preview.html", context, here=here)


def _asking(here: Room, kept: Kept, asked: list[Job]) -> Callable[[], None]:
    def ask() -> None:
        with kept.opened() as path:
            asked.append(jobs.enqueue(here.actor, here.programme.uuid, path, name=kept.name, how=kept.how))

    return ask


def _preview(here: Room, kept: Kept, shown: int) -> Outcome:
    with kept.opened() as path:
        return value_imports.preview(
            here.actor, here.programme.uuid, path, name=kept.name, how=kept.how, shown=shown
        )


def _outcome(found: Outcome) -> dict[str, Any]:
    shown = found.problems.shown[:SHOWN]
    return {
        "counts": _counts(found.as_json()),
        "notes": list(found.notes),
        "problems": [
            {
                "at": item.at or gettext("Line %(line)s") % {"line": item.line},
                "sentence": languages.refusal(Gate(item.code, item.sentence)),
            }
            for item in shown
        ],
        "problems_in_all": found.problems.total,
        "more": found.problems.total - len(shown),
        "changes": bool(found.changed) or any(item.code in CORRECTIONS for item in found.problems.shown),
        "nothing": not (found.new or found.changed or found.problems.total),
        "ready": not found.problems.total and bool(found.new or found.changed),
    }


def _counts(said: Any) -> list[dict[str, Any]]:
    names = {
        "new": gettext("new"),
        "changed": gettext("changed"),
        "same": gettext("the same as before"),
        "conflicts": gettext("changed by somebody else meanwhile"),
        "refused": gettext("cannot be taken"),
    }
    return [{"name": text, "count": said.get(key, 0), "key": key} for key, text in names.items()]


@may(Permission.VIEW)
@login_required
@require_GET
def import_mend(request: HttpRequest, programme_uuid: UUID) -> HttpResponseBase:
    """Send a workbook of the rows that cannot be taken, each with why."""
    here = _room(request, programme_uuid)
    kept = uploads.kept(request, here.programme)
    if kept is None:
        return _again(here)
    try:
        outcome = _preview(here, kept, RETURNED)
        with tempfile.TemporaryDirectory(prefix="handover-out-") as folder, kept.opened() as path:
            out = Path(folder) / "mend.xlsx"
            value_imports.write_refused(
                here.actor,
                here.programme.uuid,
                path,
                outcome.problems.shown,
                out,
                name=kept.name,
                how=kept.how,
                lang=here.language,
            )
            return sent(out, media_type=FILES["xlsx"][0], name=f"{Path(kept.name).stem}-mend.xlsx")
    except DomainError as error:
        messages.error(request, languages.refusal(error))
        return redirect("import-preview", here.programme.uuid)


@may(Permission.VIEW)
@login_required
@require_GET
def import_job(request: HttpRequest, programme_uuid: UUID, job_uuid: UUID) -> HttpResponse:
    """Tell how far an import has come, and what came of it."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = job_in(here, job_uuid, jobs.KIND)
    if row is None:
        return redirect("job", job_uuid)
    result: Any = row.result or {}
    error: Any = row.error or {}
    details: Any = error.get("details") or error
    problems = [
        {
            "at": item.get("at") or gettext("Line %(line)s") % {"line": item.get("line", "")},
            "sentence": languages.refusal(Gate(str(item["code"]), str(item["sentence"]))),
        }
        for item in list(details.get("problems", ()) if here.inside else ())[:SHOWN]
    ]
    context = {
        "job": job_pages.told(row),
        "step": 4,
        "name": row.arguments.get("name", ""),
        "counts": _counts(result) if row.result else [],
        "entered": result.get("entered", 0),
        "notes": result.get("notes", []),
        "problems": problems,
    }
    return page(request, "indicators/import_job.html", context, here=here)


@may(Permission.VIEW)
@login_required
@require_POST
def values_template(request: HttpRequest, programme_uuid: UUID) -> HttpResponseBase:
    """Send the workbook that people fill in: what may be reported, with what stands there now."""
    here = _room(request, programme_uuid)
    with tempfile.TemporaryDirectory(prefix="handover-out-") as folder:
        path = Path(folder) / "values.xlsx"
        templates.template(here.actor, here.programme.uuid, path=path, lang=here.language)
        return sent(path, media_type=FILES["xlsx"][0], name=f"{gettext('values')}.xlsx")


def _earlier(here: Room) -> list[dict[str, Any]]:
    rows = Job.objects.filter(programme=here.programme, kind=jobs.KIND, organisation=here.actor.organisation)
    return [
        {**job_pages.told(row), "name": row.arguments.get("name", "")} for row in rows.order_by("-id")[:10]
    ]


job_pages.shown_by(jobs.KIND, "import-job")
