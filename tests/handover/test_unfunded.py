"""What nobody pays after a handover: posts and costs, month by month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from handover.access import asking
from handover.actions import posts
from handover.actions.transfers import Item
from handover.models import Post, PostFunding, Programme, Responsibility
from handover.models.registers import Source
from handover.models.responsibilities import Phase
from handover.queries import unfunded as module
from handover.queries.currencies import Rates
from handover.queries.unfunded import Since, Unfunded, unfunded
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.programmes import grant
from tests.factories.registers import line, post
from tests.factories.transfers import responsibilities_of

JULY = dt.date(2025, 7, 1)


@pytest.fixture
def service(cast: Cast, programme: Programme) -> Responsibility:
    """Give a service that a grant pays until the end of 2024; the plan hands it over on 31 August 2024."""
    found = responsibilities_of(programme, by=cast.giver)[0]
    grant(programme, by=cast.giver, donor=cast.donor.organisation)
    plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    return found


def told(cast: Cast, programme: Programme) -> Unfunded:
    with asking(cast.giver):
        return unfunded(programme)


def by_month(found: Unfunded) -> dict[str, tuple[Decimal, Decimal]]:
    """Give the posts that lack and those that are not decided on, by month; months in which none does are left out."""
    return {
        f"{month.first:%Y-%m}": (month.posts.fte, month.posts.undecided_fte)
        for month in found.months
        if month.posts.fte or month.posts.undecided_fte
    }


def test_a_post_of_the_grant_lacks_money_from_the_day_after_the_grant(
    cast: Cast, service: Responsibility
) -> None:
    post(service, by=cast.giver, fte="1.00", yearly_cost="24000", currency="EUR")
    found = told(cast, service.programme)
    assert (found.handover_on, found.since, found.grant_ends_on) == (
        plans.DUE,
        Since.PLANNED,
        dt.date(2024, 12, 31),
    )
    lacking = by_month(found)
    assert (min(lacking), lacking["2025-01"], found.months[0].first) == (
        "2025-01",
        (Decimal("1.00"), Decimal(0)),
        dt.date(2024, 8, 1),
    )
    assert found.posts[0].months[JULY].cost == Decimal("2000.00")
    assert found.posts[0].since == dt.date(2025, 1, 1)
    assert found.most == Decimal("2000.00")


def test_the_receivers_post_of_the_same_title_takes_over_and_a_planned_one_is_not_decided(
    cast: Cast, service: Responsibility
) -> None:
    giver, receiver = cast.giver.organisation, cast.receiver.organisation
    post(
        service,
        by=cast.giver,
        employer=giver,
        ends_on=dt.date(2024, 12, 31),
        yearly_cost="12000",
        currency="EUR",
    )
    post(
        service,
        by=cast.giver,
        title="mediator",
        fte="0.50",
        funded_by="municipality",
        employer=receiver,
        starts_on=dt.date(2025, 3, 1),
        stage="planned",
    )
    lacking = by_month(told(cast, service.programme))
    assert lacking["2025-02"] == (Decimal("1.00"), Decimal(0))
    assert lacking["2025-03"] == (Decimal("0.50"), Decimal("0.50"))


def test_part_of_a_month_lacks_in_proportion_to_its_days(cast: Cast, service: Responsibility) -> None:
    made = post(service, by=cast.giver)
    posts.fund(
        by=cast.giver,
        post_uuid=made.uuid,
        source="grant",
        share="100",
        starts_on="2024-01-01",
        ends_on="2025-01-15",
    )
    posts.fund(by=cast.giver, post_uuid=made.uuid, source="municipality", share="75", starts_on="2025-01-16")
    lacking = by_month(told(cast, service.programme))
    # Fifteen days of January without the grant, which is over, and sixteen with three quarters.
    assert lacking["2025-01"][0] == ((15 + 16 * Decimal("0.25")) / 31).quantize(Decimal("0.01"))
    assert lacking["2025-02"][0] == Decimal("0.25")


def test_what_is_phased_out_is_not_needed_any_more(cast: Cast, programme: Programme) -> None:
    service, _ = responsibilities_of(programme, by=cast.giver)
    grant(programme, by=cast.giver, donor=cast.donor.organisation)
    post(service, by=cast.giver)
    assert by_month(told(cast, programme)) != {}
    plans.drafted(
        programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[Item(service, phase=Phase.OUT)]
    )
    assert by_month(told(cast, programme)) == {}


def test_a_post_without_a_cost_is_named_and_counted(cast: Cast, service: Responsibility) -> None:
    post(service, by=cast.giver)
    found = told(cast, service.programme)
    assert (found.without_cost, found.posts[0].months[JULY].cost) == (["Mediator"], None)


def test_costs_lack_what_nobody_has_taken_over_month_by_month(cast: Cast, service: Responsibility) -> None:
    line(service, by=cast.giver, year=2024, source="grant", amount="12000")
    line(service, by=cast.giver, year=2025, amount="6000", stage="adopted")
    line(service, by=cast.giver, year=2025, amount="2400", stage="requested", title="Food")
    found = told(cast, service.programme)
    months = {month.first: (month.lines.cost, month.lines.undecided) for month in found.months}
    assert months[dt.date(2024, 12, 1)] == (Decimal(0), Decimal(0))
    assert months[JULY] == (Decimal("300.00"), Decimal("200.00"))
    assert months[dt.date(2026, 1, 1)] == (Decimal("1000.00"), Decimal(0))
    assert (found.currency, [row.responsibility for row in found.lines]) == ("EUR", [service])


def test_an_amount_without_a_rate_is_named_and_left_out(cast: Cast, service: Responsibility) -> None:
    line(service, by=cast.giver, year=2024, source="grant", amount="12000")
    line(service, by=cast.giver, year=2024, source="grant", amount="1", title="Lei", currency="RON")
    line(service, by=cast.giver, year=2025, source="municipality", amount="12000")
    found = told(cast, service.programme)
    assert found.without_rate == ["Lei"]
    assert {month.lines.cost for month in found.months if month.first.year == 2025} == {Decimal("0.00")}


def test_more_rows_take_no_more_queries(cast: Cast, service: Responsibility) -> None:
    def asked() -> int:
        with asking(cast.giver), CaptureQueriesContext(connection) as queries:
            unfunded(service.programme)
        return len(queries)

    post(service, by=cast.giver)
    line(service, by=cast.giver)
    before = asked()
    for number in range(3):
        post(service, by=cast.giver, title=f"Post {number}")
        line(service, by=cast.giver, title=f"Line {number}")
    assert asked() == before == 5


@given(
    shares=st.lists(st.sampled_from([10, 25, 40]), min_size=0, max_size=2),
    days=st.integers(0, 90),
)
@pytest.mark.django_db
def test_what_lacks_and_what_is_paid_are_the_whole_post(shares: list[int], days: int) -> None:
    start = dt.date(2025, 1, 1)
    made = Post(id=1, title="Mediator", fte=Decimal(1), funded_by=Source.GRANT, starts_on=dt.date(2024, 1, 1))
    fundings = [
        PostFunding(
            source=Source.MUNICIPALITY, share=Decimal(share), starts_on=start + dt.timedelta(days=days)
        )
        for share in shares
    ]
    ground = module._Ground(
        dt.date(2024, 12, 31), [start], dt.date(2024, 12, 31), frozenset(), "EUR", Rates(()), []
    )
    first, after = module._of_month(ground, [(made, fundings)], start), dt.date(2025, 5, 1)
    late = module._of_month(ground, [(made, fundings)], after)
    assert late.fte == 1 - Decimal(sum(shares)) / 100
    assert 0 <= late.fte <= first.fte <= 1
