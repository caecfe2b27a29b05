"""Who adopted a model and how their indicators went: aggregates of many, and nothing of a few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from handover.access import Actor, asking
from handover.models.organisations import OrganisationKind
from indicators.actions import baselines, targets, values
from indicators.models import Indicator
from indicators.queries.uptake import Uptake, uptake
from interventions.actions import adoptions, models
from interventions.models import Adoption, InterventionModel
from tests.conftest import WebSql
from tests.factories.cast import Cast
from tests.factories.models import row_of
from tests.factories.organisations import OPERATOR, organisation, person

QUARTER = (dt.date(2024, 1, 1), dt.date(2024, 3, 31))
TINY: dict[str, Any] = {
    "key": "tiny",
    "number": 1,
    "title": "Tiny",
    "summary": "As small as a model can be",
    "licence": "CC-BY-4.0",
    "context": "Tests",
    "format": "1",
    "results": [{"key": "served", "type": "1", "title": "Served"}],
    "indicators": [
        {
            "key": "meals",
            "result": "served",
            "measure": "1",
            "title": "Meals",
            "unit": "meals",
            "ascending": True,
        }
    ],
}


@pytest.fixture
def model(cast: Cast) -> InterventionModel:
    """Give a model with one indicator."""
    return models.install(by=OPERATOR, files=[TINY])[0].version.model


Adopter = tuple[Adoption, Actor]


def adopters(count: int) -> list[Adopter]:
    """Let so many organisations adopt it, each with one programme; give each with its manager."""
    people = [
        person(organisation(f"adopter-{number}", OrganisationKind.MUNICIPALITY)) for number in range(count)
    ]
    return [
        (adoptions.adopt(by=actor, key="tiny", identifier=f"XX-TINY-{number}"), actor)
        for number, actor in enumerate(people)
    ]


def reported(adoption: Adoption, reached: int, *, by: Actor) -> None:
    """Report how far one of them came: from 0 to ``reached`` of 100."""
    with asking(by):
        row = Indicator.objects.get(uuid=row_of(adoption, "indicator", "meals"))
    baselines.put(by=by, indicator_uuid=row.uuid, year=2023, value=0)
    span: dict[str, Any] = {"starts_on": QUARTER[0], "ends_on": QUARTER[1]}
    targets.put(by=by, indicator_uuid=row.uuid, value=100, **span)
    values.report(by=by, indicator_uuid=row.uuid, rows=[values.Reported(value=reached)], **span)


def by_key(model: InterventionModel, asker: Actor) -> dict[str, Uptake]:
    """Ask, as somebody who adopted nothing."""
    with asking(asker):
        return {item.key: item for item in uptake(model.uuid)}


def test_nobody_is_told_as_nobody(cast: Cast, model: InterventionModel) -> None:
    assert by_key(model, cast.stranger)[""].organisations == 0


def test_up_to_five_organisations_nothing_is_told(cast: Cast, model: InterventionModel) -> None:
    made = adopters(5)
    for row, by in made:
        reported(row, 50, by=by)
    found = by_key(model, cast.stranger)
    assert found[""].organisations == "c"
    assert (found["meals"].reporting, found["meals"].forward, found["meals"].median) == ("c", "c", "c")


def test_from_six_organisations_on_the_whole_is_told_in_steps(cast: Cast, model: InterventionModel) -> None:
    made = adopters(6)
    for (row, by), reached in zip(made, (10, 20, 33, 47, 80, 90), strict=True):
        reported(row, reached, by=by)
    found = by_key(model, cast.stranger)
    assert found[""].organisations == 6
    assert (found["meals"].reporting, found["meals"].forward, found["meals"].median) == (6, 6, 35)


def test_a_few_who_do_not_report_are_not_told_by_subtraction(cast: Cast, model: InterventionModel) -> None:
    made = adopters(7)
    for row, by in made[:6]:
        reported(row, 40, by=by)
    found = by_key(model, cast.stranger)
    assert (found[""].organisations, found["meals"].reporting, found["meals"].median) == (7, "c", "c")


def test_a_few_who_went_backwards_are_not_told_by_subtraction(cast: Cast, model: InterventionModel) -> None:
    made = adopters(6)
    for (row, by), reached in zip(made, (0, 20, 30, 40, 50, 60), strict=True):
        reported(row, reached, by=by)
    found = by_key(model, cast.stranger)["meals"]
    assert (found.reporting, found.forward, found.median) == (6, "c", 30)


def test_many_programmes_of_one_organisation_count_once(cast: Cast, model: InterventionModel) -> None:
    for number in range(8):
        adoptions.adopt(by=cast.receiver, key="tiny", identifier=f"XX-MANY-{number}")
    assert by_key(model, cast.stranger)[""].organisations == "c"


def test_who_does_not_want_to_be_counted_is_not(cast: Cast, model: InterventionModel) -> None:
    (first, by), *_ = adopters(6)
    adoptions.count(by=by, adoption_uuid=first.uuid, counted=False)
    assert by_key(model, cast.stranger)[""].organisations == "c"


def test_the_strictest_bound_of_those_who_adopted_holds(
    cast: Cast, model: InterventionModel, web_sql: Callable[[Actor | None], WebSql]
) -> None:
    (first, _), *_ = adopters(7)
    assert by_key(model, cast.stranger)[""].organisations == 7
    web_sql(None)(
        "UPDATE handover_organisation SET small_cells_up_to = 9 WHERE id = %s", [first.programme.steward_id]
    )
    found = by_key(model, cast.stranger)[""]
    assert (found.organisations, found.bound) == ("c", 9)


def test_whoever_says_nothing_of_who_asks_is_told_nothing(
    cast: Cast, model: InterventionModel, web_sql: Callable[[Actor | None], WebSql]
) -> None:
    adopters(6)
    rows = web_sql(None)("SELECT organisations FROM indicators_model_uptake(%s)", [str(model.uuid)]).rows
    assert rows == [(0,)]
    assert web_sql(cast.stranger)(
        "SELECT organisations FROM indicators_model_uptake(%s)", [str(model.uuid)]
    ).rows[0] == (6,)
