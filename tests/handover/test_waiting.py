"""Waiting for you: what waits for whom, for nobody else, and in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from handover import clock
from handover.access import Actor, Operator, asking
from handover.actions import (
    accounts,
    evidence,
    executions,
    giving_back,
    invitations,
    milestones,
    permissions,
    score_gates,
    transfers,
    votes,
)
from handover.models import Programme, Transfer, TransferMilestone
from handover.models.milestones import OnDissent, Side
from handover.permissions import Permission, Role
from handover.queries.tasks import Stage, Task, stage_of
from handover.queries.waiting import waiting_for
from handover.queries.waiting_transfers import last_day_to_give_back
from tests.factories import readiness as ready
from tests.factories import transfers as plans
from tests.factories import voices
from tests.factories.cast import AUDIT_ENDS, TODAY, Cast
from tests.factories.programmes import programme as founded
from tests.factories.programmes import responsibility


def kinds(who: Actor) -> list[str]:
    """Name what waits for somebody."""
    return [task.kind for task in waiting_for(who)]


def subjects(who: Actor, kind: str) -> list[str]:
    """Name what waits for somebody in one way."""
    return [task.subject for task in waiting_for(who) if task.kind == kind]


def one(who: Actor) -> Task:
    """Give the only thing that waits for somebody."""
    (task,) = waiting_for(who)
    return task


def under_way(
    cast: Cast, programme: Programme, more: Callable[[Transfer], object] = lambda transfer: None
) -> Transfer:
    """Give an accepted lead transfer with what is put into its plan."""
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    more(transfer)
    return plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)


def everybody(cast: Cast) -> Iterator[Actor]:
    """Give the whole cast."""
    for name in cast.__dataclass_fields__:
        yield getattr(cast, name)


# --- plans ----------------------------------------------------------------------------------------


def test_nothing_waits_where_nothing_has_begun(cast: Cast, programme: Programme) -> None:
    plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    assert [kinds(who) for who in everybody(cast)] == [[]] * 10


def test_a_proposed_plan_waits_for_the_receivers_manager_alone(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    task = one(cast.receiver)
    assert (task.kind, task.subject) == ("plan.answer", str(transfer.uuid))
    assert task.sentence == "The plan “To receiver” waits for your answer"
    assert task.plain_sentence == "The plan of a transfer waits for your answer"
    assert (task.organisation, task.since) == (cast.receiver.organisation, TODAY)
    assert task.programme is not None
    assert (task.programme.uuid, str(task.programme)) == (programme.uuid, "A programme that goes home")
    assert [who for who in everybody(cast) if kinds(who)] == [cast.receiver]


def test_a_plan_that_came_back_waits_for_whoever_draws_it_up(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="The posts are missing")
    assert kinds(cast.giver) == kinds(cast.giver_officer) == ["plan.mend"]
    assert kinds(cast.receiver) == kinds(cast.giver_reporter) == []


# --- steps ----------------------------------------------------------------------------------------


def test_a_step_waits_for_each_side_that_has_not_signed_it(cast: Cast, programme: Programme) -> None:
    transfer = under_way(cast, programme, lambda plan: plans.milestone(plan, by=cast.giver, title="Training"))
    validation, training = plans.milestones_of(transfer, by=cast.giver)
    assert subjects(cast.giver, "milestone.sign") == [str(training.uuid)]
    assert subjects(cast.receiver, "milestone.sign") == [str(training.uuid)]
    assert subjects(cast.community, "milestone.sign") == [str(validation.uuid)]
    assert kinds(cast.giver_officer) == kinds(cast.donor) == kinds(cast.auditor) == []
    milestones.sign(by=cast.giver, milestone_uuid=training.uuid)
    assert kinds(cast.giver) == []
    assert [task.due_on for task in waiting_for(cast.receiver)] == [plans.DUE]
    milestones.sign(by=cast.receiver, milestone_uuid=training.uuid)
    assert kinds(cast.receiver) == []


def test_a_step_asks_for_evidence_first_and_for_a_new_signature_after_more_of_it(
    cast: Cast, programme: Programme
) -> None:
    transfer = under_way(
        cast, programme, lambda plan: plans.milestone(plan, by=cast.giver, evidence_required=True)
    )
    step = plans.milestones_of(transfer, by=cast.giver)[1]

    def shown(text: str) -> None:
        evidence.add(by=cast.giver_officer, milestone_uuid=step.uuid, title=text, content=[text.encode()])

    assert (
        kinds(cast.giver)
        == kinds(cast.giver_officer)
        == kinds(cast.receiver_officer)
        == ["milestone.evidence"]
    )
    shown("Minutes")
    assert kinds(cast.giver) == kinds(cast.receiver) == ["milestone.sign"]
    assert kinds(cast.giver_officer) == []
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert kinds(cast.giver) == []
    shown("More minutes")
    assert kinds(cast.giver) == ["milestone.sign"], "the signature was given without it"


def test_a_step_that_cannot_start_yet_waits_for_nobody(cast: Cast, programme: Programme) -> None:
    def two(plan: Transfer) -> None:
        first = plans.milestone(plan, by=cast.giver, title="First", signs=[Side.GIVER])
        plans.milestone(plan, by=cast.giver, title="Second", signs=[Side.RECEIVER], waits_for=[first])

    transfer = under_way(cast, programme, two)
    _, first, second = plans.milestones_of(transfer, by=cast.giver)
    assert kinds(cast.receiver) == []
    milestones.sign(by=cast.giver, milestone_uuid=first.uuid)
    assert subjects(cast.receiver, "milestone.sign") == [str(second.uuid)]


def test_whoever_signed_for_one_side_is_not_asked_for_the_other(cast: Cast, programme: Programme) -> None:
    accounts.seat(
        by=Operator(), user=cast.giver.user, organisation=cast.receiver.organisation, role=Role.MANAGER
    )
    both = Actor(cast.giver.user, cast.receiver.organisation)
    under_way(cast, programme, lambda plan: plans.milestone(plan, by=cast.giver, signs=[Side.RECEIVER]))
    assert kinds(both) == []
    assert kinds(cast.receiver) == ["milestone.sign"]


def test_what_is_asked_can_be_signed_and_what_is_not_asked_cannot(cast: Cast, programme: Programme) -> None:
    """The list and the action agree, whatever a step waits for."""

    def much(plan: Transfer) -> None:
        by = cast.giver
        first = plans.milestone(plan, by=by, title="First", signs=[Side.GIVER, Side.DONOR])
        plans.milestone(plan, by=by, title="Second", waits_for=[first])
        plans.milestone(plan, by=by, title="Third", evidence_required=True)
        voices.validation(plan, by=by, on_dissent=OnDissent.GO_ON)
        gated = plans.milestone(plan, by=by, title="Fifth")
        ready.adopted(programme, by=by)
        score_gates.require_score(
            by=by, milestone_uuid=gated.uuid, instrument_key="small", at_least=Decimal(50)
        )

    transfer = under_way(cast, programme, much)

    def agree() -> int:
        steps, asked = plans.milestones_of(transfer, by=cast.giver), 0
        for who in (cast.giver, cast.receiver, cast.community, cast.donor):
            wanted = set(subjects(who, "milestone.sign"))
            able = {str(step.uuid) for step in steps if signs(who, step)}
            assert wanted == able, who.organisation.slug
            asked += len(wanted)
        return asked

    before = agree()
    steps = plans.milestones_of(transfer, by=cast.giver)
    milestones.sign(by=cast.giver, milestone_uuid=steps[1].uuid)
    evidence.add(by=cast.giver, milestone_uuid=steps[3].uuid, title="Minutes", content=[b"x"])
    voices.vote(steps[4], 5, 6, by=cast.community)
    agree()
    heard = votes_of(steps[4], cast)
    votes.answer(by=cast.giver, vote_uuid=heard, kind="reasons_given", text="The bus comes again")
    ready.agreed(programme, [(cast.giver, ready.STEPS), (cast.receiver, ready.STEPS)], ready.STEPS)
    assert agree() > before


def signs(who: Actor, step: TransferMilestone) -> bool:
    """Try whether somebody may sign a step now for the first time; nothing has happened afterwards."""
    from handover.errors import DomainError
    from handover.models import SignOff

    with asking(who):
        if SignOff.objects.filter(milestone=step, organisation=who.organisation).exists():
            return False
    try:
        with plans.undone():
            decision, remark = "agrees", ""
            if step.quorum is not None:
                decision, remark = "agrees_with_dissent", "Some are against it"
            milestones.sign(by=who, milestone_uuid=step.uuid, decision=decision, remark=remark)
    except DomainError:
        return False
    return True


def votes_of(step: TransferMilestone, cast: Cast) -> UUID:
    from handover.models import CommunityVote

    with asking(cast.giver):
        return CommunityVote.objects.get(milestone=step).uuid


# --- voices ---------------------------------------------------------------------------------------


def test_dissent_waits_for_an_answer_and_a_missing_vote_for_the_community(
    cast: Cast, programme: Programme
) -> None:
    transfer = under_way(cast, programme, lambda plan: voices.validation(plan, by=cast.giver, quorum=3))
    step = plans.milestones_of(transfer, by=cast.giver)[1]
    assert "vote.hold" in kinds(cast.community)
    assert "vote.hold" in kinds(cast.giver_officer)
    vote = voices.vote(step, 5, 1, by=cast.community)
    assert "vote.hold" not in kinds(cast.community)
    assert subjects(cast.giver, "dissent.answer") == [str(vote.uuid)]
    votes.answer(by=cast.giver, vote_uuid=vote.uuid, kind="reasons_given", text="The bus comes again")
    assert "dissent.answer" not in kinds(cast.giver)


# --- execution and after --------------------------------------------------------------------------


def test_a_transfer_that_is_ready_waits_for_the_receiver_and_its_proof_for_the_giver(
    cast: Cast, programme: Programme
) -> None:
    transfer = plans.ready(cast, programme)
    assert kinds(cast.receiver) == ["transfer.execute"]
    assert kinds(cast.giver) == kinds(cast.receiver_officer) == []
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid, key="test")
    assert kinds(cast.receiver) == []
    assert kinds(cast.giver) == ["proof.countersign"], "a former steward is still asked for this"
    executions.countersign(by=cast.giver, transfer_uuid=transfer.uuid)
    assert kinds(cast.giver) == []


def test_giving_back_waits_for_the_other_side_until_its_last_day(cast: Cast, programme: Programme) -> None:
    proof = plans.executed(cast, programme)
    executions.countersign(by=cast.giver, transfer_uuid=proof.transfer.uuid)
    giving_back.give_back(by=cast.giver, transfer_uuid=proof.transfer.uuid, reason="It fell")
    transfer = plans.read(proof.transfer, by=cast.receiver)
    last = giving_back.last_day(transfer)
    task = one(cast.receiver)
    assert (task.kind, task.due_on) == ("give_back.sign", last)
    assert last_day_to_give_back(transfer) == last
    assert kinds(cast.giver) == []
    assert last is not None
    with clock.at(dt.datetime.combine(last + dt.timedelta(days=1), dt.time(1), dt.UTC)):
        assert kinds(cast.receiver) == ["check.hold"]


# --- readiness ------------------------------------------------------------------------------------


def test_scores_wait_for_the_sides_that_have_not_given_them(cast: Cast, programme: Programme) -> None:
    transfer = under_way(cast, programme)
    ready.adopted(programme, by=cast.giver)
    made = ready.begun(programme, by=cast.giver, transfer_uuid=transfer.uuid)
    assert "scores.finish" in kinds(cast.giver_officer)
    assert "scores.begin" in kinds(cast.receiver)
    assert "scores.begin" in kinds(cast.community)
    assert "scores.begin" not in kinds(cast.donor)
    ready.scored(made, by=cast.giver)
    assert "scores.finish" not in kinds(cast.giver)


def test_a_wave_waits_before_its_day_and_is_late_after_it(cast: Cast, programme: Programme) -> None:
    ready.adopted(programme, by=cast.giver)
    ready.agreed(programme, [(cast.giver, ready.STEPS), (cast.community, ready.STEPS)], ready.STEPS)
    plans.executed(cast, programme)
    due = dt.date(2025, 6, 3)
    assert "scores.wave" not in kinds(cast.receiver)
    with clock.at(dt.datetime(2025, 5, 20, 8, tzinfo=dt.UTC)):
        (task,) = [task for task in waiting_for(cast.receiver) if task.kind == "scores.wave"]
        assert (task.due_on, task.stage(clock.today())) == (due, Stage.FORTNIGHT)
        assert task.sentence == "Score readiness again by “A small one” (12 months after)"
    with clock.at(dt.datetime(2025, 6, 4, 8, tzinfo=dt.UTC)):
        (late,) = [task for task in waiting_for(cast.receiver) if task.kind == "scores.wave"]
        assert late.stage(clock.today()) == Stage.OVERDUE


# --- ends -----------------------------------------------------------------------------------------


def test_an_exception_and_a_standing_are_told_before_they_end(cast: Cast, programme: Programme) -> None:
    ends = TODAY + dt.timedelta(days=20)
    permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=cast.giver_reporter.user,
        organisation=cast.giver.organisation,
        permission=Permission.EXPORT,
        reason="A copy for the archive",
        until=ends,
    )
    task = one(cast.giver_reporter)
    assert (task.kind, task.due_on) == ("exception.ends", ends.date())
    assert kinds(cast.auditor) == []
    with clock.at(AUDIT_ENDS - dt.timedelta(days=5)):
        assert [(item.kind, item.due_on) for item in waiting_for(cast.auditor)] == [
            ("standing.ends", AUDIT_ENDS.date())
        ]
        assert kinds(cast.giver_reporter) == [], "it has ended"


# --- who ------------------------------------------------------------------------------------------


def test_a_person_is_told_what_waits_in_every_organisation_where_they_hold_a_seat(
    cast: Cast, programme: Programme
) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    accounts.seat(
        by=Operator(), user=cast.stranger.user, organisation=cast.receiver.organisation, role=Role.MANAGER
    )
    assert kinds(cast.stranger) == []
    (task,) = waiting_for(cast.stranger.user)
    assert (task.kind, task.organisation) == ("plan.answer", cast.receiver.organisation)
    with asking(cast.stranger):
        assert [item.key for item in waiting_for(cast.stranger.user)] == [task.key], "asking for another one"


def test_nothing_waits_for_whoever_is_deactivated_or_holds_no_seat(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    receiver = cast.receiver
    with plans.undone():
        accounts.deactivate(by=Operator(), user=receiver.user, confirmed=True)
        assert waiting_for(receiver.user) == waiting_for(receiver) == []
    receiver.user.refresh_from_db()
    assert len(waiting_for(receiver.user)) == 1
    accounts.unseat(by=Operator(), user=receiver.user, organisation=receiver.organisation, role=Role.MANAGER)
    assert waiting_for(receiver.user) == waiting_for(receiver) == []


def test_a_sentence_keeps_what_people_wrote_and_a_plain_one_does_not(
    cast: Cast, programme: Programme
) -> None:
    title = "Training of 100% %(milestone)s <b>"
    under_way(
        cast, programme, lambda plan: plans.milestone(plan, by=cast.giver, title=title, signs=[Side.RECEIVER])
    )
    task = one(cast.receiver)
    assert task.sentence == f"“{title}” waits for your signature"
    assert task.plain_sentence == "A step of the transfer (training completed) waits for your signature"
    with translation.override("ro"):
        assert title in task.sentence


def test_a_link_leads_to_the_first_page_that_there_is(cast: Cast, programme: Programme) -> None:
    under_way(cast, programme, lambda plan: plans.milestone(plan, by=cast.giver, signs=[Side.RECEIVER]))
    task = one(cast.receiver)
    nowhere = Task(
        kind="x.y",
        subject="z",
        organisation=cast.receiver.organisation,
        text="x",
        plain="x",
        places=[("there-is-no-such-page", (programme.uuid,))],
    )
    assert nowhere.address == "/"
    assert task.address.startswith("/")


# --- days, and queries ----------------------------------------------------------------------------


def test_a_day_is_in_the_nearest_stage_that_it_has_reached() -> None:
    today = dt.date(2024, 6, 3)
    at = {days: stage_of(today + dt.timedelta(days=days), today) for days in (-1, 0, 1, 2, 7, 8, 14, 15)}
    assert at == {
        -1: Stage.OVERDUE,
        0: Stage.DAY,
        1: Stage.DAY,
        2: Stage.WEEK,
        7: Stage.WEEK,
        8: Stage.FORTNIGHT,
        14: Stage.FORTNIGHT,
        15: None,
    }
    assert stage_of(None, today) is None


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count queries."""
    found: list[int] = []
    with CaptureQueriesContext(connection) as context:
        yield found
    found.append(len(context))


