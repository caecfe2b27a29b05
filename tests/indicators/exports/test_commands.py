"""`handover export_values`, as it is typed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError

from handover.models import Programme
from indicators.management.bars import Bar
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported
from tests.indicators.exports.reading import MANAGER, sheet, table, told
from tests.indicators.iati_files import activity, file_of, result


@pytest.fixture
def values(cast: Cast, programme: Programme) -> Programme:
    """Give a programme with three values, one of them small."""
    people = indicator(programme, by=cast.giver, title="Pupils", unit="persons")
    reported(people, {"": 40, "women": 37, "men": 3}, by=cast.giver)
    return programme


def refusal(*arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        told(*arguments)
    return str(caught.value)


def test_csv_goes_to_standard_output_when_no_file_is_named(values: Programme) -> None:
    said = told("export_values", "XX-TEST-HOME", "--as", MANAGER)

    assert [row["value"] for row in table(said.encode())] == ["40", "3", "37"]


def test_each_format_is_written_to_a_file_and_told(values: Programme, tmp_path: Path) -> None:
    for form, name in (("csv", "out.csv"), ("xlsx", "out.xlsx"), ("package", "out"), ("package", "out.zip")):
        out = tmp_path / name
        about = json.loads(
            told("export_values", values.uuid, "--as", MANAGER, "--format", form, "--out", out, "--json")
        )
        assert (about["values"], about["public"], about["file"]) == (3, False, str(out))
        assert about["bytes"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.csv", "out.xlsx", "out.zip"]


def test_iati_is_the_one_that_export_iati_writes(cast: Cast, tmp_path: Path) -> None:
    told("import_iati", file_of(tmp_path, activity(rest=result())), "--organisation", "giver")

    told("export_values", "XX-TEST-1", "--as", MANAGER, "--format", "iati", "--out", tmp_path / "one.xml")
    told("export_iati", "XX-TEST-1", "--as", MANAGER, "--output", tmp_path / "two.xml")

    assert (tmp_path / "one.xml").read_bytes() == (tmp_path / "two.xml").read_bytes()
    refused = refusal("export_values", "XX-TEST-1", "--as", MANAGER, "--format", "iati", "--public")
    assert "[iati_is_whole]" in refused


def test_a_file_that_is_there_is_replaced_only_with_force(values: Programme, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine")

    assert "[file_exists]" in refusal("export_values", values.uuid, "--as", MANAGER, "--out", out)
    assert out.read_text() == "mine"

    told("export_values", values.uuid, "--as", MANAGER, "--out", out, "--force")
    assert len(table(out)) == 3


def test_a_folder_is_replaced_only_if_it_holds_a_package(values: Programme, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "letter.txt").write_text("mine")

    said = refusal(
        "export_values", values.uuid, "--as", MANAGER, "--format", "package", "--out", out, "--force"
    )

    assert "[file_unusable]" in said
    assert (out / "letter.txt").read_text() == "mine"
    for _ in range(2):
        told(
            "export_values",
            values.uuid,
            "--as",
            MANAGER,
            "--format",
            "package",
            "--out",
            tmp_path / "new",
            "--force",
        )
    assert (tmp_path / "new" / "datapackage.json").is_file()


def test_a_public_file_says_what_is_withheld(values: Programme, tmp_path: Path) -> None:
    asked = ("export_values", values.uuid, "--as", MANAGER, "--public", "--format", "xlsx")

    about = json.loads(told(*asked, "--out", tmp_path / "out.xlsx", "--json"))

    assert about["withheld"] == 2
    assert [row[5] for row in sheet(tmp_path / "out.xlsx", "Values")[1:]] == [40.0, "c", "c"]


def test_a_workbook_needs_a_name_and_a_folder_that_is_there(values: Programme, tmp_path: Path) -> None:
    assert "[output_missing]" in refusal("export_values", values.uuid, "--as", MANAGER, "--format", "xlsx")
    assert "[output_missing]" in refusal("export_values", values.uuid, "--as", MANAGER, "--json")
    gone = tmp_path / "gone" / "out.csv"
    assert "[file_unusable]" in refusal("export_values", values.uuid, "--as", MANAGER, "--out", gone)


def test_a_refusal_leaves_nothing_behind(values: Programme, tmp_path: Path) -> None:
    said = refusal(
        "export_values", values.uuid, "--as", "reporter@giver.example", "--out", tmp_path / "out.csv"
    )

    assert "[not_allowed]" in said
    assert not list(tmp_path.iterdir())


def test_only_named_indicators_are_exported(values: Programme, cast: Cast, tmp_path: Path) -> None:
    other = indicator(values, by=cast.giver, title="Meetings", counting_rule="none")
    reported(other, {"": 2}, by=cast.giver)

    said = told("export_values", values.uuid, "--as", MANAGER, "--indicator", "Meetings")

    assert [row["value"] for row in table(said.encode())] == ["2"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def write(self, text: str, style: object = None, ending: str = "") -> int:
        return super().write(text + ending)


def test_a_bar_is_drawn_on_a_terminal_and_wiped_and_nowhere_else() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with Bar("exporting", stream) as bar:
            bar(500, 1000, "values")

    assert "exporting values [############............] 50 %, 500" in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
    assert file.getvalue() == ""
