"""The community's votes: what counts, what stands, what dissent holds up, and that none of it ever disappears."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover import clock, notices
from handover.access import Actor, asking, custody
from handover.actions import milestones, transfers, votes
from handover.errors import Gate, Invalid, NotAllowed, NotFound, Refused
from handover.models import CommunityVote, DissentReason, LedgerEntry, Programme, Transfer, TransferMilestone
from handover.models.milestones import OnDissent, Side
from handover.models.signoffs import Decision
from handover.models.voices import AnswerKind
from handover.queries import chains, vote_words
from handover.queries import votes as heard
from handover.queries.gates import gates
from handover.queries.plans import plan_digest
from tests.conftest import OwnerSql
from tests.factories import programmes
from tests.factories import transfers as plans
from tests.factories import voices as make
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


def drafted(cast: Cast, programme: Programme) -> Transfer:
    return plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())


def agreed(
    cast: Cast,
    programme: Programme,
    *,
    quorum: int | None = 10,
    on_dissent: OnDissent | str = OnDissent.PAUSE,
    signs: Sequence[Side] = (Side.COMMUNITY,),
) -> TransferMilestone:
    transfer = drafted(cast, programme)
    step = make.validation(transfer, by=cast.giver, quorum=quorum, on_dissent=on_dissent, signs=signs)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    return step


@pytest.fixture
def step(cast: Cast, programme: Programme) -> TransferMilestone:
    """Give a milestone of an accepted plan on which ten people must vote; dissent pauses it."""
    return agreed(cast, programme)


def waits(step: TransferMilestone, *, by: Actor) -> list[str]:
    with asking(by):
        return [gate.code for gate in heard.waiting(make.refreshed(step, by=by))]


def gate(step: TransferMilestone, *, by: Actor) -> Gate:
    with asking(by):
        (found,) = heard.waiting(make.refreshed(step, by=by))
    return found


def standing(step: TransferMilestone, *, by: Actor) -> list[UUID]:
    with asking(by):
        return [item.vote.uuid for item in heard.standing(make.refreshed(step, by=by))]


def refused(code: str, kind: type[Invalid | Refused] = Invalid) -> Any:
    return pytest.raises(kind, check=lambda error: error.code == code)


# --- what is refused ---


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({"present": 10, "assent": 8, "dissent": 3}, "more_than_present"),
        ({"present": 10, "assent": 8, "dissent": 1, "abstained": 2}, "more_than_present"),
        ({"present": 10, "assent": -1, "dissent": 0}, "negative_count"),
        ({"present": -4, "assent": 0, "dissent": 0}, "negative_count"),
        ({"present": 10, "assent": 0, "dissent": 0, "abstained": -2}, "negative_count"),
        ({"present": 0, "assent": 0, "dissent": 0}, "nobody_present"),
        ({"present": 10, "assent": 6, "dissent": 2, "reasons": []}, "reason_missing"),
        ({"present": 10, "assent": 6, "dissent": 2, "reasons": [("  ", 2)]}, "reason_missing"),
        ({"present": 10, "assent": 6, "dissent": 2, "reasons": [("Too far", 3)]}, "more_than_dissent"),
        ({"present": 10, "assent": 6, "dissent": 2, "reasons": [("Too far", 0)]}, "nobody_said_so"),
        ({"present": 10, "assent": 6, "dissent": 0, "asked": "  "}, "question_missing"),
        ({"present": 10, "assent": True, "dissent": 0}, "not_a_whole_number"),
        ({"present": 2**31, "assent": 1, "dissent": 0}, "invalid"),
    ],
)
def test_counts_that_cannot_be_are_refused_and_nothing_is_written(
    step: TransferMilestone, cast: Cast, counts: dict[str, Any], code: str
) -> None:
    with refused(code):
        make.vote(step, counts.pop("assent"), counts.pop("dissent"), by=cast.community, **counts)

    with asking(cast.community):
        assert not CommunityVote.objects.exists()
        assert not DissentReason.objects.exists()
        assert "vote.held" not in LedgerEntry.objects.filter(body__contains="vote.held").values_list(
            "body", flat=True
        )


@pytest.mark.parametrize(
    ("quorum", "code"), [(0, "quorum_zero"), (-3, "negative_count"), (10**9, "quorum_too_large")]
)
def test_a_quorum_of_nobody_is_refused_where_it_is_planned(
    cast: Cast, programme: Programme, quorum: int, code: str
) -> None:
    transfer = drafted(cast, programme)

    with refused(code):
        make.validation(transfer, by=cast.giver, quorum=quorum)

    with asking(cast.giver):
        assert not TransferMilestone.objects.filter(transfer=transfer).exists()


def test_a_plan_that_asks_for_a_vote_says_what_happens_on_dissent(cast: Cast, programme: Programme) -> None:
    transfer = drafted(cast, programme)

    with refused("on_dissent_missing"):
        make.validation(transfer, by=cast.giver, on_dissent="")
    with refused("unknown_on_dissent"):
        make.validation(transfer, by=cast.giver, on_dissent="ignore")


def test_a_vote_on_a_day_to_come_or_before_the_plan_is_refused(step: TransferMilestone, cast: Cast) -> None:
    with refused("in_the_future"):
        make.vote(step, 8, 2, by=cast.community, held_on=clock.today() + dt.timedelta(days=1))
    with refused("before_the_plan"):
        make.vote(step, 8, 2, by=cast.community, held_on=clock.today() - dt.timedelta(days=1))


def test_a_vote_of_a_transfer_that_is_not_under_way_is_refused(cast: Cast, programme: Programme) -> None:
    transfer = drafted(cast, programme)
    step = make.validation(transfer, by=cast.giver)

    with refused("not_under_way", Refused):
        make.vote(step, 8, 2, by=cast.community)

    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    transfers.revoke(by=cast.giver, transfer_uuid=transfer.uuid, reason="Not now")

    with refused("not_under_way", Refused):
        make.vote(step, 8, 2, by=cast.community)


def test_a_vote_on_a_milestone_that_is_done_is_refused(step: TransferMilestone, cast: Cast) -> None:
    make.vote(step, 8, 2, by=cast.community)
    milestones.sign(by=cast.community, milestone_uuid=step.uuid)

    with refused("milestone_done", Refused):
        make.vote(step, 2, 8, by=cast.community)


def test_a_community_of_another_programme_is_refused(step: TransferMilestone, cast: Cast) -> None:
    elsewhere = make.community(programmes.programme(cast.giver), by=cast.giver)

    with refused("unknown_community"):
        make.vote(step, 8, 2, by=cast.giver, community=elsewhere.uuid)


def test_a_consultation_of_another_programme_is_refused(
    step: TransferMilestone, programme: Programme, cast: Cast
) -> None:
    elsewhere = make.consultation(programmes.programme(cast.giver), by=cast.giver)
    here = make.consultation(programme, by=cast.giver)

    for unknown in (elsewhere.uuid, uuid4()):
        with refused("unknown_consultation"):
            make.vote(step, 8, 2, by=cast.giver, consultation=unknown)

    assert make.vote(step, 8, 2, by=cast.giver, consultation=here.uuid).consultation_uuid == here.uuid


def test_the_receiver_records_no_vote_and_a_stranger_sees_none(step: TransferMilestone, cast: Cast) -> None:
    for by in (cast.receiver, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed):
            make.vote(step, 8, 2, by=by)
    with pytest.raises(NotFound):
        make.vote(step, 8, 2, by=cast.stranger)


def test_the_same_assembly_is_recorded_once(step: TransferMilestone, cast: Cast) -> None:
    make.vote(step, 8, 2, by=cast.community)

    with refused("vote_recorded_already"):
        make.vote(step, 8, 2, by=cast.giver_officer)
    make.vote(step, 9, 2, by=cast.giver_officer)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"kind": "ignored"}, "unknown_kind"),
        ({"text": " "}, "answer_missing"),
        ({"kind": AnswerKind.MEDIATED}, "mediator_missing"),
        ({"answered_on": dt.date(2024, 1, 9)}, "before_the_vote"),
        ({"answered_on": dt.date(2031, 1, 9)}, "in_the_future"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(
    step: TransferMilestone, cast: Cast, said: dict[str, Any], code: str
) -> None:
    vote = make.vote(step, 8, 2, by=cast.community)

    with refused(code):
        votes.answer(
            by=cast.giver,
            vote_uuid=vote.uuid,
            **{"kind": AnswerKind.REASONS_GIVEN, "text": "The bus is paid for", **said},
        )


def test_where_nobody_dissented_there_is_nothing_to_answer(step: TransferMilestone, cast: Cast) -> None:
    vote = make.vote(step, 12, 0, by=cast.community)

    with refused("no_dissent"):
        votes.answer(by=cast.giver, vote_uuid=vote.uuid, kind=AnswerKind.REASONS_GIVEN, text="Thank you")


# --- what counts, and what stands ---


def test_nobody_signs_before_the_community_has_voted_where_the_plan_asks_for_it(
    cast: Cast, programme: Programme
) -> None:
    step = agreed(cast, programme, signs=(Side.COMMUNITY, Side.GIVER))

    for by in (cast.community, cast.giver):
        with pytest.raises(Refused) as refusal:
            milestones.sign(by=by, milestone_uuid=step.uuid)
        assert [item.code for item in refusal.value.gates] == ["vote_missing"]

    make.vote(step, 10, 0, by=cast.community)
    for by in (cast.community, cast.giver):
        milestones.sign(by=by, milestone_uuid=step.uuid)
    assert make.refreshed(step, by=cast.giver).done_at is not None


def test_a_vote_below_the_quorum_is_kept_and_does_not_count(step: TransferMilestone, cast: Cast) -> None:
    vote = make.vote(step, 9, 0, by=cast.community)

    assert waits(step, by=cast.community) == ["below_quorum"]
    assert "9 people were there, and the plan asks for 10" in gate(step, by=cast.community).sentence
    assert standing(step, by=cast.community) == []
    with asking(cast.community):
        assert [item.vote.uuid for item in heard.history(step)] == [vote.uuid]


def test_a_short_vote_neither_lifts_nor_repeats_what_an_earlier_one_said(
    step: TransferMilestone, cast: Cast
) -> None:
    first = make.vote(step, 4, 8, by=cast.community)
    make.vote(step, 5, 0, by=cast.community)

    assert waits(step, by=cast.community) == ["dissent_pause"]
    assert standing(step, by=cast.community) == [first.uuid]


def test_without_a_quorum_nobody_waits_for_a_vote(cast: Cast, programme: Programme) -> None:
    step = agreed(cast, programme, quorum=None, on_dissent="")

    assert waits(step, by=cast.community) == []
    milestones.sign(by=cast.community, milestone_uuid=step.uuid)


def test_a_later_vote_follows_an_earlier_one_and_never_removes_it(
    step: TransferMilestone, cast: Cast
) -> None:
    first = make.vote(step, 4, 8, by=cast.community)
    second = make.vote(step, 9, 3, by=cast.community, reasons=[("Still too far", 3)])

    assert waits(step, by=cast.community) == []
    assert standing(step, by=cast.community) == [second.uuid]
    with asking(cast.auditor):
        story = heard.history(make.refreshed(step, by=cast.auditor))
    assert [item.vote.uuid for item in story] == [first.uuid, second.uuid]
    assert [[reason.text for reason in item.reasons] for item in story] == [
        ["The bus no longer comes"],
        ["Still too far"],
    ]
    ledger = "".join(bodies(cast.giver))
    assert "The bus no longer comes" in ledger
    assert "Still too far" in ledger


def bodies(by: Actor, verb: str = "vote.held") -> list[str]:
    with asking(by):
        return list(
            LedgerEntry.objects.filter(body__contains=f'"verb":"{verb}"')
            .order_by("id")
            .values_list("body", flat=True)
        )


def test_the_vote_of_one_community_does_not_answer_for_another(
    step: TransferMilestone, programme: Programme, cast: Cast
) -> None:
    hill = make.community(programme, by=cast.giver)
    river = make.community(programme, by=cast.giver, name="Community of the River")
    against = make.vote(step, 4, 8, by=cast.community, community=hill.uuid)
    pro = make.vote(step, 12, 0, by=cast.community, community=river.uuid)

    assert waits(step, by=cast.community) == ["dissent_pause"]
    assert standing(step, by=cast.community) == [against.uuid, pro.uuid]
    assert "of Community of the Hill dissented" in gate(step, by=cast.community).sentence

    everybody = make.vote(step, 20, 6, by=cast.community)
    assert standing(step, by=cast.community) == [everybody.uuid]


def test_a_changed_plan_asks_the_community_again(step: TransferMilestone, cast: Cast) -> None:
    make.vote(step, 12, 0, by=cast.community)

    later = replanned(step, cast, quorum=5)

    with clock.at(later):
        assert waits(step, by=cast.community) == ["vote_missing"]
        assert "the plan has changed since it voted" in gate(step, by=cast.community).sentence
        make.vote(step, 7, 0, by=cast.community)
        assert waits(step, by=cast.community) == []


def test_a_changed_plan_does_not_lift_a_dissent_that_pauses(step: TransferMilestone, cast: Cast) -> None:
    make.vote(step, 4, 8, by=cast.community)

    later = replanned(step, cast, quorum=None)

    with clock.at(later):
        assert waits(step, by=cast.community) == ["dissent_pause"]
        make.vote(step, 8, 4, by=cast.community)
        assert waits(step, by=cast.community) == []


def replanned(step: TransferMilestone, cast: Cast, *, quorum: int | None) -> dt.datetime:
    """Return the plan, change what it asks of the community, agree on it again; give the instant."""
    later = clock.now() + dt.timedelta(hours=3)
    with clock.at(later):
        now = make.refreshed(step, by=cast.giver)
        transfers.send_back(by=cast.receiver, transfer_uuid=now.transfer.uuid, comment="Look again")
        milestones.ask_community(
            by=cast.giver,
            milestone_uuid=step.uuid,
            version=now.version,
            quorum=quorum,
            on_dissent=OnDissent.PAUSE,
        )
        transfers.propose(by=cast.giver, transfer_uuid=now.transfer.uuid)
        transfers.accept(by=cast.receiver, transfer_uuid=now.transfer.uuid)
    return later


def test_a_quorum_or_a_word_on_dissent_makes_another_plan(cast: Cast, programme: Programme) -> None:
    transfer = drafted(cast, programme)
    step = make.validation(transfer, by=cast.giver, quorum=None, on_dissent="")
    digests = []
    for quorum, word in ((None, ""), (10, OnDissent.PAUSE), (11, OnDissent.PAUSE), (11, OnDissent.GO_ON)):
        version = make.refreshed(step, by=cast.giver).version
        milestones.ask_community(
            by=cast.giver, milestone_uuid=step.uuid, version=version, quorum=quorum, on_dissent=word
        )
        with asking(cast.giver):
            digests.append(plan_digest(plans.read(transfer, by=cast.giver)))

    assert len(set(digests)) == 4


def test_what_a_fixed_plan_asks_of_the_community_cannot_be_changed(
    step: TransferMilestone, cast: Cast
) -> None:
    with refused("plan_fixed", Refused):
        milestones.ask_community(
            by=cast.giver, milestone_uuid=step.uuid, version=step.version, quorum=1, on_dissent="go_on"
        )


def test_a_vote_voids_signatures_that_did_not_see_it(cast: Cast, programme: Programme) -> None:
    step = agreed(cast, programme, quorum=None, on_dissent="", signs=(Side.GIVER, Side.COMMUNITY))
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)

    make.vote(step, 9, 3, by=cast.community)
    milestones.sign(by=cast.community, milestone_uuid=step.uuid)

    assert make.refreshed(step, by=cast.giver).done_at is None
    milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert make.refreshed(step, by=cast.giver).done_at is not None


# --- what dissent does ---


def test_the_gate_names_the_vote_the_reasons_and_what_the_plan_says(
    step: TransferMilestone, cast: Cast
) -> None:
    vote = make.vote(
        step, 4, 8, by=cast.community, reasons=[("The bus no longer comes", 6), ("We were not asked", 2)]
    )

    found = gate(step, by=cast.receiver)

    assert found.subject == str(vote.uuid)
    assert found.sentence == (
        "On 03 June 2024 8 of 12 people dissented from “The community validates the transfer” and 4 assented. "
        "Their reasons: “The bus no longer comes” (6); “We were not asked” (2). "
        "The plan says: the milestone waits until the community has voted again."
    )
    with asking(cast.receiver):
        assert found in gates(plans.read(step.transfer, by=cast.receiver))


@pytest.mark.parametrize(
    ("word", "code", "settles", "other"),
    [
        (OnDissent.MEDIATION, "dissent_mediation", AnswerKind.MEDIATED, AnswerKind.REASONS_GIVEN),
        (OnDissent.GO_ON, "dissent_reasons", AnswerKind.REASONS_GIVEN, AnswerKind.PLAN_CHANGED),
    ],
)
def test_dissent_waits_for_exactly_what_the_plan_says(
    cast: Cast, programme: Programme, word: OnDissent, code: str, settles: AnswerKind, other: AnswerKind
) -> None:
    step = agreed(cast, programme, on_dissent=word)
    vote = make.vote(step, 4, 8, by=cast.community)
    said: dict[str, Any] = {
        "vote_uuid": vote.uuid,
        "text": "The bus is paid for until 2027",
        "mediator": "The county mediators",
    }

    assert waits(step, by=cast.community) == [code]
    votes.answer(by=cast.giver, kind=other, **said)
    assert waits(step, by=cast.community) == [code]
    votes.answer(by=cast.giver, kind=settles, **said)
    assert waits(step, by=cast.community) == []


def test_a_pause_ends_with_a_new_vote_alone(step: TransferMilestone, cast: Cast) -> None:
    vote = make.vote(step, 4, 8, by=cast.community)
    for kind in AnswerKind:
        votes.answer(by=cast.giver, vote_uuid=vote.uuid, kind=kind, text="We talked", mediator="A body")

    assert waits(step, by=cast.community) == ["dissent_pause"]
    make.vote(step, 7, 5, by=cast.community)
    assert waits(step, by=cast.community) == []


def test_where_the_plan_says_nothing_of_dissent_it_pauses(cast: Cast, programme: Programme) -> None:
    step = agreed(cast, programme, quorum=None, on_dissent="")
    make.vote(step, 4, 8, by=cast.community)

    found = gate(step, by=cast.community)

    assert found.code == "dissent_pause"
    assert "The plan says nothing of dissent" in found.sentence


def test_as_many_noes_as_yeses_weigh(step: TransferMilestone, cast: Cast) -> None:
    make.vote(step, 6, 6, by=cast.community)

    assert waits(step, by=cast.community) == ["dissent_pause"]


def test_a_minoritys_dissent_holds_nothing_up_and_is_told_to_whoever_signs(
    step: TransferMilestone, cast: Cast
) -> None:
    make.vote(step, 9, 3, by=cast.community)

    with notices.collected() as said:
        milestones.sign(by=cast.community, milestone_uuid=step.uuid)

    assert make.refreshed(step, by=cast.giver).done_at is not None
    (told,) = [notice for notice in said if notice.code == "dissent_on_record"]
    assert "3 of 12 people dissented" in told.sentence
    assert "The bus no longer comes" in told.sentence


def test_where_no_majority_assented_the_community_signs_with_the_dissent_on_record(
    cast: Cast, programme: Programme
) -> None:
    step = agreed(cast, programme, on_dissent=OnDissent.GO_ON)
    vote = make.vote(step, 4, 8, by=cast.community)
    votes.answer(
        by=cast.giver, vote_uuid=vote.uuid, kind=AnswerKind.REASONS_GIVEN, text="The bus is paid for"
    )

    with pytest.raises(Refused) as refusal:
        milestones.sign(by=cast.community, milestone_uuid=step.uuid)
    assert [item.code for item in refusal.value.gates] == ["no_majority"]

    milestones.sign(
        by=cast.community,
        milestone_uuid=step.uuid,
        decision=Decision.AGREES_WITH_DISSENT,
        remark="We go along; the bus must come",
    )
    assert make.refreshed(step, by=cast.giver).done_at is not None


def test_dissent_keeps_nobody_from_objecting(step: TransferMilestone, cast: Cast) -> None:
    make.vote(step, 4, 8, by=cast.community)

    milestones.sign(
        by=cast.community, milestone_uuid=step.uuid, decision=Decision.OBJECTS, remark="Not like this"
    )

    with asking(cast.receiver):
        codes = [item.code for item in gates(plans.read(step.transfer, by=cast.receiver))]
    assert {"dissent_pause", "open_conflict"} <= set(codes)


def test_dissent_that_nobody_answered_is_named_until_somebody_does(
    step: TransferMilestone, cast: Cast
) -> None:
    vote = make.vote(step, 9, 3, by=cast.community)

    with asking(cast.giver):
        (found,) = heard.health(step.programme)
    assert (found.code, found.subject) == ("dissent_unanswered", str(vote.uuid))
    assert "The community validates the transfer → vote of 2024-06-03: 3 people dissented" in found.sentence

    votes.answer(
        by=cast.giver, vote_uuid=vote.uuid, kind=AnswerKind.REASONS_GIVEN, text="The bus is paid for"
    )
    with asking(cast.giver):
        assert list(heard.health(step.programme)) == []


# --- nothing disappears ---


def test_the_database_refuses_to_change_or_remove_a_vote(step: TransferMilestone, cast: Cast) -> None:
    vote = make.vote(step, 4, 8, by=cast.community)

    for table in ("communityvote", "dissentreason"):
        for change in (f"DELETE FROM handover_{table}", f"UPDATE handover_{table} SET uuid = uuid"):
            with (
                asking(cast.community),
                pytest.raises(DatabaseError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(change)
    with asking(cast.community):
        assert heard.history(step)[0].vote.uuid == vote.uuid


@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        ("communityvote", "dissent = 0, assent = 12", "vote_changed"),
        ("dissentreason", "text = 'All is well'", "vote_changed"),
        ("dissentanswer", "text = 'They agreed after all'", "dissent_changed"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_verification_finds_a_vote_that_the_databases_owner_changed(
    programme: Programme, cast: Cast, owner_sql: OwnerSql, table: str, change: str, code: str
) -> None:
    step = agreed(cast, programme)
    vote = make.vote(step, 4, 8, by=cast.community)
    votes.answer(by=cast.giver, vote_uuid=vote.uuid, kind=AnswerKind.REASONS_GIVEN, text="We talked")
    assert found(programme, cast) == []

    owner_sql(f"ALTER TABLE handover_{table} DISABLE TRIGGER USER")
    owner_sql(f"UPDATE handover_{table} SET {change}")

    assert found(programme, cast) == [code]


def found(programme: Programme, cast: Cast) -> list[str]:
    with asking(cast.giver), custody(programme.pk):
        return [finding.code for finding in heard.verify(programme, chains.bodies(programme.uuid))]


@pytest.mark.django_db(transaction=True)
def test_of_two_votes_at_once_both_are_kept_and_one_stands(programme: Programme, cast: Cast) -> None:
    step = agreed(cast, programme)
    outcome: list[CommunityVote] = []
    started = threading.Event()

    def other() -> None:
        try:
            started.set()
            outcome.append(make.vote(step, 9, 3, by=cast.giver_officer))
        finally:
            connection.close()

    second = threading.Thread(target=other)
    with transaction.atomic():
        first = make.vote(step, 4, 8, by=cast.community)
        second.start()
        started.wait()
        second.join(timeout=0.5)
        assert second.is_alive(), "the second did not wait for the first"
    second.join(timeout=10)

    (later,) = outcome
    assert standing(step, by=cast.community) == [later.uuid]
    with asking(cast.community):
        assert [item.vote.uuid for item in heard.history(step)] == [first.uuid, later.uuid]


# --- in words ---


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["For: 4. Against: 8.", "Shall the town run", "“The bus no longer comes” (said by: 8)"]),
        ("ro", ["Pentru: 4. Împotrivă: 8.", "Să preia primăria", "până când comunitatea votează din nou"]),
        ("lt", ["Už: 4. Prieš: 8.", "Ar nuo rugsėjo", "kol bendruomenė balsuos iš naujo"]),
        ("de", ["For: 4. Against: 8."]),
    ],
)
def test_a_vote_is_told_in_the_readers_language(
    step: TransferMilestone, cast: Cast, lang: str, words: list[str]
) -> None:
    vote = make.vote(step, 4, 8, by=cast.community, asked=make.ASKED)

    with asking(cast.community):
        text = "\n".join(vote_words.readable(vote, lang))

    for word in words:
        assert word in text


def test_every_language_says_the_same_things() -> None:
    for lang, words in vote_words.WORDS.items():
        assert words.keys() == vote_words.WORDS["en"].keys(), lang
        for name, text in words.items():
            assert text.count("{") == vote_words.WORDS["en"][name].count("{"), (lang, name)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 15), st.integers(0, 15), st.integers(0, 2), st.booleans()), max_size=12
    ),
    quorum=st.none() | st.integers(1, 20),
)
def test_what_stands_follows_from_the_order_of_votes_alone(
    rows: list[tuple[int, int, int, bool]], quorum: int | None
) -> None:
    step = TransferMilestone(pk=1, quorum=quorum, on_dissent=OnDissent.PAUSE)
    built = [
        CommunityVote(
            pk=number,
            milestone=step,
            community_id=community or None,
            present=assent + dissent,
            assent=assent,
            dissent=dissent,
        )
        for number, (assent, dissent, community, _) in enumerate(rows, start=1)
    ]

    stands = heard.standing_of(built)

    counted = [vote for vote in built if vote.present >= (quorum or 0)]
    for vote in built:
        later = [item for item in counted if item.pk > vote.pk]
        followed = any(item.community_id in (None, vote.community_id) for item in later)
        assert (vote.pk in stands) is (vote in counted and not followed)
    assert len({vote.community_id for vote in built if vote.pk in stands}) == len(stands)
