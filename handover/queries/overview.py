"""Where a programme stands: who has answered for it, how far its transfers are, and what is ahead."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery

from handover import clock
from handover.models import (
    BudgetStep,
    Contract,
    Grant,
    LegalAct,
    Licence,
    Obligation,
    Post,
    Premises,
    Programme,
    Standing,
    Transfer,
    TransferMilestone,
)
from handover.models.base import InProgramme
from handover.models.obligations import Applies
from handover.models.transfers import OPEN_STATES, TransferState
from handover.permissions import StandingKind
from handover.queries.budget_calendar import day_of

FAR: Final = dt.timedelta(days=365)
"""How far ahead the page looks."""
BEHIND: Final = dt.timedelta(days=90)
"""How long after its day something that is over is still told."""
MOST: Final = 12
"""So much of what is ahead is told."""


@dataclass(frozen=True)
class Turn:
    """A span during which an organisation answered for a programme; ``until`` is ``None`` while it does."""

    organisation: str
    since: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True)
class Progress:
    """A transfer, and how far it is."""

    uuid: UUID
    title: str
    giver: str
    receiver: str
    state: TransferState
    lead: bool
    back: bool
    """It gives back what another one had moved."""
    done: int
    steps: int
    next_uuid: UUID | None
    next_title: str
    next_due: dt.date | None
    executed_at: dt.datetime | None

    @property
    def open(self) -> bool:
        """Tell whether it is still under way."""
        return self.state in OPEN_STATES

    @property
    def late(self) -> bool:
        """Tell whether its next step is over its day."""
        return self.open and self.next_due is not None and self.next_due < clock.today()


class Ends(StrEnum):
    """What happens on a day that is ahead."""

    RETENTION = "retention"
    STANDING = "standing"
    GRANT = "grant"
    CONTRACT = "contract"
    LICENCE = "licence"
    PREMISES = "premises"
    POST = "post"
    LEGAL_ACT = "legal_act"
    OBLIGATION = "obligation"
    BUDGET_STEP = "budget_step"


RENEWED: Final = frozenset({Ends.CONTRACT, Ends.LICENCE, Ends.PREMISES, Ends.LEGAL_ACT})
"""What somebody has to renew: of it alone is told that it is over."""


@dataclass(frozen=True)
class Ahead:
    """Something with a day, in a programme."""

    kind: Ends
    title: str
    whose: str
    """An organisation, or the responsibility that it belongs to; empty where there is none."""
    on: dt.date
    uuid: UUID
    over: bool


def turns(programme: Programme, *, cutoff: dt.datetime | None = None) -> list[Turn]:
    """Give who answered for a programme, the first first, in one query; nothing that began after ``cutoff``."""
    rows = Standing.objects.filter(programme=programme, kind=StandingKind.STEWARD)
    found = [
        Turn(row.organisation.name, row.valid.lower, row.valid.upper)
        for row in rows.select_related("organisation").order_by("valid")
    ]
    if cutoff is None:
        return found
    known = [turn for turn in found if turn.since <= cutoff]
    return [
        Turn(turn.organisation, turn.since, turn.until if turn.until and turn.until <= cutoff else None)
        for turn in known
    ]


def progress(programme: Programme, *, cutoff: dt.datetime | None = None) -> list[Progress]:
    """Give a programme's transfers, those under way first, each with its next step, in one query."""
    left = TransferMilestone.objects.filter(transfer=OuterRef("pk"), done_at__isnull=True).order_by(
        "due_on", "id"
    )
    rows = (
        Transfer.objects.filter(programme=programme)
        .select_related("giver", "receiver")
        .annotate(
            done=Count("milestones", filter=Q(milestones__done_at__isnull=False)),
            steps=Count("milestones"),
            next_uuid=Subquery(left.values("uuid")[:1]),
            next_title=Subquery(left.values("title")[:1]),
            next_due=Subquery(left.values("due_on")[:1]),
        )
        .order_by("id")
    )
    if cutoff is not None:
        rows = rows.filter(executed_at__lte=cutoff)
    found = [_progress(row) for row in rows]
    return sorted(found, key=lambda item: (not item.open, not item.lead))


def _progress(row: Any) -> Progress:
    return Progress(
        uuid=row.uuid,
        title=row.title,
        giver=row.giver.name,
        receiver=row.receiver.name,
        state=TransferState(row.state),
        lead=row.lead,
        back=row.reverses_id is not None,
        done=row.done,
        steps=row.steps,
        next_uuid=row.next_uuid,
        next_title=row.next_title or "",
        next_due=row.next_due,
        executed_at=row.executed_at,
    )


