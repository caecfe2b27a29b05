"""Readiness: who scored when, who may read whose scores, and what waits for them.

Assessments of one instrument, responsibility, transfer and wave make rounds. A round ends when its agreed scores are
closed; the next assessment begins another one. Everything that a person reads of scores goes through ``sheet`` or
``may_read``: nobody reads the scores of another organisation before its own are closed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from handover import access
from handover.access import Actor
from handover.canonical import decimal_text
from handover.errors import Gate, NotAllowed, NotFound
from handover.models import (
    Assessment,
    Instrument,
    Organisation,
    Programme,
    Score,
    ScoreGate,
    Transfer,
    TransferMilestone,
)
from handover.models.readiness import AssessmentState, Voice, Wave
from handover.permissions import Permission, StandingKind
from handover.queries import instruments
from handover.queries.questionnaires import Questionnaire
from handover.queries.scoring import Steps, domain_scores, total

VOICE_OF: dict[StandingKind, Voice] = {
    StandingKind.COMMUNITY: Voice.COMMUNITY,
    StandingKind.RECEIVER: Voice.RECEIVER,
    StandingKind.STEWARD: Voice.GIVER,
}
"""For whom an organisation scores that is neither giver nor receiver of the transfer that is asked about."""


@dataclass(frozen=True)
class Round:
    """Scores by one instrument of one thing: those of each voice, and what they agreed on. ``number`` counts from 1."""

    number: int
    assessments: tuple[Assessment, ...]

    @property
    def first(self) -> Assessment:
        """Give the assessment that began it: all have its instrument, responsibility, transfer and wave."""
        return self.assessments[0]

    @property
    def voices(self) -> list[Assessment]:
        """Give what the sides scored, each for itself: giver, receiver, community."""
        order = list(Voice)
        own = [item for item in self.assessments if item.voice != Voice.AGREED]
        return sorted(own, key=lambda item: (order.index(Voice(item.voice)), item.pk))

    @property
    def agreed(self) -> Assessment | None:
        """Give what they agreed on, open or closed."""
        return next((item for item in self.assessments if item.voice == Voice.AGREED), None)

    @property
    def over(self) -> bool:
        """Tell whether what was agreed is closed."""
        return self.agreed is not None and self.agreed.state == AssessmentState.CLOSED

    def of(self, organisation: Organisation) -> Assessment | None:
        """Give what an organisation scored."""
        return next((item for item in self.voices if item.organisation_id == organisation.pk), None)


@dataclass(frozen=True)
class Sheet:
    """One voice's scores, as somebody who may read them reads them."""

    assessment: Assessment
    questionnaire: Questionnaire
    scores: dict[str, Score]

    @property
    def steps(self) -> Steps:
        """Give the step of each item."""
        return {key: row.score for key, row in self.scores.items()}

    @property
    def missing(self) -> list[str]:
        """Give the items that have no answer yet."""
        return [item.key for item in self.questionnaire.items if item.key not in self.scores]


def rounds_of(programme: Programme | int, *, until: dt.datetime | None = None) -> list[Round]:
    """Give all rounds of a programme, in the order in which they began. Without scores.

    Args:
        until: leave out what was not closed by then.
    """
    rows = Assessment.objects.filter(programme=programme).select_related(
        "instrument", "responsibility", "transfer", "organisation", "programme"
    )
    if until is not None:
        rows = rows.filter(closed_at__lte=until)
    return in_rounds(rows.order_by("id"))


def in_rounds(assessments: Iterable[Assessment]) -> list[Round]:
    """Put assessments of one or several programmes, in their order, into rounds."""
    current: dict[tuple[object, ...], list[Assessment]] = {}
    counts: defaultdict[tuple[object, ...], int] = defaultdict(int)
    found: list[tuple[int, list[Assessment]]] = []
    for row in assessments:
        # An instrument is one programme's own, and so is what it measures.
        subject = (row.instrument_id, row.responsibility_id, row.transfer_id, row.wave)
        if subject not in current:
            counts[subject] += 1
            current[subject] = []
            found.append((counts[subject], current[subject]))
        current[subject].append(row)
        if row.voice == Voice.AGREED and row.state == AssessmentState.CLOSED:
            del current[subject]
    return [Round(number, tuple(items)) for number, items in found]


def rounds(by: Actor, programme: Programme) -> list[Round]:
    """Give the rounds of a programme that an actor may know of: who scored, when, and never what.

    Raises:
        NotFound: the actor may not read the programme.
    """
    access.programme_for(by, programme.uuid, may=Permission.VIEW)
    return rounds_of(programme, until=access.reach(by, programme).cutoff)


def round_of(assessment: Assessment) -> Round:
    """Give the round that an assessment belongs to."""
    return next(item for item in rounds_of(assessment.programme_id) if assessment in item.assessments)


