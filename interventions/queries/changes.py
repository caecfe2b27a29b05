"""How interventions changed: before, after, why, and which consultation prompted it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from handover.models import Programme
from handover.narratives import best
from interventions.models import Consultation, Intervention, InterventionChange


@dataclass(frozen=True)
class Changed:
    """One field that changed, as texts; an empty text is nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One change of an intervention."""

    row: InterventionChange
    intervention: Intervention
    at: dt.datetime
    by: str
    organisation: str
    fields: Sequence[Changed]
    reason: str
    consultation: Consultation | None


def history(
    programme: Programme,
    intervention: Intervention | None = None,
    *,
    consultation: Consultation | None = None,
    cutoff: dt.datetime | None = None,
) -> list[Change]:
    """Give what changed, oldest first, in one query: of one intervention, or what one consultation prompted.

    Args:
        cutoff: nothing that changed after this instant.
    """
    rows = InterventionChange.objects.filter(programme=programme)
    if intervention is not None:
        rows = rows.filter(intervention=intervention)
    if consultation is not None:
        rows = rows.filter(consultation=consultation)
    if cutoff is not None:
        rows = rows.filter(changed_at__lte=cutoff)
    return [
        _change(row)
        for row in rows.select_related("intervention", "consultation", "organisation").order_by("id")
    ]


def _change(row: InterventionChange) -> Change:
    names = dict.fromkeys((*row.before, *row.after))
    return Change(
        row=row,
        intervention=row.intervention,
        at=row.changed_at,
        by=row.user_name,
        organisation=row.organisation.name,
        fields=[Changed(name, row.before.get(name, ""), row.after.get(name, "")) for name in names],
        reason=row.reason,
        consultation=row.consultation,
    )


def lines(changes: Iterable[Change], *, lang: str = "en") -> Iterator[str]:
    """Tell changes: when and of what, what was and what is, why, and which consultation prompted it."""
    for item in changes:
        yield f"{item.at:%Y-%m-%d} {best(item.intervention.title, lang)} ({item.organisation})"
        yield from (f"  {told(field)}" for field in item.fields)
        yield f"  because: {item.reason}"
        if item.consultation is not None:
            held = best(item.consultation.title, lang)
            yield f"  prompted by the consultation “{held}” of {item.consultation.held_on}"


def told(field: Changed) -> str:
    """Tell one field's change in a line."""
    name = field.field.replace("_", " ")
    if not field.before:
        return f"{name}: {field.after} (new)"
    if not field.after:
        return f"{name}: {field.before} (gone)"
    return f"{name}: {field.before} → {field.after}"
