"""The command: a preview and then all or nothing, answers as options, refused rows as a workbook, or a job."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from handover.actions.jobs import run
from tests.indicators.exports.reading import MANAGER
from tests.indicators.imports.books import Edited
from tests.indicators.imports.ground import Ground, dump
from tests.indicators.sheets.broken_files import lines

pytestmark = pytest.mark.django_db

SHEET = lines("Indicator;Period;Gender;Valoare", "Children enrolled;2026Q1;women;1.100", "I1.1;2026Q1;men;4")
WRONG = SHEET.replace(b"men;4", b"robots;many").replace(b"1.100", b"5")


def told(ground: Ground, content: bytes, *options: object) -> str:
    """Run it on a file."""
    return ran(ground.programme.uuid, ground.file(content), *options)


def ran(*options: object) -> str:
    out = StringIO()
    call_command("import_values", *map(str, options), "--as", MANAGER, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_file_is_previewed_counted_and_imported(ground: Ground) -> None:
    said = told(ground, SHEET, "--decimal", ",").splitlines()
    assert said[:2] == ["2 new, 0 changed, 0 the same, 0 refused, 0 in conflict", "2 values imported."]
    assert said[2].startswith("batch ")
    again = told(ground, SHEET, "--decimal", ",", "--yes").splitlines()
    assert again == [
        "0 new, 0 changed, 2 the same, 0 refused, 0 in conflict",
        "Nothing changed: all of it is there already.",
    ]


def test_a_preview_writes_nothing(ground: Ground) -> None:
    before = dump(ground.cast)
    said: Any = json.loads(told(ground, SHEET, "--decimal", ".", "--preview", "--json"))
    assert (said["new"], said["preview"], said["problems"]) == (2, True, [])
    assert dump(ground.cast) == before


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            (),
            "error: Column D: is “1.100” 1.100 or 1100? Answer “decimal:D” with “.”, “,”. [questions]",
        ),
        (("--column", "Valoare"), "error: “Valoare” is not of the form --column COLUMN=ROLE. [usage]"),
        (("--answer", "x=y"), "error: Nothing asks for “x”. [unknown_answer]"),
        (("--sheet", "Date", "--decimal", "."), None),
    ],
)
def test_what_is_asked_or_said_wrongly_is_one_line(ground: Ground, options: Any, line: str | None) -> None:
    if line is None:
        assert told(ground, SHEET, *options).startswith("2 new")
        return
    with pytest.raises(CommandError) as refused:
        told(ground, SHEET, *options)
    assert str(refused.value) == line


def test_columns_can_be_named_by_their_headings(ground: Ground) -> None:
    said = SHEET.replace(b"Valoare", b"Chickens")
    assert told(ground, said, "--column", "Chickens=value", "--answer", "decimal:D=,").startswith("2 new")


def test_refused_rows_come_back_as_a_workbook(ground: Ground) -> None:
    out = ground.files / "refused.xlsx"
    before = dump(ground.cast)
    with pytest.raises(CommandError) as refused:
        told(ground, WRONG, "--refused", out)
    assert str(refused.value).splitlines() == [
        "error: Nothing was imported. C3: “robots” is no category of gender. There is 1 more problem. [values_refused]",
        "  C3: “robots” is no category of gender. [unknown_category]",
        "  D3: “many” is no number. [not_a_number]",
    ]
    assert [row[-1] for row in Edited.read(out).first] == [
        "Why it was refused",
        "C3: “robots” is no category of gender. D3: “many” is no number.",
    ]
    assert dump(ground.cast) == before


def test_a_worker_may_do_it_later(ground: Ground) -> None:
    said: Any = json.loads(told(ground, SHEET, "--decimal", ",", "--later", "--json"))
    job = said["job"]["uuid"]
    assert ran("--job", job) == "waiting, 0 rows\n"
    run(job, ground.programme.pk)
    assert ran("--job", job) == "done, 2 of 2 rows, checking and entering\n2 values imported.\n"


def test_it_needs_a_programme_and_a_file_or_a_job(ground: Ground) -> None:
    with pytest.raises(CommandError, match="which programme and which file"):
        ran()
