"""The digest of a value: one spelling in the database and in Python, and nothing of the row left out."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.access import asking
from handover.models import Programme
from handover.queries.conservation import row_digest_sql
from indicators.models import Value
from indicators.queries.digests import VALUE_COLUMNS, value_digest
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=20)
NUMBER = st.none() | st.decimals(
    allow_nan=False, allow_infinity=False, places=12, min_value=-(10**20), max_value=10**20
)
JSON = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(-(2**40), 2**40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
LIST = st.lists(st.dictionaries(TEXT, TEXT | st.none(), max_size=3), max_size=3)
INSTANT = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
ROW = st.fixed_dictionaries(
    {
        **dict.fromkeys(("batch", "indicator", "organisation", "period", "reported_by", "uuid"), st.uuids()),
        **dict.fromkeys(("cell", "organisation_name", "reason", "reporter_name"), TEXT),
        **dict.fromkeys(("comment", "dimensions", "documents", "locations"), LIST),
        **dict.fromkeys(("denominator", "numerator", "value"), NUMBER),
        "extra": st.dictionaries(TEXT, JSON, max_size=3),
        "place": st.none() | st.uuids(),
        "position": st.integers(0, 9),
        "recorded_at": INSTANT,
        "revision": st.integers(1, 9),
        "value_text": st.none() | TEXT,
    }
)
CASTS = {
    **dict.fromkeys(("batch", "indicator", "organisation", "period", "place", "reported_by", "uuid"), "uuid"),
    **dict.fromkeys(("comment", "dimensions", "documents", "extra", "locations"), "jsonb"),
    **dict.fromkeys(("denominator", "numerator", "value"), "numeric"),
    **dict.fromkeys(("position", "revision"), "integer"),
    "recorded_at": "timestamptz",
}


def _by_the_database(row: dict[str, Any]) -> bytes:
    arguments = ", ".join(f"%s::{CASTS.get(name, 'text')}" for name in VALUE_COLUMNS)
    given = [json.dumps(row[name]) if CASTS.get(name) == "jsonb" else row[name] for name in VALUE_COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT indicators_value_digest({arguments})", given)
        return bytes((cursor.fetchone() or [b""])[0])


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROW)
def test_python_and_the_database_digest_a_value_alike(row: dict[str, Any]) -> None:
    assert value_digest(row) == _by_the_database(row)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROW, ROW, st.sampled_from(VALUE_COLUMNS))
def test_no_column_can_change_without_the_digest(
    row: dict[str, Any], other: dict[str, Any], column: str
) -> None:
    changed = {**row, column: other[column]}
    assert (value_digest(changed) == value_digest(row)) == (changed == row)


def test_nothing_and_an_empty_text_are_not_the_same() -> None:
    row = dict.fromkeys(VALUE_COLUMNS)
    empty: dict[str, Any] = {name: [] if CASTS.get(name) == "jsonb" else None for name in row}
    assert value_digest({**empty, "value_text": None}) != value_digest({**empty, "value_text": ""})


def test_trailing_zeros_are_not_part_of_a_number() -> None:
    empty: dict[str, Any] = {name: [] if CASTS.get(name) == "jsonb" else None for name in VALUE_COLUMNS}
    one, other = {**empty, "value": Decimal("41.50")}, {**empty, "value": Decimal("41.5")}
    assert value_digest(one) == value_digest(other) == _by_the_database(one)


def test_a_float_has_no_digest() -> None:
    empty: dict[str, Any] = {name: [] if CASTS.get(name) == "jsonb" else None for name in VALUE_COLUMNS}
    with pytest.raises(TypeError):
        value_digest({**empty, "value": 0.1})
    with pytest.raises(TypeError):
        value_digest({**empty, "extra": {"share": 0.1}})


def test_a_stored_value_carries_the_digest_of_its_own_row(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": "41.50", "men": "37"}, by=cast.giver_reporter)
    with asking(cast.giver):
        rows = list(
            Value.objects.select_related("indicator", "period", "place", "reported_by", "organisation")
        )
    assert len(rows) == 2
    for row in rows:
        said: dict[str, Any] = {name: getattr(row, name) for name in VALUE_COLUMNS}
        for name in ("indicator", "period", "place", "reported_by", "organisation"):
            said[name] = said[name].uuid if said[name] else None
        assert bytes(row.digest) == value_digest(said)


def test_the_kernels_own_digest_of_a_row_is_the_same(cast: Cast, programme: Programme) -> None:
    """A value's canonical row is that of every other table, but for its keys and for the digest itself."""
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    skipped = frozenset({"id", "programme", "digest"})
    with asking(cast.giver), connection.cursor() as cursor:
        cursor.execute(f"SELECT {row_digest_sql(Value, skip=skipped)} = t.digest FROM indicators_value t")
        assert cursor.fetchall() == [(True,)]


def test_the_digests_function_is_set_in_place_of_its_call(cast: Cast, programme: Programme) -> None:
    """A call a row would double the time that an import of a million values takes."""
    names = ", ".join("NULL" for _ in VALUE_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (VERBOSE) SELECT indicators_value_digest({names}) FROM pg_class")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "indicators_value_digest" not in plan
    assert "sha256" in plan


def test_uuids_of_a_batch_stand_in_the_order_of_its_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indicators_value_uuid('2026-11-22 12:00+00', n) FROM generate_series(4000, 4200) n ORDER BY n"
        )
        found = [UUID(str(uuid)) for (uuid,) in cursor.fetchall()]
    assert found == sorted(found)
    assert len(set(found)) == len(found)
    assert {(uuid.version, uuid.variant) for uuid in found} == {(7, "specified in RFC 4122")}
