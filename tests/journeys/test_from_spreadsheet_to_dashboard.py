"""An officer brings the workbook that the programme has lived in: it is corrected, imported, read and given out.

The workbook is as people have them: Romanian headings, numbers such as ``61.100,50``, quarters as ``T1 2026``, a sheet
with periods in rows and one with periods in columns, a row of totals, and a category that nobody knows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

from handover import clock
from handover.access import asking
from handover.models import Programme
from indicators.actions import axes, baselines, breaks, targets
from indicators.models import Indicator, Value
from indicators.queries.points import How, Missing
from indicators.queries.series import all_series
from indicators.queries.values import current
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, result
from tests.factories.programmes import programme as founded
from tests.handover.command_line import refused, said, told
from tests.indicators.exports.reading import sheet, table
from tests.indicators.imports.books import Edited

pytestmark = pytest.mark.django_db

IN_JULY = dt.datetime(2026, 7, 20, 9, 0, tzinfo=dt.UTC)
FIRST = (dt.date(2026, 1, 1), dt.date(2026, 3, 31))
SECOND = (dt.date(2026, 4, 1), dt.date(2026, 6, 30))
CODE = {"vocabulary": "99", "code": "EECO15", "indicator_uri": "urn:test"}
OFFICER = ("--as", "officer@giver.example")

LONG = [
    ["Raport trimestrial, programul „Acasă”", "", "", "", "", "", ""],
    ["", "", "", "", "", "", ""],
    ["Indicator", "Perioada", "Gen", "Vârstă", "Valoare", "Numărător", "Numitor"],
    ["Participanți", "T1 2026", "", "", "1.100", "", ""],
    ["Participanți", "T1 2026", "femei", "", "707", "", ""],
    ["Participanți", "T1 2026", "Bărbați", "", "388", "", ""],
    ["Participanți", "T1 2026", "altele", "", "5", "", ""],
    ["Participanți", "T1 2026", "", "sub 18 ani", "297", "", ""],
    ["Participanți", "T1 2026", "", "18–29 de ani", "800", "", ""],
    ["Participanți", "T1 2026", "", "55 de ani și peste", "3", "", ""],
    ["Persoane consiliate", "T1 2026", "", "", "92", "", ""],
    ["Ponderea celor cu loc de muncă", "T1 2026", "", "", "", "275", "1.100"],
    ["Cheltuieli", "T1 2026", "", "", "61.100,50", "", ""],
    ["Total", "", "", "", "64.487,50", "", ""],
]
WIDE = [
    ["Indicator", "Gen", "T2 2026"],
    ["Participanți", "femei", "1.250"],
    ["Participanți", "bărbați", "1.150"],
    ["Cheltuieli", "", "96.000"],
]
LONG_WAY = ("--sheet", "Raport", "--answer", "decimal:G=,")
WIDE_WAY = ("--sheet", "Pe trimestre", "--decimal", ",")
"""The answers to what the sheets do not say."""

WRONG_ROW = 6
"""Where “altele” stands in the long sheet, from 0."""


@dataclass(frozen=True)
class Story:
    """A programme with its definitions, and the workbook that it lived in until now."""

    cast: Cast
    programme: Programme
    participants: Indicator
    persons: Indicator
    share: Indicator
    spent: Indicator
    cost: Indicator
    folder: Path

    @property
    def book(self) -> Path:
        return self.folder / "raport.xlsx"

    def imported(self, path: Path, *options: object) -> str:
        """Import a file on the command line."""
        return said("import_values", self.programme.identifier, path, *options, *OFFICER)

    def refused(self, path: Path, *options: object) -> str:
        """Try to import a file on the command line, which refuses."""
        return refused("import_values", self.programme.identifier, path, *options, *OFFICER)

    def values(self) -> list[tuple[str, ...]]:
        """Give what stands: indicator, first day, cell, value, numerator, denominator."""
        with asking(self.cast.giver):
            rows = current(self.programme, cutoff=None).select_related("indicator", "period")
            return sorted(
                (
                    str(row.indicator.uuid),
                    str(row.period.starts_on),
                    row.cell,
                    *(f"{amount or 0:f}" for amount in (row.value, row.numerator, row.denominator)),
                )
                for row in rows
            )

    def totals(self, of: Indicator) -> list[tuple[dt.date | None, Decimal | None, How, Missing | None]]:
        """Give an indicator's totals over time."""
        with asking(self.cast.giver):
            points = all_series(self.programme, cutoff=None)[of]
        return [(point.starts_on, point.total, point.how, point.missing) for point in points]


