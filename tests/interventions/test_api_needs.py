"""Needs, levels and rankings over the interface."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.models import Programme
from handover.permissions import Scope
from interventions.models import Need
from tests.factories.api import Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.interventions import intervention, levels, need

pytestmark = pytest.mark.django_db


def said(text: str) -> list[dict[str, str]]:
    """Give a title as the interface takes it."""
    return [{"lang": "en", "text": text}]


@pytest.fixture
def there(cast: Cast, programme: Programme) -> Caller:
    """Give the steward's officer, with levels in the programme."""
    levels(programme, by=cast.giver)
    return caller(cast.giver_officer)


def level(there: Caller, key: str = "survival") -> str:
    """Give the UUID of a level."""
    return str(there.get(f"need-levels?key={key}").results[0]["id"])


def add(there: Caller, programme: Programme, title: Any = "Water", **more: Any) -> Answer:
    """Add a need."""
    told = said(title) if isinstance(title, str) else title
    body: dict[str, Any] = {"programme": str(programme.uuid), "title": told, "severity": 4}
    body["level"] = more.pop("level", None) or level(there)
    return there.post("needs", body | more)


def test_levels_are_defined_lowest_first(there: Caller, programme: Programme) -> None:
    told = [{"key": key, "title": said(key)} for key in ("health", "survival", "education", "rights")]
    body = {"programme": str(programme.uuid), "levels": told}
    defined = there.post("need-levels/define", body).good()
    assert [row["key"] for row in defined.body] == ["health", "survival", "education", "rights"]
    listed = there.get(f"need-levels?programme={programme.uuid}").results
    assert (listed[0]["key"], listed[0]["position"]) == ("health", 1)
    body["levels"] = [told[0], told[0]]
    assert there.post("need-levels/define", body).status == 422


def test_a_need_is_added_read_and_edited(there: Caller, programme: Programme) -> None:
    made = add(
        there, programme, people_affected=40, people_source="Count of 2024", raised_on="2024-02-01"
    ).good()
    assert (made.status, made["level"], made["state"]) == (201, level(there), "")
    assert made.headers["Location"].endswith(f"/needs/{made['id']}")
    assert there.get(f"needs/{made['id']}").body == made.body
    assert there.get(f"needs/{made['id']}?expand=level&fields=level")["level"]["key"] == "survival"
    edited = there.patch(f"needs/{made['id']}", {"severity": 5, "trend": "worsening"}, version=1).good()
    assert (edited["severity"], edited["trend"], edited["version"]) == (5, "worsening", 2)
    assert edited["people_affected"] == 40
    stale = there.patch(f"needs/{made['id']}", {"severity": 3}, version=1)
    assert (stale.status, stale["details"]["fields"]) == (412, ["severity", "trend"])
    assert there.patch(f"needs/{made['id']}", {"severity": 3})["code"] == "precondition_required"


def test_a_rule_that_a_need_breaks_is_named(there: Caller, programme: Programme) -> None:
    uncounted = add(there, programme, people_affected=40)
    assert (uncounted.status, uncounted["code"]) == (422, "source_missing")
    assert add(there, programme, level=str(uuid4()))["code"] == "unknown_level"
    assert add(there, programme, parent=str(uuid4()))["code"] == "unknown_parent"
    assert add(there, programme, place=str(uuid4()))["code"] == "unknown_place"
    assert add(there, programme, raised_in=str(uuid4()))["code"] == "unknown_consultation"
    assert add(there, programme, severity=6).status == 400
    for title in ([{"lang": "en", "text": " "}], [{"lang": "en", "text": "a\x00b"}], 5, []):
        assert add(there, programme, title=title).status in (400, 422)


@pytest.mark.parametrize("field", ["id", "state", "version", "uuid", "raised_in_id", "came_of", "answers"])
def test_what_a_need_is_not_told_by_cannot_be_written(
    field: str, there: Caller, programme: Programme
) -> None:
    more: dict[str, Any] = {field: 1}
    assert add(there, programme, **more)["code"] == "unknown_field"


def test_needs_are_moved_ranked_and_told_as_a_tree(there: Caller, programme: Programme) -> None:
    water, papers, school = (add(there, programme, title)["id"] for title in ("Water", "Papers", "School"))
    moved = there.post(f"needs/{school}/move", {"parent": water}, version=1).good()
    assert (moved["parent"], moved["version"]) == (water, 2)
    circle = there.post(f"needs/{water}/move", {"parent": school}, version=1)
    assert (circle.status, circle["code"]) == (422, "parent_circle")
    ranking = {"programme": str(programme.uuid), "ranked": [papers, water]}
    assert [row["id"] for row in there.post("needs/rank", ranking).good().body] == [papers, water]
    tree = there.get(f"needs/tree?programme={programme.uuid}").good().body
    assert [(row["number"], row["id"], row["parent"]) for row in tree] == [
        ("1", papers, None),
        ("2", water, None),
        ("2.1", school, water),
    ]
    assert there.post("needs/rank", ranking | {"ranked": [papers]})["code"] == "not_the_siblings"
    assert [row["id"] for row in there.get(f"needs?parent={water}").results] == [school]
    assert len(there.get("needs?top=true").results) == 2


