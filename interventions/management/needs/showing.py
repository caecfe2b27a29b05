"""What `handover need` shows of one need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handover.management.base import Told
from handover.narratives import best
from interventions.management.needs.reading import Named
from interventions.models import InterventionNeed, Need, NeedPlace, NeedPrerequisite
from interventions.queries import lineage, rankings
from interventions.queries.rankings import Comparison, Held


def document(need: Need) -> dict[str, Any]:
    """Give a need for machines."""
    return {
        "uuid": need.uuid,
        "version": need.version,
        "state": str(need.state) or "standing",
        "title": need.title,
        "description": need.description,
        "level": need.level.key,
        "parent": need.parent.uuid if need.parent else None,
        "rank": need.rank,
        "severity": need.severity,
        "trend": str(need.trend),
        "people_affected": need.people_affected,
        "people_source": need.people_source,
        "people_as_of": need.people_as_of,
        "place": need.place.uuid if need.place else None,
        "raised_by": str(need.raised_by),
        "raised_on": need.raised_on,
        "raised_in": need.raised_in.uuid if need.raised_in else None,
        "evidence": need.evidence,
        "responsibility": need.responsibility.uuid if need.responsibility else None,
    }


def done(need: Need, sentence: str) -> Told:
    """Tell that something was done to a need."""
    return Told({"need": document(need)}, [sentence, f"need {need.uuid}"])


def links(need: Need) -> dict[str, list[dict[str, Any]]]:
    """Give all that a need is linked to."""
    waits = NeedPrerequisite.objects.select_related("need", "requires").order_by("id")
    answers = InterventionNeed.objects.filter(need=need).select_related("intervention").order_by("id")
    at = NeedPlace.objects.filter(need=need).select_related("place").order_by("id")
    return {
        "requires": [_named(row.requires) for row in waits.filter(need=need)],
        "required_by": [_named(row.need) for row in waits.filter(requires=need)],
        "answered_by": [_named(row.intervention) for row in answers],
        "places": [{**_named(row.place), "people": row.people_affected} for row in at],
    }


def _named(row: Any) -> dict[str, Any]:
    return {"uuid": row.uuid, "title": str(row)}


def lines(need: Need, linked: dict[str, list[dict[str, Any]]], names: Named, *, lang: str) -> Iterator[str]:
    """Tell a need with its links, its lineage and its rankings."""
    yield f"{names.number(need)} {best(need.title, lang)}".strip()
    if need.description:
        yield f"  {best(need.description, lang)}"
    trend = f", {need.get_trend_display()}" if need.trend else ""
    state = f", {need.get_state_display()}" if need.state else ""
    yield f"  {best(need.level.title, lang)}; severity {need.severity} of 5{trend}{state}"
    if need.people_affected is not None:
        day = f", {need.people_as_of}" if need.people_as_of else ""
        yield f"  {need.people_affected} people ({need.people_source}{day})"
    if need.place:
        yield f"  at {need.place}"
    for place in linked["places"]:
        people = f": {place['people']} people" if place["people"] is not None else ""
        yield f"  also at {place['title']}{people}"
    yield f"  raised by {need.get_raised_by_display()}{_when(need, lang)}"
    if need.evidence:
        yield f"  known from: {need.evidence}"
    yield from _link_lines(linked)
    yield from _past(need)
    yield f"  version {need.version}, {need.uuid}"


def _link_lines(linked: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    for word, name in (
        ("waits for", "requires"),
        ("waited for by", "required_by"),
        ("answered by", "answered_by"),
    ):
        for row in linked[name]:
            yield f"  {word} {row['title']}"


def _past(need: Need) -> Iterator[str]:
    for line in lineage.outline(lineage.lineage(need)):
        yield f"  {line}"
    for held in rankings.history(need.programme, need):
        for place in held.places:
            whose = held.ranking.get_ranked_by_display()
            yield f"  {held.ranking.held_on} {whose} ranking: place {place.position}"


def _when(need: Need, lang: str) -> str:
    day = f" on {need.raised_on}" if need.raised_on else ""
    return f"{day} in “{best(need.raised_in.title, lang)}”" if need.raised_in else day


def ranking(held: Held) -> dict[str, Any]:
    """Give a ranking for machines."""
    row = held.ranking
    return {
        "uuid": row.uuid,
        "ranked_by": str(row.ranked_by),
        "method": str(row.method),
        "held_on": row.held_on,
        "consultation": row.consultation.uuid if row.consultation else None,
        "reason": row.reason,
        "voters": row.voters,
        "applied": row.applied,
        "places": [
            {**_named(place.need), "position": place.position, "score": place.score} for place in held.places
        ],
    }


def comparison(found: Comparison) -> dict[str, Any]:
    """Give two rankings side by side for machines; ``tau`` is a fraction."""
    return {
        "community": found.community.uuid,
        "professionals": found.professionals.uuid,
        "needs": [
            {**_named(line.need), "community": line.community, "professionals": line.professionals}
            for line in found.lines
        ],
        "community_alone": [_named(need) for need in found.community_alone],
        "professionals_alone": [_named(need) for need in found.professionals_alone],
        "concordant": found.concordant,
        "discordant": found.discordant,
        "pairs": found.pairs,
        "tau": str(found.tau),
    }