@pytest.fixture
def story(cast: Cast, programme: Programme, tmp_path: Path) -> Iterator[Story]:
    """Define what the programme counts, in July 2026, and write the workbook as the office has it."""
    with clock.at(IN_JULY):
        for axis in ("gender", "age"):
            axes.create_standard(by=cast.giver, programme_uuid=programme.uuid, name=axis)
        found = Story(cast, programme, **_defined(cast, programme), folder=tmp_path)
        _aimed(found)
        Edited({"Raport": LONG, "Pe trimestre": WIDE}, set()).write(found.book)
        yield found


def _defined(cast: Cast, programme: Programme) -> dict[str, Indicator]:
    under = result(programme, by=cast.giver, title="Women and men find work")
    quarterly: dict[str, Any] = {"by": cast.giver, "of": under, "frequency": "quarterly"}
    nobody = {**quarterly, "counting_rule": "none"}
    participants = indicator(
        programme,
        **quarterly,
        title={"en": "Participants", "ro": "Participanți"},
        unit="persons",
        axes=["gender", "age"],
        references=[CODE],
        due_days=15,
    )
    persons = indicator(
        programme,
        **{**quarterly, "counting_rule": "distinct_persons", "aggregation_status": "0"},
        title={"en": "Persons in counselling", "ro": "Persoane consiliate"},
        unit="persons",
    )
    share = indicator(
        programme,
        **{**nobody, "aggregation_status": "0"},
        title={"en": "Share with a job", "ro": "Ponderea celor cu loc de muncă"},
        measure="2",
    )
    spent = indicator(programme, **nobody, title={"en": "Money spent", "ro": "Cheltuieli"}, currency="RON")
    cost = indicator(
        programme,
        **{**nobody, "aggregation_status": "0"},
        title={"en": "Money for each participant", "ro": "Cost pe participant"},
        currency="RON",
        expression="spent / participants",
        parts={"spent": spent.uuid, "participants": participants.uuid},
    )
    return {
        "participants": participants,
        "persons": persons,
        "share": share,
        "spent": spent,
        "cost": cost,
    }


def _aimed(story: Story) -> None:
    giver = story.cast.giver
    for of, start, aims in (
        (story.participants, 100, {FIRST: 1000, SECOND: 2600}),
        (story.persons, 0, {FIRST: 120}),
        (story.share, 10, {FIRST: 60}),
    ):
        baselines.put(by=giver, indicator_uuid=of.uuid, year="2025", value=start)
        for (starts_on, ends_on), value in aims.items():
            targets.put(by=giver, indicator_uuid=of.uuid, starts_on=starts_on, ends_on=ends_on, value=value)


def _both_sheets(story: Story) -> None:
    """Import the workbook, with its wrong row corrected, as the first test found out that it has to be done."""
    _corrected(story)
    story.imported(story.book, *LONG_WAY, "--yes")
    story.imported(story.book, *WIDE_WAY, "--yes")


def _corrected(story: Story) -> None:
    book = Edited.read(story.book)
    book.sheets["Raport"][WRONG_ROW][2] = "necunoscut"
    book.write(story.book)


# --- in -------------------------------------------------------------------------------------------


def test_a_workbook_is_asked_about_corrected_and_imported_once(story: Story) -> None:
    _what_it_does_not_say_is_asked(story)
    _the_wide_sheet_is_imported_once(story)
    _the_refused_row_comes_back_and_is_corrected(story)
    _totals_and_parts_are_what_the_sheets_said(story)
    _a_correction_is_held_against_what_stands(story)


def _what_it_does_not_say_is_asked(story: Story) -> None:
    which = story.refused(story.book, "--preview")
    assert "Raport" in which
    assert "Pe trimestre" in which
    for name, column in (("Pe trimestre", "C"), ("Raport", "G")):
        mark = story.refused(story.book, "--sheet", name, "--preview")
        assert f"Answer “decimal:{column}” with “.”, “,”. [questions]" in mark
    assert story.values() == []


