"""Rankings: points by Borda count, who ranked what when and why, and where two sides disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Final, TypeAlias, TypeVar

from handover.canonical import decimal_text
from handover.holdings import Finding
from handover.models import Programme
from handover.narratives import best
from interventions.models import Consultation, Need, RankedBy, RankedNeed, Ranking
from interventions.queries import lineage
from interventions.queries.needs import CLOSED

K = TypeVar("K")

Order: TypeAlias = Sequence[Sequence[K]]
"""Who comes first: groups of those who share a place."""

FAR: Final = Fraction(1, 2)
"""A difference of at least so much of the ranked needs is told as a disagreement."""
SHOWN: Final = 10


# --- counting ---


def borda(ballots: Sequence[tuple[Order[K], int]], among: Sequence[K]) -> dict[K, Fraction]:
    """Count points: of n the first on a ballot gets n-1, the last 0; those who share a place, and those whom the ballot
    does not name, share the points of their places. A ballot counts once for each of its voters.
    """
    points = {key: Fraction(0) for key in among}
    for order, voters in ballots:
        named = {key for group in order for key in group}
        rest = [key for key in among if key not in named]
        left = len(among) - 1
        for group in [*order, rest] if rest else order:
            share = Fraction(2 * left - len(group) + 1, 2)
            for key in group:
                points[key] += share * voters
            left -= len(group)
    return points


def places(scores: Mapping[K, Fraction | Decimal | int]) -> dict[K, int]:
    """Give the place of each, from 1, the highest score first; equal scores share a place, and the next is left out."""
    ordered = sorted(scores.values(), reverse=True)
    first = {score: position for position, score in reversed(list(enumerate(ordered, start=1)))}
    return {key: first[score] for key, score in scores.items()}


# --- what was held ---


@dataclass(frozen=True)
class Held:
    """A ranking with the places that it gave, best first; each has its need at hand."""

    ranking: Ranking
    places: Sequence[RankedNeed]


def history(programme: Programme, need: Need | None = None) -> list[Held]:
    """Give the rankings of a programme, or those of one need and of all that it came of, oldest first."""
    ranked = RankedNeed.objects.filter(programme=programme)
    if need is not None:
        ranked = ranked.filter(need__in=lineage.origins(programme, need))
    by_ranking: dict[int, list[RankedNeed]] = {}
    for place in ranked.select_related("need").order_by("position", "id"):
        by_ranking.setdefault(place.ranking_id, []).append(place)
    rows = Ranking.objects.filter(programme=programme, pk__in=by_ranking)
    rows = rows.select_related("consultation", "organisation").order_by("held_on", "id")
    return [Held(row, by_ranking[row.pk]) for row in rows]


def of_consultation(consultation: Consultation) -> list[Held]:
    """Give what was ranked in a consultation."""
    held = history(consultation.programme)
    return [item for item in held if item.ranking.consultation_id == consultation.pk]


# --- side by side ---


@dataclass(frozen=True)
class Line:
    """A need that both sides ranked, and its places among those that both did."""

    need: Need
    community: int
    professionals: int

    @property
    def difference(self) -> int:
        """Tell how many places apart they are; above 0 where the community holds it more urgent."""
        return self.professionals - self.community


@dataclass(frozen=True)
class Comparison:
    """Two rankings side by side: what both ranked, the largest disagreement first, and what one of them alone did.

    A pair of needs is ``concordant`` where both sides put the same one first, ``discordant`` where they do not, and
    neither where one side gives both the same place.
    """

    community: Ranking
    professionals: Ranking
    lines: Sequence[Line]
    community_alone: Sequence[Need]
    professionals_alone: Sequence[Need]
    concordant: int
    discordant: int

    @property
    def pairs(self) -> int:
        """Count the pairs of needs that both ranked."""
        return len(self.lines) * (len(self.lines) - 1) // 2

    @property
    def tau(self) -> Fraction:
        """Give Kendall's rank correlation (tau-a), exactly: 1 the same order, -1 the opposite one."""
        return Fraction(self.concordant - self.discordant, self.pairs)


def comparison(programme: Programme) -> Comparison | None:
    """Set the community's latest ranking beside the professionals' latest that shares at least two needs with it.

    Where it has none, the community's ranking before it is taken, and so on. Needs that were merged or split since are
    left out.
    """
    held = history(programme)
    for one in _latest(held, RankedBy.COMMUNITY):
        for other in _latest(held, RankedBy.PROFESSIONALS):
            found = _compared(one, other)
            if found:
                return found
    return None


