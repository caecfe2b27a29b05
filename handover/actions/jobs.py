"""Jobs: asked for in one transaction, done in another, by a worker and in the name of who asked.

Bookkeeping (which job runs, how far it has come, how it ended) is the installation's own and looks past the wall for
that one programme: who asked may have lost their standing meanwhile, or only read. The work itself runs behind the
wall. Bookkeeping is not in the ledger: what the work changes, the work's own actions record.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from handover import access, clock, jobs
from handover.access import Actor, Operator
from handover.actions import action
from handover.canonical import canonical, plain
from handover.errors import Broken, DomainError, Invalid, NotAllowed, NotFound
from handover.models import Job, JobState, Programme
from handover.models.jobs import OPEN_STATES
from handover.permissions import Permission
from handover.queries.jobs import job_for

log = logging.getLogger(__name__)

WORKER = Operator(channel="job")
STARTS = 5
"""How often a job is started at most: one that kills its worker each time must not go on for ever."""

LARGEST_ARGUMENTS = 8192
"""Characters of canonical text. What is larger is a file, and a file is named by its digest."""

LONGEST_KEY = 200
OFTEN = 0.5
"""Seconds between two notes of how far a job has come."""


@action
def enqueue(*, by: Actor, programme_uuid: UUID, kind: str, arguments: Mapping[str, object], key: str) -> Job:
    """Ask for a job. It waits for a worker once this transaction is committed.

    The same key again in the same programme gives the job that is there, whatever has become of it.

    Raises:
        NotFound, NotAllowed: the actor may not ask for this kind of job in this programme.
        Invalid: no such kind; arguments that are too large; a key that names another job.
    """
    known = jobs.kind_named(kind)
    programme = access.programme_for(by, programme_uuid, may=known.may)
    if known.asks is not None:
        known.asks(by, programme)
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid("job_key_length", f"The key of a job has 1 to {LONGEST_KEY} characters.", field="key")
    if len(canonical(arguments)) > LARGEST_ARGUMENTS:
        raise Invalid(
            "job_arguments_too_large",
            "What a job is given is too large: pass a file by its digest.",
            field="arguments",
        )
    wanted = plain(arguments)
    draft = Job(
        programme=programme,
        kind=kind,
        arguments=wanted,
        key=key,
        requested_by=by.user,
        requested_by_name=by.user.called,
        organisation=by.organisation,
        organisation_name=by.organisation.name,
        created_at=clock.now(),
    )
    with access.custody(programme.pk):
        # Of two who ask at once with one key, the second waits for the first and then finds its job.
        Job.objects.bulk_create([draft], ignore_conflicts=True)
        job = Job.objects.get(programme=programme, key=key)
    if job.uuid == draft.uuid:
        jobs.defer(job.uuid, programme.pk)
    elif (job.kind, job.arguments) != (kind, wanted):
        raise Invalid("job_key_used", "This key names another job already: take a new one.", field="key")
    return job


@action
def cancel(*, by: Actor, job_uuid: UUID) -> Job:
    """Call a job off: at once while it waits, at its next sign of life while it runs, never once it has ended.

    Raises:
        NotFound: it is not there for the actor.
        NotAllowed: somebody else asked for it, and the actor does not keep the programme for the same organisation.
    """
    job = job_for(by, job_uuid)
    if job.organisation_id != by.organisation.pk:
        raise NotAllowed("job_of_others", "Another organisation asked for this.")
    if job.requested_by_id != by.user.pk:
        access.authorise(by, job.programme_id, None, may=Permission.EDIT_PROGRAMME)
    with access.custody(job.programme_id):
        same = Job.objects.filter(pk=job.pk)
        if not same.filter(state=JobState.WAITING).update(state=JobState.CANCELLED, finished_at=clock.wall()):
            same.filter(state=JobState.RUNNING).update(cancel_requested=True)
        job.refresh_from_db()
    return job


def run(job_uuid: UUID, programme_id: int, stopping: Callable[[], bool] = lambda: False) -> None:
    """Run a job as a worker does, in transactions of its own; nothing happens where it has ended or been called off.

    Args:
        programme_id: the programme's key, because the job itself is behind the wall.
        stopping: whether the worker wants to end.

    Raises:
        jobs.Stopped: the worker wanted to end; the job waits again.
        OperationalError, InterfaceError: the database failed; the job waits again.
    """
    job = _start(by=WORKER, programme_id=programme_id, job_uuid=job_uuid)
    if job is None:
        return
    note = Note(job, stopping)
    try:
        _perform(job, note)
    except jobs.Cancelled:
        _end(by=WORKER, job=job, state=JobState.CANCELLED)
    except jobs.Stopped:
        _end(by=WORKER, job=job, state=JobState.WAITING)
        raise
    except (OperationalError, InterfaceError):
        log.warning(
            "Job %s (%s): the database failed; it will be tried again.", job.uuid, job.kind, exc_info=True
        )
        _end(by=WORKER, job=job, state=JobState.WAITING)
        raise
    except (DomainError, ValidationError) as error:
        _end(by=WORKER, job=job, state=JobState.REFUSED, error=_refusal(error))
    except Exception:
        log.exception("Job %s (%s) failed.", job.uuid, job.kind)
        unexpected = DomainError(
            "job_failed",
            "Something went wrong that should not have; nothing was changed. The log of the worker says more.",
        )
        _end(by=WORKER, job=job, state=JobState.FAILED, error=unexpected)
    finally:
        note.beside.close()


def _perform(job: Job, note: Note) -> None:
    """Do the work and say that it is done, in one transaction: after a crash it is both or neither."""
    with transaction.atomic():
        jobs.hold(job.uuid, note.stopping)
        # Whoever held it before may have been slow, not dead.
        if not _still_runs(by=WORKER, job=job):
            return
        kind = jobs.kind_named(job.kind)
        if job.requested_by is None:
            raise NotAllowed("job_nobody", "The account that asked for this is gone.")
        actor = access.actor_for(job.requested_by, job.organisation, channel="job")
        with access.asking(actor):
            programme = Programme.objects.filter(pk=job.programme_id).first()
            if programme is None:
                raise NotFound("programme")
            result = plain(kind.work(jobs.Call(actor, programme, job.arguments, job.uuid, note)))
        _finish(by=WORKER, job=job, result=result, note=note)


class Note:
    """Notes how far a job has come, where others see it at once: on a second connection, at most twice a second."""

    def __init__(self, job: Job, stopping: Callable[[], bool]) -> None:
        self.job = job
        self.stopping = stopping
        self.beside = jobs.Beside()
        self.told: Told | None = None
        self._next = 0.0

    def __call__(self, done: int, total: int | None = None, phase: str = "") -> None:
        """Tell how far it has come.

        Raises:
            jobs.Interrupted: it was called off, or the worker wants to end.
        """
        self.told = Told(done, total, phase)
        if self.stopping():
            raise jobs.Stopped
        if time.monotonic() < self._next:
            return
        try:
            with self.beside.used():
                goes_on = _tell(by=WORKER, job=self.job, told=self.told)
        except DatabaseError:
            # The work does not end because nobody could be told of it.
            log.warning("Job %s: its progress could not be noted.", self.job.uuid, exc_info=True)
            goes_on = True
        self._next = time.monotonic() + OFTEN
        if not goes_on:
            raise jobs.Cancelled


@dataclass(frozen=True)
class Told:
    """How far a job has come, as the work told it last."""

    done: int
    total: int | None
    phase: str

    def as_columns(self) -> dict[str, object]:
        """Give the columns of the job."""
        return {"done": self.done, "total": self.total, "phase": self.phase[:200]}


@action
def _start(*, by: Operator, programme_id: int, job_uuid: UUID) -> Job | None:
    """Count a start; ``None`` where there is nothing to do, or nothing to be done any more."""
    with access.custody(programme_id):
        job = (
            Job.objects.select_related("requested_by", "organisation")
            .select_for_update(of=("self",))
            .filter(programme_id=programme_id, uuid=job_uuid, state__in=OPEN_STATES)
            .first()
        )
        if job is None:
            return None
        if job.cancel_requested:
            _close(job, JobState.CANCELLED)
            return None
        if job.attempts >= STARTS:
            worn = DomainError("job_worn_out", f"This was started {STARTS} times and never came to its end.")
            _close(job, JobState.FAILED, error=worn)
            return None
        job.attempts += 1
        job.state, job.started_at = JobState.RUNNING, clock.wall()
        job.done, job.total, job.phase = 0, None, ""
        job.save()
        return job


@action
def _still_runs(*, by: Operator, job: Job) -> bool:
    with access.custody(job.programme_id):
        return Job.objects.filter(pk=job.pk, state=JobState.RUNNING).exists()


@action
def _tell(*, by: Operator, job: Job, told: Told) -> bool:
    """Note how far it has come, and give whether it may go on."""
    with access.custody(job.programme_id):
        Job.objects.filter(pk=job.pk, attempts=job.attempts, state=JobState.RUNNING).update(
            **told.as_columns()
        )
        return not Job.objects.filter(pk=job.pk, cancel_requested=True).exists()


@action
def _finish(*, by: Operator, job: Job, result: object, note: Note) -> None:
    """Say in the work's own transaction that it is done.

    Raises:
        Broken: somebody else has ended it meanwhile; the work is rolled back.
    """
    told = note.told.as_columns() if note.told else {}
    with access.custody(job.programme_id):
        running = Job.objects.filter(pk=job.pk, state=JobState.RUNNING)
        if not running.update(state=JobState.DONE, result=result, finished_at=clock.wall(), **told):
            raise Broken("job_ended", "This job has been ended meanwhile.")


@action
def _end(*, by: Operator, job: Job, state: JobState, error: DomainError | None = None) -> None:
    """Say how a run ended that was rolled back; what a later run of the same job says stands."""
    with access.custody(job.programme_id):
        found = Job.objects.select_for_update().filter(pk=job.pk, state=JobState.RUNNING).first()
        if found is not None and found.attempts == job.attempts:
            _close(found, state, error)


def _close(job: Job, state: JobState, error: DomainError | None = None) -> None:
    job.state = state
    job.finished_at = None if state in OPEN_STATES else clock.wall()
    job.error = _told_error(error) if error else None
    job.save()


def _told_error(error: DomainError) -> object:
    try:
        details = plain(error.details)
    except TypeError:
        details = {}
    return {"code": error.code, "sentence": error.sentence, "details": details}


def _refusal(error: DomainError | ValidationError) -> DomainError:
    if isinstance(error, DomainError):
        return error
    return Invalid("invalid", " ".join(error.messages))
