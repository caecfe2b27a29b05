"""Values through the interface: reported, approved, corrected, traced; who sees which of them."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import clock
from handover.models import Programme
from tests.factories.api import caller
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import indicator, reported
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db

QUARTER = {"starts_on": "2024-01-01", "ends_on": "2024-03-31"}
WOMEN = [{"name": "gender", "value": "women"}]


def _row(of: Any, value: str = "41", **said: Any) -> dict[str, Any]:
    return {"indicator": str(of.uuid), **QUARTER, "value": value, "dimensions": WOMEN, **said}


def test_values_are_reported_and_read_as_they_stand(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver_reporter)
    said = {"indicator": str(of.uuid), **QUARTER, "rows": [{"value": "41.50", "dimensions": WOMEN}]}
    made = there.post("values", said).good()
    assert (made.status, made["count"]) == (201, 1)
    (row,) = there.get(f"values?programme={programme.uuid}").good().results
    assert (row["value"], row["value_text"], row["cell"]) == ("41.5", "41.50", "gender=women")
    assert (row["starts_on"], row["batch"], row["revision"]) == ("2024-01-01", made["batch"], 1)
    assert there.get(f"values/{row['id']}").good()["digest"] == row["digest"]


def test_a_correction_needs_a_reason_and_becomes_a_revision(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 41}, by=cast.giver)
    there = caller(cast.giver)
    (row,) = there.get(f"values?indicator={of.uuid}").good().results
    address = f"values/{row['id']}/correct"
    assert there.post(address, {"value": "42"}).status == 400
    refused = there.post(address, {"value": "42", "reason": " "})
    assert refused.status == 400
    again = there.post(address, {"value": "42", "reason": "Counted again"}).good()
    assert (again["revision"], again["value"], again["reason"]) == (2, "42", "Counted again")
    assert there.post(address, {"value": "43", "reason": "Once more"}).status == 412
    assert [item["value"] for item in there.get(f"values?indicator={of.uuid}").results] == ["42"]
    every = there.get(f"values?indicator={of.uuid}&revisions=all").results
    assert [item["revision"] for item in every] == [1, 2]
    trace = there.get(f"values/{again['id']}/trace").good()
    assert [(item["revision"], item["value"]) for item in trace["revisions"]] == [(1, "41"), (2, "42")]
    assert all(item["entry"] for item in trace["revisions"])


def test_a_submission_counts_once_somebody_else_approved_it(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, approval=True)
    author, other = caller(cast.giver_reporter), caller(cast.giver)
    direct = {"indicator": str(of.uuid), **QUARTER, "rows": [{"value": "41"}]}
    assert author.post("values", direct)["code"] == "needs_approval"
    made = author.post("submissions", {"programme": str(programme.uuid), "title": "First quarter"}).good()
    address = f"submissions/{made['id']}"
    assert author.post(f"{address}/rows", {"rows": [_row(of)]}).status == 428
    put = author.post(f"{address}/rows", {"rows": [_row(of)]}, version=1).good()
    assert (put["rows"], put["state"], put.headers["ETag"]) == (1, "draft", '"2"')
    assert other.get(f"drafts?submission={made['id']}").results[0]["value"] == "41"
    assert author.post(f"{address}/submit", version=1).status == 412
    handed = author.post(f"{address}/submit", version=2).good()
    assert author.post(f"{address}/approve", version=handed["version"]).status == 403
    returned = other.post(f"{address}/return", {"note": "Count again"}, version=handed["version"]).good()
    again = author.post(f"{address}/submit", version=returned["version"]).good()
    done = other.post(f"{address}/approve", version=again["version"]).good()
    assert done["state"] == "approved"
    (row,) = other.get(f"values?batch={done['batch']}&programme={programme.uuid}").results
    assert (row["value"], row["reporter_name"]) == ("41", cast.giver_reporter.user.display_name)
    assert other.post(f"{address}/approve", version=done["version"])["code"] == "wrong_state"


def test_rows_are_taken_out_of_a_draft_and_it_is_withdrawn(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    author = caller(cast.giver_reporter)
    made = author.post("submissions", {"programme": str(programme.uuid)}).good()
    address = f"submissions/{made['id']}"
    author.post(f"{address}/rows", {"rows": [_row(of)]}, version=1).good()
    (row,) = author.get(f"drafts?submission={made['id']}").results
    emptied = author.post(f"{address}/remove-rows", {"rows": [row["id"]]}, version=2).good()
    assert emptied["rows"] == 0
    assert author.post(f"{address}/withdraw", version=3).good()["state"] == "withdrawn"


def test_nobody_else_sees_a_draft(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    author = caller(cast.giver_reporter)
    made = author.post("submissions", {"programme": str(programme.uuid)}).good()
    author.post(f"submissions/{made['id']}/rows", {"rows": [_row(of)]}, version=1).good()
    for other in (cast.auditor, cast.donor, cast.stranger):
        there = caller(other)
        assert there.get(f"submissions/{made['id']}").status == 404
        assert there.get(f"submissions?programme={programme.uuid}").results == []
        assert there.get(f"drafts?submission={made['id']}").results == []


def test_a_former_steward_reads_values_up_to_the_cut_off(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 41}, by=cast.giver)
    executed(cast, programme)
    later = dt.timedelta(days=2)
    with clock.at(TODAY + later):
        new = caller(cast.receiver)
        (row,) = new.get(f"values?indicator={of.uuid}").results
        fixed = new.post(f"values/{row['id']}/correct", {"value": "42", "reason": "Counted again"}).good()
        former = caller(cast.giver)
        for filters in (f"indicator={of.uuid}", f"programme={programme.uuid}&revisions=all"):
            assert [item["value"] for item in former.get(f"values?{filters}").results] == ["41"]
        assert former.get(f"values/{fixed['id']}").status == 404
        assert former.get(f"values/{fixed['id']}/trace").status == 404
        assert len(former.get(f"values/{row['id']}/trace").good()["revisions"]) == 1
        assert former.get(f"indicators/{of.uuid}/series").good()["last"]["total"] == "41"
        assert new.get(f"indicators/{of.uuid}/series").good()["last"]["total"] == "42"


def test_a_donor_sees_no_groups_and_no_places(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 41, "women": 3}, by=cast.giver)
    donor, giver = caller(cast.donor), caller(cast.giver)
    rows = {row["cell"]: row["id"] for row in giver.get(f"values?indicator={of.uuid}").results}
    assert [row["cell"] for row in donor.get(f"values?indicator={of.uuid}").results] == [""]
    assert donor.get(f"values/{rows['gender=women']}").status == 404
    assert donor.get(f"indicators/{of.uuid}/groups")["code"] == "not_allowed"
    assert donor.get(f"indicators/{of.uuid}/places").status == 403
    assert donor.get(f"indicators/{of.uuid}/series").good()["last"]["total"] == "41"
    assert len(giver.get(f"indicators/{of.uuid}/groups").good().body) == 2


def test_values_of_a_stranger_are_not_found_and_readers_write_nothing(
    cast: Cast, programme: Programme
) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 41}, by=cast.giver)
    (row,) = caller(cast.giver).get(f"values?indicator={of.uuid}").results
    said = {"indicator": str(of.uuid), **QUARTER, "rows": [{"value": "1", "dimensions": WOMEN}]}
    fix = {"value": "42", "reason": "Mine"}
    stranger, reader = caller(cast.stranger), caller(cast.auditor)
    assert stranger.get(f"values?programme={programme.uuid}").results == []
    for answer in (
        stranger.get(f"values/{row['id']}"),
        stranger.get(f"values/{row['id']}/trace"),
        stranger.post("values", said),
        stranger.post(f"values/{row['id']}/correct", fix),
        stranger.post("values/attach", {"values": [row["id"]], "source": row["id"]}),
    ):
        assert answer.status == 404, answer
    assert reader.post("values", said).status == 403
    assert reader.post(f"values/{row['id']}/correct", fix).status == 403


def test_a_list_of_values_names_its_programme_or_its_indicator(cast: Cast, programme: Programme) -> None:
    answer = caller(cast.giver).get("values")
    assert (answer.status, answer["field"]) == (422, "programme")


def test_a_value_rests_on_a_source_series_and_on_a_file(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 41}, by=cast.giver)
    there = caller(cast.giver)
    (row,) = there.get(f"values?indicator={of.uuid}").results
    source = there.post(
        "sources",
        {
            "programme": str(programme.uuid),
            "title": "Attendance register",
            "custodian": str(cast.giver.organisation.uuid),
            "location": "Room 3",
        },
    ).good()
    there.post("values/attach", {"values": [row["id"]], "source": source["id"]}).good()
    file = {"content": base64.b64encode(b"sums").decode(), "filename": "sums.txt", "names_people": False}
    there.post("values/attach", {"values": [row["id"]], **file}).good()
    found = there.get(f"provenance?value={row['id']}").good().results
    assert [(item["source"], item["filename"]) for item in found] == [(source["id"], ""), (None, "sums.txt")]
    sent = there.get(f"provenance/{found[1]['id']}/file").good()
    assert (sent.content, sent.headers["Content-Disposition"]) == (
        b"sums",
        'attachment; filename="sums.txt"',
    )
    assert there.get(f"provenance/{found[0]['id']}/file").status == 404
    assert caller(cast.stranger).get(f"provenance/{found[1]['id']}/file").status == 404


@pytest.mark.parametrize("reader", ["giver", "donor"])
def test_a_list_of_values_costs_the_same_whatever_its_length(
    cast: Cast, programme: Programme, reader: str
) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 41}, by=cast.giver)
    there = caller(getattr(cast, reader))
    there.get(f"values?programme={programme.uuid}")
    counts = []
    for quarter in (None, 4, 7):
        if quarter:
            days = dt.date(2024, quarter, 1), dt.date(2024, quarter, 30)
            reported(of, {"": 1, "women": 2}, by=cast.giver, quarter=days)
        with CaptureQueriesContext(connection) as seen:
            there.get(f"values?programme={programme.uuid}").good()
        counts.append(len(seen))
    assert len(set(counts)) == 1, counts
