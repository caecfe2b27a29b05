"""Readiness: a small instrument, and rounds brought to any point by the actions that bring them there in life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handover.access import Actor, asking
from handover.actions import instruments, readiness
from handover.actions.readiness import Answer
from handover.models import Assessment, Programme

STEPS = {"line": 3, "cost": 2, "posts": 4, "skills": 1}
"""An answer for every item of the small instrument."""


def small(**changes: Any) -> dict[str, Any]:
    """Give a small instrument's document: two domains of two items on a scale from 0 to 4."""
    return {
        "key": "small",
        "edition": "1",
        "title": {"en": "A small one", "ro": "Unul mic"},
        "source": "Written for tests",
        "licence": "CC-BY-4.0",
        "scale": {
            "from": 0,
            "to": 4,
            "labels": [{"step": step, "label": {"en": f"step {step}"}} for step in range(5)],
        },
        "thresholds": {"ready": "75", "nearly": "50"},
        "domains": [
            {
                "key": "money",
                "title": {"en": "Money", "ro": "Bani"},
                "weight": "2",
                "items": [
                    {"key": "line", "text": {"en": "There is a budget line."}, "weight": "1"},
                    {"key": "cost", "text": {"en": "The cost is known."}, "weight": "1"},
                ],
                "suggests": {
                    "kind": "budget_line_adopted",
                    "title": {"en": "Budget adopted", "ro": "Buget adoptat"},
                    "signs": ["receiver"],
                    "days": 30,
                },
            },
            {
                "key": "staff",
                "title": {"en": "Staff"},
                "items": [
                    {"key": "posts", "text": {"en": "The posts exist."}, "weight": "3"},
                    {"key": "skills", "text": {"en": "People are trained."}},
                ],
                "suggests": {"kind": "training_completed", "title": {"en": "People trained"}},
            },
        ],
        **changes,
    }


def adopted(programme: Programme, *, by: Actor, document: Mapping[str, Any] | None = None) -> None:
    """Adopt the small instrument, or another."""
    instruments.adopt(by=by, programme_uuid=programme.uuid, document=document or small())


def begun(programme: Programme, *, by: Actor, **what: Any) -> Assessment:
    """Begin to score by the small instrument, unless another is named."""
    said = {"instrument_key": "small", **what}
    return readiness.begin(by=by, programme_uuid=programme.uuid, **said)


def answers(steps: Mapping[str, int | None], reasons: Mapping[str, str] | None = None) -> list[Answer]:
    """Make answers of steps; ``reasons`` are their remarks."""
    return [Answer(item, step, (reasons or {}).get(item, "")) for item, step in steps.items()]


def scored(assessment: Assessment, steps: Mapping[str, int | None] = STEPS, *, by: Actor) -> Assessment:
    """Answer and close."""
    given = readiness.score(by=by, assessment_uuid=assessment.uuid, answers=answers(steps))
    return readiness.close(by=by, assessment_uuid=assessment.uuid, version=given.version)


def now(assessment: Assessment, *, by: Actor) -> Assessment:
    """Read an assessment anew."""
    with asking(by):
        return Assessment.objects.get(uuid=assessment.uuid)


def agreed(
    programme: Programme,
    voices: Sequence[tuple[Actor, Mapping[str, int | None]]],
    steps: Mapping[str, int | None],
    **what: Any,
) -> Assessment:
    """Bring a round to its end: every voice scores, the first writes down what is agreed, the last closes it."""
    made = [scored(begun(programme, by=actor, **what), own, by=actor) for actor, own in voices]
    written = readiness.reconcile(
        by=voices[0][0],
        assessment_uuid=made[0].uuid,
        answers=answers(steps, dict.fromkeys(steps, "We read the papers together.")),
    )
    return closed(written.uuid, by=voices[-1][0])


def closed(assessment: UUID, *, by: Actor) -> Assessment:
    """Close scores as they are now."""
    with asking(by):
        version = Assessment.objects.get(uuid=assessment).version
    return readiness.close(by=by, assessment_uuid=assessment, version=version)
