"""Posts day by day: who pays which share of each, and where grant and municipality pay one post at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from handover.canonical import decimal_text
from handover.holdings import Finding
from handover.models import Post, PostFunding, Programme
from handover.models.registers import Source

WHOLE: Final = Decimal(100)
DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Spell:
    """Days (both ends included; ``None``: without end) on which the same sources pay the same shares of a post."""

    starts_on: dt.date
    ends_on: dt.date | None
    shares: Mapping[Source, Decimal]

    @property
    def paid(self) -> Decimal:
        """Give how much is paid at all, in per cent."""
        return sum(self.shares.values(), Decimal(0))

    def days(self) -> str:
        """Say which days they are."""
        return f"from {self.starts_on:%d %B %Y}" + (f" to {self.ends_on:%d %B %Y}" if self.ends_on else " on")


def spells(post: Post, fundings: Iterable[PostFunding]) -> list[Spell]:
    """Divide a post's days by who pays it. On days that no funding speaks of, the post's own source pays all."""
    after = post.ends_on + DAY if post.ends_on else None
    rows = [(row, row.starts_on, row.ends_on + DAY if row.ends_on else None) for row in fundings]
    edges = {post.starts_on, *(day for _, start, end in rows for day in (start, end) if day)}
    days = sorted(day for day in edges if day >= post.starts_on and (after is None or day < after))
    found: list[Spell] = []
    for day, end in zip(days, [*days[1:], after], strict=True):
        shares: defaultdict[Source, Decimal] = defaultdict(Decimal)
        for row, begins, ends in rows:
            if begins <= day and (ends is None or day < ends):
                shares[Source(row.source)] += row.share
        said = dict(shares) or {Source(post.funded_by): WHOLE}
        start = found.pop().starts_on if found and found[-1].shares == said else day
        found.append(Spell(start, end - DAY if end else None, said))
    return found


def posts_of(programme: Programme) -> list[tuple[Post, list[PostFunding]]]:
    """Read a programme's posts with what is said of who pays them, in two queries."""
    fundings: defaultdict[int, list[PostFunding]] = defaultdict(list)
    for row in PostFunding.objects.filter(programme=programme).order_by("starts_on", "id"):
        fundings[row.post_id].append(row)
    posts = Post.objects.filter(programme=programme).select_related("responsibility", "employer")
    return [(post, fundings[post.pk]) for post in posts.order_by("id")]


@dataclass(frozen=True)
class PaidTwice:
    """Days on which the grant and the municipality pay one post at once, in one line or in two."""

    posts: Sequence[Post]
    starts_on: dt.date
    ends_on: dt.date | None
    shares: Mapping[Source, Decimal]


def paid_twice(posts: Sequence[tuple[Post, Sequence[PostFunding]]]) -> Iterator[PaidTwice]:
    """Find posts that grant and municipality pay at once.

    Two lines are one post where they are of the same responsibility and title, unless they name different employers:
    the giver's worker and the receiver's side by side are two.
    """
    same: defaultdict[tuple[int, str], list[tuple[Post, Spell]]] = defaultdict(list)
    for post, fundings in posts:
        key = (post.responsibility_id, post.title.casefold())
        same[key] += [(post, spell) for spell in spells(post, fundings)]
    for pieces in same.values():
        employers = {post.employer_id for post, _ in pieces}
        for employer in (employers - {None}) or employers:
            yield from _at_once([piece for piece in pieces if piece[0].employer_id in (employer, None)])


def _at_once(pieces: Sequence[tuple[Post, Spell]]) -> Iterator[PaidTwice]:
    edges = {spell.starts_on for _, spell in pieces}
    edges |= {spell.ends_on + DAY for _, spell in pieces if spell.ends_on}
    days = sorted(edges)
    last: PaidTwice | None = None
    for start, end in zip(days, [*days[1:], None], strict=True):
        covering = [
            (post, spell)
            for post, spell in pieces
            if spell.starts_on <= start and (spell.ends_on is None or start <= spell.ends_on)
        ]
        shares: defaultdict[Source, Decimal] = defaultdict(Decimal)
        for _, spell in covering:
            for source, share in spell.shares.items():
                shares[source] += share
        if not {Source.GRANT, Source.MUNICIPALITY} <= shares.keys():
            if last is not None:
                yield last
            last = None
            continue
        rows = list(dict.fromkeys(post for post, _ in covering))
        until = end - DAY if end else None
        if last is not None and last.shares == shares and list(last.posts) == rows:
            last = PaidTwice(rows, last.starts_on, until, last.shares)
            continue
        if last is not None:
            yield last
        last = PaidTwice(rows, start, until, dict(shares))
    if last is not None:
        yield last


def findings(programme: Programme) -> Iterator[Finding]:
    """Flag posts that grant and municipality pay at once, with the days."""
    for found in paid_twice(posts_of(programme)):
        post = found.posts[0]
        by = " and ".join(
            f"{decimal_text(share)} % by the {source.label}" for source, share in found.shares.items()
        )
        days = Spell(found.starts_on, found.ends_on, found.shares).days()
        yield Finding(
            "paid_twice",
            f"{post.responsibility.title} › {post.title}: {by} at once {days}.",
            str(post.uuid),
        )
