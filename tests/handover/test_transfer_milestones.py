"""Milestones: in their order, with their evidence, with every voice that is asked; and what they move."""

from __future__ import annotations

import datetime as dt

import pytest

from handover import clock
from handover.access import Actor, asking, permissions_on
from handover.actions import evidence, milestones, responsibilities, transfers
from handover.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from handover.models import Programme, Responsibility, SignOff, Tenure, Transfer, TransferMilestone
from handover.models.milestones import MilestoneKind, Side
from handover.models.responsibilities import Capacity
from handover.models.signoffs import Decision
from handover.permissions import HOLDER_ROLE, Role, StandingKind
from handover.queries.gates import gates
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast: Cast, programme: Programme) -> Transfer:
    return plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)


def agreed(draft: Transfer, cast: Cast) -> None:
    plans.agreed(draft, by=cast.giver, receiver=cast.receiver)


def done(milestone: TransferMilestone, *, by: Actor) -> bool:
    with asking(by):
        return TransferMilestone.objects.get(pk=milestone.pk).done_at is not None


def holder(responsibility: Responsibility, capacity: Capacity = Capacity.HOLDER, *, by: Actor) -> str:
    with asking(by):
        return Tenure.objects.get(
            responsibility=responsibility, capacity=capacity, valid__contains=clock.today()
        ).organisation.slug


@pytest.mark.parametrize("kind", MilestoneKind)
def test_every_kind_of_milestone_can_be_planned(kind: MilestoneKind, cast: Cast, draft: Transfer) -> None:
    assert plans.milestone(draft, by=cast.giver_officer, kind=kind).kind == kind


def test_a_milestone_waits_for_those_before_it(cast: Cast, draft: Transfer) -> None:
    first = plans.milestone(draft, by=cast.giver, title="Count", signs=[Side.GIVER])
    second = plans.milestone(draft, by=cast.giver, title="Hand over", signs=[Side.GIVER], waits_for=[first])
    agreed(draft, cast)

    with pytest.raises(Refused) as refused:
        milestones.sign(by=cast.giver, milestone_uuid=second.uuid)
    assert [(gate.code, gate.subject) for gate in refused.value.gates] == [("waits_for", str(first.uuid))]
    milestones.sign(by=cast.giver, milestone_uuid=first.uuid)
    milestones.sign(by=cast.giver, milestone_uuid=second.uuid)
    assert done(second, by=cast.giver)


def test_a_milestone_that_needs_evidence_is_not_signed_without(cast: Cast, draft: Transfer) -> None:
    step = plans.milestone(draft, by=cast.giver, signs=[Side.RECEIVER], evidence_required=True)
    agreed(draft, cast)

    with pytest.raises(Refused) as refused:
        milestones.sign(by=cast.receiver, milestone_uuid=step.uuid)
    assert [gate.code for gate in refused.value.gates] == ["evidence_missing"]
    evidence.add(
        by=cast.community, milestone_uuid=step.uuid, title="Photos", link="https://community.example/photos"
    )
    milestones.sign(by=cast.receiver, milestone_uuid=step.uuid)
    assert done(step, by=cast.giver)


def test_what_is_missing_is_named_at_once(cast: Cast, draft: Transfer) -> None:
    earlier = [plans.milestone(draft, by=cast.giver, title=f"Step {number}") for number in range(3)]
    step = plans.milestone(draft, by=cast.giver, waits_for=earlier, evidence_required=True)
    agreed(draft, cast)

    with pytest.raises(Refused) as refused:
        milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert [gate.code for gate in refused.value.gates] == ["waits_for"] * 3 + ["evidence_missing"]


def test_a_milestone_asks_its_sides_alone(cast: Cast, draft: Transfer) -> None:
    step = plans.milestone(draft, by=cast.giver, signs=[Side.DONOR])
    agreed(draft, cast)

    for by in (
        cast.giver,
        cast.receiver,
        cast.community,
        cast.auditor,
        cast.giver_officer,
        cast.receiver_reporter,
    ):
        with pytest.raises(NotAllowed):
            milestones.sign(by=by, milestone_uuid=step.uuid)
    with pytest.raises(NotFound):
        milestones.sign(by=cast.stranger, milestone_uuid=step.uuid)
    milestones.sign(by=cast.donor, milestone_uuid=step.uuid)
    assert done(step, by=cast.giver)


