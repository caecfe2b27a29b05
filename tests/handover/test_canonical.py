"""One way to write a fact: the same bytes from whatever made it, and nothing that has two spellings."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from handover.canonical import canonical, decimal_text, digest, instant_text, plain

# RFC 8785 numbers are IEEE doubles: an integer beyond 2^53 has no exact form there.
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12)


@given(json_values)
def test_what_is_written_is_read_back(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-9, 9)))
def test_the_order_in_which_things_were_said_does_not_matter(value: dict[str, int]) -> None:
    turned = dict(reversed(list(value.items())))
    assert canonical(turned) == canonical(value)
    assert digest(turned) == digest(value)


def test_keys_are_ordered_by_their_utf_16_units_as_rfc_8785_says() -> None:
    assert list(json.loads(canonical({"\ufb33": 1, "\U0001f600": 2, "\r": 3, "ö": 4, "1": 5}))) == [
        "\r",
        "1",
        "ö",
        "\U0001f600",
        "\ufb33",
    ]


@given(decimals, st.integers(0, 6))
def test_a_decimal_has_one_spelling_however_many_zeros_it_was_typed_with(value: Decimal, zeros: int) -> None:
    padded = Decimal(f"{value:f}" + "0" * zeros)
    assert decimal_text(padded) == decimal_text(value)
    assert Decimal(decimal_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("-0.00", "0"),
        ("0", "0"),
        ("10", "10"),
        ("12.50", "12.5"),
        ("-0.10", "-0.1"),
    ],
)
def test_a_decimal_is_written_without_exponent_and_trailing_zeros(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["1000", "12.500", "-0.10", "0.000", "-7", "100.0", "0.0000001", "123456789012.345600"]
)
def test_postgresql_writes_a_decimal_as_python_does(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT trim_scale(%s::numeric)::text", [value])
        assert cursor.fetchone() == (decimal_text(Decimal(value)),)


@given(st.datetimes(timezones=st.just(dt.UTC)).filter(lambda at: 1000 < at.year < 9999), st.integers(-14, 14))
def test_an_instant_is_the_same_text_in_every_time_zone(here: dt.datetime, hours: int) -> None:
    there = here.astimezone(dt.timezone(dt.timedelta(hours=hours)))
    assert instant_text(there) == instant_text(here)
    assert dt.datetime.strptime(instant_text(here), "%Y-%m-%dT%H:%M:%S.%f%z") == here


@pytest.mark.django_db
def test_postgresql_writes_an_instant_as_python_does() -> None:
    instant = dt.datetime(2024, 3, 31, 3, 0, 0, 7, tzinfo=dt.timezone(dt.timedelta(hours=3)))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""", [instant]
        )
        assert cursor.fetchone() == (instant_text(instant),) == ("2024-03-31T00:00:00.000007Z",)


def test_a_naive_datetime_is_no_instant() -> None:
    with pytest.raises(TypeError, match="naive"):
        canonical({"at": dt.datetime(2024, 1, 1)})  # noqa: DTZ001


@pytest.mark.parametrize("value", [0.1, float("nan"), 1j, object()])
def test_what_is_never_exact_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical({"amount": value})


def test_everything_that_the_ledger_holds_becomes_json() -> None:
    said = {
        "amount": Decimal("1200.50"),
        "on": dt.date(2024, 1, 8),
        "who": UUID(int=7),
        "hash": b"\x00\xff",
        "kinds": {"b", "a"},
        "rows": (1, None, True),
    }
    assert plain(said) == {
        "amount": "1200.5",
        "on": "2024-01-08",
        "who": "00000000-0000-0000-0000-000000000007",
        "hash": "00ff",
        "kinds": ["a", "b"],
        "rows": [1, None, True],
    }


def test_an_absent_value_is_not_an_empty_one() -> None:
    assert canonical({"a": None}) != canonical({"a": ""}) != canonical({})