def voice_of(by: Actor, programme: Programme, transfer: Transfer | None = None) -> Voice:
    """Tell for whom an actor scores: by its side of the transfer, else by its organisation's standing.

    Raises:
        NotAllowed: neither giver nor receiver nor community.
    """
    if transfer is not None and by.organisation.pk in (transfer.giver_id, transfer.receiver_id):
        return Voice.GIVER if by.organisation.pk == transfer.giver_id else Voice.RECEIVER
    held = access.reach(by, programme).standings
    wanted = [kind for kind in VOICE_OF if transfer is None or kind is StandingKind.COMMUNITY]
    for kind in wanted:
        if kind in held:
            return VOICE_OF[kind]
    raise NotAllowed(
        "no_voice", f"{by.organisation.name} is no side here: giver, receiver and community score readiness."
    )


def may_read(by: Actor, assessment: Assessment, within: Round) -> bool:
    """Tell whether an actor may read the scores of an assessment: its own; all, once its own are closed or all agreed.

    What is still open belongs to whoever scores; agreed scores that are not closed, to those who scored in the round.
    """
    if within.over:
        return True
    own = within.of(by.organisation)
    if assessment.voice != Voice.AGREED and assessment.organisation_id == by.organisation.pk:
        return True
    if own is None or own.state != AssessmentState.CLOSED:
        return False
    return assessment.voice == Voice.AGREED or assessment.state == AssessmentState.CLOSED


def refuse_sealed(by: Actor, assessment: Assessment, within: Round) -> None:
    """Refuse scores that are not the actor's to read yet.

    Raises:
        NotAllowed: its own are not closed, or theirs are not.
    """
    if may_read(by, assessment, within):
        return
    own = within.of(by.organisation)
    if own is not None and own.state == AssessmentState.CLOSED:
        why = f"{assessment.organisation.name} is still scoring."
    elif own is not None:
        why = f"{by.organisation.name} reads the scores of others once its own are closed."
    else:
        why = "whoever has not scored reads the scores once they are agreed."
    raise NotAllowed("scores_sealed", f"The scores of {whose(assessment)} are sealed: {why}")


def assessment_for(by: Actor, assessment_uuid: UUID, *, may: Permission = Permission.VIEW) -> Assessment:
    """Fetch an assessment, if the actor may do this with its programme. It holds no scores.

    Raises:
        NotFound: there is none, it is not open to the actor, or it came after the actor's cut-off.
        NotAllowed: the actor may read the programme, and may not do this.
    """
    rows = Assessment.objects.select_related(
        "instrument", "programme", "organisation", "transfer", "responsibility"
    )
    found = rows.filter(uuid=assessment_uuid).first()
    if found is None:
        raise NotFound("assessment")
    access.authorise(by, found.programme_id, None, may=may)
    cutoff = access.reach(by, found.programme).cutoff
    if cutoff is not None and (found.closed_at is None or found.closed_at > cutoff):
        raise NotFound("assessment")
    return found


def sheet(by: Actor, assessment_uuid: UUID) -> Sheet:
    """Read the scores of an assessment.

    Raises:
        NotFound: there is none, or it is not open to the actor.
        NotAllowed: the scores are another organisation's, and the actor's own are not closed yet.
    """
    return sheet_of(assessment_for(by, assessment_uuid))


def sheet_of(assessment: Assessment, within: Round | None = None) -> Sheet:
    """Read the scores of an assessment that was fetched, for whoever asks the database.

    Args:
        within: its round, where that has been read already.

    Raises:
        NotAllowed: as ``sheet``.
    """
    by = access.who_asks()
    agreed = assessment.voice == Voice.AGREED and assessment.state == AssessmentState.CLOSED
    if by is not None and not agreed:
        refuse_sealed(by, assessment, within or round_of(assessment))
    questionnaire = instruments.of(assessment.instrument)
    return Sheet(assessment, questionnaire, {row.item: row for row in assessment.scores.order_by("id")})


def whose(assessment: Assessment) -> str:
    """Name whose scores they are."""
    if assessment.voice == Voice.AGREED:
        return "the round, as agreed,"
    return f"{assessment.organisation.name} ({assessment.get_voice_display()})"


# --- what waits for scores -----------------------------------------------------------------------------------------


def agreed_before(transfer: Transfer, key: str, responsibility: int | None) -> Assessment | None:
    """Give the agreed scores that count for a transfer: its own last ones before it, else the programme's last ones."""
    rows = Assessment.objects.filter(
        programme=transfer.programme_id,
        instrument__key=key,
        responsibility=responsibility,
        voice=Voice.AGREED,
        state=AssessmentState.CLOSED,
        wave=Wave.BEFORE,
    ).select_related("instrument")
    latest = rows.order_by("-closed_at", "-id")
    return latest.filter(transfer=transfer).first() or latest.filter(transfer=None).first()


