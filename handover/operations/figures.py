"""The installation's own figures: its queue, its mails, its size. Numbers alone; nothing of any programme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from handover import clock, jobs
from handover.models.reminders import LetterState

OPEN_MAILS: Final = (
    LetterState.WAITING,
    LetterState.SENDING,
    LetterState.DOUBTFUL,
    LetterState.GIVEN_UP,
)
"""What a mail is that has not ended well; how many there were in all is nobody's worry."""

QUEUE: Final = """
    SELECT j.task_name,
           CASE WHEN j.status = 'todo' AND j.scheduled_at > now() THEN 'later'
                WHEN j.status = 'todo' THEN 'waiting'
                WHEN j.status = 'doing' THEN 'running' ELSE 'failed' END AS state,
           count(*),
           max(extract(epoch FROM now() - greatest(j.scheduled_at, e.at))),
           count(j.scheduled_at) FILTER (WHERE j.status = 'todo')
      FROM procrastinate_jobs j
      LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events
                          WHERE job_id = j.id AND type = 'deferred') e ON true
     WHERE j.status IN ('todo', 'doing', 'failed')
     GROUP BY 1, 2
"""
REST: Final = """
    SELECT (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'),
           pg_database_size(current_database()),
           (SELECT max(made_at) FROM handover_checkpoint)
"""
MAILS: Final = "SELECT state, count(*) FROM handover_letter WHERE state = ANY (%s) GROUP BY state"


@dataclass(frozen=True)
class Figures:
    """What there is to count."""

    jobs: Mapping[tuple[str, str], int]
    """By task and state (waiting, later, running, failed)."""
    oldest: int
    """Seconds that the oldest job has waited which could be done at once; 0 where none waits."""
    workers: int
    """Workers that were heard of in the last minute."""
    webhooks_failing: int
    """Messages to webhooks that failed at least once and wait to be tried again."""
    mails: Mapping[str, int]
    """Mails that are not sent yet, or never will be, by state."""
    database_bytes: int
    checkpoint_at: dt.datetime | None


def figures() -> Figures:
    """Count."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUE)
        rows = cursor.fetchall()
        cursor.execute(MAILS, [[state.value for state in OPEN_MAILS]])
        mails = {state.value: 0 for state in OPEN_MAILS} | dict(cursor.fetchall())
        cursor.execute(REST)
        workers, size, checkpoint_at = cursor.fetchone() or (0, 0, None)
    return Figures(
        jobs={(task, state): number for task, state, number, _, _ in rows},
        oldest=max((int(age or 0) for _, state, _, age, _ in rows if state == "waiting"), default=0),
        workers=workers,
        webhooks_failing=sum(again for task, _, _, _, again in rows if task == jobs.DELIVER),
        mails=mails,
        database_bytes=size,
        checkpoint_at=checkpoint_at,
    )


def age(instant: dt.datetime) -> int:
    """Give how many seconds ago something was; 0 for what a clock that went wrong puts into the future."""
    return max(0, int((clock.now() - instant).total_seconds()))
