"""Imports by a worker: the same code, once, with what is wrong kept on the job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from handover.access import asking
from handover.actions.jobs import run
from handover.errors import NotFound
from handover.models import Job
from handover.queries.jobs import job_for, status
from indicators.jobs import enqueue
from tests.indicators.imports.ground import Ground, how
from tests.indicators.sheets.broken_files import lines

pytestmark = pytest.mark.django_db

SHEET = lines("Indicator;Period;Gender;Value", "Children enrolled;2026Q1;women;5", "I1.1;2026Q1;men;4")
WRONG = SHEET.replace(b"men;4", b"men;many")


def asked(ground: Ground, content: bytes, **said: Any) -> Job:
    """Ask for an import."""
    return enqueue(ground.by, ground.programme.uuid, ground.file(content), name="values.csv", how=how(**said))


def done(ground: Ground, job: Job) -> dict[str, Any]:
    """Do it as a worker would, and tell how it ended."""
    run(job.uuid, ground.programme.pk)
    with asking(ground.by):
        return status(job_for(ground.by, job.uuid))


def kept(ground: Ground) -> list[Path]:
    """Give the files in the programme's store."""
    return [
        path for path in Path(settings.MEDIA_ROOT, str(ground.programme.uuid)).rglob("*") if path.is_file()
    ]


def test_a_worker_imports_a_file_and_tells_what_came_of_it(ground: Ground) -> None:
    ended = done(ground, asked(ground, SHEET))
    assert ended["state"] == "done"
    assert {name: ended["result"][name] for name in ("new", "changed", "same", "entered")} == {
        "new": 2,
        "changed": 0,
        "same": 0,
        "entered": 2,
    }
    assert ended["progress"]["phase"] == "checking and entering"
    assert [row[2:4] for row in ground.values()] == [("gender=men", "4"), ("gender=women", "5")]


def test_the_same_file_read_in_the_same_way_is_one_job(ground: Ground) -> None:
    first = asked(ground, SHEET)
    assert asked(ground, SHEET).uuid == first.uuid
    done(ground, first)
    assert asked(ground, SHEET).uuid == first.uuid
    assert asked(ground, SHEET, decimal=",").uuid != first.uuid


def test_a_refused_job_says_which_cell_is_wrong_and_the_file_is_not_kept(ground: Ground) -> None:
    before = kept(ground)
    job = asked(ground, WRONG)
    assert len(kept(ground)) == len(before) + 1
    ended = done(ground, job)
    assert ended["state"] == "refused"
    assert ended["error"]["sentence"] == "Nothing was imported. D3: “many” is no number."
    assert ended["error"]["details"]["problems"] == [
        {"line": 3, "code": "not_a_number", "sentence": "“many” is no number.", "column": "value", "at": "D3"}
    ]
    assert kept(ground) == before
    assert ground.values() == []


def test_what_was_refused_may_be_asked_for_again(ground: Ground) -> None:
    first = asked(ground, WRONG)
    done(ground, first)
    again = asked(ground, WRONG)
    assert again.uuid != first.uuid
    assert again.state == "waiting"


def test_questions_refuse_a_job(ground: Ground) -> None:
    ended = done(ground, asked(ground, SHEET.replace(b";5", b";1.100")))
    assert (ended["state"], ended["error"]["code"]) == ("refused", "questions")


def test_another_tenant_asks_in_vain(ground: Ground) -> None:
    with pytest.raises(NotFound):
        enqueue(ground.cast.stranger, ground.programme.uuid, ground.file(SHEET), name="values.csv")
