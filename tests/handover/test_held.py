"""What an organisation holds: over all programmes, with what it rests on and when that ends."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.access import Actor, asking
from handover.actions import registers
from handover.models import Contract, LegalAct, Licence, Programme, Responsibility
from handover.models.legal_acts import LegalActKind, LegalActStatus
from handover.queries.held import Holds, held, programmes_held
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.indicators import indicator
from tests.factories.programmes import programme as founded
from tests.factories.programmes import responsibility
from tests.factories.registers import line, post
from tests.factories.transfers import responsibilities_of


def told(by: Actor) -> Holds:
    with asking(by):
        return held(by)


def act(programme: Programme, by: Actor, **fields: object) -> LegalAct:
    said = {
        "issuer": by.organisation,
        "kind": LegalActKind.COUNCIL_DECISION,
        "number": "7",
        "dated": dt.date(2024, 1, 9),
        "status": LegalActStatus.IN_FORCE,
    }
    return registers.cite(by=by, programme_uuid=programme.uuid, **{**said, **fields})


def licence(of: Responsibility, by: Actor, until: dt.date | None, title: str = "Licence") -> Licence:
    return registers.enter(
        by=by,
        register=Licence,
        responsibility_uuid=of.uuid,
        title=title,
        authority="An authority",
        number="L-1",
        valid_from=dt.date(2024, 1, 1),
        valid_to=until,
    )


def contract(of: Responsibility, by: Actor, until: dt.date | None) -> Contract:
    return registers.enter(
        by=by,
        register=Contract,
        responsibility_uuid=of.uuid,
        title="Cleaning",
        counterparty="A firm",
        number="C-1",
        valid_from=dt.date(2024, 1, 1),
        valid_to=until,
        amount="10",
        currency="EUR",
    )


def test_every_responsibility_stands_with_what_it_rests_on(cast: Cast, programme: Programme) -> None:
    service, reporting = responsibilities_of(programme, by=cast.giver)
    decision = act(programme, cast.giver, in_force_to=dt.date(2025, 1, 31))
    post(service, by=cast.giver, fte="0.75", legal_act=decision)
    post(service, by=cast.giver, title="Gone", fte="1.00", ends_on=dt.date(2024, 2, 1))
    line(service, by=cast.giver, year=2024, amount="500", stage="requested")
    line(service, by=cast.giver, year=2024, amount="400", stage="adopted")
    contract(service, cast.giver, dt.date(2024, 12, 31))
    licence(service, cast.giver, None)

    found = told(cast.giver_officer)
    first, second = found.rows
    assert (first.title, second.title) == ("Day centre", "Reporting")
    assert (first.unit, first.since, first.fte) == (
        "Giver organisation",
        dt.date(2022, 1, 1),
        Decimal("0.75"),
    )
    assert [(item.title, item.number) for item in first.acts] == [("council decision", "7")]
    assert [(item.amount, item.stage) for item in first.lines] == [(Decimal(400), "adopted")]
    assert [item.title for item in (*first.contracts, *first.licences)] == ["Cleaning", "Licence"]
    assert first.ends_on == dt.date(2024, 12, 31)
    assert (second.papers, second.ends_on) == ([], None)
    assert (found.without_money, reporting.title) == (1, "Reporting")


def test_what_is_over_and_what_ends_soon_is_counted_once_each(cast: Cast, programme: Programme) -> None:
    service, reporting = responsibilities_of(programme, by=cast.giver)
    licence(service, cast.giver, dt.date(2024, 6, 2))
    licence(service, cast.giver, dt.date(2024, 7, 1), "Another")
    licence(reporting, cast.giver, dt.date(2024, 6, 3))
    found = told(cast.giver)
    assert (found.over, found.ending) == (1, 1)

    fallen = act(programme, cast.giver)
    post(reporting, by=cast.giver, legal_act=fallen)
    registers.restate(by=cast.giver, act=fallen, version=fallen.version, status=LegalActStatus.REPEALED)
    found = told(cast.giver)
    assert (found.over, found.ending) == (2, 0)


def test_whoever_only_reads_a_programme_holds_nothing_and_a_stranger_sees_none(
    cast: Cast, programme: Programme
) -> None:
    for actor in (cast.donor, cast.auditor, cast.stranger):
        found = told(actor)
        assert (found.rows, found.programmes, found.reports) == ([], [], [])


def test_it_goes_over_with_a_handover(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    assert [row.title for row in told(cast.giver).rows] == []
    rows = told(cast.receiver).rows
    assert [(row.title, row.by_transfer) for row in rows] == [("Day centre", True), ("Reporting", True)]


def test_values_that_are_due_are_told_to_who_may_report_them(cast: Cast, programme: Programme) -> None:
    indicator(programme, by=cast.giver, frequency="quarterly", due_days=30)
    assert [task.kind for task in told(cast.giver_reporter).reports][:1] == ["values.report"]
    assert told(cast.auditor).reports == []


def test_a_receiver_may_ask_money_for_what_an_open_plan_moves_to_it(cast: Cast, programme: Programme) -> None:
    def named(by: Actor) -> list[str]:
        with asking(by):
            return [item.identifier for item in programmes_held(by)]

    assert (named(cast.giver), named(cast.receiver), named(cast.donor)) == (["XX-TEST-HOME"], [], [])
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    assert named(cast.receiver) == ["XX-TEST-HOME"]


def test_more_programmes_and_more_lines_take_no_more_queries(cast: Cast, programme: Programme) -> None:
    def asked() -> tuple[int, int]:
        with asking(cast.giver), CaptureQueriesContext(connection) as queries:
            rows = held(cast.giver).rows
        return len(rows), len(queries)

    service, _ = responsibilities_of(programme, by=cast.giver)
    post(service, by=cast.giver, legal_act=act(programme, cast.giver))
    two, before = asked()
    for name in ("One", "Two"):
        other = founded(cast.giver, title=name)
        mine = responsibility(other, by=cast.giver, title=name)
        post(mine, by=cast.giver, legal_act=act(other, cast.giver))
        line(mine, by=cast.giver, year=2024)
        licence(mine, cast.giver, None)
    four, after = asked()
    assert (two, four) == (2, 4)
    assert after == before <= 8
