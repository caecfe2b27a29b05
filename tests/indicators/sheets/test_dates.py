"""Dates and periods as people write them in three languages."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.exchange.sheets import dates

Q1, Q2 = ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30")
H1, H2 = ("2026-01-01", "2026-06-30"), ("2026-07-01", "2026-12-31")
MARCH, YEAR = ("2026-03-01", "2026-03-31"), ("2026-01-01", "2026-12-31")
SCHOOL = ("2025-09-01", "2026-08-31")

PERIODS = {
    Q1: "T1 2026|2026Q1|2026-Q1|2026 Q1|Q1 2026|Q1/2026|Trim. I 2026|trim I/2026|trimestrul 1 2026"
    "|Trimestrul I al anului 2026"
    "|I ketv. 2026|2026 m. I ketvirtis|2026 m. 1 ketv.|1-as ketvirtis 2026|1st quarter 2026|01.01.2026 - 31.03.2026"
    "|2026-01-01/2026-03-31|2026-01-01..2026-03-31|01.01.2026–31.03.2026|ianuarie - martie 2026"
    "|Jan-Mar 2026|sausio–kovo 2026",
    Q2: "T2 2026|II ketv. 2026|Trimestrul al II-lea 2026|2nd quarter 2026|2026 M. II KETVIRTIS",
    H1: "S1 2026|H1 2026|2026H1|semestrul I 2026|I pusmetis 2026|2026 m. I pusmetis|Sem. 1 2026",
    H2: "S2 2026|II pusmetis 2026|Semestrul II 2026",
    MARCH: "2026-03|03.2026|3/2026|2026M03|martie 2026|Martie, 2026|March 2026|mar 2026|2026 m. kovas|2026 m. kovo mėn."
    "|luna martie 2026|kovo 2026",
    YEAR: "2026|Anul 2026|2026 m.|2026 metai|year 2026",
    SCHOOL: "2025/2026|2025-2026|2025–2026|an școlar 2025/2026|Anul școlar 2025-26|school year 2025/26|2025-2026 m. m.",
    ("2011-12-01", "2011-12-31"): "2011-12",
}


@pytest.mark.parametrize(
    ("text", "expected"), [(text, span) for span, texts in PERIODS.items() for text in texts.split("|")]
)
def test_a_period_is_read(text: str, expected: dates.Span) -> None:
    assert dates.read_period(text) == expected


NO_PERIODS = (
    "|T1|T5 2026|S3 2026|T0 2026|T1 T2 2026|13.2026|2026-13|0000|9999|2025/2027|2026/2025|2025/26|femei|31.03.2026"
    "|T1 26|ianuarie|2026 2027|semestrul I 2025-2026|31.03.2026 - 01.01.2026|May be 2026|1.100|2026 %"
)


@pytest.mark.parametrize("text", NO_PERIODS.split("|"))
def test_what_is_no_period_is_not_read_as_one(text: str) -> None:
    assert dates.read_period(text) is None


@pytest.mark.parametrize("text", ["T1", "Trim. II", "ianuarie", "I ketv.", "II pusmetis", "Mar"])
def test_a_period_without_its_year_is_known_as_a_part(text: str) -> None:
    assert dates.is_part(text)


@pytest.mark.parametrize("text", ["", "a", "1", "2026", "femei", "T9", "T1 2026"])
def test_what_lacks_more_than_a_year_is_no_part(text: str) -> None:
    assert not dates.is_part(text)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-03-31", "", "2026-03-31"),
        ("2026.03.31", "", "2026-03-31"),
        ("2026/3/1", "", "2026-03-01"),
        ("2026-03-31T10:30:00", "", "2026-03-31"),
        ("31.03.2026", "", "2026-03-31"),
        ("31.3.2026 00:00", "", "2026-03-31"),
        ("04.03.2026", dates.MONTH_FIRST, "2026-03-04"),
        ("31/03/2026", "", "2026-03-31"),
        ("03/31/2026", "", "2026-03-31"),
        ("03/04/2026", "", None),
        ("03-04-2026", "", None),
        ("05/05/2026", "", "2026-05-05"),
        ("03/04/2026", dates.DAY_FIRST, "2026-04-03"),
        ("03/04/2026", dates.MONTH_FIRST, "2026-03-04"),
        ("13/04/2026", dates.MONTH_FIRST, None),
        ("31 martie 2026", "", "2026-03-31"),
        ("March 31, 2026", "", "2026-03-31"),
        ("2026 m. kovo 31 d.", "", "2026-03-31"),
        ("31.03.26", "", None),
        ("29.02.2026", "", None),
        ("46112", "", None),
        ("0001-01-01", "", None),
    ],
)
def test_a_date_is_read_or_not(text: str, order: str, expected: str | None) -> None:
    assert dates.read_day(text, order) == expected


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["2026-03-31", "31.03.2026"], dates.UNDECIDED),
        (["03/04/2026"], None),
        (["03/04/2026", "13/04/2026"], dates.DAY_FIRST),
        (["03/04/2026", "04/13/2026"], dates.MONTH_FIRST),
        (["13/04/2026", "04/13/2026"], None),
    ],
)
def test_a_column_tells_the_order_of_its_dates_or_not(texts: list[str], order: str | None) -> None:
    assert dates.order_evidence(texts).order == order


DAYS = st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2100, 12, 31))
FORMATS = (("%d/%m/%Y", dates.DAY_FIRST), ("%m/%d/%Y", dates.MONTH_FIRST), ("%d.%m.%Y", ""), ("%Y-%m-%d", ""))


@given(st.lists(DAYS, min_size=1, max_size=6), st.sampled_from(FORMATS))
def test_dates_of_one_format_are_read_back_or_asked_about(days: list[dt.date], form: tuple[str, str]) -> None:
    texts = [f"{day:{form[0]}}" for day in days]
    order = dates.order_evidence(texts).order
    if order is None:
        assert form[1]
        order = form[1]
    assert [dates.read_day(text, order) for text in texts] == [day.isoformat() for day in days]


@given(DAYS, st.sampled_from(["day", "month", "quarter", "half", "year"]))
def test_the_period_around_a_date_holds_it(day: dt.date, unit: str) -> None:
    start, end = dates.around(day.isoformat(), unit)
    assert start <= day.isoformat() <= end


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    span = dates.read_period(text)
    assert span is None or span[0] <= span[1]
    day = dates.read_day(text)
    assert day is None or dt.date.fromisoformat(day).year >= dates.FIRST_YEAR
