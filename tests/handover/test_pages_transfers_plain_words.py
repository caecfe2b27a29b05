"""A transfer in plain words: what changes for whom and when, what the community said, and what was done about it."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.test import Client

from handover import clock
from handover.access import Actor, asking
from handover.actions import executions, giving_back, votes
from handover.actions.transfers import Item
from handover.models import CommunityVote, DissentAnswer, Programme, Transfer, TransferMilestone
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.models.responsibilities import Phase
from handover.models.voices import AnswerKind
from handover.queries.plain_words import changes, grouped, occasions
from tests.factories import transfers as plans
from tests.factories import voices
from tests.factories.cast import TODAY, Cast

pytestmark = pytest.mark.django_db

REASON = "The bus no longer comes"


@pytest.fixture
def proposed(cast: Cast, programme: Programme) -> Transfer:
    """A plan that both sides signed, on which at least ten people of the community vote."""
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
    voices.validation(transfer, by=cast.giver, on_dissent=OnDissent.MEDIATION)
    return plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)


def browser(actor: Actor) -> Client:
    """Give a browser in which somebody is signed in."""
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    """Give the words of a page."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def words(actor: Actor, transfer: Transfer) -> str:
    """Read the plain words of a transfer."""
    answer = browser(actor).get(f"/transfers/{transfer.uuid}/in-plain-words/")
    assert answer.status_code == 200
    return text_of(answer)


def handed_over(cast: Cast, programme: Programme) -> Transfer:
    """Carry a transfer of everything out."""
    proof = plans.executed(cast, programme)
    with asking(cast.receiver):
        return Transfer.objects.get(pk=proof.transfer_id)


def step(transfer: Transfer, cast: Cast) -> TransferMilestone:
    """Give the step on which the community votes."""
    return plans.milestones_of(transfer, by=cast.giver)[0]


def ballot(**said: Any) -> dict[str, Any]:
    """Fill the form of a vote."""
    return {
        "held_on": TODAY.date().isoformat(),
        "community": "",
        "asked_en": "Shall the town run the day centre?",
        "present": 30,
        "assent": 10,
        "dissent": 18,
        "abstained": 2,
        "reason_1": REASON,
        "people_1": 18,
        **said,
    }


# --- what changes ---------------------------------------------------------------------------------------------------


def test_whoever_is_served_reads_from_whom_to_whom_and_when(cast: Cast, proposed: Transfer) -> None:
    told = words(cast.community, proposed)
    giver, receiver = cast.giver.organisation.name, cast.receiver.organisation.name
    assert f"From {giver} to {receiver}" in told
    assert "Day centre planned for 31 August 2024" in told
    assert f"turns to {giver} until then, and to {receiver} afterwards" in told


def test_the_words_say_where_the_transfer_stands(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    assert "only being prepared" in words(cast.giver, transfer)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    assert "have agreed on this" in words(cast.receiver, transfer)


def test_what_is_phased_out_is_said_to_end(cast: Cast, programme: Programme) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.drafted(
        programme,
        by=cast.giver,
        receiver=cast.receiver.organisation,
        moves=[Item(first, phase=Phase.OUT), Item(second)],
    )
    with asking(cast.giver):
        found = {row.title: row for row in changes(transfer)}
    assert (found[first.title].ends, found[first.title].answers_after) == (True, "")
    assert found[second.title].answers_after == cast.receiver.organisation.name
    told = words(cast.giver, transfer)
    assert f"This ends: nobody goes on with it {first.title}" in told


def test_a_provider_who_stays_is_said_to_stay(cast: Cast, programme: Programme) -> None:
    first, _second = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.drafted(
        programme,
        by=cast.giver,
        receiver=cast.receiver.organisation,
        lead=False,
        moves=[Item(first, provider_after=cast.giver.organisation)],
    )
    with asking(cast.giver):
        (group,) = grouped(changes(transfer))
    assert group.first.same_hands
    assert f"stays with the same people: {cast.giver.organisation.name}" in words(cast.giver, transfer)


def test_what_has_moved_keeps_the_day_and_the_hands_from_which_it_came(
    cast: Cast, programme: Programme
) -> None:
    transfer = handed_over(cast, programme)
    told = words(cast.community, transfer)
    assert f"Day centre since {clock.today().day} June 2024" in told
    assert f"From {cast.giver.organisation.name} to {cast.receiver.organisation.name}" in told
    assert "both sides can still give it back until" in told


def test_what_was_given_back_is_again_as_before(cast: Cast, programme: Programme) -> None:
    transfer = handed_over(cast, programme)
    for side in (cast.receiver, cast.giver):
        giving_back.give_back(by=side, transfer_uuid=transfer.uuid, reason="The post was not funded")
    assert "This was given back" in words(cast.community, transfer)


def test_a_stranger_reads_none_of_it(cast: Cast, proposed: Transfer) -> None:
    client = browser(cast.stranger)
    assert client.get(f"/transfers/{proposed.uuid}/in-plain-words/").status_code == 404
    assert client.get(f"/milestones/{step(proposed, cast).uuid}/vote/").status_code == 404


# --- where people are heard -----------------------------------------------------------------------------------------


def test_the_steps_at_which_the_community_is_heard_are_named(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
    voices.validation(transfer, by=cast.giver, on_dissent=OnDissent.PAUSE, signs=(Side.COMMUNITY,))
    plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.TRAINING_COMPLETED)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    with asking(cast.community):
        found = occasions(Transfer.objects.get(uuid=transfer.uuid))
    assert [(item.milestone.kind, item.votes, item.signs) for item in found] == [
        ("community_validation", True, True)
    ]
    told = words(cast.community, transfer)
    assert "if at least this many people are there: 10" in told
    assert "If as many say no as yes: the milestone waits until the community has voted again" in told


# --- votes ----------------------------------------------------------------------------------------------------------


def test_a_vote_is_recorded_and_told_with_its_dissent(cast: Cast, proposed: Transfer) -> None:
    client = browser(cast.community)
    address = f"/milestones/{step(proposed, cast).uuid}/vote/"
    assert "Signatures given on this step before the vote are void" in text_of(client.get(address))
    answer = client.post(address, ballot())
    with asking(cast.community):
        vote = CommunityVote.objects.get()
    assert answer["Location"] == f"/transfers/{proposed.uuid}/in-plain-words/#vote-{vote.uuid}"
    told = text_of(client.get(answer["Location"]))
    assert "The vote is recorded." in told
    assert "the noes weigh" in told
    assert f"“{REASON}” (said by: 18)" in told
    assert "Nobody has answered this yet" in told
    assert "What the plan says then: the milestone waits until a mediation has been held" in told


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"asked_en": ""}, "Enter this in at least one language"),
        ({"people_1": ""}, "Say how many people gave this reason."),
        ({"reason_1": ""}, "Say what the reason was"),
        ({"reason_1": "", "people_1": ""}, "A dissent is never kept without its reasons"),
        ({"present": 20}, "were there"),
        ({"held_on": "2024-06-10"}, "has not come yet"),
    ],
)
def test_a_vote_that_cannot_be_is_refused_where_it_is_wrong(
    said: dict[str, Any], sentence: str, cast: Cast, proposed: Transfer
) -> None:
    answer = browser(cast.community).post(f"/milestones/{step(proposed, cast).uuid}/vote/", ballot(**said))
    assert answer.status_code == 200
    assert sentence in text_of(answer)
    with asking(cast.community):
        assert not CommunityVote.objects.exists()


