"""Needs, rankings and lineage in a programme document."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import clock
from handover.access import asking
from handover.actions import places
from handover.errors import Invalid
from handover.models import Place, Programme
from interventions.exchange import lineage_document, needs_document, rankings_document
from interventions.models import Need, NeedPlace, NeedState, Ranking
from interventions.queries import rankings
from interventions.queries.needs import CLOSED, tree, walk
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR
from tests.factories.programmes import programme as another

LEVELS = [{"key": "survival", "title": "Survival"}]


def village(code: str) -> Place:
    """Make a place."""
    return places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code=code, name=f"Village {code}")


def need(key: str, **said: Any) -> dict[str, Any]:
    """Give a row of a document."""
    return {"key": key, "level": "survival", "title": key.title(), "severity": 3, **said}


@pytest.fixture
def names(programme: Programme, cast: Cast) -> dict[str, UUID]:
    """Load four needs; give their keys."""
    rows = [need(key) for key in ("water", "papers", "school", "work")]
    added = needs_document.load(programme, {"levels": LEVELS, "needs": rows}, by=cast.giver, names={})
    return dict(added)


def test_a_need_is_loaded_with_its_trend_its_day_and_the_people_of_its_places(
    programme: Programme, cast: Cast
) -> None:
    here, there = village("A"), village("B")
    row = need(
        "water",
        trend="worsening",
        raised_on="2024-03-01",
        people_source="Survey",
        places=[{"place": "a", "people": 12}, {"place": "b"}],
    )

    needs_document.load(
        programme,
        {"levels": LEVELS, "needs": [row]},
        by=cast.giver,
        names={"place:a": here.uuid, "place:b": there.uuid},
    )

    with asking(cast.giver):
        made = Need.objects.get(programme=programme)
        counts = dict(NeedPlace.objects.filter(need=made).values_list("place__code", "people_affected"))
    assert (made.trend, str(made.raised_on), counts) == ("worsening", "2024-03-01", {"A": 12, "B": None})


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"trend": "sideways"}, "invalid", "needs[water].trend"),
        ({"raised_on": "soon"}, "invalid", "needs[water].raised_on"),
        ({"raised_in": "nowhere"}, "unknown_consultation", "needs[water].raised_in"),
        ({"places": "a"}, "not_a_list", "needs[water].places"),
        ({"places": [{"place": "z"}]}, "unknown_place", "needs[water].places"),
        ({"places": [{"place": "a"}, {"place": "a"}]}, "named_twice", "needs[water].places"),
        ({"places": [{"place": "a", "people": -1}]}, "negative_count", "needs[water].places"),
        ({"places": [{"place": "a", "people": "many"}]}, "not_a_whole_number", "needs[water].places"),
        ({"places": [{"place": "a", "people": 5}]}, "source_missing", "needs[water].people_source"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_loaded(
    programme: Programme, cast: Cast, said: dict[str, Any], code: str, field: str
) -> None:
    document = {"levels": LEVELS, "needs": [need("papers"), need("water", **said)]}

    with pytest.raises(Invalid) as refusal:
        needs_document.load(programme, document, by=cast.giver, names={"place:a": village("A").uuid})

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)
    with asking(cast.giver):
        assert not Need.objects.filter(programme=programme).exists()


def test_places_cost_no_statement_a_need(cast: Cast) -> None:
    here = village("A")
    counts = []

    for size in (5, 60):
        rows = [need(f"n{number}", places=[{"place": "a"}], trend="stable") for number in range(size)]
        home = another(cast.giver)
        with CaptureQueriesContext(connection) as loading:
            needs_document.load(
                home, {"levels": LEVELS, "needs": rows}, by=cast.giver, names={"place:a": here.uuid}
            )
        counts.append(len(loading))

    assert counts[0] == counts[1]


def test_rankings_are_loaded_with_their_ballots(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "key": "first",
            "ranked_by": "community",
            "method": "order",
            "held_on": "2024-03-01",
            "ballots": [{"order": ["water", ["papers", "school"]], "voters": 3, "group": "women"}],
        },
        {
            "key": "second",
            "ranked_by": "community",
            "method": "points",
            "held_on": "2024-06-01",
            "reason": "Spring",
            "needs": ["water", "school"],
            "ballots": [{"counts": {"school": 0.5}}],
            "apply": True,
        },
    ]

    added = rankings_document.load(programme, rows, by=cast.giver, names=names)

    with asking(cast.giver):
        held = rankings.history(programme)
        shape = [str(node.need) for node in walk(tree(programme))]
    assert list(added) == ["ranking:first", "ranking:second"]
    assert [[(place.position, str(place.need)) for place in item.places] for item in held] == [
        [(1, "Water"), (2, "Papers"), (2, "School")],
        [(1, "School"), (2, "Water")],
    ]
    assert shape == ["School", "Water", "Papers", "Work"]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"needs": ["water", "roads"]}, "unknown_need", "rankings[x].needs"),
        ({"needs": "water"}, "not_a_list", "rankings[x].needs"),
        ({"held_on": "soon"}, "no_date", "rankings[x].held_on"),
        ({"consultation": "spring"}, "unknown_consultation", "rankings[x].consultation"),
        ({"colour": "red"}, "unknown_field", "rankings[x].colour"),
        ({"method": "order", "ballots": [7]}, "not_a_mapping", "rankings[x].ballots[0]"),
        ({"voters": 0}, "no_voters", "rankings[x].voters"),
    ],
)
def test_a_wrong_ranking_is_named_and_none_is_loaded(
    programme: Programme, cast: Cast, names: dict[str, UUID], said: dict[str, Any], code: str, field: str
) -> None:
    good = {
        "ranked_by": "professionals",
        "method": "agreed",
        "held_on": "2024-03-01",
        "needs": ["water", "work"],
    }
    rows = [{"key": "good", **good}, {"key": "x", **good, "ranked_by": "community", **said}]

    with pytest.raises(Invalid) as refusal:
        rankings_document.load(programme, rows, by=cast.giver, names=names)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)
    with asking(cast.giver):
        assert not Ranking.objects.filter(programme=programme).exists()


def test_lineage_is_loaded_and_its_parts_have_keys(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    rows: list[dict[str, Any]] = [
        {"key": "a", "merge": ["papers"], "into": "school", "reason": "One desk"},
        {
            "key": "b",
            "split": "water",
            "parts": [{"key": "pipes", "title": "Pipes"}, {"key": "tests", "title": "Tests", "severity": 1}],
            "reason": "Two desks",
        },
        {"key": "c", "met": "pipes", "reason": "Laid in May"},
    ]

    added = lineage_document.load(programme, rows, by=cast.giver, names=names)

    with asking(cast.giver):
        states = {str(row): row.state for row in Need.objects.filter(programme=programme)}
    assert set(added) == {"need:pipes", "need:tests"}
    assert states == {
        "Water": NeedState.SPLIT,
        "Papers": NeedState.MERGED,
        "School": "",
        "Work": "",
        "Pipes": NeedState.MET,
        "Tests": "",
    }


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ({"merge": ["papers"], "reason": "x"}, "unknown_field", "lineage[x]"),
        ({"merge": "papers", "into": "school", "reason": "x"}, "not_a_list", "lineage[x].merge"),
        ({"merge": ["roads"], "into": "school", "reason": "x"}, "unknown_need", "lineage[x].merge"),
        ({"merge": ["papers"], "into": "school"}, "reason_missing", "lineage[x].reason"),
        (
            {"split": "water", "parts": [{"key": "a", "title": "A"}], "reason": "x"},
            "too_few_parts",
            "lineage[x].parts",
        ),
        (
            {
                "split": "water",
                "parts": [{"key": "a", "title": "A"}, {"key": "b", "title": "B", "children": ["papers"]}],
                "reason": "x",
            },
            "not_linked",
            "lineage[x].parts[1].children",
        ),
    ],
)
def test_wrong_lineage_is_named_and_nothing_of_it_happens(
    programme: Programme, cast: Cast, names: dict[str, UUID], row: dict[str, Any], code: str, field: str
) -> None:
    rows = [{"key": "met", "met": "work", "reason": "Done"}, {"key": "x", **row}]

    with pytest.raises(Invalid) as refusal:
        lineage_document.load(programme, rows, by=cast.giver, names=names)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)
    with asking(cast.giver):
        assert not Need.objects.filter(programme=programme).exclude(state="").exists()


def test_the_demonstration_ranks_merges_splits_and_meets(programme: Programme, cast: Cast) -> None:
    folder = resources.files("handover") / "demonstration"
    document = {
        name: json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in ("needs", "places", "rankings", "lineage")
    }
    names = {f"place:{row['key']}": village(row["code"]).uuid for row in document["places"]}
    names |= needs_document.load(programme, document["needs"], by=cast.giver, names=names)

    held = [
        {name: value for name, value in row.items() if name != "consultation"} for row in document["rankings"]
    ]
    with clock.at(dt.datetime(2026, 11, 22, tzinfo=dt.UTC)):
        rankings_document.load(programme, held, by=cast.giver, names=names)
        lineage_document.load(programme, document["lineage"], by=cast.giver, names=names)

    with asking(cast.giver):
        lines = rankings.chapter(programme)
        closed = Need.objects.filter(programme=programme, state__in=CLOSED).count()
        standing = len(list(walk(tree(programme))))
    assert (closed, standing) == (2, len(document["needs"]["needs"]))
    assert all(len(line) <= 120 for line in lines)
    assert "Agreement (Kendall's tau, -1 to 1): -0.57" in lines[1]
