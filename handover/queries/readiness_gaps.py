"""The gap by domain: voices side by side, what they agreed on, and how far that is from ready."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from handover.access import Actor
from handover.models import Assessment
from handover.models.readiness import Wave
from handover.narratives import best
from handover.queries.questionnaires import Questionnaire
from handover.queries.readiness import (
    Round,
    Sheet,
    agreed_before,
    assessment_for,
    may_read,
    refuse_sealed,
    round_of,
    sheet_of,
)
from handover.queries.scoring import Standing, domain_scores, standing, total

APART: Final = 2
"""Steps between two voices from which on what is agreed needs a reason."""
BEFORE_THE_END: Final = 14
"""Days before the handover protocol by which a proposed milestone is due at the latest."""


@dataclass(frozen=True)
class DomainGap:
    """One domain (or, without a key, the whole): scores from 0 to 100."""

    key: str
    title: str
    voices: tuple[Decimal | None, ...]
    """In the order of ``Gap.columns``; ``None`` where a voice did not score it."""
    agreed: Decimal | None
    threshold: Decimal
    before: Decimal | None
    """What was agreed before the handover, where this was measured after it."""

    @property
    def missing(self) -> Decimal | None:
        """Tell how far what was agreed is below ready; zero where it is ready."""
        return None if self.agreed is None else max(self.threshold - self.agreed, Decimal())

    @property
    def spread(self) -> Decimal | None:
        """Tell how far the voices are apart; ``None`` where fewer than two scored."""
        found = [score for score in self.voices if score is not None]
        return max(found) - min(found) if len(found) > 1 else None


@dataclass(frozen=True)
class Difference:
    """An item on which voices are two steps or more apart, or not at one whether it applies."""

    item: str
    text: str
    steps: tuple[int | None, ...]
    agreed: int | None
    reason: str


@dataclass(frozen=True)
class Gap:
    """A round as a table."""

    round: Round
    questionnaire: Questionnaire
    columns: tuple[Assessment, ...]
    """Whose scores these are: only those that whoever asked may read."""
    sealed: tuple[Assessment, ...]
    """Who scored besides, and may not be read yet."""
    domains: tuple[DomainGap, ...]
    whole: DomainGap
    differences: tuple[Difference, ...]

    def standing(self, row: DomainGap) -> Standing | None:
        """Tell how the agreed score of a row stands to the thresholds."""
        return standing(self.questionnaire, row.agreed)


def gap(by: Actor, assessment: Assessment, *, lang: str = "en") -> Gap:
    """Show the round of an assessment as far as the actor may read its scores.

    Raises:
        NotFound: it is not open to the actor.
        NotAllowed: the actor may read none of its scores yet.
    """
    found = assessment_for(by, assessment.uuid)
    within = round_of(found)
    readable = [item for item in within.assessments if may_read(by, item, within)]
    if not readable:
        refuse_sealed(by, found, within)
    return gap_of(within, readable, lang)


def gap_of(within: Round, readable: Sequence[Assessment], lang: str = "en") -> Gap:
    """Show a round as far as these of its assessments are readable."""
    sheets = {item.pk: sheet_of(item, within) for item in readable}
    columns = [item for item in within.voices if item.pk in sheets]
    agreed = sheets.get(within.agreed.pk) if within.agreed is not None else None
    own = [sheets[item.pk] for item in columns]
    questionnaire = next(iter(sheets.values())).questionnaire
    earlier = _before(within)
    rows = [
        DomainGap(
            key=key,
            title=questionnaire.called(key, lang),
            voices=tuple(_score(item, key) for item in own),
            agreed=_score(agreed, key) if agreed else None,
            threshold=questionnaire.ready,
            before=_score(earlier, key) if earlier else None,
        )
        for key in ("", *(domain.key for domain in questionnaire.domains))
    ]
    return Gap(
        round=within,
        questionnaire=questionnaire,
        columns=tuple(columns),
        sealed=tuple(item for item in within.voices if item.pk not in sheets),
        domains=tuple(rows[1:]),
        whole=rows[0],
        differences=tuple(_differences(questionnaire, own, agreed, lang)),
    )


def _score(found: Sheet, domain: str) -> Decimal | None:
    if not domain:
        return total(found.questionnaire, found.steps)
    return domain_scores(found.questionnaire, found.steps).get(domain)


def _before(within: Round) -> Sheet | None:
    """Give what was agreed before the handover, for a round after it."""
    first = within.first
    if first.wave == Wave.BEFORE or first.transfer is None:
        return None
    found = agreed_before(first.transfer, first.instrument.key, first.responsibility_id)
    return sheet_of(found) if found else None


def _differences(
    questionnaire: Questionnaire, own: Sequence[Sheet], agreed: Sheet | None, lang: str
) -> Iterator[Difference]:
    for item in questionnaire.items:
        steps = tuple(sheet.steps.get(item.key) for sheet in own if item.key in sheet.scores)
        if apart(steps):
            row = agreed.scores.get(item.key) if agreed else None
            yield Difference(
                item.key,
                best(item.text, lang),
                tuple(sheet.steps.get(item.key) for sheet in own),
                row.score if row else None,
                row.remark if row else "",
            )


def apart(steps: Sequence[int | None]) -> bool:
    """Tell whether voices are so far apart that what they agree on needs a reason."""
    known = [step for step in steps if step is not None]
    if len(known) < len(steps):
        return bool(known)
    return bool(known) and max(known) - min(known) >= APART
