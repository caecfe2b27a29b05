"""The interventions of a programme, field by field, with the needs that they answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from handover.models import Programme
from handover.narratives import best
from interventions.models import Field, Intervention, InterventionNeed
from interventions.queries.needs import Node, walk


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


def outline(
    fields: Sequence[FieldOfWork],
    answered: Mapping[int, Sequence[int]],
    roots: Sequence[Node],
    *,
    lang: str = "en",
) -> Iterator[str]:
    """Tell interventions as lines below their field, with the numbers of the needs that they answer."""
    order = {node.need.pk: (position, node.number) for position, node in enumerate(walk(roots))}
    for work in fields:
        yield work.field.label.capitalize()
        for row in work.interventions:
            facts = [row.get_strand_display()] if row.strand else []
            facts += [row.get_audience_display(), *([row.place.name] if row.place else []), _span(row)]
            numbers = [number for _, number in sorted(order[need] for need in answered.get(row.pk, ()))]
            needs = f"answers {', '.join(numbers)}" if numbers else "answers no need yet"
            yield f"  {best(row.title, lang)} ({', '.join(fact for fact in facts if fact)}): {needs}"


def _span(row: Intervention) -> str:
    if row.starts_on and row.ends_on:
        return f"{row.starts_on} to {row.ends_on}"
    if row.starts_on:
        return f"since {row.starts_on}"
    return f"until {row.ends_on}" if row.ends_on else ""
