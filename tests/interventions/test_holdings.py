"""What this app offers to a handover: documents loaded, rows conserved, an outline."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import holdings
from handover.access import asking
from handover.actions import places
from handover.errors import DomainError, Invalid
from handover.models import LedgerEntry, Programme
from interventions.actions import needs
from interventions.holdings import InterventionsHolding
from interventions.models import Intervention, InterventionNeed, Need, NeedLevel, NeedPrerequisite
from interventions.queries.needs import tree, walk
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR
from tests.factories.programmes import programme as programme_of
from tests.factories.programmes import responsibility

HOLDING = InterventionsHolding()
SMALL: dict[str, Any] = {
    "needs": {
        "levels": [
            {"key": "survival", "title": {"en": "Survival"}},
            {"key": "health", "title": {"en": "Health"}},
        ],
        "needs": [
            {"key": "doctor", "parent": "basics", "level": "health", "title": {"en": "Doctor"}, "severity": 4}
            | {"prerequisites": ["papers"], "rank": 2},
            {
                "key": "basics",
                "level": "survival",
                "title": {"en": "Basics"},
                "severity": 5,
                "prerequisites": [],
            },
            {"key": "papers", "parent": "basics", "level": "health", "title": {"en": "Papers"}, "severity": 3}
            | {
                "place": "village",
                "people_affected": 40,
                "people_source": "Survey",
                "people_as_of": "2024-01-31",
            },
        ],
    },
    "interventions": [
        {"key": "mediation", "title": {"en": "Mediation"}, "field": "health", "needs": ["doctor", "papers"]}
        | {"responsibility": "clinic", "start": "2024-01-01", "end": None, "description": "At the clinic"},
        {
            "key": "court",
            "title": {"en": "Court"},
            "field": "anti_discrimination",
            "strand": "legal_response",
        },
    ],
}


@pytest.fixture
def names(programme: Programme, cast: Cast) -> dict[str, UUID]:
    """Give the keys that a document may use."""
    village = places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="TEST-1", name="Test village")
    clinic = responsibility(programme, by=cast.giver, title="Clinic")
    return {"place:village": village.uuid, "responsibility:clinic": clinic.uuid}


def test_the_app_is_registered_as_a_holding() -> None:
    assert [
        (holding.name, holding.position) for holding in holdings.holdings() if holding.name == "interventions"
    ] == [("interventions", 10)]


def test_a_document_is_loaded_with_all_its_links(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    added = HOLDING.load(programme, SMALL, by=cast.giver, names=names)

    assert set(added) == {
        "need:doctor",
        "need:basics",
        "need:papers",
        "intervention:mediation",
        "intervention:court",
    }
    with asking(cast.giver):
        by_key = {key: Need.objects.get(uuid=uuid) for key, uuid in added.items() if key.startswith("need:")}
        mediation = Intervention.objects.get(uuid=added["intervention:mediation"])
        linked = InterventionNeed.objects.filter(intervention=mediation).values_list("need_id", flat=True)
        assert by_key["need:doctor"].parent_id == by_key["need:papers"].parent_id == by_key["need:basics"].pk
        assert by_key["need:doctor"].prerequisites.get().requires_id == by_key["need:papers"].pk
        assert (by_key["need:papers"].rank, str(by_key["need:papers"].place)) == (3, "Test village")
        assert set(linked) == {by_key["need:doctor"].pk, by_key["need:papers"].pk}
        assert (str(mediation.responsibility), mediation.ends_on) == ("Clinic", None)


def test_the_outline_tells_needs_and_interventions(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    HOLDING.load(programme, SMALL, by=cast.giver, names=names)

    with asking(cast.giver):
        assert list(HOLDING.outline(programme)) == [
            "Needs",
            "  1 Basics (Survival, severity 5/5, no intervention)",
            "    1.1 Doctor (Health, severity 4/5, 1 intervention)",
            "    1.2 Papers (Health, severity 3/5, 40 people, Test village, 1 intervention)",
            "Interventions",
            "  Health",
            "    Mediation (everybody, since 2024-01-01): answers 1.1, 1.2",
            "  Anti-discrimination",
            "    Court (legal response, everybody): answers no need yet",
        ]


def changed(path: str, value: object) -> dict[str, Any]:
    """Copy ``SMALL`` with one field changed; the path is ``needs.0.severity`` or the like."""
    copy = json.loads(json.dumps(SMALL))
    target = {
        "needs": copy["needs"]["needs"],
        "levels": copy["needs"]["levels"],
        "interventions": copy["interventions"],
    }
    kind, position, field = path.split(".")
    target[kind][int(position)][field] = value
    return dict(copy)


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("levels.1.key", "survival", "repeated_key", "levels[survival].key"),
        ("levels.0.title", {}, "invalid", "levels[survival].title"),
        ("needs.0.key", "", "key_missing", "needs[0].key"),
        ("needs.0.key", "papers", "repeated_key", "needs[papers].key"),
        ("needs.0.severity", 7, "invalid", "needs[doctor].severity"),
        ("needs.0.level", "heaven", "unknown_level", "needs[doctor].level"),
        ("needs.0.parent", "nobody", "unknown_need", "needs[doctor].parent"),
        ("needs.0.prerequisites", ["nobody"], "unknown_need", "needs[doctor].prerequisites"),
        ("needs.0.prerequisites", "papers", "not_a_list", "needs[doctor].prerequisites"),
        ("needs.0.colour", "red", "unknown_field", "needs[doctor].colour"),
        ("needs.1.parent", "doctor", "parent_circle", "parent"),
        ("needs.1.parent", "basics", "parent_circle", "parent"),
        ("needs.2.prerequisites", ["doctor"], "prerequisite_cycle", None),
        ("needs.2.place", "atlantis", "unknown_place", "needs[papers].place"),
        ("needs.2.people_source", "", "source_missing", "needs[papers].people_source"),
        ("interventions.0.field", "sports", "invalid", "interventions[mediation].field"),
        ("interventions.0.needs", ["nobody"], "unknown_need", "interventions[mediation].needs"),
        (
            "interventions.0.responsibility",
            "court",
            "unknown_responsibility",
            "interventions[mediation].responsibility",
        ),
        ("interventions.1.strand", None, "strand_missing", "interventions[court].strand"),
    ],
)
def test_a_wrong_document_is_refused_by_field(
    programme: Programme,
    cast: Cast,
    names: dict[str, UUID],
    path: str,
    value: object,
    code: str,
    field: str | None,
) -> None:
    with pytest.raises(Invalid) as refusal:
        HOLDING.load(programme, changed(path, value), by=cast.giver, names=names)

    assert refusal.value.code == code
    if field:
        assert refusal.value.details["field"] == field


@pytest.mark.parametrize("path", ["needs.0.parent", "needs.0.prerequisites", "needs.2.severity"])
def test_a_refused_set_of_needs_leaves_nothing_behind(
    programme: Programme, cast: Cast, names: dict[str, UUID], path: str
) -> None:
    with pytest.raises(DomainError):
        HOLDING.load(programme, changed(path, ["nobody"]), by=cast.giver, names=names)

    with asking(cast.giver):
        assert not NeedLevel.objects.filter(programme=programme).exists()
        assert not Need.objects.filter(programme=programme).exists()


def test_a_circle_in_a_document_is_told_in_words(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    with pytest.raises(Invalid) as refusal:
        HOLDING.load(programme, changed("needs.2.prerequisites", ["doctor"]), by=cast.giver, names=names)

    assert refusal.value.sentence in {
        "A need cannot wait for itself: “Doctor” requires “Papers”, which requires “Doctor”.",
        "A need cannot wait for itself: “Papers” requires “Doctor”, which requires “Papers”.",
    }


def test_an_empty_document_loads_nothing(programme: Programme, cast: Cast) -> None:
    assert HOLDING.load(programme, {}, by=cast.giver, names={}) == {}


def test_each_load_writes_one_entry_that_commits_to_the_rows(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    HOLDING.load(programme, SMALL, by=cast.giver, names=names)

    with asking(cast.giver):
        bodies = LedgerEntry.objects.filter(programme_id=programme.pk, body__contains="s.loaded").order_by(
            "seq"
        )
        entries = [json.loads(body) for body in bodies.values_list("body", flat=True)]
        now = {item.name: item.as_json() for item in HOLDING.conserved(programme)}
    assert [entry["verb"] for entry in entries] == ["needs.loaded", "interventions.loaded"]
    tables = [table for entry in entries for table in entry["data"]["tables"]]
    assert tables == [now[table["name"]] for table in tables]
    assert {name for name, item in now.items() if item["count"]} <= {table["name"] for table in tables}


def test_conservation_counts_every_table_and_notices_every_change(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    added = HOLDING.load(programme, SMALL, by=cast.giver, names=names)
    with asking(cast.giver):
        before = HOLDING.conserved(programme)
        again = HOLDING.conserved(programme)

    needs.edit(by=cast.giver, need_uuid=added["need:basics"], version=1, severity=1)

    with asking(cast.giver):
        after = HOLDING.conserved(programme)
    assert before == again
    assert {item.name: item.count for item in before if item.count} == {
        "interventions.needlevel": 2,
        "interventions.need": 3,
        "interventions.needprerequisite": 1,
        "interventions.intervention": 2,
        "interventions.interventionneed": 2,
    }
    assert [old.name for old, new in zip(before, after, strict=True) if old != new] == ["interventions.need"]


def flat(count: int) -> dict[str, Any]:
    """Give a document of so many needs on two depths, and as many interventions with two answers each."""
    below = {"parent": "n0", "prerequisites": ["n0"]}
    rows = [
        {"key": f"n{number}", "level": "survival", "title": f"N{number}", "severity": 3}
        for number in range(count)
    ]
    return {
        "needs": {
            "levels": [{"key": "survival", "title": "Survival"}],
            "needs": [{**row, **(below if row["key"] != "n0" else {})} for row in rows],
        },
        "interventions": [
            {"key": f"i{number}", "title": f"I{number}", "field": "health", "needs": ["n0", f"n{number}"]}
            for number in range(count)
        ],
    }


def test_loading_and_conserving_take_as_many_statements_whatever_the_size(cast: Cast) -> None:
    statements: list[tuple[int, int]] = []

    for count in (20, 400):
        home = programme_of(cast.giver)
        with CaptureQueriesContext(connection) as loading:
            HOLDING.load(home, flat(count), by=cast.giver, names={})
        with asking(cast.giver), CaptureQueriesContext(connection) as conserving:
            HOLDING.conserved(home)
        statements.append((len(loading), len(conserving)))

    assert statements[0] == statements[1]
    assert statements[0][1] == 1


def test_the_demonstration_loads(programme: Programme, cast: Cast) -> None:
    folder = resources.files("handover") / "demonstration"
    document = {
        name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("needs", "interventions")
    }
    duty = responsibility(programme, by=cast.giver, title="All of it")
    rows = [*document["needs"]["needs"], *document["interventions"]]
    named = {row["place"] for row in rows if row.get("place")}
    names = {
        f"place:{key}": places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code=key, name=key).uuid
        for key in sorted(named)
    }
    names |= {
        f"responsibility:{row['responsibility']}": duty.uuid for row in rows if row.get("responsibility")
    }

    HOLDING.load(programme, document, by=cast.giver, names=names)

    with asking(cast.giver):
        nodes = list(walk(tree(programme)))
        assert len(nodes) == len(document["needs"]["needs"]) >= 40
        assert max(node.depth for node in nodes) == 3
        assert NeedPrerequisite.objects.filter(programme=programme).count() == sum(
            len(row["prerequisites"]) for row in document["needs"]["needs"]
        )
        assert len(list(HOLDING.outline(programme))) > len(rows)