Agreed: TypeAlias = Mapping[tuple[int, str, int | None], Sequence[Assessment]]
"""Agreed scores by programme, instrument and responsibility, the last first."""


def agreed_scores(programmes: Collection[int], gates: Iterable[ScoreGate]) -> Agreed:
    """Give the agreed scores at which gates look, in one query; ``score_of`` says which of them count."""
    scores = Score.objects.filter(assessment=OuterRef("pk")).order_by("id")
    rows = (
        Assessment.objects.filter(
            programme__in=programmes,
            instrument__key__in={gate.instrument_key for gate in gates},
            voice=Voice.AGREED,
            state=AssessmentState.CLOSED,
            wave=Wave.BEFORE,
        )
        .select_related("instrument")
        .annotate(steps=ArraySubquery(scores.values(json=JSONObject(item="item", score="score"))))
        .order_by("-closed_at", "-id")
    )
    found: defaultdict[tuple[int, str, int | None], list[Assessment]] = defaultdict(list)
    for row in rows:
        found[row.programme_id, row.instrument.key, row.responsibility_id].append(row)
    return found


def score_of(gate: ScoreGate, transfer: int, agreed: Agreed) -> Decimal | None:
    """Give the score that a gate looks at, as ``agreed_before`` chooses it; ``None`` where nothing is agreed, or
    nothing of it applies.

    Args:
        transfer: the key of the gate's transfer.
    """
    rows = agreed.get((gate.programme_id, gate.instrument_key, gate.responsibility_id), ())
    own = next((row for row in rows if row.transfer_id == transfer), None)
    counted: Any = own or next((row for row in rows if row.transfer_id is None), None)
    if counted is None:
        return None
    questionnaire = instruments.of(counted.instrument)
    steps = {item["item"]: item["score"] for item in counted.steps}
    return (
        domain_scores(questionnaire, steps).get(gate.domain) if gate.domain else total(questionnaire, steps)
    )


def gates(transfer: Transfer) -> Iterator[Gate]:
    """Name what keeps a transfer from being executed: milestones that are not done and wait for a score."""
    rows = ScoreGate.objects.filter(milestone__transfer=transfer, milestone__done_at=None)
    return _unmet(transfer, list(rows.select_related("milestone", "responsibility").order_by("id")))


def waiting(milestone: TransferMilestone) -> Iterator[Gate]:
    """Name what keeps a milestone from being signed: a score that is not agreed, or too low."""
    rows = milestone.score_gates.select_related("milestone", "responsibility").order_by("id")
    return _unmet(milestone.transfer, list(rows))


def _unmet(transfer: Transfer, rows: Sequence[ScoreGate]) -> Iterator[Gate]:
    """Name the gates that are not met, in two queries however many there are."""
    agreed = agreed_scores({transfer.programme_id}, rows) if rows else {}
    found = [(gate, score_of(gate, transfer.pk, agreed)) for gate in rows]
    short = [(gate, score) for gate, score in found if score is None or score < gate.at_least]
    latest = (
        latest_instruments(transfer.programme_id, {gate.instrument_key for gate, _ in short}) if short else {}
    )
    for gate, score in short:
        code, state = "readiness_unknown", "no score is agreed yet"
        if score is not None:
            code, state = "readiness_low", f"{decimal_text(score)} is agreed"
        sentence = (
            f"“{gate.milestone.title}” waits for {_asked(gate, latest.get(gate.instrument_key))}, at least"
            f" {decimal_text(gate.at_least)} of 100: {state}."
        )
        yield Gate(code, sentence, str(gate.milestone.uuid))


def asked(programme: int, gate: ScoreGate) -> str:
    """Name what a gate asks for: the domain, the instrument, the responsibility."""
    return _asked(gate, latest_instruments(programme, {gate.instrument_key}).get(gate.instrument_key))


def _asked(gate: ScoreGate, found: Questionnaire | None) -> str:
    words = [f"“{gate.domain or gate.instrument_key}”"]
    if found is not None:
        known = {domain.key for domain in found.domains}
        words = [f"“{found.called(gate.domain if gate.domain in known else '')}”"]
    if gate.domain:
        words.append(f"({gate.instrument_key})")
    if gate.responsibility is not None:
        words.append(f"of “{gate.responsibility.title}”")
    return " ".join(words)


def latest_instruments(programme: int, keys: Collection[str] = ()) -> dict[str, Questionnaire]:
    """Give the edition of each instrument that a programme adopted last."""
    rows = Instrument.objects.filter(programme=programme).order_by("id")
    if keys:
        rows = rows.filter(key__in=keys)
    return {row.key: instruments.of(row) for row in rows}
