"""Uploads of very many values over HTTP: `python -m tests.benchmarks.uploads --values 10000 --rounds 5`.

Each round sends fresh periods by a token, as CSV and as JSON lines, into a table whose earlier rows are committed and
analysed. Its reference is COPY of the same rows, by a role that no policy binds, into a table of the same rows with the
same keys and indexes. Nothing asserts.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.api import line
from tests.benchmarks.ground import cost, days_of, engine_of_its_own, superuser
from tests.benchmarks.scale import AGES, GENDERS, programme_with_indicators
from tests.benchmarks.sheets import prepared

COLUMNS = ("indicator", "start", "end", "place", "gender", "age", "value")
KINDS = ("text/csv", "application/x-ndjson")
TARGET = 3


def content(
    kind: str, indicators: list[str], places: list[str], values: int, month: int
) -> tuple[bytes, int]:
    """Write so many rows from a month on; give the first month after them too."""
    rows: list[tuple[str, ...]] = []
    while len(rows) < values:
        first, last = map(str, days_of(month))
        groups = itertools.product(indicators, places, GENDERS, AGES)
        rows += [(key, first, last, *group, str(n % 997)) for n, (key, *group) in enumerate(groups)]
        month += 1
    if kind == KINDS[0]:
        text = io.StringIO()
        csv.writer(text).writerows([COLUMNS, *rows[:values]])
        return text.getvalue().encode(), month
    lines = (json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in rows[:values])
    return "\n".join(lines).encode(), month


class Reference:
    """A table like the values' one, with the same rows, keys and indexes."""

    def __init__(self, connection: Any, folder: Path) -> None:
        self.connection, self.file = connection, folder / "rows.copy"
        folder.chmod(0o777)
        self.file.touch()
        self.file.chmod(0o666)
        connection.execute("CREATE TABLE bench_value (LIKE indicators_value INCLUDING ALL)")
        keys = connection.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'indicators_value'::regclass AND contype = 'f'"
        ).fetchall()
        for name, definition in keys:
            connection.execute(f'ALTER TABLE bench_value ADD CONSTRAINT "bench_{name}" {definition}')

    def copied(self, batch: str) -> float:
        """Copy the rows of a batch; give the seconds."""
        rows = f"SELECT * FROM indicators_value WHERE batch = '{batch}'"
        self.connection.execute(f"COPY ({rows}) TO '{self.file}'")
        with cost() as measured:
            self.connection.execute(f"COPY bench_value FROM '{self.file}'")
        self.connection.execute(
            "ANALYZE indicators_value, bench_value, indicators_period, indicators_summary"
        )
        return measured[0].seconds


def sender(steward: Any, programme: Any) -> Callable[[str, bytes], tuple[str, float]]:
    """Give a function that uploads rows by a token and gives the batch and the seconds."""
    from tests.factories.api import API, caller

    there = caller(steward)

    def send(kind: str, body: bytes) -> tuple[str, float]:
        began = time.perf_counter()
        answer = there.client.post(
            f"{API}/values/upload?programme={programme.uuid}",
            body,
            content_type=kind,
            headers={"Authorization": f"Bearer {there.key}"},
        )
        taken = time.perf_counter() - began
        if answer.status_code != 200:
            raise SystemExit(answer.content.decode()[:500])
        return str(answer.json()["batch"]), taken

    return send


def profiled(send: Callable[[], Any]) -> None:
    """Print where an upload's time goes: in Python, and statement by statement."""
    import cProfile
    import pstats

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught, cProfile.Profile() as profile:
        send()
    for query in sorted(caught.captured_queries, key=lambda one: -float(one["time"]))[:14]:
        sys.stdout.write(f"  {float(query['time']) * 1000:7.1f} ms  {' '.join(query['sql'].split())[:110]}\n")
    sys.stdout.write(f"  {len(caught.captured_queries)} statements\n")
    pstats.Stats(profile).sort_stats("tottime").print_stats(16)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="print where the time of one more upload goes")
    options = parser.parse_args()
    with engine_of_its_own(), tempfile.TemporaryDirectory(prefix="handover-bench-files.") as files:
        steward, places = prepared()
        programme, indicators = programme_with_indicators(steward, "XX-BENCH-UPLOAD")
        send, month = sender(steward, programme), 0
        with superuser() as connection:
            reference = Reference(connection, Path(files))
            for kind in KINDS:
                sent, copies = [], []
                for number in range(options.rounds + 1):
                    body, month = content(kind, indicators, places, options.values, month)
                    batch, taken = send(kind, body)
                    copied = reference.copied(batch)
                    if number:
                        sent.append(taken)
                        copies.append(copied)
                line(
                    f"upload of {options.values:,} values, {kind} / COPY of the same rows",
                    statistics.median(sent),
                    statistics.median(copies),
                    TARGET,
                )
            if options.profile:
                body, month = content(KINDS[0], indicators, places, options.values, month)
                profiled(lambda: send(KINDS[0], body))


if __name__ == "__main__":
    main()