def test_a_milestone_is_signed_once_both_sides_agreed_on_the_plan(cast: Cast, draft: Transfer) -> None:
    (validation,) = plans.milestones_of(draft, by=cast.giver)
    for step in (None, transfers.propose):
        if step:
            step(by=cast.giver, transfer_uuid=draft.uuid)
        with pytest.raises(Refused, match="accepted transfer"):
            milestones.sign(by=cast.community, milestone_uuid=validation.uuid)


def test_a_milestone_is_done_with_its_last_signature_and_then_closed(cast: Cast, draft: Transfer) -> None:
    step = plans.milestone(draft, by=cast.giver)
    agreed(draft, cast)
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert not done(step, by=cast.giver)
    milestones.sign(by=cast.receiver, milestone_uuid=step.uuid)
    assert done(step, by=cast.giver)

    with pytest.raises(Refused, match="done already"):
        milestones.sign(
            by=cast.giver, milestone_uuid=step.uuid, decision=Decision.OBJECTS, remark="Too late."
        )
    with pytest.raises(Invalid, match="done"):
        evidence.add(by=cast.giver, milestone_uuid=step.uuid, title="Late", link="https://giver.example/late")


def test_an_objection_keeps_the_milestone_open_until_it_is_withdrawn(cast: Cast, draft: Transfer) -> None:
    (validation,) = plans.milestones_of(draft, by=cast.giver)
    agreed(draft, cast)
    milestones.sign(
        by=cast.community,
        milestone_uuid=validation.uuid,
        decision=Decision.OBJECTS,
        remark="The mediator leaves.",
    )

    assert not done(validation, by=cast.giver)
    with asking(cast.receiver):
        found = {gate.code: gate.sentence for gate in gates(Transfer.objects.get(pk=draft.pk))}
    assert "The mediator leaves." in found["open_conflict"]
    assert {"milestone_unmet", "community_validation_missing"} <= found.keys()

    milestones.sign(by=cast.community, milestone_uuid=validation.uuid)
    assert done(validation, by=cast.giver)
    with asking(cast.auditor):
        words = list(
            SignOff.objects.filter(milestone=validation).order_by("id").values_list("decision", "remark")
        )
    assert words == [("objects", "The mediator leaves."), ("agrees", "")]


def test_a_dissent_is_recorded_stays_readable_and_does_not_block(cast: Cast, draft: Transfer) -> None:
    (validation,) = plans.milestones_of(draft, by=cast.giver)
    agreed(draft, cast)
    milestones.sign(
        by=cast.community,
        milestone_uuid=validation.uuid,
        decision=Decision.AGREES_WITH_DISSENT,
        remark="We were heard too late.",
    )

    assert done(validation, by=cast.giver)
    for by in (cast.giver_reporter, cast.receiver_officer, cast.donor, cast.community, cast.auditor):
        with asking(by):
            assert SignOff.objects.get(milestone=validation).remark == "We were heard too late."


@pytest.mark.parametrize("decision", [Decision.AGREES_WITH_DISSENT, Decision.OBJECTS])
def test_a_dissent_needs_words(decision: Decision, cast: Cast, draft: Transfer) -> None:
    (validation,) = plans.milestones_of(draft, by=cast.giver)
    agreed(draft, cast)

    with pytest.raises(Invalid, match="Say why"):
        milestones.sign(by=cast.community, milestone_uuid=validation.uuid, decision=decision, remark=" ")


def test_one_of_two_communities_objecting_is_heard(cast: Cast, programme: Programme, draft: Transfer) -> None:
    second = person(organisation("second-community"), Role.COMMUNITY_REPRESENTATIVE)
    admitted(programme, second.organisation, StandingKind.COMMUNITY, by=cast.giver)
    (validation,) = plans.milestones_of(draft, by=cast.giver)
    agreed(draft, cast)

    milestones.sign(
        by=second, milestone_uuid=validation.uuid, decision=Decision.OBJECTS, remark="Not our street."
    )
    milestones.sign(by=cast.community, milestone_uuid=validation.uuid)
    assert not done(validation, by=cast.giver)
    milestones.sign(by=second, milestone_uuid=validation.uuid)
    assert done(validation, by=cast.giver)


