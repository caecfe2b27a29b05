"""Annexes: what exactly is handed over, and what the receiver says to each line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from handover.access import Actor, asking
from handover.actions import executions, registers, transfers
from handover.actions.transfers import Answer
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import AnnexLine, Equipment, Programme, Transfer
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.queries.gates import gates
from tests.factories import transfers as plans
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

D = AnnexDecision


@pytest.fixture
def transfer(cast: Cast, programme: Programme) -> Transfer:
    draft = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.list_in_annex(
        by=cast.giver,
        transfer_uuid=draft.uuid,
        lines=[(kind, f"About {kind}", None) for kind in AnnexKind],
    )
    transfers.propose(by=cast.giver, transfer_uuid=draft.uuid)
    transfers.accept(by=cast.receiver, transfer_uuid=draft.uuid)
    plans.signed(draft, cast)
    return draft


def lines(transfer: Transfer, *, by: Actor) -> list[AnnexLine]:
    with asking(by):
        return list(AnnexLine.objects.filter(transfer=transfer).order_by("id"))


def codes(transfer: Transfer, *, by: Actor) -> list[tuple[str, str]]:
    with asking(by):
        return [(gate.code, gate.subject) for gate in gates(Transfer.objects.get(pk=transfer.pk))]


def test_every_line_is_answered_before_the_handover(cast: Cast, transfer: Transfer) -> None:
    listed = lines(transfer, by=cast.giver)
    assert codes(transfer, by=cast.receiver) == [("annex_unanswered", str(line.uuid)) for line in listed]

    transfers.answer_annex(
        by=cast.receiver, transfer_uuid=transfer.uuid, answers=[Answer(listed[0].uuid, D.ACCEPTED)]
    )
    assert len(codes(transfer, by=cast.receiver)) == len(listed) - 1
    assert transfers.accept_annex(by=cast.receiver, transfer_uuid=transfer.uuid) == len(listed) - 1
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)


def test_a_refused_line_is_an_open_conflict_until_it_is_accepted(cast: Cast, transfer: Transfer) -> None:
    first = lines(transfer, by=cast.giver)[0]
    transfers.accept_annex(by=cast.receiver, transfer_uuid=transfer.uuid)
    transfers.answer_annex(
        by=cast.receiver, transfer_uuid=transfer.uuid, answers=[Answer(first.uuid, D.REFUSED)]
    )

    assert codes(transfer, by=cast.receiver) == [("open_conflict", str(first.uuid))]
    with pytest.raises(Refused, match="1 gates"):
        executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    transfers.answer_annex(
        by=cast.receiver, transfer_uuid=transfer.uuid, answers=[Answer(first.uuid, D.ACCEPTED)]
    )
    assert codes(transfer, by=cast.receiver) == []


def test_a_reservation_has_words_an_owner_and_a_deadline(cast: Cast, transfer: Transfer) -> None:
    first = lines(transfer, by=cast.giver)[0]
    day, owner = dt.date(2025, 3, 1), cast.receiver.organisation
    for answer in (
        Answer(first.uuid, D.RESERVED),
        Answer(first.uuid, D.RESERVED, "If it works", owner, None),
        Answer(first.uuid, D.RESERVED, "If it works", None, day),
        Answer(first.uuid, D.RESERVED, "", owner, day),
        Answer(first.uuid, D.RESERVED, "  ", owner, day),
    ):
        with pytest.raises(Invalid, match="a text, an owner and a deadline"):
            transfers.answer_annex(by=cast.receiver, transfer_uuid=transfer.uuid, answers=[answer])

    transfers.accept_annex(by=cast.receiver, transfer_uuid=transfer.uuid)
    transfers.answer_annex(
        by=cast.receiver,
        transfer_uuid=transfer.uuid,
        answers=[Answer(first.uuid, D.RESERVED, "If it works", owner, day)],
    )
    kept = lines(transfer, by=cast.community)[0]
    assert (kept.decision, kept.reservation, kept.owner_id, kept.deadline) == (
        "reserved",
        "If it works",
        owner.pk,
        day,
    )
    assert codes(transfer, by=cast.receiver) == []


def test_one_wrong_answer_leaves_all_lines_as_they_were(cast: Cast, transfer: Transfer) -> None:
    first = lines(transfer, by=cast.giver)[0]

    with pytest.raises(Invalid, match="no annex line"):
        transfers.answer_annex(
            by=cast.receiver,
            transfer_uuid=transfer.uuid,
            answers=[Answer(first.uuid, D.ACCEPTED), Answer(transfer.uuid, D.ACCEPTED)],
        )
    assert {line.decision for line in lines(transfer, by=cast.giver)} == {"open"}


def test_only_the_receiver_answers(cast: Cast, transfer: Transfer) -> None:
    first = lines(transfer, by=cast.giver)[0]
    for by in (cast.giver, cast.receiver_officer, cast.community, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed):
            transfers.answer_annex(
                by=by, transfer_uuid=transfer.uuid, answers=[Answer(first.uuid, D.ACCEPTED)]
            )
        with pytest.raises(NotAllowed):
            transfers.accept_annex(by=by, transfer_uuid=transfer.uuid)
    with pytest.raises(NotFound):
        transfers.accept_annex(by=cast.stranger, transfer_uuid=transfer.uuid)


def test_lines_are_answered_while_the_plan_is_before_the_receiver(cast: Cast, transfer: Transfer) -> None:
    first = lines(transfer, by=cast.giver)[0]
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="Once more.")

    for answer in (
        lambda: transfers.accept_annex(by=cast.receiver, transfer_uuid=transfer.uuid),
        lambda: transfers.answer_annex(
            by=cast.receiver, transfer_uuid=transfer.uuid, answers=[Answer(first.uuid, D.ACCEPTED)]
        ),
    ):
        with pytest.raises(Refused, match="before the receiver"):
            answer()


def test_what_is_held_is_listed_once(cast: Cast, programme: Programme) -> None:
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    van = registers.enter(
        by=cast.giver_officer,
        register=Equipment,
        responsibility_uuid=first.uuid,
        title="Van",
        acquired_on=dt.date(2023, 5, 1),
        cost=Decimal("18400.00"),
        currency="EUR",
    )
    draft = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)

    listed = transfers.list_holdings(by=cast.giver, transfer_uuid=draft.uuid)
    assert [(line.kind, line.subject_uuid) for line in listed] == [("equipment", van.uuid)]
    assert transfers.list_holdings(by=cast.giver, transfer_uuid=draft.uuid) == []


def test_an_unknown_annex_is_refused(cast: Cast, programme: Programme) -> None:
    draft = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)

    with pytest.raises(Invalid, match="no annex"):
        transfers.list_in_annex(by=cast.giver, transfer_uuid=draft.uuid, lines=[("debts", "x", None)])