def test_needs_wait_for_each_other_and_never_in_a_circle(there: Caller, programme: Programme) -> None:
    first, later = (add(there, programme, title)["id"] for title in ("Papers", "School"))
    assert there.post(f"needs/{later}/require", {"requires": first}).good()["requires"] == [first]
    circle = there.post(f"needs/{first}/require", {"requires": later})
    assert (circle.status, circle["code"]) == (422, "prerequisite_cycle")
    open_ends = there.get(f"needs/coverage?programme={programme.uuid}").good().body
    assert {"need_unanswered", "prerequisite_unanswered"} == {row["code"] for row in open_ends}
    assert there.post(f"needs/{later}/release", {"requires": first}).good()["requires"] == []
    assert there.post(f"needs/{later}/release", {"requires": first}).status == 404


def test_a_need_is_met_and_reopened(there: Caller, programme: Programme) -> None:
    key = add(there, programme)["id"]
    met = there.post(f"needs/{key}/meet", {"reason": "The pump works"}, version=1).good()
    assert (met["state"], met["version"]) == ("met", 2)
    assert [row["id"] for row in there.get("needs?state=met").results] == [key]
    assert there.post(f"needs/{key}/meet", {"reason": "Again"}, version=2)["code"] == "already_met"
    assert there.post(f"needs/{key}/reopen", {"reason": "It froze"}, version=2).good()["state"] == ""
    assert len(there.get("needs?state=standing").results) == 1


def test_merged_and_split_needs_stay_readable_with_their_lineage(there: Caller, programme: Programme) -> None:
    taps, pump, school = (add(there, programme, title)["id"] for title in ("Taps", "Pump", "School"))
    body = {"programme": str(programme.uuid), "needs": [taps], "into": pump, "reason": "One thing"}
    assert there.post("needs/merge", body).good()["came_of"] == [taps]
    merged = there.get(f"needs/{taps}").good()
    assert (merged["state"], merged["became"]) == ("merged", [pump])
    assert there.post("needs/merge", body)["code"] == "need_closed"
    parts: list[dict[str, Any]] = [{"title": said("Meals")}, {"title": said("Books"), "severity": 2}]
    made = there.post(f"needs/{school}/split", {"parts": parts, "reason": "Two things"}).good()
    assert [row["severity"] for row in made.body] == [4, 2]
    (step,) = there.get(f"needs/{pump}/lineage").good().body
    assert (step["kind"], step["before"], step["after"]) == ("merge", taps, pump)
    assert there.post(f"needs/{pump}/split", {"parts": parts[:1], "reason": "x"})["code"] == "too_few_parts"
    foreign = [parts[0] | {"answers": [school]}, parts[1]]
    assert there.post(f"needs/{pump}/split", {"parts": foreign, "reason": "x"})["code"] == "not_linked"


def test_places_replace_each_other_and_are_named_once(there: Caller, programme: Programme) -> None:
    key = add(there, programme)["id"]
    twice = [{"place": str(uuid4())}] * 2
    for rows in ([{"people_affected": 3}], twice, [5], "x", [{"place": "x"}]):
        assert there.patch(f"needs/{key}", {"places": rows}, version=1).status in (400, 422)
    unknown = there.patch(f"needs/{key}", {"places": [{"place": str(uuid4())}]}, version=1)
    assert (unknown.status, unknown["code"]) == (422, "unknown_place")
    assert there.patch(f"needs/{key}", {"places": []}, version=1).good()["places"] == []


def test_a_sequence_is_suggested_with_reasons(cast: Cast, there: Caller, programme: Programme) -> None:
    done = intervention(programme, by=cast.giver, title="Water mediation")
    (step,) = there.get(f"needs/sequence?programme={programme.uuid}&capacity=1.5").good().body
    assert (step["intervention"], step["period"]) == (str(done.uuid), 1)
    none = there.get(f"needs/sequence?programme={programme.uuid}&capacity=0")
    assert (none.status, none["code"]) == (422, "capacity_missing")
    intervention(programme, by=cast.giver, title="A vast work", effort="900000")
    small = there.get(f"needs/sequence?programme={programme.uuid}&capacity=0.01")
    assert (small.status, small["code"]) == (422, "capacity_too_small")
    assert there.get(f"needs/sequence?programme={programme.uuid}").status == 400
    assert there.get(f"needs/sequence?programme={programme.uuid}&capacity=NaN").status == 400


