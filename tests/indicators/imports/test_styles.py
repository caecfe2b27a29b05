"""Numbers and dates as Romania, Lithuania and machines write them; random values in random layouts."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.access import asking
from indicators.models import Value
from tests.indicators.imports.ground import Ground
from tests.indicators.sheets.broken_files import lines, workbook

pytestmark = pytest.mark.django_db

QUARTERS = [(f"2026Q{number}", dt.date(2026, 3 * number - 2, 1)) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1.234.567,25", "1234567.25"),
        ("1 234 567,25", "1234567.25"),
        ("1\u00a0234\u00a0567,25", "1234567.25"),
        ("1,234,567.25", "1234567.25"),
        ("1234567.25", "1234567.25"),
        ("-3,5", "-3.5"),
        ("\u22123,5", "-3.5"),
    ],
)
def test_numbers_are_read_in_every_style(ground: Ground, number: str, expected: str) -> None:
    ground.apply(ground.file(lines("Indicator;Period;Value", f"I1.1;2026Q1;{number}")))
    assert [row[3] for row in ground.values()] == [expected]


@pytest.mark.parametrize(
    "period",
    ["T1 2026", "trim. I 2026", "2026Q1", "2026 m. I ketv.", "I ketvirtis 2026", "2026-01-01/2026-03-31"],
)
def test_periods_are_read_in_every_style(ground: Ground, period: str) -> None:
    ground.apply(ground.file(lines("Indicator;Period;Value", f"I1.1;{period};1")))
    assert [row[0] for row in ground.values()] == ["2026-01-01"]


@pytest.mark.parametrize("days", ["01.01.2026;31.03.2026", "2026-01-01;2026-03-31", "2026.01.01;2026.03.31"])
def test_days_are_read_in_every_style(ground: Ground, days: str) -> None:
    ground.apply(ground.file(lines("Rodiklis;Nuo;Iki;Reikšmė", f"I1.1;{days};1")))
    assert [row[0] for row in ground.values()] == ["2026-01-01"]


def test_a_share_without_its_value_is_computed(ground: Ground) -> None:
    ground.apply(ground.file(lines("Indicator;Period;Numerator;Denominator", "Share of women;2026Q1;1;3")))
    assert [row[3:6] for row in ground.values()] == [("33.333333333333", "1", "3")]


AMOUNTS = st.decimals(
    min_value=Decimal("-999999999"),
    max_value=Decimal("999999999"),
    places=3,
    allow_nan=False,
    allow_infinity=False,
)


def grouped(amount: Decimal, mark: str, thousands: str) -> str:
    """Write a number; always with decimals, so that its mark can be told."""
    return f"{amount:,.3f}".replace(",", "t").replace(".", mark).replace("t", thousands)


@st.composite
def sheets(draw: Any) -> tuple[bytes, dict[tuple[str, str], Decimal]]:
    """Draw values of quarters and groups, and a sheet in some layout and style that says them."""
    groups = draw(st.lists(st.sampled_from(["women", "men", "unknown"]), min_size=1, max_size=3, unique=True))
    quarters = draw(st.lists(st.sampled_from(QUARTERS), min_size=1, max_size=4, unique=True))
    known = {(str(day), group): draw(AMOUNTS) for _, day in quarters for group in groups}
    mark, thousands = draw(st.sampled_from([(",", "."), (",", " "), (".", ""), (".", ","), (",", "")]))
    # A lone group of three digits behind a mark says neither which it is; four decimals do.
    said = {slot: grouped(amount, mark, thousands) + "0" for slot, amount in known.items()}
    layout = draw(st.sampled_from(["long", "wide", "workbook"]))
    if layout == "wide":
        rows = [
            "Indicator;Gender;" + ";".join(name for name, _ in quarters),
            *(f"I1.1;{group};" + ";".join(said[str(day), group] for _, day in quarters) for group in groups),
        ]
        return lines(*rows), known
    cells = [(name, group, str(day)) for name, day in quarters for group in groups]
    if layout == "workbook":
        table = [("Indicator", "Period", "Gender", "Value")]
        rows_of_book: list[Any] = [
            ("I1.1", name, group, float(known[day, group])) for name, group, day in cells
        ]
        return workbook([*table, *rows_of_book]), known
    return lines(
        "Indicator;Period;Gender;Value",
        *(f"I1.1;{name};{group};{said[day, group]}" for name, group, day in cells),
    ), known


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=sheets())
def test_random_values_in_a_random_style_come_in_as_the_same_decimals(
    ground: Ground, drawn: tuple[bytes, dict[tuple[str, str], Decimal]]
) -> None:
    content, known = drawn
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / "sheet"
        path.write_bytes(content)
        ground.apply(path)
        with asking(ground.cast.giver):
            found = {
                (str(row.period.starts_on), row.cell.removeprefix("gender=")): row.value
                for row in Value.objects.select_related("period")
            }
        transaction.set_rollback(True)
    assert found == known
