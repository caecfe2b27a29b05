"""After handovers: what stands out to donor and auditor, and what waits for whoever took a programme over."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest

from handover import clock
from handover.access import Actor, asking
from handover.actions import checks, undertakings
from handover.models import Programme, Undertaking
from handover.queries import checks as reads
from handover.queries.portfolio_exceptions import Kind, exceptions
from handover.queries.waiting import waiting_for
from tests.factories.cast import Cast
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}T12:00:00+00:00")


@pytest.fixture
def home(cast: Cast, programme: Programme) -> Programme:
    """Give a programme that was handed over on 3 June 2024."""
    with clock.at(at("2024-06-03")):
        executed(cast, programme)
    return programme


def told(actor: Actor, on: str, kind: Kind) -> list[str]:
    with clock.at(at(on)), asking(actor):
        return [item.sentence for item in exceptions(actor).found[kind]]


def waits(actor: Actor, on: str) -> list[str]:
    with clock.at(at(on)), asking(actor):
        return [
            task.sentence for task in waiting_for(actor) if task.kind in ("check.hold", "undertaking.show")
        ]


def promise(cast: Cast, home: Programme) -> None:
    with clock.at(at("2024-06-10")):
        undertakings.enter(
            by=cast.receiver,
            programme_uuid=home.uuid,
            organisation=cast.receiver.organisation,
            kind="service",
            title="Open on five days",
            starts_on=dt.date(2024, 6, 10),
        )


def test_an_overdue_check_stands_out_until_it_is_held(cast: Cast, home: Programme) -> None:
    assert told(cast.donor, "2024-12-03", Kind.CHECK) == []
    assert told(cast.donor, "2024-12-04", Kind.CHECK) == [
        "The check 6 months after the handover was due on 3 December 2024, 1 day ago."
    ]
    with clock.at(at("2024-12-05")), asking(cast.receiver):
        row = reads.rows(home)[0]
        checks.hold(by=cast.receiver, check_uuid=row.uuid, version=1)
    assert told(cast.donor, "2024-12-06", Kind.CHECK) == []


def test_a_promise_that_is_not_shown_stands_out_and_then_what_was_said(cast: Cast, home: Programme) -> None:
    promise(cast, home)
    assert told(cast.donor, "2025-03-31", Kind.UNDERTAKING) == []
    (sentence,) = told(cast.donor, "2025-04-01", Kind.UNDERTAKING)
    assert "has not shown what became of “Open on five days” in 2024" in sentence
    with clock.at(at("2025-04-02")), asking(cast.receiver):
        (found,) = reads_of(home)
        undertakings.say(by=cast.receiver, undertaking_uuid=found, year=2024, outcome="broken", reason="No")
    (sentence,) = told(cast.donor, "2025-04-03", Kind.UNDERTAKING)
    assert "did not keep “Open on five days” in 2024" in sentence


def reads_of(home: Programme) -> list[UUID]:
    return list(Undertaking.objects.filter(programme=home).values_list("uuid", flat=True))


def test_an_organisation_that_records_nothing_for_half_a_year_is_silent(cast: Cast, home: Programme) -> None:
    assert told(cast.donor, "2024-11-30", Kind.SILENT) == []
    (sentence,) = told(cast.donor, "2024-12-01", Kind.SILENT)
    assert sentence == f"{cast.receiver.organisation.name} has recorded nothing for 181 days."
    promise(cast, home)
    assert told(cast.donor, "2024-12-06", Kind.SILENT) == []


def test_a_former_steward_is_told_nothing_of_what_came_after_it(cast: Cast, home: Programme) -> None:
    for kind in (Kind.CHECK, Kind.SILENT):
        assert told(cast.giver, "2025-03-01", kind) == []


def test_a_check_and_a_year_wait_for_whoever_took_it_over(cast: Cast, home: Programme) -> None:
    promise(cast, home)
    assert waits(cast.receiver, "2024-10-03") == []
    assert waits(cast.receiver, "2024-10-04") == ["Hold the check 6 months after the handover"]
    assert waits(cast.receiver, "2025-01-02") == [
        "Hold the check 6 months after the handover",
        "Show what became of “Open on five days” in 2024",
    ]
    assert waits(cast.donor, "2025-01-02") == []