def test_a_milestone_moves_its_responsibility_at_once(cast: Cast, draft: Transfer) -> None:
    first, second = plans.responsibilities_of(draft.programme, by=cast.giver)
    step = plans.milestone(draft, by=cast.giver, kind=MilestoneKind.CO_DELIVERY, moves=[first])
    agreed(draft, cast)
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert holder(first, by=cast.giver) == "giver"
    milestones.sign(by=cast.receiver, milestone_uuid=step.uuid)

    assert holder(first, by=cast.giver) == "receiver"
    assert holder(first, Capacity.PROVIDER, by=cast.giver) == "receiver"
    assert holder(first, Capacity.DEBTOR, by=cast.giver) == "giver"
    assert holder(second, by=cast.giver) == "giver"
    for by, role in ((cast.receiver, Role.MANAGER), (cast.receiver_officer, Role.OFFICER)):
        with asking(by):
            assert permissions_on(by, first) == HOLDER_ROLE[role]
            assert not permissions_on(by, second)
    for by in (cast.giver, cast.giver_officer, cast.giver_reporter):
        with asking(by):
            assert not permissions_on(by, first)
            assert permissions_on(by, second)
    with pytest.raises(NotAllowed):
        responsibilities.edit(
            by=cast.giver, responsibility_uuid=first.uuid, version=first.version, title="Mine"
        )
    assert plans.read(draft, by=cast.giver).programme.steward == cast.giver.organisation


def test_a_milestone_moves_only_what_is_in_its_plan(cast: Cast, programme: Programme) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[first])

    with pytest.raises(Invalid, match="in its plan"):
        plans.milestone(transfer, by=cast.giver, moves=[second])


def test_a_responsibility_moves_with_one_milestone(cast: Cast, draft: Transfer) -> None:
    first, _ = plans.responsibilities_of(draft.programme, by=cast.giver)
    plans.milestone(draft, by=cast.giver, moves=[first])

    with pytest.raises(Invalid, match="another milestone"):
        plans.milestone(draft, by=cast.giver, moves=[first])


def test_a_milestone_waits_for_its_own_transfer_alone(cast: Cast, draft: Transfer) -> None:
    other = plans.drafted(
        draft.programme, by=cast.giver, receiver=organisation("second"), lead=False, moves=[]
    )
    (foreign,) = plans.milestones_of(other, by=cast.giver)

    with pytest.raises(Invalid, match="its own transfer"):
        plans.milestone(draft, by=cast.giver, waits_for=[foreign])


def test_a_milestone_has_a_known_kind_and_somebody_who_signs(cast: Cast, draft: Transfer) -> None:
    with pytest.raises(Invalid, match="no kind of transfer milestone"):
        milestones.plan(
            by=cast.giver, transfer_uuid=draft.uuid, kind="x", title="x", due_on=plans.DUE, signs=[Side.GIVER]
        )
    for signs in ([], ["auditor"]):
        with pytest.raises(Invalid, match="Say who signs"):
            milestones.plan(
                by=cast.giver,
                transfer_uuid=draft.uuid,
                kind="co_delivery",
                title="x",
                due_on=plans.DUE,
                signs=signs,
            )


def test_two_edits_of_a_milestone_at_once_do_not_overwrite_each_other(cast: Cast, draft: Transfer) -> None:
    (step,) = plans.milestones_of(draft, by=cast.giver)
    milestones.postpone(
        by=cast.giver, milestone_uuid=step.uuid, version=step.version, due_on=dt.date(2024, 10, 1)
    )

    with pytest.raises(Stale):
        milestones.postpone(
            by=cast.giver_officer, milestone_uuid=step.uuid, version=step.version, due_on=dt.date(2024, 11, 1)
        )


def test_a_milestone_of_a_transfer_that_is_over_is_not_signed(cast: Cast, draft: Transfer) -> None:
    (validation,) = plans.milestones_of(draft, by=cast.giver)
    agreed(draft, cast)
    transfers.revoke(by=cast.giver, transfer_uuid=draft.uuid, reason="Elections.")

    with pytest.raises(Refused, match="under way"):
        milestones.sign(by=cast.community, milestone_uuid=validation.uuid)
