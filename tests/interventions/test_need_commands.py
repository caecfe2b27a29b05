"""`handover need`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handover.models import Programme
from handover.terminal import WIDTH
from interventions.queries.levels import DEFAULT
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

OFFICER = ("--as", "officer@giver.example")
STRANGER = ("--as", "manager@stranger.example")


@pytest.fixture
def home(programme: Programme, cast: Cast) -> str:
    """Give the identifier of a programme with the usual levels and three needs."""
    key = programme.identifier
    said("need", "levels", key, "--default", *OFFICER)
    for title, level in (("Water", "survival"), ("Papers", "identity"), ("School", "education")):
        said("need", "add", key, "--title", title, "--level", level, "--severity", 4, *OFFICER)
    return key


def test_the_usual_levels_are_taken_and_others_may_be_said(programme: Programme, cast: Cast) -> None:
    key = programme.identifier
    assert "no level yet" in said("need", "levels", key, *OFFICER)

    usual = told("need", "levels", key, "--default", *OFFICER)["levels"]
    own = said("need", "levels", key, "--level", "water=Water", "--level", "water.ro=Apă", *OFFICER)

    assert [level["key"] for level in usual] == list(DEFAULT)
    assert own.splitlines()[1:] == ["1  water  0      Water"]
    assert "[no_levels]" not in own
    assert "[not_a_pair]" in refused("need", "levels", key, "--level", "water", *OFFICER)
    assert "[not_found]" in refused("need", "levels", key, *STRANGER)


def test_what_is_too_long_for_a_terminal_is_broken_and_not_cut(home: str, cast: Cast) -> None:
    title = " ".join(["Taps", *["that freeze in winter and run dry in August"] * 5, "below the hill"])
    said(
        "need", "add", home, "--title", title, "--level", "survival", "--severity", 5, "--below", 1, *OFFICER
    )
    said("need", "rank", home, "--by", "community", "--order", "Taps", "School", *OFFICER)

    for step in ("tree", "history"):
        lines = said("need", step, home, *OFFICER).splitlines()
        assert max(map(len, lines)) <= WIDTH
        assert title in " ".join(line.strip() for line in lines)
        assert "      " in next(line for line in lines if "below the hill" in line)


def test_a_need_is_added_edited_moved_and_shown(home: str, cast: Cast) -> None:
    said(
        *(
            "need",
            "add",
            home,
            "--title",
            "Pump",
            "--title",
            "ro=Pompă",
            "--level",
            "survival",
            "--severity",
            5,
        ),
        *("--below", "Water", "--people", 90, "--source", "Survey", "--trend", "worsening"),
        *("--raised-by", "community", "--raised-on", "2024-02-01", *OFFICER),
    )
    said("need", "require", home, "School", "1.1", *OFFICER)
    said("need", "edit", home, "Pompă", "--severity", 3, *OFFICER)

    shown = said("need", "show", home, "1.1", *OFFICER)
    tree = said("need", "tree", home, "--lang", "ro", *OFFICER)
    said("need", "move", home, "Pump", "--top", *OFFICER)

    assert "severity 3 of 5, worsening" in shown
    assert "90 people (Survey)" in shown
    assert "raised by community on 2024-02-01" in shown
    assert "waited for by School" in shown
    assert "  1.1 Pompă (severity 3/5, worsening, 90 people, no intervention)" in tree
    assert told("need", "show", home, "Pump", *OFFICER)["need"]["parent"] is None
    said("need", "release", home, "School", "Pump", *OFFICER)
    assert told("need", "show", home, "School", *OFFICER)["need"]["requires"] == []


def test_what_is_typed_wrongly_is_one_clear_line(home: str, cast: Cast) -> None:
    said("need", "require", home, "School", "Papers", *OFFICER)

    assert "“Papers” requires “School”, which requires “Papers”. [prerequisite_cycle]" in refused(
        "need", "require", home, "Papers", "School", *OFFICER
    )
    assert "There is no need “Roads”" in refused("need", "meet", home, "Roads", "--reason", "x", *OFFICER)
    assert "[ambiguous]" in refused("need", "show", home, "r", *OFFICER)
    assert "there are: survival, health-safety" in refused(
        "need", "add", home, "--title", "X", "--level", "heaven", "--severity", 1, *OFFICER
    )
    assert "[source_missing]" in refused("need", "edit", home, "Water", "--people", 3, *OFFICER)
    assert "[usage]" in refused("need", "move", home, "Water", *OFFICER)
    assert "[parent_circle]" in refused("need", "move", home, "Water", "--below", "Water", *OFFICER)
    assert "[nothing_said]" in refused("need", "edit", home, "Water", *OFFICER)
    assert "[stale_version]" in refused(
        "need", "edit", home, "Water", "--severity", 1, "--version-read", 7, *OFFICER
    )
    assert "[too_few_parts]" in refused(
        "need", "split", home, "Water", "--part", "Only one", "--reason", "x", *OFFICER
    )
    assert "[merged_into_itself]" in refused(
        "need", "merge", home, "Water", "--into", "Water", "--reason", "x", *OFFICER
    )


def test_needs_are_merged_split_met_and_opened_again(home: str, cast: Cast) -> None:
    merged = said("need", "merge", home, "Papers", "--into", "School", "--reason", "Same desk", *OFFICER)
    parts = told(
        "need", "split", home, "Water", "--part", "Pipes", "--part", "Quality", "--reason", "Two", *OFFICER
    )
    said("need", "meet", home, "Pipes", "--reason", "Laid in May", *OFFICER)
    met = said("need", "tree", home, *OFFICER)
    said("need", "reopen", home, "Pipes", "--reason", "Frozen", *OFFICER)

    assert merged.startswith("1 need is merged into “School”.")
    assert [part["title"][0]["text"] for part in parts["parts"]] == ["Pipes", "Quality"]
    assert "1 Pipes (Survival and basic services, severity 4/5, no intervention, met)" in met
    assert "met" not in said("need", "tree", home, *OFFICER)
    assert "“Papers” was merged into “School”: Same desk" in said("need", "show", home, "Papers", *OFFICER)
    assert "[need_closed]" in refused("need", "edit", home, "Papers", "--severity", 1, *OFFICER)


def test_rankings_are_typed_read_from_files_told_and_compared(home: str, cast: Cast, tmp_path: Path) -> None:
    votes = tmp_path / "ballots.csv"
    votes.write_text("group,voters,Water,Papers,School\nwomen,39,3,1,2\nmen,27,1,,1\n", "utf-8")

    counted = said(
        "need", "rank", home, "--by", "community", "--method", "order", "--ballots", votes, *OFFICER
    )
    said("need", "rank", home, "--by", "professionals", "--order", "Water", "Papers", "School", *OFFICER)
    compared = told("need", "compare", home, *OFFICER)["comparison"]

    # Women: Papers 2, School 1. Men: Water and School share 2 and 1.
    assert "  1. School (79.5)\n  2. Papers (78)\n  3. Water (40.5)\n" in counted
    assert "66 took part" in counted
    assert compared["tau"] == "-1"
    assert "the other way round" in said("need", "compare", home, *OFFICER)
    assert "[reason_missing]" in refused(
        "need", "rank", home, "--by", "community", "--order", "Papers", "Water", *OFFICER
    )
    said(
        *("need", "rank", home, "--by", "community", "--order", "Papers", "Water"),
        *("--reason", "Winter is over", "--apply", *OFFICER),
    )
    assert "  Why: Winter is over" in said("need", "history", home, "Water", *OFFICER)
    assert len(told("need", "history", home, *OFFICER)["rankings"]) == 3


def test_ballots_as_json_and_files_that_are_wrong(home: str, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "ballots.json"
    rank = ("need", "rank", home, "--by", "community", "--ballots", file, *OFFICER)

    def written(document: object) -> Path:
        file.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
        return file

    written({"needs": ["Water", "Papers"], "ballots": [{"counts": {"Water": 0.5}, "voters": 2}]})
    assert "  1. Water (0.5)\n  2. Papers (0)\n" in said(*rank, "--method", "points")
    for document, code in (
        ("{", "unreadable_file"),
        ({"votes": []}, "unreadable_file"),
        ([{"colour": 1}], "unreadable_file"),
        ([{"order": "Water"}], "not_a_list"),
        ([{"order": ["Water", "Roads"]}], "unknown_need"),
        ([{"counts": {"Water": "many", "Papers": 1}}], "not_a_whole_number"),
        ([], "no_ballots"),
    ):
        written(document)
        assert f"[{code}]" in refused(*rank, "--method", "votes", "--reason", "Again")
    sheet = tmp_path / "ballots.csv"
    for text, code in (
        ("", "no_ballots"),
        ("voters,Water,Papers\n3,1\n", "wrong_line"),
        ("voters,Water,Papers\n3,one,2\n", "wrong_line"),
        ("voters,Water,Papers\n-3,1,2\n", "no_voters"),
        ("voters,Water,Papers\n3,4,2\n", "more_than_voters"),
    ):
        sheet.write_text(text, "utf-8")
        assert f"[{code}]" in refused(
            *("need", "rank", home, "--by", "community", "--method", "votes", "--ballots", sheet),
            *("--reason", "Again", *OFFICER),
        )
