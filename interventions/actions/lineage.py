"""Lineage: needs merged into one, or split into several. Nothing that hangs on them is lost, and all stays readable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import F

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import entries, hierarchy, need_entries, need_links, need_parts
from interventions.actions.entries import Entry
from interventions.models import LineageKind, Need, NeedLineage, NeedPlace, NeedState
from interventions.queries.needs import open_needs

EDIT: Final = Permission.EDIT_NEEDS
LONGEST_SOURCE: Final = 300
INHERITED: Final = (
    *("severity", "trend", "raised_by", "raised_on", "raised_in", "evidence", "place", "responsibility"),
    *("people_source", "people_as_of"),
)
"""What a part has of the need that was split, where it does not say otherwise. Counts of people are never handed on."""


@action
def merge(*, by: Actor, programme_uuid: UUID, need_uuids: Sequence[UUID], into: UUID, reason: str) -> Need:
    """Merge needs into one that is there: it gets every link of theirs, once; they are kept as merged.

    Links are what answers a need, what it waits for and what waits for it, what stands below it, its places, and every
    row of any app that names it. A prerequisite between two that become one falls away. If the need stood below
    one of those that it takes in, it comes up to where that one stood. Counts of people are not added up: who is
    counted twice, only people know. Rankings stay as they were held.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: no reason, nothing to merge, a need of another programme or one that was merged or split before, a
            target that is met already, or a prerequisite that would go round (``prerequisite_cycle``).
    """
    programme = access.programme_for(by, programme_uuid, may=EDIT)
    hierarchy.hold(programme)
    _say_why(reason)
    if not need_uuids:
        raise Invalid("nothing_to_merge", "Say which needs are merged.", field="needs")
    if into in need_uuids:
        raise Invalid("merged_into_itself", f"Need {into} cannot be merged into itself.", field="into")
    rows = hierarchy.several(programme, [*dict.fromkeys(need_uuids), into])
    target = rows.pop(into)
    others = list(rows.values())
    if target.state == NeedState.MET and any(need.state != NeedState.MET for need in others):
        raise Invalid("need_met", f"“{target}” is met: open it again before others join it.", field="into")
    changes = _changes(programme, target, others)
    moves = need_links.moved(programme, target, others)
    below = _take_children(programme, target, others)
    if changes:
        Need.objects.filter(pk=target.pk).update(version=F("version") + 1, **changes)
        target.refresh_from_db()
    _close(programme, [(need, [target]) for need in others], LineageKind.MERGE, reason)
    ledger.record(
        verb="needs.merged",
        by=by,
        programme=programme,
        subject=target.uuid,
        data={
            "into": {"uuid": target.uuid, "name": str(target)},
            "merged": [{"uuid": need.uuid, "name": str(need)} for need in others],
            "reason": reason,
            "below": below,
            "changes": entries.facts({name: getattr(target, name) for name in changes}),
            **moves.facts(),
        },
    )
    return target


def _changes(programme: Programme, target: Need, others: Sequence[Need]) -> dict[str, Any]:
    """Tell what a merge changes of the target itself: where it stands, and where its counts come from.

    If it stands below one of the others, the topmost of them leaves its place to it: a need between the two would
    stand below itself otherwise.
    """
    changes: dict[str, Any] = {}
    merged = {need.pk: need for need in others}
    upwards = hierarchy.parents(programme)
    here = upwards[target.pk]
    while here is not None:
        if here in merged:
            changes |= {"parent": upwards[here], "rank": merged[here].rank}
        here = upwards[here]
    if changes:
        changes["parent"] = Need.objects.filter(pk=changes["parent"]).first() if changes["parent"] else None
    counted = set(
        NeedPlace.objects.filter(need__in=others, people_affected__isnull=False).values_list(
            "need", flat=True
        )
    )
    bringing = [
        need for need in others if need.pk in counted or (need.place_id and need.people_affected is not None)
    ]
    sources = dict.fromkeys(need.people_source for need in (target, *bringing) if need.people_source)
    source = "; ".join(sources)[:LONGEST_SOURCE]
    return changes if source == target.people_source else {**changes, "people_source": source}


def _take_children(programme: Programme, target: Need, others: Sequence[Need]) -> list[UUID]:
    """Put what stands below the others below the target, after what stands there."""
    below = (
        open_needs(programme)
        .filter(parent__in=others)
        .exclude(pk__in=[target.pk, *(need.pk for need in others)])
    )
    children = list(below.select_for_update(of=("self",), no_key=True).order_by("parent_id", "rank", "id"))
    last = hierarchy.last_rank(programme, target)
    for place, child in enumerate(children, start=last + 1):
        child.parent, child.rank, child.version = target, place, child.version + 1
    Need.objects.bulk_update(children, ["parent", "rank", "version"])
    return [child.uuid for child in children]


@action
def split(*, by: Actor, need_uuid: UUID, parts: Sequence[Entry], reason: str) -> list[Need]:
    """Split a need into several new ones in its place; it is kept as split.

    Args:
        parts: for each part the fields of ``needs.add``; what it does not say is the old need's, but for counts of
            people. Besides, what it claims of the old need's links, as UUIDs: ``answers`` (interventions),
            ``prerequisites`` and ``required_by`` (needs), ``children`` (needs), ``at_places`` (places), ``mentions``
            (rows of any app that name the need, such as sayings, commitments and indicators). What nobody claims
            goes to all parts; a child or a mention, which can have one need only, to the first.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: no reason, fewer than two parts, a wrong field (``parts[0].field``), a claim to what is not linked to
            the need or that two parts make of a child or mention, or a need that was merged or split before.
    """
    programme = entries.fetch(by, Need, need_uuid, may=EDIT).programme
    hierarchy.hold(programme)
    need = hierarchy.one(programme, need_uuid)
    _say_why(reason)
    if len(parts) < 2:
        raise Invalid("too_few_parts", f"“{need}” can be split into two or more, not fewer.", field="parts")
    made = _parts(need, parts)
    moves = need_parts.shared_out(programme, need, made, parts)
    _close(programme, [(need, made)], LineageKind.SPLIT, reason)
    ledger.record(
        verb="need.split",
        by=by,
        programme=programme,
        subject=need.uuid,
        data={
            "name": str(need),
            "parts": [{"uuid": part.uuid, **need_entries.told(part)} for part in made],
            "reason": reason,
            **moves.facts(),
        },
    )
    return made


def _parts(need: Need, parts: Sequence[Entry]) -> list[Need]:
    """Write the parts where the old need stood; what came after it comes after them."""
    programme, inherited = need.programme, _inherited(need)
    said = [
        {
            "level": need.level.key,
            **inherited,
            **{name: part[name] for name in part if name not in need_parts.CLAIMS},
        }
        for part in parts
    ]
    terms = need_entries.known(programme, said)
    made: list[Need] = []
    for number, entry in enumerate(said):
        at = f"parts[{number}]."
        entries.only(entry, need_entries.CHANGES, at=at)
        part = need_entries.build(entry, terms, at=at)
        part.parent, part.rank = need.parent, need.rank + number
        made.append(part)
    after = open_needs(programme).filter(parent=need.parent, rank__gt=need.rank)
    after.update(rank=F("rank") + len(made) - 1, version=F("version") + 1)
    Need.objects.bulk_create(made)
    NeedPlace.objects.bulk_create(
        row
        for part, entry in zip(made, said, strict=True)
        for row in need_entries.places_of(part, terms.places(entry))
    )
    return made


def _inherited(need: Need) -> dict[str, Any]:
    values = {name: getattr(need, name) for name in INHERITED}
    return {name: getattr(value, "uuid", value) for name, value in values.items()}


def _close(
    programme: Programme, became: Sequence[tuple[Need, Sequence[Need]]], kind: LineageKind, reason: str
) -> None:
    """Take needs out of the hierarchy, and say what they became."""
    state = NeedState.MERGED if kind == LineageKind.MERGE else NeedState.SPLIT
    for need, _ in became:
        need.state, need.version = state, need.version + 1
    Need.objects.bulk_update([need for need, _ in became], ["state", "version"])
    rows = [
        NeedLineage(
            programme=programme, kind=kind, before=need, after=after, reason=reason, recorded_at=clock.now()
        )
        for need, others in became
        for after in others
    ]
    for row in rows:
        row.clean_fields(exclude={"programme", "before", "after"})
    NeedLineage.objects.bulk_create(rows)


def _say_why(reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason_missing", "Say why: a merge or a split is read for years.", field="reason")
