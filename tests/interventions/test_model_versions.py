"""Later versions of a model: compared with what was made from it, and taken piece by piece."""

from __future__ import annotations

import datetime as dt
import json
from copy import deepcopy
from typing import Any

import pytest

from handover import notices
from handover.access import asking
from handover.errors import Invalid, NotAllowed
from handover.models import LedgerEntry, Responsibility
from indicators.models import Indicator
from interventions.actions import adoptions, interventions, models, needs
from interventions.exchange.model_document import shipped
from interventions.models import AdoptedPiece, Adoption, Intervention, InterventionChange, Need, NeedLevel
from interventions.models.catalogue import PieceKind
from interventions.queries.model_diff import Comparison, State, compare
from interventions.queries.model_lines import health, lines
from interventions.queries.model_pieces import Piece
from interventions.queries.model_plans import budget_shape, plan_document
from tests.factories.cast import Cast
from tests.factories.models import SCHOOL
from tests.factories.models import row_of as uuid_of
from tests.factories.organisations import OPERATOR

MEAL: Piece = (PieceKind.NEED, "meal")
QUIET: Piece = (PieceKind.NEED, "quiet-place")
HOMEWORK: Piece = (PieceKind.INTERVENTION, "homework-help")
DAYS: Piece = (PieceKind.INDICATOR, "days-attended")
READING: Piece = (PieceKind.INDICATOR, "reading")
CLUB: Piece = (PieceKind.INTERVENTION, "reading-club")


def _second() -> list[dict[str, Any]]:
    """Make version 2 of the shipped model: rows added, changed and taken away."""
    first = next(file for file in shipped() if file["key"] == SCHOOL)
    second = deepcopy(first)
    second |= {"number": 2, "changes": "A quiet place; reading is counted"}
    rows = {
        (section, row["key"]): row
        for section, found in second.items()
        if isinstance(found, list)
        for row in found
        if "key" in row
    }
    rows["needs", "meal"] |= {"severity": 5, "description": "Warm, on every school day"}
    second["levels"].append({"key": "beyond", "title": {"en": "Beyond school"}})
    second["needs"].append(
        {
            "key": "quiet-place",
            "level": "education",
            "parent": "stay",
            "title": {"en": "A quiet place to learn"},
            "severity": 3,
            "prerequisites": ["meal"],
        }
    )
    rows["interventions", "homework-help"]["needs"].append("quiet-place")
    rows["interventions", "homework-help"]["description"] = "Five afternoons a week."
    second["interventions"].append(
        {
            "key": "reading-club",
            "title": {"en": "Reading club"},
            "field": "non_formal_education",
            "needs": ["quiet-place", "stay"],
        }
        | {"after": ["homework-help"], "responsibility": "learning-help"}
    )
    rows["indicators", "days-attended"]["method"] = "Counted in lessons, not days"
    second["axes"].append(
        {
            "name": "grade",
            "title": "Grade",
            "categories": [{"code": "1-4"}, {"code": "5-8"}],
            "estimated": False,
        }
    )
    second["indicators"].append(
        {
            "key": "reading",
            "result": "school",
            "measure": "1",
            "title": {"en": "Books read"},
            "unit": "books",
            "axes": ["grade"],
            "intervention": "reading-club",
        }
    )
    rows["responsibilities", "premises"]["title"] = {"en": "Rooms for groups and afternoons"}
    rows["milestones", "budget"]["days"] = -180
    second["budget"] = [row for row in second["budget"] if row["key"] != "scholarships"]
    return [first, second]


@pytest.fixture
def adoption(cast: Cast) -> Adoption:
    """Give the municipality's programme, made from version 1, with version 2 in the catalogue."""
    first, second = _second()
    models.install(by=OPERATOR, files=[first])
    made = adoptions.adopt(
        by=cast.receiver,
        key=SCHOOL,
        identifier="XX-SCHOOL",
        leave_out=[(PieceKind.INTERVENTION, "walking-bus")],
    )
    models.install(by=OPERATOR, files=[first, second])
    return made


def looked(cast: Cast, adoption: Adoption, number: int | None = None) -> Comparison:
    """Compare, as the municipality."""
    with asking(cast.receiver):
        return compare(Adoption.objects.get(pk=adoption.pk), number)


