"""Posts: who pays them on which days, and what one post may not say beside the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action, lines
from handover.canonical import decimal_text
from handover.errors import Invalid, NotFound
from handover.models import Post, PostFunding
from handover.models.registers import PostStage, Source
from handover.permissions import Permission
from handover.queries.posts import WHOLE, spells

STAGES: Final = tuple(PostStage.values)
"""The stages in the order in which a post passes them; one may be skipped."""


@action
def fund(
    *,
    by: Actor,
    post_uuid: UUID,
    source: Source | str,
    share: Decimal | str,
    starts_on: dt.date | str,
    ends_on: dt.date | str | None = None,
    note: str = "",
) -> PostFunding:
    """Say who pays which share of a post on which days. Whoever holds its responsibility may.

    Raises:
        NotFound, NotAllowed: there is no such post, or the actor does not hold its responsibility.
        Invalid: a field is wrong, the days are not the post's, or more than the whole post is paid on a day.
    """
    post = _post(by, post_uuid)
    given = {"source": source, "share": share, "starts_on": starts_on, "ends_on": ends_on, "note": note}
    row = PostFunding(programme=post.programme, post=post, **lines.filled(PostFunding, post.programme, given))
    lines.cleaned(row)
    lines.checked(row)
    _within(post, [*_others(row), row])
    row.save()
    ledger.record(
        verb="post.funded",
        by=by,
        programme=post.programme,
        subject=row.uuid,
        data={"post": post.uuid, **lines.facts(row, given)},
    )
    return row


@action
def edit_funding(*, by: Actor, funding_uuid: UUID, version: int, **changes: Any) -> PostFunding:
    """Change who pays a post; the ledger keeps what stood there before.

    Raises:
        NotFound, NotAllowed: there is no such line, or the actor does not hold the post's responsibility.
        Stale: somebody else was quicker.
        Invalid: as for ``fund``, or nothing would change.
    """
    row = (
        PostFunding.objects.select_related("post__responsibility", "post__programme")
        .filter(uuid=funding_uuid)
        .first()
    )
    if row is None:
        raise NotFound("funding of a post")
    post = _post(by, row.post.uuid)
    changed = lines.rewritten(row, post.programme, changes)
    _within(post, [*_others(row), row])
    row.change(version=version, **{name: getattr(row, name) for name in changed.after})
    ledger.record(
        verb="post.funding_edited",
        by=by,
        programme=post.programme,
        subject=row.uuid,
        data={"post": post.uuid, "before": changed.before, "after": changed.after},
    )
    return row


def _post(by: Actor, post_uuid: UUID) -> Post:
    post = Post.objects.select_related("programme", "responsibility").filter(uuid=post_uuid).first()
    if post is None:
        raise NotFound("post")
    access.authorise(by, post.programme_id, post.responsibility, may=Permission.EDIT_RESPONSIBILITY)
    # Of two that pay shares of one post, the second waits here and finds the first.
    return (
        Post.objects.select_related("programme", "responsibility")
        .select_for_update(of=("self",))
        .get(pk=post.pk)
    )


def _others(row: PostFunding) -> list[PostFunding]:
    return list(PostFunding.objects.filter(post=row.post).exclude(pk=row.pk))


def _within(post: Post, fundings: Iterable[PostFunding]) -> None:
    """Check that a post is paid on its own days alone, and never by more than the whole."""
    rows = list(fundings)
    for row in rows:
        ended = post.ends_on is not None and (row.ends_on or row.starts_on) > post.ends_on
        if row.starts_on < post.starts_on or ended:
            raise Invalid(
                "funding_outside_post",
                f"“{post.title}” is paid by the {Source(row.source).label} on days on which it does not exist.",
                field="starts_on" if row.starts_on < post.starts_on else "ends_on",
            )
    for spell in spells(post, rows):
        if spell.paid > WHOLE:
            by = ", ".join(
                f"{decimal_text(share)} % by the {source.label}" for source, share in spell.shares.items()
            )
            raise Invalid(
                "overfunded",
                f"“{post.title}” would be paid by {decimal_text(spell.paid)} % {spell.days()}: {by}.",
                field="share",
            )


def fits(post: Post) -> None:
    """Check a post beside the others and beside who pays it, before it is written.

    Raises:
        Invalid: no time at all, its number is taken on those days, somebody filled what is not filled, or it is paid on
            days that it would lose.
    """
    if not post.fte:
        raise Invalid(
            "fte_missing", f"“{post.title}” has no time: say how much of a full post it is.", field="fte"
        )
    if post.filled_by and post.stage != PostStage.FILLED:
        raise Invalid(
            "not_filled", f"“{post.title}” is not filled: nobody's worker took it.", field="filled_by"
        )
    if post.pk is not None:
        _within(post, PostFunding.objects.filter(post=post))
    if not post.number.strip():
        return
    lines.one_at_a_time(post.programme, "posts")
    others = Post.objects.filter(
        programme=post.programme, number=post.number, employer=post.employer
    ).select_related("responsibility")
    for other in others.exclude(pk=post.pk).order_by("id"):
        if _overlap(post, other):
            where = f" at {post.employer.name}" if post.employer else ""
            raise Invalid(
                "posts_overlap",
                f"Post {post.number}{where} would be there twice: “{post.title}” ({_days(post)}) and “{other.title}” "
                f"({_days(other)}).",
                field="number",
                other=str(other.uuid),
            )


def keeps_order(post: Post, *, before: str, reason: str) -> None:
    """Check that a post goes on from stage to stage; back it goes with a reason alone.

    Raises:
        Invalid: it would go back without one.
    """
    if not before or post.stage == before:
        return
    back = not post.stage or STAGES.index(post.stage) < STAGES.index(before)
    if back and not reason.strip():
        raise Invalid(
            "reason_missing",
            f"“{post.title}” goes back from “{PostStage(before).label}”: say why.",
            field="reason",
        )


def _overlap(one: Post, other: Post) -> bool:
    return (other.ends_on is None or one.starts_on <= other.ends_on) and (
        one.ends_on is None or other.starts_on <= one.ends_on
    )


def _days(post: Post) -> str:
    return f"{post.starts_on} to {post.ends_on}" if post.ends_on else f"from {post.starts_on} on"
