"""Readiness as people see it: rounds with whose turn it is, what waits for a score, how far one's own scores are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from handover.models import Assessment, Programme, Score, ScoreGate, Transfer, TransferMilestone
from handover.models.readiness import AssessmentState, Voice
from handover.narratives import Narrative, best
from handover.permissions import StandingKind
from handover.queries import instruments
from handover.queries.questionnaires import Domain, Questionnaire
from handover.queries.readiness import (
    VOICE_OF,
    Round,
    Sheet,
    agreed_scores,
    latest_instruments,
    rounds_of,
    score_of,
    sheet_of,
)
from handover.queries.readiness_gaps import apart
from handover.queries.readiness_waves import Due, after
from handover.queries.scoring import Standing, standing, total


class Turn(StrEnum):
    """What somebody can do in a round now."""

    NONE = "none"
    BEGIN = "begin"
    FINISH = "finish"
    WAIT = "wait"
    ALONE = "alone"
    AGREE = "agree"
    CLOSE = "close"
    CLOSED_BY_OTHERS = "closed_by_others"
    OVER = "over"


@dataclass(frozen=True)
class Asker:
    """Who asks: for which organisation, with which standings, and whether they may score at all."""

    organisation: int
    person: UUID
    standings: Collection[StandingKind]
    scores: bool

    def voice(self, transfer: Transfer | None) -> Voice | None:
        """Tell for whom they score, as scoring itself does; ``None`` where for nobody."""
        if transfer is not None and self.organisation in (transfer.giver_id, transfer.receiver_id):
            return Voice.GIVER if self.organisation == transfer.giver_id else Voice.RECEIVER
        wanted = [kind for kind in VOICE_OF if transfer is None or kind is StandingKind.COMMUNITY]
        return next((VOICE_OF[kind] for kind in wanted if kind in self.standings), None)


def own_of(within: Round, by: Asker) -> Assessment | None:
    """Give what the asker's organisation scored in a round."""
    return next((item for item in within.voices if item.organisation_id == by.organisation), None)


def turn(within: Round, by: Asker) -> Turn:
    """Tell what the asker can do in a round now."""
    if within.over:
        return Turn.OVER
    mine = own_of(within, by)
    if mine is None:
        return Turn.BEGIN if _may_begin(within, by) else Turn.NONE
    if not by.scores:
        return Turn.NONE
    if mine.state == AssessmentState.OPEN:
        return Turn.FINISH
    if any(item.state == AssessmentState.OPEN for item in within.voices):
        return Turn.WAIT
    if within.agreed is None:
        return Turn.AGREE if len({item.voice for item in within.voices}) > 1 else Turn.ALONE
    return Turn.CLOSE if _closes(within, within.agreed, mine) else Turn.CLOSED_BY_OTHERS


def _may_begin(within: Round, by: Asker) -> bool:
    voice = by.voice(within.first.transfer)
    if not by.scores or voice is None or within.agreed is not None:
        return False
    taken = voice != Voice.COMMUNITY and any(item.voice == voice for item in within.voices)
    return not taken and all(item.user_uuid != by.person for item in within.voices)


def _closes(within: Round, agreed: Assessment, mine: Assessment) -> bool:
    """Tell whether a side closes what another wrote down; where the community scored, it is one of the two."""
    writer = within.of(agreed.organisation)
    written_for = writer.voice if writer is not None else ""
    if written_for == mine.voice:
        return False
    voices = {item.voice for item in within.voices}
    return Voice.COMMUNITY not in voices or Voice.COMMUNITY in (mine.voice, written_for)


@dataclass(frozen=True)
class Line:
    """A round as a list shows it: by which instrument, whose turn it is, and what was agreed once it is over."""

    round: Round
    title: Sequence[Narrative]
    turn: Turn
    agreed: Decimal | None
    standing: Standing | None


def lines(
    programme: Programme, by: Asker, *, transfer: Transfer | None = None, cutoff: dt.datetime | None = None
) -> list[Line]:
    """Give the rounds of a programme, the latest first, in two queries.

    Args:
        transfer: those of this transfer, and those of no transfer in particular.
        cutoff: what was closed later is left out.
    """
    found = [
        item
        for item in rounds_of(programme, until=cutoff)
        if transfer is None or item.first.transfer_id in (None, transfer.pk)
    ]
    over = [item.agreed for item in found if item.over and item.agreed is not None]
    scores = _steps(over)
    read: dict[int, Questionnaire] = {}
    told = []
    for within in reversed(found):
        instrument, agreed = within.first.instrument, within.agreed
        score, state = None, None
        if within.over and agreed is not None:
            if instrument.pk not in read:
                read[instrument.pk] = instruments.of(instrument)
            score = total(read[instrument.pk], scores[agreed.pk])
            state = standing(read[instrument.pk], score)
        told.append(Line(within, instrument.title, turn(within, by), score, state))
    return told


