"""Blockers: what keeps a responsibility from changing hands, and who must do what about it."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from handover.access import Actor, asking
from handover.actions import evidence, milestones, registers, transfers
from handover.models import Programme, Responsibility
from handover.models.legal_acts import LegalActKind, LegalActStatus
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.queries.blockers import Blocked, Kind, blocked, count
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.programmes import grant
from tests.factories.registers import line
from tests.factories.transfers import agreed, drafted, milestone, responsibilities_of


def found(programme: Programme, by: Actor) -> list[Blocked]:
    with asking(by):
        return blocked(programme)


def told(items: list[Blocked]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Give what is missing: of what, which kind, and who must act."""
    return [
        (item.title, blocker.kind.value, tuple(blocker.who)) for item in items for blocker in item.blockers
    ]


def test_a_programme_without_an_open_transfer_has_no_blockers(cast: Cast, programme: Programme) -> None:
    assert found(programme, cast.giver) == []
    plans.executed(cast, programme)
    assert found(programme, cast.receiver) == []


def test_before_it_is_accepted_a_plan_waits_for_whose_turn_it_is(cast: Cast, programme: Programme) -> None:
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    milestone(transfer, by=cast.giver, evidence_required=True)
    first = ("To receiver", "plan", ("Giver organisation",))
    assert told(found(programme, cast.giver)) == [first]
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    assert told(found(programme, cast.giver)) == [("To receiver", "plan", ("Receiver organisation",))]


def test_a_step_names_its_evidence_its_signatures_and_what_it_waits_for(
    cast: Cast, programme: Programme
) -> None:
    service, _ = responsibilities_of(programme, by=cast.giver)
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    count_first = milestone(transfer, by=cast.giver, title="Count", evidence_required=True)
    milestone(transfer, by=cast.giver, title="Train", waits_for=[count_first], moves=[service])
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    both = ("Giver organisation", "Receiver organisation")

    whole, day_centre, reporting = found(programme, cast.giver)
    assert (day_centre.moves_with, reporting.moves_with) == ("Train", "")
    assert told([day_centre]) == [
        ("Day centre", "dependency", both),
        ("Day centre", "signature", both),
    ]
    assert sorted(told([whole])) == sorted(
        [
            ("To receiver", "signature", ("Community organisation",)),
            ("To receiver", "evidence", both),
            ("To receiver", "signature", both),
        ]
    )
    assert reporting.blockers == []

    evidence.add(by=cast.giver, milestone_uuid=count_first.uuid, title="List", content=[b"1"])
    milestones.sign(by=cast.giver, milestone_uuid=count_first.uuid)
    whole, day_centre, _ = found(programme, cast.giver)
    assert ("To receiver", "signature", ("Receiver organisation",)) in told([whole])
    milestones.sign(by=cast.receiver, milestone_uuid=count_first.uuid)
    _, day_centre, _ = found(programme, cast.giver)
    assert [kind for _, kind, _ in told([day_centre])] == ["signature"]


def test_what_is_past_its_day_is_late(cast: Cast, programme: Programme) -> None:
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    with asking(cast.giver):
        (before, *_), (after, *_) = (
            blocked(programme, today=plans.DUE + dt.timedelta(days=n)) for n in (0, 1)
        )
    assert [item.late for item in before.blockers] == [False]
    assert [item.late for item in after.blockers] == [True]


def test_a_councils_decision_needs_an_act_that_holds(cast: Cast, programme: Programme) -> None:
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    step = milestone(transfer, by=cast.giver, kind=MilestoneKind.COUNCIL_DECISION, title="Decide")
    agreed(transfer, by=cast.giver, receiver=cast.receiver)

    def acts() -> list[str]:
        whole, *_ = found(programme, cast.giver)
        return [item.sentence for item in whole.blockers if item.kind is Kind.LEGAL_ACT]

    assert acts() == ["It names no legal act."]
    act = registers.cite(
        by=cast.receiver,
        programme_uuid=programme.uuid,
        issuer=cast.receiver.organisation,
        kind=LegalActKind.COUNCIL_DECISION,
        number="12",
        dated=dt.date(2024, 5, 1),
        status=LegalActStatus.DRAFT,
    )
    milestones.rest_on(by=cast.receiver, milestone_uuid=step.uuid, version=step.version, legal_act=act)
    assert acts() == ["It rests on act 12, which is a draft."]
    act = registers.restate(by=cast.giver, act=act, version=act.version, status=LegalActStatus.IN_FORCE)
    assert acts() == []
    registers.restate(by=cast.giver, act=act, version=act.version, status=LegalActStatus.ANNULLED)
    assert acts() == ["It rests on act 12, which does not hold any more."]


