"""Gates: everything that stands in the way is named at once, and each is settled by its own means."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from handover import clock
from handover.access import Actor, asking
from handover.actions import (
    accounts,
    executions,
    giving_back,
    milestones,
    permissions,
    registers,
    responsibilities,
    transfers,
)
from handover.actions.transfers import Answer, Item
from handover.errors import Refused
from handover.models import Grant, LegalAct, Organisation, Programme, Responsibility, Transfer
from handover.models.annexes import AnnexDecision
from handover.models.milestones import MilestoneKind, Side
from handover.models.responsibilities import Phase
from handover.models.signoffs import Decision
from handover.permissions import Permission, Role, StandingKind
from handover.queries.gates import gates
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import OPERATOR, organisation, person
from tests.factories.programmes import admitted, responsibility
from tests.factories.programmes import programme as another

pytestmark = pytest.mark.django_db


def unmet(transfer: Transfer, *, by: Actor) -> list[str]:
    with asking(by):
        return [gate.code for gate in gates(Transfer.objects.get(pk=transfer.pk))]


def grant(
    programme: Programme, donor: Organisation, *, by: Actor, consent: bool = True, number: str = "G-1"
) -> Grant:
    return registers.add_grant(
        by=by,
        programme_uuid=programme.uuid,
        title="Grant",
        donor=donor,
        lead=by.organisation,
        agreement_number=number,
        starts_on=dt.date(2022, 1, 1),
        ends_on=dt.date(2026, 12, 31),
        amount=Decimal("100000.00"),
        currency="EUR",
        donor_consent_required=consent,
    )


def act(programme: Programme, *, by: Actor) -> LegalAct:
    return registers.cite(
        by=by,
        programme_uuid=programme.uuid,
        issuer=by.organisation,
        kind="council_decision",
        number="12",
        dated=dt.date(2024, 5, 30),
        status="in_force",
    )


def test_everything_that_stands_in_the_way_is_named_at_once(cast: Cast, programme: Programme) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    third = responsibility(programme, by=cast.giver, title="Kitchen")
    grant(programme, cast.donor.organisation, by=cast.giver)
    permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=cast.giver_reporter.user,
        organisation=cast.giver.organisation,
        permission=Permission.EXPORT,
        reason="Writes the reports",
    )
    other = plans.drafted(
        programme, by=cast.giver, receiver=organisation("second"), lead=False, moves=[second]
    )
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[first])
    council = plans.milestone(
        transfer, by=cast.giver, kind=MilestoneKind.COUNCIL_DECISION, signs=[Side.GIVER, Side.COMMUNITY]
    )
    transfers.list_in_annex(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        lines=[("posts", "A mediator", None), ("equipment", "A van", None)],
    )
    decision = act(programme, by=cast.giver)
    milestones.rest_on(
        by=cast.giver, milestone_uuid=council.uuid, version=council.version, legal_act=decision
    )
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    transfers.accept(by=cast.receiver, transfer_uuid=transfer.uuid)
    with asking(cast.giver):
        line = Transfer.objects.get(pk=transfer.pk).annex.get(kind="equipment")
    transfers.answer_annex(
        by=cast.receiver, transfer_uuid=transfer.uuid, answers=[Answer(line.uuid, AnnexDecision.REFUSED)]
    )
    milestones.sign(by=cast.community, milestone_uuid=council.uuid, decision=Decision.OBJECTS, remark="No.")
    registers.restate(by=cast.giver, act=decision, version=decision.version, status="suspended")

    with pytest.raises(Refused) as refused:
        executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    named = [(gate.code, gate.subject) for gate in refused.value.gates]
    assert [code for code, _ in named] == [
        "milestone_unmet",
        "act_fallen",
        "milestone_unmet",
        "open_conflict",
        "donor_consent_missing",
        "community_validation_missing",
        "annex_unanswered",
        "open_conflict",
        "permission_unmapped",
        "other_transfer_open",
        "responsibility_left",
    ]
    assert ("other_transfer_open", str(other.uuid)) in named
    assert ("responsibility_left", str(third.uuid)) in named
    assert ("act_fallen", str(council.uuid)) in named
    assert all(gate.sentence for gate in refused.value.gates)
    assert refused.value.details["gates"] == [gate.as_json() for gate in refused.value.gates]


def test_a_refused_execution_changes_nothing(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    before = plans.read(transfer, by=cast.giver)

    with pytest.raises(Refused):
        executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    after = plans.read(transfer, by=cast.giver)
    assert (after.state, after.version, after.executed_at) == (before.state, before.version, None)
    assert after.programme.steward == cast.giver.organisation


def test_nothing_stands_in_the_way_of_a_plan_that_is_done(cast: Cast, programme: Programme) -> None:
    assert unmet(plans.ready(cast, programme), by=cast.receiver) == []


def test_a_grant_that_does_not_ask_needs_no_consent(cast: Cast, programme: Programme) -> None:
    grant(programme, cast.donor.organisation, by=cast.giver, consent=False)

    assert unmet(plans.ready(cast, programme), by=cast.receiver) == []


def test_the_grants_own_donor_must_consent(cast: Cast, programme: Programme) -> None:
    other_donor = person(organisation("second-donor"))
    admitted(programme, other_donor.organisation, StandingKind.DONOR, by=cast.giver)
    first = grant(programme, cast.donor.organisation, by=cast.giver, number="G-1")
    second = grant(programme, other_donor.organisation, by=cast.giver, number="G-2")
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    for _ in range(2):
        plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.DONOR_CONSENT, signs=[Side.DONOR])
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    validation, one, two = plans.milestones_of(transfer, by=cast.giver)
    milestones.sign(by=cast.community, milestone_uuid=validation.uuid)

    def asks() -> list[str]:
        with asking(cast.receiver):
            found = gates(Transfer.objects.get(pk=transfer.pk))
        return [gate.subject for gate in found if gate.code == "donor_consent_missing"]

    assert asks() == [str(first.uuid), str(second.uuid)]
    milestones.sign(by=other_donor, milestone_uuid=one.uuid)
    assert asks() == [str(first.uuid)]
    milestones.sign(by=cast.donor, milestone_uuid=two.uuid)
    assert asks() == []


def test_moving_what_is_owed_to_the_donor_needs_consent_in_any_case(cast: Cast, programme: Programme) -> None:
    items = [Item(item, moves_debtor=True) for item in plans.responsibilities_of(programme, by=cast.giver)]
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=items)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)

    assert unmet(transfer, by=cast.receiver) == ["donor_consent_missing"]


def test_consent_that_the_donor_did_not_sign_is_none(cast: Cast, programme: Programme) -> None:
    grant(programme, cast.donor.organisation, by=cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.DONOR_CONSENT, signs=[Side.GIVER])
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)

    assert unmet(transfer, by=cast.receiver) == ["donor_consent_missing"]


def test_validation_that_the_community_did_not_sign_is_none(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(
        programme,
        by=cast.giver,
        receiver=cast.receiver.organisation,
        validated_by=[Side.GIVER, Side.RECEIVER],
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)

    assert unmet(transfer, by=cast.receiver) == ["community_validation_missing"]


@pytest.mark.parametrize("status", ["suspended", "repealed", "annulled"])
def test_an_act_that_falls_after_its_milestone_was_done_blocks(
    status: str, cast: Cast, programme: Programme
) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    step = plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.COUNCIL_DECISION)
    decision = act(programme, by=cast.giver)
    milestones.rest_on(by=cast.giver, milestone_uuid=step.uuid, version=step.version, legal_act=decision)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    assert unmet(transfer, by=cast.receiver) == []

    restated = registers.restate(by=cast.giver, act=decision, version=decision.version, status=status)
    assert unmet(transfer, by=cast.receiver) == ["act_fallen"]
    registers.restate(by=cast.giver, act=restated, version=restated.version, status="in_force")
    assert unmet(transfer, by=cast.receiver) == []


def test_the_receiver_must_have_people_who_can_carry_on(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    other = person(cast.receiver.organisation, Role.VIEWER)
    with clock.at(TODAY + dt.timedelta(hours=1)):
        for by, role in ((cast.receiver, Role.MANAGER), (cast.receiver_officer, Role.OFFICER)):
            accounts.unseat(by=OPERATOR, user=by.user, organisation=by.organisation, role=role)

        with asking(other):
            found = gates(Transfer.objects.get(pk=transfer.pk))
        assert {gate.code for gate in found} == {"nobody_to_answer"}
        lacking = {gate.subject.partition("/")[2] for gate in found}
        assert lacking >= {"edit_programme", "edit_needs", "edit_responsibility", "define_indicators"}
        assert "report_values" not in lacking


def test_a_deactivated_account_carries_nothing_on(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    for by in (cast.receiver, cast.receiver_officer):
        accounts.deactivate(by=OPERATOR, user=by.user, confirmed=True)

    assert set(unmet(transfer, by=cast.receiver_reporter)) == {"nobody_to_answer"}


def test_what_is_phased_out_needs_nobody(cast: Cast, programme: Programme) -> None:
    items = [Item(item, phase=Phase.OUT) for item in plans.responsibilities_of(programme, by=cast.giver)]
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=items)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)

    assert unmet(transfer, by=cast.receiver) == []
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with asking(cast.receiver):
        thing = Responsibility.objects.filter(programme=programme).earliest("id")
        assert not thing.tenures.filter(capacity="holder", valid__contains=clock.today()).exists()


def test_a_responsibility_defined_after_the_signatures_is_not_left_behind(
    cast: Cast, programme: Programme
) -> None:
    transfer = plans.ready(cast, programme)
    responsibility(programme, by=cast.giver, title="Forgotten")

    assert unmet(transfer, by=cast.receiver) == ["responsibility_left"]


def test_what_a_partner_holds_is_not_left_behind(cast: Cast, programme: Programme) -> None:
    partner = person(organisation("partner"))
    admitted(programme, partner.organisation, StandingKind.PARTNER, by=cast.giver)
    theirs = responsibility(programme, by=cast.giver, title="Theirs", holder=partner.organisation)
    transfer = plans.drafted(
        programme,
        by=cast.giver,
        receiver=cast.receiver.organisation,
        moves=[item for item in plans.responsibilities_of(programme, by=cast.giver) if item != theirs],
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)

    responsibilities.edit(
        by=partner, responsibility_uuid=theirs.uuid, version=theirs.version, description="As before."
    )


def test_a_receiver_that_has_such_a_programme_already_is_told(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    another(cast.receiver, identifier=programme.identifier)

    assert unmet(transfer, by=cast.receiver) == ["identifier_taken"]


def test_a_plan_whose_days_have_passed_is_said_anew(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)

    with clock.at(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)):
        assert "keeps_past" in unmet(transfer, by=cast.receiver)


def test_a_giver_gives_only_what_it_still_has(cast: Cast, programme: Programme) -> None:
    """Were the first handover given back under an onward one, that would take what its giver has no more."""
    first = plans.ready(cast, programme)
    executions.execute(by=cast.receiver, transfer_uuid=first.uuid)
    last = person(organisation("last"))
    person(last.organisation, Role.OFFICER)
    onward = plans.drafted(programme, by=cast.receiver, receiver=last.organisation)
    plans.agreed(onward, by=cast.receiver, receiver=last)
    plans.signed(onward, cast, giver=cast.receiver, receiver=last)
    assert unmet(onward, by=last) == []

    with pytest.raises(Refused, match="Revoke the transfer to Last organisation first"):
        giving_back.give_back(by=cast.giver, transfer_uuid=first.uuid, reason="It fell.")
    executions.execute(by=last, transfer_uuid=onward.uuid)
    with pytest.raises(Refused, match="moved on"):
        giving_back.give_back(by=cast.giver, transfer_uuid=first.uuid, reason="It fell.")