def _latest(held: Sequence[Held], side: RankedBy) -> list[Held]:
    return [item for item in reversed(held) if item.ranking.ranked_by == side]


def _compared(one: Held, other: Held) -> Comparison | None:
    ours, theirs = _standing(one), _standing(other)
    both = [key for key in ours if key in theirs]
    if len(both) < 2:
        return None
    first = places({key: -ours[key].position for key in both})
    second = places({key: -theirs[key].position for key in both})
    lines = [Line(ours[key].need, first[key], second[key]) for key in both]
    signs = [
        (a.community - b.community) * (a.professionals - b.professionals) for a, b in combinations(lines, 2)
    ]
    return Comparison(
        community=one.ranking,
        professionals=other.ranking,
        lines=sorted(lines, key=lambda line: (-abs(line.difference), line.community, line.need.pk)),
        community_alone=[place.need for key, place in ours.items() if key not in theirs],
        professionals_alone=[place.need for key, place in theirs.items() if key not in ours],
        concordant=sum(sign > 0 for sign in signs),
        discordant=sum(sign < 0 for sign in signs),
    )


def _standing(held: Held) -> dict[int, RankedNeed]:
    return {place.need_id: place for place in held.places if place.need.state not in CLOSED}


# --- told ---


def outline(held: Sequence[Held], *, lang: str = "en") -> Iterator[str]:
    """Tell rankings as lines: who, when, how, how many took part, the order, and why again."""
    for item in held:
        row = item.ranking
        facts = [row.get_method_display()]
        facts += [f"{row.voters} took part"] if row.voters else []
        facts += [best(row.consultation.title, lang)] if row.consultation else []
        facts += ["applied to the hierarchy"] if row.applied else []
        yield f"{row.held_on} {row.get_ranked_by_display()} ranking ({'; '.join(facts)})"
        for place in item.places:
            score = f" ({decimal_text(place.score)})" if place.score is not None else ""
            yield f"  {place.position}. {best(place.need.title, lang)}{score}"
        if row.reason:
            yield f"  Why: {row.reason}"


def side_by_side(found: Comparison, *, lang: str = "en") -> Iterator[str]:
    """Tell a comparison as lines: how far the sides agree, then each need, the largest disagreement first."""
    tied = found.pairs - found.concordant - found.discordant
    yield (
        f"Community {found.community.held_on} and professionals {found.professionals.held_on}: of {found.pairs} pairs "
        f"of needs they put {found.concordant} in the same order,"
    )
    yield (
        f"{found.discordant} the other way round, {tied} are tied on one side. "
        f"Agreement (Kendall's tau, -1 to 1): {_two_places(found.tau)}"
    )
    for line in found.lines:
        told = f"{abs(line.difference)} {'place' if abs(line.difference) == 1 else 'places'}"
        apart = f"{told} apart" if line.difference else "agreed"
        yield (
            f"  community {line.community}, professionals {line.professionals} ({apart}): "
            f"{best(line.need.title, lang)}"
        )
    for who, alone in (
        ("the community", found.community_alone),
        ("the professionals", found.professionals_alone),
    ):
        for need in alone:
            yield f"  ranked by {who} alone: {best(need.title, lang)}"


def chapter(programme: Programme, *, lang: str = "en") -> list[str]:
    """Tell where community and professionals disagree; nothing where they did not rank the same needs."""
    found = comparison(programme)
    if found is None:
        return []
    told = list(side_by_side(found, lang=lang))
    return told if len(told) <= SHOWN + 2 else [*told[: SHOWN + 2], f"  … and {len(told) - SHOWN - 2} more"]


def health(programme: Programme) -> Iterator[Finding]:
    """Name the needs that the community and the professionals put far apart."""
    found = comparison(programme)
    for line in found.lines if found else ():
        if found and abs(line.difference) >= FAR * len(found.lines) and abs(line.difference) > 1:
            sentence = (
                f"The community ranks “{line.need}” {_th(line.community)}, the professionals "
                f"{_th(line.professionals)}, of {len(found.lines)} needs that both ranked."
            )
            yield Finding("ranked_apart", sentence, str(line.need.uuid))


def _th(place: int) -> str:
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def _two_places(number: Fraction) -> str:
    return str(round(Decimal(number.numerator) / number.denominator, 2))
