"""Consultations: what was heard, what changed because of it, and what people have been told: you said, we did."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Final
from uuid import UUID

from handover import clock
from handover.errors import Invalid
from handover.holdings import Finding
from handover.models import CommunityVote, Programme
from handover.narratives import best
from interventions.models import (
    AgeBand,
    Attendance,
    Consultation,
    Gender,
    InterventionChange,
    Need,
    Outcome,
    Ranking,
    Saying,
)

WIDTH: Final = 100
TOLD_WITHIN: Final = 90
"""Days after which a community that was not told what came of its words is a warning."""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "said": "You said: {text}",
        Outcome.OPEN.value: "Not answered yet.",
        Outcome.DONE.value: "We did: {text}",
        Outcome.UNDER_WAY.value: "We are at it: {text}",
        Outcome.PARTLY.value: "We did a part: {text}",
        Outcome.NOT_DONE.value: "We did not: {text}",
        "told": "Told back on {day}.",
        "untold": "Not told back yet.",
    },
    "ro": {
        "said": "Ați spus: {text}",
        Outcome.OPEN.value: "Fără răspuns încă.",
        Outcome.DONE.value: "Am făcut: {text}",
        Outcome.UNDER_WAY.value: "Lucrăm la asta: {text}",
        Outcome.PARTLY.value: "Am făcut o parte: {text}",
        Outcome.NOT_DONE.value: "Nu am făcut: {text}",
        "told": "Comunitatea a primit răspunsul la {day}.",
        "untold": "Comunitatea nu a primit încă răspunsul.",
    },
    "lt": {
        "said": "Jūs sakėte: {text}",
        Outcome.OPEN.value: "Dar neatsakyta.",
        Outcome.DONE.value: "Mes padarėme: {text}",
        Outcome.UNDER_WAY.value: "Darome: {text}",
        Outcome.PARTLY.value: "Padarėme iš dalies: {text}",
        Outcome.NOT_DONE.value: "Nepadarėme: {text}",
        "told": "Bendruomenei atsakyta {day}.",
        "untold": "Bendruomenei dar neatsakyta.",
    },
}
"""How people are told what came of their words, by language; English where there is no other."""


@dataclass(frozen=True)
class Changed:
    """What changed because of a consultation: needs that it raised, rankings, interventions, votes held there."""

    needs: Sequence[Need]
    rankings: Sequence[Ranking]
    changes: Sequence[InterventionChange]
    votes: Sequence[CommunityVote]

    def __bool__(self) -> bool:
        return any((self.needs, self.rankings, self.changes, self.votes))


def of_programme(programme: Programme, key: UUID, *, field: str = "consultation") -> Consultation:
    """Fetch a consultation of a programme.

    Raises:
        Invalid: there is none, or it is another programme's.
    """
    found = Consultation.objects.filter(programme=programme, uuid=key).first()
    if found is None:
        raise Invalid(
            "unknown_consultation", f"There is no consultation {key} in this programme.", field=field
        )
    return found


def listing(programme: Programme) -> list[Consultation]:
    """Give a programme's consultations, the oldest first, with their attendance and sayings at hand: three queries."""
    rows = Consultation.objects.filter(programme=programme).select_related(
        "place", "community", "facilitator"
    )
    return list(rows.prefetch_related("attendance", "sayings").order_by("held_on", "id"))


def people(consultation: Consultation) -> int:
    """Count who came."""
    return sum(row.people for row in consultation.attendance.all())


def what_changed(consultation: Consultation) -> Changed:
    """Give what changed because of a consultation, in four queries."""
    return Changed(
        needs=list(consultation.needs_raised.order_by("id")),
        rankings=list(consultation.rankings.order_by("id")),
        changes=list(consultation.changes.select_related("intervention").order_by("id")),
        votes=list(
            CommunityVote.objects.filter(
                programme=consultation.programme_id, consultation_uuid=consultation.uuid
            )
            .select_related("milestone")
            .order_by("id")
        ),
    )


