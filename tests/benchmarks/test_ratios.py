"""What the walls, the ledger and a handover cost, as ratios to a reference that is measured in the same run.

Nothing here asserts a time: the figures are printed for a person to read. ``BENCH_ROWS`` sets the number of values;
very many of them are measured by ``tests.benchmarks.scale``.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from handover import ledger
from handover.access import asking
from handover.actions import executions
from handover.models import Programme
from handover.models.guard import writing
from indicators.actions import indicators, results, values
from tests.conftest import OwnerSql
from tests.factories.cast import Cast
from tests.factories.transfers import ready

ROWS = int(os.environ.get("BENCH_ROWS", "20000"))
pytestmark = pytest.mark.django_db


def seconds(work: Callable[[], Any], *, rounds: int = 5) -> float:
    """Give the median time of some work."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(name: str, measured: float, reference: float, target: float) -> None:
    """Print one line: what was measured, against what, and the ratio that was aimed at."""
    ratio = measured / reference
    print(f"\n{name}: {measured:.3f} s against {reference:.3f} s = {ratio:.2f}x (target {target}x)")


def lines(keys: list[str]) -> Iterator[str]:
    """Give ``ROWS`` values as CSV, over indicators, days and cells."""
    yield "indicator,start,end,place,gender,age,value,numerator,denominator\n"
    count = 0
    day = dt.date(1990, 1, 1)
    while count < ROWS:
        for key in keys:
            for gender in ("women", "men"):
                if count == ROWS:
                    return
                yield f"{key},{day},{day},,{gender},adults,{count % 997},,\n"
                count += 1
        day += dt.timedelta(days=1)


@pytest.fixture
def large(cast: Cast, programme: Programme) -> Programme:
    """Give a programme with ``ROWS`` values."""
    result = results.define(by=cast.giver, programme_uuid=programme.uuid, type="1", title={"en": "Result"})
    keys = [
        str(
            indicators.define(
                by=cast.giver, result_uuid=result.uuid, measure="1", title={"en": f"Indicator {n}"}
            ).uuid
        )
        for n in range(20)
    ]
    start = time.perf_counter()
    values.import_csv(by=cast.giver, programme_uuid=programme.uuid, lines=lines(keys))
    print(f"\nimported {ROWS} values in {time.perf_counter() - start:.2f} s")
    return programme


DIGEST = """
SELECT count(*), encode(sha256(string_agg(digest, ''::bytea ORDER BY uuid)), 'hex'), sum(value), sum(numerator)
  FROM indicators_value WHERE programme_id = %s
"""


def test_a_handover_against_its_digest_query(cast: Cast, large: Programme) -> None:
    transfer = ready(cast, large)

    def digest() -> None:
        with asking(cast.receiver), connection.cursor() as cursor:
            cursor.execute(DIGEST, [large.pk])

    def execute() -> None:
        with transaction.atomic():
            executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
            transaction.set_rollback(True)

    report(f"hand over {ROWS} values / digest query once", seconds(execute, rounds=3), seconds(digest), 2.3)


def test_a_query_with_the_wall_against_one_without(cast: Cast, large: Programme) -> None:
    query = "SELECT indicator_id, count(*), sum(value) FROM indicators_value GROUP BY indicator_id"

    def walled() -> None:
        with asking(cast.giver), connection.cursor() as cursor:
            cursor.execute(query)

    def open_() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT bench")
            cursor.execute(query.replace("GROUP", f"WHERE programme_id = {large.pk} GROUP"))
            cursor.execute("RELEASE SAVEPOINT bench")

    with_wall = seconds(walled)
    with asking(cast.giver):
        reference = seconds(open_)
    report(
        "group by under row level security / the same with its filter written out", with_wall, reference, 1.3
    )


def test_appending_to_the_ledger_against_a_plain_insert(
    cast: Cast, programme: Programme, owner_sql: OwnerSql
) -> None:
    body = "x" * 400
    count = 1000

    def append() -> None:
        with asking(cast.giver), writing():
            for number in range(count):
                ledger.record(
                    verb="bench.noted", by=cast.giver, programme=programme, data={"n": number, "body": body}
                )

    def plain() -> None:
        with connection.cursor() as cursor:
            for number in range(count):
                cursor.execute(
                    "INSERT INTO bench_plain (n, body) VALUES (%s, %s) RETURNING id", [number, body]
                )

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_plain (id bigserial PRIMARY KEY, n int, body text) ON COMMIT DROP"
        )
    report(
        f"append {count} ledger entries / {count} plain inserts", seconds(append, rounds=3), seconds(plain), 3
    )
