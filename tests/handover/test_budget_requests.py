"""The council's calendar counts back, and the request says what is asked, from whom, and what the grant paid."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from handover.access import Actor, asking
from handover.actions import budgets, posts
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.exchange.budget_request import HEADS, csv_file, workbook
from handover.models import BudgetStep, Programme, Responsibility
from handover.queries.budget_calendar import State, calendar, shipped
from handover.queries.budget_request import Request, request
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.registers import line, post, rated
from tests.factories.transfers import responsibilities_of

database = pytest.mark.django_db


@pytest.fixture
def service(cast: Cast, programme: Programme) -> Responsibility:
    return responsibilities_of(programme, by=cast.giver)[0]


# --- the calendar -----------------------------------------------------------------------------------------------


def step(cast: Cast, programme: Programme, key: str, month: int, day: int, **fields: Any) -> BudgetStep:
    said = {"organisation": cast.receiver.organisation, "title": f"Step {key}", **fields}
    return budgets.step(by=cast.giver, programme_uuid=programme.uuid, key=key, month=month, day=day, **said)


def states(cast: Cast, programme: Programme, year: int) -> dict[str, tuple[str, State, str]]:
    with asking(cast.giver):
        found = calendar(programme, cast.receiver.organisation, year)
    return {due.step.key: (due.on.isoformat(), due.state, due.why) for due in found}


@database
def test_the_calendar_counts_back_from_the_budget_year_and_says_what_is_late(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[service])
    step(cast, programme, "requested", 5, 31)
    step(cast, programme, "adopted", 2, 29, years_before=0)
    step(cast, programme, "hearing", 6, 2)

    assert states(cast, programme, 2025) == {
        "requested": ("2024-05-31", State.LATE, "no line for 2025 is entered"),
        "hearing": ("2024-06-02", State.PASSED, ""),
        "adopted": ("2025-02-28", State.DUE, "no line for 2025 is entered"),
    }
    estimate = line(service, by=cast.giver, stage="estimate", title="Salaries")
    line(service, by=cast.giver, stage="executed", source="grant", title="The grant's")
    other = responsibilities_of(programme, by=cast.giver)[1]
    line(other, by=cast.giver, stage="estimate", title="The giver's own")
    late = states(cast, programme, 2025)["requested"]
    assert late[1:] == (State.LATE, "not requested yet: “Salaries”")
    budgets.stage(by=cast.giver, line_uuid=estimate.uuid, stage="requested")
    assert states(cast, programme, 2025)["requested"][1] is State.DONE
    assert TODAY.date() == dt.date(2024, 6, 3)


@database
def test_a_step_has_a_day_and_a_key_of_its_own(cast: Cast, programme: Programme) -> None:
    made = step(cast, programme, "requested", 7, 1)
    for key, month, day, code in (
        ("x", 2, 30, "no_such_day"),
        ("x", 13, 1, "invalid"),
        ("requested", 1, 1, "step_recorded_already"),
        ("not a key", 1, 1, "invalid"),
    ):
        with pytest.raises(Invalid) as caught:
            step(cast, programme, key, month, day)
        assert caught.value.code == code
    changed = budgets.edit_step(by=cast.giver, step_uuid=made.uuid, version=1, day=15)
    assert (changed.day, changed.version) == (15, 2)
    with pytest.raises(Stale):
        budgets.edit_step(by=cast.giver, step_uuid=made.uuid, version=1, day=16)
    with pytest.raises(Invalid, match="stays in its"):
        budgets.edit_step(by=cast.giver, step_uuid=made.uuid, version=2, organisation=cast.giver.organisation)


@database
def test_a_council_keeps_its_own_calendar_and_nobody_elses(cast: Cast, programme: Programme) -> None:
    plans.agreed(
        plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation),
        by=cast.giver,
        receiver=cast.receiver,
    )

    def add(by: Actor, whose: Actor, key: str) -> BudgetStep:
        return budgets.step(
            by=by,
            programme_uuid=programme.uuid,
            organisation=whose.organisation,
            key=key,
            title="A step",
            month=1,
            day=1,
        )

    add(cast.receiver, cast.receiver, "own")
    add(cast.giver, cast.receiver, "by-the-steward")
    for by, whose, refusal in (
        (cast.receiver, cast.giver, NotAllowed),
        (cast.donor, cast.receiver, NotAllowed),
        (cast.stranger, cast.stranger, NotFound),
    ):
        with pytest.raises(refusal):
            add(by, whose, "theirs")


@database
@pytest.mark.parametrize("country", ["RO", "LT"])
def test_a_shipped_calendar_is_taken_over_once_and_says_where_it_comes_from(
    cast: Cast, programme: Programme, country: str
) -> None:
    taken: dict[str, Any] = {
        "by": cast.giver,
        "programme_uuid": programme.uuid,
        "organisation": cast.receiver.organisation,
        "country": country,
    }
    made = budgets.adopt_steps(**taken, language=country.lower())
    assert [row.key for row in made] == [row["key"] for row in shipped(country)]
    assert {"requested", "adopted"} <= {row.key for row in made}
    assert all(row.source.endswith(("[unconfirmed]", "[secondary]", "[verified]")) for row in made)
    assert all(row.title != there["title"] for row, there in zip(made, shipped(country), strict=True))
    assert budgets.adopt_steps(**taken) == []
    with pytest.raises(Invalid, match="LT, RO"):
        budgets.adopt_steps(**{**taken, "country": "XX"})


# --- the request ------------------------------------------------------------------------------------------------


def asked(cast: Cast, programme: Programme, year: int = 2025, **fields: Any) -> Request:
    with asking(cast.giver):
        return request(programme, year, **fields)


@database
def test_a_request_says_posts_other_costs_and_what_the_grant_paid(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    other = responsibilities_of(programme, by=cast.giver)[1]
    half = post(
        service, by=cast.giver, yearly_cost="36500", currency="EUR", fte="0.50", funded_by="municipality"
    )
    posts.fund(
        by=cast.giver,
        post_uuid=half.uuid,
        source="grant",
        share="100",
        starts_on="2024-01-01",
        ends_on="2025-01-10",
    )
    line(service, by=cast.giver, amount="40000", stage="requested", classification="68.02.50")
    line(service, by=cast.giver, amount="500", stage="estimate", title="Rent")
    line(service, by=cast.giver, amount="30000", stage="executed", year=2024, source="grant")
    post(other, by=cast.giver, title="Clerk", funded_by="state")
    line(other, by=cast.giver, amount="700", year=2024, source="grant", title="Courses")

    found = asked(cast, programme)

    table = [
        (row.title, row.source, row.fte, row.posts_cost, row.other, row.asked, row.stage, row.granted)
        for row in found.rows
    ]
    zero = Decimal(0)
    assert table == [
        ("Running costs", "municipality", Decimal("0.49"), 35500, 4500, 40000, "requested", 30000),
        ("Rent", "municipality", zero, zero, 500, 500, "estimate", zero),
        ("Courses", None, zero, zero, zero, zero, None, 700),
        ("Posts", "state", 1, zero, zero, zero, None, zero),
    ]
    assert found.rows[0].classification == "68.02.50"
    assert found.asked == 40500
    assert found.granted == 30700
    assert found.currency == "EUR"
    assert found.notes == ["“Clerk” has no yearly cost: it is asked for without money."]


@database
def test_a_request_that_asks_less_than_its_posts_cost_says_so(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    post(service, by=cast.giver, yearly_cost="20000", currency="EUR", funded_by="municipality")
    line(service, by=cast.giver, amount="12000")
    found = asked(cast, programme)
    assert found.rows[0].other == 0
    assert found.notes == ["“Running costs” asks for 12000 EUR, and its posts cost 20000."]


@database
def test_a_request_of_one_organisation_holds_what_it_has_or_takes_over(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    other = responsibilities_of(programme, by=cast.giver)[1]
    line(service, by=cast.giver), line(other, by=cast.giver, title="Stays")
    plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[service])

    def titles(actor: Actor) -> list[str]:
        return [row.title for row in asked(cast, programme, organisation=actor.organisation).rows]

    assert titles(cast.receiver) == ["Running costs"]
    assert titles(cast.giver) == ["Running costs", "Stays"]
    assert titles(cast.donor) == []


@database
def test_a_request_leaves_as_csv_and_as_a_workbook_with_equal_figures(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    line(service, by=cast.giver, title="=1+1", amount="1234.50", stage="requested")
    post(service, by=cast.giver, funded_by="municipality", yearly_cost="1000", currency="EUR")
    found = asked(cast, programme)

    rows = list(csv.DictReader(io.StringIO(csv_file(found).decode("utf-8-sig"))))
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook(found, instant=TODAY)))
    head, first, total = book.get_sheet_by_index(0).to_python()[:3]

    assert (list(rows[0]), head) == (list(HEADS), list(HEADS))
    assert rows[0]["title"] == "'=1+1"
    assert (rows[0]["asked"], rows[0]["posts_cost"], rows[0]["other_costs"]) == ("1234.5", "1000", "234.5")
    written = dict(zip(head, first, strict=True))
    assert (written["title"], written["asked"], written["posts_cost"]) == ("=1+1", 1234.5, 1000)
    assert dict(zip(head, total, strict=True))["asked"] == 1234.5
    assert workbook(found, instant=TODAY) == workbook(found, instant=TODAY)


@database
def test_a_request_in_two_currencies_needs_a_rate(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    line(service, by=cast.giver)
    post(service, by=cast.giver, funded_by="municipality", yearly_cost="50000", currency="RON")
    with asking(cast.giver), pytest.raises(Invalid, match="“Mediator” is in RON"):
        request(programme, 2025)
    rated(programme, by=cast.giver, rate="5")
    assert asked(cast, programme).rows[0].posts_cost == 10000
    assert asked(cast, programme, currency="RON").rows[0].asked == 60000
