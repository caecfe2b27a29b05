"""Every code of a refusal has a title in every language, and the titles are well written."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from handover.wording import EDGE_CODES, FOLDER, LANGUAGES, title
from tests.contracts.test_docs import ERRORS, codes

LETTERS = {"en": "", "ro": "ăâîșț", "lt": "ąčęėįšųūž"}
"""Letters of a language beside those from a to z; Romanian has its comma below, never a cedilla."""
WORDS = range(3, 13)


def pairs(language: str) -> list[tuple[str, str]]:
    """Read a file of titles as it stands, a code that stands twice included."""
    read: list[tuple[str, str]] = json.loads(
        (FOLDER / f"{language}.json").read_text("utf-8"), object_pairs_hook=list
    )
    return read


def known() -> set[str]:
    """Collect the codes that can be given: those of the source, of the page on errors, of the interface."""
    on_page = re.findall(r"^\| `([^`]+)` \|", ERRORS.read_text("utf-8"), re.MULTILINE)
    return {item.code for item in codes()} | set(on_page) | EDGE_CODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_title_and_every_title_a_code(language: str) -> None:
    titled = {code for code, _ in pairs(language)}
    assert {"without a title": known() - titled, "of no code": titled - known()} == {
        "without a title": set(),
        "of no code": set(),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_has_one_title_in_the_order_of_the_codes(language: str) -> None:
    listed = [code for code, _ in pairs(language)]
    assert [code for code, times in Counter(listed).items() if times > 1] == []
    assert listed == sorted(listed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_is_a_short_sentence_without_a_full_stop_or_a_gap(language: str) -> None:
    wrong = {
        code: said
        for code, said in pairs(language)
        if len(said.split()) not in WORDS
        or said != " ".join(said.split())
        or not said[0].isupper()
        or re.search(r"[.!?:;]$|[…{}%<>]", said)
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_has_the_letters_of_its_language(language: str) -> None:
    foreign = {
        code: said
        for code, said in pairs(language)
        for letter in said.lower()
        if letter.isalpha() and not letter.isascii() and letter not in LETTERS[language]
    }
    assert foreign == {}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_no_title_is_left_in_english(language: str) -> None:
    english = dict(pairs("en"))
    assert [code for code, said in pairs(language) if said == english.get(code)] == []


def test_a_title_comes_in_the_language_that_is_asked_for() -> None:
    said = [title("file_too_large", language) for language in LANGUAGES]
    assert said == ["The file is too large", "Fișierul este prea mare", "Failas per didelis"]


def test_a_language_without_titles_is_told_in_english() -> None:
    assert title("file_too_large", "fr") == title("file_too_large", "en")
    assert title("file_too_large", "../en") == title("file_too_large", "en")


def test_a_code_that_is_put_together_has_the_title_of_its_family() -> None:
    assert "unknown_post" not in dict(pairs("lt"))
    assert title("unknown_post", "lt") == title("unknown_…", "lt")
    assert title("unknown_need", "lt") != title("unknown_…", "lt")


def test_a_code_without_a_title_is_said_in_its_own_words() -> None:
    assert title("lost_in_thought", "ro") == "lost in thought"
