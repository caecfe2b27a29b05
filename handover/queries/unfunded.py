"""What nobody pays once a programme has changed hands: posts and other costs, month by month.

A post is needed as much as it was on the last day before: what an employer had of it under one responsibility and one
title (as ``queries.posts`` joins them). Costs are needed as the lines of the handover's year have them, else those of
the year before. The grant pays until its last day and no longer. Posts that are only planned, and lines that are only
asked for, are told apart: nobody has decided on them. What is phased out is not needed any more. What posts cost is
part of most budget lines, so the two are never added up.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery

from handover import clock
from handover.errors import Invalid
from handover.models import (
    Grant,
    Post,
    PostFunding,
    Programme,
    Responsibility,
    Transfer,
    TransferMilestone,
    TransferResponsibility,
)
from handover.models.registers import PostStage, Source
from handover.models.responsibilities import Phase
from handover.models.transfers import OPEN_STATES, TransferState
from handover.queries.budgets import Standing, common_currency, converted, lines_standing
from handover.queries.currencies import CENT, Rates, rates
from handover.queries.posts import DAY, WHOLE, posts_of, spells

ZERO: Final = Decimal(0)
MONTHS: Final = 24
"""Months that are told."""
ASKED: Final = frozenset({PostStage.PLANNED.value, PostStage.IN_ORGANIGRAM.value})
"""Stages of a post for which nobody has decided on money."""


class Since(StrEnum):
    """From what the day of the handover is known."""

    EXECUTED = "executed"
    PLANNED = "planned"
    GRANT = "grant"
    TODAY = "today"


@dataclass
class Gap:
    """What one post or one responsibility's lines lack in one month: not paid at all, and paid if it is decided."""

    fte: Decimal = ZERO
    cost: Decimal | None = ZERO
    """``None`` where nobody knows what the post costs."""
    undecided_fte: Decimal = ZERO
    undecided: Decimal | None = ZERO

    @property
    def any(self) -> bool:
        """Tell whether something lacks."""
        return bool(self.fte or self.cost or self.undecided_fte or self.undecided)


@dataclass(frozen=True)
class Row:
    """One post or one responsibility's costs, with what lacks by month."""

    responsibility: Responsibility
    title: str
    """The post's; empty for the responsibility's lines."""
    months: Mapping[dt.date, Gap]

    @property
    def worst(self) -> Gap:
        """Give the month in which most lacks."""
        gaps = self.months.values()
        return max(
            gaps, key=lambda gap: (gap.fte, gap.cost or ZERO, gap.undecided_fte, gap.undecided or ZERO)
        )

    @property
    def since(self) -> dt.date:
        """Give the first month in which something lacks."""
        return min(month for month, gap in self.months.items() if gap.any)


@dataclass(frozen=True)
class Month:
    """What lacks in a month, all posts together and all lines together."""

    first: dt.date
    posts: Gap
    lines: Gap


@dataclass(frozen=True)
class Unfunded:
    """What nobody pays after a handover, in one currency."""

    handover_on: dt.date
    since: Since
    grant_ends_on: dt.date | None
    currency: str
    months: Sequence[Month]
    posts: Sequence[Row]
    lines: Sequence[Row]
    without_cost: Sequence[str] = field(default_factory=list)
    """Posts that lack money, and of which nobody knows what they cost."""
    without_rate: Sequence[str] = field(default_factory=list)
    """What could not be added up for want of a rate."""

    @property
    def last(self) -> dt.date:
        """Give the last month that is told."""
        return self.months[-1].first

    @property
    def most(self) -> Decimal:
        """Give the largest amount that lacks in a month, decided on or not: what a drawing is scaled to."""
        return max(
            (
                (gap.cost or ZERO) + (gap.undecided or ZERO)
                for row in self.months
                for gap in (row.posts, row.lines)
            ),
            default=ZERO,
        )


@dataclass(frozen=True)
class _Ground:
    """What is read once: the day, the months, the grant's end, the money."""

    day: dt.date
    months: Sequence[dt.date]
    grant_ends_on: dt.date | None
    out: frozenset[int]
    currency: str
    rates: Rates
    without_rate: list[str]

    def in_currency(self, amount: Decimal, currency: str, on: dt.date, named: str) -> Decimal | None:
        """Convert an amount; ``None``, and the name kept, where there is no rate."""
        try:
            return self.rates.convert(amount, currency, self.currency, on=on, named=named)
        except Invalid:
            self.without_rate.append(named)
            return None

    def pays(self, source: Source, day: dt.date) -> bool:
        """Tell whether a source pays on a day: the grant until it ends."""
        return source != Source.GRANT or (self.grant_ends_on is not None and day <= self.grant_ends_on)


