"""Consultations: counts of people, words and answers, needs that were raised, and that all of it is told back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from uuid import uuid4

import pytest

from handover import clock, notices
from handover.access import Actor, asking
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import LedgerEntry, Programme
from interventions.actions import consultations, sayings
from interventions.actions.consultations import Attended
from interventions.models import Attendance, Consultation, Need, Outcome, RaisedBy, Saying
from interventions.models.needs import NeedState
from interventions.queries import consultations as heard
from tests.factories import interventions as needed
from tests.factories import programmes
from tests.factories import voices as make
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast: Cast, programme: Programme) -> Consultation:
    """Give a consultation of a week ago, recorded by the community, twelve people."""
    return make.consultation(programme, by=cast.community)


def entries(verb: str, *, by: Actor) -> list[dict[str, Any]]:
    with asking(by):
        rows = LedgerEntry.objects.filter(body__contains=f'"verb":"{verb}"').order_by("id")
        return [json.loads(row.body)["data"] for row in rows]


def code_of(act: Any, **said: Any) -> str:
    with pytest.raises(Invalid) as refusal:
        act(**said)
    return refusal.value.code


# --- recorded ---


def test_the_community_itself_records_a_consultation(
    held: Consultation, programme: Programme, cast: Cast
) -> None:
    with asking(cast.giver):
        (row,) = heard.listing(programme)
        assert row.uuid == held.uuid
        assert heard.people(row) == 12
    (entry,) = entries("consultation.recorded", by=cast.giver)
    assert entry["languages"] == ["ro", "rom"]
    assert {"gender": "women", "age_band": "30-54", "people": 7} in entry["attendance"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": ""}, "field_missing"),
        ({"title": {"ro": " "}}, "not_a_text"),
        ({"held_on": dt.date(2031, 1, 1)}, "in_the_future"),
        ({"format": "seance"}, "unknown_format"),
        ({"languages": []}, "field_missing"),
        ({"languages": "ro"}, "unknown_language"),
        ({"languages": ["romanian"]}, "unknown_language"),
        ({"place": uuid4()}, "unknown_place"),
        ({"community": uuid4()}, "unknown_community"),
        ({"facilitator": uuid4()}, "unknown_organisation"),
        ({"participants": ["somebody"]}, "unknown_field"),
        ({"attendance": [Attended("women", "30-54", -1)]}, "negative_count"),
        ({"attendance": [Attended("women", "30-54", 2**31)]}, "invalid"),
        ({"attendance": [Attended("women", "30-54", True)]}, "not_a_whole_number"),
        ({"attendance": [Attended("ladies", "30-54", 1)]}, "unknown_gender"),
        ({"attendance": [Attended("women", "31", 1)]}, "unknown_age_band"),
        ({"attendance": [Attended("women", "30-54", 1), Attended("women", "30-54", 2)]}, "repeated_group"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    cast: Cast, programme: Programme, said: dict[str, Any], code: str
) -> None:
    assert code_of(make.consultation, programme=programme, by=cast.community, **said) == code
    with asking(cast.community):
        assert not Consultation.objects.exists()
        assert not Attendance.objects.exists()


def test_a_community_of_another_programme_is_refused(cast: Cast, programme: Programme) -> None:
    elsewhere = make.community(programmes.programme(cast.giver), by=cast.giver)

    code = code_of(make.consultation, programme=programme, by=cast.giver, community=elsewhere.uuid)

    assert code == "unknown_community"


def test_counts_that_are_corrected_stay_in_the_ledger_as_they_were(held: Consultation, cast: Cast) -> None:
    rows = consultations.attend(
        by=cast.giver,
        consultation_uuid=held.uuid,
        attendance=[Attended("women", "30-54", 9), Attended("unknown", "55+", 0)],
    )

    assert {(row.gender, row.people) for row in rows} == {("women", 9), ("men", 5), ("unknown", 0)}
    (entry,) = entries("consultation.attended", by=cast.giver)
    assert {"gender": "women", "age_band": "30-54", "people": 7} in entry["before"]


def test_a_correction_keeps_what_was_said_before(held: Consultation, cast: Cast) -> None:
    row = consultations.edit(
        by=cast.giver, consultation_uuid=held.uuid, version=held.version, heard="The path floods"
    )

    assert row.heard == [{"lang": None, "text": "The path floods"}]
    (entry,) = entries("consultation.edited", by=cast.giver)
    assert entry["before"] == {"heard": []}
    with pytest.raises(Stale):
        consultations.edit(by=cast.giver, consultation_uuid=held.uuid, version=held.version, heard="Else")


def test_a_text_that_looks_like_a_person_is_noticed(held: Consultation, cast: Cast) -> None:
    with notices.collected() as said:
        sayings.say(by=cast.giver, consultation_uuid=held.uuid, said="Call us at 0744 123 456")

    assert [notice.code for notice in said] == [notices.LOOKS_PERSONAL]


def test_only_the_steward_and_the_community_record(
    held: Consultation, programme: Programme, cast: Cast
) -> None:
    for by in (cast.donor, cast.auditor, cast.giver_reporter):
        with pytest.raises(NotAllowed):
            make.consultation(programme, by=by)
    with pytest.raises(NotFound):
        make.consultation(programme, by=cast.stranger)
    with pytest.raises(NotFound):
        sayings.say(by=cast.stranger, consultation_uuid=held.uuid, said="Let me in")


# --- needs that were raised ---


@pytest.fixture
def water(cast: Cast, programme: Programme) -> Need:
    """Give a need that professionals had named."""
    needed.levels(programme, by=cast.giver)
    return needed.need(programme, by=cast.giver, raised_by=RaisedBy.PROFESSIONALS)


def test_a_need_remembers_where_and_when_it_was_raised(held: Consultation, water: Need, cast: Cast) -> None:
    (need,) = consultations.raise_needs(by=cast.community, consultation_uuid=held.uuid, needs=[water.uuid])

    assert (need.raised_in, need.raised_on, need.raised_by) == (held, held.held_on, RaisedBy.BOTH)
    assert need.version == water.version + 1
    again = consultations.raise_needs(by=cast.community, consultation_uuid=held.uuid, needs=[water.uuid] * 2)
    assert [item.version for item in again] == [need.version]


def test_a_need_is_raised_once_first(
    held: Consultation, water: Need, programme: Programme, cast: Cast
) -> None:
    consultations.raise_needs(by=cast.community, consultation_uuid=held.uuid, needs=[water.uuid])
    later = make.consultation(programme, by=cast.giver, title="Again")

    code = code_of(consultations.raise_needs, by=cast.giver, consultation_uuid=later.uuid, needs=[water.uuid])

    assert code == "raised_already"


def test_needs_of_another_programme_and_closed_ones_are_not_raised(
    held: Consultation, water: Need, cast: Cast
) -> None:
    elsewhere = programmes.programme(cast.giver)
    needed.levels(elsewhere, by=cast.giver)
    foreign = needed.need(elsewhere, by=cast.giver)

    raised = {"by": cast.giver, "consultation_uuid": held.uuid}
    assert code_of(consultations.raise_needs, needs=[water.uuid, foreign.uuid], **raised) == "unknown_need"
    with asking(cast.giver):
        assert Need.objects.get(uuid=water.uuid).raised_in is None
    assert (
        code_of(sayings.say, by=cast.giver, consultation_uuid=held.uuid, said="Water", need=foreign.uuid)
        == "unknown_need"
    )
    assert str(NeedState.MERGED) in consultations.CLOSED


# --- you said, we did ---


def test_every_word_gets_its_answer_and_each_answer_is_remembered(held: Consultation, cast: Cast) -> None:
    row = sayings.say(
        by=cast.community,
        consultation_uuid=held.uuid,
        said={"en": "The path floods", "ro": "Se inundă drumul"},
    )
    assert row.outcome == Outcome.OPEN

    under_way = sayings.answer(
        by=cast.giver,
        saying_uuid=row.uuid,
        version=row.version,
        outcome="under_way",
        done="Gravel is ordered",
    )
    done = sayings.answer(
        by=cast.giver,
        saying_uuid=row.uuid,
        version=under_way.version,
        outcome=Outcome.DONE,
        done={"en": "The path is paved", "ro": "Drumul este pietruit"},
    )

    with asking(cast.community):
        now = Consultation.objects.get(pk=held.pk)
        assert list(heard.you_said_here(now, "ro")) == [
            "Ați spus: Se inundă drumul",
            "  Am făcut: Drumul este pietruit",
            "Comunitatea nu a primit încă răspunsul.",
        ]
    first, second = entries("saying.answered", by=cast.giver)
    assert first["after"]["done"] == second["before"]["done"] == [{"lang": None, "text": "Gravel is ordered"}]
    assert done.version == 3
    with pytest.raises(Stale):
        sayings.answer(by=cast.giver, saying_uuid=row.uuid, version=2, outcome="done", done="Late")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"outcome": ""}, "unknown_outcome"),
        ({"outcome": "ignored"}, "unknown_outcome"),
        ({"done": ""}, "answer_missing"),
        ({"answered_on": dt.date(2024, 5, 1)}, "dates_reversed"),
        ({"answered_on": dt.date(2031, 5, 1)}, "in_the_future"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(
    held: Consultation, cast: Cast, said: dict[str, Any], code: str
) -> None:
    row = sayings.say(by=cast.community, consultation_uuid=held.uuid, said="The path floods")
    entry = {"outcome": "done", "done": "Paved", **said}

    assert code_of(sayings.answer, by=cast.giver, saying_uuid=row.uuid, version=row.version, **entry) == code
    with asking(cast.giver):
        assert Saying.objects.get(pk=row.pk).outcome == Outcome.OPEN


def test_words_without_words_are_refused(held: Consultation, cast: Cast) -> None:
    assert code_of(sayings.say, by=cast.giver, consultation_uuid=held.uuid, said="") == "words_missing"
    assert (
        code_of(sayings.say, by=cast.giver, consultation_uuid=held.uuid, said="x", intervention=uuid4())
        == "unknown_intervention"
    )


def test_a_community_is_told_back_after_it_was_asked_and_not_before(held: Consultation, cast: Cast) -> None:
    told: dict[str, Any] = {"by": cast.giver, "consultation_uuid": held.uuid, "version": held.version}
    early, late = held.held_on - dt.timedelta(days=1), clock.today() + dt.timedelta(days=1)

    assert code_of(consultations.tell_back, told_back_on=early, **told) == "dates_reversed"
    assert code_of(consultations.tell_back, told_back_on=late, **told) == "in_the_future"
    assert consultations.tell_back(told_back_on=clock.today(), **told).told_back_on == clock.today()
    (entry,) = entries("consultation.told_back", by=cast.giver)
    assert (entry["answered"], entry["unanswered"]) == (0, 0)


def test_words_that_nobody_answered_are_named_after_a_while(
    held: Consultation, programme: Programme, cast: Cast
) -> None:
    row = sayings.say(by=cast.community, consultation_uuid=held.uuid, said="The path floods")
    with asking(cast.giver):
        assert list(heard.health(programme)) == []

    with clock.at(clock.now() + dt.timedelta(days=heard.TOLD_WITHIN)), asking(cast.giver):
        found = list(heard.health(programme))

    assert [(item.code, item.subject) for item in found] == [
        ("saying_unanswered", str(row.uuid)),
        ("not_told_back", str(held.uuid)),
    ]
    assert "Assembly on the day centre (2024-05-27) → “The path floods”" in found[0].sentence


def test_every_language_says_the_same_things() -> None:
    for words in heard.WORDS.values():
        assert words.keys() == heard.WORDS["en"].keys()
        assert all(words[name].count("{") == text.count("{") for name, text in heard.WORDS["en"].items())


def test_no_line_is_wider_than_a_terminal(held: Consultation, programme: Programme, cast: Cast) -> None:
    row = sayings.say(by=cast.giver, consultation_uuid=held.uuid, said="The path floods. " * 20)
    sayings.answer(
        by=cast.giver, saying_uuid=row.uuid, version=row.version, outcome="done", done="Paved. " * 40
    )

    with asking(cast.giver):
        lines = [*heard.lines(programme), *heard.you_said(programme)]

    assert lines
    assert max(map(len, lines)) <= 100
