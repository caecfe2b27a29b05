"""Scores from 0 to 100: properties that hold for every instrument."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.queries import instruments
from handover.queries.questionnaires import Questionnaire
from handover.queries.scoring import Standing, Steps, domain_scores, standing, total
from tests.factories.readiness import STEPS, small

SMALL = instruments.read(small())
WEIGHTS = st.decimals(min_value=Decimal("0.01"), max_value=100, places=2)


def weighed(weights: list[Decimal], lowest: int = 0, highest: int = 4) -> Questionnaire:
    """Give an instrument whose two domains and four items have these weights."""
    document = small(
        scale={
            "from": lowest,
            "to": highest,
            "labels": [{"step": step, "label": {"en": str(step)}} for step in range(lowest, highest + 1)],
        }
    )
    rest = iter(weights)
    for domain in document["domains"]:
        domain["weight"] = str(next(rest))
        for item in domain["items"]:
            item["weight"] = str(next(rest))
    return instruments.read(document)


@st.composite
def scored(draw: st.DrawFn) -> tuple[Questionnaire, dict[str, int | None]]:
    """Draw an instrument and an answer for each of its items."""
    lowest = draw(st.integers(0, 3))
    highest = draw(st.integers(lowest + 1, lowest + 9))
    found = weighed(draw(st.lists(WEIGHTS, min_size=6, max_size=6)), lowest, highest)
    step = st.none() | st.integers(lowest, highest)
    return found, {item.key: draw(step) for item in found.items}


def every(found: Questionnaire, steps: Steps) -> list[Decimal | None]:
    return [*domain_scores(found, steps).values(), total(found, steps)]


@given(scored())
def test_a_score_lies_between_0_and_100(drawn: tuple[Questionnaire, dict[str, int | None]]) -> None:
    assert all(score is None or 0 <= score <= 100 for score in every(*drawn))


@given(scored(), st.data())
def test_a_higher_step_never_lowers_a_score(
    drawn: tuple[Questionnaire, dict[str, int | None]], data: st.DataObject
) -> None:
    found, steps = drawn
    raised = {
        key: step if step is None else data.draw(st.integers(step, found.highest))
        for key, step in steps.items()
    }
    for before, after in zip(every(found, steps), every(found, raised), strict=True):
        assert (before is None) == (after is None)
        assert before is None or after is None or before <= after


@given(scored(), st.sampled_from([Decimal("0.5"), Decimal(2), Decimal(10)]))
def test_only_the_ratio_of_weights_counts(
    drawn: tuple[Questionnaire, dict[str, int | None]], factor: Decimal
) -> None:
    found, steps = drawn
    weights = [
        weight
        for domain in found.domains
        for weight in (domain.weight, *(item.weight for item in domain.items))
    ]
    scaled = weighed([weight * factor for weight in weights], found.lowest, found.highest)
    assert every(scaled, steps) == every(found, steps)


@given(scored())
def test_the_ends_of_the_scale_are_0_and_100(drawn: tuple[Questionnaire, dict[str, int | None]]) -> None:
    found, _ = drawn
    for step, score in ((found.lowest, Decimal("0.00")), (found.highest, Decimal("100.00"))):
        assert set(every(found, {item.key: step for item in found.items})) == {score}


def test_the_weighted_mean_is_exact() -> None:
    # money: (75 + 50) / 2; staff: (3 × 100 + 25) / 4; the whole: (2 × money + staff) / 3
    assert domain_scores(SMALL, STEPS) == {"money": Decimal("62.50"), "staff": Decimal("81.25")}
    assert total(SMALL, STEPS) == Decimal("68.75")


def test_what_does_not_apply_is_left_out() -> None:
    steps = {**STEPS, "cost": None, "posts": None, "skills": None}
    assert domain_scores(SMALL, steps) == {"money": Decimal("75.00"), "staff": None}
    assert total(SMALL, steps) == Decimal("75.00")
    assert total(SMALL, dict.fromkeys(STEPS)) is None


@pytest.mark.parametrize(
    ("score", "said"),
    [
        ("75", Standing.READY),
        ("74.99", Standing.NEARLY),
        ("50", Standing.NEARLY),
        ("49.99", Standing.NOT_READY),
    ],
)
def test_a_threshold_belongs_to_what_it_opens(score: str, said: Standing) -> None:
    assert standing(SMALL, Decimal(score)) is said
    assert standing(SMALL, None) is None