def _steps(assessments: Iterable[Assessment]) -> Mapping[int, dict[str, int | None]]:
    found: defaultdict[int, dict[str, int | None]] = defaultdict(dict)
    keys = [item.pk for item in assessments]
    for row in Score.objects.filter(assessment__in=keys).order_by("id") if keys else ():
        found[row.assessment_id][row.item] = row.score
    return found


def waves(transfers: Sequence[Transfer], rounds: Sequence[Round]) -> list[Due]:
    """Give the waves after executed transfers (their items at hand), by their days."""
    found = [
        row
        for transfer in transfers
        for row in after(transfer, rounds, {item.responsibility_id for item in transfer.items.all()})
    ]
    return sorted(found, key=lambda row: row.due_on)


@dataclass(frozen=True)
class Wait:
    """A step of a plan that waits for an agreed score."""

    milestone: TransferMilestone
    instrument: str
    domain: str
    about: str
    at_least: Decimal
    score: Decimal | None

    @property
    def met(self) -> bool:
        """Whether what is agreed is enough."""
        return self.score is not None and self.score >= self.at_least


def waits(transfer: Transfer, *, lang: str = "en") -> list[Wait]:
    """Give the steps of a transfer that wait for a score, by their days."""
    gates = list(
        ScoreGate.objects.filter(milestone__transfer=transfer)
        .select_related("milestone", "responsibility")
        .order_by("milestone__due_on", "id")
    )
    named = (
        latest_instruments(transfer.programme_id, {gate.instrument_key for gate in gates}) if gates else {}
    )
    agreed = agreed_scores({transfer.programme_id}, gates) if gates else {}
    return [
        _wait(gate, named.get(gate.instrument_key), score_of(gate, transfer.pk, agreed), lang)
        for gate in gates
    ]


def _wait(gate: ScoreGate, found: Questionnaire | None, score: Decimal | None, lang: str) -> Wait:
    known = {item.key for item in found.domains} if found else set()
    return Wait(
        milestone=gate.milestone,
        instrument=found.called("", lang) if found else gate.instrument_key,
        domain=found.called(gate.domain, lang) if found and gate.domain in known else gate.domain,
        about=gate.responsibility.title if gate.responsibility else "",
        at_least=gate.at_least,
        score=score,
    )


# --- one's own scores ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far the answers to a domain are."""

    domain: Domain
    answered: int

    @property
    def items(self) -> int:
        """Count its items."""
        return len(self.domain.items)

    @property
    def done(self) -> bool:
        """Whether every item is answered."""
        return self.answered == self.items


def progress(found: Sheet) -> list[Progress]:
    """Tell how far the answers are, domain by domain."""
    return [
        Progress(domain, sum(item.key in found.scores for item in domain.items))
        for domain in found.questionnaire.domains
    ]


# --- agreeing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """An item with what each voice scored, in the order of the round's voices, and what was agreed on so far."""

    key: str
    text: str
    scores: Sequence[Score]
    agreed: Score | None

    @property
    def steps(self) -> list[int | None]:
        """Give the step of each voice."""
        return [row.score for row in self.scores]

    @property
    def at_one(self) -> bool:
        """Whether all scored the same, and nothing else is agreed."""
        same = len(set(self.steps)) == 1
        return same and (self.agreed is None or self.agreed.score == self.steps[0])

    @property
    def apart(self) -> bool:
        """Whether the voices are so far apart that what is agreed needs a reason."""
        return apart(self.steps)

    def needs_reason(self, step: int | None) -> bool:
        """Tell whether agreeing on a step needs a reason: the voices are apart, or none of them lies there."""
        known = [item for item in self.steps if item is not None]
        inside = step in self.steps if step is None or not known else min(known) <= step <= max(known)
        return self.apart or not inside


def compared(within: Round, *, lang: str = "en") -> list[Compared]:
    """Put the closed scores of all voices side by side, item by item, for whoever asks the database.

    Raises:
        NotAllowed: a voice is sealed for whoever asks.
    """
    sheets = [sheet_of(item, within) for item in within.voices]
    agreed = sheet_of(within.agreed, within).scores if within.agreed is not None else {}
    return list(_compared(sheets, agreed, lang))


def _compared(sheets: Sequence[Sheet], agreed: Mapping[str, Score], lang: str) -> Iterator[Compared]:
    for item in sheets[0].questionnaire.items:
        rows = [sheet.scores[item.key] for sheet in sheets]
        yield Compared(item.key, best(item.text, lang), rows, agreed.get(item.key))
