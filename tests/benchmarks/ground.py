"""The ground of the large measurements: an engine of its own, committed rows, and a superuser to compare with."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

REPOSITORY = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def engine_of_its_own(folder: str | None = None) -> Iterator[Path]:
    """Start an engine in a new folder, migrate, set Django up as the web role; stop it and remove it all at the end."""
    state = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="handover-bench.", dir="/tmp"))
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o711)
    os.environ["HANDOVER_STATE"] = str(state / "state")
    os.environ.pop("HANDOVER_DB_ROLE", None)
    command = [sys.executable, "-m", "handover"]
    try:
        subprocess.run([*command, "migrate", "--verbosity", "0"], check=True, cwd=REPOSITORY)
        os.environ["DJANGO_SETTINGS_MODULE"] = "handover.settings"
        import django

        django.setup()
        yield state
    finally:
        from django.db import connections

        connections.close_all()
        subprocess.run([*command, "engine", "stop"], check=False, cwd=REPOSITORY, capture_output=True)
        shutil.rmtree(state, ignore_errors=True)


def superuser() -> psycopg.Connection[Any]:
    """Connect as the cluster's superuser, whom no policy binds."""
    from handover.engine import addresses, cluster

    asked = addresses().owner.libpq() | {"user": cluster.SUPERUSER}
    return psycopg.connect(**asked, autocommit=True)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and the highest memory of this process so far, in megabytes."""

    seconds: float
    megabytes: float


@contextlib.contextmanager
def cost() -> Iterator[list[Cost]]:
    """Measure a block; its cost is the one element of the list afterwards."""
    found: list[Cost] = []
    began = time.perf_counter()
    yield found
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found.append(Cost(time.perf_counter() - began, highest))


def days_of(month: int) -> tuple[dt.date, dt.date]:
    """Give the first and the last day of a month, counted from January 1990."""
    first = dt.date(1990 + month // 12, month % 12 + 1, 1)
    after = dt.date(1990 + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return first, after - dt.timedelta(days=1)
