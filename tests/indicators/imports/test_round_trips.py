"""What the toolkit gives out comes in again: templates, exports, and the rows that were refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from handover.errors import Invalid
from indicators.actions.values import Reported
from indicators.exchange import value_imports
from indicators.exchange.tables import csv_files, workbooks
from indicators.exchange.tables.rows import taking_out
from indicators.exchange.tables.templates import template
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported
from tests.indicators.imports.books import Edited
from tests.indicators.imports.ground import Ground, dump
from tests.indicators.sheets.broken_files import lines

pytestmark = pytest.mark.django_db


def filled(path: Path, cells: Mapping[tuple[str, str], Mapping[str, Any]]) -> Path:
    """Fill a template in as people do: by the titles of its columns."""
    book = Edited.read(path)
    heads = [str(cell) for cell in book.first[0]]
    for row in book.first[1:]:
        for title, value in cells.get((row[0], row[heads.index("Sexul")]), {}).items():
            row[heads.index(title)] = value
    book.write(path)
    return path


def drawn(ground: Ground) -> Path:
    path = ground.files / "template.xlsx"
    template(ground.by, ground.programme.uuid, path=path, period=FIRST_QUARTER, lang="ro")
    return path


def test_a_template_comes_in_without_a_question(ground: Ground) -> None:
    path = filled(
        drawn(ground),
        {
            ("Copii înscriși", ""): {"Valoare": 12, "Comentariu": "=estimat"},
            ("Copii înscriși", "Femei"): {"Valoare": 7},
            ("Share of women", ""): {"Numărător": 7, "Numitor": 12},
        },
    )
    found = value_imports.look(ground.by, ground.programme.uuid, path, name="template.xlsx")
    assert (found.template, found.ready, found.questions) == (True, True, ())
    done = ground.apply(path)
    assert (done.new, done.count) == (3, 3)
    assert ground.values() == [
        ("2024-01-01", "", "", "12", "", "", "=estimat"),
        ("2024-01-01", "", "", "58.333333333333", "7", "12", ""),
        ("2024-01-01", "", "gender=women", "7", "", "", ""),
    ]
    before = dump(ground.cast)
    again = ground.apply(path)
    assert (again.new, again.changed, again.same, again.count) == (0, 0, 3, 0)
    assert dump(ground.cast) == before


def test_groups_that_nobody_declared_come_back_in_a_template(ground: Ground, tmp_path: Path) -> None:
    of = indicator(ground.programme, by=ground.cast.giver, title="Visits", counting_rule="contacts")
    reported(of, [Reported(value=4, dimensions={"age": "adults"})], by=ground.cast.giver)
    path = tmp_path / "template.xlsx"
    template(ground.by, ground.programme.uuid, path=path)
    done = ground.apply(path)
    assert (done.new, done.changed, done.same) == (0, 0, 1)


def test_a_value_that_changes_needs_its_reason_in_the_sheet_or_beside_it(ground: Ground) -> None:
    reported(ground.enrolled, {"women": 5}, by=ground.cast.giver)
    path = filled(drawn(ground), {("Copii înscriși", "Femei"): {"Valoare": 6}})
    with pytest.raises(Invalid, match="correct it with a reason"):
        ground.apply(path)
    filled(path, {("Copii înscriși", "Femei"): {"Motivul corecturii": "Listele au fost comparate"}})
    done = ground.apply(path)
    assert (done.new, done.changed, done.count) == (0, 1, 1)
    assert ground.values() == [("2024-01-01", "", "gender=women", "6", "", "", "")]


def test_what_somebody_changed_after_the_download_is_a_conflict(ground: Ground) -> None:
    reported(ground.enrolled, {"women": 5}, by=ground.cast.giver)
    path = filled(drawn(ground), {("Copii înscriși", "Femei"): {"Valoare": 6}})
    later = ground.file(lines("Indicator;Period;Gender;Value", "I1.1;2024Q1;women;9"), "later.csv")
    ground.apply(later, reason="Counted again")
    before = dump(ground.cast)
    found = ground.preview(path, reason="Mine")
    assert (found.conflicts, found.refused) == (1, 0)
    with pytest.raises(Invalid) as refused:
        ground.apply(path, reason="Mine")
    assert refused.value.sentence == (
        "Nothing was imported. F3: Somebody changed it after this file was made: it is “9” now (revision 2)."
        " Download it again."
    )
    assert dump(ground.cast) == before


def test_the_template_of_another_programme_is_refused(ground: Ground) -> None:
    path = drawn(ground)
    book = Edited.read(path)
    for row in book.sheets["handover"]:
        if row[1] == "programme":
            row[2] = "00000000-0000-0000-0000-000000000000"
    book.write(path)
    with pytest.raises(Invalid, match="made for another programme"):
        ground.apply(path)


def refused_rows(ground: Ground, path: Path) -> Path:
    """Preview, and write what is refused."""
    out = ground.files / "refused.xlsx"
    found = ground.preview(path)
    value_imports.write_refused(
        ground.by, ground.programme.uuid, path, found.problems.shown, out, name=path.name
    )
    return out


def test_refused_rows_come_back_are_corrected_and_come_in(ground: Ground) -> None:
    path = ground.file(
        lines(
            "Our report",
            "Indicator;Period;Place;Gender;Value",
            "Children enrolled;2026Q1;Kaunas;women;5",
            "Children enrolled;2026Q1;Atlantis;men;many",
        )
    )
    out = refused_rows(ground, path)
    book = Edited.read(out)
    assert book.first[1:] == [
        ["Indicator", "Period", "Place", "Gender", "Value", "Why it was refused"],
        [
            "Children enrolled",
            "2026Q1",
            "Atlantis",
            "men",
            "many",
            "C4: There is no place “Atlantis”. E4: “many” is no number.",
        ],
    ]
    book.first[2][2], book.first[2][4] = "Kaunas", 4
    book.write(out)
    ground.apply(out)
    assert ground.values() == [("2026-01-01", "Kaunas", "gender=men", "4", "", "", "")]


def test_refused_rows_of_a_template_come_in_corrected_too(ground: Ground) -> None:
    path = filled(
        drawn(ground),
        {("Copii înscriși", "Femei"): {"Valoare": "multe", "Comentariu": "-", "Motivul corecturii": "x"}},
    )
    out = refused_rows(ground, path)
    book = Edited.read(out)
    assert book.first[1][-1] == "F3: “multe” is no number."
    book.first[1][5] = 8
    book.write(out)
    ground.apply(out)
    assert ground.values() == [("2024-01-01", "", "gender=women", "8", "", "", "-")]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_comes_in_again_and_changes_nothing(ground: Ground, kind: str) -> None:
    reported(ground.enrolled, {"": 12, "women": 5}, by=ground.cast.giver)
    reported(
        ground.share,
        [Reported(value="33.3", numerator=1, denominator=3, comment="'=1+1, as they said")],
        by=ground.cast.giver,
        quarter=SECOND_QUARTER,
    )
    reported(ground.story, [Reported(value='=Better, \n"much" better')], by=ground.cast.giver)
    path = ground.files / f"out.{kind}"
    with taking_out(ground.cast.giver, ground.programme.uuid) as copy:
        if kind == "csv":
            with path.open("xb") as file:
                csv_files.write(copy, file)
        else:
            workbooks.write(copy, path)
    before = dump(ground.cast)
    done = ground.apply(path, by=ground.cast.giver)
    assert (done.new, done.changed, done.same, done.count) == (0, 0, 4, 0)
    assert dump(ground.cast) == before
