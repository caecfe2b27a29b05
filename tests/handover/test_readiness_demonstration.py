"""The demonstration's readiness: loaded through the actions, each voice in its own name, every wrong name told."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from handover.access import asking
from handover.errors import Invalid
from handover.exchange.demonstration import readiness as loading
from handover.exchange.demonstration.found import Demonstration, read
from handover.models import Assessment, Programme, ScoreGate
from handover.models.readiness import Voice
from handover.queries import instruments
from handover.queries.readiness import sheet
from handover.queries.readiness_gaps import apart
from handover.queries.scoring import total
from tests.factories import transfers as plans
from tests.factories.cast import Cast

KEY = "local-authority-capacity"
STEPS = {domain.key: [2] * len(domain.items) for domain in instruments.shipped_one(KEY).domains}

DOCUMENT: dict[str, Any] = {
    "instruments": ["general-sustainability", KEY],
    "gates": [
        {
            "key": "validated",
            "milestone": "validation",
            "instrument": "general-sustainability",
            "domain": "community",
            "at_least": "60",
        }
    ],
    "rounds": [
        {
            "key": "first",
            "instrument": KEY,
            "transfer": "home",
            "responsibility": "day-centre",
            "wave": "before",
            "scores": [
                {"by": "giver", "on": "2024-05-20", "steps": STEPS},
                {"by": "community", "on": "2024-05-21", "steps": {**STEPS, "reach": [2, 2, 0, None]}},
            ],
            "agreed": {
                "by": "giver",
                "closed_by": "community",
                "on": "2024-05-27",
                "steps": {"reach-bridge": [1, "Nobody is paid yet."], "reach-answer": [2, "It does apply."]},
            },
        }
    ],
}


@pytest.fixture
def demo(cast: Cast, programme: Programme, monkeypatch: pytest.MonkeyPatch) -> Demonstration:
    found = Demonstration({}, {"giver": cast.giver, "community": cast.community})
    found.programme = programme
    monkeypatch.setattr(Demonstration, "giver", cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    found.transfers["home"] = transfer.uuid
    found.milestones["validation"] = plans.milestones_of(transfer, by=cast.giver)[0].uuid
    return found


def load(demo: Demonstration, document: Mapping[str, Any]) -> Mapping[str, object]:
    duty = plans.responsibilities_of(demo.programme, by=demo.people["giver"])[0]
    made = dict(loading.load_plans(demo, document))
    return {**made, **loading.load(demo, document, names={"responsibility:day-centre": duty.uuid})}


@pytest.mark.django_db
def test_a_round_is_loaded_in_each_voices_name(demo: Demonstration, cast: Cast) -> None:
    made = load(demo, DOCUMENT)
    assert list(made) == [
        "instrument:general-sustainability",
        f"instrument:{KEY}",
        "assessment:first/giver",
        "assessment:first/community",
        "assessment:first",
    ]
    with asking(cast.auditor):
        rows = Assessment.objects.order_by("id")
        assert [(row.voice, row.scored_on) for row in rows] == [
            (Voice.GIVER, dt.date(2024, 5, 20)),
            (Voice.COMMUNITY, dt.date(2024, 5, 21)),
            (Voice.AGREED, dt.date(2024, 5, 27)),
        ]
        found = sheet(cast.auditor, rows[2].uuid)
        assert (found.steps["reach-bridge"], found.steps["task-rules"]) == (1, 2)
        assert total(found.questionnaire, found.steps) is not None
        assert ScoreGate.objects.get().milestone.uuid == demo.milestones["validation"]


WRONG = {
    "person": (("rounds", 0, "scores", 0, "by"), "nobody", "unknown_person"),
    "transfer": (("rounds", 0, "transfer"), "away", "unknown_transfer"),
    "responsibility": (("rounds", 0, "responsibility"), "roof", "unknown_responsibility"),
    "milestone": (("gates", 0, "milestone"), "never", "unknown_milestone"),
    "domain": (("rounds", 0, "scores", 0, "steps"), {"roof": [1]}, "unknown_domain"),
    "steps": (("rounds", 0, "scores", 0, "steps"), {"task": [1]}, "steps_differ"),
    "day": (("rounds", 0, "scores", 0, "on"), "in May", "no_date"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "value", "code"), WRONG.values(), ids=WRONG)
def test_a_wrong_name_is_told(
    path: tuple[str | int, ...], value: object, code: str, demo: Demonstration
) -> None:
    document = copy.deepcopy(DOCUMENT)
    inner: Any = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(Invalid) as refused:
        load(demo, document)
    assert refused.value.code == code


@pytest.mark.parametrize("row", read("readiness")["rounds"], ids=lambda row: str(row["key"]))
def test_the_demonstration_says_why_wherever_its_voices_are_apart(row: Mapping[str, Any]) -> None:
    found = instruments.shipped_one(row["instrument"])
    said = row["agreed"]["steps"]
    for domain in found.domains:
        for at, item in enumerate(domain.items):
            steps = [voice["steps"][domain.key][at] for voice in row["scores"]]
            if len(set(steps)) > 1:
                assert item.key in said
            if apart(steps):
                assert said[item.key][1]


def test_the_demonstration_names_what_is_there() -> None:
    document, people = read("readiness"), {row["key"] for row in read("people")}
    transfers = {row["key"]: [step["key"] for step in row["milestones"]] for row in read("transfers")}
    duties = {row["key"] for row in read("responsibilities")}
    for row in document["rounds"]:
        assert row["transfer"] in transfers
        assert row.get("responsibility", "ro-day-centre") in duties
        assert {voice["by"] for voice in row["scores"]} <= people
    steps = {key for keys in transfers.values() for key in keys}
    assert {gate["milestone"] for gate in document["gates"]} <= steps
