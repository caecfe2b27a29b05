"""From steps on a scale to scores from 0 to 100: weighted means, exact, rounded once at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from handover.queries.questionnaires import Domain, Questionnaire

Steps = Mapping[str, int | None]
"""The step of each item; ``None`` where the item does not apply. An item that is not there is not scored yet."""


class Standing(StrEnum):
    """How a score stands to an instrument's thresholds."""

    READY = "ready"
    NEARLY = "nearly"
    NOT_READY = "not_ready"

    @property
    def words(self) -> str:
        """Say it in words."""
        return {"ready": "ready", "nearly": "nearly", "not_ready": "not yet"}[self.value]


def domain_scores(questionnaire: Questionnaire, steps: Steps) -> dict[str, Decimal | None]:
    """Give each domain's score from 0 to 100; ``None`` where none of its items applies or is scored."""
    return {
        domain.key: _rounded(_of_domain(questionnaire, domain, steps)) for domain in questionnaire.domains
    }


def total(questionnaire: Questionnaire, steps: Steps) -> Decimal | None:
    """Give the score of the whole: the weighted mean of the domains that have one."""
    found = ((domain.weight, _of_domain(questionnaire, domain, steps)) for domain in questionnaire.domains)
    return _rounded(_mean((weight, score) for weight, score in found if score is not None))


def standing(questionnaire: Questionnaire, score: Decimal | None) -> Standing | None:
    """Tell whether a score is enough; ``None`` where there is no score."""
    if score is None:
        return None
    if score >= questionnaire.ready:
        return Standing.READY
    return Standing.NEARLY if score >= questionnaire.nearly else Standing.NOT_READY


def _of_domain(questionnaire: Questionnaire, domain: Domain, steps: Steps) -> Fraction | None:
    reach = questionnaire.highest - questionnaire.lowest
    found = ((item.weight, steps.get(item.key)) for item in domain.items)
    return _mean(
        (weight, Fraction(100 * (step - questionnaire.lowest), reach))
        for weight, step in found
        if step is not None
    )


def _mean(weighted: Iterable[tuple[Decimal, Fraction]]) -> Fraction | None:
    pairs = [(Fraction(weight), score) for weight, score in weighted]
    if not pairs:
        return None
    return sum((weight * score for weight, score in pairs), Fraction()) / sum(weight for weight, _ in pairs)


def _rounded(score: Fraction | None) -> Decimal | None:
    """Round to two places, halves to the even one. Everything that compares, compares what is shown."""
    if score is None:
        return None
    return Decimal(round(score * 100)).scaleb(-2)
