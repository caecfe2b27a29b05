"""The critical path: the chain that decides the end, through council sessions and the budget calendar."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from handover.access import asking
from handover.actions import budgets, evidence, milestones
from handover.models import Programme, Transfer, TransferMilestone
from handover.models.milestones import MilestoneKind, Side
from handover.queries.critical_path import DAYS, SIGNING, Path, Step, _chain, _order, _put, critical_path
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.registers import line
from tests.factories.transfers import drafted, responsibilities_of

K = MilestoneKind
TODAY = dt.date(2024, 6, 3)


def path(cast: Cast, programme: Programme) -> Path:
    with asking(cast.giver):
        return critical_path(programme)


def plan(cast: Cast, programme: Programme) -> Transfer:
    return drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())


def step(
    transfer: Transfer, cast: Cast, kind: K, due: str, *waits_for: TransferMilestone, **fields: Any
) -> TransferMilestone:
    return milestones.plan(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        kind=kind,
        title=kind.label,
        due_on=dt.date.fromisoformat(due),
        signs=[Side.GIVER],
        waits_for=waits_for,
        **fields,
    )


def budget_day(cast: Cast, programme: Programme, key: str, month: int, day: int, before: int) -> None:
    budgets.step(
        by=cast.giver,
        programme_uuid=programme.uuid,
        organisation=cast.receiver.organisation,
        key=key,
        title=key,
        month=month,
        day=day,
        years_before=before,
    )


def test_nothing_open_has_no_end(cast: Cast, programme: Programme) -> None:
    found = path(cast, programme)
    assert (found.steps, found.ends_on, found.sentence) == ((), None, "No step of a handover is open.")


def test_the_longest_chain_decides_the_end_and_the_others_have_days_in_hand(
    cast: Cast, programme: Programme
) -> None:
    transfer = plan(cast, programme)
    licence = step(transfer, cast, K.LICENCE_OBTAINED, "2024-12-31")
    counted = step(transfer, cast, K.INVENTORY_COUNTED, "2024-12-31")
    # The plan leaves ten days for it: fewer than its kind takes at most.
    step(transfer, cast, K.TRAINING_COMPLETED, "2025-01-10", licence, counted)

    found = path(cast, programme)
    days = {item.title: (item.ends_on, item.critical, item.slack) for item in found.steps}
    end = TODAY + dt.timedelta(days=DAYS[K.LICENCE_OBTAINED] + 10)
    assert found.ends_on == end
    assert days == {
        "inventory counted": (TODAY + dt.timedelta(days=14), False, 46),
        "licence obtained": (TODAY + dt.timedelta(days=60), True, 0),
        "training completed": (end, True, 0),
    }
    assert [item.title for item in found.chain] == ["licence obtained", "training completed"]
    assert found.sentence.startswith(
        "The plan ends on 10 January 2025. At the earliest everything can be done on 12 "
    )
    says = {item.title: item.says for item in found.steps}
    assert says["inventory counted"] == "It can be 46 days later without moving the end."


def test_a_decision_waits_for_a_session_and_a_missed_one_moves_the_end(
    cast: Cast, programme: Programme
) -> None:
    transfer = plan(cast, programme)
    decided = step(transfer, cast, K.COUNCIL_DECISION, "2024-06-20")
    step(transfer, cast, K.EQUIPMENT_HANDED_OVER, "2024-06-27", decided)
    assert path(cast, programme).assumed == ["Receiver organisation"]

    budget_day(cast, programme, "session-summer", 6, 28, 0)
    budget_day(cast, programme, "session-autumn", 9, 13, 0)
    found = path(cast, programme)
    council, handed = found.steps
    assert found.assumed == []
    assert (council.ends_on, handed.ends_on) == (dt.date(2024, 6, 28), dt.date(2024, 7, 5))
    assert "the next day is 13 September 2024, and the end moves by 77 days" in council.says
    assert found.sentence.startswith("The plan’s last day, 27 June 2024, cannot be kept")
    assert council.in_hand == -8


def test_money_that_was_not_asked_for_in_time_comes_a_year_later(cast: Cast, programme: Programme) -> None:
    service, _ = responsibilities_of(programme, by=cast.giver)
    transfer = plan(cast, programme)
    step(transfer, cast, K.BUDGET_LINE_ADOPTED, "2025-02-28")
    budget_day(cast, programme, "requested", 5, 31, 1)
    budget_day(cast, programme, "adopted", 2, 10, 0)
    assert path(cast, programme).ends_on == dt.date(2026, 2, 10)
    line(service, by=cast.giver, year=2025, stage="requested")
    found = path(cast, programme)
    assert found.ends_on == dt.date(2025, 2, 10)
    assert "the end moves by 365 days" in found.steps[0].says


def test_a_step_whose_evidence_is_there_waits_for_signatures_alone(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    decided = step(transfer, cast, K.COUNCIL_DECISION, "2024-08-20")
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    evidence.add(by=cast.giver, milestone_uuid=decided.uuid, title="Decision", content=[b"1"])
    found = {item.uuid: item for item in path(cast, programme).steps}
    assert found[decided.uuid].ends_on == TODAY + dt.timedelta(days=SIGNING)
    assert found[decided.uuid].meets is None


@given(
    st.lists(st.tuples(st.integers(1, 60), st.sets(st.integers(0, 7), max_size=3)), min_size=1, max_size=8)
)
def test_the_chain_is_unbroken_and_as_long_as_the_way_to_the_end(
    drawn: list[tuple[int, set[int]]],
) -> None:
    steps = {
        key: Step(
            key=key,
            uuid=uuid4(),
            title=str(key),
            transfer=uuid4(),
            transfer_title="",
            receiver="",
            due_on=TODAY,
            days=days,
            waits_for=sorted(first for first in waits if first < key),
        )
        for key, (days, waits) in enumerate(drawn)
    }
    _put(steps, _order(steps.values()), TODAY, lambda key, begins, ready: None)
    chain = _chain(steps)
    assert all(first.key in later.waits_for for first, later in pairwise(chain))
    assert sum(item.days for item in chain) == (max(item.ends_on for item in steps.values()) - TODAY).days
