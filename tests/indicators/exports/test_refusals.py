"""Refused rows come back as the same workbook, with a column and notes that say why."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handover.cell_texts import unprotected
from indicators.exchange.tables.refusals import Problem, Returned, workbook
from tests.indicators.exports.reading import sheet

HEADS = ["Indicator", "Perioada", "Valoare"]
ROWS = [
    (1, HEADS),
    (2, ["Elevi", "T1 2026", "1.100,50"]),
    (3, ["Elevi", "T5 2026", ""]),
    (4, ["Părinți", "T1 2026", "007"]),
]
PROBLEMS: list[Problem] = [
    (3, "C", "value_missing", "There is no value."),
    (3, "B", "wrong_period", "“T5 2026” is no period."),
    (4, None, "unknown_indicator", "There is no indicator “Părinți”."),
]
TEXTS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=30
)


def test_refused_rows_come_back_as_they_were_given_with_why(tmp_path: Path) -> None:
    done = workbook(ROWS, PROBLEMS, tmp_path / "back.xlsx", lang="ro")

    assert done == Returned(rows=2, problems=3)
    assert sheet(tmp_path / "back.xlsx", "Refuzate") == [
        [*HEADS, "De ce a fost refuzat"],
        ["Elevi", "T5 2026", "", "C3: There is no value. B3: “T5 2026” is no period."],
        ["Părinți", "T1 2026", "007", "There is no indicator “Părinți”."],
    ]


def test_each_wrong_cell_says_why_and_is_coloured_even_if_it_is_empty(tmp_path: Path) -> None:
    workbook(ROWS, PROBLEMS, tmp_path / "back.xlsx")

    with zipfile.ZipFile(tmp_path / "back.xlsx") as archive:
        notes = archive.read("xl/comments1.xml").decode()
        cells = archive.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r'<comment ref="([A-Z]+\d+)"', notes) == ["B2", "C2"]
    assert "There is no value." in notes
    styles = dict(re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', cells))
    assert styles["B2"] == styles["C2"] != styles["A2"] == styles["B3"]


def test_all_rows_come_back_where_that_is_wanted(tmp_path: Path) -> None:
    done = workbook(ROWS, PROBLEMS, tmp_path / "back.xlsx", only_refused=False)

    rows = sheet(tmp_path / "back.xlsx", "Refused")
    assert done.rows == 2
    assert [row[0] for row in rows] == ["Indicator", "Elevi", "Elevi", "Părinți"]
    assert [bool(row[3]) for row in rows[1:]] == [False, True, True]


def test_nothing_refused_gives_the_headings_alone(tmp_path: Path) -> None:
    assert workbook(ROWS, [], tmp_path / "back.xlsx") == Returned(0, 0)
    assert len(sheet(tmp_path / "back.xlsx", "Refused")) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_no_text_is_computed_changed_or_lost(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("back") / "back.xlsx"
    workbook([(1, ["x"] * len(texts)), (2, texts)], [(2, "A", "wrong", "No.")], path)

    row = sheet(path, "Refused")[1][: len(texts)]

    assert all(not str(cell).startswith(("=", "+", "-", "@")) for cell in row)
    assert [unprotected(str(cell)) for cell in row] == [unprotected(text) for text in texts]
