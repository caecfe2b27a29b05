"""Very many values at once: a report row by row, all or nothing, the good ones alone, and once."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from handover.models import Programme
from indicators.models import Value
from tests.factories.api import API, Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.indicators import csv_of, indicator, reported

pytestmark = pytest.mark.django_db

LINES = "application/x-ndjson"


def _sent(
    there: Caller,
    programme: Programme,
    content: str | bytes,
    *,
    kind: str = "text/csv",
    key: str | None = None,
    path: str = "values/upload",
    **asked: str,
) -> Answer:
    headers = {"Authorization": f"Bearer {there.key}"} | ({"Idempotency-Key": key} if key else {})
    query = "&".join(f"{name}={item}" for name, item in {"programme": programme.uuid, **asked}.items())
    body = content.encode() if isinstance(content, str) else content
    return Answer(there.client.post(f"{API}/{path}?{query}", body, content_type=kind, headers=headers))


def _rows(of: Any, *values: object) -> str:
    days = [f"2024-01-{day:02}" for day in range(1, 32)]
    rows = [f"{of.uuid},{day},{day},women,{value}\n" for day, value in zip(days, values, strict=False)]
    return "".join(["indicator,start,end,gender,value\n", *rows])


def test_good_rows_are_entered_and_the_same_rows_again_change_nothing(
    cast: Cast, programme: Programme
) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver_reporter)
    content = _rows(of, 1, 2, "3.50")
    done = _sent(there, programme, content).good()
    told = {name: done[name] for name in ("rows", "new", "same", "changed", "refused", "entered", "problems")}
    assert told == {
        "rows": 3, "new": 3, "same": 0, "changed": 0, "refused": 0, "entered": 3, "problems": [],
    }  # fmt: skip
    again = _sent(there, programme, content).good()
    assert (again["same"], again["entered"], again["batch"]) == (3, 0, None)


def test_json_lines_are_the_same_rows_and_numbers_keep_their_digits(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver)
    _sent(there, programme, _rows(of, 1, "2.10")).good()
    lines = [
        f'{{"indicator": "{of.uuid}", "start": "2024-01-01", "end": "2024-01-01", "gender": "women", "value": "1"}}',
        "",
        f'{{"value": 2.10, "start": "2024-01-02", "end": "2024-01-02", "gender": "women", "indicator": "{of.uuid}"}}',
        f'{{"value": 0.1, "start": "2024-01-03", "end": "2024-01-03", "gender": null, "indicator": "{of.uuid}"}}',
    ]
    done = _sent(there, programme, "\n".join(lines), kind=LINES).good()
    assert (done["same"], done["new"], done["entered"]) == (2, 1, 1)
    (row,) = there.get(f"values?batch={done['batch']}&programme={programme.uuid}").results
    assert (row["value_text"], row["cell"]) == ("0.1", "")


def test_one_wrong_row_refuses_all_and_each_is_named(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    content = _rows(of, 1, "many", 3) + f"{uuid4()},2024-02-01,2024-02-01,women,1\n"
    answer = _sent(caller(cast.giver), programme, content)
    assert (answer.status, answer["code"]) == (422, "values_refused")
    report = answer["details"]
    assert (report["rows"], report["refused"], report["entered"]) == (4, 2, 0)
    found = [(item["row"], item["field"], item["code"]) for item in report["problems"]]
    assert found == [(3, "value", "not_a_number"), (5, "indicator", "unknown_indicator")]
    assert not caller(cast.giver).get(f"values?programme={programme.uuid}").results


def test_good_rows_are_entered_where_that_is_asked_for(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver)
    content = _rows(of, 1, "many", 3) + f'{of.uuid},2024-02-01,2024-02-01,"a\nb"\n{of.uuid},2024-02-02,'
    content += "2024-02-02,women,5\n"
    done = _sent(there, programme, content, mode="good-rows").good()
    assert (done["rows"], done["new"], done["refused"], done["entered"]) == (5, 3, 2, 3)
    assert [(item["row"], item["code"]) for item in done["problems"]] == [
        (3, "not_a_number"),
        (5, "unreadable_line"),
    ]


def test_a_row_that_stands_twice_is_refused_with_its_numbers(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver)
    line = json.dumps({"indicator": str(of.uuid), "start": "2024-01-01", "end": "2024-01-01", "value": 1})
    answer = _sent(there, programme, f"no\n\n{line}\n{line}\n", kind=LINES)
    found = [(item["row"], item["code"]) for item in answer["details"]["problems"]]
    assert found == [(1, "unreadable_line"), (3, "repeated"), (4, "repeated")]
    late = _sent(there, programme, f"\n{line}\n{line}\n", kind=LINES)
    assert [item["row"] for item in late["details"]["problems"]] == [2, 3]
    done = _sent(there, programme, f"{line}\n", kind=LINES, mode="good-rows").good()
    assert done["entered"] == 1


def test_checking_enters_nothing(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver)
    done = _sent(there, programme, _rows(of, 1, "many"), mode="check").good()
    assert (done["new"], done["refused"], done["entered"]) == (1, 1, 0)
    assert there.get(f"values?programme={programme.uuid}").results == []


def test_a_changed_value_needs_a_reason_and_a_seen_revision_conflicts(
    cast: Cast, programme: Programme
) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver)
    _sent(there, programme, _rows(of, 1)).good()
    assert _sent(there, programme, _rows(of, 2))["details"]["problems"][0]["code"] == "already_reported"
    done = _sent(there, programme, _rows(of, 2), reason="Counted+again").good()
    assert (done["changed"], done["entered"]) == (1, 1)
    seen = "indicator,start,end,gender,value,revision\n" + f"{of.uuid},2024-01-01,2024-01-01,women,3,1\n"
    answer = _sent(there, programme, seen, reason="Again")
    assert (answer["details"]["conflicts"], answer["details"]["problems"][0]["code"]) == (1, "changed_since")


def test_the_same_key_twice_enters_once(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver)
    first = _sent(there, programme, _rows(of, 1), key="upload-1").good()
    again = _sent(there, programme, _rows(of, 1), key="upload-1").good()
    assert (again.headers["Idempotency-Replayed"], again.body) == ("true", first.body)
    other = _sent(there, programme, _rows(of, 1, 2), key="upload-1")
    assert (other.status, other["code"]) == (422, "idempotency_key_used")


def test_a_stranger_finds_no_programme_and_a_reader_reports_nothing(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    assert _sent(caller(cast.stranger), programme, _rows(of, 1)).status == 404
    assert _sent(caller(cast.auditor), programme, _rows(of, 1)).status == 403
    for path in ("imports", "imports/preview"):
        assert _sent(caller(cast.stranger), programme, _rows(of, 1), path=path, name="a.csv").status == 404
        assert _sent(caller(cast.auditor), programme, _rows(of, 1), path=path, name="a.csv").status == 403


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("text/csv", b"", 422),
        ("text/csv", b"\xff\xfe", 422),
        ("text/csv", b"indicator,start,end,value\n", 422),
        ("text/csv", b'indicator,start,end,value\na,"b', 422),
        ("text/csv", b"indicator,start,end,value\rx,1,2,3\r", 422),
        ("text/csv", b"indicator,start,end,value\na\x00,2024-01-01,2024-01-01,1\n", 422),
        ("text/csv", b"indicator,start,end,value,at\na,2024-01-01,2024-01-01,1,1\n", 422),
        ("text/csv", b"what\n1\n", 422),
        ("text/csv", b"indicator,start,end,value\na\\.,2024-01-01,2024-01-01,\"\n\\.\n\"\n", 422),
        (LINES, b"[1]\n{}\n", 422),
        (LINES, b"[" * 90_000, 422),
        (LINES, b'{"indicator": "\\ud800"}\n', 422),
        (LINES, b'{"\\ud800": 1, "value": NaN}\n', 422),
        (LINES, b'{"\\ud800": 1, "indicator": {}}\n{"what": [1]}\n{"value": true}', 422),
        ("application/json", b"{}", 415),
    ],
)  # fmt: skip
def test_what_is_no_file_of_values_is_refused(
    cast: Cast, programme: Programme, kind: str, content: bytes, status: int
) -> None:
    for mode in ("check", "all-or-nothing", "good-rows"):
        answer = _sent(caller(cast.giver), programme, content, kind=kind, mode=mode)
        assert answer.status in (status, 200 if mode != "all-or-nothing" else status), answer
        assert not Value.objects.exists()


def test_unknown_parameters_and_modes_are_refused(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    there = caller(cast.giver)
    assert _sent(there, programme, _rows(of, 1), mode="some").status == 400
    assert _sent(there, programme, _rows(of, 1), way="fast")["code"] == "unknown_field"


def test_a_large_file_is_imported_by_a_worker_and_previewed_at_once(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 41}, by=cast.giver)
    there = caller(cast.giver_reporter)
    content = "".join(csv_of(of, 3))
    seen = _sent(there, programme, content, path="imports/preview", name="values.csv").good()
    assert (seen["new"], seen["refused"]) == (3, 0)
    job = _sent(there, programme, content, path="imports", name="values.csv").good()
    assert (job.status, job["kind"], job["state"]) == (202, "values.import", "waiting")
    again = _sent(there, programme, content, path="imports", name="values.csv").good()
    assert again["id"] == job["id"]