def ahead(programme: Programme, *, today: dt.date | None = None) -> list[Ahead]:
    """Give what has its day within a year, or had it lately and is over, in one query, the nearest first."""
    day = today or clock.today()
    between = (day - BEHIND, day + FAR)
    found = []
    for kind, title, whose, fixed, uuid, *rule in _dated(programme, between):
        on = fixed or _next(rule, day)
        if (day <= on <= between[1]) or (on < day and kind in RENEWED):
            found.append(Ahead(Ends(kind), title, whose, on, uuid, on < day))
    return sorted(found, key=lambda item: (item.on, item.kind, item.title))


def _dated(programme: Programme, between: tuple[dt.date, dt.date]) -> Sequence[tuple[Any, ...]]:
    """Give what has a day of its own in a span, and the rules of what comes back each year."""
    first, last = between
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(), {"programme": programme.pk, "first": first, "last": last, "now": clock.now()}
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


_DATED: Final[Sequence[tuple[Ends, type[InProgramme], str, str, str]]] = (
    (Ends.GRANT, Grant, "ends_on", "title", "donor"),
    (Ends.CONTRACT, Contract, "valid_to", "title", "responsibility"),
    (Ends.LICENCE, Licence, "valid_to", "title", "responsibility"),
    (Ends.PREMISES, Premises, "valid_to", "title", "responsibility"),
    (Ends.POST, Post, "ends_on", "title", "responsibility"),
    (Ends.LEGAL_ACT, LegalAct, "in_force_to", "number", "issuer"),
    (Ends.OBLIGATION, Obligation, "ends_on", "title", "debtor"),
    (Ends.RETENTION, Transfer, "retention_until", "title", "giver"),
)
"""What has a day: the column of its day, that of its title, and whose it is."""

_ONLY: Final[Mapping[Ends, str]] = {
    Ends.OBLIGATION: f"AND r.applies <> '{Applies.NO.value}'",
    Ends.RETENTION: "AND r.executed_at IS NOT NULL",
}


@cache
def _statement() -> str:
    """Write the query once: as many parts cost the ORM more to put together than the database to answer."""
    return " UNION ALL ".join([*(_part(*row) for row in _DATED), _STANDINGS, _STEPS])


def _part(kind: Ends, model: type[InProgramme], day: str, title: str, whose: str) -> str:
    key: Any = model._meta.get_field(whose)
    named = "title" if whose == "responsibility" else "name"
    return (
        f"SELECT '{kind.value}', r.{title}::text, w.{named}::text, r.{day}, r.uuid, 0, 0, 0"
        f" FROM {model._meta.db_table} r JOIN {key.related_model._meta.db_table} w ON w.id = r.{key.column}"
        f" WHERE r.programme_id = %(programme)s AND r.{day} BETWEEN %(first)s AND %(last)s {_ONLY.get(kind, '')}"
    )


_STANDINGS: Final = f"""
SELECT '{Ends.STANDING.value}', r.kind::text, w.name::text, (upper(r.valid) AT TIME ZONE 'UTC')::date, w.uuid, 0, 0, 0
  FROM handover_standing r JOIN handover_organisation w ON w.id = r.organisation_id
 WHERE r.programme_id = %(programme)s AND upper(r.valid) > %(now)s
   AND (upper(r.valid) AT TIME ZONE 'UTC')::date <= %(last)s
   AND r.kind NOT IN ('{StandingKind.STEWARD.value}', '{StandingKind.FORMER_STEWARD.value}')
"""
_STEPS: Final = f"""
SELECT '{Ends.BUDGET_STEP.value}', r.title::text, w.name::text, NULL::date, r.uuid, r.month, r.day, r.years_before
  FROM handover_budgetstep r JOIN handover_organisation w ON w.id = r.organisation_id
 WHERE r.programme_id = %(programme)s
"""


def _next(rule: Sequence[int], today: dt.date) -> dt.date:
    """Give the next day of a council's budget calendar, by the rule of its step."""
    month, day, years_before = rule
    step = BudgetStep(month=month, day=day, years_before=years_before)
    return next(on for year in itertools.count(today.year - 1) if (on := day_of(step, year)) >= today)
