"""Values as a workbook: numbers, dates and texts are what they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handover.cell_texts import unprotected
from handover.errors import Invalid
from handover.models import Programme
from indicators.actions.values import Reported
from indicators.exchange.tables import workbooks
from indicators.exchange.tables.csv_files import Counted
from indicators.exchange.tables.rows import Column, Kind, taking_out
from indicators.exchange.tables.sheets import Book, fits
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import indicator, reported
from tests.indicators.exports.reading import csv_of, sheet, table


def written(cast: Cast, programme: Programme, path: Path) -> Counted:
    with taking_out(cast.giver, programme.uuid) as copy:
        return workbooks.write(copy, path)


def as_text(cell: object) -> str:
    """Read a cell as a text: dates in ISO form, numbers without what spreadsheets add."""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f").removesuffix(".0")
    return unprotected(str(cell))


def test_numbers_are_numbers_dates_are_dates_and_texts_are_texts(
    cast: Cast, programme: Programme, tmp_path: Path
) -> None:
    counted = indicator(programme, by=cast.giver, title="Pupils", counting_rule="none")
    reported(counted, [Reported(value="-12.5", comment="=1+1", dimensions={"gender": "007"})], by=cast.giver)

    written(cast, programme, tmp_path / "out.xlsx")

    heads, row = sheet(tmp_path / "out.xlsx", "Values")
    cells = dict(zip(heads, row, strict=True))
    assert cells["start"] == dt.date(2024, 1, 1)
    assert (cells["value"], cells["revision"]) == (-12.5, 1.0)
    assert (cells["comment"], cells["gender"]) == ("'=1+1", "007")


def test_a_workbook_holds_the_same_as_the_csv(cast: Cast, programme: Programme, tmp_path: Path) -> None:
    counted = indicator(programme, by=cast.giver, title="Școlari", counting_rule="none")
    rows = [
        Reported(value="12345678901234567890.5", comment="'so it was"),
        Reported(value="0.1", dimensions={"gender": "women"}, comment="_x0041_ \u2028 ș"),
        Reported(value="-3", dimensions={"gender": "men"}, comment="two\nlines, - each"),
        Reported(value="33.3", dimensions={"gender": "unknown"}, numerator=1, denominator=3),
    ]
    reported(counted, rows, by=cast.giver)

    done = written(cast, programme, tmp_path / "out.xlsx")

    heads, *cells = sheet(tmp_path / "out.xlsx", "Values")
    assert [dict(zip(heads, map(as_text, row), strict=True)) for row in cells] == table(
        csv_of(cast.giver, programme)
    )
    assert "15 digits" in done.notes[-1]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**25), max_value=10**25))
@settings(max_examples=200)
def test_a_number_that_is_written_as_one_keeps_every_digit(number: Decimal) -> None:
    if fits(number):
        assert Decimal(format(float(number), ".15g")) == number


def test_definitions_and_what_the_file_is_stand_in_sheets_of_their_own(
    cast: Cast, programme: Programme, tmp_path: Path
) -> None:
    indicator(programme, by=cast.giver, title="Pupils", unit="persons", method="Counted in class.")

    written(cast, programme, tmp_path / "out.xlsx")

    heads, row = sheet(tmp_path / "out.xlsx", "Definitions")
    defined = dict(zip(heads, row, strict=True))
    assert (defined["title"], defined["counting_rule"], defined["over_time"], defined["method"]) == (
        "Pupils",
        "new_entrants",
        "sum",
        "Counted in class.",
    )
    about = dict(row[:2] for row in sheet(tmp_path / "out.xlsx", "About"))
    assert about["Identifier"] == "XX-TEST-HOME"
    assert about["Exported by"] == "Manager of giver, Giver organisation"
    assert about["Exported at"] == TODAY.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def test_the_same_state_at_the_same_instant_gives_the_same_bytes(
    cast: Cast, programme: Programme, tmp_path: Path
) -> None:
    reported(indicator(programme, by=cast.giver), {"": 1, "women": 1}, by=cast.giver)

    first = written(cast, programme, tmp_path / "one.xlsx")

    assert written(cast, programme, tmp_path / "two.xlsx") == first


def test_a_text_that_no_cell_can_hold_is_refused_and_named(
    cast: Cast, programme: Programme, tmp_path: Path
) -> None:
    reported(indicator(programme, by=cast.giver), [Reported(value=1, comment="ș" * 32_768)], by=cast.giver)

    with pytest.raises(Invalid, match="32768 characters") as caught:
        written(cast, programme, tmp_path / "out.xlsx")

    assert caught.value.code == "text_too_long_for_a_cell"


def test_days_that_spreadsheets_count_wrongly_are_texts(tmp_path: Path) -> None:
    days = ["1899-12-31", "1900-02-28", "1900-03-01", "9999-12-31"]
    with Book(tmp_path / "out.xlsx", instant=TODAY) as book:
        workbooks.write_values(book, "Days", [Column("day", Kind.DAY)], [[day] for day in days])

    assert [str(row[0]) for row in sheet(tmp_path / "out.xlsx", "Days")[1:]] == days
