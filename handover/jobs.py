"""Long work on the same PostgreSQL: kinds of jobs by registration, and the queue that hands them to workers.

A job is asked for in one transaction and done in another, by ``handover worker``. An app registers what it can do in
its ``AppConfig.ready()``; the kernel knows no app. Asking, running and cancelling: ``handover.actions.jobs``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections
from procrastinate import App, JobContext, RetryDecision
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.jobs import Job as Queued
from procrastinate.retry import BaseRetryStrategy

from handover.errors import Invalid

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from handover.access import Actor
    from handover.models import Programme
    from handover.permissions import Permission

QUEUE = "handover"
TASK = "handover.job"
TELL = "handover.tell"
DELIVER = "handover.deliver"
"""Errands of the installation itself, beside people's jobs: find who wants to hear of something; tell them."""

PATIENCE = 0.2
"""Seconds between two looks whether another worker has let go of a job."""

ERRANDS_TRIED = 8
"""How often an errand is begun at most."""

LONGEST_PAUSE = 60
"""Seconds at most before what failed for want of the database is tried again."""


class Interrupted(Exception):
    """The job must end here; its transaction is rolled back. Raised by ``progress()``, and let through."""


class Cancelled(Interrupted):
    """Somebody called the job off."""


class Stopped(Interrupted):
    """The worker stops; another one starts the job anew."""


class Progress(Protocol):
    """Tells how far long work has come. What takes one runs on the command line and in a job alike."""

    def __call__(self, done: int, total: int | None = None, phase: str = "") -> None:
        """Tell that ``done`` of ``total`` steps are behind us, and in a few words which part this is.

        Raises:
            Interrupted: the work must end here.
        """


def silent(done: int, total: int | None = None, phase: str = "") -> None:
    """Tell nobody how far it has come."""


@dataclass(frozen=True)
class Call:
    """One run of a job: who asked for it, in which programme, with what, and whom to tell how far it has come."""

    actor: Actor
    programme: Programme
    arguments: Mapping[str, Any]
    job: UUID
    progress: Progress


Work = Callable[[Call], Mapping[str, object]]


@dataclass(frozen=True)
class Kind:
    """What a job can do: its stable name, the permission that asking for it needs on the programme, and the work."""

    name: str
    may: Permission
    work: Work
    asks: Callable[[Actor, Programme], None] | None = None
    """What else is asked of whoever asks for the job, where a permission on the programme does not say it."""


_kinds: dict[str, Kind] = {}


def kind(
    name: str, *, may: Permission, asks: Callable[[Actor, Programme], None] | None = None
) -> Callable[[Work], Work]:
    """Register a function as a kind of job, ``noun.verb``; the name is stable, because jobs outlive releases.

    The function runs in the name of who asked, in one transaction with the job's end: what it raises undoes all of it.
    It gives a small result in JSON types, decimals, UUIDs and dates. ``may`` is asked of the programme when somebody
    asks for the job; then ``asks`` is called, which refuses by an error: for permissions that hang on
    responsibilities. The actions that the work calls ask again.
    """

    def registered(work: Work) -> Work:
        _kinds[name] = Kind(name, may, work, asks)
        return work

    return registered


def kind_named(name: str) -> Kind:
    """Give a kind.

    Raises:
        Invalid: nobody registered it.
    """
    found = _kinds.get(name)
    if found is None:
        raise Invalid("job_kind_unknown", f"This installation knows no job “{name}”.", field="kind")
    return found


def defer(job: UUID, programme_id: int) -> None:
    """Put a job into the queue, in the present transaction: a rollback takes it out again.

    The jobs of a programme run one after the other, in the order in which they were asked for. The queue has no wall:
    it learns nothing but two keys.
    """
    task = app.configure_task(TASK, queue=QUEUE, lock=f"programme:{programme_id}")
    task.defer(job=str(job), programme=programme_id)


Errand = Callable[..., None]

_errands: dict[str, Errand] = {}