def unfunded(programme: Programme, *, months: int = MONTHS, today: dt.date | None = None) -> Unfunded:
    """Tell what lacks from the month of the handover on, or from this month if that is over, in five queries.

    The handover's day is the one on which stewardship went over; before that the last one of the plan; without a plan
    the grant's end.
    """
    plan = _plan(programme)
    now = today or clock.today()
    day, since = _day(plan, now)
    lines = lines_standing(programme)
    posts = posts_of(programme)
    currency = common_currency(item.line for item in lines) or next(
        (post.currency for post, _ in posts if post.currency), ""
    )
    firsts = list(_firsts(max(day, now), months))
    ground = _Ground(
        day, firsts, plan.grant_ends_on, frozenset(plan.phased_out), currency, rates(programme), []
    )
    rows = [row for row in _posts(ground, posts) if any(gap.any for gap in row.months.values())]
    costs = [row for row in _lines(ground, lines) if any(gap.any for gap in row.months.values())]
    return Unfunded(
        handover_on=day,
        since=since,
        grant_ends_on=plan.grant_ends_on,
        currency=currency,
        months=[Month(first, _together(rows, first), _together(costs, first)) for first in firsts],
        posts=rows,
        lines=costs,
        without_cost=[row.title for row in rows if any(gap.cost is None for gap in row.months.values())],
        without_rate=list(dict.fromkeys(ground.without_rate)),
    )


def _plan(programme: Programme) -> Any:
    """Give the programme with the days of its lead transfer and its grant, and what is phased out, in one query."""
    leads = Transfer.objects.filter(programme=OuterRef("pk"), lead=True, reverses=None)
    last = TransferMilestone.objects.filter(
        programme=OuterRef("pk"),
        transfer__lead=True,
        transfer__reverses=None,
        transfer__state__in=OPEN_STATES,
    )
    grants = Grant.objects.filter(programme=OuterRef("pk"))
    out = TransferResponsibility.objects.filter(
        programme=OuterRef("pk"),
        phase=Phase.OUT,
        transfer__state__in=(*OPEN_STATES, TransferState.EXECUTED),
        transfer__reverses=None,
    )
    return Programme.objects.annotate(
        executed_at=Subquery(
            leads.filter(state=TransferState.EXECUTED).order_by("-executed_at").values("executed_at")[:1]
        ),
        planned_on=Subquery(last.order_by("-due_on").values("due_on")[:1]),
        grant_ends_on=Subquery(grants.order_by("-ends_on").values("ends_on")[:1]),
        phased_out=ArraySubquery(out.order_by("id").values("responsibility_id")),
    ).get(pk=programme.pk)


def _day(plan: Any, today: dt.date) -> tuple[dt.date, Since]:
    # A plan that is open says more than a handover that is over: it may be the second one.
    if plan.planned_on is not None:
        return plan.planned_on, Since.PLANNED
    if plan.executed_at is not None:
        return plan.executed_at.astimezone(clock.HOUSE_ZONE).date(), Since.EXECUTED
    if plan.grant_ends_on is not None:
        return plan.grant_ends_on, Since.GRANT
    return today, Since.TODAY


def _firsts(day: dt.date, months: int) -> Iterator[dt.date]:
    first = day.replace(day=1)
    for _ in range(months):
        yield first
        first = _next(first)


def _next(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=32)).replace(day=1)


def _together(rows: Iterable[Row], first: dt.date) -> Gap:
    gaps = [row.months[first] for row in rows]
    return Gap(
        fte=sum((gap.fte for gap in gaps), ZERO),
        cost=sum((gap.cost or ZERO for gap in gaps), ZERO),
        undecided_fte=sum((gap.undecided_fte for gap in gaps), ZERO),
        undecided=sum((gap.undecided or ZERO for gap in gaps), ZERO),
    )


# --- posts --------------------------------------------------------------------------------------------

Held = tuple[Post, Sequence[PostFunding]]


def _posts(ground: _Ground, posts: Sequence[Held]) -> Iterator[Row]:
    same: defaultdict[tuple[int, str], list[Held]] = defaultdict(list)
    for post, fundings in posts:
        if post.responsibility_id not in ground.out:
            same[post.responsibility_id, post.title.casefold()].append((post, fundings))
    for held in same.values():
        first = held[0][0]
        yield Row(
            first.responsibility,
            first.title,
            {month: _of_month(ground, held, month) for month in ground.months},
        )


