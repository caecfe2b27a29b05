"""What reading costs, as ratios to hand-written SQL over the values that is measured in the same run.

What people call is measured: ``portfolio(actor)`` and ``table(programme, cutoff=None)``, whole. The reference of a
roll-up is the plainer ``GROUP BY`` over all values, which is right as long as nothing was ever corrected; the one that
takes the last revision of each slot, as it must be in life, is printed beside it. Both sides run as the web role,
behind the wall. Nothing here asserts a time. ``BENCH_PROGRAMMES`` sets the number of programmes; each has 2,000 values.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from handover.access import Actor, asking
from handover.models import Programme
from indicators.queries.portfolio import portfolio
from indicators.queries.tables import table
from tests.benchmarks.test_ratios import report, seconds
from tests.conftest import OwnerSql
from tests.factories.cast import Cast
from tests.factories.programmes import programme

PROGRAMMES = int(os.environ.get("BENCH_PROGRAMMES", "500"))
VALUES = 2000
pytestmark = pytest.mark.django_db(transaction=True)

FILL = (
    """
    INSERT INTO indicators_result (uuid, programme_id, version, type, position, aggregation_status, title, description,
                                   "references", documents, extra)
    SELECT gen_random_uuid(), p, 1, '1', 0, '', '[{"lang": "en", "text": "Result"}]', '[]', '[]', '[]', '{}'
      FROM unnest(%(programmes)s::bigint[]) p
    """,
    """
    INSERT INTO indicators_indicator (
      uuid, programme_id, version, result_id, position, measure, ascending, aggregation_status, counting_rule, title,
      description, "references", documents, extra, frequency, unit, currency, scale, source, method, collected_by,
      over_time, over_places, over_groups, axes, approval, expression, parts)
    SELECT gen_random_uuid(), r.programme_id, 1, r.id, n, CASE n %% 4 WHEN 3 THEN '2' ELSE '1' END, '1', '1',
           (ARRAY['new_entrants', 'distinct_persons', 'contacts', 'none'])[n %% 4 + 1],
           '[{"lang": "en", "text": "Indicator"}]', '[]',
           jsonb_build_array(jsonb_build_object('vocabulary', '99', 'code', 'CODE' || n, 'indicator_uri', 'urn:bench')),
           '[]', '{}', 'quarterly', '', '', '[]', '', '', '', '', '', '', '["gender", "age"]', false, '', '{}'
      FROM indicators_result r, generate_series(0, 19) n
     WHERE r.programme_id = ANY (%(programmes)s)
    """,
    """
    INSERT INTO indicators_period (uuid, programme_id, indicator_id, position, starts_on, ends_on, extra)
    SELECT gen_random_uuid(), i.programme_id, i.id, n, '2023-01-01'::date + make_interval(months => 3 * n),
           '2023-01-01'::date + make_interval(months => 3 * n + 3) - '1 day'::interval, '{}'
      FROM indicators_indicator i, generate_series(0, 9) n WHERE i.programme_id = ANY (%(programmes)s)
    """,
    """
    INSERT INTO indicators_target (uuid, programme_id, period_id, position, value, value_text, comment, locations,
                                   dimensions, documents, extra)
    SELECT gen_random_uuid(), programme_id, id, 0, 900, '900', '[]', '[]', '[]', '[]', '{}'
      FROM indicators_period WHERE programme_id = ANY (%(programmes)s)
    """,
    """
    INSERT INTO indicators_value (
      uuid, programme_id, indicator_id, period_id, cell, position, value, value_text, numerator, denominator, comment,
      locations, dimensions, documents, extra, revision, reason, reported_by_id, reporter_name, organisation_id,
      organisation_name, recorded_at, batch, digest)
    SELECT gen_random_uuid(), p.programme_id, p.indicator_id, p.id, 'age=' || age || '|gender=' || gender, 0,
           number, number::text, CASE i.measure WHEN '2' THEN number END, CASE i.measure WHEN '2' THEN 100 END, '[]',
           '[]', jsonb_build_array(jsonb_build_object('name', 'age', 'value', age),
                                   jsonb_build_object('name', 'gender', 'value', gender)),
           '[]', '{}', 1, '', %(user)s, 'Officer', %(organisation)s, 'Giver', now(), gen_random_uuid(), sha256('')
      FROM indicators_period p JOIN indicators_indicator i ON i.id = p.indicator_id,
           unnest(ARRAY['women', 'men']) gender, unnest(ARRAY['0-5', '6-17', '18-29', '30-64', '65+']) age,
           LATERAL (SELECT (p.id * 7 + ascii(gender) * length(age)) %% 100 AS number) AS made
     WHERE p.programme_id = ANY (%(programmes)s)
    """,
)


def filled(by: Actor, count: int) -> list[Programme]:
    """Give programmes with 20 coded indicators, ten quarters each, disaggregated by gender and age: 2,000 values."""
    made = [programme(by) for _ in range(count)]
    keys = [item.pk for item in made]
    with asking(by), connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(
                statement, {"programmes": keys, "user": by.user.pk, "organisation": by.organisation.pk}
            )
    return made


SUMMARISE = """
INSERT INTO indicators_summary (
  programme_id, indicator_id, period_id, place_id, split, "values", numbers, fractions, positions, located, value,
  numerator, denominator, smallest, largest, first_at, last_at)
