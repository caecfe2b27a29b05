"""Kinds of jobs to try the queue with: they cite legal acts, because those leave rows and ledger entries."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping

from handover import access, jobs
from handover.actions import jobs as jobs_actions
from handover.actions import registers
from handover.errors import Invalid
from handover.models import Job, LegalAct
from handover.permissions import Permission

SECRET = "what nobody should read"


def cite(call: jobs.Call, number: int) -> None:
    registers.cite(
        by=call.actor,
        programme_uuid=call.programme.uuid,
        issuer=call.actor.organisation,
        kind="contract",
        number=str(number),
        dated=dt.date(2024, 1, 1),
    )


@jobs.kind("test.cite", may=Permission.ADD_EVIDENCE)
def cite_many(call: jobs.Call) -> Mapping[str, object]:
    """Cite, taking some time for each; where it is slow at first only, a second start takes none."""
    count = int(call.arguments["count"])
    again = Job.objects.get(uuid=call.job).attempts > 1
    pause = 0 if again and call.arguments.get("slow_at_first") else call.arguments.get("milliseconds", 0)
    for number in range(1, count + 1):
        cite(call, number)
        call.progress(number, count, "Citing")
        time.sleep(pause / 1000)
    return {"cited": count, "channel": call.actor.channel, "job": call.job}


@jobs.kind("test.refuse", may=Permission.ADD_EVIDENCE)
def refuse(call: jobs.Call) -> Mapping[str, object]:
    cite(call, 1)
    raise Invalid("row_refused", "Row 7 is no number.", row=7)


@jobs.kind("test.break", may=Permission.ADD_EVIDENCE)
def break_down(call: jobs.Call) -> Mapping[str, object]:
    cite(call, 1)
    raise RuntimeError(SECRET)


@jobs.kind("test.count", may=Permission.VIEW)
def count_acts(call: jobs.Call) -> Mapping[str, object]:
    return {"acts": LegalAct.objects.filter(programme=call.programme).count()}


@jobs.kind("test.called_off", may=Permission.ADD_EVIDENCE)
def called_off(call: jobs.Call) -> Mapping[str, object]:
    """Be called off in the middle, as by another process."""
    cite(call, 1)
    beside = jobs.Beside()
    with beside.used(), access.asking(call.actor):
        jobs_actions.cancel(by=call.actor, job_uuid=call.job)
    beside.close()
    call.progress(1, 2)
    raise AssertionError("it went on")
