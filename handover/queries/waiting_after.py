"""What waits for a person after handovers: checks to hold, and years of promises to show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from django.db import connection

from handover import clock
from handover.models import Undertaking
from handover.models.checks import CheckState
from handover.models.transfers import TransferState
from handover.permissions import Permission
from handover.queries.checks import OPENS_DAYS
from handover.queries.seats import Reached, Seat
from handover.queries.tasks import WORDINGS, Task
from handover.queries.undertakings import due_on as due_on_of
from handover.queries.undertakings import span


def tasks(seat: Seat) -> Iterator[Task]:
    """Give the checks that a person may hold now, and the years that their institution owes, in one query."""
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(
            _WAITING,
            {
                "holds": seat.where(Permission.EDIT_PROGRAMME),
                "shows": seat.where(Permission.ADD_EVIDENCE),
                "organisation": seat.actor.organisation.pk,
                "opens": today + dt.timedelta(days=OPENS_DAYS),
            },
        )
        rows = cursor.fetchall()
    for programme, uuid, title, months, due_on, first, last, month, day, said in rows:
        here = seat.programmes[programme]
        if due_on is not None:
            yield _task(seat, here, "check.hold", str(uuid), {"months": months}, due_on, ("check", uuid))
            continue
        promise = Undertaking(starts_on=first, ends_on=last, due_month=month, due_day=day)
        for year in span(promise, today):
            if year < today.year and year not in said:
                about = {"title": title, "year": str(year)}
                place = ("undertaking", uuid)
                subject = f"{uuid}:{year}"
                yield _task(seat, here, "undertaking.show", subject, about, due_on_of(promise, year), place)


_WAITING: Final = f"""
SELECT c.programme_id, c.uuid, '' AS title, c.months, c.due_on, NULL::date, NULL::date, 0, 0, NULL::int[]
  FROM handover_sustainabilitycheck c JOIN handover_transfer t ON t.id = c.transfer_id
 WHERE c.programme_id = ANY(%(holds)s) AND c.state = '{CheckState.PLANNED.value}' AND c.due_on <= %(opens)s
   AND t.state = '{TransferState.EXECUTED.value}'
UNION ALL
SELECT u.programme_id, u.uuid, u.title, 0, NULL, u.starts_on, u.ends_on, u.due_month, u.due_day,
       ARRAY(SELECT y.year::int FROM handover_undertakingyear y
              WHERE y.undertaking_id = u.id AND y.organisation_id = ANY (mine.keys))
  FROM handover_undertaking u, (SELECT handover_forebears(%(organisation)s) AS keys) AS mine
 WHERE u.programme_id = ANY(%(shows)s) AND u.organisation_id = ANY (mine.keys)
 ORDER BY 5 NULLS LAST, 2
"""


def _task(
    seat: Seat,
    here: Reached,
    kind: str,
    subject: str,
    about: Mapping[str, object],
    due_on: dt.date,
    place: tuple[str, UUID],
) -> Task:
    wording = WORDINGS[kind]
    return Task(
        kind=kind,
        subject=subject,
        organisation=seat.actor.organisation,
        text=wording.text,
        plain=wording.plain,
        about=about,
        due_on=due_on,
        programme=here.named,
        places=(
            (place[0], (here.named.uuid, place[1])),
            ("after", (here.named.uuid,)),
            ("programme", (here.named.uuid,)),
        ),
    )
