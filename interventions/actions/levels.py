"""Levels of the needs hierarchy: a programme's own, lowest first."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import entries, hierarchy
from interventions.actions.entries import Text
from interventions.models import NeedLevel


@action
def define(*, by: Actor, programme_uuid: UUID, levels: Mapping[str, Text]) -> list[NeedLevel]:
    """Say which levels there are, lowest first: ``{key: title}``. Known keys are retitled and put in this order.

    ``interventions.queries.levels.DEFAULT`` is a set to begin with.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: no level, no title, a key that is no slug, or a level that is left out although needs are on it.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.EDIT_NEEDS)
    hierarchy.hold(programme)
    if not levels:
        raise Invalid("no_levels", "A hierarchy needs at least one level.", field="levels")
    rows = write(programme, levels)
    ledger.record(
        verb="need_levels.defined",
        by=by,
        programme=programme,
        subject=programme.uuid,
        data={"levels": [{"key": row.key, "title": row.title} for row in rows]},
    )
    return rows


def write(programme: Programme, levels: Mapping[str, Text]) -> list[NeedLevel]:
    """Write the levels of a programme in their order, for an action that asked for it and holds its hierarchy.

    Raises:
        Invalid: see ``define``.
    """
    rows = []
    for position, (key, title) in enumerate(levels.items(), start=1):
        at = f"levels[{key}]."
        row = NeedLevel(
            programme=programme, key=key, title=entries.text(f"{at}title", title), position=position
        )
        entries.check(row, at=at)
        rows.append(row)
    left_out = NeedLevel.objects.filter(programme=programme).exclude(key__in=levels)
    used = left_out.filter(needs__isnull=False).first()
    if used:
        raise Invalid(
            "level_in_use", f"There are needs on the level “{used}”: it cannot be left out.", field="levels"
        )
    left_out.delete()
    NeedLevel.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["programme", "key"], update_fields=["title", "position"]
    )
    return list(NeedLevel.objects.filter(programme=programme))


def by_key(programme: Programme) -> dict[str, NeedLevel]:
    """Give a programme's levels by key, lowest first."""
    return {level.key: level for level in NeedLevel.objects.filter(programme=programme)}


def named(levels: Mapping[str, NeedLevel], key: object, *, at: str = "") -> NeedLevel:
    """Give the level that a key names.

    Raises:
        Invalid: there is none; the sentence tells which there are.
    """
    found = levels.get(str(key))
    if found is None:
        there = f"there are: {', '.join(levels)}" if levels else "this programme has no levels yet"
        raise Invalid("unknown_level", f"There is no level “{key}”; {there}.", field=f"{at}level")
    return found
