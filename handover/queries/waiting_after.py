"""What waits for a person after handovers: checks to hold, years of promises to show, and what audits ask."""

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
    """Give the checks that a person may hold now, the years that their institution owes, and what audits wait for, in
    one query."""
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(
            _WAITING,
            {
                "holds": seat.where(Permission.EDIT_PROGRAMME),
                "shows": seat.where(Permission.ADD_EVIDENCE),
                "answers": seat.where(Permission.ANSWER_AUDIT),
                "audits": seat.where(Permission.AUDIT),
                "organisation": seat.actor.organisation.pk,
                "user": seat.actor.user.pk,
                "now": clock.now(),
                "today": today,
                "opens": today + dt.timedelta(days=OPENS_DAYS),
            },
        )
        rows = cursor.fetchall()
    for kind, programme, uuid, place, title, months, due_on, first, last, month, day, said in rows:
        here = seat.programmes[programme]
        if kind == "check.hold":
            yield _task(seat, here, kind, str(uuid), {"months": months}, due_on, ("check", uuid))
            continue
        if kind != "undertaking.show":
            yield _task(seat, here, kind, str(uuid), {"title": title}, due_on, ("audit", place))
            continue
        promise = Undertaking(starts_on=first, ends_on=last, due_month=month, due_day=day)
        for year in span(promise, today):
            if year < today.year and year not in said:
                about = {"title": title, "year": str(year)}
                subject = f"{uuid}:{year}"
                shown = ("undertaking", uuid)
                yield _task(seat, here, kind, subject, about, due_on_of(promise, year), shown)


_NOTHING: Final = "NULL::date, NULL::date, 0, 0, NULL::int[]"
_AUDITED: Final = """(
  EXISTS (SELECT FROM handover_programme p WHERE p.id = {row}.programme_id AND p.steward_id = %(organisation)s)
  OR EXISTS (SELECT FROM handover_tenure t WHERE t.programme_id = {row}.programme_id AND t.capacity = 'holder'
                AND t.organisation_id = %(organisation)s AND t.valid @> %(today)s::date))"""

_WAITING: Final = f"""
SELECT 'check.hold', c.programme_id, c.uuid, NULL::uuid, '' AS title, c.months, c.due_on, {_NOTHING}
  FROM handover_sustainabilitycheck c JOIN handover_transfer t ON t.id = c.transfer_id
 WHERE c.programme_id = ANY(%(holds)s) AND c.state = '{CheckState.PLANNED.value}' AND c.due_on <= %(opens)s
   AND t.state = '{TransferState.EXECUTED.value}'
UNION ALL
SELECT 'undertaking.show', u.programme_id, u.uuid, NULL, u.title, 0, NULL, u.starts_on, u.ends_on, u.due_month,
       u.due_day, ARRAY(SELECT y.year::int FROM handover_undertakingyear y
              WHERE y.undertaking_id = u.id AND y.organisation_id = ANY (mine.keys))
  FROM handover_undertaking u, (SELECT handover_forebears(%(organisation)s) AS keys) AS mine
 WHERE u.programme_id = ANY(%(shows)s) AND u.organisation_id = ANY (mine.keys)
UNION ALL
SELECT 'audit.announced', e.programme_id, e.uuid, e.uuid, e.title, 0, (e.starts_at AT TIME ZONE 'UTC')::date, {_NOTHING}
  FROM handover_auditengagement e
 WHERE e.programme_id = ANY(%(answers)s) AND e.withdrawn_at IS NULL AND e.starts_at > %(now)s
   AND {_AUDITED.format(row="e")}
UNION ALL
SELECT 'audit.answer', r.programme_id, r.uuid, e.uuid, r.title, 0, r.due_on, {_NOTHING}
  FROM handover_auditrequest r JOIN handover_auditengagement e ON e.id = r.engagement_id
 WHERE r.programme_id = ANY(%(answers)s) AND r.state IN ('open', 'returned') AND e.withdrawn_at IS NULL
   AND {_AUDITED.format(row="r")}
UNION ALL
SELECT 'audit.reply', f.programme_id, f.uuid, e.uuid, f.title, 0, f.due_on, {_NOTHING}
  FROM handover_auditfinding f JOIN handover_auditengagement e ON e.id = f.engagement_id
 WHERE f.programme_id = ANY(%(answers)s) AND f.state = 'shared' AND {_AUDITED.format(row="f")}
UNION ALL
SELECT 'audit.close', f.programme_id, f.uuid, e.uuid, f.title, 0, f.due_on, {_NOTHING}
  FROM handover_auditfinding f JOIN handover_auditengagement e ON e.id = f.engagement_id
 WHERE f.programme_id = ANY(%(audits)s) AND f.state = 'closing' AND e.auditor_id = %(organisation)s
   AND e.starts_at <= %(now)s AND e.ends_at > %(now)s AND f.closure_proposed_by_id <> %(user)s
 ORDER BY 7 NULLS LAST, 3
"""


def _task(
    seat: Seat,
    here: Reached,
    kind: str,
    subject: str,
    about: Mapping[str, object],
    due_on: dt.date | None,
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
