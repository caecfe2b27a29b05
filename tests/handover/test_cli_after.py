"""Undertakings and checks from the command line; and what is refused in one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from handover import clock
from handover.access import asking
from handover.models import Programme, Responsibility, Transfer
from tests.factories.cast import Cast
from tests.factories.transfers import executed
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

HOME = "XX-TEST-HOME"


@pytest.fixture
def me(cast: Cast, programme: Programme) -> Iterator[tuple[str, str]]:
    """Give the new steward, five months after the handover."""
    with clock.at(dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)):
        executed(cast, programme)
    with clock.at(dt.datetime(2024, 11, 20, 12, tzinfo=dt.UTC)):
        yield "--as", cast.receiver.user.email


def test_from_a_promise_to_what_became_of_it(me: tuple[str, str], cast: Cast, tmp_path: Path) -> None:
    assert "No undertakings are entered" in said("undertaking", "list", HOME, *me)
    slug = cast.receiver.organisation.slug
    with asking(cast.receiver):
        duty = Responsibility.objects.order_by("title")[0].title
    entered = said(
        *("undertaking", "enter", HOME, slug, "posts", "Two mediators stay", "--from", "2023-01-01"),
        *("--quantity", "2", "--unit", "FTE", "--responsibility", duty, *me),
    )
    assert "evidence of 2023 is due on 2024-03-31" in entered
    (found,) = told("undertaking", "list", HOME, *me)["undertakings"]
    assert (found["state"], found["responsibilities"]) == ("overdue", [duty])
    paper = tmp_path / "list.txt"
    paper.write_text("list of posts")
    year = ("undertaking", "say", HOME, "mediators", "2023", "partly")
    assert "Say why" in refused(*year, *me)
    assert "partly kept" in said(*year, "--reason", "One is vacant", "--file", str(paper), *me)
    assert "has said what became of 2023 already" in refused(*year, "--reason", "Again", *me)
    assert "partly" in said("undertaking", "list", HOME, *me)


def test_from_a_look_to_a_check_that_is_held(me: tuple[str, str]) -> None:
    assert "+6" in said("checks", "list", HOME, *me)
    assert "not known" in said("checks", "today", HOME, "6", *me)
    look = ("checks", "look", HOME, "6", "equipment", "weaker", "--counted", "18", "--expected", "20")
    assert "how you know" in refused(*look, *me)
    assert "it is weaker" in said(*look, "--remark", "Two are gone", *me)
    assert "equipment: 90.0" in said("checks", "today", HOME, "6", *me)
    assert "it opens on 04 April 2025" in refused("checks", "hold", HOME, "12", *me)
    assert "1 of 7 parts known" in said("checks", "hold", HOME, "6", "--remark", "We buy two", *me)
    (held,) = (row for row in told("checks", "list", HOME, *me)["checks"] if row["state"] == "held")
    assert held["result"]["known"] == 1
    assert "is held already" in refused("checks", "hold", HOME, "6", *me)


def test_checks_are_planned_moved_and_dropped(me: tuple[str, str], cast: Cast) -> None:
    with asking(cast.receiver):
        title = Transfer.objects.get().title
    assert "+18: due on 2025-12-03" in said("checks", "plan", HOME, title, "18", *me)
    assert "due on 2026-01-15" in said("checks", "move", HOME, "18", "2026-01-15", *me)
    assert "dropped" in said("checks", "drop", HOME, "18", "--reason", "Held with the next", *me)
    assert "there are: +6, +12" in refused("checks", "drop", HOME, "7", "--reason", "x", *me)
