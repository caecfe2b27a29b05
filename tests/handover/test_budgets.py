"""Budgets: the latest stage of a line stands, and the curve adds up, in one currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.access import asking
from handover.actions import budgets, registers
from handover.errors import Invalid
from handover.models import BudgetLine, ExchangeRate, Programme, Responsibility
from handover.models.budgets import BudgetStage
from handover.models.registers import Source
from handover.queries.budgets import (
    BAR,
    CERTAINTY,
    Certainty,
    CurveYear,
    bar,
    curve,
    lines,
    lines_standing,
    standing,
)
from handover.queries.currencies import Rates
from tests.factories.cast import Cast
from tests.factories.registers import line, rated
from tests.factories.transfers import responsibilities_of

database = pytest.mark.django_db


@pytest.fixture
def service(cast: Cast, programme: Programme) -> Responsibility:
    return responsibilities_of(programme, by=cast.giver)[0]


# --- stages -----------------------------------------------------------------------------------------------------


@database
def test_the_latest_stage_stands_whatever_the_order_of_entry(cast: Cast, service: Responsibility) -> None:
    asked = line(service, by=cast.giver, amount="900", stage="requested", classification="68.02")
    budgets.stage(by=cast.giver, line_uuid=asked.uuid, stage="executed", amount="790")
    for day, amount in (("2025-09-01", "800"), ("2025-06-01", "850")):
        budgets.stage(by=cast.giver, line_uuid=asked.uuid, stage="revised", amount=amount, decided_on=day)
    line(service, by=cast.giver, amount="5", title="Another")

    with asking(cast.giver):
        another, found = lines_standing(service.programme)
    assert (found.stage, found.line.amount) == (BudgetStage.EXECUTED, Decimal(790))
    assert [row.amount for row in found.before] == [900, 850, 800]
    assert found.certainty is Certainty.EXECUTED
    assert (another.stage, another.decided) == (BudgetStage.ADOPTED, True)


@database
def test_a_line_has_a_stage_once(cast: Cast, service: Responsibility) -> None:
    asked = line(service, by=cast.giver, amount="900", stage="requested")
    attempts: tuple[Callable[[], BudgetLine], ...] = (
        lambda: budgets.stage(by=cast.giver, line_uuid=asked.uuid, stage="requested", amount="1"),
        lambda: line(service, by=cast.giver, stage="requested", title="running  COSTS"),
    )
    for again in attempts:
        with pytest.raises(Invalid, match="900 EUR: edit that line") as caught:
            again()
        assert caught.value.code == "stage_recorded_already"
    adopted = budgets.stage(by=cast.giver, line_uuid=asked.uuid, stage="adopted", amount="850")
    assert budgets.stage(by=cast.giver, line_uuid=asked.uuid, stage="executed").amount == 850
    with pytest.raises(Invalid, match="edit that line"):
        registers.edit(
            by=cast.giver, register=BudgetLine, line_uuid=adopted.uuid, version=1, stage="requested"
        )
    with pytest.raises(Invalid, match="no stage"):
        budgets.stage(by=cast.giver, line_uuid=asked.uuid, stage="hoped")


@database
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"amount": "-1"}, "negative_amount"),
        ({"currency": "EUX"}, "unknown_currency"),
        ({"year": 20255}, "year_out_of_range"),
        ({"source": "lottery"}, "invalid"),
    ],
)
def test_a_wrong_budget_line_is_refused(cast: Cast, service: Responsibility, said: Any, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        line(service, by=cast.giver, **said)
    assert caught.value.code == code
    with asking(cast.giver):
        assert not BudgetLine.objects.filter(programme=service.programme).exists()


# --- the curve --------------------------------------------------------------------------------------------------


@database
def test_the_curve_moves_from_the_grant_to_the_municipality(cast: Cast, service: Responsibility) -> None:
    line(service, by=cast.giver, amount="750", source="grant", stage="executed")
    line(service, by=cast.giver, amount="250", stage="adopted")
    line(service, by=cast.giver, amount="1000", year=2026, stage="requested")
    line(service, by=cast.giver, amount="1100", year=2027, stage="estimate")

    with asking(cast.giver):
        found = curve(service.programme)
        told = list(lines(service.programme))

    assert [year.share(Source.GRANT) for year in found.years] == [75, 0, 0]
    assert found.years[0].by_certainty() == {Certainty.EXECUTED: 750, Certainty.DECIDED: 250}
    assert told == [
        "2025 ###############===== 1,000 EUR  grant 75 %, municipality 25 % (executed 75 %, decided 25 %)",
        "2026 ==================== 1,000 EUR  municipality 100 % (requested 100 %)",
        "2027 ==================== 1,100 EUR  municipality 100 % (estimate 100 %)",
    ]


@database
def test_two_currencies_without_a_rate_are_not_added_up(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    line(service, by=cast.giver, amount="100"), line(service, by=cast.giver, amount="100", title="More")
    line(service, by=cast.giver, amount="500", currency="RON", title="Firewood")
    rated(programme, by=cast.giver, rate="5", since="2026-01-01")

    with asking(cast.giver), pytest.raises(Invalid) as caught:
        curve(programme)
    assert caught.value.code == "rate_missing"
    assert (
        "“2025: Firewood” is in RON, and there is no rate between RON and EUR for 31 December 2025"
        in caught.value.sentence
    )
    rated(programme, by=cast.giver, rate="5")
    with asking(cast.giver):
        assert curve(programme).years[0].total == 300
        other = curve(programme, "RON")
        assert other.currency == "RON"
        assert other.years[0].total == 1500
        with pytest.raises(Invalid) as caught:
            curve(programme, "EURO")
    assert caught.value.code == "unknown_currency"


@database
def test_the_rate_of_the_years_last_day_counts(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    for year, amount in ((2024, "100"), (2025, "100"), (2030, "100")):
        line(service, by=cast.giver, amount=amount, currency="RON", year=year)
    rated(programme, by=cast.giver, rate="4", since="2024-06-01")
    rated(programme, by=cast.giver, rate="3", since="2025-12-31")
    with asking(cast.giver):
        totals = [year.total for year in curve(programme, "EUR").years]
    assert totals == [Decimal("25.00"), Decimal("33.33"), Decimal("33.33")]


@database
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"rate": "0"}, "rate_not_positive"),
        ({"rate": "-1"}, "negative_amount"),
        ({"into": "EUR"}, "same_currency"),
        ({"into": "RRR"}, "unknown_currency"),
        ({"currency": "LEU"}, "unknown_currency"),
        ({"source": " "}, "invalid"),
        ({"since": "2024-01-01"}, "rate_recorded_already"),
    ],
)
def test_a_wrong_rate_is_refused(cast: Cast, programme: Programme, said: Any, code: str) -> None:
    rated(programme, by=cast.giver, rate="5")
    with pytest.raises(Invalid) as caught:
        rated(programme, by=cast.giver, **{"rate": "5", "since": "2024-02-01", **said})
    assert caught.value.code == code
    with asking(cast.giver):
        assert ExchangeRate.objects.filter(programme=programme).count() == 1


amounts = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)
staged = st.tuples(
    st.sampled_from(["A", "B"]),
    st.sampled_from([2025, 2026]),
    st.sampled_from(list(Source)),
    st.sampled_from(["", *BudgetStage.values]),
    amounts,
)


@given(st.lists(staged, max_size=20))
def test_each_line_counts_once_and_by_its_surest_row(rows: list[Any]) -> None:
    numbers = count(1)
    entered = [
        BudgetLine(
            pk=next(numbers),
            responsibility_id=1,
            title=title,
            year=year,
            source=source,
            stage=stage,
            amount=amount,
            currency="EUR",
        )
        for title, year, source, stage, amount in rows
    ]
    expected: dict[Any, tuple[int, Decimal]] = {}
    for title, year, source, stage, amount in rows:
        place = BudgetStage.values.index(stage or "adopted")
        if place >= expected.get((title, year, source), (-1, Decimal(0)))[0]:
            expected[title, year, source] = (place, amount)

    found = {(item.line.title, item.line.year, item.line.source): item for item in standing(entered)}

    assert {key: item.line.amount for key, item in found.items()} == {
        key: amount for key, (_, amount) in expected.items()
    }
    assert sum(1 + len(item.before) for item in found.values()) == len(rows)


cells = st.dictionaries(
    st.tuples(st.sampled_from(list(Source)), st.sampled_from(list(Certainty))), amounts, max_size=8
)


@given(cells)
def test_the_sums_of_a_year_agree_and_its_bar_is_always_as_long(said: Any) -> None:
    year = CurveYear(2025, said)
    assert sum(year.by_source().values()) == sum(year.by_certainty().values()) == year.total
    assert len(bar(year)) == BAR


@given(amounts, st.integers(1, 10**8), st.sampled_from(["EUR", "RON"]))
def test_a_rate_is_read_both_ways(amount: Decimal, rate: int, kept: str) -> None:
    other = "RON" if kept == "EUR" else "EUR"
    exact = Decimal(rate) / 1000
    rates = Rates([ExchangeRate(currency=kept, into=other, rate=exact, since=dt.date(2024, 1, 1))])
    on = dt.date(2024, 6, 1)
    there = rates.convert(amount, kept, other, on=on, named="x")
    back = rates.convert(amount, other, kept, on=on, named="x")
    assert abs(there - amount * exact) <= Decimal("0.005")
    assert abs(back * exact - amount) <= exact * Decimal("0.0051")
    assert rates.convert(amount, kept, kept, on=dt.date(1999, 1, 1), named="x") == amount


def test_every_stage_is_sure_to_some_degree() -> None:
    assert set(CERTAINTY) == set(BudgetStage)
