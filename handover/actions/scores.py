"""Scores as rows: whose they are, what an instrument takes, and what the ledger keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.errors import Invalid, NotAllowed
from handover.models import Assessment, Score
from handover.models.base import notice_personal_data
from handover.permissions import Permission
from handover.queries.questionnaires import Questionnaire
from handover.queries.readiness import Round, assessment_for, round_of


@dataclass(frozen=True)
class Answer:
    """The step of one item, or ``None`` where it does not apply; where it is agreed, the remark says why."""

    item: str
    score: int | None
    remark: str = ""


def locked(by: Actor, assessment_uuid: UUID) -> tuple[Assessment, Round]:
    """Fetch an assessment that the actor's side may write, and its round, under the programme's lock.

    Raises:
        NotFound, NotAllowed: the actor may not score.
    """
    access.lock_programme(assessment_for(by, assessment_uuid).programme)
    assessment = assessment_for(by, assessment_uuid, may=Permission.ASSESS_READINESS)
    return assessment, round_of(assessment)


def refuse_both(by: Actor, voice: str, within: Round) -> None:
    """Nobody scores for two sides: a person who sits in two organisations scores for one of them.

    Raises:
        NotAllowed: the person has begun the scores of another organisation in this round.
    """
    for item in within.voices:
        if item.user_uuid == by.user.uuid and item.organisation_id != by.organisation.pk:
            raise NotAllowed(
                "both_sides", f"You have scored this round for the {item.voice}: nobody scores for two sides."
            )


def refuse_wrong(questionnaire: Questionnaire, answers: Sequence[Answer]) -> None:
    """Refuse answers that the instrument does not take, and name them all.

    Raises:
        Invalid: the first that is wrong; ``details`` has all.
    """
    known = {item.key for item in questionnaire.items}
    seen: set[str] = set()
    wrong: list[tuple[str, str, str]] = []
    for answer in answers:
        step = answer.score
        if answer.item not in known:
            sentence = f"Instrument “{questionnaire.key}” has no item “{answer.item}”."
            wrong.append(("unknown_item", answer.item, sentence))
        elif answer.item in seen:
            wrong.append(("repeated_item", answer.item, f"Item “{answer.item}” is answered twice."))
        elif step is not None and (
            type(step) is not int or not questionnaire.lowest <= step <= questionnaire.highest
        ):
            sentence = (
                f"Item “{answer.item}”: {step} is off the scale from {questionnaire.lowest} to"
                f" {questionnaire.highest}."
            )
            wrong.append(("off_scale", answer.item, sentence))
        seen.add(answer.item)
    if not wrong:
        return
    code, item, sentence = wrong[0]
    others = [{"path": path, "sentence": text} for _, path, text in wrong] if len(wrong) > 1 else []
    raise Invalid(code, sentence, field=item, errors=others)


def write(assessment: Assessment, answers: Sequence[Answer]) -> None:
    """Write answers that have been checked; what was answered before is overwritten."""
    rows = [
        Score(
            programme_id=assessment.programme_id,
            assessment=assessment,
            item=answer.item,
            score=answer.score,
            remark=answer.remark.strip(),
        )
        for answer in answers
    ]
    for row in rows:
        notice_personal_data(row)
    Score.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["assessment", "item"], update_fields=["score", "remark"]
    )


def recorded(by: Actor, assessment: Assessment, verb: str, **data: Any) -> None:
    """Write the ledger's entry of an assessment: whose, of what, when; and no score of one side."""
    ledger.record(
        verb=verb,
        by=by,
        programme=assessment.programme,
        subject=assessment.uuid,
        data={
            "voice": str(assessment.voice),
            "wave": str(assessment.wave),
            "instrument_uuid": assessment.instrument.uuid,
            "responsibility": assessment.responsibility.uuid if assessment.responsibility else None,
            "transfer": assessment.transfer.uuid if assessment.transfer else None,
            **data,
        },
    )
