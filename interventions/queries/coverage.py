"""Coverage: what the needs and the interventions of a programme leave open, each warning with its path.

A need is answered where an intervention answers it, or where all its parts are answered. It is told at its lowest: a
need with parts is never told for what its parts lack.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from handover.models import Programme
from handover.queries.funding import Carrier, Certainty, carriers, grant_ends
from interventions.queries.landscape import InterventionNode, Landscape, landscape


class Lack(StrEnum):
    """What is lacking. ``text`` names it for a heading."""

    text: str

    def __new__(cls, value: str, text: str = "") -> Lack:
        """Make a member from its code and its heading."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member

    UNANSWERED = "need_unanswered", "needs without an intervention"
    NEEDLESS = "intervention_without_need", "interventions without a need"
    BLOCKED = "prerequisite_unanswered", "needs whose prerequisite nobody answers"
    ORPHANED = "need_orphaned", "needs that nobody with money answers once the grant has ended"
    UNSURE = "need_funding_undecided", "needs whose money after the grant is asked for and not decided"


@dataclass(frozen=True)
class Alert:
    """Something that is lacking: of which need or intervention, by which path, in one sentence."""

    lack: Lack
    subject: UUID
    title: str
    path: tuple[str, ...]
    sentence: str


def coverage(programme: Programme, *, lang: str = "en", scene: Landscape | None = None) -> list[Alert]:
    """Name what a programme's needs and interventions leave open, in a constant number of queries.

    Args:
        scene: the programme's landscape, where somebody has read it already; ``lang`` is then said by it.
    """
    scene = scene or landscape(programme, lang=lang)
    found = [*unanswered(scene), *needless(scene), *blocked(scene)]
    day = grant_ends(programme)
    if day is not None:
        found += orphaned(scene, carriers(programme, day), day)
    return found


def unanswered(scene: Landscape) -> Iterator[Alert]:
    """Name the needs that no intervention answers, each at its lowest."""
    for need in scene.needs.values():
        if need.key in scene.answered or scene.children.get(need.key):
            continue
        above = next((item for item in scene.line(need.key)[1:] if scene.answered_by.get(item.key)), None)
        aside = f" “{above.title}” above it is answered as a whole." if above else ""
        sentence = f"No intervention answers “{need.title}” (severity {need.severity} of 5).{aside}"
        yield Alert(Lack.UNANSWERED, need.uuid, need.title, scene.path(need.key), sentence)


def needless(scene: Landscape) -> Iterator[Alert]:
    """Name the interventions that answer no need that stands."""
    for done in scene.interventions.values():
        if not scene.needs_of.get(done.key):
            sentence = f"“{done.title}” answers no need: say which, or why it is done."
            yield Alert(Lack.NEEDLESS, done.uuid, done.title, (done.title,), sentence)


def blocked(scene: Landscape) -> Iterator[Alert]:
    """Name the needs that wait, directly or over others, for one that nobody answers; the nearest is named."""
    for need in scene.needs.values():
        if need.met:
            continue
        for way in _ways_to_unanswered(scene, need.key):
            titles = tuple(scene.needs[key].title for key in way)
            steps = ", which waits for ".join(f"“{title}”" for title in titles[1:])
            sentence = f"“{need.title}” waits for {steps}: nobody answers that."
            yield Alert(Lack.BLOCKED, need.uuid, need.title, titles, sentence)


def _ways_to_unanswered(scene: Landscape, start: int) -> Iterator[tuple[int, ...]]:
    """Give the shortest way from a need to each nearest unanswered one that it waits for."""
    seen = {start}
    pending: deque[tuple[int, ...]] = deque([(start,)])
    while pending:
        way = pending.popleft()
        for first in scene.prerequisites.get(way[-1], ()):
            if first in seen:
                continue
            seen.add(first)
            if first in scene.answered:
                pending.append((*way, first))
            else:
                yield (*way, first)


def orphaned(scene: Landscape, carried: Mapping[int | None, Carrier], day: dt.date) -> Iterator[Alert]:
    """Name the needs whose every answer has no holder with money after a day, or only money that was asked for."""
    for need in scene.needs.values():
        doing = [scene.interventions[key] for key in scene.answered_by.get(need.key, ())]
        if need.met or not doing:
            continue
        best = max((_certainty(done, carried, day) for done in doing), default=Certainty.NONE)
        if best is Certainty.DECIDED:
            continue
        why = "; ".join(f"“{done.title}”: {_why(done, carried, day)}" for done in doing)
        lack = Lack.ORPHANED if best is Certainty.NONE else Lack.UNSURE
        path = (*scene.path(need.key), *(done.title for done in doing))
        yield Alert(lack, need.uuid, need.title, path, f"“{need.title}”: {why}.")


def _certainty(done: InterventionNode, carried: Mapping[int | None, Carrier], day: dt.date) -> Certainty:
    if done.ends_on is not None and done.ends_on <= day:
        return Certainty.NONE
    carrier = carried.get(done.responsibility)
    return carrier.certainty if carrier else Certainty.NONE


def _why(done: InterventionNode, carried: Mapping[int | None, Carrier], day: dt.date) -> str:
    if done.ends_on is not None and done.ends_on <= day:
        return f"it ends on {done.ends_on:%d %B %Y}"
    carrier = carried.get(done.responsibility)
    return carrier.sentence(day) if carrier else f"nobody holds it after {day:%d %B %Y}"


def lines(found: list[Alert], *, most: int | None = None) -> Iterator[str]:
    """Tell warnings as lines below their headings; ``most`` of each kind, and how many more there are."""
    if not found:
        yield "Nothing is open: every need is answered, and every intervention answers a need."
    for lack in Lack:
        of_kind = [item for item in found if item.lack is lack]
        if not of_kind:
            continue
        yield f"{len(of_kind)} {lack.text}"
        for item in of_kind[:most]:
            yield f"  {item.sentence}"
            if len(item.path) > 1 and lack is not Lack.BLOCKED:
                yield f"    {' › '.join(item.path)}"
        if most is not None and len(of_kind) > most:
            yield f"  … and {len(of_kind) - most} more"