def test_money_after_the_grant_is_missing_then_asked_for_then_there(cast: Cast, programme: Programme) -> None:
    service, _ = responsibilities_of(programme, by=cast.giver)
    grant(programme, by=cast.giver, donor=cast.donor.organisation)
    drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[service], lead=False)

    def money() -> list[str]:
        _, *rows = found(programme, cast.giver)
        return [item.todo for row in rows for item in row.blockers if item.kind is Kind.BUDGET_LINE]

    assert money() == ["Enter a budget line and ask the council for it"]
    line(service, by=cast.giver, stage="requested")
    assert money() == ["Have the council adopt the budget line, and enter it as adopted"]
    line(service, by=cast.giver, stage="adopted")
    assert money() == []


def test_a_grant_that_asks_for_consent_needs_a_step_for_it(cast: Cast, programme: Programme) -> None:
    grant(programme, by=cast.giver, donor=cast.donor.organisation, donor_consent_required=True)
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())

    def consents() -> list[str]:
        whole, *_ = found(programme, cast.giver)
        return [item.sentence for item in whole.blockers if item.kind is Kind.CONSENT]

    assert consents() == [
        "Grant XX-1 asks for the consent of Donor organisation, and no step of the plan asks for it.",
        "No step of the plan asks the community to validate the handover.",
    ]
    milestone(transfer, by=cast.giver, kind=MilestoneKind.DONOR_CONSENT, signs=[Side.DONOR])
    milestone(transfer, by=cast.giver, kind=MilestoneKind.COMMUNITY_VALIDATION, signs=[Side.COMMUNITY])
    assert consents() == []


def test_a_vote_that_the_plan_asks_for_is_missing(cast: Cast, programme: Programme) -> None:
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    milestones.plan(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        kind=MilestoneKind.CO_DELIVERY,
        title="Deliver together",
        due_on=plans.DUE,
        signs=[Side.GIVER],
        evidence_required=False,
        quorum=21,
        on_dissent=OnDissent.PAUSE,
    )
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    whole, *_ = found(programme, cast.giver)
    (vote,) = (item for item in whole.blockers if item.kind is Kind.VOTE)
    assert (vote.who, "at least 21 people" in vote.sentence) == (["Community organisation"], True)


def test_an_objection_is_told_as_one(cast: Cast, programme: Programme) -> None:
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    step = milestone(transfer, by=cast.giver, title="Train")
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    milestones.sign(by=cast.receiver, milestone_uuid=step.uuid, decision="objects", remark="Too short.")
    whole, *_ = found(programme, cast.giver)
    (voice,) = (item for item in whole.blockers if item.kind is Kind.OBJECTION)
    assert voice.who == ["Receiver organisation"]


def test_sentences_are_in_the_readers_language_and_more_steps_take_no_more_queries(
    cast: Cast, programme: Programme
) -> None:
    grant(programme, by=cast.giver, donor=cast.donor.organisation)
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    milestone(transfer, by=cast.giver, title="One")

    def asked() -> tuple[int, int]:
        with asking(cast.giver), CaptureQueriesContext(connection) as queries, translation.override("en"):
            number = count(blocked(programme))
        return number, len(queries)

    few, one = asked()
    before: list[Responsibility] = responsibilities_of(programme, by=cast.giver)
    for name in ("Two", "Three", "Four"):
        milestone(transfer, by=cast.giver, title=name, evidence_required=True)
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    many, four = asked()
    assert (many > few + 6, len(before)) == (True, 2)
    assert four <= one == 8
