"""Needs: the levels of the hierarchy, its nodes, their order, and what has to come first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from django.db import connection
from django.db.models import Max

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import entries
from interventions.actions.entries import Text
from interventions.models import Need, NeedLevel, NeedPrerequisite, RaisedBy
from interventions.queries import order

EDIT: Final = Permission.EDIT_NEEDS


class NeedChanges(TypedDict, total=False):
    """What can be said of a need. ``level`` is a level's key, references are UUIDs, people are persons."""

    title: Text
    description: Text
    level: str
    severity: int
    people_affected: int | None
    people_source: str
    people_as_of: dt.date | None
    place: UUID | None
    raised_by: RaisedBy | str
    evidence: str
    responsibility: UUID | None


class NeedEntry(NeedChanges, total=False):
    """What can be said of a new need: besides, its rank among its siblings (without one it comes last)."""

    rank: int


FIELDS: Final = frozenset(NeedEntry.__annotations__)


# --- levels ---


@action
def define_levels(*, by: Actor, programme_uuid: UUID, levels: Mapping[str, Text]) -> list[NeedLevel]:
    """Say which levels there are, lowest first: ``{key: title}``. Known keys are retitled and put in this order.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: no title, a key that is no slug, or a level that is left out although needs are on it.
    """
    programme = access.programme_for(by, programme_uuid, may=EDIT)
    hold_shape(programme)
    rows = write_levels(programme, levels)
    ledger.record(
        verb="need_levels.defined",
        by=by,
        programme=programme,
        subject=programme.uuid,
        data={"levels": [{"key": row.key, "title": row.title} for row in rows]},
    )
    return rows


