"""Undertakings as people read them: what was promised, what is due of which year, what was said, what depends on it."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, CharField, F, Func, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Cast, JSONObject

from handover import holdings
from handover.holdings import Depends
from handover.models import Programme, Undertaking, UndertakingResponsibility, UndertakingYear
from handover.models.undertakings import Outcome
from handover.queries.obligations import today_of

WORSE: Final = {Outcome.KEPT: 0, Outcome.PARTLY: 1, Outcome.BROKEN: 2}
"""How bad an outcome is."""


class YearState(StrEnum):
    """Where a year of an undertaking is."""

    RUNNING = "running"
    """The year is not over."""
    AWAITED = "awaited"
    """It is over, and the institution still has time to show what it did."""
    OVERDUE = "overdue"
    """The institution has said nothing, and its day is over."""
    KEPT = "kept"
    PARTLY = "partly"
    BROKEN = "broken"
    CONTESTED = "contested"
    """Somebody else says less than the institution does."""


@dataclass(frozen=True)
class Year:
    """A year of an undertaking: by when its evidence is due, what the institution says, and what others say."""

    year: int
    due_on: dt.date
    own: UndertakingYear | None
    others: Sequence[UndertakingYear]
    state: YearState

    @property
    def outcome(self) -> Outcome | None:
        """Give the least that anybody says; nothing where nobody has said anything."""
        said = [Outcome(row.outcome) for row in (self.own, *self.others) if row is not None]
        return max(said, key=WORSE.__getitem__, default=None)


@dataclass(frozen=True)
class Told:
    """An undertaking with its years, the latest first."""

    row: Undertaking
    years: Sequence[Year]
    depending: Sequence[str]
    """Titles of the responsibilities that depend on it."""

    @property
    def latest(self) -> Year | None:
        """Give the last year of which somebody said something, or which is overdue."""
        quiet = (YearState.RUNNING, YearState.AWAITED)
        return next((year for year in self.years if year.state not in quiet), None)

    @property
    def state(self) -> YearState:
        """Say where the undertaking is: where its latest year is; while there is none, it runs."""
        return self.latest.state if self.latest else YearState.RUNNING

    @property
    def overdue(self) -> Sequence[Year]:
        """Give the years of which the institution has said nothing in time."""
        return [year for year in self.years if year.state is YearState.OVERDUE]


HEIRS: Final = Func(
    F("organisation_id"), function="handover_heirs", output_field=ArrayField(BigIntegerField())
)
"""Who came after the institution that promised: primary keys of organisations."""


def due_on(row: Undertaking, year: int) -> dt.date:
    """Give the day by which evidence of a year is due: in the year after; 31 February is its last day."""
    last = calendar.monthrange(year + 1, row.due_month)[1]
    return dt.date(year + 1, row.due_month, min(row.due_day, last))


def span(row: Undertaking, today: dt.date) -> range:
    """Give the years of an undertaking that have begun."""
    last = min(today.year, row.ends_on.year) if row.ends_on else today.year
    return range(row.starts_on.year, last + 1)


def rows(programme: Programme, *, cutoff: dt.datetime | None = None) -> QuerySet[Undertaking]:
    """Give a programme's undertakings with what was said of their years and what depends on them, in three queries.

    Args:
        cutoff: nothing that was said after this instant is told.
    """
    known = Q() if cutoff is None else Q(said_at__lte=cutoff)
    said: QuerySet[UndertakingYear] = (
        UndertakingYear.objects.filter(known).select_related("organisation", "file").order_by("year", "id")
    )
    depending: QuerySet[UndertakingResponsibility] = UndertakingResponsibility.objects.select_related(
        "responsibility"
    ).order_by("responsibility__title", "id")
    found: QuerySet[Undertaking] = (
        Undertaking.objects.filter(programme=programme)
        .select_related("organisation", "legal_act", "programme")
        .prefetch_related(Prefetch("years", said), Prefetch("dependents", depending))
        .annotate(heirs=HEIRS)
        .order_by("kind", "starts_on", "id")
    )
    return found


def of_programmes(
    programmes: Iterable[int], *, cutoff: dt.datetime | None = None, today: dt.date | None = None
) -> list[Told]:
    """Give the undertakings of programmes by their keys, with their years and what depends on them, in one query.

    Of what was said of a year it gives who said what, how much and why; the rest is not read.
    """
    known = Q() if cutoff is None else Q(said_at__lte=cutoff)
    said = UndertakingYear.objects.filter(known, undertaking=OuterRef("pk")).order_by("year", "id")
    depending = UndertakingResponsibility.objects.filter(undertaking=OuterRef("pk"))
    rows = (
        Undertaking.objects.filter(programme__in=list(programmes))
        .select_related("organisation")
        .annotate(
            heirs=HEIRS,
            spoken=ArraySubquery(
                said.values(
                    json=JSONObject(
                        year="year",
                        organisation_id="organisation_id",
                        outcome="outcome",
                        quantity=Cast("quantity", CharField()),
                        reason="reason",
                    )
                )
            ),
            depending=ArraySubquery(
                depending.order_by("responsibility__title", "id").values("responsibility__title")
            ),
        )
        .order_by("kind", "starts_on", "id")
    )
    return [_lean(row, today) for row in rows]


def _lean(row: Any, today: dt.date | None) -> Told:
    said = [
        UndertakingYear(
            undertaking=row, **{**item, "quantity": Decimal(item["quantity"]) if item["quantity"] else None}
        )
        for item in row.spoken
    ]
    return told(row, said=said, depending=row.depending, today=today)


def of_programme(
    programme: Programme, *, cutoff: dt.datetime | None = None, today: dt.date | None = None
) -> list[Told]:
    """Give a programme's undertakings with their years, as ``of_programmes``, in one query."""
    return of_programmes([programme.pk], cutoff=cutoff, today=today)


