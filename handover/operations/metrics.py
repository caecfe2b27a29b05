"""Figures in the form that Prometheus reads: requests of all processes of the server, and the installation's state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from django.db import Error
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from handover.operations import backups
from handover.operations.figures import Figures, age, figures

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder where the processes of one server add up their counts; ``handover serve`` sets it."""

STEPS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

ANSWERED: Final = Counter(
    "handover_requests",
    "Requests that were answered.",
    ("method", "route", "status"),
    registry=None,
)
TOOK: Final = Histogram(
    "handover_request_seconds",
    "Seconds until a request was answered.",
    ("method", "route"),
    buckets=STEPS,
    registry=None,
)


def count(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count a request by its route's pattern: as many rows as there are routes, however many addresses."""
    ANSWERED.labels(method, route, str(status)).inc()
    TOOK.labels(method, route).observe(seconds)


def exposition() -> bytes:
    """Give all figures as text."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(ANSWERED)
        registry.register(TOOK)
    registry.register(State())
    return generate_latest(registry)


class State(Collector):
    """The installation's state at the moment when somebody looks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give it; where the database does not answer, that, and what is known without it."""
        found = _found()
        yield _one("handover_database_up", "1 where the database answers.", 0 if found is None else 1)
        last = backups.last()
        if last is not None:
            yield _one("handover_backup_age_seconds", "Since the last backup.", age(last.made_at))
            yield _one("handover_backup_bytes", "Size of the last backup.", last.size)
        if found is not None:
            yield from _families(found)


def _found() -> Figures | None:
    try:
        return figures()
    except Error:
        return None


def _families(found: Figures) -> Iterator[GaugeMetricFamily]:
    jobs = GaugeMetricFamily("handover_jobs", "Jobs and errands in the queue.", labels=("task", "state"))
    for (task, state), number in sorted(found.jobs.items()):
        jobs.add_metric((task, state), number)
    yield jobs
    mails = GaugeMetricFamily("handover_mails", "Mails of reminders by state.", labels=("state",))
    for state, number in sorted(found.mails.items()):
        mails.add_metric((state,), number)
    yield mails
    yield _one(
        "handover_oldest_job_seconds", "How long the oldest job that could be done has waited.", found.oldest
    )
    yield _one("handover_workers", "Workers that were heard of in the last minute.", found.workers)
    yield _one(
        "handover_webhooks_failing",
        "Messages to webhooks that failed and wait to be tried again.",
        found.webhooks_failing,
    )
    yield _one("handover_database_bytes", "Size of the database.", found.database_bytes)
    if found.checkpoint_at is not None:
        yield _one(
            "handover_checkpoint_age_seconds", "Since the last signed checkpoint.", age(found.checkpoint_at)
        )


def _one(name: str, sentence: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, sentence, value=value)