def _the_wide_sheet_is_imported_once(story: Story) -> None:
    counts = "3 new, 0 changed, 0 the same, 0 refused, 0 in conflict"
    assert counts in story.imported(story.book, *WIDE_WAY, "--preview")
    assert story.values() == []
    assert "3 values imported." in story.imported(story.book, *WIDE_WAY)
    before = story.values()
    assert "Nothing changed" in story.imported(story.book, *WIDE_WAY)
    assert story.values() == before


def _the_refused_row_comes_back_and_is_corrected(story: Story) -> None:
    back = story.folder / "de-corectat.xlsx"
    shown = story.refused(story.book, *LONG_WAY, "--preview", "--refused", back)
    assert "cannot be imported as it is" in shown
    assert len(story.values()) == 3
    rows = Edited.read(back).first
    (wrong,) = (row for row in rows if "altele" in row)
    assert "C7" in str(wrong[-1])
    assert "altele" in str(wrong[-1])

    book = Edited.read(back)
    for row in book.first:
        row[2] = "necunoscut" if row[2] == "altele" else row[2]
    book.write(back)
    assert "1 values imported." in story.imported(back)

    _corrected(story)
    done = story.imported(story.book, *LONG_WAY)
    assert "9 new, 0 changed, 1 the same" in done
    assert "add up to" not in done
    assert "0 new, 0 changed, 10 the same" in story.imported(story.book, *LONG_WAY)


def _totals_and_parts_are_what_the_sheets_said(story: Story) -> None:
    assert story.totals(story.participants) == [
        (FIRST[0], Decimal(1100), How.REPORTED, None),
        (SECOND[0], Decimal(2400), How.ADDED, None),
    ]
    assert story.totals(story.share)[0][:2] == (FIRST[0], Decimal(25))
    assert [total for _, total, _, _ in story.totals(story.spent)] == [Decimal("61100.5"), Decimal(96000)]
    assert [(total, how) for _, total, how, _ in story.totals(story.cost)] == [
        (Decimal("55.545909090909"), How.CALCULATED),
        (Decimal(40), How.CALCULATED),
    ]
    with asking(story.cast.giver):
        cells: dict[str, Any] = dict(
            Value.objects.filter(indicator=story.participants, period__starts_on=FIRST[0]).values_list(
                "cell", "value"
            )
        )
    assert cells[""] == sum(value for cell, value in cells.items() if cell.startswith("gender"))
    assert cells[""] == sum(value for cell, value in cells.items() if cell.startswith("age"))
    assert cells["gender=unknown"] == 5


def _a_correction_is_held_against_what_stands(story: Story) -> None:
    """A file that corrects one group says nothing of the others: they stand."""
    file = story.folder / "corectura.csv"
    heading, days = "indicator,start,end,gender,age,value\n", "2026-01-01,2026-03-31"
    of = story.participants.uuid
    file.write_text(f"{heading}{of},{days},unknown,,6\n", "utf-8")
    assert "the groups by gender add up to 1101" in story.refused(file, "--reason", "One more", "--yes")
    file.write_text(f"{heading}{of},{days},unknown,,2\n{of},{days},men,,391\n", "utf-8")
    assert "2 values imported." in story.imported(file, "--reason", "The lists were compared", "--yes")
    assert [total for _, total, _, _ in story.totals(story.participants)] == [1100, 2400]


# --- on the dashboard -----------------------------------------------------------------------------


def test_what_was_imported_is_read_with_targets_lights_and_breaks(story: Story, client: Client) -> None:
    _both_sheets(story)
    breaks.state(
        by=story.cast.giver,
        indicator_uuid=story.spent.uuid,
        on=SECOND[0],
        kind="method",
        reason="Value added tax is left out",
    )
    document = told("indicators", story.programme.identifier, *OFFICER)
    (section,) = document["results"]
    lines = {line["title"]: line for line in section["indicators"]}
    assert {title: (line["last"]["total"], line["progress"]["light"]) for title, line in lines.items()} == {
        "Participants": ("2400", "green"),
        "Persons in counselling": ("92", "amber"),
        "Share with a job": ("25", "red"),
        "Money spent": ("96000", "grey"),
        "Money for each participant": ("40", "grey"),
    }
    assert lines["Participants"]["last"]["days_late"] == 5
    _the_page_says_the_same(story, client)
    _the_portfolio_adds_up_over_programmes(story)


