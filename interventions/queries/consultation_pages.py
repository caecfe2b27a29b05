"""Consultations as people read them: who came, in groups that are large enough to be told, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from handover.models import CommunityVote, DissentAnswer, DissentReason, Programme
from interventions.models import AgeBand, Attendance, Consultation, Gender, Ranking, Saying

LEAST: Final = 5
"""A group of fewer people is never told, and with it no other group of the same kind: the rest would tell it."""


@dataclass(frozen=True)
class Came:
    """Who came. A breakdown that would tell of fewer than ``LEAST`` people is left out whole."""

    total: int
    few: bool
    """Somebody came, and so few that not even the sum is told."""
    genders: Sequence[tuple[str, int]]
    ages: Sequence[tuple[str, int]]
    withheld: bool
    """A breakdown was left out."""


def came(rows: Iterable[Attendance]) -> Came:
    """Count who came, in groups that are large enough."""
    genders, ages = Counter[str](), Counter[str]()
    for row in rows:
        genders[row.gender] += row.people
        ages[row.age_band] += row.people
    total = sum(genders.values())
    few = 0 < total < LEAST
    told_genders = [] if few else _told(genders, [(item.value, str(item.label)) for item in Gender])
    told_ages = [] if few else _told(ages, [(item.value, str(item.label)) for item in AgeBand])
    return Came(
        total=0 if few else total,
        few=few,
        genders=told_genders,
        ages=told_ages,
        withheld=total > 0 and not (told_genders and told_ages),
    )


def _told(counts: Counter[str], labels: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    if any(0 < people < LEAST for people in counts.values()):
        return []
    return [(label, counts[value]) for value, label in labels if counts[value]]


@dataclass(frozen=True)
class Dissent:
    """A vote at which somebody dissented: why, and what was done about it."""

    vote: CommunityVote
    reasons: Sequence[DissentReason]
    answers: Sequence[DissentAnswer]


def dissents(programme: Programme, consultation: Consultation | None = None) -> list[Dissent]:
    """Give the votes at which people dissented, the latest first, in three queries.

    Args:
        consultation: those that were held there alone.
    """
    rows = CommunityVote.objects.filter(programme=programme, dissent__gt=0)
    if consultation is not None:
        rows = rows.filter(consultation_uuid=consultation.uuid)
    found = rows.select_related("milestone__transfer", "community").prefetch_related(
        "reasons", "answers__organisation"
    )
    return [
        Dissent(row, list(row.reasons.all()), list(row.answers.all()))
        for row in found.order_by("-held_on", "-pk")
    ]


def listing(programme: Programme) -> list[Consultation]:
    """Give a programme's consultations, the latest first, with attendance and sayings at hand, in three queries."""
    rows = Consultation.objects.filter(programme=programme).select_related(
        "place", "community", "facilitator"
    )
    return list(rows.prefetch_related("attendance", "sayings").order_by("-held_on", "-pk"))


def consultation_of(programme: Programme, key: UUID) -> Consultation | None:
    """Give a consultation of a programme, with attendance at hand, in two queries."""
    rows = Consultation.objects.filter(programme=programme, uuid=key)
    return (
        rows.select_related("place", "community", "facilitator", "programme")
        .prefetch_related("attendance")
        .first()
    )


def sayings_of(consultation: Consultation) -> list[Saying]:
    """Give what was said, with the needs and interventions that it is about, in one query."""
    return list(consultation.sayings.select_related("need", "intervention").order_by("pk"))


def saying_of(programme: Programme, key: UUID) -> Saying | None:
    """Give one thing that was said, in one query."""
    rows = Saying.objects.filter(programme=programme, uuid=key)
    return rows.select_related("consultation", "programme").first()


@dataclass(frozen=True)
class Effects:
    """What changed because of a consultation, beside votes."""

    needs: Sequence[tuple[UUID, object]]
    interventions: Sequence[tuple[UUID, object, str]]
    rankings: int


def effects(consultation: Consultation) -> Effects:
    """Give the needs that a consultation raised, the interventions changed because of it, and how often needs were
    ranked there, in three queries."""
    changed = consultation.changes.order_by("pk").values_list(
        "intervention__uuid", "intervention__title", "reason"
    )
    return Effects(
        needs=list(consultation.needs_raised.order_by("pk").values_list("uuid", "title")),
        interventions=list(changed),
        rankings=Ranking.objects.filter(consultation=consultation).count(),
    )