def told(consultation: Consultation, lang: str = "en") -> Iterator[str]:
    """Tell a consultation whole: when, where, how, who came, what was heard, what changed, you said and we did."""
    yield f"{best(consultation.title, lang)}, {consultation.held_on}"
    where = [consultation.get_format_display()]
    where += [consultation.place.name] if consultation.place else []
    where += [consultation.community.name] if consultation.community else []
    where += [f"in {', '.join(consultation.languages)}"] if consultation.languages else []
    yield f"  {'; '.join(where)}"
    led = [str(consultation.facilitator)] if consultation.facilitator else []
    led += [consultation.facilitated_by] if consultation.facilitated_by else []
    if led:
        yield f"  facilitated by {', '.join(led)}"
    yield from (f"  {line}" for line in attendance_lines(list(consultation.attendance.all())))
    if consultation.heard:
        yield f"  heard: {best(consultation.heard, lang)}"
    changed = what_changed(consultation)
    if changed:
        yield "  What changed because of it"
        yield from (f"    {line}" for line in changed_lines(changed, lang))
    yield from (f"  {line}" for line in you_said_here(consultation, lang))


def attendance_lines(rows: Sequence[Attendance]) -> Iterator[str]:
    """Tell who came, as counts: in all, by gender, by age."""
    genders, ages = Counter[str](), Counter[str]()
    for row in rows:
        genders[row.gender] += row.people
        ages[row.age_band] += row.people
    by_gender = ", ".join(f"{item.label} {genders[item]}" for item in Gender if genders[item])
    by_age = ", ".join(f"{item.label}: {ages[item]}" for item in AgeBand if ages[item])
    total = sum(genders.values())
    if not total:
        yield "people: not counted"
        return
    yield f"people: {total} ({by_gender})"
    yield f"by age: {by_age}"


def changed_lines(changed: Changed, lang: str = "en") -> Iterator[str]:
    """Tell what changed, one thing a line."""
    for need in changed.needs:
        yield f"need raised: {best(need.title, lang)}"
    for ranking in changed.rankings:
        why = f": {ranking.reason}" if ranking.reason else ""
        yield f"needs ranked ({ranking.get_method_display()}){why}"
    for change in changed.changes:
        fields = ", ".join(sorted({*change.before, *change.after}))
        yield f"intervention changed: {best(change.intervention.title, lang)} ({fields}): {change.reason}"
    for vote in changed.votes:
        yield f"vote on “{vote.milestone.title}”: {vote.assent} for, {vote.dissent} against"


def you_said_here(consultation: Consultation, lang: str = "en") -> Iterator[str]:
    """Tell a community, in its language, what it said and what was done about each of it."""
    words = WORDS.get(lang, WORDS["en"])
    for saying in consultation.sayings.all():
        yield words["said"].format(text=best(saying.said, lang))
        yield f"  {words[saying.outcome].format(text=best(saying.done, lang))}"
    if consultation.told_back_on:
        yield words["told"].format(day=consultation.told_back_on)
    elif consultation.sayings.all():
        yield words["untold"]


def you_said(programme: Programme, lang: str = "en") -> Iterator[str]:
    """Tell a whole programme's "you said, we did", consultation by consultation."""
    for consultation in listing(programme):
        if consultation.sayings.all():
            yield _fit(f"{best(consultation.title, lang)}, {consultation.held_on}")
            for line in you_said_here(consultation, lang):
                yield _fit(f"  {line}")


def lines(programme: Programme, lang: str = "en") -> Iterator[str]:
    """Tell the consultations of a programme, one a line."""
    found = listing(programme)
    if found:
        yield f"Consultations: {len(found)}"
    for row in found:
        answered = sum(bool(saying.outcome) for saying in row.sayings.all())
        said = f", {answered} of {len(row.sayings.all())} sayings answered" if row.sayings.all() else ""
        place = f", {row.place.name}" if row.place else ""
        yield _fit(f"  {row.held_on} {people(row)} people{said}: {best(row.title, lang)}{place}")


def health(programme: Programme) -> Iterator[Finding]:
    """Name words that nobody answered, and communities that were not told back in time."""
    today = clock.today()
    for row in listing(programme):
        late = row.held_on + dt.timedelta(days=TOLD_WITHIN) < today
        sayings: list[Saying] = list(row.sayings.all())
        for saying in sayings:
            if late and not saying.outcome:
                said = shorten(str(saying), 80, placeholder=" …")
                sentence = f"{row} ({row.held_on}) → “{said}”: nobody has answered."
                yield Finding("saying_unanswered", sentence, str(saying.uuid))
        if late and sayings and row.told_back_on is None:
            days = (today - row.held_on).days
            sentence = (
                f"{row} ({row.held_on}): {days} days on, the community has not been told what came of it."
            )
            yield Finding("not_told_back", sentence, str(row.uuid))


def _fit(text: str) -> str:
    if len(text) <= WIDTH:
        return text
    indent = len(text) - len(text.lstrip())
    return " " * indent + shorten(text.strip(), WIDTH - indent, placeholder=" …")
