"""The pages of interventions and of consultations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handover.access import Actor, asking
from handover.models import Programme
from interventions.actions import sayings
from interventions.models import AgeBand, Attendance, Consultation, Gender, Intervention, Saying
from interventions.queries.consultation_pages import came
from tests.factories.cast import Cast
from tests.factories.interventions import intervention, levels, need
from tests.factories.voices import consultation


@pytest.fixture(autouse=True)
def reading(cast: Cast) -> Iterator[None]:
    """Let the test itself read as the giver; each request says for itself who asks."""
    with asking(cast.giver):
        yield


def client(actor: Actor) -> Client:
    made = Client()
    made.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def shown(actor: Actor, name: str, *args: Any, **query: Any) -> str:
    answer = client(actor).get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def sent(actor: Actor, name: str, *args: Any, **given: Any) -> str:
    answer: Any = client(actor).post(reverse(name, args=args), given, follow=True)
    return str(answer.content.decode())


def test_interventions_are_listed_with_status_and_narrowed(cast: Cast, programme: Programme) -> None:
    assert "No interventions are entered yet" in shown(cast.auditor, "interventions", programme.uuid)
    intervention(
        programme, by=cast.giver, title="Old", starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 2, 1)
    )
    intervention(programme, by=cast.giver, title="To come")
    text = shown(cast.auditor, "interventions", programme.uuid)
    assert "answers no need" in text
    assert "Add an intervention" not in text
    ended = shown(cast.auditor, "interventions", programme.uuid, now="ended")
    assert "Old" in ended
    assert "To come" not in ended
    assert "No intervention is like that" in shown(
        cast.auditor, "interventions", programme.uuid, field="housing"
    )


def test_an_intervention_is_added_linked_changed_and_ended(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    answered = need(programme, by=cast.giver, title="Water")
    given = {
        "title_en": "Wells",
        "field": "housing",
        "audience": "all",
        "starts_on": "2024-01-01",
        "effort": "1,5",
    }
    text = sent(cast.giver, "intervention-add", programme.uuid, **given)
    row = Intervention.objects.get(programme=programme)
    assert "The intervention is added." in text
    assert str(row.effort) == "1.50"
    linked = sent(
        cast.giver, "intervention-answers", programme.uuid, row.uuid, other=answered.uuid, reason="Asked for"
    )
    assert "The intervention answers the need." in linked
    change = {**given, "version": row.version, "title_en": "Wells and pipes"}
    assert "Say why." in sent(cast.giver, "intervention-edit", programme.uuid, row.uuid, **change)
    sent(cast.giver, "intervention-edit", programme.uuid, row.uuid, **change, reason="Pipes too")
    row.refresh_from_db()
    assert str(row) == "Wells and pipes"
    sent(
        cast.giver,
        "intervention-end",
        programme.uuid,
        row.uuid,
        version=row.version,
        ends_on="2024-01-31",
        reason="Done",
    )
    row.refresh_from_db()
    assert row.ends_on == dt.date(2024, 1, 31)
    told = shown(cast.auditor, "intervention", programme.uuid, row.uuid)
    assert "Pipes too" in told
    assert "ended" in told
    sent(cast.giver, "intervention-not-answers", programme.uuid, row.uuid, other=answered.uuid, reason="Dry")
    assert not row.answers.exists()


def test_anti_discrimination_asks_for_its_strand_at_its_field(cast: Cast, programme: Programme) -> None:
    given = {"title_en": "Against hate", "field": "anti_discrimination", "audience": "all"}
    text = sent(cast.giver, "intervention-add", programme.uuid, **given)
    assert 'href="#id_strand"' in text
    assert not Intervention.objects.filter(programme=programme).exists()


def test_who_may_only_read_is_led_back_to_reading(cast: Cast, programme: Programme) -> None:
    row = intervention(programme, by=cast.giver)
    text = sent(
        cast.auditor,
        "intervention-end",
        programme.uuid,
        row.uuid,
        version=1,
        ends_on="2024-01-01",
        reason="x",
    )
    assert "you may read it" in text
    row.refresh_from_db()
    assert row.ends_on is None
    assert (
        client(cast.stranger).get(reverse("intervention", args=[programme.uuid, row.uuid])).status_code == 404
    )


def test_a_consultation_is_recorded_counted_answered_and_told_back(cast: Cast, programme: Programme) -> None:
    assert "No consultation is recorded yet" in shown(cast.auditor, "consultations", programme.uuid)
    given = {"title_en": "Assembly", "held_on": "2024-01-10", "format": "assembly", "languages": "ro, rom"}
    sent(cast.community, "consultation-add", programme.uuid, **given)
    row = Consultation.objects.get(programme=programme)
    assert row.languages == ["ro", "rom"]
    sent(cast.community, "consultation-attend", programme.uuid, row.uuid, women_adults="20", men_adults="11")
    assert "31 people" in shown(cast.auditor, "consultation", programme.uuid, row.uuid)
    sent(cast.community, "saying-add", programme.uuid, row.uuid, said_en="The tap <freezes>")
    said = Saying.objects.get(programme=programme)
    assert "The tap &lt;freezes&gt;" in shown(cast.auditor, "consultations", programme.uuid)
    answer = {"version": said.version, "outcome": "done", "done_en": "Four taps that do not freeze"}
    sent(cast.giver, "saying-answer", programme.uuid, said.uuid, **answer)
    row.refresh_from_db()
    sent(
        cast.giver,
        "consultation-tell",
        programme.uuid,
        row.uuid,
        version=row.version,
        told_back_on="2024-02-01",
    )
    text = shown(cast.auditor, "consultations", programme.uuid)
    assert "Four taps that do not freeze" in text
    assert "People were told on 1 February 2024" in text
    assert "Answer" not in text.replace("Answer again", "")


def test_a_day_to_come_is_refused_at_its_field(cast: Cast, programme: Programme) -> None:
    given = {"title_en": "Assembly", "held_on": "2199-01-10", "format": "assembly", "languages": "ro"}
    text = sent(cast.giver, "consultation-add", programme.uuid, **given)
    assert 'href="#id_held_on"' in text
    assert not Consultation.objects.filter(programme=programme).exists()


def test_needs_are_said_to_be_raised_at_a_consultation(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    row, raised = consultation(programme, by=cast.giver), need(programme, by=cast.giver, title="Water")
    sent(cast.giver, "consultation-raise", programme.uuid, row.uuid, needs=[str(raised.uuid)])
    assert "Water" in shown(cast.auditor, "consultation", programme.uuid, row.uuid)
    assert str(row) in shown(cast.auditor, "need", programme.uuid, raised.uuid)


def test_what_people_said_stands_at_the_need_that_it_is_about(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    about, held = need(programme, by=cast.giver), consultation(programme, by=cast.giver)
    sayings.say(by=cast.giver, consultation_uuid=held.uuid, said="It freezes", need=about.uuid)
    assert "It freezes" in shown(cast.auditor, "need", programme.uuid, about.uuid)


@pytest.mark.parametrize(
    ("groups", "total", "few", "genders", "ages"),
    [
        ([("women", "18-29", 6), ("men", "18-29", 7)], 13, False, 2, 1),
        ([("women", "18-29", 6), ("men", "18-29", 2)], 8, False, 0, 1),
        ([("women", "18-29", 6), ("women", "55+", 4)], 10, False, 1, 0),
        ([("women", "18-29", 3), ("men", "55+", 1)], 0, True, 0, 0),
        ([], 0, False, 0, 0),
    ],
)
def test_a_group_of_few_people_is_never_told_nor_what_would_tell_it(
    groups: list[tuple[str, str, int]], total: int, few: bool, genders: int, ages: int
) -> None:
    rows = [Attendance(gender=gender, age_band=age, people=people) for gender, age, people in groups]
    told = came(rows)
    assert (told.total, told.few, len(told.genders), len(told.ages)) == (total, few, genders, ages)
    assert {gender for gender, _, _ in groups} <= set(Gender.values)
    assert {age for _, age, _ in groups} <= set(AgeBand.values)
