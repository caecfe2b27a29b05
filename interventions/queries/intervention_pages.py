"""Interventions as people read them: the list with who holds each and what it answers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery

from handover import clock
from handover.models import Programme, Tenure
from handover.models.responsibilities import Capacity
from handover.narratives import best
from interventions.models import (
    Intervention,
    InterventionDependency,
    InterventionNeed,
    InterventionPartner,
    InterventionPlace,
    Need,
    TargetGroup,
)


class Now(StrEnum):
    """Where an intervention is by its own dates."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class Answered:
    """A need that an intervention answers."""

    uuid: UUID
    title: str


@dataclass(frozen=True)
class Listed:
    """An intervention in the list."""

    row: Intervention
    now: Now
    holder: str
    """Who holds its responsibility today; the steward where it has none."""
    needs: Sequence[Answered]


def now_of(row: Intervention, today: dt.date | None = None) -> Now:
    """Tell where an intervention is."""
    day = today or clock.today()
    if row.ends_on is not None and row.ends_on < day:
        return Now.ENDED
    return Now.RUNNING if row.starts_on is not None and row.starts_on <= day else Now.PLANNED


def listing(
    programme: Programme,
    *,
    lang: str = "en",
    now: str = "",
    field: str = "",
    place: UUID | None = None,
    need: UUID | None = None,
) -> list[Listed]:
    """Give a programme's interventions, by field of work and age, in two queries.

    Args:
        now: only planned, running or ended ones.
        field: mainly in this field of work.
        place: at this place, their own or another.
        need: answering this need.
    """
    answers = _answers(programme, lang)
    rows = _rows(programme).order_by("field", "starts_on", "pk")
    if field:
        rows = rows.filter(field=field)
    if place is not None:
        elsewhere = InterventionPlace.objects.filter(intervention=OuterRef("pk"), place__uuid=place)
        rows = rows.filter(Q(place__uuid=place) | Exists(elsewhere))
    if need is not None:
        rows = rows.filter(
            Exists(InterventionNeed.objects.filter(intervention=OuterRef("pk"), need__uuid=need))
        )
    found = [
        Listed(row, now_of(row), row.held_by or programme.steward.name, answers.get(row.pk, []))
        for row in rows
    ]
    return [item for item in found if not now or item.now == now]


def intervention_of(programme: Programme, key: UUID) -> Any | None:
    """Give an intervention of a programme with ``held_by``, who holds its responsibility today, in one query."""
    return _rows(programme).filter(uuid=key).first()


@dataclass(frozen=True)
class About:
    """What hangs on an intervention."""

    needs: Sequence[Need]
    after: Sequence[InterventionDependency]
    before: Sequence[InterventionDependency]
    groups: Sequence[TargetGroup]
    places: Sequence[InterventionPlace]
    partners: Sequence[InterventionPartner]


def about(row: Intervention) -> About:
    """Give what hangs on an intervention, in five queries."""
    links = InterventionNeed.objects.filter(intervention=row).select_related("need").order_by("pk")
    either = Q(intervention=row) | Q(after=row)
    order = list(
        InterventionDependency.objects.filter(either).select_related("intervention", "after").order_by("pk")
    )
    partners = InterventionPartner.objects.filter(intervention=row).select_related("organisation")
    places = InterventionPlace.objects.filter(intervention=row).select_related("place")
    return About(
        needs=[link.need for link in links],
        after=[item for item in order if item.intervention_id == row.pk],
        before=[item for item in order if item.after_id == row.pk],
        groups=list(TargetGroup.objects.filter(intervention=row).order_by("pk")),
        places=list(places.order_by("pk")),
        partners=list(partners.order_by("pk")),
    )


def _rows(programme: Programme) -> Any:
    holder = Tenure.objects.filter(
        responsibility=OuterRef("responsibility"), capacity=Capacity.HOLDER, valid__contains=clock.today()
    ).values("organisation__name")
    return (
        Intervention.objects.filter(programme=programme)
        .select_related("place", "responsibility", "programme__steward")
        .annotate(held_by=Subquery(holder[:1]))
    )


def _answers(programme: Programme, lang: str) -> Mapping[int, list[Answered]]:
    found: defaultdict[int, list[Answered]] = defaultdict(list)
    rows = InterventionNeed.objects.filter(programme=programme).order_by("pk")
    for key, uuid, title in rows.values_list("intervention_id", "need__uuid", "need__title"):
        found[key].append(Answered(uuid, best(title, lang)))
    return found
