"""Numbers as people write them: read back as the same number, or asked; never as another one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.exchange.sheets import numbers
from indicators.exchange.sheets.cells import Number, column_index, exact, letters
from indicators.exchange.sheets.layouts import CanonicalRow, Counts
from indicators.models.cells import number
from tests.indicators.sheets.broken_files import HEADINGS, ROW, lines, workbook
from tests.indicators.sheets.reading import outcome, read

READINGS = (
    ("12", "12", "12"),
    ("-12", "-12", "-12"),
    ("−12", "-12", "-12"),
    ("+12", "12", "12"),
    ("00012", "00012", "00012"),
    ("1.100,50", None, "1100.50"),
    ("1 100,50", None, "1100.50"),
    ("1\u00a0100,50", None, "1100.50"),
    ("1\u202f100,50", None, "1100.50"),
    ("1'100.50", "1100.50", None),
    ("1’100.50", "1100.50", None),
    ("1,100.50", "1100.50", None),
    ("1100.50", "1100.50", None),
    ("1100,50", None, "1100.50"),
    ("1.100", "1.100", "1100"),
    ("1,100", "1100", "1.100"),
    ("0.100", "0.100", None),
    ("1.1000", "1.1000", None),
    ("1.100.200", None, "1100200"),
    ("1 100", "1100", "1100"),
    ("1 10", None, None),
    ("1.100 200", None, None),
    ("1,100,20", None, None),
    ("1.1.1", None, None),
    ("12 345 67", None, None),
    (".5", None, None),
    ("5.", None, None),
    ("1e5", None, None),
    ("١٢", None, None),
    ("", None, None),
    ("n/a", None, None),
)


@pytest.mark.parametrize(("text", "by_point", "by_comma"), READINGS)
def test_a_number_is_read_by_each_decimal_mark(text: str, by_point: str | None, by_comma: str | None) -> None:
    assert numbers.either(text) == (by_point, by_comma)


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["12", "1 100"], numbers.UNDECIDED),
        (["1.100"], None),
        (["1.100", "7"], None),
        (["1.100", "1,5"], numbers.COMMA),
        (["1.100", "1.5"], numbers.POINT),
        (["1.100", "1.100.000"], numbers.COMMA),
        (["1.5", "1,5"], None),
        (["1.100", "n/a"], None),
        (["33 %", "1.100 %"], None),
        ([], numbers.UNDECIDED),
    ],
)
def test_a_column_tells_its_decimal_mark_or_not(texts: list[str], mark: str | None) -> None:
    assert numbers.evidence(texts).mark == mark


CONVENTIONS = [
    (",", "."),
    (",", " "),
    (",", "\u00a0"),
    (",", "\u202f"),
    (",", ""),
    (".", ","),
    (".", "'"),
    (".", ""),
]
DECIMALS = st.decimals(
    min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=4
) | (st.integers(min_value=-(10**9), max_value=10**9).map(Decimal))


def written(value: Decimal, mark: str, grouping: str) -> str:
    text = numbers.plainly(value)
    whole, point, decimals = text.partition(".")
    grouped = f"{int(whole):,}".replace(",", grouping)
    sign = "-" if whole.startswith("-") and not grouped.startswith("-") else ""
    return f"{sign}{grouped}{mark if point else ''}{decimals}"


@settings(max_examples=300, deadline=None)
@given(st.lists(DECIMALS, min_size=1, max_size=8), st.sampled_from(CONVENTIONS))
def test_a_column_in_one_convention_is_read_back_or_asked_about(
    values: list[Decimal], convention: tuple[str, str]
) -> None:
    texts = [written(value, *convention) for value in values]
    mark = numbers.evidence(texts).mark
    if mark is None:
        assert any(len(set(numbers.either(text))) == 2 for text in texts)
        return
    for text, value in zip(texts, values, strict=True):
        found = numbers.read(text, mark) if mark else numbers.either(text)[0]
        assert found is not None
        assert Decimal(found) == value


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(DECIMALS, min_size=1, max_size=6), convention=st.sampled_from(CONVENTIONS))
def test_a_file_in_one_convention_gives_its_numbers_or_a_question(
    tmp_path: Path, values: list[Decimal], convention: tuple[str, str]
) -> None:
    rows = [f"Children enrolled;2026Q1;{written(value, *convention)}" for value in values]
    proposal, said = read(tmp_path, lines("Indicator;Period;Value", *rows))
    if not proposal.ready:
        assert [item.key for item in proposal.questions] == ["decimal:C"]
        proposal, said = read(tmp_path, lines("Indicator;Period;Value", *rows), {"decimal": convention[0]})
    found = [number(item.value) for item in said if isinstance(item, CanonicalRow)]
    assert found == values


@settings(max_examples=300, deadline=None)
@given(st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=5))
def test_a_stored_number_of_up_to_fifteen_digits_is_read_exactly(value: Decimal) -> None:
    assert exact(repr(float(value))) == value


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("0.30000000000000004", "0.3"),
        ("1100.0", "1100"),
        ("1e-07", "0.0000001"),
        ("123456789012345.0", "123456789012345"),
        ("1234567890123456.0", None),
        ("-0.0", "0"),
    ],
)
def test_a_stored_number_is_what_the_spreadsheet_shows(stored: str, expected: str | None) -> None:
    value = exact(stored)
    assert (None if value is None else numbers.plainly(value)) == expected


def test_digits_that_a_value_cannot_hold_are_cut_and_counted(tmp_path: Path) -> None:
    counts = Counts()
    _, said = read(tmp_path, workbook((HEADINGS, (*ROW[:2], 100 / 3), ROW)), counts=counts)
    assert [item.value for item in said if isinstance(item, CanonicalRow)] == ["33.333333333333", "12"]
    assert counts.rounded == 1


def test_per_cent_is_read_as_it_is_shown_whether_stored_or_written(tmp_path: Path) -> None:
    def per_cent(book: object, sheet: object) -> None:
        style = book.add_format({"num_format": "0.0%"})  # type: ignore[attr-defined]
        sheet.write_number(1, 2, 0.335, style)  # type: ignore[attr-defined]
        sheet.write_string(2, 2, "12 %")  # type: ignore[attr-defined]

    data = workbook((HEADINGS, ROW, ROW), more=per_cent)
    assert outcome(tmp_path, data) == ["C2 33.5", "C3 12"]


def test_plain_numbers_among_per_cents_are_read_as_answered(tmp_path: Path) -> None:
    data = lines("Indicator;Period;Value", "Share of women;2026Q1;33%", "Share of women;2026Q2;0,34")
    assert outcome(tmp_path, data, {"percent:C": "fraction"}) == ["C2 33", "C3 34"]
    assert outcome(tmp_path, data, {"percent:Value": "percent"}) == ["C2 33", "C3 0.34"]


def test_a_number_that_the_looked_at_rows_did_not_decide_is_refused_where_it_stands(tmp_path: Path) -> None:
    rows = ["Children enrolled;2026Q1;5"] * 5_000
    data = lines(
        "Indicator;Period;Value", *rows, "Children enrolled;2026Q1;1.100", "Children enrolled;2026Q1;7%"
    )
    assert outcome(tmp_path, data)[5_000:] == [
        "C5002 unclear_number: “1.100” may be 1.100 or 1100: say which is the decimal mark.",
        "C5003 unexpected_percent: “7 %” is in per cent, the column was read as plain numbers.",
    ]


@given(st.integers(min_value=0, max_value=16_383))
def test_columns_are_named_as_in_a_spreadsheet(index: int) -> None:
    assert column_index(letters(index)) == index


def test_a_stored_number_is_its_own_text() -> None:
    assert Number("1.5") == "1.5"
    assert [letters(0), letters(25), letters(26), letters(16_383)] == ["A", "Z", "AA", "XFD"]
