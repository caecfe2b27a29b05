"""Definitions through the interface: results, indicators and what stands below them, who may, and what is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import clock
from handover.models import Programme
from tests.factories.api import Answer, caller
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported, result

pytestmark = pytest.mark.django_db

TITLE = [{"lang": "en", "text": "Pupils enrolled"}]
QUARTER = {"starts_on": "2024-01-01", "ends_on": "2024-03-31"}


def test_results_and_indicators_are_defined_and_edited(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    of = there.post("results", {"programme": str(programme.uuid), "type": "2", "title": TITLE}).good()
    made = there.post(
        "indicators",
        {"result": of["id"], "measure": "1", "title": TITLE, "counting_rule": "new_entrants", "unit": "persons"},
    ).good()  # fmt: skip
    assert (made["programme"], made["result"], made["version"]) == (str(programme.uuid), of["id"], 1)
    address = f"indicators/{made['id']}"
    assert there.patch(address, {"due_days": 30}, version=None).status == 428
    edited = there.patch(address, {"due_days": 30, "frequency": "quarterly"}, version=1).good()
    assert (edited["due_days"], edited["frequency"], edited.headers["ETag"]) == (30, "quarterly", '"2"')
    stale = there.patch(address, {"due_days": 31}, version=1)
    assert (stale.status, stale["details"]["fields"]) == (412, ["due_days", "frequency"])
    assert there.patch(address, {"measure": "3"}, version=2).status == 422
    broken = {"on": "2024-02-01", "kind": "method", "reason": "A new register"}
    there.patch(address, {"method": "By register", "break_in": broken}, version=2).good()
    assert there.get(f"breaks?indicator={made['id']}").results[0]["reason"] == "A new register"
    assert there.patch(f"results/{of['id']}", {"type": "1"}, version=1).good()["type"] == "1"
    assert there.get(f"indicators?result={of['id']}&expand=result").results[0]["result"]["type"] == "1"


def test_baselines_targets_periods_and_breaks_are_stated(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    there, address = caller(cast.giver), f"indicators/{of.uuid}"
    assert there.post(f"{address}/baseline", {"year": "2023", "value": "10"}).good()["value"] == "10"
    target = there.post(f"{address}/target", {**QUARTER, "value": "40"}).good()
    period = there.post(f"{address}/period", QUARTER).good()
    assert (target["period"], target["indicator"]) == (period["id"], str(of.uuid))
    there.post(f"{address}/break", {"on": "2024-02-01", "kind": "scope", "reason": "More places"}).good()
    reported(of, {"": 25}, by=cast.giver)
    told = there.get(f"{address}/series").good()
    (point,) = told["points"]
    assert (point["total"], point["target"], told["light"]) == ("25", "40", "red")
    assert [item["kind"] for item in told["breaks"]] == ["scope"]
    for noun in ("baselines", "targets", "periods", "breaks"):
        (row,) = there.get(f"{noun}?indicator={of.uuid}").good().results
        assert there.get(f"{noun}/{row['id']}").good().body == row
    assert (
        there.post(f"{address}/overlap", {**QUARTER, "count": "3", "reason": "Lists"})["code"] == "no_overlap"
    )


def test_axes_ship_and_are_a_programmes_own(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    known = {row["name"] for row in there.get("axes/standard").good().body}
    name = sorted(known)[0]
    made = there.post("axes/create-standard", {"programme": str(programme.uuid), "name": name}).good()
    assert (made.status, made["name"]) == (201, name)
    own = {
        "programme": str(programme.uuid),
        "name": "route",
        "categories": [{"code": "north", "title": TITLE}],
    }
    there.post("axes", own).good()
    assert there.patch(f"axes/{made['id']}", {"estimated": True}, version=1).good()["estimated"] is True
    assert len(there.get(f"axes?programme={programme.uuid}").results) == 2


def test_what_is_due_and_what_came_late_is_named(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, frequency="quarterly", due_days=10)
    with clock.at(dt.datetime(2024, 5, 20, 9, tzinfo=dt.UTC)):
        reported(of, {"": 41}, by=cast.giver)
    there = caller(cast.giver)
    (late,) = there.get(f"indicators/late?programme={programme.uuid}").good().body
    assert (late["indicator"], late["due_on"], late["days"]) == (str(of.uuid), "2024-04-10", 40)
    with clock.at(dt.datetime(2024, 8, 1, 9, tzinfo=dt.UTC)):
        due = caller(cast.giver).get(f"indicators/due?programme={programme.uuid}").good().body
    assert [(item["starts_on"], item["days"]) for item in due][-1] == ("2024-04-01", 22)


def test_a_portfolio_and_an_export_are_told(cast: Cast, programme: Programme) -> None:
    of = indicator(
        programme, by=cast.giver, references=[{"vocabulary": "99", "code": "4.1", "indicator_uri": "x"}]
    )
    reported(of, {"": 41}, by=cast.giver)
    there = caller(cast.giver)
    (line,) = there.get("indicators/portfolio").good()["lines"]
    assert (line["code"], line["year"], line["total"]) == ("4.1", 2024, "41")
    assert there.get("indicators/portfolio?level=country").good()["lines"][0]["area"] is None
    for kind, start in (("csv", b"indicator,"), ("xlsx", b"PK"), ("package", b"PK"), ("iati", b"<?xml")):
        sent = there.get(f"indicators/export?programme={programme.uuid}&kind={kind}")
        if kind == "iati" and sent.status == 422:
            continue
        assert sent.good().content.removeprefix(b"\xef\xbb\xbf").startswith(start), kind
    public = there.get(f"indicators/export?programme={programme.uuid}&public=true").good()
    assert b"41" in public.content
    assert there.get(f"indicators/export?programme={programme.uuid}&kind=iati&public=true").status == 422
    assert caller(cast.stranger).get(f"indicators/export?programme={programme.uuid}").status == 404
    assert caller(cast.community).get(f"indicators/export?programme={programme.uuid}").status == 403


def test_code_lists_ship_and_are_brought_along(cast: Cast) -> None:
    there = caller(cast.giver)
    codes = [{"code": "a", "title": TITLE}, {"code": "b", "title": TITLE}]
    said = {"vocabulary": "our-list", "title": TITLE, "source": "Our handbook", "codes": codes}
    assert there.post("code-lists", said).good()["new"] == 2
    lists = {row["vocabulary"]: row for row in there.get("code-lists").good().results}
    assert (lists["our-list"]["codes"], lists["our-list"]["mark"]) == (2, "own")
    assert [row["code"] for row in there.get("code-lists/codes?vocabulary=our-list").good().body] == [
        "a",
        "b",
    ]
    assert there.get("code-lists/codes?vocabulary=none").status == 404
    assert caller(cast.giver_reporter).post("code-lists", said)["code"] == "not_keeper"
    assert caller(cast.stranger).get("code-lists/codes?vocabulary=our-list").status == 404


def test_a_feed_is_defined_changed_and_removed(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, unit="meetings", counting_rule="contacts")
    there = caller(cast.giver)
    said = {"indicator": str(of.uuid), "record": "meeting", "measure": "meetings"}
    address = f"feeds/{there.post('feeds', said).good()['id']}"
    assert there.patch(address, {"filters": {}}, version=1).good()["version"] == 2
    reported_now = there.post(f"{address}/report", QUARTER)
    assert (reported_now.status, reported_now["code"]) == (422, "nothing_recorded")
    assert there("DELETE", address).status == 204
    assert there.get(address).status == 404


def _writes(of: Any, under: Any, programme: Programme) -> list[tuple[str, str, dict[str, Any]]]:
    mine, address = str(programme.uuid), f"indicators/{of.uuid}"
    return [
        ("POST", "results", {"programme": mine, "type": "2", "title": TITLE}),
        ("PATCH", f"results/{under.uuid}", {"type": "1"}),
        ("POST", "indicators", {"result": str(under.uuid), "measure": "1", "title": TITLE}),
        ("PATCH", address, {"due_days": 3}),
        ("POST", f"{address}/baseline", {"year": "2023", "value": "1"}),
        ("POST", f"{address}/target", {**QUARTER, "value": "1"}),
        ("POST", f"{address}/period", QUARTER),
        ("POST", f"{address}/break", {"on": "2024-02-01", "kind": "scope", "reason": "More"}),
        ("POST", f"{address}/overlap", {**QUARTER, "count": "1", "reason": "Lists"}),
        ("POST", "axes", {"programme": mine, "name": "route", "categories": [{"code": "a"}]}),
        ("POST", "axes/create-standard", {"programme": mine, "name": "gender"}),
        ("POST", "feeds", {"indicator": str(of.uuid), "record": "meeting", "measure": "meetings"}),
        ("POST", "submissions", {"programme": mine}),
    ]


def test_readers_write_nothing_and_strangers_find_nothing(cast: Cast, programme: Programme) -> None:
    under = result(programme, by=cast.giver)
    of = indicator(programme, by=cast.giver, of=under)
    for actor, status in ((cast.auditor, 403), (cast.stranger, 404)):
        there = caller(actor)
        for method, path, body in _writes(of, under, programme):
            answer: Answer = there(method, path, body, version=1 if method == "PATCH" else None)
            assert answer.status == status, (path, answer)
    stranger = caller(cast.stranger)
    for path in (f"results/{under.uuid}", f"indicators/{of.uuid}", f"indicators/{of.uuid}/series"):
        assert stranger.get(path).status == 404
    for question in ("due", "late"):
        assert stranger.get(f"indicators/{question}?programme={programme.uuid}").status == 404


def test_lists_cost_the_same_whatever_their_length(cast: Cast, programme: Programme) -> None:
    nouns = (
        "results",
        "indicators",
        "periods",
        "baselines",
        "targets",
        "breaks",
        "axes",
        "sources",
        "submissions",
    )
    counts: dict[str, set[int]] = {noun: set() for noun in nouns}
    there = caller(cast.giver)
    for number in range(1, 4):
        of = indicator(programme, by=cast.giver, title=f"Indicator {number}")
        address = f"indicators/{of.uuid}"
        there.post(f"{address}/baseline", {"year": "2023", "value": "10"}).good()
        there.post(f"{address}/target", {**QUARTER, "value": "40"}).good()
        there.post(f"{address}/break", {"on": "2024-02-01", "kind": "scope", "reason": "More"}).good()
        mine = str(programme.uuid)
        there.post(
            "axes", {"programme": mine, "name": f"axis {number}", "categories": [{"code": "a"}]}
        ).good()
        keeper = str(cast.giver.organisation.uuid)
        there.post(
            "sources",
            {"programme": mine, "title": f"Register {number}", "custodian": keeper, "location": "R"},
        ).good()
        there.post("submissions", {"programme": mine}).good()
        for noun in nouns:
            with CaptureQueriesContext(connection) as seen:
                assert len(there.get(f"{noun}?programme={programme.uuid}").good().results) == number
            if number > 1:
                counts[noun].add(len(seen))
    assert all(len(found) == 1 for found in counts.values()), counts


def test_a_break_with_a_change_is_stated_whole(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    answer = caller(cast.giver).patch(f"indicators/{of.uuid}", {"unit": "m", "break_in": {}}, version=1)
    assert (answer.status, answer["field"]) == (422, "break_in/on")


def test_what_is_due_is_told_beside_periods_at_the_ends_of_time(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, due_days=10)
    there = caller(cast.giver)
    for first, last in (("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")):
        there.post(f"indicators/{of.uuid}/period", {"starts_on": first, "ends_on": last}).good()
    due = there.get(f"indicators/due?programme={programme.uuid}").good().body
    assert [item["ends_on"] for item in due] == ["0001-01-02"]
