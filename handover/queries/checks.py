"""Sustainability checks as people read them: what is due, what each part says today, what was found, what warns."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Cast, Concat, JSONObject

from handover import clock, holdings
from handover.models import CheckWord, LedgerEntry, Post, Programme, Score, SustainabilityCheck, Transfer
from handover.models.checks import CheckState, Found, LookedAt
from handover.models.readiness import Wave
from handover.models.transfers import TransferState
from handover.models.undertakings import Outcome
from handover.narratives import narratives
from handover.queries import instruments, undertakings
from handover.queries.readiness import Round, rounds_of
from handover.queries.scoring import total
from handover.queries.sustained import Figure, Part, Stands, Verdict, Warned, Warns, stands, verdict
from handover.queries.undertakings import Told

OPENS_DAYS: Final = 60
"""Days before it is due from which on a check may be held, and people say what they found."""
MONTHS: Final = (6, 12, 24, 36, 48, 60)
"""After how many months checks are planned where nobody says otherwise."""
QUIET_DAYS: Final = 180
"""After so many days without an entry by whoever answers for a programme, that organisation is called silent."""

STANDS: Final = {Found.HOLDS: Stands.HOLDS, Found.WEAKER: Stands.WEAKER, Found.LOST: Stands.LOST}
KEPT: Final = {Outcome.KEPT: Stands.HOLDS, Outcome.PARTLY: Stands.WEAKER, Outcome.BROKEN: Stands.LOST}
PART_OF: Final = {
    LookedAt.SERVICES: Part.SERVICES,
    LookedAt.STAFF: Part.STAFF,
    LookedAt.EQUIPMENT: Part.EQUIPMENT,
    LookedAt.VOICE: Part.VOICE,
}


class State(StrEnum):
    """Where a check is."""

    AHEAD = "ahead"
    OPEN = "open"
    """It may be held."""
    OVERDUE = "overdue"
    HELD = "held"
    DROPPED = "dropped"


def first_day(transfer: Transfer) -> dt.date:
    """Give the receiver's first day after an executed transfer.

    Raises:
        ValueError: it was never executed.
    """
    if transfer.executed_at is None:
        raise ValueError("a transfer that was never executed hands nothing over")
    return transfer.executed_at.astimezone(clock.HOUSE_ZONE).date()


def state_of(row: SustainabilityCheck, today: dt.date) -> State:
    """Say where a check is."""
    if row.state != CheckState.PLANNED:
        return State(row.state)
    if row.due_on < today:
        return State.OVERDUE
    return State.OPEN if opens_on(row) <= today else State.AHEAD


def opens_on(row: SustainabilityCheck) -> dt.date:
    """Give the day from which on a check may be held."""
    return row.due_on - dt.timedelta(days=OPENS_DAYS)


def counts() -> Q:
    """Give the condition of checks that count: what was given back is not looked at any more."""
    return Q(transfer__state=TransferState.EXECUTED)


def rows(programme: Programme, *, cutoff: dt.datetime | None = None) -> QuerySet[SustainabilityCheck]:
    """Give a programme's checks with what people said, by their days, in two queries.

    Args:
        cutoff: nothing that was held or said after this instant is told.
    """
    known = Q() if cutoff is None else Q(said_at__lte=cutoff)
    said: QuerySet[CheckWord] = CheckWord.objects.filter(known).select_related("organisation")
    found: QuerySet[SustainabilityCheck] = (
        SustainabilityCheck.objects.filter(counts(), programme=programme)
        .select_related("programme", "transfer", "organisation")
        .prefetch_related(Prefetch("words", said.order_by("part", "id")))
        .order_by("due_on", "id")
    )
    return found if cutoff is None else found.exclude(held_at__gt=cutoff)


@dataclass(frozen=True)
class Watched:
    """A programme after its handover: its checks, and what they would say today."""

    checks: Sequence[SustainabilityCheck]
    today: dt.date

    @property
    def next(self) -> SustainabilityCheck | None:
        """Give the check that is due first of those that nobody has held."""
        return next((row for row in self.checks if row.state == CheckState.PLANNED), None)

    @property
    def last(self) -> SustainabilityCheck | None:
        """Give the check that was held last."""
        held = [row for row in self.checks if row.held_at is not None]
        return max(held, key=lambda row: (row.held_at, row.pk), default=None)

    @property
    def overdue(self) -> Sequence[SustainabilityCheck]:
        """Give the checks whose day is over and that nobody has held."""
        return [row for row in self.checks if state_of(row, self.today) is State.OVERDUE]


def watched(programme: Programme, *, cutoff: dt.datetime | None = None) -> Watched:
    """Read a programme's checks without what people said, in one query."""
    return Watched(list(rows(programme, cutoff=cutoff).prefetch_related(None)), clock.today())


