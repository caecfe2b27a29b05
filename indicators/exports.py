"""Exports that a worker writes: asked for as a job, kept as a packed file for a week, read by who asked."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from handover import access, clock, files, jobs
from handover.access import Actor
from handover.actions import jobs as job_actions
from handover.errors import NotFound, Refused
from handover.models import Job, JobState, Programme, StoredFile
from handover.permissions import Permission
from handover.queries.jobs import job_for
from indicators.exchange.tables.written import FILES, write

KIND: Final = "values.export"
KEPT: Final = dt.timedelta(days=7)
"""How long a file is kept."""


def enqueue(
    by: Actor,
    programme: UUID,
    *,
    kind: str,
    public: bool,
    language: str,
    indicator: UUID | None = None,
) -> Job:
    """Ask for an export by a worker.

    Raises:
        NotFound, NotAllowed: the actor may not take the programme out.
    """
    arguments = {"kind": kind, "public": public, "language": language, "indicator": indicator}
    return job_actions.enqueue(
        by=by, programme_uuid=programme, kind=KIND, arguments=arguments, key=f"{KIND}:{uuid4()}"
    )


@jobs.kind(KIND, may=Permission.EXPORT)
def export_values(call: jobs.Call) -> Mapping[str, object]:
    """Write the file, as far as the view of who asked goes, and remove what has been kept long enough."""
    kind, indicator = str(call.arguments["kind"]), call.arguments["indicator"]
    with tempfile.TemporaryDirectory(prefix="handover-export-") as folder:
        path = Path(folder) / f"file.{FILES[kind][1]}"
        write(
            call.actor,
            path,
            programme=call.programme.uuid,
            kind=kind,
            public=bool(call.arguments["public"]),
            language=str(call.arguments["language"]),
            indicator=UUID(str(indicator)) if indicator else None,
            progress=call.progress,
        )
        size = path.stat().st_size
        written = files.write(call.programme.uuid, files.packed(path))
    _forget(call.programme)
    return {"file": written.sha256, "size": size, "kept_until": clock.now() + KEPT}


def done_for(actor: Actor, key: UUID) -> Job:
    """Give an export that is done, for somebody of the organisation that asked for it and may still take it out.

    Raises:
        NotFound: there is none for them. NotAllowed: they may not take the programme out.
        Refused: it is not done (``export_not_done``), or its file is not kept any more (``export_forgotten``).
    """
    job = job_for(actor, key)
    if job.kind != KIND or job.organisation_id != actor.organisation.pk:
        raise NotFound("export")
    access.programme_for(actor, job.programme.uuid, may=Permission.EXPORT)
    if job.state != JobState.DONE or job.finished_at is None or job.result is None:
        raise Refused(
            "export_not_done", f"This export is {job.get_state_display().lower()}: there is no file."
        )
    if job.finished_at < clock.now() - KEPT:
        raise Refused("export_forgotten", "The file of this export is not kept any more: ask for it again.")
    return job


def fetch(job: Job, path: Path) -> None:
    """Write the file of an export that is done to a path.

    Raises:
        NotFound: it was lost.
    """
    files.unpack(job.programme.uuid, str((job.result or {})["file"]), path)


def _forget(programme: Programme) -> None:
    """Remove the files of a programme's exports that have been kept long enough, unless something else needs them."""
    old: set[str] = set()
    kept: set[str] = set()
    for job in Job.objects.filter(programme=programme, kind=KIND, state=JobState.DONE):
        forgotten = job.finished_at is not None and job.finished_at < clock.now() - KEPT
        (old if forgotten else kept).add(str((job.result or {}).get("file")))
    kept |= set(StoredFile.objects.filter(programme=programme).values_list("sha256", flat=True))
    for sha256 in old - kept:
        files.erase(programme.uuid, sha256)
