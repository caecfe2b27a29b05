"""A merger and a split by commands, with wrong input too."""

from __future__ import annotations

import pytest

from handover.models import Programme
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.reorganisations import Merger, merger
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

VALLEY, HILL, COUNTY = "manager@receiver.example", "manager@hill.example", "manager@county.example"
VOICE = "community-representative@community.example"


@pytest.fixture
def story(cast: Cast, programme: Programme) -> Merger:
    plans.executed(cast, programme)
    return merger(cast, programme)


def digest(story: Merger) -> str:
    return story.plan().digest


def test_two_municipalities_merge_by_commands(story: Merger) -> None:
    assert "Valley and Hill become one" in said("reorganise", "list", "--as", VALLEY)
    shown = said("reorganise", "show", "Valley", "--as", COUNTY)
    assert "In the way: Receiver organisation has not stated what it answers for." in shown
    for by in (VALLEY, HILL):
        assert "Stated: 1" in said("reorganise", "state", "Valley", "--as", by) or by == HILL
    word = said(
        "reorganise", "sign", "Valley", digest(story)[:12], "--decision", "agrees_with_dissent",
        "--remark", "Keep the mediator", "--as", VOICE,
    )  # fmt: skip
    assert "goes along, with a dissent on record" in word
    for by in (VALLEY, HILL, COUNTY):
        said("reorganise", "sign", "Valley", digest(story), "--as", by)
    assert "executed" in said("reorganise", "execute", "Valley", "--as", COUNTY)
    assert told("reorganise", "show", "Valley", "--as", COUNTY)["state"] == "executed"


def test_one_is_drawn_up_and_withdrawn_by_commands(story: Merger) -> None:
    drawn = said(
        "reorganise", "draw-up", "East leaves", "--act", "Law 8", "--from", "2025-01-01",
        "--predecessor", "receiver", "--successor", "receiver", "--successor", "county",
        "--place", "RO:111=RO:111@2/3", "--place", "RO:111=RO:333@1/3", "--as", VALLEY,
    )  # fmt: skip
    assert "East leaves: from 2025-01-01" in drawn
    assert "goes" in refused("reorganise", "state", "East", "--as", VALLEY)
    said(
        "reorganise", "state", "East", "--rest", "receiver", "--programme", "XX-TEST-HOME=county",
        "--person", "officer@receiver.example=ends", "--as", VALLEY,
    )  # fmt: skip
    assert "Nothing has moved" in said(
        "reorganise", "withdraw", "East", "--reason", "A referendum", "--as", VALLEY
    )


def test_wrong_input_is_said_in_one_sentence(story: Merger) -> None:
    assert "no pair" in refused(
        "reorganise", "draw-up", "X", "--act", "Law 8", "--from", "2025-01-01", "--predecessor", "receiver",
        "--successor", "county", "--place", "RO:111", "--as", VALLEY,
    )  # fmt: skip
    assert "no pair" in refused("reorganise", "state", "Valley", "--person", "county", "--as", VALLEY)
    assert "no UUID" in refused(
        "reorganise", "state", "Valley", "--responsibility", "x=county", "--as", VALLEY
    )
    assert "has changed" in refused("reorganise", "sign", "Valley", "abc", "--as", VALLEY)
    assert "There is no reorganisation" in refused("reorganise", "show", "Mountain", "--as", VALLEY)
