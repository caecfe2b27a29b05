"""Taking a programme's values out: in which form, how far the work has come, and the file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from handover.models import Job
from handover.narratives import best
from handover.permissions import Permission
from handover.queries.jobs import job_for
from handover.views import jobs
from handover.views.pages import found, perform
from handover.views.routes import may
from indicators import exports
from indicators.exchange.tables.written import FILES
from indicators.models import Indicator
from indicators.views.rooms import Room, page, visit

LISTED: Final = 10
"""Earlier files on the page."""
KINDS: Final = {
    "xlsx": _("Workbook (XLSX): for people"),
    "csv": _("Table (CSV): for other programs; it can be imported again"),
    "package": _("Data Package (ZIP): tables with their description"),
    "iati": _("IATI 2.03 (XML): the whole activity, to be published"),
}


class ExportForm(forms.Form):
    """What is to be written."""

    kind = forms.ChoiceField(
        label=_("Form of the file"), widget=forms.RadioSelect, initial="xlsx", choices=list(KINDS.items())
    )
    public = forms.BooleanField(
        label=_("For the public"),
        help_text=_(
            "Small counts of people are withheld, and with them comments, sources and the names of reporters."
        ),
        required=False,
    )
    indicator = forms.ChoiceField(label=_("Only one indicator"), required=False)

    def __init__(self, rows: list[Indicator], lang: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["indicator"]
        chosen.choices = [
            ("", gettext("All indicators")),
            *((str(row.uuid), best(row.title, lang) or str(row.uuid)) for row in rows),
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse to cut IATI: it carries the whole programme."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") == "iati" and (given.get("public") or given.get("indicator")):
            self.add_error("kind", gettext("IATI carries the whole programme as it is: choose another form."))
        return given


@may(Permission.EXPORT)
@login_required
@require_http_methods(["GET", "POST"])
def values_export(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Choose a form, and let a worker write the file."""
    here = visit(request, programme_uuid, may=Permission.EXPORT)
    rows = list(
        Indicator.objects.filter(programme=here.programme).order_by("result__position", "position", "id")
    )
    form = ExportForm(rows, here.language, request.POST or None)
    made: list[Job] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and perform(form, lambda: made.append(_asked(here, form)))
    ):
        return redirect("export-job", here.programme.uuid, made[0].uuid)
    return page(request, "indicators/export.html", {"form": form, "earlier": _earlier(here)}, here=here)


def _asked(here: Room, form: ExportForm) -> Job:
    said = form.cleaned_data
    return exports.enqueue(
        here.actor,
        here.programme.uuid,
        kind=said["kind"],
        public=said["public"],
        language=here.language,
        indicator=UUID(said["indicator"]) if said["indicator"] else None,
    )


def _earlier(here: Room) -> list[dict[str, Any]]:
    rows = Job.objects.filter(
        programme=here.programme, kind=exports.KIND, organisation=here.actor.organisation
    ).order_by("-id")
    return [
        {
            **jobs.told(row),
            "kind": KINDS.get(str(row.arguments.get("kind")), ""),
            "public": row.arguments.get("public"),
        }
        for row in rows[:LISTED]
    ]


@may(Permission.EXPORT)
@login_required
@require_GET
def export_job(request: HttpRequest, programme_uuid: UUID, job_uuid: UUID) -> HttpResponse:
    """Tell how far the file has come; when it is there, offer it."""
    here = visit(request, programme_uuid, may=Permission.EXPORT)
    row = job_in(here, job_uuid, exports.KIND)
    if row is None:
        return redirect("job", job_uuid)
    result: Any = row.result or {}
    context = {
        "job": jobs.told(row),
        "kind": KINDS.get(str(row.arguments.get("kind")), ""),
        "public": row.arguments.get("public"),
        "size": result.get("size"),
        "mine": row.organisation_id == here.actor.organisation.pk,
    }
    return page(request, "indicators/export_job.html", context, here=here)


@may(Permission.EXPORT)
@login_required
@require_GET
def export_file(request: HttpRequest, programme_uuid: UUID, job_uuid: UUID) -> HttpResponseBase:
    """Send the file of an export that is done."""
    here = visit(request, programme_uuid, may=Permission.EXPORT)
    if job_in(here, job_uuid, exports.KIND) is None:
        return redirect("job", job_uuid)
    row: Job = found(exports.done_for, here.actor, job_uuid)
    media_type, ending = FILES[str(row.arguments["kind"])]
    with tempfile.TemporaryDirectory(prefix="handover-out-") as folder:
        path = Path(folder) / f"file.{ending}"
        found(exports.fetch, row, path)
        return sent(path, media_type=media_type, name=f"{_plain(here.programme.identifier)}.{ending}")


def sent(path: Path, *, media_type: str, name: str) -> FileResponse:
    """Send a file, to be kept under a name; once it is open, the folder around it may go."""
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=media_type)


def job_in(here: Room, uuid: UUID, kind: str) -> Job | None:
    """Fetch a job of a kind of this programme; nothing where it is of another kind, which has a page of its own.

    Raises:
        Http404: there is none for the reader.
    """
    row: Job = found(job_for, here.actor, uuid)
    if row.programme_id != here.programme.pk:
        raise Http404
    return row if row.kind == kind else None


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text).strip("-").lower() or "values"


jobs.shown_by(exports.KIND, "export-job")