def _of_month(ground: _Ground, held: Sequence[Held], first: dt.date) -> Gap:
    """Give what lacks of a post in a month, in full-time equivalents over the days after the handover."""
    begin, after = max(first, ground.day + DAY), _next(first)
    days = Decimal((after - first).days)
    gap, undecided = ZERO, ZERO
    edges = sorted({begin, after, *_edges(ground, held, begin, after)}) if begin < after else []
    before = _needed(held, ground.day)
    for start, end in pairwise(edges):
        span = Decimal((end - start).days)
        needed = max(before, _needed(held, start))
        decided, asked = _paid(ground, held, start)
        lacks = max(needed - decided, ZERO)
        undecided += min(lacks, asked) * span
        gap += max(lacks - asked, ZERO) * span
    fte, undecided_fte = (gap / days).quantize(CENT), (undecided / days).quantize(CENT)
    monthly = _monthly(ground, held) if fte or undecided_fte else ZERO
    return Gap(
        fte=fte,
        cost=None if monthly is None else (fte * monthly).quantize(CENT),
        undecided_fte=undecided_fte,
        undecided=None if monthly is None else (undecided_fte * monthly).quantize(CENT),
    )


def _edges(ground: _Ground, held: Sequence[Held], begin: dt.date, after: dt.date) -> Iterator[dt.date]:
    """Give the days of a month on which it changes who pays."""
    ends = [ground.grant_ends_on + DAY] if ground.grant_ends_on else []
    for post, fundings in held:
        spans = [(post.starts_on, post.ends_on), *((row.starts_on, row.ends_on) for row in fundings)]
        ends += [begins for begins, _ in spans]
        ends += [last + DAY for _, last in spans if last]
    yield from (day for day in ends if begin < day < after)


def _needed(held: Sequence[Held], day: dt.date) -> Decimal:
    """Give how much of a post there is on a day: of several employers side by side, what the largest has."""
    found: defaultdict[int | None, Decimal] = defaultdict(Decimal)
    for post, _ in held:
        if post.starts_on <= day and (post.ends_on is None or day <= post.ends_on):
            found[post.employer_id] += post.fte
    return max(found.values(), default=ZERO)


def _paid(ground: _Ground, held: Sequence[Held], day: dt.date) -> tuple[Decimal, Decimal]:
    """Give how much of a post is paid on a day: decided on, and only asked for."""
    decided, asked = ZERO, ZERO
    for post, fundings in held:
        spell = next(
            (
                item
                for item in spells(post, fundings)
                if item.starts_on <= day and (item.ends_on is None or day <= item.ends_on)
            ),
            None,
        )
        if spell is None:
            continue
        shares = [(source, share) for source, share in spell.shares.items() if ground.pays(source, day)]
        for source, share in shares:
            part = post.fte * share / WHOLE
            if post.stage in ASKED and source != Source.GRANT:
                asked += part
            else:
                decided += part
    return decided, asked


def _monthly(ground: _Ground, held: Sequence[Held]) -> Decimal | None:
    """Give what one full-time equivalent costs a month: as the line says that was entered last and knows it."""
    for post, _ in reversed(held):
        if post.yearly_cost is not None and post.fte:
            yearly = ground.in_currency(post.yearly_cost, post.currency, ground.day, post.title)
            return None if yearly is None else yearly / post.fte / 12
    return None


# --- other costs --------------------------------------------------------------------------------------


def _lines(ground: _Ground, lines: Sequence[Standing]) -> Iterator[Row]:
    """Hold what each responsibility's lines come to after the handover against the year before."""
    of: defaultdict[int, list[tuple[Standing, Decimal]]] = defaultdict(list)
    for item in lines:
        if item.line.responsibility_id in ground.out:
            continue
        try:
            amount = converted(item.line, ground.currency, ground.rates)
        except Invalid:
            ground.without_rate.append(item.line.title)
            continue
        of[item.line.responsibility_id].append((item, amount))
    for found in of.values():
        needed = _yearly(found, ground.day.year) or _yearly(found, ground.day.year - 1)
        yield Row(
            found[0][0].line.responsibility,
            "",
            {month: _lacks(ground, found, needed, month) for month in ground.months},
        )


def _yearly(found: Sequence[tuple[Standing, Decimal]], year: int) -> Decimal:
    return sum((amount for item, amount in found if item.line.year == year), ZERO)


def _lacks(
    ground: _Ground, found: Sequence[tuple[Standing, Decimal]], needed: Decimal, first: dt.date
) -> Gap:
    decided, asked = ZERO, ZERO
    for item, amount in found:
        if item.line.year != first.year or not ground.pays(Source(item.line.source), first):
            continue
        ends = ground.grant_ends_on
        over = ends.month if item.line.source == Source.GRANT and ends and ends.year == first.year else 12
        if item.decided:
            decided += amount / over
        else:
            asked += amount / over
    lacks = max(needed / 12 - decided, ZERO)
    days = Decimal((_next(first) - first).days)
    share = Decimal((_next(first) - max(first, ground.day + DAY)).days) / days
    return Gap(
        cost=(max(lacks - asked, ZERO) * share).quantize(CENT),
        undecided=(min(lacks, asked) * share).quantize(CENT),
    )
