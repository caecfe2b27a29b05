"""Imports by their bounds: queries, problems, permissions, and a dump by the owner of what is committed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.access import asking
from handover.errors import Invalid, NotAllowed, NotFound
from indicators.exchange.canonical_lines import Gathered, share
from indicators.queries.vocabulary import names
from tests.conftest import OwnerSql
from tests.factories.cast import assemble
from tests.factories.indicators import indicator
from tests.factories.programmes import programme as programme_of
from tests.indicators.imports.ground import TABLES, Ground, ground
from tests.indicators.sheets.broken_files import lines

SHEET = lines("Indicator;Period;Gender;Value", "Children enrolled;2026Q1;women;5", "I1.1;2026Q1;men;4")


@pytest.mark.django_db
def test_a_programmes_names_take_five_queries_however_many_there_are(ground: Ground) -> None:
    counts = []
    for _ in range(2):
        with asking(ground.by), CaptureQueriesContext(connection) as seen:
            found = names(ground.programme)
        counts.append(len(seen))
        for number in range(3):
            indicator(ground.programme, by=ground.cast.giver, title=f"More {number}")
    assert counts == [5, 5]
    assert ("Children learn / Copii înscriși", str(ground.enrolled.uuid)) in found.indicators
    assert ("Kaunas", "LT:19") in found.places
    assert ("Femei", "women") in found.axes["gender"]


@pytest.mark.django_db
def test_very_many_problems_are_counted_and_the_first_are_told(ground: Ground) -> None:
    rows = [f"Chickens;2026Q1;women;{number}" for number in range(1500)]
    found = ground.preview(ground.file(lines("Indicator;Period;Gender;Value", *rows)))
    assert (found.refused, found.problems.total, len(found.problems.shown)) == (1500, 1500, 1000)
    assert found.problems.shown[-1].at == "A1001"


@pytest.mark.django_db
def test_who_may_not_report_imports_nothing_and_others_find_no_programme(ground: Ground) -> None:
    path = ground.file(SHEET)
    with pytest.raises(NotAllowed):
        ground.apply(path, by=ground.cast.donor)
    with pytest.raises(NotFound):
        ground.apply(path, by=ground.cast.stranger)


@pytest.mark.django_db
def test_a_column_that_no_axis_explains_is_told(ground: Ground) -> None:
    other = indicator(ground.programme, by=ground.cast.giver, title="Meetings")
    content = f"indicator,start,end,palce,value\n{other.uuid},2026-01-01,2026-03-31,x,1\n"
    found = ground.preview(ground.file(content))
    assert found.notes == ["The column “palce” is read as groups of that name."]


@pytest.mark.django_db(transaction=True)
def test_a_refused_file_leaves_every_committed_row_as_it_was(owner_sql: OwnerSql, tmp_path: Path) -> None:
    cast = assemble()
    made = ground(cast, programme_of(cast.giver), tmp_path)

    def dumped() -> list[object]:
        return [owner_sql(f"SELECT row::text FROM {table} row ORDER BY 1") for table in TABLES]

    made.apply(made.file(SHEET))
    before = dumped()
    assert all(before[:3])
    made.apply(made.file(SHEET))
    with pytest.raises(Invalid):
        made.apply(made.file(SHEET.replace(b"men;4", b"men;many")))
    with pytest.raises(Invalid):
        made.apply(made.file(SHEET.replace(b"men;4", b"men;5")))
    assert dumped() == before


def test_problems_that_are_not_kept_are_counted() -> None:
    gathered = Gathered(1)
    assert not gathered
    assert list(gathered[:5]) == []


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [("1", "3", "33.333333333333"), ("1", "2", "50"), ("0", "0", ""), ("", "2", ""), ("2", "", "")],
)
def test_a_share_is_computed_exactly(numerator: str, denominator: str, value: str) -> None:
    assert share(numerator, denominator) == value
