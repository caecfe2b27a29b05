"""`handover worker`: does the jobs that people asked for, until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.db import DatabaseError, connection
from procrastinate import App, signals

from handover import jobs
from handover.actions.jobs import run
from handover.actions.reminders import look
from handover.actions.webhook_deliveries import look_for_overdue
from handover.engine.roles import refuse_unsafe_web_role
from handover.management.base import SpeakingCommand, Told

log = logging.getLogger(__name__)

HEARTBEAT = 10.0
GRACE = 30.0
SILENT = 3
"""Heartbeats that a worker misses before its jobs are put back."""

OVERDUE = 900.0
"""Seconds between two looks for milestones that are past their day, and for what waits for people."""


class Command(SpeakingCommand):
    """Do jobs."""

    help = (
        "Do the jobs that people asked for, one after the other in each programme, until stopped (SIGTERM or SIGINT). "
        "Jobs whose worker died are put back. Several workers may run; everything else works without any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add how long, and how many at once."""
        parser.add_argument(
            "--until-empty", "--once", action="store_true", help="do what is waiting, then end; for cron"
        )
        parser.add_argument(
            "--concurrency", type=_count, default=1, metavar="N", help="jobs at once, of different programmes"
        )
        parser.add_argument(
            "--heartbeat",
            type=_heartbeat,
            default=HEARTBEAT,
            metavar="SECONDS",
            help=f"between two signs of life; a worker that misses {SILENT} counts as dead. The same for all workers",
        )
        parser.add_argument(
            "--grace",
            type=_seconds,
            default=GRACE,
            metavar="SECONDS",
            help="that a job may still take when the worker is stopped, before it is interrupted and waits again",
        )
        super().add_arguments(parser)

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Work.

        Raises:
            EngineError: the role that it connects as could look over the wall.
        """
        refuse_unsafe_web_role(connection)
        connection.close()
        taken: list[UUID] = []
        errands: list[str] = []

        def noted(job: UUID, programme_id: int, stopping: Callable[[], bool]) -> None:
            taken.append(job)
            run(job, programme_id, stopping)

        queue = jobs.worker_app(noted, errands.append)
        asyncio.run(_work(queue, lambda: len(taken) + len(errands), options))
        return Told({"jobs": len(taken)})


async def _work(queue: App, begun: Callable[[], int], options: Mapping[str, Any]) -> None:
    """Do jobs in rounds until one finds nothing, or until a signal cancels it all; what runs then has its grace."""
    this = asyncio.current_task()
    assert this is not None  # noqa: S101  it is running

    def stop() -> None:
        this.cancel()

    with signals.on_stop(stop), contextlib.suppress(asyncio.CancelledError):
        async with queue.open_async(), _looked_after(queue, options["heartbeat"]):
            before = -1
            # A round ends when nothing can be begun; what waited for a job of its programme is the next one's.
            while before < begun():
                before = begun()
                await _round(queue, options)


async def _round(queue: App, options: Mapping[str, Any]) -> None:
    """Do jobs for ever or, where that is asked, until none can be begun."""
    heartbeat: float = options["heartbeat"]
    await queue.run_worker_async(
        queues=[jobs.QUEUE],
        wait=not options["until_empty"],
        concurrency=options["concurrency"],
        fetch_job_polling_interval=min(5.0, heartbeat),
        shutdown_graceful_timeout=options["grace"],
        install_signal_handlers=False,
        delete_jobs="successful",
        update_heartbeat_interval=heartbeat,
        stalled_worker_timeout=heartbeat * SILENT,
    )


@contextlib.asynccontextmanager
async def _looked_after(queue: App, heartbeat: float) -> AsyncIterator[None]:
    """Put back what dead workers left, and look for what is overdue, now and again and again."""
    await asyncio.to_thread(_overdue)
    await jobs.put_back(queue, silent_for=heartbeat * SILENT)
    looking = asyncio.create_task(_look_after(queue, heartbeat))
    try:
        yield
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking


async def _look_after(queue: App, heartbeat: float) -> None:
    looked = time.monotonic()
    while True:
        await asyncio.sleep(heartbeat)
        await jobs.put_back(queue, silent_for=heartbeat * SILENT)
        if time.monotonic() - looked >= OVERDUE:
            looked = time.monotonic()
            await asyncio.to_thread(_overdue)


def _overdue() -> None:
    """Look for overdue milestones and for what waits for people; jobs are done even where that fails."""
    try:
        look_for_overdue()
        look()
    except DatabaseError:
        log.warning("It could not be looked for what is overdue or waits.", exc_info=True)
    finally:
        connection.close()


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("0 to 86400 seconds")
    return seconds


def _heartbeat(text: str) -> float:
    seconds = _seconds(text)
    if seconds < 0.1:
        raise argparse.ArgumentTypeError("0.1 seconds or more")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 64:
        raise argparse.ArgumentTypeError("1 to 64")
    return count
