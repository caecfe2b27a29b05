"""Needs: the nodes of the hierarchy, their order, what has to come first, and when they are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Unpack
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from handover.models import Place
from handover.permissions import Permission
from interventions.actions import entries, hierarchy, need_entries
from interventions.actions.need_entries import NeedChanges, NeedEntry
from interventions.models import Need, NeedPlace, NeedPrerequisite, NeedState
from interventions.queries import order
from interventions.queries.needs import open_needs

EDIT: Final = Permission.EDIT_NEEDS


# --- nodes ---


@action
def add(*, by: Actor, programme_uuid: UUID, parent: UUID | None = None, **entry: Unpack[NeedEntry]) -> Need:
    """Add a need below another, or at the top. Title, level and severity (1 to 5) are needed.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: a wrong field, an unknown level, a parent of another programme or one that was merged or split, or a
            count without its source.
    """
    entries.only(entry, need_entries.FIELDS)
    programme, references = need_entries.begin(by, programme_uuid, [entry])
    above = hierarchy.one(programme, parent, field="parent") if parent else None
    terms = need_entries.known(programme, [entry], references=references)
    need = need_entries.build(entry, terms)
    need.parent = above
    if "rank" not in entry:
        need.rank = hierarchy.last_rank(programme, above) + 1
    need.save()
    places = NeedPlace.objects.bulk_create(need_entries.places_of(need, terms.places(entry)))
    ledger.record(
        verb="need.added",
        by=by,
        programme=programme,
        subject=need.uuid,
        data={**need_entries.told(need, places), "parent": above.uuid if above else None},
    )
    return need


@action
def edit(*, by: Actor, need_uuid: UUID, version: int, **changes: Unpack[NeedChanges]) -> Need:
    """Change what is said of a need; ``move`` and ``rank`` change where it stands. ``places`` replaces them all.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Stale: somebody else was quicker.
        Invalid: a wrong field, an unknown level, a count without its source, or a need that was merged or split.
    """
    entries.only(changes, need_entries.CHANGES)
    need = _fetch(by, need_uuid)
    terms = need_entries.known(need.programme, [changes])
    entries.asked_also(by, need, changes, terms.references, may=EDIT)
    values = entries.put(need, terms.columns(changes))
    counts = terms.places(changes) if "places" in changes else _counts(need)
    need_entries.check_source(need, counts)
    need.change(version=version, **values)
    said = entries.facts(values)
    if {"place", "places"} & changes.keys():
        said["places"] = need_entries.places_told(_replace_places(need, counts))
    ledger.record(
        verb="need.edited",
        by=by,
        programme=need.programme,
        subject=need.uuid,
        data={"version": need.version, "changes": said},
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
    need = _fetch(by, need_uuid)
    programme = need.programme
    hierarchy.hold(programme)
    above = hierarchy.one(programme, parent, field="parent") if parent else None
    if above:
        upwards = hierarchy.parents(programme)
        steps = order.way({key: [up] for key, up in upwards.items() if up}, above.pk, need.pk)
        if steps:
            raise hierarchy.parent_circle(hierarchy.titles(programme, [*reversed(steps), need.pk]))
    before = Need.objects.filter(children=need.pk).first()
    place = hierarchy.last_rank(programme, above) + 1 if rank is None else rank
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
def rank(
    *, by: Actor, programme_uuid: UUID, parent: UUID | None, ranked: Sequence[UUID], reason: str = ""
) -> list[Need]:
    """Put all needs below one parent (or at the top) in an order, most urgent first; the ledger keeps the reason.

    ``rankings.hold`` keeps a ranking for everybody to read: whose it is, by which method, with its ballots, and why.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: ``ranked`` does not name each of them exactly once.
    """
    programme = access.programme_for(by, programme_uuid, may=EDIT)
    hierarchy.hold(programme)
    above = hierarchy.one(programme, parent, field="parent") if parent else None
    # The rows are locked too: an edit between reading and writing would otherwise lose its version.
    siblings = list(open_needs(programme).filter(parent=above).select_for_update(of=("self",)).order_by("id"))
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
        data={"ranked": list(ranked), "reason": reason},
    )
    return sorted(siblings, key=lambda need: need.rank)


# --- what has to come first ---


@action
def require(*, by: Actor, need_uuid: UUID, requires: UUID) -> NeedPrerequisite:
    """Say that a need can only be answered after another.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: the other is of another programme, was merged or split, is required already, or waits for this one
            itself (``prerequisite_cycle``, with the way round in words).
    """
    programme = entries.fetch(by, Need, need_uuid, may=EDIT).programme
    hierarchy.hold(programme)
    need = hierarchy.one(programme, need_uuid)
    first = hierarchy.one(programme, requires, field="requires")
    edges = hierarchy.prerequisites(programme)
    if first.pk in edges.get(need.pk, ()):
        raise Invalid("already_required", f"“{need}” requires “{first}” already.", field="requires")
    steps = order.way(edges, first.pk, need.pk)
    if steps:
        raise hierarchy.prerequisite_cycle(hierarchy.titles(programme, [need.pk, *steps]))
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


# --- met, and open again ---


@action
def meet(*, by: Actor, need_uuid: UUID, version: int, reason: str) -> Need:
    """Say that a need is met, and how one knows. It stays in the hierarchy with all its links.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Stale: somebody else was quicker.
        Invalid: no reason, met already, or merged or split.
    """
    need = _fetch(by, need_uuid)
    if need.state == NeedState.MET:
        raise Invalid("already_met", f"“{need}” is met already.", field="need")
    return _stated(by, need, version, NeedState.MET, "need.met", reason)


@action
def reopen(*, by: Actor, need_uuid: UUID, version: int, reason: str) -> Need:
    """Say that a need is not met after all, or again.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Stale: somebody else was quicker.
        Invalid: no reason, not met, or merged or split.
    """
    need = _fetch(by, need_uuid)
    if need.state != NeedState.MET:
        raise Invalid("not_met", f"“{need}” is not said to be met.", field="need")
    return _stated(by, need, version, NeedState.STANDING, "need.reopened", reason)


def _stated(by: Actor, need: Need, version: int, state: NeedState, verb: str, reason: str) -> Need:
    if not reason.strip():
        raise Invalid("reason_missing", "Say why: how one knows.", field="reason")
    need.change(version=version, state=state)
    ledger.record(
        verb=verb,
        by=by,
        programme=need.programme,
        subject=need.uuid,
        data={"version": need.version, "reason": reason},
    )
    return need


def _fetch(by: Actor, need_uuid: UUID) -> Need:
    """Fetch a need that the actor may change, and that may still be changed."""
    need = entries.fetch(by, Need, need_uuid, may=EDIT)
    hierarchy.still_open(need)
    return need


def _counts(need: Need) -> dict[Place, int | None]:
    rows = NeedPlace.objects.filter(need=need).select_related("place").order_by("id")
    return {row.place: row.people_affected for row in rows}


def _replace_places(need: Need, counts: Mapping[Place, int | None]) -> list[NeedPlace]:
    """Make a need's other places these; a place that stays keeps its row."""
    wanted = {row.place_id: row for row in need_entries.places_of(need, counts)}
    there = {row.place_id: row for row in NeedPlace.objects.filter(need=need).select_related("place")}
    NeedPlace.objects.filter(pk__in=[row.pk for key, row in there.items() if key not in wanted]).delete()
    kept = [there[key] for key in wanted if key in there]
    for row in kept:
        row.people_affected = wanted[row.place_id].people_affected
    NeedPlace.objects.bulk_update(kept, ["people_affected"])
    NeedPlace.objects.bulk_create(row for key, row in wanted.items() if key not in there)
    return list(wanted.values())