SELECT programme_id, indicator_id, period_id, place_id, indicators_split(cell), count(*), count(value),
       count(denominator), 1, 0, sum(value), sum(numerator), sum(denominator), min(value), max(value), now(), now()
  FROM indicators_value GROUP BY programme_id, indicator_id, period_id, place_id, indicators_split(cell)
"""

ROLL_UP = """
WITH v AS (
  SELECT indicator_id, period_id, count(*) AS n, sum(value) AS value, sum(numerator) AS numerator,
         sum(denominator) AS denominator
    FROM {values} GROUP BY indicator_id, period_id
)
SELECT i."references" -> 0 ->> 'code', i.measure, i.unit, i.currency, i.counting_rule, extract(year FROM p.ends_on),
       sum(n), sum(v.value), sum(v.numerator), sum(v.denominator)
  FROM v JOIN indicators_period p ON p.id = v.period_id JOIN indicators_indicator i ON i.id = v.indicator_id
 GROUP BY 1, 2, 3, 4, 5, 6
"""
"""The quicker of two ways to write it: by period first, then by code and year."""

ALL_VALUES = "indicators_value"
LAST_VALUES = """
(SELECT DISTINCT ON (period_id, cell, place_id, position) indicator_id, period_id, value, numerator, denominator
   FROM indicators_value ORDER BY period_id, cell, place_id, position, revision DESC) last
"""
"""Only the last revision of each slot counts."""

ONE_PAGE = """
SELECT DISTINCT ON (v.period_id, v.cell, v.place_id, v.position)
       i.title, p.starts_on, p.ends_on, v.cell, v.value, v.numerator, v.denominator
  FROM indicators_value v JOIN indicators_period p ON p.id = v.period_id
  JOIN indicators_indicator i ON i.id = v.indicator_id
 WHERE v.programme_id = %s ORDER BY v.period_id, v.cell, v.place_id, v.position, v.revision DESC
"""
"""A programme's current values with their definitions, as a page would need them to work with."""


@pytest.fixture
def large(cast: Cast, owner_sql: OwnerSql) -> list[Programme]:
    """Give ``PROGRAMMES`` programmes with their values and summaries, as a database knows them after a while."""
    made = filled(cast.giver, PROGRAMMES)
    owner_sql(SUMMARISE)
    owner_sql("VACUUM ANALYZE")
    return made


def _answer(statement: str, *values: int) -> Callable[[], Any]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.fetchall()

    return run


def test_a_portfolio_against_a_group_by_over_the_values(cast: Cast, large: list[Programme]) -> None:
    with asking(cast.giver):
        measured = seconds(lambda: portfolio(cast.giver))
        plain = seconds(_answer(ROLL_UP.format(values=ALL_VALUES)), rounds=3)
        last = seconds(_answer(ROLL_UP.format(values=LAST_VALUES)), rounds=3)
    name = f"roll up a portfolio of {len(large) * VALUES} values / GROUP BY over the values"
    report(name, measured, plain, 0.25)
    report(f"{name}, the last revision of each", measured, last, 0.25)


def test_a_page_against_the_query_over_its_values(cast: Cast, large: list[Programme]) -> None:
    one = large[len(large) // 2]
    client = Client()
    client.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("indicators", args=[one.uuid])
    with asking(cast.giver):
        reference = seconds(_answer(ONE_PAGE, one.pk), rounds=15)
        measured = seconds(lambda: table(one, cutoff=None), rounds=15)
    report(f"one programme's table of {VALUES} values / the raw query", measured, reference, 1.5)
    whole = seconds(lambda: client.get(address), rounds=15)
    report("its whole page, signed in, rendered / the same query", whole, reference, 1.5)
