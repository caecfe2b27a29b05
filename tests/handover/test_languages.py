"""What people read in their own language: dates, numbers, counts, refusals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from handover import languages
from handover.errors import Gate, Invalid

DAY = dt.date(2026, 11, 3)
FORMS = {
    "en-gb": {"0": "0 days", "1": "1 day", "2": "2 days", "1.5": "1.5 days", "21": "21 days"},
    "ro": {
        "0": "0 zile", "1": "1 zi", "2": "2 zile", "5": "5 zile", "10": "10 zile", "11": "11 zile", "19": "19 zile",
        "20": "20 de zile", "21": "21 de zile", "22": "22 de zile", "100": "100 de zile", "101": "101 zile",
        "1.5": "1,5 zile",
    },
    "lt": {
        "0": "0 dienų", "1": "1 diena", "2": "2 dienos", "5": "5 dienos", "10": "10 dienų", "11": "11 dienų",
        "19": "19 dienų", "20": "20 dienų", "21": "21 diena", "22": "22 dienos", "100": "100 dienų",
        "101": "101 diena", "1.5": "1,5 dienos",
    },
}  # fmt: skip
"""Counts of days as CLDR's plural rules have them: https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html"""


@pytest.mark.parametrize(
    ("language", "count"), [(language, count) for language, forms in FORMS.items() for count in forms]
)
def test_a_count_takes_the_form_that_goes_with_it(language: str, count: str) -> None:
    with translation.override(language):
        said = languages.counted("%(count)s day", "%(count)s days", Decimal(count))
    assert said == FORMS[language][count]


@pytest.mark.parametrize(
    ("language", "long", "short", "month"),
    [
        ("en-gb", "3 November 2026", "03/11/2026", "November 2026"),
        ("ro", "3 noiembrie 2026", "03.11.2026", "noiembrie 2026"),
        ("lt", "2026 m. lapkričio 3 d.", "2026-11-03", "2026 m. lapkritis"),
    ],
)
def test_a_day_is_written_as_people_there_write_it(language: str, long: str, short: str, month: str) -> None:
    with translation.override(language):
        assert (languages.day(DAY), languages.short_day(DAY), languages.month(DAY)) == (long, short, month)


@pytest.mark.parametrize(
    ("language", "number", "percent", "money"),
    [
        ("en-gb", "1,234,567.5", "12.5%", "1,234.50\u00a0EUR"),
        ("ro", "1.234.567,5", "12,5\u00a0%", "1.234,50\u00a0EUR"),
        ("lt", "1\u00a0234\u00a0567,5", "12,5\u00a0%", "1\u00a0234,50\u00a0EUR"),
    ],
)
def test_a_number_is_written_as_people_there_write_it(
    language: str, number: str, percent: str, money: str
) -> None:
    with translation.override(language):
        assert languages.number(Decimal("1234567.5")) == number
        assert languages.percent(Decimal("12.5")) == percent
        assert languages.money(Decimal("1234.5"), "EUR") == money


def test_a_moment_is_told_on_the_reader_s_clock_across_midnight() -> None:
    late = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
    with translation.override("ro"), timezone.override("Europe/Bucharest"):
        assert languages.moment(late) == "2 iulie 2026, 01:30 EEST"
        assert languages.day(late) == "2 iulie 2026"


def test_nothing_is_a_dash() -> None:
    said = (
        languages.day,
        languages.short_day,
        languages.month,
        languages.moment,
        languages.number,
        languages.size,
    )
    assert {say(None) for say in said} == {languages.NOTHING}


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0\u00a0B"), (999, "999\u00a0B"), (1500, "1.5\u00a0kB"), (123_456_789, "123\u00a0MB")],
)
def test_a_size_is_in_the_unit_that_reads_best(size: int, said: str) -> None:
    with translation.override("en-gb"):
        assert languages.size(size) == said


def test_a_refusal_is_said_in_the_reader_s_language() -> None:
    error = Invalid("unknown_language", "The toolkit speaks en, ro, lt.")
    gate = Gate("unknown_language", "The toolkit speaks en, ro, lt.")
    said = {}
    for language in ("en-gb", "ro", "lt"):
        with translation.override(language):
            said[language] = languages.refusal(error)
            assert languages.refusal(gate) == said[language]
    assert said["en-gb"] == error.sentence
    assert len(set(said.values())) == 3