def errand(name: str) -> Callable[[Errand], Errand]:
    """Register a function as an errand: small work of the installation itself, of which nobody asks how far it is.

    It gets keys alone, as keywords, and runs outside any transaction. It may run twice, and must then do nothing new.
    """

    def registered(work: Errand) -> Errand:
        _errands[name] = work
        return work

    return registered


def send(name: str, *, lock: str | None = None, after: int = 0, **keys: int) -> None:
    """Put an errand into the queue, in the present transaction, to be done in so many seconds at the earliest."""
    app.configure_task(name, queue=QUEUE, lock=lock, schedule_in={"seconds": after} if after else None).defer(
        **keys
    )


def hold(job: UUID, stopping: Callable[[], bool]) -> None:
    """Keep every other worker from the same job until this transaction ends; wait for one that has it.

    A lock beside the row, not on it: the row stays free for whoever tells how far the job has come, or calls it off.

    Raises:
        Stopped: the worker wanted to end before the other one did.
    """
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(hashtextextended('handover.job.' || %s, 0))", [str(job)]
            )
            if cursor.fetchone() == (True,):
                return
            if stopping():
                raise Stopped
            time.sleep(PATIENCE)


class Beside:
    """A second connection to the same database, for what must be seen while the first one's transaction is open."""

    def __init__(self) -> None:
        self._side: BaseDatabaseWrapper | None = None

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let everything in the block, in this thread, use the second connection; it is kept open for the next time."""
        first = connections[DEFAULT_DB_ALIAS]
        if self._side is None:
            self._side = first.copy()
        connections[DEFAULT_DB_ALIAS] = self._side
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = first

    def close(self) -> None:
        """Close it."""
        if self._side is not None:
            self._side.close()


class Again(BaseRetryStrategy):
    """Whatever escapes a job's run is tried again: at once where the worker stopped, else after a growing pause.

    How often a job may be started is counted on the job itself.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Queued) -> RetryDecision:
        """Say when."""
        pause = 0 if isinstance(exception, JobAborted) else min(LONGEST_PAUSE, 2**job.attempts)
        return RetryDecision(retry_in={"seconds": pause})


class Seldom(BaseRetryStrategy):
    """An errand that failed is tried again after a growing pause, a few times."""

    def get_retry_decision(self, *, exception: BaseException, job: Queued) -> RetryDecision | None:
        """Say when."""
        pause = min(LONGEST_PAUSE, 2**job.attempts)
        return RetryDecision(retry_in={"seconds": pause}) if job.attempts < ERRANDS_TRIED else None


Run = Callable[[UUID, int, Callable[[], bool]], None]


def worker_app(run: Run, begun: Callable[[str], object] = len) -> App:
    """Give the queue as a worker sees it, with a pool of connections of its own.

    ``begun`` hears the name of each errand that is begun.

    Another app than the one that ``defer`` uses: that one always joins Django's transaction, inside a worker too.
    """
    made = DjangoApp(connector=app.connector.get_worker_connector())  # type: ignore[attr-defined]

    @made.task(name=TASK, queue=QUEUE, pass_context=True, retry=Again())
    def perform(context: JobContext, *, job: str, programme: int) -> None:
        try:
            run(UUID(job), programme, context.should_abort)
        except Stopped:
            raise JobAborted from None

    def add(name: str, work: Errand) -> None:
        @made.task(name=name, queue=QUEUE, retry=Seldom())
        def do(**keys: int) -> None:
            begun(name)
            work(**keys)

    for name, work in _errands.items():
        add(name, work)
    return made


async def put_back(queue: App, *, silent_for: float) -> int:
    """Put jobs back whose worker has not been heard of for so many seconds; give how many."""
    stalled = await queue.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=silent_for)
    count = 0
    for job in stalled:
        # Another worker may have put it back in the same moment, which the queue refuses to do twice.
        with suppress(ConnectorException):
            await queue.job_manager.retry_job(job)
            count += 1
    return count
