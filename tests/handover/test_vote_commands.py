"""`handover vote`: asked, held, shown in three languages, answered, remembered; and the seats."""

from __future__ import annotations

import pytest

from handover.models import Programme, Transfer, TransferMilestone
from tests.factories import transfers as plans
from tests.factories import voices as make
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

GIVER = ("--for", "giver", "--as", "manager@giver.example")
COMMUNITY = ("--as", "community-representative@community.example")
RECEIVER = ("--as", "manager@receiver.example")
ASKED = ("--asked", "en=Shall the town run it?", "--asked", "ro=Să o conducă primăria?")


@pytest.fixture
def transfer(cast: Cast, programme: Programme) -> Transfer:
    """Give a plan that is being drawn up, with a milestone for the community."""
    made = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, validated_by=())
    make.validation(made, by=cast.giver, quorum=None, on_dissent="")
    return made


def hold(transfer: Transfer, assent: int, dissent: int, *more: object) -> str:
    counts = ("--present", assent + dissent, "--assent", assent, "--dissent", dissent)
    found = told(
        "vote", "hold", transfer.uuid, "--milestone", "community", *ASKED, *counts, *more, *COMMUNITY
    )
    return str(found["vote"]["uuid"])


def test_a_vote_is_asked_for_held_answered_and_remembered(cast: Cast, transfer: Transfer) -> None:
    planned = said(
        "vote",
        "ask",
        transfer.uuid,
        "--milestone",
        "community",
        "--quorum",
        10,
        "--on-dissent",
        "go_on",
        *GIVER,
    )
    assert "at least 10 people vote; on dissent: the milestone goes on" in planned
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    status = said("transfer", "status", transfer.uuid, *GIVER)
    assert "hold a vote on “The community validates the transfer”" in status

    first = hold(transfer, 4, 8, "--reason", 5, "The bus no longer comes", "--reason", 3, "Nobody asked us")
    shown = said("vote", "show", first[:8], "--lang", "ro", *RECEIVER)
    assert "Pentru: 4. Împotrivă: 8." in shown
    assert "„Nobody asked us” (au spus-o: 3)" in shown
    assert "Nimeni nu a răspuns încă." in shown
    status = said("transfer", "status", transfer.uuid, *GIVER)
    assert "do what the plan says on dissent" in status
    assert f"handover vote show {first[:8]}" in status

    answered = said("vote", "answer", first[:8], "reasons_given", "The bus is paid for until 2027", *GIVER)
    assert "the reasons were answered. The bus is paid for until 2027" in answered
    assert "What waits" not in answered
    second = hold(transfer, 11, 1, "--reason", 1, "Still too far")

    remembered = said("vote", "history", transfer.uuid, "--milestone", "community", *RECEIVER)
    assert remembered.index(first[:8]) < remembered.index(second[:8])
    assert "followed by a later vote" in " ".join(remembered.split())
    assert "“The bus no longer comes”" in remembered


def test_what_is_typed_wrongly_is_one_clear_line(cast: Cast, transfer: Transfer) -> None:
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    counts = ("--present", 12, "--assent", 4)
    begin = ("vote", "hold", transfer.uuid, *ASKED, *counts)

    for words, code in (
        ((*begin, "--dissent", 8, *COMMUNITY), "which_milestone"),
        ((*begin, "--dissent", 8, "--milestone", "community", *COMMUNITY), "reason_missing"),
        ((*begin, "--dissent", 9, "--milestone", "community", *COMMUNITY), "more_than_present"),
        ((*begin, "--dissent", -1, "--milestone", "community", *COMMUNITY), "negative_count"),
        (
            (*begin, "--dissent", 8, "--reason", "some", "Why", "--milestone", "community", *COMMUNITY),
            "not_a_whole_number",
        ),
        (
            (*begin, "--dissent", 0, "--consultation", "x", "--milestone", "community", *COMMUNITY),
            "no_such_key",
        ),
        (
            (*begin, "--dissent", 0, "--community", "x", "--milestone", "community", *COMMUNITY),
            "unknown_community",
        ),
        ((*begin, "--dissent", 0, "--milestone", "community", *RECEIVER), "not_allowed"),
        (("vote", "show", "zz", *COMMUNITY), "no_such_key"),
        (("vote", "show", "00000000", *COMMUNITY), "not_found"),
        (("vote", "history", transfer.uuid, "--milestone", "nothing", *COMMUNITY), "unknown_milestone"),
        (
            ("vote", "ask", transfer.uuid, "--milestone", "community", "--quorum", 0, *GIVER),
            "plan_fixed",
        ),
    ):
        assert f"[{code}]" in refused(*words), words


def test_a_stranger_is_not_told_that_there_is_a_vote(cast: Cast, transfer: Transfer) -> None:
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    uuid = hold(transfer, 4, 8, "--reason", 8, "Too far")

    assert "[not_found]" in refused("vote", "show", uuid, "--as", "manager@stranger.example")


def test_seats_are_filled_listed_and_left(cast: Cast, programme: Programme) -> None:
    make.community(programme, by=cast.giver)
    key = programme.identifier
    made = told(
        *("vote", "seat", key, "Hill", "youth", "--chosen-by", "a vote of the young", "--from", "2024-01-01"),
        *("--seats", 2, *COMMUNITY),
    )

    assert "young people's representative" in said("vote", "seats", key, *GIVER)
    said("vote", "leave", key, made["seat"]["uuid"][:8], "--until", "2024-02-01", *GIVER)
    assert "over" in said("vote", "seats", key, *GIVER)
    assert "[unknown_seat]" in refused("vote", "leave", key, "nobody", "--until", "2024-02-01", *GIVER)


def test_the_plan_tells_every_vote_below_its_milestone(cast: Cast, transfer: Transfer) -> None:
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    hold(transfer, 9, 3, "--reason", 3, "Too far")

    text = " ".join(said("transfer", "plan", transfer.uuid, *RECEIVER).split())

    assert "the community voted on 2024-06-03: 9 for, 3 against, 0 abstained of 12" in text
    assert "dissent (3): “Too far”" in text
    assert "nobody has answered this dissent yet" in text


def test_a_milestone_named_by_its_uuid_is_found(transfer: Transfer, cast: Cast) -> None:
    (step,) = plans.milestones_of(transfer, by=cast.giver)
    assert isinstance(step, TransferMilestone)

    shown = said("vote", "history", transfer.uuid, "--milestone", step.uuid, *GIVER)

    assert "The community has not voted on it yet." in shown
