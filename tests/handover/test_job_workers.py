"""Workers: killed, told to end, two at once, on a restored database. A job is done once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from handover import engine, jobs
from handover.access import asking
from handover.actions.jobs import cancel, run
from handover.engine.backups import backup, restore
from handover.models import Job, JobState, LedgerEntry, Programme
from handover.queries.jobs import status
from tests.conftest import OwnerSql
from tests.engine_conftest import connected_as
from tests.factories.cast import Cast
from tests.handover.test_jobs import acts, asked, now, queued

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = (sys.executable, "-m", "tests.handover.job_worker")
PATIENCE = 60.0


def worked(*options: str) -> None:
    """Do what is waiting, with a worker in this process."""
    call_command("worker", "--until-empty", *options)


def test_a_worker_does_what_is_waiting_and_ends(cast: Cast, programme: Programme) -> None:
    made = [asked(cast.giver, programme, key=str(number)) for number in range(3)]
    called_off = cancel(by=cast.giver, job_uuid=made[1].uuid)
    worked("--concurrency", "2")
    assert [now(job, cast.giver).state for job in made] == ["done", "cancelled", "done"]
    assert now(called_off, cast.giver).attempts == 0
    assert acts(cast.giver) == 4
    assert queued() == 0


def test_nobody_works_as_a_role_that_looks_over_the_wall() -> None:
    with connected_as("owner"), pytest.raises(engine.EngineError, match="owns"):
        worked()


def test_two_workers_with_the_same_job_do_it_once(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver, programme, milliseconds=200)

    def one() -> None:
        try:
            run(job.uuid, programme.pk)
        finally:
            connection.close()

    both = [threading.Thread(target=one) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(PATIENCE)
    done = now(job, cast.giver)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert acts(cast.giver) == 2


def test_a_worker_that_is_told_to_end_does_not_wait_for_another_ones_job(
    cast: Cast, programme: Programme
) -> None:
    job = asked(cast.giver, programme)
    with beside() as other, other.used(), transaction.atomic():
        jobs.hold(job.uuid, lambda: False)
        with beside() as third, third.used(), pytest.raises(jobs.Stopped):
            run(job.uuid, programme.pk, lambda: True)
    assert now(job, cast.giver).state == JobState.WAITING


def test_a_job_whose_worker_was_killed_is_done_by_the_next_one_once(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver, programme, count=4, milliseconds=2000, slow_at_first=True)
    with worker("--heartbeat", "0.2") as first:
        seen = until(lambda: now(job, cast.giver), lambda found: found.done >= 1)
        assert (seen.state, seen.total, seen.phase) == (JobState.RUNNING, 4, "Citing")
        assert acts(cast.giver) == 0, "nothing of an unfinished job shows"
        first.kill()
        first.wait(PATIENCE)
    assert now(job, cast.giver).state == JobState.RUNNING
    with worker("--heartbeat", "0.2") as second:
        done = until(lambda: now(job, cast.giver), lambda found: found.state != JobState.RUNNING)
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE) == 0
    assert (done.state, done.attempts, acts(cast.giver)) == (JobState.DONE, 2, 4)
    with asking(cast.giver):
        cited = LedgerEntry.objects.filter(programme_id=programme.pk, body__contains='"legal_act.cited"')
        assert cited.count() == 4


def test_a_worker_that_is_told_to_end_gives_its_job_back_and_ends(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver, programme, count=40, milliseconds=100)
    with worker("--grace", "0") as process:
        until(lambda: now(job, cast.giver), lambda found: found.done >= 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    back = now(job, cast.giver)
    assert (back.state, back.attempts, acts(cast.giver), queued()) == (JobState.WAITING, 1, 0, 1)


def test_jobs_survive_a_backup_and_are_done_where_it_is_restored(
    cast: Cast, programme: Programme, owner_sql: OwnerSql, tmp_path: Path
) -> None:
    job = asked(cast.giver, programme)
    here, there = str(connection.settings_dict["NAME"]), "test_handover_jobs"
    backup(named(here), tmp_path / "jobs.dump")
    owner_sql(f"DROP DATABASE IF EXISTS {there}")
    owner_sql(f"CREATE DATABASE {there}")
    try:
        restore(named(there), tmp_path / "jobs.dump")
        with worker("--until-empty", database=there) as process:
            assert process.wait(PATIENCE) == 0
        with psycopg.connect(**named(there).owner.libpq()) as owner:  # type: ignore[arg-type]
            found = owner.execute("SELECT uuid, state, done, error FROM handover_job").fetchall()
            left = owner.execute("SELECT count(*) FROM procrastinate_jobs").fetchall()
    finally:
        owner_sql(f"DROP DATABASE {there} WITH (FORCE)")
    assert (found, left) == ([(job.uuid, "done", 2, None)], [(0,)])
    assert now(job, cast.giver).state == JobState.WAITING, "the worker there is none of ours"


@contextmanager
def beside() -> Iterator[jobs.Beside]:
    """Give one more connection to the test's database, closed after the block."""
    made = jobs.Beside()
    try:
        yield made
    finally:
        made.close()


def named(database: str) -> engine.Addresses:
    """Give where another database of the same server is."""
    found = engine.addresses()
    return replace(found, web=replace(found.web, name=database), owner=replace(found.owner, name=database))


@contextmanager
def worker(*options: str, database: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker in a process of its own, on the test's database; whatever happens, it ends with the block."""
    found = named(database or str(connection.settings_dict["NAME"]))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "handover.settings",
        "DATABASE_URL": url(found.web),
        "DATABASE_OWNER_URL": url(found.owner),
    }
    process = subprocess.Popen([*WORKER, *options], env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE)


def url(address: engine.Address) -> str:
    query = urlencode({**address.options, "host": address.host})
    who = f"{quote(address.user, safe='')}:{quote(address.password, safe='')}"
    return f"postgresql://{who}@:{address.port}/{address.name}?{query}"


def until(look: Callable[[], Job], enough: Callable[[Job], bool]) -> Job:
    """Look until it is so."""
    ends = time.monotonic() + PATIENCE
    while not enough(found := look()):
        assert time.monotonic() < ends, status(found)
        time.sleep(0.05)
    return found
