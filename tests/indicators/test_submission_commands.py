"""`handover submission`, `handover source` and `handover trace`, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from handover.access import asking
from handover.models import Programme
from indicators.models import Indicator, Value
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

REPORTER = ("--as", "reporter@giver.example")
OFFICER = ("--as", "officer@giver.example")
STRANGER = ("--as", "manager@stranger.example")


@pytest.fixture
def pupils(cast: Cast, programme: Programme) -> Indicator:
    """Give an indicator of the programme's own."""
    return indicator(programme, by=cast.giver)


def _file(folder: Path, text: str) -> Path:
    path = folder / "values.csv"
    path.write_text(text, "utf-8")
    return path


def _begun(programme: Programme) -> str:
    made = told("submission", "draft", programme.identifier, "--title", "First quarter", *REPORTER)
    return str(made["submission"]["uuid"])


def _values(cast: Cast) -> list[Value]:
    with asking(cast.giver):
        return list(Value.objects.order_by("cell", "revision"))


def test_values_are_drafted_handed_in_returned_and_approved(
    cast: Cast, programme: Programme, pupils: Indicator, tmp_path: Path
) -> None:
    key = _begun(programme)
    first = _file(
        tmp_path,
        "\ufeffindicator,start,end,gender,value,comment,title\r\n"
        'Pupils enrolled,2024-01-01,2024-03-31,women,41,"Counted, twice",x\r\n'
        f"{pupils.uuid},2024-01-01,2024-03-31,men,37,,x\r\n",
    )
    assert "2 rows are in the submission." in said("submission", "put", key, first, *REPORTER)
    assert "handed in" in said("submission", "submit", key[:8], *REPORTER)
    assert "yours to decide" in said("submission", "list", programme.identifier, *OFFICER)
    assert "returned" in said("submission", "return", key, "--note", "Recount the girls", *OFFICER)
    shown = said("submission", "show", key, *REPORTER)
    assert "note: Recount the girls" in shown
    assert "women" in shown
    said(
        "submission",
        "put",
        key,
        _file(tmp_path, "indicator;start;end;gender;value\nPupils enrolled;2024-01-01;2024-03-31;women;44\n"),
        *REPORTER,
    )
    said("submission", "submit", key, *REPORTER)
    approved = told("submission", "approve", key, *OFFICER)
    assert (approved["submission"]["state"], approved["batch"]["count"]) == ("approved", 2)
    assert [(row.cell, row.value_text, row.reported_by) for row in _values(cast)] == [
        ("gender=men", "37", cast.giver_reporter.user),
        ("gender=women", "44", cast.giver_reporter.user),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not every column that it needs: indicator, start, end, value"),
        ("indicator,start,end,value,colour\n", "a column that means nothing here: colour"),
        ("indicator,start,end,value,value\n", "a column twice: value"),
        (
            "indicator,start,end,value\nNothing,2024-01-01,2024-03-31,1\n",
            "Line 2: There is no indicator “Nothing”",
        ),
        ("indicator,start,end,value\nPupils enrolled,2024-1-1,2024-03-31,1\n", "“2024-1-1” is no date"),
        (
            "indicator,start,end,value\nPupils enrolled,2024-01-01,2024-03-31\n",
            "Line 2: 4 columns are needed",
        ),
        (
            "indicator,start,end,value\nPupils enrolled,2024-01-01,2024-03-31,many\n",
            "Line 1: “many” is not a number",
        ),
        ('indicator,start,end,value\n"Pupils,2024-01-01\n', "is no CSV"),
        (
            "indicator,start,end,value,place\nPupils enrolled,2024-01-01,2024-03-31,1,XX:1\n",
            "no place “XX:1”",
        ),
        (
            "indicator,start,end,value,source\nPupils enrolled,2024-01-01,2024-03-31,1,S\n",
            "no source series “S”",
        ),
        (
            "indicator,start,end,value,revision\nPupils enrolled,2024-01-01,2024-03-31,1,x\n",
            "“x” is no revision",
        ),
        ("indicator,start,end,value\n\n", "There is nothing to report"),
    ],
)
def test_a_file_that_cannot_be_put_is_one_clear_line(
    cast: Cast, programme: Programme, pupils: Indicator, tmp_path: Path, text: str, sentence: str
) -> None:
    key = _begun(programme)
    answer = refused("submission", "put", key, _file(tmp_path, text), *REPORTER)
    assert sentence in answer
    assert "\n" not in answer


def test_texts_that_an_export_protected_come_back_as_they_were(
    cast: Cast, programme: Programme, pupils: Indicator, tmp_path: Path
) -> None:
    key = _begun(programme)
    text = (
        "indicator,start,end,gender,value,comment,position\n"
        "Pupils enrolled,2024-01-01,2024-03-31,women,41,'=1+1,1\n"
    )
    said("submission", "put", key, _file(tmp_path, text), *REPORTER)
    (row,) = told("submission", "show", key, *REPORTER)["rows"]
    assert row["comment"] == "=1+1"


def test_a_file_that_is_no_utf_8_is_one_clear_line(cast: Cast, programme: Programme, tmp_path: Path) -> None:
    key = _begun(programme)
    path = tmp_path / "values.csv"
    path.write_bytes(b"indicator,start,end,value\nEle\xe7i,2024-01-01,2024-03-31,1\n")
    assert "[not_utf8_file]" in refused("submission", "put", key, path, *REPORTER)


