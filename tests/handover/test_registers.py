"""Registers: gaps in who delivers, the strictest equipment threshold, and the lines that annexes list."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from handover import clock
from handover.access import asking
from handover.actions import registers, responsibilities, transfers
from handover.errors import NotAllowed
from handover.models import BudgetLine, Equipment, Post, Programme, Responsibility, Tenure
from handover.models.guard import writing
from handover.models.responsibilities import Capacity
from handover.queries.equipment import Threshold, Thresholds
from handover.queries.registers import gaps
from tests.factories.cast import Cast
from tests.factories.programmes import grant
from tests.factories.transfers import RETENTION, responsibilities_of

pytestmark = pytest.mark.django_db

ITEM = Equipment(title="Van", currency="EUR", acquired_on=dt.date(2023, 5, 2))


@pytest.fixture
def service(cast: Cast, programme: Programme) -> Responsibility:
    """Give a responsibility that the giver holds and delivers."""
    return responsibilities_of(programme, by=cast.giver)[0]


def add_grant(cast: Cast, programme: Programme, threshold: str | None) -> None:
    limit = None if threshold is None else Decimal(threshold)
    grant(programme, by=cast.giver, donor=cast.donor.organisation, equipment_threshold=limit)


def test_days_without_a_provider_are_a_named_gap(cast: Cast, service: Responsibility) -> None:
    with asking(cast.giver), writing():
        Tenure.objects.filter(responsibility=service, capacity=Capacity.PROVIDER).update(
            valid=DateRange(dt.date(2022, 1, 1), dt.date(2024, 3, 1))
        )
    responsibilities.provide(
        by=cast.giver, responsibility_uuid=service.uuid, provider=cast.donor.organisation
    )

    with asking(cast.giver):
        (gap,) = gaps(service.programme)

    assert gap.responsibility == service
    assert (gap.since, gap.until) == (dt.date(2024, 3, 1), clock.today())


def test_a_provider_that_follows_at_once_leaves_no_gap(cast: Cast, service: Responsibility) -> None:
    responsibilities.provide(
        by=cast.giver, responsibility_uuid=service.uuid, provider=cast.donor.organisation
    )

    with asking(cast.giver):
        assert list(gaps(service.programme)) == []


def test_two_organisations_never_hold_the_same_responsibility_on_the_same_day(
    cast: Cast, service: Responsibility
) -> None:
    with asking(cast.giver), writing(), pytest.raises(IntegrityError), transaction.atomic():
        Tenure.objects.create(
            programme=service.programme,
            responsibility=service,
            capacity=Capacity.HOLDER,
            organisation=cast.donor.organisation,
            valid=DateRange(clock.today(), None),
        )


def test_the_strictest_equipment_threshold_counts(cast: Cast, programme: Programme) -> None:
    for threshold in ("10000", None, "5000"):
        add_grant(cast, programme, threshold)

    with asking(cast.giver):
        assert Thresholds(programme).of(ITEM) == Threshold(Decimal(5000), "EUR")


def test_a_programme_without_grants_has_no_threshold(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        assert Thresholds(programme).of(ITEM) is None


def test_annexes_list_posts_equipment_and_budgets_of_what_moves(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    add_grant(cast, programme, "5000")
    entered = {"by": cast.giver, "responsibility_uuid": service.uuid}
    for title, cost in (("Van", "5000.01"), ("Printer", "5000")):
        registers.enter(
            register=Equipment,
            title=title,
            acquired_on=dt.date(2023, 1, 1),
            cost=Decimal(cost),
            currency="EUR",
            **entered,  # type: ignore[arg-type]
        )
    registers.enter(
        register=Post,
        title="Mediator",
        fte=Decimal("0.50"),
        funded_by="grant",
        starts_on=dt.date(2023, 1, 1),
        **entered,  # type: ignore[arg-type]
    )
    registers.enter(
        register=BudgetLine,
        title="Salaries",
        year=2025,
        source="municipality",
        amount=Decimal(12000),
        currency="EUR",
        **entered,  # type: ignore[arg-type]
    )
    plan = transfers.draft(
        by=cast.giver,
        programme_uuid=programme.uuid,
        title="Plan",
        receiver=cast.receiver.organisation,
        retention_until=RETENTION,
    )
    transfers.include(by=cast.giver, transfer_uuid=plan.uuid, items=[transfers.Item(service)])

    lines = {line.text for line in transfers.list_holdings(by=cast.giver, transfer_uuid=plan.uuid)}
    again = transfers.list_holdings(by=cast.giver, transfer_uuid=plan.uuid)

    assert "Van (no serial), 5000.01 EUR; proof of transfer needed" in lines
    assert "Printer (no serial), 5000 EUR" in lines
    assert "Mediator, 0.5 FTE, paid by the grant" in lines
    assert "2025: Salaries, 12000 EUR from the municipality" in lines
    assert again == []


def test_only_who_holds_a_responsibility_enters_lines_in_its_registers(
    cast: Cast, service: Responsibility
) -> None:
    with pytest.raises(NotAllowed):
        registers.enter(
            by=cast.donor,
            register=Post,
            responsibility_uuid=service.uuid,
            title="Mediator",
            fte=Decimal(1),
            funded_by="grant",
            starts_on=dt.date(2023, 1, 1),
        )