def taken(cast: Cast, adoption: Adoption, piece: Piece, **said: Any) -> AdoptedPiece:
    """Take a piece, as the municipality."""
    return adoptions.take(
        by=cast.receiver, adoption_uuid=adoption.uuid, piece=piece, reason="It helps", **said
    )


def row_of(cast: Cast, adoption: Adoption, piece: Piece) -> Any:
    """Give the row that a piece is here."""
    model = {PieceKind.NEED: Need, PieceKind.INTERVENTION: Intervention, PieceKind.INDICATOR: Indicator}
    model |= {PieceKind.RESPONSIBILITY: Responsibility, PieceKind.LEVEL: NeedLevel}
    with asking(cast.receiver):
        uuid = uuid_of(adoption, *piece)
        return model[piece[0]]._default_manager.get(programme=adoption.programme, uuid=uuid)


def test_just_adopted_nothing_differs_from_its_own_version(cast: Cast, adoption: Adoption) -> None:
    found = looked(cast, adoption, 1)
    assert {item.state for item in found.pieces} == {State.SAME, State.LEFT_OUT}
    assert [(item.piece, item.adapted) for item in found.pieces if item.adapted] == []
    assert [item.key for item in found.of(State.LEFT_OUT)] == ["walking-bus"]


def test_a_later_version_shows_what_is_new_changed_and_gone(cast: Cast, adoption: Adoption) -> None:
    found = looked(cast, adoption)
    assert found.number == 2
    assert {item.piece for item in found.of(State.NEW)} == {QUIET, CLUB, READING, (PieceKind.LEVEL, "beyond")}
    assert {item.piece: [change.name for change in item.fields] for item in found.of(State.CHANGED)} == {
        MEAL: ["description", "severity"],
        HOMEWORK: ["description", "needs"],
        DAYS: ["method"],
        (PieceKind.RESPONSIBILITY, "premises"): ["title"],
        (PieceKind.MILESTONE, "budget"): ["days"],
    }
    assert [item.piece for item in found.of(State.GONE)] == [(PieceKind.BUDGET, "scholarships")]


def test_what_was_adapted_here_is_told_beside_what_changed_there(cast: Cast, adoption: Adoption) -> None:
    meal = row_of(cast, adoption, MEAL)
    needs.edit(by=cast.receiver, need_uuid=meal.uuid, version=meal.version, severity=2)
    item = next(item for item in looked(cast, adoption).pieces if item.piece == MEAL)
    assert item.adapted == ["severity"]
    change = next(change for change in item.fields if change.name == "severity")
    assert (change.before, change.after, change.here) == (4, 5, 2)


def test_a_changed_piece_brings_its_changed_fields_and_leaves_what_was_adapted(
    cast: Cast, adoption: Adoption
) -> None:
    meal = row_of(cast, adoption, MEAL)
    needs.edit(by=cast.receiver, need_uuid=meal.uuid, version=meal.version, title="Lunch", severity=2)
    kept = taken(cast, adoption, MEAL, fields=["description"])
    after = row_of(cast, adoption, MEAL)
    assert (str(after), after.severity, after.description[0]["text"]) == (
        "Lunch",
        2,
        "Warm, on every school day",
    )
    assert kept.number == 2
    item = next(item for item in looked(cast, adoption).pieces if item.piece == MEAL)
    assert (item.state, item.adapted) == (State.SAME, ["title", "severity"])


def test_a_new_need_comes_with_its_parent_and_what_it_waits_for(cast: Cast, adoption: Adoption) -> None:
    taken(cast, adoption, QUIET)
    row = row_of(cast, adoption, QUIET)
    assert row.parent_id == row_of(cast, adoption, (PieceKind.NEED, "stay")).pk
    with asking(cast.receiver):
        assert [str(link.requires) for link in row.prerequisites.all()] == ["A meal on every school day"]