def test_what_came_in_between_is_named_below_the_refusal(
    cast: Cast, programme: Programme, pupils: Indicator, tmp_path: Path
) -> None:
    key = _begun(programme)
    row = "indicator,start,end,gender,value\nPupils enrolled,2024-01-01,2024-03-31,women,41\n"
    said("submission", "put", key, _file(tmp_path, row), *REPORTER)
    reported(pupils, {"women": 40}, by=cast.giver)
    answer = refused("submission", "submit", key, *REPORTER)
    assert "[entered_meanwhile]" in answer.splitlines()[0]
    assert "40 stands there now" in answer.splitlines()[1]
    assert "40 (conflict)" in said("submission", "show", key, *REPORTER)


def test_an_approver_may_name_the_version_that_they_read(
    cast: Cast, programme: Programme, pupils: Indicator, tmp_path: Path
) -> None:
    key = _begun(programme)
    row = "indicator,start,end,value\nPupils enrolled,2024-01-01,2024-03-31,41\n"
    said("submission", "put", key, _file(tmp_path, row), *REPORTER)
    version = told("submission", "submit", key, *REPORTER)["submission"]["version"]
    assert "[stale_version]" in refused("submission", "approve", key, "--version-read", version - 1, *OFFICER)
    said("submission", "approve", key, "--version-read", version, *OFFICER)


def test_a_submission_is_withdrawn(cast: Cast, programme: Programme) -> None:
    key = _begun(programme)
    assert "withdrawn" in said("submission", "withdraw", key, *REPORTER)
    listed = told("submission", "list", programme.identifier, "--state", "withdrawn", *REPORTER)
    assert [row["uuid"] for row in listed["submissions"]] == [key]


def test_for_a_stranger_there_is_nothing(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    key = _begun(programme)
    reported(pupils, {"women": 41}, by=cast.giver)
    (value,) = _values(cast)
    for words in (
        ("submission", "show", key),
        ("submission", "show", key[:8]),
        ("submission", "approve", key),
        ("submission", "list", programme.identifier),
        ("source", "list", programme.identifier),
        ("trace", value.uuid),
    ):
        assert "[not_found]" in refused(*words, *STRANGER)


# --- sources and traces ---------------------------------------------------------------------------


def _named(programme: Programme) -> str:
    made = told(
        "source",
        "add",
        programme.identifier,
        *("--title", "Attendance sheets", "--custodian", "giver", "--office", "Head of the day centre"),
        *("--location", "Room 4, shelf B", "--from", "2024-01-01", "--until", "2024-03-31"),
        *("--count", 61, "--counted", "sheets"),
        *REPORTER,
    )
    return str(made["source"]["uuid"])


def test_a_source_series_is_named_listed_and_shown(cast: Cast, programme: Programme) -> None:
    assert said("source", "list", programme.identifier, *REPORTER) == "No source series is named yet.\n"
    key = _named(programme)
    assert "61 sheets" in said("source", "list", programme.identifier, *REPORTER)
    for name in (key, "attendance sheets"):
        assert "kept by Giver organisation, Head of the day centre" in said(
            "source", "show", programme.identifier, name, *REPORTER
        )
    assert "[not_found]" in refused("source", "show", programme.identifier, "Another", *REPORTER)


def test_a_register_that_moved_is_found_at_its_new_place(cast: Cast, programme: Programme) -> None:
    key = _named(programme)
    said("source", "edit", key, "--custodian", "receiver", "--location", "Town hall, cellar 2", *REPORTER)
    shown = said("source", "show", programme.identifier, key, *REPORTER)
    assert "kept by Receiver organisation, Head of the day centre" in shown
    assert "at Town hall, cellar 2" in shown
    assert "61 sheets" in shown
    assert "Say what changes" in refused("source", "edit", key, *REPORTER)
    assert "[not_found]" in refused("source", "edit", key, "--note", "Mine", *STRANGER)


def test_a_value_is_traced_to_its_sheets(
    cast: Cast, programme: Programme, pupils: Indicator, tmp_path: Path
) -> None:
    source = _named(programme)
    key = _begun(programme)
    row = (
        "indicator,start,end,gender,value,source\n"
        "Pupils enrolled,2024-01-01,2024-03-31,women,41,Attendance sheets\n"
    )
    said("submission", "put", key, _file(tmp_path, row), *REPORTER)
    said("submission", "submit", key, *REPORTER)
    said("submission", "approve", key, *OFFICER)
    (value,) = _values(cast)

    text = said("trace", value.uuid, "--as", "auditor@auditor.example")
    assert "Pupils enrolled, 2024-01-01 to 2024-03-31" in text
    assert f"reported by {cast.giver_reporter.user.display_name}, Giver organisation" in text
    assert f"approved by {cast.giver_officer.user.display_name}" in text
    assert "rests on “Attendance sheets”, kept by Giver organisation, Head of the day centre" in text
    document = told("trace", value.uuid, "--as", "auditor@auditor.example")["trace"]
    assert document["revisions"][0]["sources"][0]["uuid"] == source


def test_a_file_is_kept_only_once_somebody_confirms_that_it_names_nobody(
    cast: Cast, programme: Programme, pupils: Indicator, tmp_path: Path
) -> None:
    reported(pupils, {"women": 41}, by=cast.giver)
    (value,) = _values(cast)
    path = _file(tmp_path, "minutes")
    answer = refused("source", "attach", value.uuid, "--file", path, *REPORTER)
    assert "name its source series" in answer
    assert "1 value rests on it now." in said(
        "source", "attach", value.uuid, "--file", path, "--names-nobody", *REPORTER
    )
    assert "rests on the file values.csv" in said("trace", value.uuid, *REPORTER)
    source = _named(programme)
    assert "1 value rests on it now." in said("source", "attach", value.uuid, "--source", source, *REPORTER)
    assert "[source_or_file]" in refused("source", "attach", value.uuid, *REPORTER)
