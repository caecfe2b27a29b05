"""This app's part of a published model: levels, needs and interventions by keys, without anything of a tenant.

Left behind: places, people and who counted them, evidence, days, who said what, partners, licences, figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from handover.canonical import decimal_text
from handover.models import Programme
from handover.models.base import InProgramme
from handover.narratives import best
from handover.queries.structure import Names, key_of, name_all, said, text_of
from interventions.models import (
    Intervention,
    InterventionDependency,
    InterventionNeed,
    Need,
    NeedLevel,
    NeedPrerequisite,
    Service,
    TargetGroup,
)
from interventions.models.needs import NeedState

CLOSED = (NeedState.MERGED, NeedState.SPLIT)
"""Needs that others stand for: they are history of the programme, and no part of its structure."""


def structure(programme: Programme, names: Names) -> Mapping[str, Any]:
    """Give levels, needs and interventions.

    Args:
        names: what rows are called already, of other parts too; those without a name get one, which is added.
    """
    needs = list(
        Need.objects.filter(programme=programme)
        .exclude(state__in=CLOSED)
        .select_related("level", "parent")
        .order_by("level__position", "rank", "id")
    )
    done = list(
        Intervention.objects.filter(programme=programme).select_related("responsibility").order_by("id")
    )
    levels = list(NeedLevel.objects.filter(programme=programme))
    names.update({level.uuid: f"level:{level.key}" for level in levels})
    name_all(names, "need", [(row.uuid, best(row.title)) for row in needs])
    name_all(names, "intervention", [(row.uuid, best(row.title)) for row in done])
    return {
        "levels": [{"key": level.key, "title": text_of(level.title)} for level in levels],
        "needs": list(_needs(programme, needs, names)),
        "interventions": list(_interventions(programme, done, names)),
    }


def _needs(programme: Programme, rows: list[Need], names: Names) -> Iterator[dict[str, Any]]:
    waits = _linked(programme, NeedPrerequisite, "need_id", "requires__uuid", names)
    for row in rows:
        yield said(
            {
                "key": key_of(names, row.uuid),
                "level": row.level.key,
                "parent": key_of(names, row.parent.uuid if row.parent else None),
                "title": text_of(row.title),
                "description": text_of(row.description),
                "severity": row.severity,
                "raised_by": str(row.raised_by),
                "prerequisites": waits.get(row.pk, []),
            }
        )


def _interventions(programme: Programme, rows: list[Intervention], names: Names) -> Iterator[dict[str, Any]]:
    answered = _linked(programme, InterventionNeed, "intervention_id", "need__uuid", names)
    after = _linked(programme, InterventionDependency, "intervention_id", "after__uuid", names)
    groups: dict[int, list[Any]] = {}
    for group in TargetGroup.objects.filter(programme=programme).order_by("id"):
        groups.setdefault(group.intervention_id, []).append({"title": text_of(group.title)})
    services: dict[int, list[Any]] = {}
    for service in Service.objects.filter(programme=programme).order_by("id"):
        services.setdefault(service.intervention_id, []).append(_service(service))
    for row in rows:
        responsibility = row.responsibility.uuid if row.responsibility else None
        yield said(
            {
                "key": key_of(names, row.uuid),
                "title": text_of(row.title),
                "description": text_of(row.description),
                "field": str(row.field),
                "strand": str(row.strand),
                "also_in": list(row.also_in),
                "audience": str(row.audience),
                "effort": decimal_text(row.effort) if row.effort is not None else None,
                "responsibility": key_of(names, responsibility),
                "needs": answered.get(row.pk, []),
                "after": after.get(row.pk, []),
                "groups": groups.get(row.pk, []),
                "services": services.get(row.pk, []),
            }
        )


def _service(row: Service) -> dict[str, Any]:
    return {
        "title": text_of(row.title),
        "kind": str(row.kind),
        "unit": row.unit,
        "needs_licence": row.needs_licence,
    }


def _linked(
    programme: Programme, model: type[InProgramme], of: str, other: str, names: Names
) -> dict[int, list[str]]:
    """Give the keys that rows are linked with; what has no key (a need that was merged away) is left out."""
    found: dict[int, list[str]] = {}
    links = model._default_manager.filter(programme=programme).order_by("id")
    for key, uuid in links.values_list(of, other):
        if uuid in names:
            found.setdefault(key, []).append(key_of(names, uuid))
    return found
