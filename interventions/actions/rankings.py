"""Rankings: who put which needs in which order, by which method, and why. Each is kept, none is changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.db.models import Q

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.columns import checking
from handover.errors import Invalid
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import hierarchy
from interventions.models import (
    Ballot,
    BallotLine,
    Consultation,
    Method,
    Need,
    RankedBy,
    RankedNeed,
    Ranking,
)
from interventions.queries.needs import open_needs
from interventions.queries.rankings import borda, places

Order: TypeAlias = Sequence[UUID | Sequence[UUID]]
"""Needs, most urgent first; those in a list of their own share a place."""

COUNTED: Final = frozenset({Method.SHOW_OF_HANDS, Method.VOTES, Method.POINTS})
ONE_EACH: Final = frozenset({Method.SHOW_OF_HANDS, Method.VOTES})
"""Methods by which nobody can give a need more than one."""


@dataclass(frozen=True)
class Cast:
    """Ballots that say the same, or the hands, votes or points of one group, and how many people cast them.

    ``order`` is an order of preference, for the method ``order``; ``counts`` are the totals by need, for the others.
    """

    order: Order = ()
    counts: Mapping[UUID, int | Decimal] = field(default_factory=dict)
    voters: int = 1
    group: str = ""


@action
def hold(
    *,
    by: Actor,
    programme_uuid: UUID,
    ranked_by: RankedBy | str,
    method: Method | str,
    held_on: dt.date,
    needs: Order = (),
    ballots: Sequence[Cast] = (),
    consultation: UUID | None = None,
    reason: str = "",
    voters: int | None = None,
    apply: bool = False,
) -> Ranking:
    """Record a ranking, with its ballots.

    Args:
        needs: for the method ``agreed`` the order itself; for the others the needs that were put to the vote, where
            some of them got nothing.
        ballots: what was cast; none for ``agreed``.
        reason: needed where this side ranked one of these needs before.
        voters: how many took part; where it is not said, as many as cast the ballots.
        apply: also put the needs in this order among their siblings in the hierarchy; those that were not ranked
            come after them.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice, or, for the professionals' ranking and for
            applying one, not change the needs.
        Invalid: fewer than two needs, one of another programme or one that was merged or split, one that is named
            twice, ballots that do not fit the method, no or negative counts, no reason for a further ranking.
    """
    side, way = _choices(ranked_by, method)
    programme = _asked(by, programme_uuid, side, apply=apply)
    # Held for every ranking: the next one has to know that this one was.
    hierarchy.hold(programme)
    _check_ballots(way, needs, ballots)
    rows = _candidates(programme, needs, ballots)
    scores = _scores(way, ballots, list(rows))
    where = places(scores) if scores else _in_order(needs)
    ranking = Ranking(
        programme=programme,
        ranked_by=side,
        method=way,
        consultation=_consultation(programme, consultation),
        held_on=held_on,
        reason=reason,
        voters=_voters(ballots, voters),
        applied=apply,
        organisation=by.organisation,
        user_uuid=by.user.uuid,
        recorded_at=clock.now(),
    )
    _check(ranking, rows.values())
    ranking.save()
    ranked = _write(ranking, rows, where, scores, ballots)
    if apply:
        _apply(programme, ranked)
    ledger.record(
        verb="needs.ranking_held",
        by=by,
        programme=programme,
        subject=ranking.uuid,
        data=_told(ranking, ranked, ballots),
    )
    return ranking


def _choices(ranked_by: RankedBy | str, method: Method | str) -> tuple[RankedBy, Method]:
    try:
        return RankedBy(ranked_by), Method(method)
    except ValueError as error:
        wrong = "ranked_by" if ranked_by not in RankedBy.values else "method"
        known = RankedBy.values if wrong == "ranked_by" else Method.values
        sentence = f"{wrong.replace('_', ' ').capitalize()} must be one of: {', '.join(known)}."
        raise Invalid("invalid", sentence, field=wrong) from error


def _asked(by: Actor, programme_uuid: UUID, side: RankedBy, *, apply: bool) -> Programme:
    voice = Permission.RECORD_VOICE if side is RankedBy.COMMUNITY else Permission.EDIT_NEEDS
    programme = access.programme_for(by, programme_uuid, may=voice)
    if apply:
        access.authorise(by, programme.pk, None, may=Permission.EDIT_NEEDS)
    return programme


def _candidates(programme: Programme, needs: Order, ballots: Sequence[Cast]) -> dict[UUID, Need]:
    """Fetch the needs that are ranked.

    Raises:
        Invalid: one is named twice, or, where the needs are given, a ballot names another one; fewer than two.
    """
    given = _named(needs, field="needs")
    cast: dict[UUID, None] = {}
    for number, ballot in enumerate(ballots):
        at = f"ballots[{number}]"
        keys = dict.fromkeys([*_named(ballot.order, field=f"{at}.order"), *ballot.counts])
        stranger = next((key for key in keys if given and key not in given), None)
        if stranger is not None:
            raise Invalid("not_a_candidate", f"Need {stranger} was not put to the vote.", field=at)
        cast |= keys
    found = hierarchy.several(programme, list(given or cast))
    if len(found) < 2:
        raise Invalid("too_few_needs", "A ranking needs at least two needs.", field="needs")
    return found


def _named(order: Order, *, field: str) -> dict[UUID, None]:
    found: dict[UUID, None] = {}
    for key in (key for group in _groups(order) for key in group):
        if key in found:
            raise Invalid("named_twice", f"Need {key} is named twice.", field=field)
        found[key] = None
    return found


def _groups(order: Order) -> list[list[UUID]]:
    return [[item] if isinstance(item, UUID) else list(item) for item in order if item]


def _in_order(order: Order) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for group in _groups(order):
        found |= dict.fromkeys(group, len(found) + 1)
    return found


def _scores(method: Method, ballots: Sequence[Cast], among: Sequence[UUID]) -> dict[UUID, Fraction]:
    """Add up what was cast; nothing where it was agreed."""
    if method is Method.AGREED:
        return {}
    if method is Method.ORDER:
        return borda([(_groups(ballot.order), ballot.voters) for ballot in ballots], among)
    return {
        key: sum((Fraction(ballot.counts.get(key, 0)) for ballot in ballots), Fraction(0)) for key in among
    }


def _check_ballots(method: Method, needs: Order, ballots: Sequence[Cast]) -> None:
    """Refuse ballots that do not fit the method, and counts that cannot be.

    Raises:
        Invalid: the first of them.
    """
    if method is Method.AGREED and ballots:
        raise Invalid("wrong_ballots", "What was agreed is one order, without ballots.", field="ballots")
    if method is not Method.AGREED and not ballots:
        raise Invalid("no_ballots", "Say what was cast: at least one ballot.", field="ballots")
    for number, ballot in enumerate(ballots):
        _check_ballot(method, ballot, at=f"ballots[{number}]")


def _check_ballot(method: Method, ballot: Cast, *, at: str) -> None:
    if type(ballot.voters) is not int or ballot.voters < 1:
        raise Invalid("no_voters", "A ballot is cast by at least one person.", field=f"{at}.voters")
    fits = (
        (ballot.order and not ballot.counts)
        if method is Method.ORDER
        else (ballot.counts and not ballot.order)
    )
    if not fits:
        wants = "an order of needs" if method is Method.ORDER else "a count for each need"
        raise Invalid("wrong_ballots", f"A ballot of this method is {wants}.", field=at)
    for key, count in ballot.counts.items():
        whole = isinstance(count, int) and not isinstance(count, bool)
        if not whole and not (isinstance(count, Decimal) and count.is_finite() and method is Method.POINTS):
            raise Invalid("not_a_whole_number", f"Need {key}: “{count}” is no count.", field=at)
        if count < 0:
            raise Invalid("negative_count", f"Need {key} cannot have {count}.", field=at)
        if method in ONE_EACH and count > ballot.voters:
            sentence = f"Need {key} has {count} of {ballot.voters} people: nobody gives it more than one."
            raise Invalid("more_than_voters", sentence, field=at)


def _voters(ballots: Iterable[Cast], said: int | None) -> int | None:
    """Tell how many took part.

    Raises:
        Invalid: nobody, or fewer than cast the ballots.
    """
    cast = sum(ballot.voters for ballot in ballots)
    if said is None:
        return cast or None
    if type(said) is not int or said < 1:
        raise Invalid("no_voters", "At least one person must have taken part.", field="voters")
    if said < cast:
        sentence = f"{cast} people cast ballots, but {said} are said to have taken part."
        raise Invalid("more_than_voters", sentence, field="voters")
    return said


def _consultation(programme: Programme, key: UUID | None) -> Consultation | None:
    if key is None:
        return None
    found = Consultation.objects.filter(programme=programme, uuid=key).first()
    if found is None:
        sentence = f"There is no consultation {key} in this programme."
        raise Invalid("unknown_consultation", sentence, field="consultation")
    return found


def _check(ranking: Ranking, needs: Iterable[Need]) -> None:
    with checking():
        ranking.clean_fields(exclude={"programme", "consultation", "organisation"})
    if ranking.held_on > clock.today():
        raise Invalid("held_later", f"{ranking.held_on} is still to come.", field="held_on")
    before = RankedNeed.objects.filter(ranking__ranked_by=ranking.ranked_by, need__in=list(needs))
    if not ranking.reason.strip() and before.exists():
        whose = ranking.get_ranked_by_display()
        sentence = f"There is {whose} ranking of some of these needs already: say why there is another."
        raise Invalid("reason_missing", sentence, field="reason")


def _write(
    ranking: Ranking,
    rows: Mapping[UUID, Need],
    where: Mapping[UUID, int],
    scores: Mapping[UUID, Fraction],
    ballots: Sequence[Cast],
) -> list[RankedNeed]:
    """Write the places and the ballots, and give the places, best first."""
    programme = ranking.programme
    ranked = [
        RankedNeed(
            programme=programme,
            ranking=ranking,
            need=rows[key],
            position=position,
            score=_decimal(scores[key]) if scores else None,
        )
        for key, position in sorted(where.items(), key=lambda item: (item[1], rows[item[0]].pk))
    ]
    cast = [
        Ballot(programme=programme, ranking=ranking, number=number, voters=ballot.voters, group=ballot.group)
        for number, ballot in enumerate(ballots, start=1)
    ]
    lines = [
        BallotLine(programme=programme, ballot=row, need=rows[key], value=Decimal(value))
        for row, ballot in zip(cast, ballots, strict=True)
        for key, value in (ballot.counts or _in_order(ballot.order)).items()
    ]
    with checking():
        for row in (*ranked, *cast, *lines):
            row.clean_fields(exclude={"programme", "ranking", "need", "ballot"})
    RankedNeed.objects.bulk_create(ranked)
    Ballot.objects.bulk_create(cast)
    BallotLine.objects.bulk_create(lines)
    return ranked


def _apply(programme: Programme, ranked: Sequence[RankedNeed]) -> None:
    """Put siblings in the order of a ranking, ties as they stood; whoever was not ranked comes after."""
    place = {row.need_id: row.position for row in ranked}
    parents = {row.need.parent_id for row in ranked}
    below = Q(parent__in=parents - {None}) | (Q(parent__isnull=True) if None in parents else Q())
    found = open_needs(programme).filter(below).select_for_update(of=("self",), no_key=True)
    siblings = list(found.order_by("id"))
    last = len(ranked) + 1
    siblings.sort(key=lambda need: (place.get(need.pk, last), need.rank, need.pk))
    reached: dict[int | None, int] = {}
    moved = []
    for need in siblings:
        reached[need.parent_id] = reached.get(need.parent_id, 0) + 1
        if need.rank != reached[need.parent_id]:
            need.rank, need.version = reached[need.parent_id], need.version + 1
            moved.append(need)
    Need.objects.bulk_update(moved, ["rank", "version"])


def _told(ranking: Ranking, ranked: Sequence[RankedNeed], ballots: Sequence[Cast]) -> dict[str, Any]:
    held = ranking.consultation
    return {
        "ranked_by": str(ranking.ranked_by),
        "method": str(ranking.method),
        "held_on": ranking.held_on,
        "consultation": {"uuid": held.uuid, "name": str(held)} if held else None,
        "reason": ranking.reason,
        "voters": ranking.voters,
        "applied": ranking.applied,
        "places": [
            {"uuid": row.need.uuid, "name": str(row.need), "position": row.position, "score": row.score}
            for row in ranked
        ],
        "ballots": [
            {
                "voters": ballot.voters,
                "group": ballot.group,
                "order": _groups(ballot.order),
                "counts": {str(key): count for key, count in ballot.counts.items()},
            }
            for ballot in ballots
        ],
    }


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / number.denominator