def _the_page_says_the_same(story: Story, client: Client) -> None:
    client.force_login(story.cast.giver_officer.user, backend="django.contrib.auth.backends.ModelBackend")
    pages = {}
    for of in ("", f"{story.spent.uuid}/"):
        answer = client.get(f"/programmes/{story.programme.uuid}/indicators/{of}")
        assert answer.status_code == 200
        pages[of] = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
    for words in (
        "Participants",
        "100 (2025)",
        "2,400 : what it is made of (Participants) Q2 2026 5 days late",
        "2,600 (Q2 2026)",
        "On track",
        "At risk",
        "Off track",
        "96,000 RON",
        "40 RON",
    ):
        assert words in pages[""], words
    assert "Value added tax is left out" in pages[f"{story.spent.uuid}/"]


def _the_portfolio_adds_up_over_programmes(story: Story) -> None:
    cast = story.cast
    other = founded(cast.giver, title="Another programme")
    of = indicator(other, by=cast.giver, title="Those who came", unit="persons", references=[CODE])
    file = story.folder / "other.csv"
    file.write_text(f"indicator,start,end,value\n{of.uuid},2026-04-01,2026-06-30,600\n", "utf-8")
    said("import_values", other.identifier, file, "--yes", *OFFICER)
    document = told("portfolio", *OFFICER)
    (line,) = document["lines"]
    assert (line["year"], line["programmes"], line["total"]) == (2026, 2, "4100")
    assert document["uncoded"] == 4


# --- and out --------------------------------------------------------------------------------------


def test_what_goes_out_comes_in_again_and_the_public_reads_no_small_count(story: Story) -> None:
    _both_sheets(story)
    before = story.values()
    for path in _exports(story):
        assert "0 new, 0 changed, 13 the same, 0 refused" in story.imported(path, "--preview"), path.name
        assert "Nothing changed" in story.imported(path, "--yes")
    assert story.values() == before
    _nobody_reads_a_small_count_from_the_public_file(story)


def _exports(story: Story) -> Iterator[Path]:
    for kind, name in (("csv", "values.csv"), ("xlsx", "values.xlsx"), ("package", "values.zip")):
        path = story.folder / name
        said("export_values", story.programme.identifier, "--format", kind, "--out", path, *OFFICER)
        if kind != "package":
            yield path
            continue
        with ZipFile(path) as package:
            (values,) = (item for item in package.namelist() if item.endswith("values.csv"))
            inside = story.folder / "from-package.csv"
            inside.write_bytes(package.read(values))
            yield inside


def _nobody_reads_a_small_count_from_the_public_file(story: Story) -> None:
    for kind in ("csv", "xlsx"):
        path = story.folder / f"public.{kind}"
        said(
            "export_values", story.programme.identifier, "--public", "--format", kind, "--out", path, *OFFICER
        )
    rows = table(story.folder / "public.csv")
    first = [row for row in rows if row["title"] == "Participants" and row["start"] == str(FIRST[0])]
    groups = {row["gender"] or row["age"]: row["value"] for row in first}
    assert groups[""] == "1100"
    # The five of whom it is not known, the three of the oldest, and one more on each axis, so that no total tells.
    for small, axis in (("unknown", ("women", "men")), ("55-plus", ("under-18", "18-29"))):
        assert groups[small] == "c"
        assert "c" in [groups[other] for other in axis]
    assert not _small(rows)
    cells = [str(cell) for row in sheet(story.folder / "public.xlsx", "Values") for cell in row]
    assert "c" in cells


def _small(rows: list[Mapping[str, str]] | list[dict[str, str]]) -> list[Mapping[str, str]]:
    people = [row for row in rows if row["unit"] == "persons"]
    assert people
    return [row for row in people if row["value"] not in ("", "c") and 1 <= Decimal(row["value"]) <= 5]
