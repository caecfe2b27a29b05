"""No translation loses what it must tell, or is of a text that is not there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from handover.languages import catalogues

LETTERS = {"ro": "ăâîșțĂÂÎȘȚ", "lt": "ąčęėįšųūžĄČĘĖĮŠŲŪŽ"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
CEDILLAS = re.compile("[şţŞŢ]")


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_text_is_translated_and_nothing_is_a_guess(language: str) -> None:
    assert list(catalogues.untranslated(language)) == []
    assert [entry.id for entry in entries(language) if entry.fuzzy] == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_no_translation_is_of_a_text_that_is_not_there(language: str) -> None:
    there = {
        (text[0] if isinstance(text, tuple) else text, context) for text, context in catalogues.extract()
    }
    kept = {
        (entry.id[0] if isinstance(entry.id, tuple) else entry.id, entry.context)
        for entry in entries(language)
    }
    assert kept - there == set(), "run “make messages”"


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_translations_keep_what_is_filled_in_and_how_it_is_marked_up(language: str) -> None:
    wrong = []
    for entry in entries(language):
        source = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        said = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        wanted = set(PLACEHOLDER.findall(source[-1]))
        # One of a kind may leave its number out, as English does.
        if any(not set(PLACEHOLDER.findall(text)) <= wanted for text in said):
            wrong.append(f"unknown placeholder: {source[0]}")
        if set(PLACEHOLDER.findall(said[-1])) != wanted:
            wrong.append(f"placeholders: {source[0]}")
        if any(re.findall(r"</?\w+", text) != re.findall(r"</?\w+", source[-1]) for text in said):
            wrong.append(f"markup: {source[0]}")
    assert wrong == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_translations_are_written_with_the_letters_of_their_language(language: str) -> None:
    texts = " ".join(
        text
        for entry in entries(language)
        for text in (entry.string if isinstance(entry.string, tuple) else (entry.string,))
    )
    assert [letter for letter in LETTERS[language] if letter.islower() and letter not in texts] == []


def test_no_lithuanian_sentence_ends_with_the_point_of_a_date_and_one_of_its_own() -> None:
    texts = [
        text
        for entry in entries("lt")
        for text in (entry.string if isinstance(entry.string, tuple) else (entry.string,))
    ]
    assert [text for text in texts if re.search(r"%\((day|due)\)s\.(\s|<|$)", text)] == []


def test_romanian_has_its_comma_below_never_a_cedilla() -> None:
    texts = " ".join(
        text
        for entry in entries("ro")
        for text in (entry.string if isinstance(entry.string, tuple) else (entry.string,))
    )
    assert CEDILLAS.findall(texts) == []


def test_texts_are_found_where_people_read_them() -> None:
    found = {text for text, _ in catalogues.extract()}
    assert "Skip to main content" in found  # a template
    assert ("%(count)s day", "%(count)s days") in found  # a count in Python
    assert "local public authority" in found  # a label of the kernel
    assert "Sign for the organisation" in found  # a help sentence of the kernel


def entries(language: str) -> list[Any]:
    """Give what a catalogue says, its head left out."""
    return [entry for entry in catalogues.read(language) if entry.id]