def whole(row: Undertaking, *, today: dt.date | None = None) -> Told:
    """Give one undertaking, as ``rows`` reads it, with all that was said."""
    depending = [item.responsibility.title for item in row.dependents.all()]
    return told(row, said=row.years.all(), depending=depending, today=today)


def resting(row: Undertaking) -> list[Depends]:
    """Name what the apps hold that is met only as long as an undertaking is: needs, through the responsibilities that
    depend on it. ``row`` as ``rows`` reads it."""
    keys = [item.responsibility_id for item in row.dependents.all()]
    if not keys:
        return []
    return [each for holding in holdings.holdings() for each in holding.depending(row.programme, keys)]


def told(
    row: Undertaking,
    *,
    said: Iterable[UndertakingYear],
    depending: Sequence[str] = (),
    today: dt.date | None = None,
) -> Told:
    """Say of each year where it is, on the clocks of the institution's country.

    Args:
        depending: titles of the responsibilities that depend on it.
    """
    day = today or today_of(row.organisation)
    by_year: dict[int, list[UndertakingYear]] = {}
    for item in said:
        by_year.setdefault(item.year, []).append(item)
    years = sorted({*span(row, day), *by_year}, reverse=True)
    return Told(row, [_year(row, year, by_year.get(year, []), day) for year in years], depending)


def _year(row: Undertaking, year: int, said: Sequence[UndertakingYear], today: dt.date) -> Year:
    # Whoever came after the institution speaks for it from then on: its word is the later one.
    bound = {row.organisation_id, *getattr(row, "heirs", ())}
    own = next((item for item in reversed(said) if item.organisation_id in bound), None)
    others = [item for item in said if item is not own]
    due = due_on(row, year)
    return Year(year, due, own, others, _state(own, others, year, due, today))


def _state(own: Any, others: Sequence[Any], year: int, due: dt.date, today: dt.date) -> YearState:
    if own is not None:
        less = any(WORSE[Outcome(item.outcome)] > WORSE[Outcome(own.outcome)] for item in others)
        return YearState.CONTESTED if less else YearState(own.outcome)
    if today > due:
        return YearState.OVERDUE
    return YearState.AWAITED if today.year > year else YearState.RUNNING