def test_what_a_piece_names_and_this_programme_has_not_is_left_out_and_said(
    cast: Cast, adoption: Adoption
) -> None:
    with notices.collected() as heard:
        taken(cast, adoption, CLUB)
    row = row_of(cast, adoption, CLUB)
    with asking(cast.receiver):
        assert [str(link.need) for link in row.answers.all()] == ["Every child stays and learns"]
        assert [str(link.after) for link in row.dependencies.all()] == ["After-school help and reading aloud"]
        assert row.responsibility.title.startswith("Kindergarten preparation")
    assert [(notice.code, notice.field) for notice in heard] == [
        ("not_here_yet", "intervention:reading-club.needs")
    ]


def test_a_changed_intervention_keeps_before_after_and_reason(cast: Cast, adoption: Adoption) -> None:
    taken(cast, adoption, QUIET)
    taken(cast, adoption, HOMEWORK)
    row = row_of(cast, adoption, HOMEWORK)
    with asking(cast.receiver):
        assert "A quiet place to learn" in [str(link.need) for link in row.answers.all()]
        assert {change.reason for change in InterventionChange.objects.filter(intervention=row)} == {
            "It helps"
        }
    assert row.description[0]["text"] == "Five afternoons a week."


def test_links_of_ones_own_stay_when_a_piece_is_taken(cast: Cast, adoption: Adoption) -> None:
    own = needs.add(
        by=cast.receiver, programme_uuid=adoption.programme.uuid, title="Own", level="education", severity=2
    )
    row = row_of(cast, adoption, HOMEWORK)
    interventions.answer(by=cast.receiver, intervention_uuid=row.uuid, need_uuid=own.uuid)
    taken(cast, adoption, HOMEWORK)
    with asking(cast.receiver):
        assert "Own" in [str(link.need) for link in row.answers.all()]


def test_a_new_indicator_finds_its_result_and_brings_its_axis(cast: Cast, adoption: Adoption) -> None:
    taken(cast, adoption, CLUB)
    taken(cast, adoption, READING)
    row = row_of(cast, adoption, READING)
    days = row_of(cast, adoption, DAYS)
    assert row.result_id == days.result_id
    assert (row.axes, row.unit, row.intervention_id) == (["grade"], "books", row_of(cast, adoption, CLUB).pk)


def test_a_changed_indicator_and_responsibility_are_edited(cast: Cast, adoption: Adoption) -> None:
    taken(cast, adoption, DAYS)
    assert row_of(cast, adoption, DAYS).method == "Counted in lessons, not days"
    premises = (PieceKind.RESPONSIBILITY, "premises")
    taken(cast, adoption, premises)
    assert row_of(cast, adoption, premises).title == "Rooms for groups and afternoons"


def test_a_new_level_comes_where_the_model_has_it(cast: Cast, adoption: Adoption) -> None:
    taken(cast, adoption, (PieceKind.LEVEL, "beyond"))
    with asking(cast.receiver):
        keys = list(NeedLevel.objects.filter(programme=adoption.programme).values_list("key", flat=True))
    assert keys[-2:] == ["participation", "beyond"]


def test_what_was_left_out_can_be_taken_later(cast: Cast, adoption: Adoption) -> None:
    piece = (PieceKind.INTERVENTION, "walking-bus")
    kept = taken(cast, adoption, piece, number=1)
    assert kept.number == 1
    assert str(row_of(cast, adoption, piece)).startswith("A walking bus")


def test_a_change_that_is_not_wanted_stays_away_and_is_told_as_adapted(
    cast: Cast, adoption: Adoption
) -> None:
    adoptions.leave_out(by=cast.receiver, adoption_uuid=adoption.uuid, piece=MEAL, reason="Ours is right")
    item = next(item for item in looked(cast, adoption).pieces if item.piece == MEAL)
    assert (item.state, item.adapted) == (State.SAME, ["description", "severity"])
    adoptions.leave_out(by=cast.receiver, adoption_uuid=adoption.uuid, piece=CLUB, reason="Nobody to run it")
    assert CLUB in {item.piece for item in looked(cast, adoption).of(State.LEFT_OUT)}


def test_once_nothing_is_open_the_programme_is_at_the_new_version(cast: Cast, adoption: Adoption) -> None:
    while found := looked(cast, adoption).open:
        taken(cast, adoption, found[0].piece)
    with asking(cast.receiver):
        assert Adoption.objects.get(pk=adoption.pk).number == 2
    assert {item.state for item in looked(cast, adoption).pieces} == {State.SAME, State.LEFT_OUT, State.GONE}


