"""Readiness: each side scores for itself, closes, and then they agree.

The ledger keeps who scored, when, and a digest of what; never the scores of one side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover import clock
from handover.access import Actor
from handover.actions import action
from handover.actions.assessments import begin
from handover.actions.scores import Answer, locked, recorded, refuse_both, refuse_wrong, write
from handover.errors import Invalid, NotAllowed, Refused
from handover.models import Assessment
from handover.models.base import notice_personal_data
from handover.models.readiness import AssessmentState, Voice
from handover.queries import instruments
from handover.queries.questionnaires import Questionnaire
from handover.queries.readiness import Round, Sheet, sheet_of
from handover.queries.readiness_digests import CLOSED, scores_digest
from handover.queries.readiness_gaps import apart
from handover.queries.scoring import domain_scores, total

__all__ = ["Answer", "begin", "close", "reconcile", "score"]

NAMED: Final = 10
"""Items that one sentence names; the others it counts."""


@action
def score(*, by: Actor, assessment_uuid: UUID, answers: Sequence[Answer]) -> Assessment:
    """Answer items of one's own open scores, many at once; an item that was answered before is answered anew.

    Raises:
        NotFound, NotAllowed: the scores are not the actor's to give.
        Refused: they are closed.
        Invalid: an unknown item, one that is answered twice, or a step off the scale; all are named, and nothing
            is written.
    """
    assessment, within = _mine(by, assessment_uuid)
    if assessment.voice == Voice.AGREED:
        raise Refused("agreed_scores", "Agreed scores are changed by agreeing anew.")
    refuse_both(by, assessment.voice, within)
    refuse_wrong(instruments.of(assessment.instrument), answers)
    write(assessment, answers)
    assessment.change(version=assessment.version)
    recorded(by, assessment, "assessment.scored", items=len(answers))
    return assessment


def _mine(by: Actor, assessment_uuid: UUID) -> tuple[Assessment, Round]:
    """Fetch open scores that the actor's organisation gives, under the programme's lock."""
    assessment, within = locked(by, assessment_uuid)
    if assessment.organisation_id != by.organisation.pk and assessment.voice != Voice.AGREED:
        raise NotAllowed("not_yours", f"These are the scores of {assessment.organisation.name}.")
    if assessment.state != AssessmentState.OPEN:
        raise Refused("assessment_closed", "These scores are closed: they are not changed any more.")
    return assessment, within


@action
def close(*, by: Actor, assessment_uuid: UUID, version: int) -> Assessment:
    """Close scores: one's own, or the agreed ones that another side wrote down. Nobody opens them again.

    Raises:
        NotFound, NotAllowed: they are not the actor's to close.
        Refused: they are closed already.
        Stale: they were changed since they were read.
        Invalid: items have no answer (they are named), or none of them applies.
    """
    assessment, within = _mine(by, assessment_uuid)
    if assessment.voice == Voice.AGREED:
        _refuse_confirming(by, assessment, within)
    found = sheet_of(assessment, within)
    if found.missing:
        named = ", ".join(found.missing[:NAMED])
        more = f", and {len(found.missing) - NAMED} more" if len(found.missing) > NAMED else ""
        raise Invalid(
            "scores_missing", f"Not every item is answered; missing: {named}{more}.", items=found.missing
        )
    if all(step is None for step in found.steps.values()):
        raise Invalid("nothing_applies", "None of the items applies: then there is nothing to close.")
    assessment.change(version=version, state=AssessmentState.CLOSED, closed_at=clock.now())
    agreed = _agreed_data(found) if assessment.voice == Voice.AGREED else {}
    digest = scores_digest(assessment, found.scores.values())
    recorded(by, assessment, CLOSED, digest=digest, **agreed)
    return assessment


def _agreed_data(found: Sheet) -> dict[str, Any]:
    """Give what of agreed scores goes into the ledger: they are everybody's who reads the programme."""
    return {
        "domains": domain_scores(found.questionnaire, found.steps),
        "whole": total(found.questionnaire, found.steps),
    }


