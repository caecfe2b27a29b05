"""`handover consultation`: recorded, counted, answered and told back, by whoever may."""

from __future__ import annotations

import pytest

from handover.models import Programme
from tests.factories import interventions as needed
from tests.factories import voices as make
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

GIVER = ("--as", "manager@giver.example")
COMMUNITY = ("--as", "community-representative@community.example")


def test_a_consultation_from_its_assembly_to_its_answer(cast: Cast, programme: Programme) -> None:
    key = programme.identifier
    make.community(programme, by=cast.giver)
    needed.levels(programme, by=cast.giver)
    needed.need(programme, by=cast.giver, title="Drinking water")
    said(
        *("consultation", "record", key, "--title", "ro=Adunare", "--title", "en=Assembly"),
        *("--on", "2024-05-27", "--format", "assembly", "--community", "Hill", "--language", "rom"),
        *(
            "--people",
            "women:30-54=12",
            "--people",
            "men:18-29=8",
            "--facilitated-by",
            "the mediator",
            *COMMUNITY,
        ),
    )
    said("consultation", "attend", key, "Adunare", "women:0-13=4", *COMMUNITY)
    said("consultation", "raise", key, "Assembly", "water", *COMMUNITY)
    said(
        "consultation",
        "say",
        key,
        "Assembly",
        "en=The path floods",
        "ro=Se inundă",
        "--need",
        "water",
        *COMMUNITY,
    )
    said("consultation", "answer", key, "Assembly", "1", "done", "en=It is paved", "ro=E pietruit", *GIVER)
    said("consultation", "tell-back", key, "Assembly", "--on", "2024-06-01", *GIVER)
    said("consultation", "edit", key, "Assembly", "--heard", "en=Water, and the path", *GIVER)

    shown = said("consultation", "show", key, "Assembly", *GIVER)
    for line in (
        "assembly; Community of the Hill; in rom",
        "facilitated by the mediator",
        "people: 24 (women 16, men 8)",
        "heard: Water, and the path",
        "need raised: Drinking water",
        "You said: The path floods",
        "  We did: It is paved",
        "Told back on 2024-06-01.",
    ):
        assert line in shown
    assert "Am făcut: E pietruit" in said("consultation", "you-said", key, "--lang", "ro", *COMMUNITY)
    assert "1/1" in said("consultation", "list", key, *COMMUNITY)
    found = told("consultation", "show", key, "Assembly", *GIVER)["consultation"]
    assert found["changed"]["needs"][0]["title"] == [{"lang": None, "text": "Drinking water"}]


def test_what_is_typed_wrongly_is_one_clear_line(cast: Cast, programme: Programme) -> None:
    key = programme.identifier
    make.consultation(programme, by=cast.giver)
    plain = ("consultation", "record", key, "--title", "A", "--format", "assembly", *GIVER)
    begin = (*plain, "--language", "ro")

    for words, code in (
        ((*plain, "--on", "2024-05-01"), "field_missing"),
        ((*begin, "--on", "2031-01-01"), "in_the_future"),
        ((*begin, "--on", "2024-05-01", "--people", "women=12"), "not_a_count"),
        ((*begin, "--on", "2024-05-01", "--people", "women:30-54=-2"), "negative_count"),
        ((*begin, "--on", "2024-05-01", "--people", "ladies:30-54=2"), "unknown_gender"),
        ((*begin, "--on", "2024-05-01", "--language", "Romani"), "unknown_language"),
        ((*begin, "--on", "2024-05-01", "--community", "x"), "unknown_community"),
        (("consultation", "show", key, "nothing", *GIVER), "unknown_consultation"),
        (("consultation", "answer", key, "day centre", "3", "done", "Paved", *GIVER), "unknown_saying"),
        (("consultation", "edit", key, "day centre", *GIVER), "usage"),
        (("consultation", "list", key, "--as", "manager@stranger.example"), "not_found"),
        (("consultation", "raise", key, "day centre", "none", *GIVER), "unknown_need"),
    ):
        assert f"[{code}]" in refused(*words), words


def test_a_programme_without_consultations_says_so(cast: Cast, programme: Programme) -> None:
    assert "No consultation is recorded yet." in said("consultation", "list", programme.identifier, *GIVER)
    assert "Nothing that people said" in said("consultation", "you-said", programme.identifier, *GIVER)
