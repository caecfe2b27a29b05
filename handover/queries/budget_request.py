"""Next year's budget request: what each responsibility will cost, who is asked for it, what the grant paid before."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from handover.canonical import decimal_text
from handover.errors import Invalid
from handover.models import Organisation, Post, PostFunding, Programme, Responsibility
from handover.models.budgets import BudgetStage
from handover.models.registers import Source
from handover.queries.budgets import Standing, common_currency, concerned, converted, lines_standing
from handover.queries.currencies import CENT, Rates, known, rates
from handover.queries.posts import DAY, WHOLE, posts_of, spells

ZERO: Final = Decimal(0)
POSTS: Final = "Posts"
"""The title of a row for posts that no budget line asks money for."""


@dataclass(frozen=True)
class Asked:
    """One row of a request.

    ``posts_cost`` is the part of ``asked`` that pays posts, by their register; ``stage`` is ``None`` where nobody has
    entered a line yet; ``granted`` is what the grant paid for the same in the year before.
    """

    responsibility: Responsibility
    title: str
    source: Source | None
    asked: Decimal
    classification: str = ""
    fte: Decimal = ZERO
    posts_cost: Decimal = ZERO
    granted: Decimal = ZERO
    stage: BudgetStage | None = None

    @property
    def other(self) -> Decimal:
        """Give the part that does not pay posts; never below zero."""
        return max(self.asked - self.posts_cost, ZERO)


@dataclass(frozen=True)
class Request:
    """A request for one year, in one currency; ``notes`` say what it does not know."""

    year: int
    currency: str
    rows: Sequence[Asked]
    notes: Sequence[str] = ()

    @property
    def asked(self) -> Decimal:
        """Give all that is asked."""
        return sum((row.asked for row in self.rows), ZERO)

    @property
    def granted(self) -> Decimal:
        """Give all that the grant paid in the year before."""
        return sum((row.granted for row in self.rows), ZERO)


@dataclass
class _Staff:
    """What posts of one responsibility cost one source in a year."""

    fte: Decimal = ZERO
    cost: Decimal = ZERO
    titles: list[str] = field(default_factory=list)


def request(
    programme: Programme, year: int, *, organisation: Organisation | None = None, currency: str = ""
) -> Request:
    """Draw up the request of a year from the lines and posts that others than the grant pay.

    Args:
        organisation: only of what it and its bodies hold or are to take over.
        currency: of all amounts; the commonest of the lines if not said.

    Raises:
        Invalid: an unknown currency, a year that cannot be, or an amount without a rate.
    """
    if year not in range(1900, 2200):
        raise Invalid("year_out_of_range", f"{year} is no budget year.", field="year")
    if currency:
        known(currency, field="currency", named="the request")
    own = concerned(programme, organisation) if organisation else None
    kept = [item for item in lines_standing(programme) if own is None or item.line.responsibility_id in own]
    into = currency or common_currency(item.line for item in kept) or _of_posts(programme)
    table = rates(programme)
    notes: list[str] = []
    posts = [row for row in posts_of(programme) if own is None or row[0].responsibility_id in own]
    staff = _staff(posts, year, into, table, notes)
    asked = [item for item in kept if item.line.year == year and item.line.source != Source.GRANT]
    before = [item for item in kept if item.line.year == year - 1 and item.line.source == Source.GRANT]
    rows = [*_of_lines(asked, staff, into, table, notes), *_of_staff(staff, posts)]
    rows = list(_with_grants(rows, before, into, table))
    rows.sort(key=lambda row: (row.responsibility.pk, row.source or "", -row.asked, row.title))
    return Request(year, into, rows, notes)


def _of_posts(programme: Programme) -> str:
    codes = Post.objects.filter(programme=programme).exclude(currency="").order_by("id")
    return codes.values_list("currency", flat=True).first() or ""


Key = tuple[int, Source]


def _staff(
    posts: Sequence[tuple[Post, Sequence[PostFunding]]], year: int, into: str, kept: Rates, notes: list[str]
) -> dict[Key, _Staff]:
    """Add up posts by responsibility and by who pays, for the days of a year on which each pays."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    whole = Decimal((last - first).days + 1)
    found: defaultdict[Key, _Staff] = defaultdict(_Staff)
    for post, fundings in posts:
        parts: defaultdict[Source, Decimal] = defaultdict(Decimal)
        for spell in spells(post, fundings):
            start, end = max(spell.starts_on, first), min(spell.ends_on or last, last)
            for source, share in spell.shares.items():
                if source != Source.GRANT and start <= end:
                    parts[source] += share / WHOLE * Decimal((end - start + DAY).days) / whole
        for source, part in parts.items():
            group = found[post.responsibility_id, source]
            group.fte += post.fte * part
            group.titles.append(post.title)
            if post.yearly_cost is None:
                notes.append(f"“{post.title}” has no yearly cost: it is asked for without money.")
                continue
            cost = kept.convert(post.yearly_cost, post.currency, into, on=last, named=post.title)
            group.cost += (cost * part).quantize(CENT)
    for group in found.values():
        group.fte = group.fte.quantize(CENT)
    return dict(found)


def _of_lines(
    asked: Sequence[Standing], staff: dict[Key, _Staff], into: str, kept: Rates, notes: list[str]
) -> Iterator[Asked]:
    """Give a row for each line; what posts cost stands beside the largest line of its responsibility and source.

    Posts that a line speaks for are taken out of ``staff``.
    """
    groups: defaultdict[Key, list[Asked]] = defaultdict(list)
    for item in asked:
        line = item.line
        source = Source(line.source)
        groups[line.responsibility_id, source].append(
            Asked(
                line.responsibility,
                line.title,
                source,
                converted(line, into, kept),
                classification=line.classification,
                stage=item.stage,
            )
        )
    for key, rows in groups.items():
        rows.sort(key=lambda row: -row.asked)
        group = staff.pop(key, _Staff())
        total = sum((row.asked for row in rows), ZERO)
        if group.cost > total:
            cost = decimal_text(group.cost)
            notes.append(
                f"“{rows[0].title}” asks for {decimal_text(total)} {into}, and its posts cost {cost}."
            )
        yield replace(rows[0], fte=group.fte, posts_cost=group.cost)
        yield from rows[1:]


def _of_staff(
    staff: dict[Key, _Staff], posts: Iterable[tuple[Post, Sequence[PostFunding]]]
) -> Iterator[Asked]:
    duties = {post.responsibility_id: post.responsibility for post, _ in posts}
    for (key, source), group in staff.items():
        yield Asked(duties[key], POSTS, source, group.cost, fte=group.fte, posts_cost=group.cost)


def _with_grants(
    rows: Sequence[Asked], before: Sequence[Standing], into: str, kept: Rates
) -> Iterator[Asked]:
    """Put what the grant paid in the year before beside the row of the same title; what nobody asks for has its own."""
    paid: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    named: dict[tuple[int, str], Standing] = {}
    for item in before:
        key = (item.line.responsibility_id, item.line.title.casefold())
        paid[key] += converted(item.line, into, kept)
        named[key] = item
    for row in rows:
        granted = paid.pop((row.responsibility.pk, row.title.casefold()), ZERO)
        yield replace(row, granted=granted) if granted else row
    for key, granted in paid.items():
        line = named[key].line
        yield Asked(
            line.responsibility,
            line.title,
            None,
            ZERO,
            classification=line.classification,
            granted=granted,
        )
