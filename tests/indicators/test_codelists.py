"""Code lists that ship: what is in them, where it comes from, and how references are held against them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from handover.errors import Invalid, NotFound
from indicators.models.codes import CountingRule, Measure
from indicators.queries import codelists
from indicators.queries.codelists import Code, CodeList, Mark, shipped

ALL = sorted(shipped())
MOST_TARGETS = (7, 8, 13, 10, 9, 8, 5, 12, 8, 10, 10, 11, 5, 10, 12, 12, 19)
"""How many targets each of the 17 goals has; 169 in all."""


def refusal(*references: dict[str, Any], **said: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        codelists.check(references, **said)
    return caught.value


# --- what is in them ---------------------------------------------------------------------------------------------


def test_these_lists_ship() -> None:
    assert ALL == ["currencies", "esf-plus", "eu-roma-framework", "fra-roma-2021", "sdg-goals", "sdg-targets"]


@pytest.mark.parametrize("name", ALL)
def test_every_list_says_where_it_stands_and_how_far_it_was_checked(name: str) -> None:
    found = shipped()[name]

    assert (found.vocabulary, found.uri) == (name, f"urn:handover:codelist:{name}")
    assert len(found.source) > 10
    assert found.mark in {Mark.VERIFIED, Mark.SECONDARY, Mark.UNCONFIRMED}
    assert {"en", "ro", "lt"} <= set(found.title)


@pytest.mark.parametrize("name", ALL)
def test_every_code_has_an_english_title_of_its_own_and_a_group_that_is_named(name: str) -> None:
    found = shipped()[name]
    titles = [item.title["en"] for item in found.codes.values()]

    assert len(set(titles)) == len(titles)
    assert all(len(text) >= 4 and not text.endswith(".") for text in titles)
    assert all(
        set(item.title) <= {"en", "ro", "lt"} and all(item.title.values()) for item in found.codes.values()
    )
    assert {item.group for item in found.codes.values()} == (set(found.groups) or {""})


@pytest.mark.parametrize("name", ["esf-plus", "eu-roma-framework", "fra-roma-2021", "sdg-goals"])
def test_what_is_read_every_day_is_in_three_languages(name: str) -> None:
    assert all(set(item.title) == {"en", "ro", "lt"} for item in shipped()[name].codes.values())


def test_old_letters_with_cedillas_stand_nowhere() -> None:
    texts = [
        text for item in shipped().values() for one in item.codes.values() for text in one.title.values()
    ]

    assert not [text for text in texts if re.search("[şţŞŢ]", text)]
    assert any(re.search("[șț]", text) for text in texts)


def test_esf_plus_has_the_indicators_of_the_regulation() -> None:
    found = shipped()["esf-plus"].codes
    groups = [item.group for item in found.values()]

    assert list(found) == [f"EECO{n:02}" for n in range(1, 20)] + [f"EECR{n:02}" for n in range(1, 7)]
    assert {name: groups.count(name) for name in groups} == {
        "participants": 11,
        "characteristics": 6,
        "entities": 2,
        "immediate-results": 4,
        "six-month-results": 2,
    }
    assert "Roma" in found["EECO15"].title["en"]
    assert found["EECO15"].facts["informed_estimate"] is True


def test_esf_plus_says_how_people_are_counted_and_broken_down() -> None:
    for code, item in shipped()["esf-plus"].codes.items():
        people = code not in {"EECO18", "EECO19"}
        assert item.facts["people"] is people
        assert item.facts["counting"] == (CountingRule.NEW_ENTRANTS if people else CountingRule.NONE)
        assert item.facts["measure"] == Measure.UNIT
        assert item.facts.get("breakdown") == (("women", "men", "non-binary") if people else None)


def test_the_parts_of_esf_plus_are_parts_of_something_in_it() -> None:
    found = shipped()["esf-plus"].codes
    parts = {code: item.facts["part_of"] for code, item in found.items() if "part_of" in item.facts}

    assert parts["EECO03"] == "EECO02"
    assert set(parts.values()) <= set(found)
    assert "EECO01" not in parts


def test_the_roma_framework_has_seven_objectives() -> None:
    assert list(shipped()["eu-roma-framework"].codes) == [
        "equality",
        "inclusion",
        "participation",
        "education",
        "employment",
        "health",
        "housing",
    ]


def test_every_goal_has_its_targets() -> None:
    targets = shipped()["sdg-targets"].codes

    assert list(shipped()["sdg-goals"].codes) == [str(number) for number in range(1, 18)]
    assert len(targets) == sum(MOST_TARGETS) == 169
    for goal, count in enumerate(MOST_TARGETS, 1):
        codes = [code for code, item in targets.items() if item.group == str(goal)]
        tails = [code.removeprefix(f"{goal}.") for code in codes]
        numbers = [tail for tail in tails if tail.isdigit()]
        assert len(codes) == count
        assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
        assert tails[len(numbers) :] == list("abcd")[: count - len(numbers)]


def test_figures_of_the_survey_are_exact_per_cents() -> None:
    figures = {code: item.facts for code, item in shipped()["fra-roma-2021"].codes.items()}

    assert len(figures) == 9
    assert (figures["poverty-risk"]["roma"], figures["poverty-risk"]["general_population_eu"]) == ("80", "17")
    assert all(0 < Decimal(said["roma"]) < 100 for said in figures.values())


def test_currencies_are_codes_of_three_letters() -> None:
    codes = shipped()["currencies"].codes

    assert all(re.fullmatch("[A-Z]{3}", code) for code in codes)
    assert {"EUR", "RON", "MDL"} <= set(codes)


def test_lists_are_read_once_and_nobody_can_change_them() -> None:
    found = shipped()

    assert shipped() is found
    for mapping in (found, found["esf-plus"].codes, found["esf-plus"].codes["EECO01"].facts):
        with pytest.raises(TypeError):
            mapping["x"] = "y"  # type: ignore[index]


# --- finding -----------------------------------------------------------------------------------------------------


def test_a_code_is_found_by_the_lists_name_and_by_its_address() -> None:
    by_name = codelists.code("sdg-targets", "1.a")

    assert codelists.code("urn:handover:codelist:sdg-targets", "1.a") is by_name
    assert by_name.group == "1"


def test_a_title_comes_in_the_language_asked_for_or_in_english() -> None:
    assert codelists.title("eu-roma-framework", "housing", "ro") == "Locuire"
    assert codelists.title("eu-roma-framework", "housing", "lt") == "Būstas"
    assert codelists.title("eu-roma-framework", "housing", "rom") == "Housing"


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(NotFound):
        codelists.code("none", "1")
    with pytest.raises(Invalid) as caught:
        codelists.code("esf-plus", "EECO20")
    assert (caught.value.code, caught.value.sentence) == (
        "unknown_code",
        "ESF+ common indicators has no code “EECO20”.",
    )


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("someri lunga", {"EECO02", "EECO03"}),
        ("ȘOMERI LUNGĂ", {"EECO02", "EECO03"}),
        ("eeco15", {"EECO15"}),
        ("būstas framework", set()),
        ("bustas", {"housing"}),
        ("tobacco", {"3.a"}),
    ],
)
def test_search_looks_in_all_languages_whatever_case_and_accents(words: str, codes: set[str]) -> None:
    assert {hit.code.code for hit in codelists.search(words)} == codes


# --- references --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("of", "key"), [("indicator", "indicator_uri"), ("result", "vocabulary_uri")])
def test_a_reference_is_written_as_iati_keeps_it_and_passes(of: str, key: str) -> None:
    found = codelists.reference("esf-plus", "EECO01", of=of)

    assert found == {"vocabulary": "99", "code": "EECO01", key: "urn:handover:codelist:esf-plus"}
    codelists.check([found])


@pytest.mark.parametrize("key", ["indicator_uri", "vocabulary_uri"])
def test_a_reference_to_a_code_that_a_list_does_not_have_is_refused(key: str) -> None:
    error = refusal({"vocabulary": "99", "code": "eeco01", key: "urn:handover:codelist:esf-plus"})

    assert (error.code, error.details["unknown"]) == ("unknown_code", "eeco01")


@pytest.mark.parametrize("code", [{}, {"code": ""}, {"code": None}])
def test_a_reference_to_a_list_without_a_code_is_refused(code: dict[str, Any]) -> None:
    assert (
        refusal({"vocabulary": "99", "indicator_uri": shipped()["sdg-goals"].uri, **code}).code
        == "unknown_code"
    )


def test_a_reference_that_names_a_list_without_its_address_is_held_against_it_too() -> None:
    assert refusal({"vocabulary": "sdg-goals", "code": "18"}).code == "unknown_code"
    codelists.check([{"vocabulary": "sdg-goals", "code": "17"}])


def test_references_to_lists_of_others_pass() -> None:
    codelists.check(
        [
            {"vocabulary": "99", "code": "anything", "indicator_uri": "https://lists.example/indicators"},
            {"vocabulary": "1", "code": "WHO-1"},
            {"code": "bare"},
            {},
        ]
    )


def test_a_withdrawn_code_stays_where_it_stood_and_comes_nowhere_new() -> None:
    old = Code("old", {"en": "Old"}, withdrawn=True)
    mine = {
        "own": CodeList("own", {"en": "Ours"}, "https://ours.example", "a decision", Mark.OWN, {"old": old})
    }
    reference = codelists.reference("own", "old", mine)

    codelists.check([reference], lists=mine, before=[dict(reference)])
    error = refusal(reference, lists=mine)
    assert (error.code, error.sentence) == ("withdrawn_code", "Ours no longer has the code “old”.")
