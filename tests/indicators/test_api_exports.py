"""Exports that a worker writes, asked for and fetched over the interface."""

from __future__ import annotations

import csv
import datetime as dt
import io
from uuid import UUID

import pytest

from handover import clock
from handover.actions import jobs
from handover.models import Programme
from handover.permissions import Scope
from tests.factories.api import Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported

pytestmark = pytest.mark.django_db


def asked(there: Caller, programme: Programme, **said: object) -> Answer:
    return there.post("exports", {"programme": str(programme.uuid), **said})


def test_a_worker_writes_the_file_and_who_asked_fetches_it(cast: Cast, programme: Programme) -> None:
    measured = indicator(programme, by=cast.giver, title="Children in school")
    reported(measured, {"": "17"}, by=cast.giver)
    there = caller(cast.giver)
    job = asked(there, programme)
    assert (job.status, job["state"]) == (202, "waiting")
    early = there.get(f"exports/{job['id']}/file")
    assert (early.status, early["code"]) == (409, "export_not_done")
    jobs.run(UUID(job["id"]), programme.pk)
    assert there.get(f"jobs/{job['id']}")["state"] == "done"
    sent = there.get(f"exports/{job['id']}/file")
    rows = list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))
    assert [row["value"] for row in rows] == ["17"]
    assert "attachment" in sent.headers["Content-Disposition"]


def test_nobody_else_fetches_it(cast: Cast, programme: Programme) -> None:
    job = asked(caller(cast.giver), programme)
    jobs.run(UUID(job["id"]), programme.pk)
    for actor in (cast.donor, cast.stranger):
        assert caller(actor).get(f"exports/{job['id']}/file").status == 404
    assert caller(cast.giver_reporter).get(f"exports/{job['id']}/file").status == 403
    reader = caller(cast.giver, [Scope.PLAN])
    assert reader.get(f"exports/{job['id']}/file")["code"] == "scope_missing"


def test_who_may_not_take_out_asks_in_vain(cast: Cast, programme: Programme) -> None:
    assert asked(caller(cast.giver_reporter), programme).status == 403
    assert asked(caller(cast.stranger), programme).status == 404


def test_a_file_is_kept_for_a_week(cast: Cast, programme: Programme) -> None:
    there = caller(cast.giver)
    job = asked(there, programme, kind="xlsx")
    jobs.run(UUID(job["id"]), programme.pk)
    with clock.at(clock.now() + dt.timedelta(days=8)):
        late = there.get(f"exports/{job['id']}/file")
        assert (late.status, late["code"]) == (409, "export_forgotten")