def test_no_vote_is_offered_on_a_step_that_is_done(cast: Cast, programme: Programme) -> None:
    transfer = handed_over(cast, programme)
    page = browser(cast.community).get(f"/milestones/{step(transfer, cast).uuid}/vote/")
    assert "no vote can change it any more" in text_of(page)
    assert b"<button" in page.content
    assert "Record the vote" not in text_of(page)


def test_what_was_done_about_a_dissent_is_recorded_and_told(cast: Cast, proposed: Transfer) -> None:
    vote = voices.vote(step(proposed, cast), 10, 18, by=cast.community)
    client = browser(cast.giver)
    address = f"/votes/{vote.uuid}/answer/"
    assert REASON in text_of(client.get(address))
    said = {"kind": "mediated", "text": "The bus comes twice a day", "answered_on": TODAY.date().isoformat()}
    refused = client.post(address, {**said, "mediator": ""})
    assert "Say which body mediated" in text_of(refused)
    answer = client.post(address, {**said, "mediator": "The mediation centre"})
    assert answer["Location"].endswith(f"#vote-{vote.uuid}")
    told = words(cast.community, proposed)
    assert "a mediation was held (The mediation centre). The bus comes twice a day" in told
    assert "Nobody has answered this yet" not in told


def test_a_vote_of_everybodys_yes_has_nothing_to_answer(cast: Cast, proposed: Transfer) -> None:
    vote = voices.vote(step(proposed, cast), 20, 0, by=cast.community)
    page = text_of(browser(cast.giver).get(f"/votes/{vote.uuid}/answer/"))
    assert "Nobody said no: there is nothing to answer." in page


def test_who_may_not_record_is_offered_nothing_and_refused(cast: Cast, proposed: Transfer) -> None:
    vote = voices.vote(step(proposed, cast), 10, 18, by=cast.community)
    client = browser(cast.donor)
    page = client.get(f"/transfers/{proposed.uuid}/in-plain-words/").content.decode()
    assert "/vote/" not in page
    assert "/answer/" not in page.replace(f"/transfers/{proposed.uuid}/answer/", "")
    assert client.get(f"/votes/{vote.uuid}/answer/").status_code == 403
    assert client.post(f"/milestones/{step(proposed, cast).uuid}/vote/", ballot()).status_code == 403


def test_what_came_after_the_end_of_a_view_is_not_told(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
    validation = voices.validation(transfer, by=cast.giver, on_dissent=OnDissent.GO_ON)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    vote = voices.vote(validation, 20, 3, by=cast.community)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid, key="test")
    with clock.at(TODAY + dt.timedelta(days=3)):
        votes.answer(
            by=cast.receiver, vote_uuid=vote.uuid, kind=AnswerKind.REASONS_GIVEN, text="The bus comes again"
        )
        assert "The bus comes again" in words(cast.community, transfer)
        told = words(cast.giver, transfer)
        assert REASON in told
        assert "The bus comes again" not in told
        with asking(cast.receiver):
            assert DissentAnswer.objects.count() == 1
