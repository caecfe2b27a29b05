"""The template: what to fill in, what stands there, and what the import reads of it in any language."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest

from handover.cell_texts import unprotected
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Programme
from handover.permissions import StandingKind
from indicators.actions import axes
from indicators.actions.values import Reported
from indicators.exchange.tables import template_marks, template_rows
from indicators.exchange.tables.template_marks import Marks
from indicators.exchange.tables.template_texts import LANGUAGES
from indicators.exchange.tables.templates import SPARE, template
from indicators.models import Indicator
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported
from tests.factories.programmes import admitted, responsibility
from tests.indicators.exports.reading import MANAGER, places, sheet, told


@pytest.fixture
def counted(cast: Cast, programme: Programme) -> Indicator:
    """Give an indicator that is broken down by gender, with two values in the first quarter."""
    axes.create(
        by=cast.giver,
        programme_uuid=programme.uuid,
        name="gender",
        title={"en": "Gender", "ro": "Gen"},
        categories=[
            {"code": "women", "title": {"en": "Women", "ro": "Femei"}},
            {"code": "men", "title": {"en": "Men", "ro": "Bărbați"}},
        ],
    )
    made = indicator(programme, by=cast.giver, title={"en": "Pupils", "ro": "Elevi"}, axes=["gender"])
    reported(made, {"": 31, "women": 20}, by=cast.giver)
    return made


def cells_of(path: Path) -> tuple[Marks, list[dict[str, Any]]]:
    """Read a template as the import does: by its hidden sheet."""
    marks = template_marks.read(
        [[unprotected(str(cell)) for cell in row] for row in sheet(path, template_marks.SHEET)]
    )
    assert marks is not None
    rows = sheet(path, marks.facts["sheet"])[int(marks.facts["first_row"]) - 1 :]
    return marks, [dict(zip(marks.columns.values(), row, strict=True)) for row in rows]


def test_there_is_a_row_for_each_group_with_what_stands_there_and_its_revision(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path
) -> None:
    done = template(cast.giver_reporter, programme.uuid, path=tmp_path / "out.xlsx", lang="ro")

    marks, rows = cells_of(tmp_path / "out.xlsx")
    assert (done.rows, done.indicators, len(rows)) == (4, 1, 4 + SPARE)
    assert [
        (row["indicator"], row["start"], row["gender"], row["value"], row["revision"]) for row in rows[:4]
    ] == [
        ("Elevi", dt.date(2024, 1, 1), "", 31.0, 1.0),
        ("Elevi", dt.date(2024, 1, 1), "Femei", 20.0, 1.0),
        ("Elevi", dt.date(2024, 1, 1), "Bărbați", "", 0.0),
        ("Elevi", dt.date(2024, 1, 1), "unknown", "", 0.0),
    ]
    assert marks.indicators == {"Elevi": str(counted.uuid)}
    assert marks.categories["gender"] == {"Femei": "women", "Bărbați": "men", "unknown": "unknown"}
    assert marks.axes == {"Gen": "gender"}
    assert marks.facts["programme"] == str(programme.uuid)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings_and_instructions_are_in_the_language_and_columns_in_none(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path, lang: str
) -> None:
    template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx", lang=lang)

    texts = LANGUAGES[lang]
    marks, _ = cells_of(tmp_path / "out.xlsx")
    heads = sheet(tmp_path / "out.xlsx", texts.values)[0]
    assert heads[:4] == [texts.headings[name] for name in ("indicator", "start", "end", "place")]
    assert list(marks.columns.values()) == [
        "indicator", "start", "end", "place", "gender", "value", "numerator", "denominator", "comment", "reason",
        "revision",
    ]  # fmt: skip
    assert [row[0] for row in sheet(tmp_path / "out.xlsx", texts.instructions)] == list(texts.lines)
    assert set(texts.headings) == set(LANGUAGES["en"].headings)
    assert len(texts.lines) == len(LANGUAGES["en"].lines)


def test_a_period_that_is_asked_for_is_there_though_nobody_reported_it(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path
) -> None:
    template(
        cast.giver, programme.uuid, path=tmp_path / "out.xlsx", period=SECOND_QUARTER, indicators=["pupils"]
    )

    _, rows = cells_of(tmp_path / "out.xlsx")
    assert {(row["start"], row["end"]) for row in rows if row["start"]} == {SECOND_QUARTER}
    assert {row["revision"] for row in rows} == {0.0}


def test_an_indicator_without_periods_gets_the_present_one_of_its_frequency(
    cast: Cast, programme: Programme, tmp_path: Path
) -> None:
    indicator(programme, by=cast.giver, frequency="quarterly")

    template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx")

    _, rows = cells_of(tmp_path / "out.xlsx")
    assert (rows[0]["start"], rows[0]["end"]) == SECOND_QUARTER


def test_places_stand_in_a_list_and_a_value_keeps_its_own(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path
) -> None:
    where = places("1017")
    reported(counted, [Reported(value=5, place=where["RO:1017"])], by=cast.giver)

    template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx")

    _, rows = cells_of(tmp_path / "out.xlsx")
    assert [(row["place"], row["value"]) for row in rows if row["place"]] == [("RO:1017", 5.0)]


def test_indicators_with_the_same_title_can_be_told_apart(
    cast: Cast, programme: Programme, tmp_path: Path
) -> None:
    both = [indicator(programme, by=cast.giver, title="Pupils", frequency="monthly") for _ in range(2)]

    template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx")

    marks, _ = cells_of(tmp_path / "out.xlsx")
    assert sorted(marks.indicators.values()) == sorted(str(item.uuid) for item in both)


def test_headings_are_locked_inputs_are_open_and_numbers_are_checked(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path
) -> None:
    template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx")

    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        values = archive.read("xl/worksheets/sheet1.xml").decode()
        book = archive.read("xl/workbook.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert "<sheetProtection" in values
    assert "password" not in values
    assert values.count('type="list"') == 2
    assert 'type="decimal"' in values
    assert 'name="lists" sheetId="3" state="hidden"' in book
    assert 'name="handover" sheetId="4" state="veryHidden"' in book
    assert '<protection locked="0"/>' in styles
    assert 'hidden="1"' in values


def test_who_may_not_report_gets_no_template(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        template(cast.stranger, programme.uuid, path=tmp_path / "out.xlsx")
    with pytest.raises(NotAllowed):
        template(cast.donor, programme.uuid, path=tmp_path / "out.xlsx")


def test_values_that_somebody_else_reports_are_no_rows_of_a_template(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path
) -> None:
    admitted(programme, cast.receiver.organisation, StandingKind.PARTNER, by=cast.giver)
    theirs = responsibility(programme, by=cast.giver, holder=cast.receiver.organisation)
    of = counted.result
    other = indicator(programme, by=cast.receiver, of=of, title="Theirs", responsibility=theirs.uuid)
    reported(other, {"": 5}, by=cast.receiver)
    template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx")
    _, rows = cells_of(tmp_path / "out.xlsx")
    assert {row["indicator"] for row in rows if row["indicator"]} == {"Pupils"}


def test_wrong_languages_periods_and_sizes_are_refused(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = FIRST_QUARTER
    with pytest.raises(Invalid, match="not fr"):
        template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx", lang="fr")
    with pytest.raises(Invalid, match="ends before"):
        template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx", period=(last, first))
    monkeypatch.setattr(template_rows, "MOST_ROWS", 3)
    with pytest.raises(Invalid, match="more than 3 rows"):
        template(cast.giver, programme.uuid, path=tmp_path / "out.xlsx")


def test_the_command_writes_a_template(
    cast: Cast, programme: Programme, counted: Indicator, tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"

    asked = ("values_template", programme.uuid, "--as", MANAGER, "--lang", "lt")
    said = told(*asked, "--period", "2024-04-01..2024-06-30", "--out", out)

    assert said == f"{out}: 4 rows, 1 indicators\n"
    assert sheet(out, "Reikšmės")[0][0] == "Rodiklis"