def write_levels(programme: Programme, levels: Mapping[str, Text]) -> list[NeedLevel]:
    """Write the levels of a programme in their order, for an action that asked for it and holds its shape.

    Raises:
        Invalid: see ``define_levels``.
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


# --- nodes ---


@action
def add(*, by: Actor, programme_uuid: UUID, parent: UUID | None = None, **entry: Unpack[NeedEntry]) -> Need:
    """Add a need below another, or at the top. Title, level and severity (1 to 5) are needed.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: a wrong field, an unknown level, a parent of another programme, or a count without its source.
    """
    entries.only(entry, FIELDS)
    programme, references = entries.begin(by, programme_uuid, [entry], may=EDIT)
    above = _of(programme, parent, field="parent") if parent else None
    need = build(programme, entry, references, levels_of(programme))
    need.parent = above
    if "rank" not in entry:
        need.rank = _last(programme, above) + 1
    need.save()
    ledger.record(
        verb="need.added",
        by=by,
        programme=programme,
        subject=need.uuid,
        data={**_told(need), "parent": above.uuid if above else None},
    )
    return need


@action
def edit(*, by: Actor, need_uuid: UUID, version: int, **changes: Unpack[NeedChanges]) -> Need:
    """Change what is said of a need; ``move`` and ``rank`` change where it stands.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Stale: somebody else was quicker.
        Invalid: a wrong field, an unknown level, or a count without its source.
    """
    entries.only(changes, NeedChanges.__annotations__)
    need = entries.fetch(by, Need, need_uuid, may=EDIT)
    references = entries.References(need.programme, [changes])
    entries.asked_also(by, need, changes, references, may=EDIT)
    levels = levels_of(need.programme) if "level" in changes else {}
    values = entries.put(need, _columns(changes, references, levels))
    _check_source(need)
    need.change(version=version, **values)
    ledger.record(
        verb="need.edited",
        by=by,
        programme=need.programme,
        subject=need.uuid,
        data={"version": need.version, "changes": entries.facts(values)},
    )
    return need


@action
def move(*, by: Actor, need_uuid: UUID, parent: UUID | None, version: int, rank: int | None = None) -> Need:
    """Put a need, with all below it, under another or at the top; it comes last there if no rank is given.

    The row and its identifier stay, and so does every link to it.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Stale: somebody else was quicker.
        Invalid: the parent is not this programme's, or stands below the need itself (``parent_circle``).
    """
    need = entries.fetch(by, Need, need_uuid, may=EDIT)
    programme = need.programme
    hold_shape(programme)
    above = _of(programme, parent, field="parent") if parent else None
    if above:
        upwards = Need.objects.filter(programme=programme, parent__isnull=False).values_list(
            "pk", "parent_id"
        )
        steps = order.way({key: [up] for key, up in upwards if up}, above.pk, need.pk)
        if steps:
            raise parent_circle([str(row) for row in _named(programme, [*reversed(steps), need.pk])])
    before = Need.objects.filter(children=need.pk).first()
    place = _last(programme, above) + 1 if rank is None else rank
    need.change(version=version, **entries.put(need, {"parent": above, "rank": place}))
    ledger.record(
        verb="need.moved",
        by=by,
        programme=programme,
        subject=need.uuid,
        data={
            "version": need.version,
            "from": before.uuid if before else None,
            "to": parent,
            "rank": need.rank,
        },
    )
    return need


@action
def rank(*, by: Actor, programme_uuid: UUID, parent: UUID | None, ranked: Sequence[UUID]) -> list[Need]:
    """Rank all needs below one parent (or at the top), most urgent first.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: ``ranked`` does not name each of them exactly once.
    """
    programme = access.programme_for(by, programme_uuid, may=EDIT)
    hold_shape(programme)
    above = _of(programme, parent, field="parent") if parent else None
    # The rows are locked too: an edit between reading and writing would otherwise lose its version.
    siblings = list(
        Need.objects.filter(programme=programme, parent=above).select_for_update(of=("self",)).order_by("id")
    )
    wanted = {key: position for position, key in enumerate(ranked, start=1)}
    if len(wanted) != len(ranked) or set(wanted) != {need.uuid for need in siblings}:
        raise Invalid(
            "not_the_siblings", "The ranking must name each need below this parent once.", field="ranked"
        )
    moved = [need for need in siblings if need.rank != wanted[need.uuid]]
    for need in moved:
        need.rank, need.version = wanted[need.uuid], need.version + 1
    Need.objects.bulk_update(moved, ["rank", "version"])
    ledger.record(
        verb="needs.ranked",
        by=by,
        programme=programme,
        subject=above.uuid if above else programme.uuid,
        data={"ranked": list(ranked)},
    )
    return sorted(siblings, key=lambda need: need.rank)


# --- what has to come first ---


@action
def require(*, by: Actor, need_uuid: UUID, requires: UUID) -> NeedPrerequisite:
    """Say that a need can only be answered after another.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: the other is of another programme, is required already, or waits for this one itself
            (``prerequisite_cycle``, with the way round in words).
    """
    need = entries.fetch(by, Need, need_uuid, may=EDIT)
    programme = need.programme
    hold_shape(programme)
    first = _of(programme, requires, field="requires")
    edges: dict[int, list[int]] = {}
    pairs = NeedPrerequisite.objects.filter(programme=programme)
    for later, earlier in pairs.values_list("need_id", "requires_id"):
        edges.setdefault(later, []).append(earlier)
    if first.pk in edges.get(need.pk, ()):
        raise Invalid("already_required", f"“{need}” requires “{first}” already.", field="requires")
    steps = order.way(edges, first.pk, need.pk)
    if steps:
        raise prerequisite_cycle([str(row) for row in _named(programme, [need.pk, *steps])])
    link = NeedPrerequisite.objects.create(programme=programme, need=need, requires=first)
    ledger.record(
        verb="need.prerequisite_added",
        by=by,
        programme=programme,
        subject=need.uuid,
        data=entries.facts({"requires": first}),
    )
    return link


@action
def release(*, by: Actor, need_uuid: UUID, requires: UUID) -> None:
    """Say that a need no longer waits for another.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs, or this one does not wait for that.
    """
    need = entries.fetch(by, Need, need_uuid, may=EDIT)
    gone, _ = NeedPrerequisite.objects.filter(need=need, requires__uuid=requires).delete()
    if not gone:
        raise NotFound("prerequisite")
    ledger.record(
        verb="need.prerequisite_removed",
        by=by,
        programme=need.programme,
        subject=need.uuid,
        data={"requires": requires},
    )


# --- shared with loading ---


def hold_shape(programme: Programme) -> None:
    """Let one transaction at a time change a hierarchy: two that each see no circle could close one together.

    It comes on top of the lock that every write takes (FOR KEY SHARE) and bars, besides an execution, only its like: of
    two that hold the first and want the second, one gets it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM handover_programme WHERE id = %s FOR NO KEY UPDATE", [programme.pk])


