"""What a programme's page costs beside the queries that it asks, as a ratio measured in the same run."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.access import asking
from handover.models import Programme
from indicators.actions import targets
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported

INDICATORS, QUARTERS, ROUNDS = 30, 12, 15
pytestmark = pytest.mark.django_db


def test_the_page_of_a_programme(cast: Cast, programme: Programme) -> None:
    """Print what the page of a programme with 30 indicators over 12 quarters takes, against its queries alone."""
    quarters = [_quarter(number) for number in range(QUARTERS)]
    for number in range(INDICATORS):
        of = indicator(programme, by=cast.giver, title=f"Indicator {number}", due_days=15)
        targets.put(
            by=cast.giver,
            indicator_uuid=of.uuid,
            starts_on=quarters[-1][0],
            ends_on=quarters[-1][1],
            value=900,
        )
        for at, (first, last) in enumerate(quarters):
            reported(of, {"": at * 70 + number}, by=cast.giver, quarter=(first, last))
    client = Client()
    client.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("programme", args=[programme.uuid])
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    queries = [
        item["sql"] for item in seen.captured_queries if item["sql"].lstrip("( ")[:6] in ("SELECT", "WITH o")
    ]
    whole = _median(lambda: client.get(address))
    with asking(cast.giver):
        raw = _median(lambda: _ask(queries))
    print(
        f"\npage of a programme: {whole * 1000:.1f} ms against {raw * 1000:.1f} ms = {whole / raw:.2f}x (target 3x)"
    )


def _quarter(number: int) -> tuple[dt.date, dt.date]:
    first = dt.date(2021 + number // 4, 1 + 3 * (number % 4), 1)
    following = dt.date(first.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)
    return first, following - dt.timedelta(days=1)


def _ask(queries: list[str]) -> None:
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            cursor.fetchall()


def _median(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(ROUNDS + 2):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times[2:])
