"""`handover import_iati` and `handover export_iati`, as they are typed."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from handover.permissions import Role
from tests.factories.cast import Cast
from tests.factories.organisations import person
from tests.indicators.iati_files import activity, file_of, result, root_of, schema


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def refusal(*arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return str(caught.value)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give a file with one activity."""
    return file_of(tmp_path, activity(rest=result()))


def test_the_only_manager_imports_and_exports_without_being_named(
    cast: Cast, source: Path, tmp_path: Path
) -> None:
    told = run("import_iati", source, "--organisation", "giver")
    target = tmp_path / "out.xml"
    run("export_iati", "XX-TEST-1", "--organisation", "giver", "--output", target)

    assert told.startswith(
        "XX-TEST-1: 1 results, 1 indicators, 0 baselines, 1 periods, 1 targets, 1 values\n"
    )
    assert root_of(target).findtext("*/iati-identifier") == "XX-TEST-1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["activities.xml", "out.xml"]


def test_an_export_goes_to_standard_output_when_no_file_is_named(cast: Cast, source: Path) -> None:
    run("import_iati", source, "--organisation", "giver")

    written = run("export_iati", "XX-TEST-1", "--as", "manager@giver.example")

    schema().assertValid(root_of(written.encode()))


def test_machines_get_json(cast: Cast, source: Path, tmp_path: Path) -> None:
    told: dict[str, Any] = json.loads(run("import_iati", source, "--organisation", "giver", "--json"))
    uuid = told["programmes"][0]["uuid"]

    target = tmp_path / "out.xml"
    about = json.loads(
        run("export_iati", uuid, "--as", "manager@giver.example", "--output", target, "--json")
    )

    assert told["programmes"][0]["counts"]["values"] == 1
    assert about["bytes"] == target.stat().st_size


def test_of_several_managers_one_must_be_named(cast: Cast, source: Path) -> None:
    person(cast.giver.organisation, Role.VIEWER)
    from handover.access import Operator
    from handover.actions import accounts

    accounts.seat(
        by=Operator(), user=cast.giver_officer.user, organisation=cast.giver.organisation, role=Role.MANAGER
    )

    told = refusal("import_iati", source, "--organisation", "giver")

    assert "manager@giver.example" in told
    assert "officer@giver.example" in told
    assert "\n" not in told


def test_a_refused_file_is_one_clear_line(cast: Cast, tmp_path: Path) -> None:
    path = file_of(tmp_path, activity().replace("</title>", ""))

    told = refusal("import_iati", path, "--organisation", "giver")

    assert told.startswith("error: activities.xml, line 14: is not well-formed XML")
    assert "\n" not in told


def test_a_second_import_is_one_clear_line(cast: Cast, source: Path) -> None:
    run("import_iati", source, "--organisation", "giver")

    assert "XX-TEST-1 was imported already" in refusal("import_iati", source, "--organisation", "giver")


def test_a_stranger_finds_nothing_to_export(cast: Cast, source: Path) -> None:
    run("import_iati", source, "--organisation", "giver")

    assert "no such programme" in refusal("export_iati", "XX-TEST-1", "--organisation", "stranger")


def test_a_file_that_cannot_be_written_leaves_what_was_there(
    cast: Cast, source: Path, tmp_path: Path
) -> None:
    run("import_iati", source, "--organisation", "giver")
    target = tmp_path / "folder"
    target.mkdir()

    told = refusal("export_iati", "XX-TEST-1", "--organisation", "giver", "--output", target)

    assert "cannot be written" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["activities.xml", "folder"]
