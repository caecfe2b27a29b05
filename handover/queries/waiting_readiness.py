"""What readiness waits for: scores that others wait for, scores left open, waves that are due, and gates of steps."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from handover import clock
from handover.models import Assessment, ScoreGate, Transfer, TransferMilestone
from handover.models.readiness import AssessmentState, Voice
from handover.models.transfers import TransferState
from handover.permissions import Permission
from handover.queries import readiness_waves
from handover.queries.readiness import VOICE_OF, Agreed, Round, agreed_scores, in_rounds, score_of
from handover.queries.seats import Reached, Seat
from handover.queries.tasks import WORDINGS, Named, Task, pages_of


def unmet(steps: Sequence[TransferMilestone]) -> frozenset[int]:
    """Give the keys of the steps that wait for a score, in two queries; in none where no step asks for one."""
    asking = {step.pk: step for step in steps if getattr(step, "gated", False)}
    if not asking:
        return frozenset()
    gates = list(ScoreGate.objects.filter(milestone__in=asking).order_by("id"))
    agreed = agreed_scores({step.programme_id for step in asking.values()}, gates)
    return frozenset(
        gate.milestone_id for gate in gates if not _met(gate, asking[gate.milestone_id].transfer_id, agreed)
    )


def _met(gate: ScoreGate, transfer: int, agreed: Agreed) -> bool:
    score = score_of(gate, transfer, agreed)
    return score is not None and score >= gate.at_least


# --- scores ---------------------------------------------------------------------------------------


def tasks(seat: Seat, transfers: Sequence[Any]) -> Iterator[Task]:
    """Give the scores that wait for a person's side, in one query; in none where the person scores nowhere."""
    where = seat.where(Permission.ASSESS_READINESS)
    if not where:
        return
    rows = Assessment.objects.filter(programme__in=where).select_related(
        "instrument", "responsibility", "transfer"
    )
    rounds: defaultdict[int, list[Round]] = defaultdict(list)
    for found in in_rounds(rows.order_by("id")):
        rounds[found.first.programme_id].append(found)
    for key, items in rounds.items():
        here = seat.programmes[key]
        for item in items:
            yield from _of_round(seat, here, item)
    executed = [item for item in transfers if item.state == TransferState.EXECUTED and not item.reverses_id]
    for transfer in executed:
        if rounds.get(transfer.programme_id):
            yield from _waves(seat, transfer, rounds[transfer.programme_id])


def _of_round(seat: Seat, here: Reached, found: Round) -> Iterator[Task]:
    if found.over:
        return
    mine = found.of(seat.actor.organisation)
    first = found.first
    if mine is not None:
        if mine.state == AssessmentState.OPEN:
            yield _task(seat, "scores.finish", here, found, str(mine.uuid))
        return
    sides = {item.organisation_id for item in found.voices if item.user_uuid == seat.actor.user.uuid}
    if first.voice != Voice.AGREED and not sides and _has_voice(seat, here, first.transfer):
        yield _task(seat, "scores.begin", here, found, str(first.uuid))


def _has_voice(seat: Seat, here: Reached, transfer: Transfer | None) -> bool:
    """Tell whether the organisation scores here, as scoring itself asks."""
    mine = seat.actor.organisation.pk
    if transfer is not None and mine in (transfer.giver_id, transfer.receiver_id):
        return True
    voices = [kind for kind in VOICE_OF if kind in here.standings]
    return any(transfer is None or VOICE_OF[kind] == Voice.COMMUNITY for kind in voices)


def _waves(seat: Seat, transfer: Any, rounds: Sequence[Round]) -> Iterator[Task]:
    here = seat.programmes[transfer.programme_id]
    opens = clock.today() + dt.timedelta(days=readiness_waves.OPENS_DAYS)
    if not _has_voice(seat, here, transfer):
        return
    for due in readiness_waves.after(transfer, rounds, set(transfer.moved)):
        if due.agreed_on is not None or due.due_on > opens:
            continue
        begun = [
            item
            for item in rounds
            if (item.first.instrument.key, item.first.wave, item.first.transfer_id)
            == (due.instrument, due.wave, transfer.pk)
            and item.first.responsibility_id == (due.responsibility.pk if due.responsibility else None)
        ]
        if any(item.of(seat.actor.organisation) for item in begun):
            continue
        subject = f"{transfer.uuid}:{due.instrument}:{due.wave.value}"
        if due.responsibility is not None:
            subject += f":{due.responsibility.uuid}"
        yield _said(
            seat,
            "scores.wave",
            here,
            subject,
            {"instrument": due.title, "wave": due.wave.label},
            transfer,
            due_on=due.due_on,
        )


def _task(seat: Seat, kind: str, here: Reached, found: Round, subject: str) -> Task:
    first = found.first
    called = Named(first.instrument.uuid, first.instrument.title, first.instrument.key)
    return _said(seat, kind, here, subject, {"instrument": called}, first.transfer)


def _said(
    seat: Seat,
    kind: str,
    here: Reached,
    subject: str,
    about: dict[str, object],
    transfer: Transfer | None,
    due_on: dt.date | None = None,
) -> Task:
    wording = WORDINGS[kind]
    return Task(
        kind=kind,
        subject=subject,
        organisation=seat.actor.organisation,
        text=wording.text,
        plain=wording.plain,
        about=about,
        due_on=due_on,
        programme=here.named,
        transfer=Named(transfer.uuid, transfer.title) if transfer else None,
        places=pages_of(
            programme=here.named.uuid,
            transfer=transfer.uuid if transfer else None,
            first=[("readiness", (here.named.uuid,))],
        ),
    )
