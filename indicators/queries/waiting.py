"""What indicators wait for: values that are due, submissions that wait for approval, and those that came back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_noop

from handover import clock
from handover.access import Actor
from handover.models import Keep
from handover.models.transfers import KeepKind, TransferState
from handover.permissions import Permission
from handover.queries.seats import Reached, Seat
from handover.queries.tasks import HORIZON, Place, Task
from indicators.models import Draft, Indicator, Period, Submission, Value
from indicators.models.codes import SubmissionState
from indicators.queries.lateness import Span, covered, missing

REPORT: Final = (
    gettext_noop("Report the values for %(starts_on)s to %(ends_on)s (indicators: %(count)s)"),
    gettext_noop("Values are to be reported for %(starts_on)s to %(ends_on)s"),
)
APPROVE: Final = (
    gettext_noop("Values from %(organisation)s wait for your approval"),
    gettext_noop("Reported values wait for your approval"),
)
MEND: Final = (
    gettext_noop("Values that you handed in came back with a note: “%(title)s”"),
    gettext_noop("Values that you handed in came back with a note"),
)


def tasks(actor: Actor, seat: Seat) -> Iterator[Task]:
    """Give what waits here for a person by one seat, in two queries; in one more where results are still owed."""
    yield from _submissions(actor, seat)
    yield from _values(actor, seat)


def _anywhere(seat: Seat, permission: Permission) -> list[int]:
    """Give the programmes where a permission is held, on the whole or on one of its responsibilities."""
    return [
        key
        for key, here in seat.programmes.items()
        if here.may(permission) or any(permission in codes for codes in here.responsibilities.values())
    ]


# --- submissions ----------------------------------------------------------------------------------


def _submissions(actor: Actor, seat: Seat) -> Iterator[Task]:
    drafts = Draft.objects.filter(submission=OuterRef("pk")).order_by("indicator__responsibility_id")
    rows = Submission.objects.filter(
        Q(
            programme__in=_anywhere(seat, Permission.APPROVE_VALUES),
            state=SubmissionState.SUBMITTED,
        )
        | Q(
            programme__in=list(seat.programmes),
            state=SubmissionState.RETURNED,
            drafted_by=actor.user,
            organisation=actor.organisation,
        )
    ).annotate(asked=ArraySubquery(drafts.values("indicator__responsibility_id").distinct()))
    for row in rows.order_by("id"):
        here = seat.programmes[row.programme_id]
        if row.state == SubmissionState.RETURNED:
            said = {"title": row.title or "–"}
            yield _of_submission(actor, here, row, "submission.mend", MEND, said, row.decided_at)
        elif row.drafted_by_id != actor.user.pk and all(
            here.may(Permission.APPROVE_VALUES, key) for key in row.asked
        ):
            told = {"organisation": row.organisation_name}
            yield _of_submission(actor, here, row, "submission.approve", APPROVE, told, row.submitted_at)


def _of_submission(
    actor: Actor,
    here: Reached,
    row: Submission,
    kind: str,
    words: tuple[str, str],
    about: dict[str, object] | dict[str, str],
    since: dt.datetime | None,
) -> Task:
    return Task(
        kind=kind,
        subject=str(row.uuid),
        organisation=actor.organisation,
        text=words[0],
        plain=words[1],
        about=about,
        since=since,
        turn=since.isoformat() if since else "",
        programme=here.named,
        places=(
            ("submission", (row.uuid,)),
            ("submission", (here.named.uuid, row.uuid)),
            ("submissions", (here.named.uuid,)),
            *_pages(here),
        ),
    )


def _pages(here: Reached) -> tuple[Place, ...]:
    return (("indicators", (here.named.uuid,)), ("programme", (here.named.uuid,)))


# --- values ---------------------------------------------------------------------------------------

Slot = tuple[int, dt.date, dt.date, dt.date]
"""Programme, first and last day of what is missing, and the day on which it is due."""


def _values(actor: Actor, seat: Seat) -> Iterator[Task]:
    where = _anywhere(seat, Permission.REPORT_VALUES)
    owed = _owed(actor, seat)
    if not where and not owed:
        return
    today = clock.today()
    counted: Counter[Slot] = Counter()
    for row in _indicators(where, owed):
        here = seat.programmes[row.programme_id]
        reports = here.may(Permission.REPORT_VALUES, row.responsibility_id)
        promise = None if reports else owed.get(row.uuid)
        if reports or promise:
            counted.update(_slots(here, row, today, promise))
    for (key, starts_on, ends_on, due_on), count in sorted(counted.items(), key=lambda item: item[0]):
        here = seat.programmes[key]
        yield Task(
            kind="values.report",
            subject=f"{here.named.uuid}:{starts_on}:{ends_on}:{(due_on - ends_on).days}",
            organisation=actor.organisation,
            text=REPORT[0],
            plain=REPORT[1],
            about={"starts_on": starts_on, "ends_on": ends_on, "count": count},
            due_on=due_on,
            programme=here.named,
            places=(("report-values", (here.named.uuid,)), *_pages(here)),
        )


def _slots(here: Reached, row: Any, today: dt.date, promise: tuple[dt.date, dt.date] | None) -> set[Slot]:
    """Give what is missing of an indicator: of periods that are over, or due before long.

    Args:
        promise: of results that are owed after a handover, its day, and the last day on which they may be reported.
    """
    spans = [((_day(item["first"]), _day(item["last"])), item["there"]) for item in row.dated]
    handed_in = [(_day(item["first"]), _day(item["last"])) for item in row.handed_in]
    found: set[Slot] = set()
    for starts_on, ends_on, due_on in missing(row, today, spans, runs=(here.starts_on, here.ends_on)):
        span: Span = (starts_on, ends_on)
        near = ends_on < today or due_on <= today + dt.timedelta(days=HORIZON)
        if not near or covered(span, handed_in) or (promise and ends_on > promise[0]):
            continue
        found.add((here.id, starts_on, ends_on, min(due_on, promise[1]) if promise else due_on))
    return found


def _indicators(where: list[int], owed: dict[UUID, tuple[dt.date, dt.date]]) -> list[Indicator]:
    """Give the indicators that are reported on certain days, with their periods and what is handed in, in one query."""
    values = Value.objects.filter(period=OuterRef("pk"))
    periods = Period.objects.filter(
        indicator=OuterRef("pk"), starts_on__isnull=False, ends_on__isnull=False
    ).order_by("id")
    drafts = Draft.objects.filter(
        indicator=OuterRef("pk"), submission__state=SubmissionState.SUBMITTED
    ).order_by("id")
    rows = (
        Indicator.objects.filter(Q(programme__in=where) | Q(uuid__in=list(owed)), expression="")
        .exclude(frequency="", due_days=None)
        .annotate(
            dated=ArraySubquery(
                periods.values(json=JSONObject(first="starts_on", last="ends_on", there=Exists(values)))
            ),
            handed_in=ArraySubquery(drafts.values(json=JSONObject(first="starts_on", last="ends_on"))),
        )
    )
    return list(rows.order_by("programme_id", "id"))


def _owed(actor: Actor, seat: Seat) -> dict[UUID, tuple[dt.date, dt.date]]:
    """Give the indicators that the organisation still owes results for: the day of the handover, and the last day."""
    where = seat.where(Permission.REPORT_OWED)
    if not where:
        return {}
    rows = Keep.objects.filter(
        programme__in=where,
        kind=KeepKind.OWED_RESULTS,
        transfer__giver=actor.organisation,
        transfer__state=TransferState.EXECUTED,
        until__gte=clock.today(),
    ).values_list("indicator_uuids", "transfer__executed_at", "until")
    return {
        UUID(key): (executed.date(), until)
        for keys, executed, until in rows
        if executed is not None
        for key in keys
    }


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