@dataclass(frozen=True)
class After:
    """A programme after its handover: who answers for it, how long they have been silent, which checks are overdue."""

    programme: int
    steward: str
    since: dt.datetime | None
    """When they last recorded anything here; ``None`` where they never did."""
    days: int
    overdue: Sequence[tuple[int, dt.date]]
    """Months after the handover and the day of each check that nobody held in time."""

    @property
    def silent(self) -> bool:
        """Tell whether nothing was recorded for longer than ``QUIET_DAYS``."""
        return self.since is not None and self.days > QUIET_DAYS


def after_handovers(programmes: Collection[int]) -> list[After]:
    """Tell of the programmes among these, by their keys, that have checks, how they are kept; in one query.

    Who recorded something when is read from the ledger.
    """
    checked = SustainabilityCheck.objects.filter(counts(), programme=OuterRef("pk"))
    late = checked.filter(state=CheckState.PLANNED, due_on__lt=clock.today()).order_by("due_on", "id")
    name = Concat(
        Value('"organisation":"'),
        Cast(OuterRef("steward__uuid"), TextField()),
        Value('"'),
        output_field=TextField(),
    )
    own = LedgerEntry.objects.filter(chain=OuterRef("uuid"), body__contains=name).order_by("-seq")
    rows = (
        Programme.objects.filter(Exists(checked), pk__in=programmes)
        .annotate(
            last=Subquery(own.values("body")[:1]),
            late=ArraySubquery(late.values(json=JSONObject(months="months", due_on="due_on"))),
        )
        .order_by("id")
        .values_list("pk", "steward__name", "last", "late")
    )
    found = []
    for key, steward, body, overdue in rows:
        since = dt.datetime.fromisoformat(json.loads(body)["at"]) if body else None
        days = (clock.now() - since).days if since else 0
        missed = [(item["months"], dt.date.fromisoformat(item["due_on"])) for item in overdue]
        found.append(After(key, steward, since, days, missed))
    return found


def today_says(
    row: SustainabilityCheck,
    *,
    on: dt.date | None = None,
    cutoff: dt.datetime | None = None,
    promised: Sequence[Told] | None = None,
) -> Verdict:
    """Work out what a check says on a day: every part from what is recorded, and what people found by looking.

    Args:
        row: with its programme, transfer and words, as ``rows`` gives it.
        on: today, if not said.
        promised: the programme's undertakings as of that day, where they were read already.
    """
    day, since = on or clock.today(), first_day(row.transfer)
    figures, warnings = _held(row, since, day, cutoff)
    if promised is None:
        promised = undertakings.of_programme(row.programme, cutoff=cutoff, today=day)
    figures += _undertakings(promised)
    figures += _staff(row.programme, since, day)
    figures += _readiness(row.transfer, cutoff)
    figures += _words(row)
    return verdict(figures, warnings)


def warnings(
    row: SustainabilityCheck, *, on: dt.date | None = None, cutoff: dt.datetime | None = None
) -> list[Warned]:
    """Give the early warnings of a programme, what is below its floor first, looking ahead to a check."""
    return _held(row, first_day(row.transfer), on or clock.today(), cutoff)[1]


