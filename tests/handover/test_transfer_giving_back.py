"""Giving back: within the period, by both signatures; holders, standings and grants return, values never."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise
from typing import Any

import pytest

from handover import clock
from handover.access import Actor, asking, custody, permissions_on, reach
from handover.actions import executions, giving_back, permissions, responsibilities, transfers
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import LedgerEntry, Programme, Proof, Responsibility, Tenure, Transfer
from handover.models.milestones import MilestoneKind
from handover.models.programmes import ProgrammeStatus
from handover.models.transfers import TransferState
from handover.permissions import Permission, StandingKind
from handover.queries.previews import held_now
from handover.queries.verification import verify_programme
from indicators.models import Value
from tests.factories import indicators as measures
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import organisation, person

pytestmark = pytest.mark.django_db


def at(days: float) -> Any:
    return clock.at(TODAY + dt.timedelta(days=days))


def given_back(transfer: Transfer, *voices: Actor) -> Transfer | None:
    reversal = None
    for by in voices:
        _, reversal = giving_back.give_back(by=by, transfer_uuid=transfer.uuid, reason="The budget fell.")
    return reversal


def picture(programme: Programme, *, by: Actor) -> dict[str, Any]:
    """Tell who holds, provides and owes what, who stands how, and who may do what."""
    with asking(by), custody(programme.pk):
        now = Programme.objects.get(pk=programme.pk)
        return {
            "steward": now.steward.slug,
            "tenures": sorted(
                Tenure.objects.filter(programme=programme, valid__contains=clock.today()).values_list(
                    "responsibility__title", "capacity", "organisation__slug"
                )
            ),
            "held": {
                (holder.organisation, holder.role, holder.responsibility): codes
                for holder, codes in held_now(now).items()
                if holder.organisation != by.organisation.pk
            },
        }


@pytest.fixture
def transfer(cast: Cast, programme: Programme) -> Transfer:
    return plans.ready(cast, programme)


def test_both_signatures_give_it_back(cast: Cast, programme: Programme, transfer: Transfer) -> None:
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with at(30):
        signature, reversal = giving_back.give_back(
            by=cast.receiver, transfer_uuid=transfer.uuid, reason="It fell."
        )
        assert (signature.side, reversal) == ("receiver", None)
        assert plans.read(transfer, by=cast.giver).state == TransferState.EXECUTED
        signature, reversal = giving_back.give_back(
            by=cast.giver, transfer_uuid=transfer.uuid, reason="It fell."
        )
        assert signature.side == "giver"
        assert reversal is not None
        assert plans.read(transfer, by=cast.giver).state == TransferState.GIVEN_BACK
        assert plans.read(transfer, by=cast.giver).programme.steward == cast.giver.organisation


def test_holders_standings_and_grants_are_as_they_were(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    with at(-0.5):
        before = picture(programme, by=cast.receiver)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with at(30):
        given_back(transfer, cast.giver, cast.receiver)
        assert picture(programme, by=cast.receiver) == before
        with asking(cast.giver):
            assert reach(cast.giver, programme).standings == {StandingKind.STEWARD}
            assert reach(cast.giver, programme).cutoff is None
            assert Programme.objects.get(pk=programme.pk).status == ProgrammeStatus.ACTIVE
        for who in (cast.receiver, cast.receiver_officer, cast.receiver_reporter):
            with asking(who):
                assert reach(who, programme).standings == {StandingKind.FORMER_STEWARD}
                assert not permissions_on(who, Responsibility.objects.earliest("id"))


def test_values_stay_with_who_reported_them(cast: Cast, programme: Programme) -> None:
    indicator = measures.indicator(programme, by=cast.giver)
    measures.reported(indicator, {"": 3}, by=cast.giver_reporter)
    transfer = plans.ready(cast, programme)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with at(20):
        measures.reported(indicator, {"": 4}, by=cast.receiver_reporter, quarter=measures.SECOND_QUARTER)
    with asking(cast.receiver):
        before = list(Value.objects.order_by("id").values())
    with at(30):
        reversal = given_back(transfer, cast.receiver, cast.giver)
        assert reversal is not None
        with asking(cast.giver):
            assert list(Value.objects.order_by("id").values()) == before
            assert [value["organisation_id"] for value in before] == [
                cast.giver.organisation.pk,
                cast.receiver.organisation.pk,
            ]
            body = json.loads(Proof.objects.get(transfer=reversal).body)
            assert all(line["equal"] for line in body["holdings"])
            assert verify_programme(programme) == []


def test_it_is_a_new_transfer_in_the_ledger_and_erases_nothing(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    proof = executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with asking(cast.receiver):
        chain = list(
            LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq").values_list("hash", flat=True)
        )
    with at(30):
        reversal = given_back(transfer, cast.giver, cast.receiver)
        assert reversal is not None
        with asking(cast.giver):
            entries = list(LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq"))
            proofs = {item.transfer_id: item for item in Proof.objects.all()}
            made = Transfer.objects.get(pk=reversal.pk)
    assert [entry.hash for entry in entries][: len(chain)] == chain
    told = [
        (body["verb"], body["subject"])
        for body in (json.loads(entry.body) for entry in entries[len(chain) :])
    ]
    assert ("responsibilities.moved_back", str(transfer.uuid)) in told
    assert ("transfer.given_back", str(transfer.uuid)) in told
    assert told[-1] == ("transfer.executed", str(reversal.uuid))
    assert (made.reverses_id, made.giver_id, made.receiver_id) == (
        transfer.pk,
        cast.receiver.organisation.pk,
        cast.giver.organisation.pk,
    )
    assert proofs[transfer.pk].digest == proof.digest
    assert json.loads(proofs[reversal.pk].body)["reverses"]["proof"] == proof.digest


def test_both_sides_sign_the_second_proof_too(cast: Cast, programme: Programme, transfer: Transfer) -> None:
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with at(30):
        reversal = given_back(transfer, cast.receiver, cast.giver)
        assert reversal is not None
        assert executions.countersign(by=cast.receiver, transfer_uuid=reversal.uuid).side == "giver"
        with pytest.raises(Refused, match="signed this proof already"):
            executions.countersign(by=cast.giver, transfer_uuid=reversal.uuid)


def test_one_side_alone_gives_nothing_back(cast: Cast, transfer: Transfer) -> None:
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    giving_back.give_back(by=cast.giver, transfer_uuid=transfer.uuid, reason="It fell.")

    with pytest.raises(Refused, match="signed giving back already"):
        giving_back.give_back(by=cast.giver, transfer_uuid=transfer.uuid, reason="It fell.")
    for by in (cast.giver_officer, cast.receiver_officer, cast.community, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed):
            giving_back.give_back(by=by, transfer_uuid=transfer.uuid, reason="It fell.")
    with pytest.raises(NotFound):
        giving_back.give_back(by=cast.stranger, transfer_uuid=transfer.uuid, reason="It fell.")
    assert plans.read(transfer, by=cast.receiver).state == TransferState.EXECUTED


def test_giving_back_needs_words(cast: Cast, transfer: Transfer) -> None:
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)

    with pytest.raises(Invalid, match="Say why"):
        giving_back.give_back(by=cast.giver, transfer_uuid=transfer.uuid, reason=" ")


def test_it_is_given_back_until_the_last_agreed_day(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, give_back_days=10)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)

    with at(10):
        giving_back.give_back(by=cast.giver, transfer_uuid=transfer.uuid, reason="It fell.")
    with at(10.6), pytest.raises(Refused, match="until 13 June 2024"):
        giving_back.give_back(by=cast.receiver, transfer_uuid=transfer.uuid, reason="It fell.")
    assert plans.read(transfer, by=cast.receiver).state == TransferState.EXECUTED


def test_what_was_given_back_is_not_given_back_again(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with at(30):
        reversal = given_back(transfer, cast.giver, cast.receiver)
        assert reversal is not None
        for again in (transfer, reversal):
            with pytest.raises(Refused, match="Only an executed transfer"):
                giving_back.give_back(by=cast.giver, transfer_uuid=again.uuid, reason="It fell.")


def test_what_has_moved_on_is_not_given_back_under_its_new_holder(cast: Cast, programme: Programme) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.ready(cast, programme)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    third = person(organisation("third"))
    with at(10):
        part = plans.drafted(
            programme, by=cast.receiver, receiver=third.organisation, lead=False, moves=[first]
        )
        plans.agreed(part, by=cast.receiver, receiver=third)
        plans.signed(part, cast, giver=cast.receiver, receiver=third)
        executions.execute(by=third, transfer_uuid=part.uuid)
    with at(20), pytest.raises(Refused, match="moved on"):
        giving_back.give_back(by=cast.giver, transfer_uuid=transfer.uuid, reason="It fell.")
    with at(25):
        given_back(part, cast.receiver, third)
    with at(30):
        assert given_back(transfer, cast.receiver, cast.giver) is not None
        with asking(cast.giver):
            assert permissions_on(cast.giver, first)
            assert permissions_on(cast.giver, second)


def test_what_a_milestone_moved_comes_back_too(cast: Cast, programme: Programme) -> None:
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.CO_DELIVERY, moves=[first])
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    before = picture(programme, by=cast.receiver)
    plans.signed(transfer, cast)
    with at(10):
        executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with at(20):
        given_back(transfer, cast.giver, cast.receiver)
        assert picture(programme, by=cast.receiver)["tenures"] == before["tenures"]


def test_revoking_returns_what_a_milestone_moved(cast: Cast, programme: Programme) -> None:
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    with at(-1):
        before = picture(programme, by=cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.CO_DELIVERY, moves=[first])
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    with at(10):
        responsibilities.edit(
            by=cast.receiver,
            responsibility_uuid=first.uuid,
            version=first.version,
            description="In our hands.",
        )
        transfers.revoke(by=cast.giver, transfer_uuid=transfer.uuid, reason="Elections.")
        assert picture(programme, by=cast.giver) == before
        with pytest.raises(NotFound):
            responsibilities.edit(
                by=cast.receiver,
                responsibility_uuid=first.uuid,
                version=first.version + 1,
                description="Still.",
            )
        with asking(cast.giver):
            verbs = [
                json.loads(entry.body)["verb"]
                for entry in LedgerEntry.objects.filter(chain=programme.uuid).order_by("-seq")[:2]
            ]
            days = list(
                Tenure.objects.filter(responsibility=first, capacity="holder")
                .order_by("valid")
                .values_list("organisation__slug", "valid")
            )
    assert set(verbs) == {"transfer.revoked", "responsibilities.moved_back"}
    assert [slug for slug, _ in days] == ["giver", "receiver", "giver"]
    assert all(before.upper == after.lower for (_, before), (_, after) in pairwise(days))


@pytest.mark.parametrize("mapped", [True, False])
def test_exceptions_return_to_whom_they_were_taken_from(
    mapped: bool, cast: Cast, programme: Programme
) -> None:
    until = TODAY + dt.timedelta(days=100)
    permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=cast.giver_reporter.user,
        organisation=cast.giver.organisation,
        permission=Permission.EXPORT,
        reason="Writes the reports",
        until=until,
    )
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    key = f"{cast.giver_reporter.user.uuid}/programme/export"
    transfers.map_exception(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        key=key,
        to_user=cast.receiver_reporter.user if mapped else None,
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)

    def may_export(by: Actor) -> bool:
        with asking(by):
            return Permission.EXPORT in permissions_on(by, programme)

    assert (may_export(cast.giver_reporter), may_export(cast.receiver_reporter)) == (False, mapped)
    with at(30):
        given_back(transfer, cast.giver, cast.receiver)
        assert (may_export(cast.giver_reporter), may_export(cast.receiver_reporter)) == (True, False)
    with clock.at(until):
        assert not may_export(cast.giver_reporter)


def test_exceptions_that_the_receiver_gave_meanwhile_end(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    first, _ = plans.responsibilities_of(programme, by=cast.receiver)
    things: tuple[tuple[Programme | Responsibility, Permission], ...] = (
        (programme, Permission.EDIT_NEEDS),
        (first, Permission.EDIT_INTERVENTIONS),
    )
    with at(10):
        for thing, permission in things:
            permissions.except_user(
                by=cast.receiver,
                thing=thing,
                user=cast.receiver_reporter.user,
                organisation=cast.receiver.organisation,
                permission=permission,
                reason="Covers for the officer",
            )
    with at(30):
        reversal = given_back(transfer, cast.giver, cast.receiver)
        assert reversal is not None
        with asking(cast.receiver_reporter):
            assert permissions_on(cast.receiver_reporter, programme) == {Permission.VIEW}
            assert permissions_on(cast.receiver_reporter, first) == frozenset()
        with asking(cast.giver):
            ended = json.loads(Proof.objects.get(transfer=reversal).body)["exceptions_ended"]
        assert {item["permission"] for item in ended} == {"edit_needs", "edit_interventions"}


def test_a_period_longer_than_the_givers_reading_still_works(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.keep(
        by=cast.giver, transfer_uuid=transfer.uuid, kind="read_and_export", until=dt.date(2024, 6, 30)
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with at(5):
        giving_back.give_back(by=cast.giver, transfer_uuid=transfer.uuid, reason="It fell.")
    with at(60):
        assert given_back(transfer, cast.receiver) is not None
        with asking(cast.giver):
            assert reach(cast.giver, programme).standings == {StandingKind.STEWARD}
        with asking(cast.receiver):
            assert not Programme.objects.filter(pk=programme.pk).exists()


def test_what_was_given_back_can_be_handed_over_again(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with at(30):
        given_back(transfer, cast.giver, cast.receiver)
    with at(60):
        again = plans.ready(cast, programme)
        assert executions.execute(by=cast.receiver, transfer_uuid=again.uuid).transfer_id == again.pk
        with asking(cast.receiver):
            assert reach(cast.receiver, programme).standings == {StandingKind.STEWARD}
            assert verify_programme(programme) == []
