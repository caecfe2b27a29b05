"""The format of a model's document: every error names its row."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.errors import Invalid
from indicators.models.codes import Aggregation, CountingRule, Frequency, Measure, ResultType
from interventions.exchange.model_document import changes_of, read, read_publication, shipped
from interventions.models.catalogue import PieceKind
from interventions.queries import model_format
from interventions.queries.model_format import FORMAT, HEAD, SECTIONS, check, check_head, key_of, referred
from interventions.queries.model_pieces import changed, pieces, renamed, without

FILES = shipped()
SMALL: dict[str, Any] = {
    "format": FORMAT,
    "levels": [{"key": "low", "title": "Low"}],
    "needs": [
        {"key": "papers", "title": "Papers", "level": "low", "severity": 3},
        {"key": "school", "title": "School", "level": "low", "severity": 4, "prerequisites": ["papers"]},
    ],
    "interventions": [{"key": "desk", "title": "Desk", "field": "education", "needs": ["papers"]}],
}


def document_of(file: dict[str, Any]) -> dict[str, Any]:
    """Give a file's document without its head."""
    return {name: value for name, value in file.items() if name not in HEAD}


def errors_of(document: dict[str, Any]) -> dict[str, str]:
    """Check a document; give its errors by path."""
    with pytest.raises(Invalid) as caught:
        check(document)
    assert caught.value.code == "document_invalid"
    found: Any = caught.value.details["errors"]
    return {item["path"]: item["sentence"] for item in found}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file["key"]))
def test_what_ships_is_sound_licensed_and_told_in_three_languages(file: dict[str, Any]) -> None:
    check_head({name: file[name] for name in HEAD if name in file})
    check(document_of(file))
    assert file["licence"] == "CC-BY-4.0"
    assert 8 <= len(file["interventions"]) <= 14
    assert len({row["field"] for row in file["interventions"]}) >= 6
    assert {row["level"] for row in file["needs"]} == {row["key"] for row in file["levels"]}
    assert len(file["levels"]) == 6
    titled = [row for rows in file.values() if isinstance(rows, list) for row in rows if "title" in row]
    assert [row["key"] for row in titled if not {"en", "ro", "lt"} <= set(row["title"])] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file["key"]))
def test_every_shipped_indicator_says_how_it_is_measured(file: dict[str, Any]) -> None:
    said = ("unit", "frequency", "source", "method", "collected_by", "description", "responsibility")
    lacking = [(row["key"], name) for row in file["indicators"] for name in said[:6] if not row.get(name)]
    assert lacking == []
    answered = {key for row in file["interventions"] for key in row["needs"]}
    above = {row["parent"] for row in file["needs"] if "parent" in row}
    assert [row["key"] for row in file["needs"] if row["key"] not in answered | above] == []


def test_the_formats_words_are_those_of_the_code_lists() -> None:
    assert list(model_format.MEASURES) == Measure.values
    assert list(model_format.RESULTS) == ResultType.values
    assert list(model_format.COUNTING) == CountingRule.values
    assert list(model_format.FREQUENCIES) == Frequency.values
    assert list(model_format.TOGETHER) == Aggregation.values


def test_a_small_document_passes() -> None:
    check(SMALL)


@pytest.mark.parametrize(
    ("section", "number", "said", "path"),
    [
        ("needs", 0, {"level": "high"}, "needs[papers].level"),
        ("needs", 0, {"severity": 9}, "needs[papers].severity"),
        ("needs", 0, {"severity": True}, "needs[papers].severity"),
        ("needs", 0, {"title": " "}, "needs[papers].title"),
        ("needs", 0, {"title": {"en": ""}}, "needs[papers].title"),
        ("needs", 0, {"people_affected": 12}, "needs[papers].people_affected"),
        ("needs", 0, {"place": "RO:1"}, "needs[papers].place"),
        ("needs", 1, {"prerequisites": ["work"]}, "needs[school].prerequisites"),
        ("needs", 1, {"prerequisites": "papers"}, "needs[school].prerequisites"),
        ("needs", 1, {"key": "papers"}, "needs[papers].key"),
        ("needs", 1, {"key": None}, "needs[1].key"),
        ("needs", 0, {"prerequisites": ["school"]}, "needs[papers].prerequisites"),
        ("needs", 0, {"parent": "papers"}, "needs[papers].parent"),
        ("interventions", 0, {"field": "sport"}, "interventions[desk].field"),
        ("interventions", 0, {"effort": 0.5}, "interventions[desk].effort"),
        ("interventions", 0, {"effort": "NaN"}, "interventions[desk].effort"),
        ("interventions", 0, {"effort": "1E+999999"}, "interventions[desk].effort"),
        ("interventions", 0, {"services": [{"title": "X"}]}, "interventions[desk].services"),
        ("interventions", 0, {"after": ["desk"]}, "interventions[desk].after"),
        ("interventions", 0, {"responsibility": "clinic"}, "interventions[desk].responsibility"),
    ],
)
def test_an_error_names_its_row_and_field(section: str, number: int, said: dict[str, Any], path: str) -> None:
    document = deepcopy(SMALL)
    document[section][number] |= said
    assert path in errors_of(document)


