"""Consultations in a programme document: loaded whole, or refused with the row and the field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from handover.access import asking
from handover.errors import Invalid
from handover.models import Programme
from interventions.exchange.consultations_document import load
from interventions.models import Consultation, Saying
from tests.factories import interventions as needed
from tests.factories import voices as make
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

ROW: dict[str, Any] = {
    "key": "assembly",
    "title": {"en": "Assembly", "ro": "Adunare"},
    "held_on": "2024-05-20",
    "format": "assembly",
    "languages": ["ro"],
    "community": "hill",
    "facilitator": "giver",
    "attendance": [{"gender": "women", "age_band": "30-54", "people": 20}],
    "needs": ["water"],
    "sayings": [
        {
            "key": "path",
            "said": "The path floods",
            "need": "water",
            "outcome": "done",
            "done": "Paved",
            "answered_on": "2024-05-30",
        },
        {"said": "Nobody asked us before"},
    ],
    "told_back_on": "2024-06-01",
}


@pytest.fixture
def names(cast: Cast, programme: Programme) -> dict[str, UUID]:
    """Give the keys that came before."""
    needed.levels(programme, by=cast.giver)
    return {
        "community:hill": make.community(programme, by=cast.giver).uuid,
        "need:water": needed.need(programme, by=cast.giver).uuid,
    }


def test_a_consultation_comes_with_all_that_was_said(
    cast: Cast, programme: Programme, names: dict[str, UUID]
) -> None:
    found = load(programme, [ROW], by=cast.giver_officer, names=names)

    with asking(cast.giver):
        row = Consultation.objects.get(uuid=found["consultation:assembly"])
        assert row.community is not None
        assert row.community.uuid == names["community:hill"]
        assert str(row.told_back_on) == "2024-06-01"
        assert [need.uuid for need in row.needs_raised.all()] == [names["need:water"]]
        assert Saying.objects.get(uuid=found["saying:path"]).outcome == "done"
        assert row.sayings.count() == 2
    assert found.keys() == {"consultation:assembly", "saying:path"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"held_on": "soon"}, "not_a_date", "consultations[assembly].held_on"),
        ({"held_on": None}, "field_missing", "consultations[assembly].held_on"),
        ({"community": "river"}, "unknown_community", "consultations[assembly].community"),
        ({"facilitator": "nobody"}, "unknown_organisation", "consultations[assembly].facilitator"),
        ({"needs": ["food"]}, "unknown_need", "consultations[assembly].needs"),
        ({"colour": "red"}, "unknown_field", "consultations[assembly].colour"),
        ({"attendance": {"women": 3}}, "not_a_list", "consultations[assembly].attendance"),
        (
            {"attendance": [{"gender": "women", "age_band": "30-54", "people": -1}]},
            "negative_count",
            "consultations[assembly].attendance",
        ),
        ({"sayings": [{"said": ""}]}, "words_missing", "consultations[assembly].sayings[0].said"),
        ({"told_back_on": "2024-05-01"}, "dates_reversed", "consultations[assembly].told_back_on"),
    ],
)
def test_what_is_wrong_names_its_row_and_nothing_is_loaded(
    cast: Cast, programme: Programme, names: dict[str, UUID], change: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        load(programme, [{**ROW, **change}], by=cast.giver_officer, names=names)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)
    with asking(cast.giver):
        assert not Consultation.objects.exists()
