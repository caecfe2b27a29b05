"""Exported texts can never become formulas, and come back as they were."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handover.cell_texts import protected, unprotected, unprotected_sql
from handover.models import Programme
from indicators.actions.values import Reported
from indicators.exchange.tables.csv_files import amount_text
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported
from tests.indicators.exports.reading import csv_of, table

ODD = "=+-@\t\r\n' \"`,;ab1\uff1d\uff0b\u200b\xa0\u201c\u2212\\|"
TEXTS = st.one_of(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40),
    st.text(alphabet=ODD, max_size=20),
)
BLANKS_AND_QUOTES = ' \t\r\n\v\f\xa0\ufeff\u200b\u2003"`\u201c\u2018\u2019\u201d'
SIGNS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\u2212")


def computed(cell: str) -> bool:
    """Tell whether a spreadsheet might compute a cell."""
    return cell.startswith(SIGNS) or cell.lstrip(BLANKS_AND_QUOTES).startswith(SIGNS)


@given(TEXTS)
@example("=1+1")
@example("'=1+1")
@example("''")
@example(' "=1+1')
@example("\t=1")
@example("one;=cmd|' /C calc'!A0")
@example("- a\n- b")
@settings(max_examples=500)
def test_any_text_is_shown_and_comes_back_as_it_was(text: str) -> None:
    assert not computed(protected(text))
    assert unprotected(protected(text)) == text


@given(TEXTS)
@settings(max_examples=300)
def test_whatever_separates_cells_for_a_reader_none_of_them_is_computed(text: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(["key", protected(text), "12"])

    for separator in ",;\t":
        for cell in re.split(f"[{separator}\r\n]", out.getvalue()):
            assert not computed(cell.strip('"')) or not cell.strip('"\r\n')


@pytest.mark.parametrize("text", ["plain", "don't", "a - b", "O'Neil, 5 - 3", "3; 4", "mother-in-law", ""])
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert protected(text) == text


@pytest.mark.parametrize("text", ["'tis so", "'90s", "rock 'n' roll, 'so' they say"])
def test_what_nobody_protected_is_read_as_it_stands(text: str) -> None:
    assert unprotected(text) == text


@pytest.mark.parametrize("number", ["-5", "+5", "-0.5", "12", "1100.50"])
def test_a_negative_number_is_a_number(number: str) -> None:
    assert amount_text(number) == number


@pytest.mark.parametrize("words", ["-5 people", "--5", "=5", "5-", "-", "+-1", "-1e5"])
def test_words_in_a_column_of_numbers_are_protected(words: str) -> None:
    assert not computed(amount_text(words))
    assert unprotected(amount_text(words)) == words


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=20, max_size=20))
def test_the_database_reads_them_back_alike(db: None, texts: list[str]) -> None:
    written = [protected(text) for text in texts] + texts
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg({unprotected_sql('text')} ORDER BY n)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS t (text, n)",
            [written],
        )
        (found,) = cursor.fetchone() or ([],)

    assert found == [unprotected(text) for text in written]


def test_formulas_in_comments_words_groups_and_titles_are_texts(cast: Cast, programme: Programme) -> None:
    said = '=HYPERLINK("http://x.example";"free")\n;@SUM(1+1)*cmd|\'!A0'
    words = indicator(programme, by=cast.giver, title="=1+1", measure="5", counting_rule="none", unit="@unit")
    row = Reported(value="+cmd", dimensions={"-axis": "\t=x", "plain": "\uff1d1"}, comment=said)
    reported(words, [row], by=cast.giver)

    written = csv_of(cast.giver, programme)

    for line in csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")):
        assert not any(computed(cell) for cell in line)
    (back,) = table(written)
    assert (back["title"], back["unit"], back["value"], back["-axis"], back["plain"], back["comment"]) == (
        "=1+1",
        "@unit",
        "+cmd",
        "\t=x",
        "\uff1d1",
        said,
    )