def _refuse_confirming(by: Actor, agreed: Assessment, within: Round) -> None:
    """Agreed scores take two sides; where the community scored, it is one of the two."""
    own = within.of(by.organisation)
    if own is None:
        raise NotAllowed("no_voice", f"{by.organisation.name} has not scored in this round.")
    writer = within.of(agreed.organisation)
    if writer is not None and writer.voice == own.voice:
        raise NotAllowed(
            "other_side_agrees",
            f"{agreed.organisation.name} wrote down what was agreed: another side closes it.",
        )
    voices = {item.voice for item in within.voices}
    two = {own.voice, writer.voice if writer is not None else ""}
    if Voice.COMMUNITY.value in voices and Voice.COMMUNITY.value not in two:
        raise NotAllowed(
            "community_agrees", "The community has scored in this round: it closes what the others agreed on."
        )


@action
def reconcile(*, by: Actor, assessment_uuid: UUID, answers: Sequence[Answer], remark: str = "") -> Assessment:
    """Write down what the sides agreed on; it counts once another side has closed it.

    Items on which all are at one need no answer. Where voices are two steps or more apart, or not at one whether an
    item applies, or where something is agreed that lies outside what they scored, the answer's remark says why.

    Args:
        assessment_uuid: any assessment of the round. What was written before and is not closed is written anew.

    Raises:
        NotFound, NotAllowed: the actor may not score, or has not scored in this round.
        Refused: fewer than two have scored, somebody is still scoring, or the round is over.
        Invalid: an answer that the instrument does not take, one that is missing, or one without its reason.
    """
    assessment, within = locked(by, assessment_uuid)
    _refuse_agreeing(by, within)
    questionnaire = instruments.of(assessment.instrument)
    refuse_wrong(questionnaire, answers)
    own = [sheet_of(item, within) for item in within.voices]
    complete = _completed(questionnaire, own, answers)
    first, agreed = within.first, within.agreed
    said: Mapping[str, Any] = {
        "scored_on": clock.today(),
        "organisation": by.organisation,
        "user_uuid": by.user.uuid,
        "user_name": by.user.called,
        "remark": remark.strip(),
    }
    if agreed is None:
        agreed = Assessment(
            programme=assessment.programme,
            instrument=first.instrument,
            responsibility=first.responsibility,
            transfer=first.transfer,
            voice=Voice.AGREED,
            wave=first.wave,
            **said,
        )
        notice_personal_data(agreed)
        agreed.save()
    else:
        agreed.change(version=agreed.version, **said)
    write(agreed, complete)
    reasons = sum(1 for answer in complete if answer.remark.strip())
    recorded(by, agreed, "assessment.agreed", items=len(complete), reasons=reasons)
    return agreed


def _refuse_agreeing(by: Actor, within: Round) -> None:
    if within.of(by.organisation) is None:
        raise NotAllowed("no_voice", f"{by.organisation.name} has not scored in this round.")
    if within.over:
        raise Refused("assessment_closed", "What was agreed in this round is closed: begin another round.")
    open_ones = [item for item in within.voices if item.state == AssessmentState.OPEN]
    if open_ones:
        named = ", ".join(item.organisation.name for item in open_ones)
        raise Refused("still_scoring", f"Not everybody has closed their scores yet: {named}.")
    if len({item.voice for item in within.voices}) < 2:
        raise Refused("one_voice", "Only one side has scored: there is nothing to agree on.")


def _completed(questionnaire: Questionnaire, own: Sequence[Sheet], answers: Sequence[Answer]) -> list[Answer]:
    """Give an answer for every item, those on which all are at one included, and refuse what lacks a reason."""
    given = {answer.item: answer for answer in answers}
    steps = {item.key: [sheet.steps[item.key] for sheet in own] for item in questionnaire.items}
    missing = [key for key, found in steps.items() if key not in given and len(set(found)) > 1]
    _refuse_lacking("scores_missing", "Say what was agreed on", missing)
    lacking = [
        key
        for key, answer in given.items()
        if not answer.remark.strip() and (apart(steps[key]) or _outside(answer.score, steps[key]))
    ]
    _refuse_lacking(
        "reason_missing", "Say why: the voices are apart, or agree on what none of them scored, on", lacking
    )
    return [given.get(key) or Answer(key, found[0]) for key, found in steps.items()]


def _outside(step: int | None, steps: Sequence[int | None]) -> bool:
    known = [item for item in steps if item is not None]
    if step is None or not known:
        return step not in steps
    return not min(known) <= step <= max(known)


def _refuse_lacking(code: str, sentence: str, items: Sequence[str]) -> None:
    if items:
        more = f", and {len(items) - NAMED} more" if len(items) > NAMED else ""
        raise Invalid(code, f"{sentence}: {', '.join(items[:NAMED])}{more}.", items=list(items))