def test_the_number_of_queries_is_the_same_for_one_programme_and_for_many(
    cast: Cast, programme: Programme
) -> None:
    def filled(where: Programme) -> None:
        ready.adopted(where, by=cast.giver)
        transfer = plans.drafted(where, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
        step = plans.milestone(transfer, by=cast.giver)
        score_gates.require_score(
            by=cast.giver, milestone_uuid=step.uuid, instrument_key="small", at_least=Decimal(1)
        )
        plans.milestone(transfer, by=cast.giver, title="Another", evidence_required=True)
        voted = voices.validation(transfer, by=cast.giver, quorum=1, signs=[Side.RECEIVER])
        plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
        voices.vote(voted, 5, 1, by=cast.giver)
        ready.begun(where, by=cast.giver)

    filled(programme)
    with asking(cast.receiver), counted() as few:
        before = len(waiting_for(cast.receiver))
    for number in range(3):
        another = founded(cast.giver, identifier=f"XX-TEST-{number}")
        responsibility(another, by=cast.giver)
        filled(another)
    with asking(cast.receiver), counted() as many:
        after = len(waiting_for(cast.receiver))
    assert after == 4 * before > 0
    assert few == many
    assert many[0] <= 9, "the page that shows it has room for a dozen"


def test_an_invitation_that_nobody_takes_waits_for_the_managers_before_it_ends(cast: Cast) -> None:
    by = cast.giver
    invitations.invite(by=by, email="new@giver.example", role=Role.VIEWER)
    assert kinds(by) == []
    with clock.at(TODAY + dt.timedelta(days=10)):
        task = one(by)
        assert (task.kind, task.due_on) == ("invitation.ends", (TODAY + invitations.OPEN).date())
        assert "new@giver.example" in task.sentence
        assert "new@giver.example" not in task.plain_sentence
        assert kinds(cast.giver_officer) == kinds(cast.receiver) == []
    with clock.at(TODAY + dt.timedelta(days=15)):
        assert kinds(by) == []