def test_the_ledger_tells_what_was_taken_and_why(cast: Cast, adoption: Adoption) -> None:
    taken(cast, adoption, MEAL)
    with asking(cast.receiver):
        entry = LedgerEntry.objects.get(chain=adoption.programme.uuid, body__contains='"model.piece_taken"')
    data = json.loads(entry.body)["data"]
    assert (data["piece"], data["number"], data["reason"]) == ("need:meal", 2, "It helps")
    assert data["fields"] == ["description", "severity"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"piece": MEAL, "number": 9}, "unknown_version"),
        ({"piece": MEAL, "number": 0}, "unknown_version"),
        ({"piece": (PieceKind.NEED, "nothing")}, "unknown_piece"),
        ({"piece": (PieceKind.NEED, "stay")}, "nothing_to_take"),
        ({"piece": MEAL, "fields": ["title"]}, "nothing_to_take"),
        ({"piece": MEAL, "reason": " "}, "reason_missing"),
    ],
)
def test_what_cannot_be_taken_is_refused(
    cast: Cast, adoption: Adoption, said: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        adoptions.take(by=cast.receiver, adoption_uuid=adoption.uuid, **{"reason": "It helps", **said})
    assert caught.value.code == code


def test_a_need_on_a_level_that_is_not_here_waits_for_the_level(cast: Cast, adoption: Adoption) -> None:
    files = _second()
    files.append(deepcopy(files[1]) | {"number": 3, "changes": "Further"})
    files[2]["needs"].append({"key": "far", "level": "beyond", "title": "Far", "severity": 1})
    models.install(by=OPERATOR, files=files)
    with pytest.raises(Invalid) as caught:
        taken(cast, adoption, (PieceKind.NEED, "far"))
    assert caught.value.code == "piece_needed"
    taken(cast, adoption, (PieceKind.LEVEL, "beyond"))
    taken(cast, adoption, (PieceKind.NEED, "far"))


def test_a_later_version_is_told_until_everything_in_it_was_looked_at(cast: Cast, adoption: Adoption) -> None:
    with asking(cast.receiver):
        assert list(lines(adoption.programme)) == [f"Made from {SCHOOL}, version 1; version 2 is there"]
        (found,) = health(adoption.programme)
        assert (found.code, found.subject) == ("model_newer", str(adoption.uuid))
    for item in looked(cast, adoption).open:
        adoptions.leave_out(by=cast.receiver, adoption_uuid=adoption.uuid, piece=item.piece, reason="Not now")
    with asking(cast.receiver):
        assert list(health(adoption.programme)) == []


def test_a_reporter_takes_nothing(cast: Cast, adoption: Adoption) -> None:
    with pytest.raises(NotAllowed):
        adoptions.take(by=cast.receiver_reporter, adoption_uuid=adoption.uuid, piece=MEAL, reason="It helps")


def test_the_models_steps_become_a_plan_and_its_budget_a_list(cast: Cast, adoption: Adoption) -> None:

    with asking(cast.receiver):
        found = plan_document(
            Adoption.objects.get(pk=adoption.pk),
            title="Home",
            receiver="giver",
            last_day=dt.date(2026, 6, 30),
            retention_until=dt.date(2031, 12, 31),
            language="ro",
        )
        rows = {row.key: row for row in budget_shape(adoption, language="lt")}
    steps = {row["key"]: row for row in found["milestones"]}
    assert steps["budget"]["due"] == "2026-01-31"
    assert steps["protocol"] == {
        "key": "protocol",
        "kind": "handover_protocol",
        "title": "Procesul-verbal de predare-primire este semnat",
        "due": "2026-06-30",
        "depends_on": ["validation", "records"],
        "evidence_required": True,
        "signs": ["giver", "receiver"],
    }
    assert sum("milestone" in row for row in found["responsibilities"]) == 8
    assert (rows["mediators"].fte, rows["mediators"].title) == ("2.0", "Mokyklos tarpininkai")
    assert rows["meals"].responsibility == "Meals and school packages"
