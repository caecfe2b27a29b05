"""People say no: the plan says what happens then, it happens, and what they said stays readable for ever."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field

import pytest

from handover import clock
from handover.access import asking, custody
from handover.actions import executions, milestones, votes
from handover.errors import Refused
from handover.models import CommunityVote, LedgerEntry, Programme, Proof, Transfer, TransferMilestone
from handover.models.milestones import OnDissent, Side
from handover.models.signoffs import Decision
from handover.models.voices import AnswerKind
from handover.queries import votes as heard
from handover.queries.verification import verify_programme
from tests.factories import transfers as plans
from tests.factories import voices as make
from tests.factories.cast import Cast
from tests.handover.command_line import said

pytestmark = pytest.mark.django_db

MORNING = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
REASONS = {
    OnDissent.PAUSE: "The bus no longer comes to the upper houses",
    OnDissent.MEDIATION: "The mediator we trust is not kept on",
    OnDissent.GO_ON: "The centre closes in August, when we work",
}
"""Why most people say no, by what the plan says happens then."""


@dataclass
class Story:
    """A plan with three milestones on which the community votes, one for each word on dissent."""

    cast: Cast
    programme: Programme
    transfer: Transfer
    steps: dict[OnDissent, TransferMilestone]
    dissent: dict[OnDissent, CommunityVote] = field(default_factory=dict)

    def codes(self) -> list[str]:
        """Give the gates that votes close, as the receiver meets them."""
        with asking(self.cast.receiver):
            return [gate.code for gate in heard.gates(plans.read(self.transfer, by=self.cast.receiver))]

    def execute(self) -> Proof:
        """Let the receiver execute."""
        return executions.execute(by=self.cast.receiver, transfer_uuid=self.transfer.uuid, key="heard")

    def sign(self, word: OnDissent, decision: Decision, remark: str = "") -> None:
        """Let the community and the giver sign a milestone."""
        uuid = self.steps[word].uuid
        milestones.sign(by=self.cast.community, milestone_uuid=uuid, decision=decision, remark=remark)
        milestones.sign(by=self.cast.giver, milestone_uuid=uuid)


@pytest.fixture
def story(cast: Cast, programme: Programme) -> Story:
    """Give the agreed plan."""
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
    steps = {
        word: make.validation(
            transfer, by=cast.giver, on_dissent=word, quorum=20, signs=[Side.COMMUNITY, Side.GIVER]
        )
        for word in OnDissent
    }
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    return Story(cast, programme, transfer, steps)


def test_all_three_kinds_of_dissent_are_heard_and_none_of_them_is_lost(story: Story) -> None:
    _most_say_no(story)
    _nothing_goes_on(story)
    with clock.at(MORNING + dt.timedelta(days=5)):
        _reasons_are_given(story)
        _a_mediation_is_held(story)
        _the_community_votes_again(story)
        proof = story.execute()
        executions.countersign(by=story.cast.giver, transfer_uuid=story.transfer.uuid)
        _it_is_all_there(story, proof)


def _most_say_no(story: Story) -> None:
    for word, step in story.steps.items():
        story.dissent[word] = make.vote(
            step, 9, 16, by=story.cast.community, reasons=[(REASONS[word], 16)], asked=make.ASKED
        )


def _nothing_goes_on(story: Story) -> None:
    assert sorted(story.codes()) == ["dissent_mediation", "dissent_pause", "dissent_reasons"]
    for word, step in story.steps.items():
        for by in (story.cast.community, story.cast.giver):
            with pytest.raises(Refused) as refusal:
                milestones.sign(
                    by=by,
                    milestone_uuid=step.uuid,
                    decision=Decision.AGREES_WITH_DISSENT,
                    remark="We sign all the same",
                )
            (gate,) = refusal.value.gates
            assert gate.subject == str(story.dissent[word].uuid)
            assert REASONS[word] in gate.sentence
            assert f"The plan says: {word.label}." in gate.sentence
    with pytest.raises(Refused) as refusal:
        story.execute()
    assert {REASONS[word] for word in OnDissent if REASONS[word] in str(refusal.value.details)} == {
        *REASONS.values()
    }


def _reasons_are_given(story: Story) -> None:
    """GO_ON: the reasons are answered in writing, and the milestone goes on, with the dissent on record."""
    votes.answer(
        by=story.cast.giver,
        vote_uuid=story.dissent[OnDissent.GO_ON].uuid,
        kind=AnswerKind.REASONS_GIVEN,
        text="The centre stays open in the mornings of August",
    )
    assert sorted(story.codes()) == ["dissent_mediation", "dissent_pause"]
    with pytest.raises(Refused) as refusal:
        story.sign(OnDissent.GO_ON, Decision.AGREES)
    assert [gate.code for gate in refusal.value.gates] == ["no_majority"]
    story.sign(OnDissent.GO_ON, Decision.AGREES_WITH_DISSENT, "We go along; August stays a worry")


def _a_mediation_is_held(story: Story) -> None:
    """MEDIATION: a body mediates, and the milestone goes on."""
    votes.answer(
        by=story.cast.community,
        vote_uuid=story.dissent[OnDissent.MEDIATION].uuid,
        kind=AnswerKind.MEDIATED,
        text="The town keeps the mediator's post for two years",
        mediator="County office for mediation",
    )
    assert story.codes() == ["dissent_pause"]
    story.sign(OnDissent.MEDIATION, Decision.AGREES_WITH_DISSENT, "We go along for two years")


def _the_community_votes_again(story: Story) -> None:
    """PAUSE: words alone do not help; the community votes again."""
    first = story.dissent[OnDissent.PAUSE]
    votes.answer(
        by=story.cast.giver,
        vote_uuid=first.uuid,
        kind=AnswerKind.REASONS_GIVEN,
        text="The bus turns at the upper houses from July",
    )
    assert story.codes() == ["dissent_pause"]
    make.vote(story.steps[OnDissent.PAUSE], 8, 1, by=story.cast.community)
    assert story.codes() == ["dissent_pause"], "nine people are no quorum: the pause goes on"
    again = make.vote(
        story.steps[OnDissent.PAUSE],
        21,
        4,
        by=story.cast.community,
        reasons=[("The bus may be taken away again", 4)],
    )
    assert story.codes() == []
    story.sign(OnDissent.PAUSE, Decision.AGREES)
    with asking(story.cast.community):
        told = heard.history(make.refreshed(story.steps[OnDissent.PAUSE], by=story.cast.community))
    assert [item.vote.uuid for item in told if item.stands] == [again.uuid]
    assert first.uuid in [item.vote.uuid for item in told]


def _it_is_all_there(story: Story, proof: Proof) -> None:
    """The dissent can be read in the proof, in the ledger, in the plan, by everybody who reads the programme."""
    every = [*REASONS.values(), "The bus may be taken away again"]
    answers = [
        "The centre stays open",
        "The town keeps the mediator's post",
        "The bus turns at the upper houses",
    ]
    voices = json.loads(proof.body)["voices"]
    assert len(voices) == 3
    assert all(line["equal"] for line in json.loads(proof.body)["holdings"])
    with asking(story.cast.auditor), custody(story.programme.pk):
        ledger = "".join(
            LedgerEntry.objects.filter(programme_id=story.programme.pk).values_list("body", flat=True)
        )
        assert verify_programme(story.programme) == []
        assert list(heard.verify(story.programme, [])) != []
    for text in [*every, *answers]:
        assert text in ledger
        assert text in json.dumps(voices, ensure_ascii=False)
    for reader in ("manager@receiver.example", "manager@giver.example"):
        plan = " ".join(said("transfer", "plan", story.transfer.uuid, "--as", reader).split())
        shown = " ".join(said("transfer", "proof", story.transfer.uuid, "--as", reader).split())
        for text in [*every, *answers]:
            assert text in plan
            assert text in shown
    assert "We go along; August stays a worry" in plan
