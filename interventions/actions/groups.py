"""Target groups: whom an intervention is for, and how many they are by which source."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from interventions.actions import changes as kept
from interventions.actions import entries, parts
from interventions.actions.entries import Entry, Text
from interventions.models import Intervention, TargetGroup


class GroupEntry(TypedDict, total=False):
    """What can be said of a target group. People are an estimate, with its source."""

    title: Text
    people: int | None
    source: str
    as_of: dt.date | None


FIELDS: Final = frozenset(GroupEntry.__annotations__)


@action
def add(
    *,
    by: Actor,
    intervention_uuid: UUID,
    reason: str = "",
    consultation: UUID | None = None,
    **entry: Unpack[GroupEntry],
) -> TargetGroup:
    """Add a target group to an intervention. Its title is needed; once the intervention has begun, a reason too.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Invalid: a wrong field, a count below zero or without its source, no reason where one is due.
    """
    entries.only(entry, FIELDS)
    of = parts.intervention_for(by, intervention_uuid)
    why = kept.why(of, reason, consultation, adds=True)
    row = build(of, entry)
    return parts.add(row, why, by=by, verb="intervention.group_added", told=_told(row))


@action
def edit(
    *,
    by: Actor,
    group_uuid: UUID,
    version: int,
    reason: str,
    consultation: UUID | None = None,
    **changes: Unpack[GroupEntry],
) -> TargetGroup:
    """Change what is said of a target group, and say why.

    Raises:
        NotFound, NotAllowed: the actor may not change its intervention.
        Stale: somebody else was quicker.
        Invalid: no reason, or as for ``add``.
    """
    entries.only(changes, FIELDS)
    row = parts.fetch(by, TargetGroup, group_uuid, what="target group")
    why = kept.why(row.intervention, reason, consultation)
    values = entries.put(row, _columns(row.intervention, changes))
    _check_source(row)
    return parts.edit(row, version, values, why, by=by, verb="intervention.group_edited")


@action
def remove(*, by: Actor, group_uuid: UUID, reason: str, consultation: UUID | None = None) -> None:
    """Take a target group away, and say why.

    Raises:
        NotFound, NotAllowed: the actor may not change its intervention.
        Invalid: no reason, or a consultation of another programme.
    """
    row = parts.fetch(by, TargetGroup, group_uuid, what="target group")
    why = kept.why(row.intervention, reason, consultation)
    parts.remove(row, why, by=by, verb="intervention.group_removed", told=_told(row))


def build(of: Intervention, entry: Entry, *, at: str = "") -> TargetGroup:
    """Make a target group of what was entered, checked and not yet saved.

    Raises:
        Invalid: as for ``add``.
    """
    entries.only(entry, FIELDS, at=at)
    row = TargetGroup(programme=of.programme, intervention=of, **_columns(of, entry, at=at))
    entries.check(row, at=at)
    _check_source(row, at=at)
    return row


def _columns(of: Intervention, entry: Entry, *, at: str = "") -> dict[str, Any]:
    entries.amounts(entry, ["people"], at=at)
    return entries.columns(entry, entries.References(of.programme, []), at=at)


def _check_source(row: TargetGroup, *, at: str = "") -> None:
    if row.people is not None and not row.source.strip():
        raise Invalid("source_missing", f"The count of “{row}” needs its source.", field=f"{at}source")


def _told(row: TargetGroup) -> dict[str, Any]:
    return {name: getattr(row, name) for name in GroupEntry.__annotations__}
