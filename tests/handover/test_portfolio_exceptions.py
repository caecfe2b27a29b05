"""What stands out in a portfolio: late, unsigned, fallen, out of the ordinary; and nothing of what is closed."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.access import Actor, asking
from handover.actions import permissions, registers, standings
from handover.actions.executions import countersign
from handover.models import Programme
from handover.models.legal_acts import LegalActKind, LegalActStatus
from handover.permissions import Permission, StandingKind
from handover.queries.portfolio_exceptions import Exceptions, Kind, exceptions
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.programmes import programme as founded
from tests.factories.programmes import responsibility
from tests.factories.registers import post
from tests.factories.transfers import responsibilities_of


def told(by: Actor, today: dt.date | None = None) -> Exceptions:
    with asking(by):
        return exceptions(by, today=today)


def sentences(by: Actor, kind: Kind, today: dt.date | None = None) -> list[str]:
    return [item.sentence for item in told(by, today).found[kind]]


def test_where_all_is_well_nothing_stands_out(cast: Cast, programme: Programme) -> None:
    found = told(cast.auditor)
    assert (found.programmes, found.count) == (1, 0)
    assert set(found.found) >= {Kind.MILESTONE, Kind.PROOF, Kind.ACT, Kind.EXCEPTION}


def test_whoever_reaches_no_programme_sees_nothing(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    found = told(cast.stranger)
    assert (found.programmes, found.count) == (0, 0)


def test_a_milestone_is_late_from_the_day_after_its_own(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    after = plans.DUE + dt.timedelta(days=1)
    assert sentences(cast.auditor, Kind.MILESTONE, after) == []  # Nobody waits for a draft.
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    assert sentences(cast.auditor, Kind.MILESTONE, plans.DUE) == []
    (said,) = sentences(cast.auditor, Kind.MILESTONE, after)
    assert said == "“Community's validation” was due on 31 August 2024, 1 day ago."


def test_a_proof_waits_for_the_side_that_has_not_signed_it(cast: Cast, programme: Programme) -> None:
    # Who executes signs with it; the other side's signature is a task of its own.
    proof = plans.executed(cast, programme)
    assert sentences(cast.auditor, Kind.PROOF) == [
        "The proof of “To receiver” of 3 June 2024 waits for the signature of Giver organisation."
    ]
    countersign(by=cast.giver, transfer_uuid=proof.transfer.uuid)
    assert told(cast.auditor).count == 0


def test_an_act_stands_out_while_something_rests_on_it(cast: Cast, programme: Programme) -> None:
    service, _ = responsibilities_of(programme, by=cast.giver)
    act = registers.cite(
        by=cast.giver,
        programme_uuid=programme.uuid,
        issuer=cast.giver.organisation,
        kind=LegalActKind.LEASE,
        number="9",
        dated=dt.date(2024, 1, 9),
        in_force_to=dt.date(2024, 6, 2),
        status=LegalActStatus.IN_FORCE,
    )
    assert sentences(cast.auditor, Kind.ACT) == []
    post(service, by=cast.giver, legal_act=act)
    assert sentences(cast.auditor, Kind.ACT, dt.date(2024, 6, 2)) == []
    over = "Something rests on lease 9 of Giver organisation, which ended on 2 June 2024."
    assert sentences(cast.auditor, Kind.ACT) == [over]
    registers.restate(by=cast.giver, act=act, version=act.version, status=LegalActStatus.ANNULLED)
    assert sentences(cast.auditor, Kind.ACT) == [
        "Something rests on lease 9 of Giver organisation, which is annulled."
    ]


def test_exceptions_of_single_people_are_told_with_reason_and_end_until_they_end(
    cast: Cast, programme: Programme
) -> None:
    service, _ = responsibilities_of(programme, by=cast.giver)
    until = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
    for thing, permission, end in (
        (programme, Permission.EDIT_NEEDS, None),
        (service, Permission.EDIT_RESPONSIBILITY, until),
    ):
        permissions.except_user(
            by=cast.giver,
            thing=thing,
            user=cast.giver_reporter.user,
            organisation=cast.giver.organisation,
            permission=permission,
            reason="Holidays",
            until=end,
        )
    first, second = sentences(cast.auditor, Kind.EXCEPTION)
    who = "Reporter of giver (Giver organisation) holds an exception for"
    assert first == (
        f"{who} Day centre: Change a responsibility and its registers. Reason: Holidays. It ends on 1 July 2024."
    )
    assert second == f"{who} the whole programme: Change the needs hierarchy. Reason: Holidays."


def test_more_programmes_take_no_more_queries(cast: Cast, programme: Programme) -> None:
    def asked() -> tuple[int, int]:
        with asking(cast.auditor), CaptureQueriesContext(connection) as queries:
            found = exceptions(cast.auditor, today=dt.date(2025, 1, 1))
        return found.count, len(queries)

    def planned(of: Programme) -> None:
        responsibility(of, by=cast.giver)
        transfer = plans.drafted(of, by=cast.giver, receiver=cast.receiver.organisation)
        plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)

    planned(programme)
    one, before = asked()
    for title in ("One", "Two"):
        made = founded(cast.giver, title=title)
        standings.admit(
            by=cast.giver,
            programme_uuid=made.uuid,
            organisation=cast.auditor.organisation,
            kind=StandingKind.AUDITOR,
            until=dt.datetime(2025, 9, 1, tzinfo=dt.UTC),
        )
        planned(made)
    many, after = asked()
    assert (one, many) == (1, 3)
    assert after == before
