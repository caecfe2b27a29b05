"""Long work as a page: how far it has come, how it ended, and calling it off.

A page that includes ``handover/parts/job.html`` shows the progress of a job and is loaded anew when it has ended. An
app says by ``shown_by`` which page of its own tells the outcome of its jobs.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from handover import languages
from handover.actions import jobs as actions
from handover.errors import Gate
from handover.models import Job, JobState
from handover.models.jobs import OPEN_STATES
from handover.permissions import Permission
from handover.queries.jobs import job_for
from handover.views.pages import Visit, asker, attempt, found, page
from handover.views.routes import may

STATES: Final = {
    JobState.WAITING: (gettext_noop("Waiting its turn"), "grey"),
    JobState.RUNNING: (gettext_noop("Under way"), "blue"),
    JobState.DONE: (gettext_noop("Done"), "green"),
    JobState.REFUSED: (gettext_noop("Refused"), "red"),
    JobState.FAILED: (gettext_noop("Failed"), "red"),
    JobState.CANCELLED: (gettext_noop("Called off"), "grey"),
}
PHASES: Final = {
    "reading": gettext_noop("reading"),
    "checking and entering": gettext_noop("checking and entering"),
}
_pages: dict[str, str] = {}


def shown_by(kind: str, name: str) -> None:
    """Say which page tells the outcome of a kind of job: the name of an address that takes programme and job."""
    _pages[kind] = name


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def job(request: HttpRequest, job_uuid: UUID) -> HttpResponse:
    """Tell how far a job has come: as a page, or as the part that a page refreshes; call it off."""
    actor = asker()
    row = found(job_for, actor, job_uuid)
    if request.method == "POST":
        refused = attempt(lambda: actions.cancel(by=actor, job_uuid=job_uuid))
        if refused:
            messages.error(request, refused)
        else:
            messages.success(request, gettext("It is called off, as soon as it can stop."))
        return redirect(address_of(row))
    context = {"job": told(row)}
    if getattr(request, "htmx", False):
        answer = render(request, "handover/parts/job_state.html", context)
        if row.state not in OPEN_STATES:
            answer["HX-Refresh"] = "true"
        return answer
    if row.kind in _pages:
        return redirect(address_of(row))
    return page(request, "handover/job.html", context, here=Visit(request, actor, row.programme))


def address_of(row: Job) -> str:
    """Give the page that tells of a job."""
    name = _pages.get(row.kind)
    return reverse(name, args=[row.programme.uuid, row.uuid]) if name else reverse("job", args=[row.uuid])


def told(row: Job) -> dict[str, Any]:
    """Give a job as ``handover/parts/job.html`` shows it."""
    state = JobState(row.state)
    text, colour = STATES[state]
    error: Any = row.error or {}
    share = 100 * row.done // row.total if row.total else None
    return {
        "uuid": row.uuid,
        "state": gettext(text),
        "colour": colour,
        "open": state in OPEN_STATES,
        "done": state == JobState.DONE,
        "steps": row.done,
        "total": row.total,
        "percent": min(share, 100) if share is not None else None,
        "phase": gettext(PHASES[row.phase]) if row.phase in PHASES else row.phase,
        "by": row.requested_by_name,
        "asked_at": row.created_at,
        "finished_at": row.finished_at,
        "error": languages.refusal(Gate(str(error["code"]), str(error["sentence"]))) if error else "",
    }
