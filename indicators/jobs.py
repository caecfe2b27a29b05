"""Long work on indicators, done by a worker: imports of large files."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import transaction

from handover import access, files, jobs
from handover.access import Actor, asking
from handover.actions import jobs as job_actions
from handover.canonical import canonical
from handover.errors import DomainError, Invalid
from handover.models import Job, JobState, StoredFile
from handover.models.jobs import OPEN_STATES
from handover.permissions import Permission
from indicators.actions import entries
from indicators.exchange import value_imports
from indicators.exchange.looks import How
from indicators.exchange.sheets.opening import Limits

KIND: Final = "values.import"
SHOWN: Final = 100
"""Problems that a refused job keeps."""
CHUNK: Final = 1_048_576


def enqueue(by: Actor, programme: UUID | str, path: Path, *, name: str, how: How | None = None) -> Job:
    """Keep a file and ask for its import by a worker.

    The same file, read in the same way, is imported once: asked for again, it is the same job. Where that was refused,
    failed or called off, it is a new one.

    Raises:
        NotFound, NotAllowed: the actor may not read the programme, or may report none of its indicators.
        Invalid: the file is empty or too large.
    """
    how = how or How()
    with asking(by):
        of = access.programme_for(by, programme, may=Permission.VIEW)
        entries.ask_any(by, of)
    if path.stat().st_size > Limits().file:
        raise Invalid(
            "file_too_large",
            f"The file has more than {Limits().file // CHUNK} MB, which is what is allowed.",
            field="file",
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    written = files.write(of.uuid, files.packed(path))
    arguments = {"file": written.sha256, "sha256": digest, "name": name, "how": how.as_json()}
    said = {key: arguments[key] for key in ("sha256", "how")}
    key = f"{KIND}:{hashlib.sha256(canonical(said).encode()).hexdigest()}"
    with asking(by):
        before = Job.objects.filter(programme=of, kind=KIND, key__startswith=key)
        last = before.exclude(state__in=(*OPEN_STATES, JobState.DONE)).count()
        known = before.filter(state__in=(*OPEN_STATES, JobState.DONE)).order_by("id").last()
    if known is not None:
        return known
    return job_actions.enqueue(
        by=by, programme_uuid=of.uuid, kind=KIND, arguments=arguments, key=f"{key}:{last}"
    )


@jobs.kind(KIND, may=Permission.VIEW, asks=entries.ask_any)
def import_values(call: jobs.Call) -> Mapping[str, object]:
    """Import a file that was kept; all of it or nothing. What was kept is removed when the job has come to an end."""
    how = How.from_json(call.arguments["how"])
    stored = str(call.arguments["file"])
    with tempfile.TemporaryDirectory(prefix="handover-import-") as folder:
        path = Path(folder) / "file"
        files.unpack(call.programme.uuid, stored, path)
        try:
            outcome = value_imports.apply(
                call.actor,
                call.programme.uuid,
                path,
                name=str(call.arguments["name"]),
                how=how,
                shown=SHOWN,
                progress=call.progress,
            )
        except DomainError:
            _forget(call, stored)
            raise
    transaction.on_commit(partial(_forget, call, stored))
    said = outcome.as_json()
    return {name: said[name] for name in said if name not in ("problems", "problems_in_all")}


def _forget(call: jobs.Call, sha256: str) -> None:
    """Remove the file, unless another job still needs it or it is kept as evidence."""
    with asking(call.actor):
        needed = Job.objects.filter(
            programme=call.programme, kind=KIND, state__in=OPEN_STATES, arguments__file=sha256
        ).exclude(uuid=call.job)
        kept = StoredFile.objects.filter(programme=call.programme, sha256=sha256)
        if needed.exists() or kept.exists():
            return
    files.erase(call.programme.uuid, sha256)
