"""One programme to several receivers: each by its own transfer, one of them the lead."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import pytest

from handover import clock
from handover.access import Actor, asking, permissions_on, reach
from handover.actions import executions, giving_back, responsibilities, standings, transfers
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import Programme, Responsibility, Transfer
from handover.models.responsibilities import Phase
from handover.models.transfers import KeepKind
from handover.permissions import HOLDER_ROLE, STANDING_ROLE, Permission, Role, StandingKind
from tests.factories import indicators
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, responsibility

pytestmark = pytest.mark.django_db


@dataclass
class Split:
    """A programme that goes to two: the lead takes the second responsibility, the partner the first."""

    first: Responsibility
    second: Responsibility
    partner: Actor
    part: Transfer
    lead: Transfer


@pytest.fixture
def split(cast: Cast, programme: Programme) -> Split:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    partner = person(organisation("directorate"))
    person(partner.organisation, Role.OFFICER)
    part = plans.drafted(programme, by=cast.giver, receiver=partner.organisation, lead=False, moves=[first])
    lead = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[second])
    plans.agreed(part, by=cast.giver, receiver=partner)
    plans.agreed(lead, by=cast.giver, receiver=cast.receiver)
    plans.signed(part, cast, receiver=partner)
    plans.signed(lead, cast)
    return Split(first, second, partner, part, lead)


def stands(by: Actor, programme: Programme) -> set[StandingKind]:
    with asking(by):
        return set(reach(by, programme).standings)


def can(by: Actor, thing: Programme | Responsibility) -> frozenset[Permission]:
    with asking(by):
        return permissions_on(by, thing)


def later(days: float) -> dt.datetime:
    return TODAY + dt.timedelta(days=days)


def handed_over(split: Split, cast: Cast) -> None:
    executions.execute(by=split.partner, transfer_uuid=split.part.uuid)
    with clock.at(later(1)):
        executions.execute(by=cast.receiver, transfer_uuid=split.lead.uuid)


def test_the_lead_waits_for_the_others(cast: Cast, split: Split) -> None:
    with pytest.raises(Refused) as refused:
        executions.execute(by=cast.receiver, transfer_uuid=split.lead.uuid)
    assert [(gate.code, gate.subject) for gate in refused.value.gates] == [
        ("other_transfer_open", str(split.part.uuid))
    ]


def test_each_receiver_gets_its_own_and_one_the_stewardship(
    cast: Cast, programme: Programme, split: Split
) -> None:
    executions.execute(by=split.partner, transfer_uuid=split.part.uuid)
    assert stands(split.partner, programme) == {StandingKind.PARTNER}
    assert stands(cast.giver, programme) == {StandingKind.STEWARD}
    assert can(split.partner, split.first) == HOLDER_ROLE[Role.MANAGER]
    assert can(cast.giver, split.first) == frozenset()
    assert can(cast.giver, split.second) == HOLDER_ROLE[Role.MANAGER]

    with clock.at(later(1)):
        executions.execute(by=cast.receiver, transfer_uuid=split.lead.uuid)
        assert stands(cast.receiver, programme) == {StandingKind.STEWARD}
        assert stands(split.partner, programme) == {StandingKind.PARTNER}
        assert stands(cast.giver, programme) == {StandingKind.FORMER_STEWARD}
        assert can(cast.receiver, split.first) == frozenset()
        assert can(cast.receiver, programme) == STANDING_ROLE[StandingKind.STEWARD][Role.MANAGER]
        responsibilities.edit(
            by=split.partner,
            responsibility_uuid=split.first.uuid,
            version=split.first.version,
            description="Ours.",
        )
        for by in (cast.giver, cast.receiver):
            with pytest.raises(NotAllowed):
                responsibilities.edit(
                    by=by, responsibility_uuid=split.first.uuid, version=split.first.version + 1, title="Mine"
                )


def test_one_receiver_does_not_answer_for_another(cast: Cast, split: Split) -> None:
    with pytest.raises(NotAllowed):
        executions.execute(by=cast.receiver, transfer_uuid=split.part.uuid)
    with pytest.raises(NotAllowed):
        transfers.send_back(by=split.partner, transfer_uuid=split.lead.uuid, comment="Mine.")


def test_the_partners_part_can_be_revoked_alone(cast: Cast, programme: Programme, split: Split) -> None:
    with clock.at(later(1)):
        transfers.revoke(by=cast.giver, transfer_uuid=split.part.uuid, reason="The directorate closes.")
        with pytest.raises(NotFound):
            executions.execute(by=split.partner, transfer_uuid=split.part.uuid)
        with pytest.raises(Refused) as refused:
            executions.execute(by=cast.receiver, transfer_uuid=split.lead.uuid)
        assert [gate.code for gate in refused.value.gates] == ["responsibility_left"]


def test_a_partners_part_given_back_after_stewardship_moved_finds_working_hands(
    cast: Cast, programme: Programme, split: Split
) -> None:
    handed_over(split, cast)
    with clock.at(later(2)):
        for by in (split.partner, cast.giver):
            giving_back.give_back(by=by, transfer_uuid=split.part.uuid, reason="It fell.")
    with clock.at(later(3)):
        assert can(cast.giver, split.first) == HOLDER_ROLE[Role.MANAGER]
        responsibilities.edit(
            by=cast.giver_officer,
            responsibility_uuid=split.first.uuid,
            version=split.first.version,
            title="Back",
        )
        assert stands(cast.giver, programme) == {StandingKind.FORMER_STEWARD, StandingKind.PARTNER}
        assert stands(split.partner, programme) == {StandingKind.FORMER_STEWARD}
        assert stands(cast.receiver, programme) == {StandingKind.STEWARD}


def test_a_receiver_of_two_parts_keeps_one_when_it_gives_back_the_other(
    cast: Cast, programme: Programme
) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    given = []
    for day, thing in enumerate((first, second)):
        with clock.at(later(day)):
            part = plans.drafted(
                programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[thing]
            )
            plans.agreed(part, by=cast.giver, receiver=cast.receiver)
            plans.signed(part, cast)
            executions.execute(by=cast.receiver, transfer_uuid=part.uuid)
            given.append(part)
    with clock.at(later(5)):
        for by in (cast.giver, cast.receiver):
            giving_back.give_back(by=by, transfer_uuid=given[0].uuid, reason="It fell.")
        assert stands(cast.receiver, programme) == {StandingKind.PARTNER}
        responsibilities.edit(
            by=cast.receiver_officer,
            responsibility_uuid=second.uuid,
            version=second.version,
            description="Ours.",
        )
        assert can(cast.giver, first) == HOLDER_ROLE[Role.MANAGER]


def test_a_partner_for_a_time_stays_when_it_answers_for_something(cast: Cast, programme: Programme) -> None:
    admitted(programme, cast.receiver.organisation, StandingKind.PARTNER, by=cast.giver, until=later(10))
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    part = plans.drafted(
        programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[first]
    )
    plans.agreed(part, by=cast.giver, receiver=cast.receiver)
    plans.signed(part, cast)
    executions.execute(by=cast.receiver, transfer_uuid=part.uuid)

    with clock.at(later(11)):
        assert can(cast.receiver, first) == HOLDER_ROLE[Role.MANAGER]


def test_a_partner_who_answers_for_something_is_not_dismissed(
    cast: Cast, programme: Programme, split: Split
) -> None:
    executions.execute(by=split.partner, transfer_uuid=split.part.uuid)

    with pytest.raises(Invalid, match="hand them over first"):
        standings.dismiss(
            by=cast.giver,
            programme_uuid=programme.uuid,
            organisation=split.partner.organisation,
            kind=StandingKind.PARTNER,
            reason="No more.",
        )


def test_a_partner_before_the_handover_is_one_again_after_giving_back(
    cast: Cast, programme: Programme
) -> None:
    admitted(programme, cast.receiver.organisation, StandingKind.PARTNER, by=cast.giver)
    transfer = plans.ready(cast, programme)
    with clock.at(later(1)):
        executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
        assert stands(cast.receiver, programme) == {StandingKind.STEWARD}
    with clock.at(later(2)):
        for by in (cast.giver, cast.receiver):
            giving_back.give_back(by=by, transfer_uuid=transfer.uuid, reason="It fell.")
        assert stands(cast.receiver, programme) == {StandingKind.PARTNER}


def test_a_new_steward_keeps_a_hand_in_what_it_defined_when_it_gives_the_rest_back(
    cast: Cast, programme: Programme
) -> None:
    transfer = plans.ready(cast, programme)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with clock.at(later(2)):
        new = responsibility(programme, by=cast.receiver, title="School bus")
        for by in (cast.giver, cast.receiver):
            giving_back.give_back(by=by, transfer_uuid=transfer.uuid, reason="It fell.")
    with clock.at(later(3)):
        assert stands(cast.receiver, programme) == {StandingKind.PARTNER}
        assert can(cast.receiver, new) == HOLDER_ROLE[Role.MANAGER]


def test_results_owed_from_a_part_can_be_reported_before_and_after_the_lead(
    cast: Cast, programme: Programme
) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    owed = indicators.indicator(programme, by=cast.giver, responsibility=first.uuid)
    other = indicators.indicator(programme, by=cast.giver, responsibility=first.uuid, title="Another")
    partner = person(organisation("directorate"))
    part = plans.drafted(programme, by=cast.giver, receiver=partner.organisation, lead=False, moves=[first])
    transfers.keep(
        by=cast.giver,
        transfer_uuid=part.uuid,
        kind=KeepKind.OWED_RESULTS,
        until=dt.date(2024, 12, 31),
        indicator_uuids=[owed.uuid],
    )
    plans.agreed(part, by=cast.giver, receiver=partner)
    plans.signed(part, cast, receiver=partner)
    executions.execute(by=partner, transfer_uuid=part.uuid)

    indicators.reported(owed, {"": 5}, by=cast.giver_reporter)
    with pytest.raises(NotAllowed):
        indicators.reported(other, {"": 5}, by=cast.giver_reporter)
    lead = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[second])
    plans.agreed(lead, by=cast.giver, receiver=cast.receiver)
    plans.signed(lead, cast)
    executions.execute(by=cast.receiver, transfer_uuid=lead.uuid)
    with clock.at(dt.datetime(2024, 12, 31, 12, tzinfo=dt.UTC)):
        indicators.reported(owed, {"": 7}, by=cast.giver_reporter, quarter=indicators.SECOND_QUARTER)
        with pytest.raises(NotAllowed):
            indicators.reported(other, {"": 5}, by=cast.giver_reporter)
    with clock.at(dt.datetime(2025, 1, 1, tzinfo=dt.UTC)), pytest.raises(NotAllowed):
        indicators.reported(owed, {"women": 7}, by=cast.giver_reporter, quarter=indicators.SECOND_QUARTER)


def test_a_programme_moves_on_although_an_earlier_givers_days_are_over(
    cast: Cast, programme: Programme
) -> None:
    """The first giver still reads when its owed results are past: the next preview must not promise them again."""
    owed = indicators.indicator(programme, by=cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.keep(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        kind=KeepKind.OWED_RESULTS,
        until=dt.date(2024, 12, 31),
        indicator_uuids=[owed.uuid],
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    last = person(organisation("last"))
    for role in (Role.OFFICER, Role.REPORTER):
        person(last.organisation, role)

    with clock.at(dt.datetime(2025, 6, 1, tzinfo=dt.UTC)):
        onward = plans.drafted(programme, by=cast.receiver, receiver=last.organisation)
        plans.agreed(onward, by=cast.receiver, receiver=last)
        plans.signed(onward, cast, giver=cast.receiver, receiver=last)
        proof = executions.execute(by=last, transfer_uuid=onward.uuid)
        assert json.loads(proof.body)["permissions"]["as_signed"] is True
        assert stands(last, programme) == {StandingKind.STEWARD}
        assert (
            stands(cast.receiver, programme) == stands(cast.giver, programme) == {StandingKind.FORMER_STEWARD}
        )


def test_a_programme_can_come_home_by_a_new_transfer(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with clock.at(later(400)):
        home = plans.drafted(programme, by=cast.receiver, receiver=cast.giver.organisation)
        plans.agreed(home, by=cast.receiver, receiver=cast.giver)
        plans.signed(home, cast, giver=cast.receiver, receiver=cast.giver)
        executions.execute(by=cast.giver, transfer_uuid=home.uuid)
        assert stands(cast.giver, programme) == {StandingKind.STEWARD}
        assert stands(cast.receiver, programme) == {StandingKind.FORMER_STEWARD}


def test_a_phased_out_part_has_nobody_and_comes_back_with_its_holder(
    cast: Cast, programme: Programme
) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.drafted(
        programme,
        by=cast.giver,
        receiver=cast.receiver.organisation,
        moves=[transfers.Item(first, phase=Phase.OUT), transfers.Item(second)],
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    assert can(cast.giver, first) == can(cast.receiver, first) == frozenset()
    with clock.at(later(1)):
        for by in (cast.giver, cast.receiver):
            giving_back.give_back(by=by, transfer_uuid=transfer.uuid, reason="It fell.")
        assert can(cast.giver, first) == HOLDER_ROLE[Role.MANAGER]
