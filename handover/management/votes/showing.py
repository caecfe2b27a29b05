"""Finding votes, communities and seats that a command line names, and telling them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from handover import access, clock
from handover.errors import Invalid, NotFound
from handover.management.base import Call, Told, argument
from handover.management.finding import PREFIX, SHORTEST_PREFIX, line_named
from handover.models import Community, CommunitySeat, CommunityVote, Programme
from handover.permissions import Permission
from handover.queries import vote_words, votes
from handover.queries.votes import Heard
from handover.terminal import fitted

VOTE: Final = argument("vote", metavar="VOTE", help="UUID, or its first 8 or more characters")
LANGUAGE: Final = argument(
    "--lang", choices=sorted(vote_words.WORDS), help="in which language; yours, if left out"
)


def vote_named(call: Call) -> CommunityVote:
    """Find the vote that a call names, inside ``asking``.

    Raises:
        NotFound: there is none that the actor may read.
        Invalid: the text is no UUID's beginning, or several votes begin so.
    """
    text = str(call["vote"]).lower().strip()
    if not PREFIX.fullmatch(text.replace("-", "")):
        raise Invalid(
            "no_such_key",
            f"“{text}” names no vote: give its UUID, or at least its first {SHORTEST_PREFIX} characters.",
            field="vote",
        )
    readable = CommunityVote.objects.filter(programme__in=access.programme_ids(call.by, may=Permission.VIEW))
    rows = readable.select_related("milestone__transfer", "community", "organisation", "programme")
    wanted = text.replace("-", "")
    found = [
        row
        for row in rows.filter(uuid__startswith=text[:SHORTEST_PREFIX]).order_by("id")
        if row.uuid.hex.startswith(wanted) and access.reach(call.by, row.programme).standings
    ]
    if not found:
        raise NotFound("vote")
    if len(found) > 1:
        raise Invalid("ambiguous", f"Several votes begin with {text}: give the UUID.", field="vote")
    return found[0]


def community_named(programme: Programme, text: str | None) -> UUID | None:
    """Find a community of a programme by a part of its name or its UUID, if one is named.

    Raises:
        Invalid: none, or several; it names what there is.
    """
    if not text:
        return None
    rows = list(Community.objects.filter(programme=programme).order_by("id"))
    return line_named(rows, text, field="community", what="community").uuid


def language_of(call: Call) -> str:
    """Give the language in which a vote is told: the one named, else the reader's own, else English."""
    own = call.by.user.language
    return call["lang"] or (own if own in vote_words.WORDS else "en")


def heard_of(vote: CommunityVote) -> Heard:
    """Give a vote as it stands today, inside ``asking``."""
    return next(item for item in votes.history(vote.milestone) if item.vote.pk == vote.pk)


def vote_document(item: Heard) -> dict[str, Any]:
    """Give a vote for machines."""
    vote = item.vote
    return {
        "uuid": vote.uuid,
        "milestone": {"uuid": vote.milestone.uuid, "title": vote.milestone.title},
        "held_on": vote.held_on,
        "community": vote.community.name if vote.community else None,
        "consultation": vote.consultation_uuid,
        "asked": vote.asked,
        "present": vote.present,
        "assent": vote.assent,
        "dissent": vote.dissent,
        "abstained": vote.abstained,
        "quorum": vote.milestone.quorum,
        "on_dissent": vote.milestone.on_dissent or None,
        "counts": item.counts,
        "current": item.current,
        "stands": item.stands,
        "weighs": item.weighs,
        "recorded_by": vote.organisation.slug,
        "recorded_at": vote.recorded_at,
        "reasons": [{"text": reason.text, "people": reason.people} for reason in item.reasons],
        "answers": [
            {
                "uuid": answer.uuid,
                "kind": str(answer.kind),
                "text": answer.text,
                "mediator": answer.mediator,
                "answered_on": answer.answered_on,
                "organisation": answer.organisation.slug,
            }
            for answer in item.answers
        ],
    }


def told_vote(vote: CommunityVote, done: str, lang: str) -> Told:
    """Tell what was done to a vote, the vote in plain words, and what it holds up."""
    item = heard_of(vote)
    lines = [done, f"  vote {vote.uuid}", *(f"  {line}" for line in vote_words.told(item, lang))]
    waiting = list(votes.waiting(vote.milestone)) if vote.milestone.done_at is None else []
    if waiting:
        lines += ["What waits", *(f"  {gate.sentence} [{gate.code}]" for gate in waiting)]
    return Told(
        {"done": done, "vote": vote_document(item), "waits": [gate.as_json() for gate in waiting]},
        [*fitted(lines)],
    )


def seat_lines(rows: Sequence[CommunitySeat]) -> list[tuple[object, ...]]:
    """Give seats as lines of a table."""
    today = clock.today()
    lines: list[tuple[object, ...]] = []
    for seat in rows:
        over = seat.ends_on is not None and seat.ends_on < today
        state = "over" if over else "to come" if seat.starts_on > today else "filled"
        span = f"{seat.starts_on} – {seat.ends_on or ''}".rstrip()
        lines.append(
            (
                str(seat.uuid)[:8],
                state,
                seat.seats,
                seat.get_role_display(),
                seat.community,
                span,
                seat.chosen_by,
            )
        )
    return lines


def seat_document(seat: CommunitySeat) -> dict[str, Any]:
    """Give a seat for machines."""
    return {
        "uuid": seat.uuid,
        "community": seat.community.name,
        "role": str(seat.role),
        "seats": seat.seats,
        "chosen_by": seat.chosen_by,
        "organisation": seat.organisation.slug if seat.organisation else None,
        "starts_on": seat.starts_on,
        "ends_on": seat.ends_on,
        "version": seat.version,
    }
