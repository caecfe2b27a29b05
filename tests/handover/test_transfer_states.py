"""Every step of a transfer: from which state it may be taken, by whom, and by whom not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import fields

import pytest

from handover import clock
from handover.access import Actor, actor_for, asking, reach
from handover.actions import accounts, evidence, executions, giving_back, milestones, organisations, transfers
from handover.actions.transfers import STEPS, Item
from handover.errors import DomainError, Invalid, NotAllowed, NotFound, Refused
from handover.models import Programme, ProgrammeGroupGrant, SignOff, Transfer
from handover.models.transfers import TransferState
from handover.permissions import Role, StandingKind
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR, organisation, person
from tests.factories.programmes import programme as another_programme
from tests.factories.programmes import responsibility
from tests.factories.transfers import undone

pytestmark = pytest.mark.django_db

S = TransferState
Step = Callable[[Actor, Transfer], object]

TAKE: Mapping[str, Step] = {
    "propose": lambda by, transfer: transfers.propose(by=by, transfer_uuid=transfer.uuid),
    "accept": lambda by, transfer: transfers.accept(by=by, transfer_uuid=transfer.uuid),
    "refuse": lambda by, transfer: transfers.refuse(by=by, transfer_uuid=transfer.uuid, comment="Not us."),
    "return": lambda by, transfer: transfers.send_back(
        by=by, transfer_uuid=transfer.uuid, comment="The posts?"
    ),
    "revoke": lambda by, transfer: transfers.revoke(by=by, transfer_uuid=transfer.uuid, reason="Elections."),
    "execute": lambda by, transfer: executions.execute(by=by, transfer_uuid=transfer.uuid),
    "give_back": lambda by, transfer: giving_back.give_back(
        by=by, transfer_uuid=transfer.uuid, reason="It fell."
    ),
}
TAKEN_BY: Mapping[str, tuple[str, ...]] = {
    "propose": ("giver",),
    "accept": ("receiver",),
    "refuse": ("receiver",),
    "return": ("receiver",),
    "revoke": ("giver", "giver_officer"),
    "execute": ("receiver",),
    "give_back": ("giver", "receiver"),
}
"""Everybody who may take a step where it can be taken."""


def brought_to(state: TransferState, cast: Cast, programme: Programme) -> Transfer:
    """Bring a transfer to a state along the shortest way."""
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    way: Mapping[TransferState, tuple[str, ...]] = {
        S.DRAFT: (),
        S.PROPOSED: ("propose",),
        S.RETURNED: ("propose", "return"),
        S.REFUSED: ("propose", "refuse"),
        S.REVOKED: ("propose", "revoke"),
        S.ACCEPTED: ("propose", "accept"),
        S.EXECUTED: ("propose", "accept", "sign", "execute"),
        S.GIVEN_BACK: ("propose", "accept", "sign", "execute", "give_back"),
    }
    for step in way[state]:
        if step == "sign":
            plans.signed(transfer, cast)
            continue
        voices = TAKEN_BY[step] if step == "give_back" else TAKEN_BY[step][:1]
        for voice in voices:
            TAKE[step](getattr(cast, voice), transfer)
    return plans.read(transfer, by=cast.auditor)


@pytest.mark.parametrize("state", TransferState)
def test_a_step_is_taken_from_its_states_alone(
    state: TransferState, cast: Cast, programme: Programme
) -> None:
    transfer = brought_to(state, cast, programme)
    assert transfer.state == state
    if state is S.ACCEPTED:
        plans.signed(transfer, cast)

    for step, (sources, target) in STEPS.items():
        with undone():
            if state in sources:
                for voice in TAKEN_BY[step] if step == "give_back" else TAKEN_BY[step][:1]:
                    TAKE[step](getattr(cast, voice), transfer)
                assert plans.read(transfer, by=cast.auditor).state == target, step
                continue
            for voice in TAKEN_BY[step]:
                with pytest.raises((Refused, NotAllowed, NotFound)):
                    TAKE[step](getattr(cast, voice), transfer)
            assert plans.read(transfer, by=cast.auditor).state == state, step


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        (S.DRAFT, ["propose"]),
        (S.PROPOSED, ["accept", "refuse", "return", "revoke"]),
        (S.ACCEPTED, ["return", "revoke", "execute"]),
        (S.EXECUTED, ["give_back"]),
    ],
)
def test_a_step_is_taken_by_its_side_alone(
    state: TransferState, steps: list[str], cast: Cast, programme: Programme
) -> None:
    transfer = brought_to(state, cast, programme)
    if state is S.ACCEPTED:
        plans.signed(transfer, cast)
    receivers = {"receiver", "receiver_officer", "receiver_reporter"}
    unseen = {"stranger"} | (receivers if state is S.DRAFT else set())

    for step in steps:
        for name in (field.name for field in fields(cast) if field.name not in TAKEN_BY[step]):
            with pytest.raises(DomainError) as refused:
                TAKE[step](getattr(cast, name), transfer)
            assert type(refused.value) is (NotFound if name in unseen else NotAllowed), (step, name)
    assert plans.read(transfer, by=cast.auditor).state == state


def test_the_plan_is_drawn_up_by_the_steward_alone(cast: Cast, programme: Programme) -> None:
    for name in ("giver_reporter", "community", "donor", "auditor", "stranger", "receiver"):
        by: Actor = getattr(cast, name)
        with pytest.raises(NotFound if name in ("stranger", "receiver") else NotAllowed):
            plans.drafted(programme, by=by, receiver=organisation(f"other-{name}"))


EDITS: list[Callable[[Actor, Transfer], object]] = [
    lambda by, transfer: transfers.include(by=by, transfer_uuid=transfer.uuid, items=[]),
    lambda by, transfer: transfers.list_in_annex(by=by, transfer_uuid=transfer.uuid, lines=[]),
    lambda by, transfer: transfers.list_holdings(by=by, transfer_uuid=transfer.uuid),
    lambda by, transfer: transfers.refresh_preview(by=by, transfer_uuid=transfer.uuid),
    lambda by, transfer: transfers.keep(
        by=by, transfer_uuid=transfer.uuid, kind="read_and_export", until=plans.RETENTION
    ),
    lambda by, transfer: transfers.map_exception(by=by, transfer_uuid=transfer.uuid, key="x", to_user=None),
    lambda by, transfer: plans.milestone(transfer, by=by),
]


@pytest.mark.parametrize("state", [S.PROPOSED, S.ACCEPTED])
def test_the_plan_is_fixed_while_the_receiver_has_it(
    state: TransferState, cast: Cast, programme: Programme
) -> None:
    transfer = brought_to(state, cast, programme)
    for edit in EDITS:
        with pytest.raises(Refused, match="must be returned"):
            edit(cast.giver, transfer)
        with pytest.raises(NotAllowed):
            edit(cast.receiver, transfer)


def test_an_empty_plan_is_not_proposed(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[])

    with pytest.raises(Refused, match="moves no responsibility"):
        transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)


def test_nobody_hands_over_to_themselves(cast: Cast, programme: Programme) -> None:
    with pytest.raises(Invalid, match="to itself"):
        plans.drafted(programme, by=cast.giver, receiver=cast.giver.organisation)


def test_only_one_open_transfer_moves_stewardship(cast: Cast, programme: Programme) -> None:
    first = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)

    with pytest.raises(Invalid, match="stewardship already"):
        plans.drafted(programme, by=cast.giver, receiver=organisation("second"), moves=[])
    transfers.revoke(by=cast.giver, transfer_uuid=first.uuid, reason="The other one.")
    plans.drafted(programme, by=cast.giver, receiver=organisation("third"), moves=[])


def test_a_responsibility_is_in_one_open_transfer_at_a_time(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    other = plans.drafted(programme, by=cast.giver, receiver=organisation("second"), lead=False, moves=[])
    (one, _) = plans.responsibilities_of(programme, by=cast.giver)

    with pytest.raises(Invalid, match="in an open transfer already"):
        transfers.include(by=cast.giver, transfer_uuid=other.uuid, items=[Item(one)])
    transfers.revoke(by=cast.giver, transfer_uuid=transfer.uuid, reason="The other one.")
    assert transfers.include(by=cast.giver, transfer_uuid=other.uuid, items=[Item(one)])


def test_a_plan_takes_only_what_its_giver_holds_in_this_programme(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[])
    elsewhere = responsibility(another_programme(cast.giver), by=cast.giver)
    donors = responsibility(programme, by=cast.giver, holder=cast.donor.organisation)

    for foreign in (elsewhere, donors):
        with pytest.raises(Invalid, match="does not hold"):
            transfers.include(by=cast.giver, transfer_uuid=transfer.uuid, items=[Item(foreign)])


def test_returning_and_refusing_and_revoking_need_words(cast: Cast, programme: Programme) -> None:
    transfer = brought_to(S.PROPOSED, cast, programme)

    for by, take in ((cast.receiver, transfers.send_back), (cast.receiver, transfers.refuse)):
        with pytest.raises(Invalid, match="Say why"):
            take(by=by, transfer_uuid=transfer.uuid, comment="  ")
    with pytest.raises(Invalid, match="Say why"):
        transfers.revoke(by=cast.giver, transfer_uuid=transfer.uuid, reason="")


def test_the_giver_reads_why_the_plan_came_back(cast: Cast, programme: Programme) -> None:
    transfer = brought_to(S.PROPOSED, cast, programme)
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="The posts are missing.")

    assert plans.read(transfer, by=cast.giver_reporter).comment == "The posts are missing."


@pytest.mark.parametrize(("step", "by"), [("refuse", "receiver"), ("revoke", "giver")])
def test_the_receivers_access_ends_when_nothing_will_come_of_it(
    step: str, by: str, cast: Cast, programme: Programme
) -> None:
    transfer = brought_to(S.PROPOSED, cast, programme)
    assert plans.read(transfer, by=cast.receiver_officer) == transfer

    with clock.at(clock.now() + dt.timedelta(minutes=1)):
        TAKE[step](getattr(cast, by), transfer)
        with asking(cast.receiver):
            assert not Programme.objects.filter(pk=programme.pk).exists()
        with pytest.raises(NotFound):
            transfers.accept(by=cast.receiver, transfer_uuid=transfer.uuid)
        with asking(cast.giver):
            left = ProgrammeGroupGrant.objects.filter(
                group__role_group__organisation=cast.receiver.organisation
            )
            assert not left.exists()


def test_a_receiver_of_two_transfers_keeps_its_access_when_one_is_refused(
    cast: Cast, programme: Programme
) -> None:
    one, two = plans.responsibilities_of(programme, by=cast.giver)
    first, second = (
        plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[item])
        for item in (one, two)
    )
    for transfer in (first, second):
        transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    transfers.refuse(by=cast.receiver, transfer_uuid=first.uuid, comment="Only the second.")

    with asking(cast.receiver):
        assert reach(cast.receiver, programme).standings == {StandingKind.RECEIVER}
    assert transfers.accept(by=cast.receiver, transfer_uuid=second.uuid).state == S.ACCEPTED


def test_one_person_in_both_organisations_cannot_sign_for_both(cast: Cast, programme: Programme) -> None:
    accounts.seat(
        by=OPERATOR, user=cast.giver.user, organisation=cast.receiver.organisation, role=Role.MANAGER
    )
    both = actor_for(cast.giver.user, cast.receiver.organisation, channel="cli")
    transfer = brought_to(S.PROPOSED, cast, programme)

    with pytest.raises(NotAllowed, match="nobody signs for two sides"):
        transfers.accept(by=both, transfer_uuid=transfer.uuid)
    transfers.accept(by=cast.receiver, transfer_uuid=transfer.uuid)
    plans.signed(transfer, cast)
    with pytest.raises(NotAllowed, match="nobody signs for two sides"):
        executions.execute(by=both, transfer_uuid=transfer.uuid)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    giving_back.give_back(by=cast.giver, transfer_uuid=transfer.uuid, reason="It fell.")
    with pytest.raises(NotAllowed, match="nobody signs for two sides"):
        giving_back.give_back(by=both, transfer_uuid=transfer.uuid, reason="It fell.")


def test_one_person_cannot_sign_for_the_community_and_for_a_side(cast: Cast, programme: Programme) -> None:
    accounts.seat(
        by=OPERATOR,
        user=cast.giver.user,
        organisation=cast.community.organisation,
        role=Role.COMMUNITY_REPRESENTATIVE,
    )
    both = actor_for(cast.giver.user, cast.community.organisation, channel="cli")
    transfer = brought_to(S.ACCEPTED, cast, programme)
    (validation,) = plans.milestones_of(transfer, by=cast.giver)

    with pytest.raises(NotAllowed, match="nobody signs for two sides"):
        milestones.sign(by=both, milestone_uuid=validation.uuid)


def test_a_seat_that_ended_signs_nothing(cast: Cast, programme: Programme) -> None:
    transfer = brought_to(S.PROPOSED, cast, programme)
    second = person(cast.receiver.organisation, Role.VIEWER)
    accounts.seat(by=OPERATOR, user=second.user, organisation=second.organisation, role=Role.MANAGER)

    with clock.at(clock.now() + dt.timedelta(hours=1)):
        accounts.unseat(
            by=OPERATOR, user=cast.receiver.user, organisation=cast.receiver.organisation, role=Role.MANAGER
        )
        with pytest.raises(NotFound):
            transfers.accept(by=cast.receiver, transfer_uuid=transfer.uuid)
        assert transfers.accept(by=second, transfer_uuid=transfer.uuid).state == S.ACCEPTED


def test_a_deactivated_account_signs_nothing(cast: Cast, programme: Programme) -> None:
    transfer = brought_to(S.PROPOSED, cast, programme)
    accounts.deactivate(by=OPERATOR, user=cast.receiver.user, confirmed=True)

    with pytest.raises(NotFound):
        transfers.accept(by=cast.receiver, transfer_uuid=transfer.uuid)


def test_a_signature_says_in_which_capacity_it_was_given(cast: Cast, programme: Programme) -> None:
    organisations.represent(
        by=cast.receiver, capacity="Mayor", mandate_act="Ruling 112/2024", valid_from=dt.date(2024, 1, 1)
    )
    organisations.represent(
        by=cast.giver,
        capacity="President",
        mandate_act="Decision 4/2020",
        valid_from=dt.date(2020, 1, 1),
        valid_to=dt.date(2023, 12, 31),
    )
    transfer = brought_to(S.ACCEPTED, cast, programme)
    with asking(cast.donor):
        given = {item.side: item for item in SignOff.objects.filter(transfer=transfer)}

    assert (given["receiver"].capacity, given["receiver"].mandate_act) == ("Mayor", "Ruling 112/2024")
    assert given["giver"].capacity == ""


def test_evidence_is_added_only_while_a_transfer_is_under_way(cast: Cast, programme: Programme) -> None:
    transfer = brought_to(S.DRAFT, cast, programme)
    (step,) = plans.milestones_of(transfer, by=cast.giver)

    with pytest.raises(Invalid, match="under way"):
        evidence.add(
            by=cast.giver, milestone_uuid=step.uuid, title="Early", link="https://giver.example/early"
        )
