"""A plan document says how the community votes on a milestone, what happens on dissent, which scores it waits for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handover.access import asking
from handover.actions import instruments
from handover.models import Programme, ScoreGate, TransferMilestone
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said
from tests.handover.test_cli_story import GIVER

pytestmark = pytest.mark.django_db


def document(**milestone: Any) -> dict[str, Any]:
    return {
        "programme": "XX-TEST-HOME",
        "title": "To the town",
        "receiver": "receiver",
        "retention_until": "2029-12-31",
        "responsibilities": [{"responsibility": "Day centre"}],
        "milestones": [
            {
                "key": "assembly",
                "kind": "community_validation",
                "title": "The assembly validates the transfer",
                "due": "2024-08-31",
                "signs": ["community"],
                "evidence_required": False,
                **milestone,
            }
        ],
    }


def entered(tmp_path: Path, **milestone: Any) -> str:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(document(**milestone)), "utf-8")
    return said("transfer", "draft", file, *GIVER)


def wrong(tmp_path: Path, **milestone: Any) -> str:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(document(**milestone)), "utf-8")
    return refused("transfer", "draft", file, *GIVER)


def test_a_quorum_a_word_on_dissent_and_scores_are_entered(
    cast: Cast, programme: Programme, tmp_path: Path
) -> None:
    instruments.adopt(by=cast.giver, programme_uuid=programme.uuid, key="general-sustainability")

    entered(
        tmp_path,
        quorum=30,
        on_dissent="mediation",
        score_gates=[{"instrument": "general-sustainability", "at_least": 62.5}],
    )

    with asking(cast.giver):
        step = TransferMilestone.objects.get(title="The assembly validates the transfer")
        gate = ScoreGate.objects.get(milestone=step)
    assert (step.quorum, step.on_dissent) == (30, "mediation")
    assert (gate.instrument_key, str(gate.at_least)) == ("general-sustainability", "62.50")


@pytest.mark.parametrize(
    ("milestone", "path"),
    [
        ({"quorum": 0, "on_dissent": "pause"}, "$.milestones[0].quorum"),
        ({"quorum": -5, "on_dissent": "pause"}, "$.milestones[0].quorum"),
        ({"quorum": "many", "on_dissent": "pause"}, "$.milestones[0].quorum"),
        ({"quorum": True, "on_dissent": "pause"}, "$.milestones[0].quorum"),
        ({"quorum": 30}, "$.milestones[0].on_dissent"),
        ({"on_dissent": "ignore"}, "$.milestones[0].on_dissent"),
        ({"score_gates": {}}, "$.milestones[0].score_gates"),
        ({"score_gates": ["all"]}, "$.milestones[0].score_gates[0]"),
        ({"score_gates": [{"at_least": 60}]}, "$.milestones[0].score_gates[0].instrument"),
        ({"score_gates": [{"instrument": "x"}]}, "$.milestones[0].score_gates[0].at_least"),
        ({"score_gates": [{"instrument": "x", "at_least": 101}]}, "$.milestones[0].score_gates[0].at_least"),
        (
            {"score_gates": [{"instrument": "x", "at_least": "NaN"}]},
            "$.milestones[0].score_gates[0].at_least",
        ),
        ({"score_gates": [{"instrument": "x", "at_least": 60}]}, "$.milestones[0].score_gates[0].instrument"),
        (
            {"score_gates": [{"instrument": "x", "at_least": 60, "responsibility": "Nothing"}]},
            "$.milestones[0].score_gates[0].responsibility",
        ),
    ],
)
def test_what_is_wrong_with_it_is_named_with_its_path_and_nothing_is_entered(
    cast: Cast, programme: Programme, tmp_path: Path, milestone: dict[str, Any], path: str
) -> None:
    text = wrong(tmp_path, **milestone)

    assert f"\n  {path}: " in text
    with asking(cast.giver):
        assert not TransferMilestone.objects.exists()
