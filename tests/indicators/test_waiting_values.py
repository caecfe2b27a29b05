"""What indicators wait for, in the list of what waits for a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import clock
from handover.access import Actor, asking
from handover.actions import executions, transfers
from handover.models import Programme
from handover.models.transfers import KeepKind
from handover.queries.waiting import waiting_for
from indicators.actions import drafts, submissions
from indicators.actions.drafts import Row
from indicators.models import Indicator, Submission
from indicators.queries.lateness import overdue
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, indicator, reported, result
from tests.factories.programmes import programme as founded

QUARTERLY: dict[str, Any] = {"frequency": "quarterly", "due_days": 20}


def due(who: Actor) -> list[tuple[str, dt.date | None]]:
    """Give the sentences and days of values that somebody should report of 2024 and later."""
    found = [task for task in waiting_for(who) if task.kind == "values.report"]
    return [(task.sentence, task.due_on) for task in found if str(task.about["starts_on"]) >= "2024"]


def others(who: Actor) -> list[str]:
    return [task.kind for task in waiting_for(who) if task.kind.startswith("submission")]


def submitted(by: Actor, programme: Programme, of: Indicator) -> Submission:
    made = submissions.draft(by=by, programme_uuid=programme.uuid, title="First quarter")
    row = Row(
        indicator=of.uuid,
        starts_on=FIRST_QUARTER[0],
        ends_on=FIRST_QUARTER[1],
        value=41,
    )
    made = drafts.put(by=by, submission_uuid=made.uuid, version=made.version, rows=[row])
    return submissions.submit(by=by, submission_uuid=made.uuid, version=made.version)


def test_values_of_a_period_wait_together_for_whoever_reports(cast: Cast, programme: Programme) -> None:
    under = result(programme, by=cast.giver)
    first = indicator(programme, by=cast.giver, of=under, **QUARTERLY)
    indicator(programme, by=cast.giver, of=under, title="Meals", **QUARTERLY)
    reported(first, {"": 3}, by=cast.giver, quarter=FIRST_QUARTER)
    late = ("Report the values for 1 January 2024 to 31 March 2024 (indicators: 1)", dt.date(2024, 4, 20))
    assert due(cast.giver_reporter) == due(cast.giver) == [late], "the other one is reported"
    assert due(cast.donor) == due(cast.receiver) == due(cast.auditor) == []
    with clock.at(dt.datetime(2024, 7, 8, 9, tzinfo=dt.UTC)):
        assert due(cast.giver_reporter) == [
            late,
            ("Report the values for 1 April 2024 to 30 June 2024 (indicators: 2)", dt.date(2024, 7, 20)),
        ]


def test_what_is_late_is_what_lateness_says(cast: Cast, programme: Programme) -> None:
    under = result(programme, by=cast.giver)
    for frequency, days in (("monthly", 5), ("quarterly", 40), ("yearly", None), ("custom", 3)):
        row = indicator(
            programme, by=cast.giver, of=under, title=frequency, frequency=frequency, due_days=days
        )
        if frequency != "yearly":
            reported(row, {"": 3}, by=cast.giver, quarter=FIRST_QUARTER)
    for instant in (TODAY, dt.datetime(2025, 2, 1, 9, tzinfo=dt.UTC)):
        with clock.at(instant):
            today = clock.today()
            with asking(cast.giver):
                said = {(item.starts_on, item.ends_on, item.due_on) for item in overdue(programme, today)}
            listed = {
                (task.about["starts_on"], task.about["ends_on"], task.due_on)
                for task in waiting_for(cast.giver)
                if task.kind == "values.report" and task.due_on and task.due_on < today
            }
            assert listed == said


def test_what_is_handed_in_waits_for_whoever_approves_and_not_for_whoever_reports(
    cast: Cast, programme: Programme
) -> None:
    row = indicator(programme, by=cast.giver, approval=True, **QUARTERLY)
    assert len(due(cast.giver_reporter)) == 1
    made = submitted(cast.giver_reporter, programme, row)
    assert due(cast.giver_reporter) == []
    assert others(cast.giver) == others(cast.giver_officer) == ["submission.approve"]
    assert others(cast.giver_reporter) == others(cast.receiver) == []
    submissions.return_(by=cast.giver, submission_uuid=made.uuid, version=made.version, note="Women only")
    assert others(cast.giver_reporter) == ["submission.mend"]
    assert others(cast.giver) == []
    assert len(due(cast.giver_reporter)) == 1


def test_nobody_approves_their_own(cast: Cast, programme: Programme) -> None:
    row = indicator(programme, by=cast.giver, approval=True, **QUARTERLY)
    submitted(cast.giver_officer, programme, row)
    assert others(cast.giver_officer) == []
    assert others(cast.giver) == ["submission.approve"]


def test_a_former_steward_is_asked_for_what_it_owes_and_for_nothing_else(
    cast: Cast, programme: Programme
) -> None:
    under = result(programme, by=cast.giver)
    owed = indicator(programme, by=cast.giver, of=under, **QUARTERLY)
    indicator(programme, by=cast.giver, of=under, title="Meals", **QUARTERLY)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    until = dt.date(2024, 12, 31)
    transfers.keep(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        kind=KeepKind.OWED_RESULTS,
        until=until,
        indicator_uuids=[owed.uuid],
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid, key="test")
    (said,) = due(cast.giver_reporter)
    assert said == (
        "Report the values for 1 January 2024 to 31 March 2024 (indicators: 1)",
        dt.date(2024, 4, 20),
    )
    assert len(due(cast.receiver_reporter)) == 1, "the new steward is asked for both"
    with clock.at(dt.datetime(2024, 10, 1, 9, tzinfo=dt.UTC)):
        assert due(cast.giver_reporter) == [said], "what ends after the handover is not owed"
        reported(owed, {"": 4}, by=cast.giver_reporter, quarter=FIRST_QUARTER)
        assert due(cast.giver_reporter) == []


def test_the_number_of_queries_does_not_grow_with_programmes(cast: Cast, programme: Programme) -> None:
    def filled(where: Programme) -> None:
        row = indicator(where, by=cast.giver, approval=True, **QUARTERLY)
        submitted(cast.giver_reporter, where, row)

    def asked() -> tuple[int, int]:
        with asking(cast.giver), CaptureQueriesContext(connection) as context:
            found = len(waiting_for(cast.giver))
        return found, len(context)

    filled(programme)
    few = asked()
    for number in range(3):
        filled(founded(cast.giver, identifier=f"XX-TEST-{number}"))
    many = asked()
    assert (few[0] * 4, few[1]) == many