def test_every_error_is_named_at_once() -> None:
    document = deepcopy(SMALL)
    document["needs"][0]["severity"] = 0
    document["interventions"][0]["field"] = "sport"
    document["posts"] = []
    assert set(errors_of(document)) == {"needs[papers].severity", "interventions[desk].field", "posts"}


@pytest.mark.parametrize("found", [None, "2", 1])
def test_an_unknown_format_is_refused(found: object) -> None:
    with pytest.raises(Invalid) as caught:
        check({**SMALL, "format": found})
    assert caught.value.code == "unknown_format"


def test_a_head_says_licence_and_context() -> None:
    with pytest.raises(Invalid) as caught:
        check_head({"key": "x", "title": "X", "summary": "Y"})
    found: Any = caught.value.details["errors"]
    assert {item["path"] for item in found} == {"licence", "context"}


@given(file=st.sampled_from(FILES), data=st.data())
def test_whatever_is_left_out_no_end_is_loose(file: dict[str, Any], data: st.DataObject) -> None:
    """But levels and parts, which are needed: those are refused elsewhere."""
    document = document_of(file)
    there = [piece for piece in pieces(document) if piece[0] is not PieceKind.LEVEL]
    left_out = data.draw(st.sets(st.sampled_from(there)))
    found = without(document, left_out)
    check(found)
    assert set(pieces(found)) == set(pieces(document)) - left_out


@given(file=st.sampled_from(FILES), data=st.data())
def test_other_keys_keep_every_reference(file: dict[str, Any], data: st.DataObject) -> None:
    document = document_of(file)
    told = data.draw(st.sets(st.sampled_from(list(pieces(document)))))
    found = renamed(document, {piece: f"new-{piece[1]}" for piece in told})
    check(found)
    for name, section in SECTIONS.items():
        links = [
            (key_of(name, row).removeprefix("new-"), field, key.removeprefix("new-"))
            for row in found.get(name, ())
            for field in section.refers
            for key in referred(row, field)
        ]
        assert links == [
            (key_of(name, row), field, key)
            for row in document.get(name, ())
            for field in section.refers
            for key in referred(row, field)
        ]


def test_changing_a_document_leaves_the_original_alone() -> None:
    before = json.dumps(SMALL)
    found = changed(SMALL, {(PieceKind.NEED, "papers"): {"severity": 5, "title": None}}, allow=lambda _: True)
    assert json.dumps(SMALL) == before
    assert found["needs"][0] == {"key": "papers", "level": "low", "severity": 5}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[1]", "not_an_object"),
        (b"{", "not_json"),
        (b'{"a": "\xff"}', "not_utf8"),
        (b"[" * 100_000, "not_json"),
        (b" " * (5 * 1024 * 1024 + 1), "document_too_large"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_refusal(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "model.json"
    file.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        read(file)
    assert caught.value.code == code


def test_a_publication_says_only_what_it_may(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text(json.dumps({"key": "x", "leave_out": ["need:a"], "edits": {"need:b": {"title": "B"}}}))
    assert read_publication(file) == (
        {"key": "x"},
        [(PieceKind.NEED, "a")],
        {(PieceKind.NEED, "b"): {"title": "B"}},
    )
    file.write_text(json.dumps({"key": "x", "needs": []}))
    with pytest.raises(Invalid) as caught:
        read_publication(file)
    assert caught.value.code == "unknown_field"
    with pytest.raises(Invalid) as caught:
        changes_of(["need:b"])
    assert caught.value.code == "not_by_piece"