def test_a_ranking_is_held_and_compared(cast: Cast, there: Caller, programme: Programme) -> None:
    first, second = (add(there, programme, title)["id"] for title in ("Water", "Papers"))
    body: dict[str, Any] = {
        "programme": str(programme.uuid),
        "ranked_by": "community",
        "method": "show_of_hands",
        "held_on": "2024-05-01",
        "ballots": [
            {
                "voters": 20,
                "group": "women",
                "counts": [{"need": first, "value": "12"}, {"need": second, "value": "15"}],
            }
        ],
    }
    held = there.post("rankings", body).good()
    assert [(row["need"], row["position"], row["score"]) for row in held["places"]] == [
        (second, 1, "15"),
        (first, 2, "12"),
    ]
    assert held["ballots"][0]["lines"][0]["value"] in ("12", "15")
    assert there.get(f"rankings/comparison?programme={programme.uuid}").status == 204
    agreed = {key: body[key] for key in ("programme", "held_on")}
    agreed |= {"ranked_by": "professionals", "method": "agreed", "needs": [first, second]}
    there.post("rankings", agreed).good()
    found = there.get(f"rankings/comparison?programme={programme.uuid}").good()
    assert (found["tau"], found["discordant"], found["lines"][0]["difference"]) == ("-1", 1, 1)
    assert there.post("rankings", body)["code"] == "reason_missing"
    assert len(there.get(f"rankings?need={first}").results) == 2
    representative = caller(cast.community)
    assert representative.post("rankings", body | {"reason": "Asked again"}).status == 201
    assert representative.post("rankings", agreed | {"reason": "x"})["code"] == "not_allowed"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"ballots": [{"order": "x"}]}, 400),
        ({"ballots": [{"order": [["x"]]}]}, 400),
        ({"ballots": [{"order": [[]]}]}, 400),
        ({"ballots": [{"counts": [{"need": "x", "value": "1"}]}]}, 400),
        ({"ballots": [{"voters": 0}]}, 400),
        ({"ballots": [{"voters": 3}]}, 422),
        ({"ballots": []}, 422),
        ({"needs": [str(uuid4()), 5]}, 400),
        ({"needs": [str(uuid4()), str(uuid4())]}, 422),
        ({"held_on": "2025-01-01"}, 422),
        ({"method": "guess"}, 400),
        ({"voters": 10**12}, 400),
    ],
)
def test_a_ranking_that_cannot_be_is_refused(
    change: dict[str, Any], status: int, there: Caller, programme: Programme
) -> None:
    body = {
        "programme": str(programme.uuid),
        "ranked_by": "community",
        "method": "order",
        "held_on": "2024-05-01",
        "ballots": [{"order": [str(uuid4()), str(uuid4())]}],
    }
    assert there.post("rankings", body | change).status == status


def test_another_tenant_finds_no_need(cast: Cast, there: Caller, programme: Programme) -> None:
    key = add(there, programme)["id"]
    stranger, on = caller(cast.stranger), f"programme={programme.uuid}"
    assert stranger.get("needs").results == stranger.get("need-levels").results == []
    answers = [
        stranger.get(f"needs/{key}"),
        stranger.get(f"needs/{key}/lineage"),
        stranger.get(f"needs/tree?{on}"),
        stranger.get(f"needs/coverage?{on}"),
        stranger.get(f"rankings/comparison?{on}"),
        stranger.patch(f"needs/{key}", {"severity": 1, "level": level(there)}, version=1),
        stranger.post(f"needs/{key}/meet", {"reason": "x"}, version=1),
        add(stranger, programme, level=level(there)),
        stranger.post(
            "needs/merge", {"programme": str(programme.uuid), "needs": [key], "into": key, "reason": "x"}
        ),
    ]
    assert {(answer.status, answer["code"]) for answer in answers} == {(404, "not_found")}


def test_who_reads_needs_may_not_write_them(cast: Cast, there: Caller, programme: Programme) -> None:
    key = add(there, programme)["id"]
    add(there, programme, parent=key).good()
    donor = caller(cast.donor)
    assert donor.get(f"needs/{key}").status == 200
    for answer in (
        donor.patch(f"needs/{key}", {"severity": 1}, version=1),
        donor.post(f"needs/{key}/require", {"requires": key}),
        donor.post(f"needs/{key}/move", {"parent": None}, version=1),
    ):
        assert (answer.status, answer["code"]) == (403, "not_allowed")
    narrow = caller(cast.giver, [Scope.READ, Scope.PLAN])
    assert narrow.patch(f"needs/{key}", {"severity": 1}, version=1)["code"] == "scope_missing"


def test_a_list_of_needs_asks_as_often_for_many_as_for_one(
    cast: Cast, there: Caller, programme: Programme
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            there.get("needs").good()
        return len(queries)

    def fill(title: str, above: Need | None = None) -> Need:
        made = need(programme, by=cast.giver, title=title, below=above)
        done = intervention(programme, by=cast.giver, title=title)
        there.post(f"interventions/{done.uuid}/answer-need", {"need": str(made.uuid)}).good()
        return made

    first = fill("Water")
    other = fill("Papers", first)
    there.post(f"needs/{other.uuid}/require", {"requires": str(first.uuid)}).good()
    one = asked()
    for number in range(3):
        made = fill(f"Need {number}", other)
        there.post(f"needs/{made.uuid}/require", {"requires": str(first.uuid)}).good()
    assert asked() == one
