"""Sheets as people have them, imported: long and wide, in three languages, and the toolkit's own files."""

from __future__ import annotations

import pytest

from handover.errors import Invalid
from tests.indicators.imports.ground import Ground, dump
from tests.indicators.sheets.broken_files import lines, workbook

pytestmark = pytest.mark.django_db

LONG = lines(
    "Raport trimestrial;;;;",
    "Indicator;Perioada;Localitate;Sexul;Valoare",
    "Copii înscriși;T1 2026;Cluj-Napoca;femei;1.100,50",
    "Children enrolled;2026Q2;Kaunas;vyrai;7",
    "I1.1;31.12.2026;RO:54975;;12",
    "Children learn / Children enrolled;I pusmetis 2027;LT:19;Iš viso;",
    "Total;;;;1.107,50",
)
WIDE = lines(
    "Rodiklis;2026Q1 moterys;2026Q1 vyrai;2026Q2 moterys",
    "Į mokyklą priimti vaikai;1 100,5;7;8",
)


def test_a_long_sheet_in_three_languages_comes_in_and_a_second_time_changes_nothing(ground: Ground) -> None:
    path = ground.file(LONG)
    done = ground.apply(path, period_of_date="quarter")
    assert (done.new, done.changed, done.same, done.count) == (3, 0, 0, 3)
    assert ground.values() == [
        ("2026-01-01", "Cluj-Napoca", "gender=women", "1100.5", "", "", ""),
        ("2026-04-01", "Kaunas", "gender=men", "7", "", "", ""),
        ("2026-10-01", "Cluj-Napoca", "", "12", "", "", ""),
    ]
    before = dump(ground.cast)
    again = ground.apply(path, period_of_date="quarter")
    assert (again.new, again.changed, again.same, again.count) == (0, 0, 3, 0)
    assert dump(ground.cast) == before


def test_a_wide_sheet_comes_in(ground: Ground) -> None:
    ground.apply(ground.file(WIDE))
    assert ground.values() == [
        ("2026-01-01", "", "gender=men", "7", "", "", ""),
        ("2026-01-01", "", "gender=women", "1100.5", "", "", ""),
        ("2026-04-01", "", "gender=women", "8", "", "", ""),
    ]


def test_what_has_to_be_asked_is_asked_before_anything_is_written(ground: Ground) -> None:
    before = dump(ground.cast)
    with pytest.raises(Invalid) as refused:
        ground.apply(ground.file(LONG.replace(b"1.100,50", b"1.100")))
    assert refused.value.code == "questions"
    assert refused.value.sentence.startswith("The periods are given as single dates")
    assert dump(ground.cast) == before


def test_a_workbook(ground: Ground) -> None:
    path = ground.file(workbook((("Indicator", "Period", "Value"), ("Children enrolled", "2026Q1", 12.5))))
    assert ground.preview(path).new == 1
    ground.apply(path)
    assert ground.values() == [("2026-01-01", "", "", "12.5", "", "", "")]
