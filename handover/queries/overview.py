"""Where a programme stands: who has answered for it, how far its transfers are, and what is ahead."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    CharField,
    Count,
    DateField,
    F,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Subquery,
    Value,
)
from django.db.models.functions import Cast

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
NO_RULE: Final = {
    name: Value(0, output_field=SmallIntegerField()) for name in ("month", "day", "years_before")
}
"""What a step of a budget calendar has in place of a day."""


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
    parts = [
        _part(Ends.GRANT, Grant, "ends_on", "donor__name"),
        _part(Ends.CONTRACT, Contract, "valid_to", "responsibility__title"),
        _part(Ends.LICENCE, Licence, "valid_to", "responsibility__title"),
        _part(Ends.PREMISES, Premises, "valid_to", "responsibility__title"),
        _part(Ends.POST, Post, "ends_on", "responsibility__title"),
        _part(Ends.LEGAL_ACT, LegalAct, "in_force_to", "issuer__name", title="number"),
        _part(Ends.RETENTION, Transfer, "retention_until", "giver__name"),
    ]
    duties = Obligation.objects.exclude(applies=Applies.NO)
    parts.append(_part(Ends.OBLIGATION, duties, "ends_on", "debtor__name"))
    rows = [part.filter(programme=programme, on__range=between) for part in parts]
    standings = (
        Standing.objects.filter(
            programme=programme, valid__endswith__date__lte=between[1], valid__endswith__gt=clock.now()
        )
        .exclude(kind__in=(StandingKind.STEWARD, StandingKind.FORMER_STEWARD))
        .annotate(told=_text(Ends.STANDING), on=Cast("valid__endswith", DateField()), **NO_RULE)
        .order_by()
        .values_list(
            "told", Cast("kind", CharField()), "organisation__name", "on", "organisation__uuid", *NO_RULE
        )
    )
    steps = (
        BudgetStep.objects.filter(programme=programme)
        .annotate(told=_text(Ends.BUDGET_STEP), on=Value(None, output_field=DateField()))
        .order_by()
        .values_list("told", "title", "organisation__name", "on", "uuid", *NO_RULE)
    )
    return list(rows[0].union(*rows[1:], standings, steps, all=True))


def _part(kind: Ends, model: Any, day: str, whose: str, *, title: str = "title") -> QuerySet[Any, Any]:
    among = model if isinstance(model, QuerySet) else model._default_manager
    rows = among.annotate(told=_text(kind), on=F(day))
    if model is Transfer:
        rows = rows.filter(executed_at__isnull=False)
    found: QuerySet[Any, Any] = rows.order_by().values_list(
        "told", title, whose, "on", "uuid", *NO_RULE.values()
    )
    return found


def _text(kind: Ends) -> Value:
    return Value(kind.value, output_field=CharField())


def _next(rule: Sequence[int], today: dt.date) -> dt.date:
    """Give the next day of a council's budget calendar, by the rule of its step."""
    step = BudgetStep(**dict(zip(NO_RULE, rule, strict=True)))
    return next(on for year in itertools.count(today.year - 1) if (on := day_of(step, year)) >= today)