def _held(
    row: SustainabilityCheck, since: dt.date, on: dt.date, cutoff: dt.datetime | None
) -> tuple[list[Figure], list[Warned]]:
    """Ask every app for its figures and warnings."""
    figures: list[Figure] = []
    warned: list[Warned] = []
    for part in holdings.holdings():
        found, warns = part.sustained(row.programme, since, on, max(row.due_on, on), cutoff=cutoff)
        figures += found
        warned += warns
    order = list(Warns)
    return figures, sorted(warned, key=lambda item: order.index(item.warns))


def _undertakings(promised: Iterable[Told]) -> Iterator[Figure]:
    """Tell of each undertaking its last year of which something is known, or should be."""
    for told in promised:
        latest = told.latest
        if latest is None:
            continue
        outcome = latest.outcome
        known = latest.own is not None and outcome is not None
        yield Figure(
            part=Part.UNDERTAKINGS,
            stands=KEPT[outcome] if known and outcome is not None else Stands.UNKNOWN,
            title=narratives(f"{told.row.title} ({latest.year})"),
            uuid=str(told.row.uuid),
            before=told.row.quantity,
            now=latest.own.quantity if latest.own else None,
            unit=told.row.unit,
            why="" if known else "overdue",
            remark=latest.own.reason if latest.own else "",
        )


def _staff(programme: Programme, since: dt.date, on: dt.date) -> Iterator[Figure]:
    """Tell the full-time equivalents of the posts that ran on the day of the handover, and that run today."""
    sums = Post.objects.filter(programme=programme).aggregate(
        before=Sum("fte", filter=_runs(since)), now=Sum("fte", filter=_runs(on))
    )
    if sums["before"]:
        now = sums["now"] or Decimal(0)
        yield Figure(
            part=Part.STAFF, stands=stands(sums["before"], now), before=sums["before"], now=now, unit="FTE"
        )


def _runs(day: dt.date) -> Q:
    return Q(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


def _readiness(transfer: Transfer, cutoff: dt.datetime | None) -> Iterator[Figure]:
    """Tell the scores that were agreed after the handover, beside those before it."""
    before: dict[tuple[int, int | None], Round] = {}
    after: dict[tuple[int, int | None], Round] = {}
    for item in rounds_of(transfer.programme_id, until=cutoff):
        first = item.first
        key = (first.instrument_id, first.responsibility_id)
        if item.over and first.wave == Wave.BEFORE and first.transfer_id in (None, transfer.pk):
            before[key] = item
        elif item.over and first.wave != Wave.BEFORE and first.transfer_id == transfer.pk:
            after[key] = item
    for key, item in after.items():
        now, then = _score(item), _score(before[key]) if key in before else None
        yield Figure(
            part=Part.READINESS,
            stands=stands(then if then is not None else Decimal(100), now),
            title=item.first.instrument.title,
            before=then,
            now=now,
            score=now,
            unit="0–100",
        )


def _score(item: Round) -> Decimal | None:
    if item.agreed is None:
        return None
    scored = Score.objects.filter(assessment=item.agreed)
    return total(instruments.of(item.first.instrument), dict(scored.values_list("item", "score")))


def _words(row: SustainabilityCheck) -> Iterator[Figure]:
    for said in row.words.all():
        share = (
            min(Decimal(100), Decimal(100 * said.counted) / Decimal(said.expected))
            if said.counted is not None and said.expected
            else None
        )
        yield Figure(
            part=PART_OF[LookedAt(said.part)],
            stands=STANDS[Found(said.found)],
            before=None if said.expected is None else Decimal(said.expected),
            now=None if said.counted is None else Decimal(said.counted),
            said=said.organisation.name,
            remark=said.remark,
            score=None if share is None else round(share, 1),
        )
