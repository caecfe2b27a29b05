"""Summaries are never stale: whatever happens to values, they say what the values say."""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.access import Operator, asking
from handover.actions import places
from handover.errors import Invalid
from handover.models import Place, Programme
from indicators.actions import summaries, values
from indicators.actions.values import Reported
from indicators.models import Indicator, Summary, Value
from indicators.queries.values import current
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported

pytestmark = pytest.mark.django_db

COLUMNS = (
    'period_id, place_id, split, "values", numbers, fractions, positions, located, trim_scale(value),'
    " trim_scale(numerator), trim_scale(denominator), trim_scale(smallest), trim_scale(largest), trim_scale(reported),"
    " said"
)
RECOMPUTED = """
SELECT period_id, place_id, indicators_split(cell), count(*), count(value), count(denominator), max(position) + 1,
       count(*) FILTER (WHERE locations <> '[]'), trim_scale(sum(value)), trim_scale(sum(numerator)),
       trim_scale(sum(denominator)), trim_scale(min(value)), trim_scale(max(value)),
       trim_scale(max(value) FILTER (WHERE whole)), max(value_text) FILTER (WHERE whole)
  FROM (SELECT v.*, cell = '' AND place_id IS NULL AND locations = '[]' AND position = 0 AS whole
          FROM indicators_value v
         WHERE NOT EXISTS (
           SELECT FROM indicators_value later
            WHERE later.period_id = v.period_id AND later.cell = v.cell AND later.position = v.position
              AND later.place_id IS NOT DISTINCT FROM v.place_id AND later.revision > v.revision)) row
 GROUP BY 1, 2, 3 ORDER BY 1, 2 NULLS FIRST, 3
"""


def _kept(cast: Cast) -> list[tuple[Any, ...]]:
    with asking(cast.giver), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM indicators_summary ORDER BY period_id, place_id NULLS FIRST, split"
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _recomputed(cast: Cast) -> list[tuple[Any, ...]]:
    with asking(cast.giver), connection.cursor() as cursor:
        cursor.execute(RECOMPUTED)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


CELLS: tuple[dict[str, str], ...] = (
    {},
    {"gender": "women"},
    {"gender": "men"},
    {"gender": "women", "age": "0-5"},
    {"a|b": "c=d"},
)
QUARTERS = ((dt.date(2024, 1, 1), dt.date(2024, 3, 31)), (dt.date(2024, 4, 1), dt.date(2024, 6, 30)))

steps = st.lists(
    st.tuples(
        st.sampled_from(["report", "correct", "import"]),
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(0, len(CELLS) - 1),
        st.booleans(),
        st.integers(-3, 9),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=steps)
def test_whatever_happens_to_values_summaries_say_what_they_say(
    cast: Cast, programme: Programme, story: list[tuple[str, int, int, int, bool, int]]
) -> None:
    count = indicator(programme, by=cast.giver)
    share = indicator(programme, by=cast.giver, measure="2", counting_rule="none")
    here = _place()
    for verb, which, quarter, cell, at_place, number in story:
        of = (count, share)[which]
        _do(cast, programme, verb, of, QUARTERS[quarter], CELLS[cell], here if at_place else None, number)
        assert _kept(cast) == _recomputed(cast)


def _place() -> Place:
    found = Place.objects.filter(code="777777").first()
    return found or places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="777777", name="Here")


def _do(
    cast: Cast,
    programme: Programme,
    verb: str,
    of: Indicator,
    quarter: tuple[dt.date, dt.date],
    cell: dict[str, str],
    place: Place | None,
    number: int,
) -> None:
    parts: dict[str, Any] = {"numerator": number, "denominator": 100} if of.measure == "2" else {}
    start, end = quarter
    with contextlib.suppress(Invalid):
        if verb == "report":
            row = Reported(value=number, dimensions=cell, place=place.uuid if place else None, **parts)
            values.report(by=cast.giver, indicator_uuid=of.uuid, starts_on=start, ends_on=end, rows=[row])
        elif verb == "correct":
            with asking(cast.giver):
                last = current(programme, cutoff=None, indicator=of).first()
            if last is not None:
                values.correct(
                    by=cast.giver, value_uuid=last.uuid, value=number, reason="Counted again", **parts
                )
        else:
            header = ["indicator", "start", "end", "place", "value", *cell]
            fields = [of.uuid, start, end, place.uuid if place else "", number, *cell.values()]
            values.import_csv(
                by=cast.giver,
                programme_uuid=programme.uuid,
                lines=[",".join(map(str, row)) + "\n" for row in (header, fields)],
                dimensions=list(cell),
                reason="Counted again",
            )


def test_what_is_made_anew_is_what_was_kept(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41, "men": 37, "": 80}, by=cast.giver)
    kept = _kept(cast)
    assert summaries.rebuild(by=cast.giver, programme_uuid=programme.uuid) == 2
    assert _kept(cast) == kept


def test_a_refused_batch_leaves_the_summaries_as_they_were(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41}, by=cast.giver)
    kept = _kept(cast)
    with pytest.raises(Invalid):
        reported(of, {"women": 40, "men": 1}, by=cast.giver)
    assert _kept(cast) == kept


def test_a_correction_downwards_is_seen_in_sum_and_extremes(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41, "men": 37}, by=cast.giver)
    with asking(cast.giver):
        highest = Value.objects.get(value=41)
    values.correct(by=cast.giver, value_uuid=highest.uuid, value=5, reason="Counted twice")
    with asking(cast.giver):
        (summary,) = Summary.objects.all()
    assert (summary.value, summary.smallest, summary.largest) == (Decimal(42), Decimal(5), Decimal(37))


@pytest.mark.parametrize(
    ("cell", "split"),
    [
        ("", ""),
        ("gender=women", "gender"),
        ("age=0-5|gender=women", "age|gender"),
        (r"a\|b=c\=d|e=f", r"a\|b|e"),
    ],
)
def test_a_cell_is_split_by_the_names_of_its_axes(cell: str, split: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indicators_split(%s)", [cell])
        assert cursor.fetchone() == (split,)
