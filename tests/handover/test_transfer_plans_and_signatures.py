"""Signatures bind exactly one plan: an edit voids them, and everybody reads the same document."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest

from handover.access import Actor, asking
from handover.actions import evidence, executions, milestones, registers, responsibilities, transfers
from handover.actions.transfers import Answer, Item
from handover.canonical import canonical
from handover.canonical import digest as digest_of
from handover.errors import Invalid, Refused
from handover.models import LedgerEntry, Programme, SignOff, Transfer, TransferMilestone
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.models.milestones import MilestoneKind, Side
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import KeepKind, TransferState
from handover.queries.gates import gates
from handover.queries.plans import milestone_digest, plan, plan_digest
from handover.queries.signoffs import missing_sides, signoff_facts
from tests.conftest import sql_of
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.programmes import responsibility
from tests.factories.transfers import undone

pytestmark = pytest.mark.django_db


def signatures(transfer: Transfer, *, by: Actor) -> list[SignOff]:
    with asking(by):
        return list(
            SignOff.objects.filter(transfer=transfer).order_by("id").select_related("transfer", "milestone")
        )


def missing(milestone: TransferMilestone, *, by: Actor) -> list[str]:
    with asking(by):
        now = TransferMilestone.objects.select_related("transfer").get(pk=milestone.pk)
        return missing_sides(now.signoffs.all(), milestone_digest(now), now.signs)


def codes(transfer: Transfer, *, by: Actor) -> list[str]:
    with asking(by):
        return [gate.code for gate in gates(Transfer.objects.get(pk=transfer.pk))]


@pytest.fixture
def draft(cast: Cast, programme: Programme) -> Transfer:
    return plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)


@pytest.fixture
def accepted(cast: Cast, draft: Transfer) -> Transfer:
    return plans.agreed(draft, by=cast.giver, receiver=cast.receiver)


def test_both_sides_sign_the_digest_of_the_same_plan(cast: Cast, accepted: Transfer) -> None:
    now = plans.read(accepted, by=cast.giver)
    with asking(cast.giver):
        digest = plan_digest(now)

    assert now.plan_digest == digest
    assert [(item.side, item.subject, item.digest) for item in signatures(accepted, by=cast.giver)] == [
        (Side.GIVER, SignOffSubject.PLAN, digest),
        (Side.RECEIVER, SignOffSubject.PLAN, digest),
    ]


def test_everybody_concerned_reads_the_same_plan(cast: Cast, accepted: Transfer) -> None:
    read = set()
    for by in (cast.giver, cast.receiver_reporter, cast.community, cast.donor, cast.auditor):
        with asking(by):
            read.add(canonical(plan(Transfer.objects.get(pk=accepted.pk))))

    assert len(read) == 1
    document = json.loads(read.pop())
    assert document["preview"]
    assert len(document["responsibilities"]) == 2
    assert document["keeps"] == [
        {"kind": "read_and_export", "until": plans.RETENTION.isoformat(), "indicators": []}
    ]


EDITS: dict[str, Callable[[Actor, Transfer], object]] = {
    "include": lambda by, transfer: transfers.include(
        by=by,
        transfer_uuid=transfer.uuid,
        items=[Item(responsibility(transfer.programme, by=by, title="A new one"))],
    ),
    "keep longer": lambda by, transfer: transfers.keep(
        by=by, transfer_uuid=transfer.uuid, kind=KeepKind.READ_AND_EXPORT, until=dt.date(2033, 1, 1)
    ),
    "owe results": lambda by, transfer: transfers.keep(
        by=by,
        transfer_uuid=transfer.uuid,
        kind=KeepKind.OWED_RESULTS,
        until=dt.date(2025, 1, 1),
        indicator_uuids=[transfer.uuid],
    ),
    "annex": lambda by, transfer: transfers.list_in_annex(
        by=by, transfer_uuid=transfer.uuid, lines=[(AnnexKind.EQUIPMENT, "A van", None)]
    ),
    "milestone": lambda by, transfer: plans.milestone(transfer, by=by),
    "postpone": lambda by, transfer: milestones.postpone(
        by=by,
        milestone_uuid=plans.milestones_of(transfer, by=by)[0].uuid,
        version=plans.milestones_of(transfer, by=by)[0].version,
        due_on=dt.date(2025, 1, 1),
    ),
}


def test_every_edit_after_a_return_voids_the_signatures(cast: Cast, accepted: Transfer) -> None:
    old = accepted.plan_digest
    transfers.send_back(by=cast.receiver, transfer_uuid=accepted.uuid, comment="Change this.")

    for name, edit in EDITS.items():
        with undone():
            edit(cast.giver, plans.read(accepted, by=cast.giver))
            transfers.propose(by=cast.giver, transfer_uuid=accepted.uuid)
            again = plans.read(accepted, by=cast.receiver)
            assert again.plan_digest != old, name
            assert again.state == TransferState.PROPOSED
            standing = [
                item.side for item in signatures(accepted, by=cast.giver) if item.digest == again.plan_digest
            ]
            assert standing == [Side.GIVER], name
            with pytest.raises(Refused) as refused:
                executions.execute(by=cast.receiver, transfer_uuid=accepted.uuid)
            assert "not_accepted" in [gate.code for gate in refused.value.gates]


def test_a_plan_that_is_returned_and_not_edited_is_the_same_plan(cast: Cast, accepted: Transfer) -> None:
    transfers.send_back(by=cast.receiver, transfer_uuid=accepted.uuid, comment="A question.")
    transfers.propose(by=cast.giver, transfer_uuid=accepted.uuid)

    assert plans.read(accepted, by=cast.giver).plan_digest == accepted.plan_digest


def test_a_plan_changed_behind_the_giver_is_not_accepted(cast: Cast, draft: Transfer) -> None:
    transfers.propose(by=cast.giver, transfer_uuid=draft.uuid)
    sql_of(cast.giver)("UPDATE handover_keep SET until = '2040-01-01'")

    with pytest.raises(Refused, match="not the one that the giver signed"):
        transfers.accept(by=cast.receiver, transfer_uuid=draft.uuid)


def test_a_plan_changed_behind_both_sides_is_not_executed(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    for statement in (
        "UPDATE handover_keep SET until = '2040-01-01'",
        "UPDATE handover_transferresponsibility SET moves_debtor = true",
        "UPDATE handover_transfer SET give_back_days = 9999, version = version + 1",
        "UPDATE handover_annexline SET text = 'less'",
        "UPDATE handover_transfermilestone SET due_on = '2040-01-01'",
    ):
        with undone():
            transfers_changed = sql_of(cast.giver)(statement).count
            assert ("plan_changed" in codes(transfer, by=cast.receiver)) is (transfers_changed > 0), statement


def test_the_receivers_answers_are_no_part_of_the_plan(cast: Cast, draft: Transfer) -> None:
    (line,) = transfers.list_in_annex(
        by=cast.giver, transfer_uuid=draft.uuid, lines=[(AnnexKind.POSTS, "A mediator", None)]
    )
    transfers.propose(by=cast.giver, transfer_uuid=draft.uuid)
    transfers.answer_annex(
        by=cast.receiver,
        transfer_uuid=draft.uuid,
        answers=[
            Answer(
                line.uuid,
                AnnexDecision.RESERVED,
                "Half a post",
                cast.receiver.organisation,
                dt.date(2025, 1, 1),
            )
        ],
    )

    assert transfers.accept(by=cast.receiver, transfer_uuid=draft.uuid).state == TransferState.ACCEPTED


def test_new_evidence_voids_the_signatures_given_without_it(cast: Cast, draft: Transfer) -> None:
    step = plans.milestone(draft, by=cast.giver)
    plans.agreed(draft, by=cast.giver, receiver=cast.receiver)
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert missing(step, by=cast.giver) == [Side.RECEIVER]

    evidence.add(
        by=cast.receiver_officer, milestone_uuid=step.uuid, title="List", link="https://receiver.example/list"
    )
    assert missing(step, by=cast.giver) == [Side.GIVER, Side.RECEIVER]
    milestones.sign(by=cast.receiver, milestone_uuid=step.uuid)
    assert plans.milestones_of(draft, by=cast.giver)[1].done_at is None
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert plans.milestones_of(draft, by=cast.giver)[1].done_at is not None


def test_another_legal_act_voids_the_signatures_given_without_it(cast: Cast, draft: Transfer) -> None:
    step = plans.milestone(draft, by=cast.giver, kind=MilestoneKind.COUNCIL_DECISION)
    plans.agreed(draft, by=cast.giver, receiver=cast.receiver)
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    act = registers.cite(
        by=cast.receiver,
        programme_uuid=draft.programme.uuid,
        issuer=cast.receiver.organisation,
        kind="council_decision",
        number="12",
        dated=dt.date(2024, 5, 30),
    )
    (_, now) = plans.milestones_of(draft, by=cast.giver)
    milestones.rest_on(by=cast.receiver, milestone_uuid=step.uuid, version=now.version, legal_act=act)

    assert missing(step, by=cast.giver) == [Side.GIVER, Side.RECEIVER]


def test_a_milestone_done_before_an_edit_is_signed_again(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="And the kitchen?")
    transfers.include(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        items=[Item(responsibility(programme, by=cast.giver, title="Kitchen"))],
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)

    assert set(codes(transfer, by=cast.receiver)) >= {"community_validation_missing", "milestone_unmet"}
    with pytest.raises(Refused):
        executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)


def test_a_milestone_done_before_a_return_without_an_edit_stays_done(
    cast: Cast, programme: Programme
) -> None:
    transfer = plans.ready(cast, programme)
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="A question.")
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)

    assert codes(transfer, by=cast.receiver) == []


def test_what_was_moved_before_an_edit_stays_moved_and_moves_once(cast: Cast, draft: Transfer) -> None:
    first, second = plans.responsibilities_of(draft.programme, by=cast.giver)
    plans.milestone(draft, by=cast.giver, kind=MilestoneKind.CO_DELIVERY, moves=[first])
    plans.agreed(draft, by=cast.giver, receiver=cast.receiver)
    plans.signed(draft, cast)
    transfers.send_back(by=cast.receiver, transfer_uuid=draft.uuid, comment="One more.")
    transfers.list_in_annex(by=cast.giver, transfer_uuid=draft.uuid, lines=[("open_points", "Keys", None)])
    plans.agreed(draft, by=cast.giver, receiver=cast.receiver)
    plans.signed(draft, cast)

    responsibilities.edit(
        by=cast.receiver_officer,
        responsibility_uuid=first.uuid,
        version=first.version,
        description="Ours now.",
    )
    proof = json.loads(executions.execute(by=cast.receiver, transfer_uuid=draft.uuid).body)
    assert [item["responsibility"] for item in proof["moved_before"]] == [str(first.uuid)]
    assert [item["responsibility"] for item in proof["moved"]] == [str(second.uuid)]


def test_a_signature_is_recorded_word_for_word(cast: Cast, accepted: Transfer) -> None:
    for signature in signatures(accepted, by=cast.giver):
        with asking(cast.giver):
            facts = signoff_facts(signature)
            rows = LedgerEntry.objects.filter(chain=accepted.programme.uuid)
            entries = [json.loads(row.body) for row in rows]
        (entry,) = [body for body in entries if body["subject"] == str(signature.uuid)]
        assert entry["data"]["facts"] == json.loads(canonical(facts))
        assert entry["data"]["facts_digest"] == digest_of(facts)


@pytest.mark.parametrize(
    ("kind", "until"), [("read_and_export", "2024-06-03"), ("owed_results", "2020-01-01")]
)
def test_what_the_giver_keeps_ends_ahead(kind: str, until: str, cast: Cast, draft: Transfer) -> None:
    with pytest.raises(Invalid, match="end on a day ahead"):
        transfers.keep(
            by=cast.giver,
            transfer_uuid=draft.uuid,
            kind=kind,
            until=dt.date.fromisoformat(until),
            indicator_uuids=[draft.uuid],
        )


def test_owed_results_name_their_indicators(cast: Cast, draft: Transfer) -> None:
    with pytest.raises(Invalid, match="which indicators"):
        transfers.keep(
            by=cast.giver, transfer_uuid=draft.uuid, kind=KeepKind.OWED_RESULTS, until=dt.date(2025, 1, 1)
        )