def levels_of(programme: Programme) -> dict[str, NeedLevel]:
    """Give a programme's levels by key."""
    return {level.key: level for level in NeedLevel.objects.filter(programme=programme)}


def build(
    programme: Programme,
    entry: entries.Entry,
    references: entries.References,
    levels: Mapping[str, NeedLevel],
    *,
    at: str = "",
) -> Need:
    """Make a need of what was entered, checked and not yet saved; ``at`` goes before an error's field.

    Raises:
        Invalid: a wrong field, an unknown level, or a count without its source.
    """
    values = _columns(entry, references, levels, at=at)
    if "level" not in values:
        raise Invalid("unknown_level", "A need must say its level.", field=f"{at}level")
    need = Need(programme=programme, **values)
    entries.check(need, at=at)
    _check_source(need, at=at)
    return need


def parent_circle(titles: Sequence[str]) -> Invalid:
    """Make the refusal of a parent that stands below its own child; titles go from parent to child."""
    steps = ", above ".join(f"“{title}”" for title in titles)
    return Invalid(
        "parent_circle", f"A need cannot stand below itself: {steps}.", field="parent", circle=list(titles)
    )


def prerequisite_cycle(titles: Sequence[str], *, field: str = "requires") -> Invalid:
    """Make the refusal of a prerequisite that closes a circle; titles go from what waits to what it awaits."""
    start, *steps = (f"“{title}”" for title in titles)
    way = ", which requires ".join(steps)
    sentence = f"A need cannot wait for itself: {start} requires {way}."
    return Invalid("prerequisite_cycle", sentence, field=field, cycle=list(titles))


def _columns(
    entry: entries.Entry, references: entries.References, levels: Mapping[str, NeedLevel], *, at: str = ""
) -> dict[str, Any]:
    values = entries.columns(entry, references, at=at)
    if "level" in values:
        level = levels.get(str(values["level"]))
        if level is None:
            raise Invalid("unknown_level", f"There is no level “{values['level']}”.", field=f"{at}level")
        values["level"] = level
    return values


def _check_source(need: Need, *, at: str = "") -> None:
    if need.people_affected is not None and not need.people_source.strip():
        raise Invalid("source_missing", "A count of people needs its source.", field=f"{at}people_source")


def _of(programme: Programme, key: UUID, *, field: str) -> Need:
    found = Need.objects.filter(programme=programme, uuid=key).first()
    if found is None:
        raise Invalid(f"unknown_{field}", "There is no such need in this programme.", field=field)
    return found


def _last(programme: Programme, parent: Need | None) -> int:
    siblings = Need.objects.filter(programme=programme, parent=parent)
    return siblings.aggregate(last=Max("rank"))["last"] or 0


def _named(programme: Programme, keys: Iterable[int]) -> list[Need]:
    wanted = list(keys)
    rows = Need.objects.filter(programme=programme).in_bulk(wanted)
    return [rows[key] for key in wanted]


def _told(need: Need) -> dict[str, Any]:
    told = {name: getattr(need, name) for name in sorted(FIELDS)}
    return entries.facts(told)
