"""The interventions of a programme, field by field, with the needs that they answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from handover.models import Programme
from handover.narratives import best
from interventions.models import (
    Field,
    Intervention,
    InterventionDependency,
    InterventionNeed,
    InterventionPartner,
    InterventionPlace,
    Need,
    TargetGroup,
    Volunteering,
)
from interventions.queries import services
from interventions.queries.needs import Node, walk
from interventions.queries.services import ServiceLine


@dataclass(frozen=True)
class FieldOfWork:
    """One field with its interventions, oldest first."""

    field: Field
    interventions: Sequence[Intervention]


def by_field(programme: Programme) -> list[FieldOfWork]:
    """Give the fields in which a programme works, in the order of ``Field``, in one query."""
    found: dict[Field, list[Intervention]] = {field: [] for field in Field}
    rows = Intervention.objects.filter(programme=programme).select_related("place", "responsibility")
    for row in rows.order_by("starts_on", "id"):
        found[Field(row.field)].append(row)
    return [FieldOfWork(field, rows) for field, rows in found.items() if rows]


def answers(programme: Programme) -> dict[int, list[int]]:
    """Give the needs that each intervention answers, all as database keys, in one query."""
    found: dict[int, list[int]] = {}
    pairs = InterventionNeed.objects.filter(programme=programme).order_by("id")
    for intervention, need in pairs.values_list("intervention_id", "need_id"):
        found.setdefault(intervention, []).append(need)
    return found


def dependencies(programme: Programme) -> dict[int, list[int]]:
    """Give what each intervention comes after, all as database keys, in one query."""
    found: dict[int, list[int]] = {}
    pairs = InterventionDependency.objects.filter(programme=programme).order_by("id")
    for intervention, first in pairs.values_list("intervention_id", "after_id"):
        found.setdefault(intervention, []).append(first)
    return found


@dataclass(frozen=True)
class About:
    """One intervention with everything that hangs on it."""

    intervention: Intervention
    needs: Sequence[Need]
    after: Sequence[InterventionDependency]
    before: Sequence[InterventionDependency]
    groups: Sequence[TargetGroup]
    places: Sequence[InterventionPlace]
    partners: Sequence[InterventionPartner]
    services: Sequence[ServiceLine]
    volunteering: Sequence[Volunteering]


def about(intervention: Intervention) -> About:
    """Give an intervention with everything that hangs on it, in a constant number of queries."""
    links = InterventionNeed.objects.filter(intervention=intervention).select_related("need")
    after = InterventionDependency.objects.filter(intervention=intervention).select_related("after")
    before = InterventionDependency.objects.filter(after=intervention).select_related("intervention")
    partners = InterventionPartner.objects.filter(intervention=intervention)
    places = InterventionPlace.objects.filter(intervention=intervention).select_related("place")
    return About(
        intervention=intervention,
        needs=[link.need for link in links.order_by("id")],
        after=list(after.order_by("id")),
        before=list(before.order_by("id")),
        groups=list(TargetGroup.objects.filter(intervention=intervention).order_by("id")),
        places=list(places.order_by("id")),
        partners=list(partners.select_related("organisation", "agreement").order_by("id")),
        services=services.of(intervention.programme, intervention),
        volunteering=list(
            Volunteering.objects.filter(intervention=intervention)
            .select_related("place")
            .order_by("starts_on", "id")
        ),
    )


def outline(
    fields: Sequence[FieldOfWork],
    answered: Mapping[int, Sequence[int]],
    roots: Sequence[Node],
    first: Mapping[int, Sequence[int]] | None = None,
    *,
    lang: str = "en",
) -> Iterator[str]:
    """Tell interventions as lines below their field, with the numbers of the needs that they answer.

    Args:
        first: what each comes after, as ``dependencies`` gives it; told where it is given.
    """
    titles = {row.pk: best(row.title, lang) for work in fields for row in work.interventions}
    order = {node.need.pk: (position, node.number) for position, node in enumerate(walk(roots))}
    for work in fields:
        yield work.field.label.capitalize()
        for row in work.interventions:
            facts = [row.get_strand_display()] if row.strand else []
            facts += [row.get_audience_display(), *([row.place.name] if row.place else []), _span(row)]
            numbers = [
                number
                for _, number in sorted(order[need] for need in answered.get(row.pk, ()) if need in order)
            ]
            needs = f"answers {', '.join(numbers)}" if numbers else "answers no need yet"
            yield f"  {best(row.title, lang)} ({', '.join(fact for fact in facts if fact)}): {needs}"
            for key in (first or {}).get(row.pk, ()):
                yield f"    after {titles[key]}"


def _span(row: Intervention) -> str:
    if row.starts_on and row.ends_on:
        return f"{row.starts_on} to {row.ends_on}"
    if row.starts_on:
        return f"since {row.starts_on}"
    return f"until {row.ends_on}" if row.ends_on else ""
