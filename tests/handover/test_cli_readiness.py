"""`handover readiness` as it is typed: a round from adoption to gap, and every wrong word answered in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handover.access import Actor, asking
from handover.models import Instrument, Programme, Score, Transfer
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.readiness import STEPS, adopted, begun, scored, small
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(cast: Cast, programme: Programme) -> Programme:
    adopted(programme, by=cast.giver)
    return programme


@pytest.fixture
def draft(cast: Cast, ground: Programme) -> Transfer:
    return plans.drafted(ground, by=cast.giver, receiver=cast.receiver.organisation)


def run(by: Actor, *typed: object) -> str:
    return said("readiness", *typed, "--as", by.user.email)


def no(by: Actor, *typed: object) -> str:
    return refused("readiness", *typed, "--as", by.user.email)


def begin(by: Actor, programme: Programme, *more: object) -> str:
    """Begin to score; give the first characters of the assessment."""
    found = told("readiness", "begin", programme.identifier, "small", *more, "--as", by.user.email)
    return str(found["assessment"]["uuid"])[:8]


def words(**steps: int) -> list[str]:
    return [f"{item}={step}" for item, step in {**STEPS, **steps}.items()]


def test_instruments_are_listed_without_an_account() -> None:
    listed = said("readiness", "instruments")
    assert "general-sustainability" in listed
    assert "Finanțare asigurată" in said("readiness", "instruments", "general-sustainability", "--lang", "ro")
    assert "unknown_instrument" in refused("readiness", "instruments", "none")


def test_what_is_shown_for_machines_can_be_adopted(cast: Cast, programme: Programme, tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    shown = told("readiness", "instruments", "local-authority-capacity")
    file.write_text(json.dumps(shown), "utf-8")
    run(cast.giver, "adopt", programme.identifier, "--file", file)
    run(cast.giver, "adopt", programme.identifier, "local-authority-capacity")
    with asking(cast.giver):
        assert Instrument.objects.count() == 1


def test_a_round_from_form_to_gap(cast: Cast, ground: Programme, draft: Transfer, tmp_path: Path) -> None:
    giver, community = begin(cast.giver, ground), begin(cast.community, ground)
    table = tmp_path / "scores.csv"
    table.write_text(
        "item;score;remark\nline;3;In the estimates\ncost;2;\nposts;4;\nskills;;\n", encoding="utf-8-sig"
    )
    assert "still to answer: skills" in run(cast.giver, "score", giver, "--csv", table)
    assert "scores_missing" in no(cast.giver, "close", giver)
    assert "scores_sealed" in no(cast.community, "show", giver)
    shown = run(cast.community, "gap", giver)
    assert "sealed still: Giver organisation" in shown
    assert "62.50" not in shown, "nothing of the giver's"
    run(cast.giver, "score", giver, "skills=1")
    run(cast.giver, "close", giver)
    assert "scores_sealed" in no(cast.community, "show", giver)
    run(cast.community, "score", community, *words(line=0))
    run(cast.community, "close", community)
    assert "In the estimates" in run(cast.community, "show", giver)

    assert "[reason_missing]" in no(cast.giver, "agree", giver, "line=1")
    written = told(
        "readiness", "agree", giver, "line=1:It is drafted: not adopted", "--as", cast.giver.user.email
    )
    agreed = str(written["assessment"]["uuid"])[:8]
    assert "other_side_agrees" in no(cast.giver, "close", agreed)
    run(cast.community, "close", agreed)

    shown = run(cast.donor, "gap", agreed)
    assert "37.50" in shown
    assert "It is drafted: not adopted" in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert "agreed     written by" in run(cast.auditor, "list", ground.identifier)

    key = str(draft.uuid)[:8]
    proposed = run(cast.giver, "propose", key)
    assert proposed.startswith("small/money\n")
    assert "“Budget adopted” (due 2024-11-30)" in run(
        cast.giver, "propose", key, "--accept", "small/money", "--due", "2024-11-30"
    )
    assert "Nothing is proposed" in run(cast.giver, "propose", key)


def test_a_list_tells_who_and_never_what(cast: Cast, ground: Programme) -> None:
    scored(begun(ground, by=cast.giver), {**STEPS, "line": 4}, by=cast.giver)
    listed = told("readiness", "list", ground.identifier, "--as", cast.community.user.email)
    [row] = listed["rounds"][0]["assessments"]
    assert (row["voice"], row["state"]) == ("giver", "closed")
    assert {"score", "scores", "domains", "whole", "remark"}.isdisjoint(row)


def test_a_gate_is_set_listed_and_lifted(cast: Cast, draft: Transfer) -> None:
    key = str(draft.uuid)[:8]
    assert "No milestone waits" in run(cast.giver, "gate", key)
    typed = ("gate", key, "--milestone", "validation", "--instrument", "small")
    assert "[not_a_number]" in no(cast.giver, *typed, "--at-least", "much")
    assert "[score_off_range]" in no(cast.giver, *typed, "--at-least", "150")
    assert "[unknown_domain]" in no(cast.giver, *typed, "--domain", "roof", "--at-least", "60")
    assert "“Money”" in run(cast.giver, *typed, "--domain", "money", "--at-least", "60")
    [gate] = told("readiness", "gate", key, "--as", cast.giver.user.email)["gates"]
    assert gate["at_least"] == "60"
    assert "[unknown_gate]" in no(cast.giver, "gate", key, "--lift", "00000000")
    assert "No milestone waits" in run(cast.giver, "gate", key, "--lift", gate["uuid"][:8])


def test_what_is_due_is_told(cast: Cast, ground: Programme) -> None:
    assert "Nothing is due" in run(cast.giver, "due", ground.identifier)
    begin(cast.giver, ground)


def test_a_form_is_filled_in_and_read_again(cast: Cast, programme: Programme, tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    run(cast.giver, "adopt", programme.identifier, "general-sustainability")
    said("readiness", "instruments", "general-sustainability", "--form", form, "--lang", "lt")
    lines = form.read_text("utf-8-sig").splitlines()
    form.write_text("\n".join([lines[0], *(line.replace(",,", ",3,", 1) for line in lines[1:])]), "utf-8")
    made = told(
        "readiness", "begin", programme.identifier, "general-sustainability", "--as", cast.giver.user.email
    )
    read = told(
        "readiness", "score", made["assessment"]["uuid"], "--csv", form, "--as", cast.giver.user.email
    )
    assert (read["answered"], read["missing"]) == (31, [])


WORDS = {
    "line": "not_a_score",
    "line=much": "not_a_score",
    "line=9": "off_scale",
    "roof=1": "unknown_item",
    "=1": "not_a_score",
}


@pytest.mark.parametrize(("word", "code"), WORDS.items(), ids=WORDS)
def test_a_wrong_word_is_named_and_nothing_is_written(
    word: str, code: str, cast: Cast, ground: Programme
) -> None:
    own = begin(cast.giver, ground)
    assert f"[{code}]" in no(cast.giver, "score", own, "cost=1", word)
    with asking(cast.giver):
        assert not Score.objects.exists()


TABLES = {
    "item,points\nline,3\n": "column_missing",
    "item,score\nline,much\n": "not_a_score",
    "item,score\n,3\n": "not_a_score",
    "item,score\nline,7\n": "off_scale",
    "item,score\nline,\n": "no_scores",
    "": "column_missing",
}


@pytest.mark.parametrize(("text", "code"), TABLES.items(), ids=range(len(TABLES)))
def test_a_wrong_table_is_named(text: str, code: str, cast: Cast, ground: Programme, tmp_path: Path) -> None:
    table = tmp_path / "scores.csv"
    table.write_text(text, "utf-8")
    own = begin(cast.giver, ground)
    assert f"[{code}]" in no(cast.giver, "score", own, "--csv", table)


def test_what_is_no_assessment_is_named(cast: Cast, ground: Programme) -> None:
    assert "[no_such_key]" in no(cast.giver, "show", "xyz")
    assert "[not_found]" in no(cast.giver, "show", "00000000")
    own = begin(cast.giver, ground)
    assert "[not_found]" in no(cast.stranger, "show", own)
    assert "[no_scores]" in no(cast.giver, "score", own)


FILES = {
    "{": "not_json",
    "[]": "instrument_malformed",
    "[" * 100_000: "not_json",
    json.dumps(small(thresholds={"ready": "50", "nearly": "75"})): "thresholds_reversed",
}


@pytest.mark.parametrize(("text", "code"), FILES.items(), ids=["open", "list", "deep", "reversed"])
def test_a_malformed_instrument_is_named(
    text: str, code: str, cast: Cast, programme: Programme, tmp_path: Path
) -> None:
    file = tmp_path / "own.json"
    file.write_text(text, "utf-8")
    assert f"[{code}]" in no(cast.giver, "adopt", programme.identifier, "--file", file)
    assert "[file_unusable]" in no(cast.giver, "adopt", programme.identifier, "--file", tmp_path / "none")
