"""Interventions: what is done, which needs it answers, what it comes after, and where it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from handover.models import Place, Programme
from handover.permissions import Permission
from interventions.actions import changes as kept
from interventions.actions import entries, hierarchy, parts
from interventions.actions.changes import Why
from interventions.actions.entries import Text
from interventions.models import (
    Audience,
    Field,
    Intervention,
    InterventionDependency,
    InterventionNeed,
    InterventionPlace,
    Strand,
)
from interventions.queries import order
from interventions.queries.interventions import dependencies

EDIT: Final = Permission.EDIT_INTERVENTIONS


class InterventionEntry(TypedDict, total=False):
    """What can be said of an intervention. References are UUIDs; anti-discrimination, and only it, has a strand."""

    title: Text
    description: Text
    field: Field | str
    strand: Strand | str
    audience: Audience | str
    responsibility: UUID | None
    place: UUID | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    also_in: Sequence[Field | str]
    effort: Decimal | str | int | None


FIELDS: Final = frozenset(InterventionEntry.__annotations__)


@action
def add(*, by: Actor, programme_uuid: UUID, **entry: Unpack[InterventionEntry]) -> Intervention:
    """Add an intervention. Title and field are needed. With a responsibility, who holds that may, else the steward.

    Raises:
        NotFound, NotAllowed: the actor may not add it.
        Invalid: a wrong field, a strand that is missing or out of place, dates the wrong way round.
    """
    entries.only(entry, FIELDS)
    programme, references = entries.begin(by, programme_uuid, [entry], may=EDIT)
    row = build(programme, entry, references)
    row.save()
    told = {name: getattr(row, name) for name in sorted(FIELDS)}
    ledger.record(
        verb="intervention.added", by=by, programme=programme, subject=row.uuid, data=entries.facts(told)
    )
    return row


@action
def edit(
    *,
    by: Actor,
    intervention_uuid: UUID,
    version: int,
    reason: str,
    consultation: UUID | None = None,
    **changes: Unpack[InterventionEntry],
) -> Intervention:
    """Change what is said of an intervention; before, after, reason and the consultation that prompted it are kept.

    If its responsibility changes, the old and the new one are asked.

    Raises:
        NotFound, NotAllowed: the actor may not change it.
        Stale: somebody else was quicker.
        Invalid: no reason, a consultation of another programme, or as for ``add``.
    """
    entries.only(changes, FIELDS)
    row = parts.intervention_for(by, intervention_uuid)
    references = entries.References(row.programme, [changes])
    entries.asked_also(by, row, changes, references, may=EDIT)
    why = kept.why(row, reason, consultation)
    before = {name: getattr(row, name) for name in changes}
    values = entries.put(row, _columns(changes, references))
    _check_together(row)
    row.change(version=version, **values)
    kept.keep(row, before, values, why, by=by)
    ledger.record(
        verb="intervention.edited",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            "version": row.version,
            "before": entries.facts(before),
            "changes": entries.facts(values),
            **why.facts(),
        },
    )
    return row


# --- the needs that it answers ---


@action
def answer(
    *,
    by: Actor,
    intervention_uuid: UUID,
    need_uuid: UUID,
    reason: str = "",
    consultation: UUID | None = None,
) -> InterventionNeed:
    """Say that an intervention answers a need of the same programme. Once it has begun, with a reason.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Invalid: the need is not this programme's, is closed, or is answered by it already; no reason where one is due.
    """
    row = parts.intervention_for(by, intervention_uuid)
    why = kept.why(row, reason, consultation, adds=True)
    # Of two that link the same need at once, the second waits here and is told.
    parts.lock(row)
    need = hierarchy.one(row.programme, need_uuid)
    if InterventionNeed.objects.filter(intervention=row, need=need).exists():
        raise Invalid("already_answered", f"“{row}” answers “{need}” already.", field="need")
    link = InterventionNeed.objects.create(programme=row.programme, intervention=row, need=need)
    _linked(row, why, by=by, verb="intervention.need_linked", name="need", now=need)
    return link


@action
def unlink(
    *, by: Actor, intervention_uuid: UUID, need_uuid: UUID, reason: str, consultation: UUID | None = None
) -> None:
    """Say that an intervention no longer answers a need, and why.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention, or it does not answer that need.
        Invalid: no reason, or a consultation of another programme.
    """
    row = parts.intervention_for(by, intervention_uuid)
    why = kept.why(row, reason, consultation)
    links = InterventionNeed.objects.filter(intervention=row, need__uuid=need_uuid)
    link = links.select_related("need").select_for_update(of=("self",)).first()
    if link is None:
        raise NotFound("link")
    links.delete()
    _linked(row, why, by=by, verb="intervention.need_unlinked", name="need", was=link.need)


# --- what it comes after ---


@action
def after(
    *,
    by: Actor,
    intervention_uuid: UUID,
    after_uuid: UUID,
    reason: str = "",
    consultation: UUID | None = None,
) -> InterventionDependency:
    """Say that an intervention can only start after another one of the programme.

    The reason stays with the dependency; once the intervention has begun it is needed.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Invalid: the other is of another programme, comes before it already, or waits for this one itself
            (``dependency_cycle``, with the way round in words); no reason where one is due.
    """
    row = parts.intervention_for(by, intervention_uuid)
    why = kept.why(row, reason, consultation, adds=True)
    hierarchy.hold(row.programme)
    first = entries.of_programme(row.programme, Intervention, after_uuid, what="intervention", field="after")
    edges = dependencies(row.programme)
    if first.pk in edges.get(row.pk, ()):
        raise Invalid("already_after", f"“{row}” comes after “{first}” already.", field="after")
    steps = order.way(edges, first.pk, row.pk)
    if steps:
        named = Intervention.objects.filter(programme=row.programme).in_bulk(steps)
        raise dependency_cycle([str(row), *(str(named[step]) for step in steps)])
    link = InterventionDependency(programme=row.programme, intervention=row, after=first, reason=why.reason)
    entries.check(link)
    link.save()
    _linked(row, why, by=by, verb="intervention.dependency_added", name="after", now=first)
    return link


@action
def not_after(
    *, by: Actor, intervention_uuid: UUID, after_uuid: UUID, reason: str, consultation: UUID | None = None
) -> None:
    """Say that an intervention no longer waits for another, and why.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention, or it does not wait for that one.
        Invalid: no reason, or a consultation of another programme.
    """
    row = parts.intervention_for(by, intervention_uuid)
    why = kept.why(row, reason, consultation)
    links = InterventionDependency.objects.filter(intervention=row, after__uuid=after_uuid)
    link = links.select_related("after").select_for_update(of=("self",)).first()
    if link is None:
        raise NotFound("dependency")
    links.delete()
    _linked(row, why, by=by, verb="intervention.dependency_removed", name="after", was=link.after)


# --- where it is done ---


@action
def place(
    *,
    by: Actor,
    intervention_uuid: UUID,
    place_uuid: UUID,
    reason: str = "",
    consultation: UUID | None = None,
) -> InterventionPlace:
    """Say that an intervention works at another place too, besides its own.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Invalid: there is no such place, it works there already, or no reason where one is due.
    """
    row = parts.intervention_for(by, intervention_uuid)
    why = kept.why(row, reason, consultation, adds=True)
    parts.lock(row)
    found = Place.objects.filter(uuid=place_uuid).first()
    if found is None:
        raise Invalid("unknown_place", f"There is no place {place_uuid}.", field="place")
    there = InterventionPlace.objects.filter(intervention=row, place=found)
    if row.place == found or there.exists():
        raise Invalid("already_there", f"“{row}” works in {found.name} already.", field="place")
    link = InterventionPlace.objects.create(programme=row.programme, intervention=row, place=found)
    _linked(row, why, by=by, verb="intervention.place_added", name="works in", now=found)
    return link


@action
def unplace(
    *, by: Actor, intervention_uuid: UUID, place_uuid: UUID, reason: str, consultation: UUID | None = None
) -> None:
    """Say that an intervention no longer works at a place besides its own, and why.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention, or it does not work there.
        Invalid: no reason, or a consultation of another programme.
    """
    row = parts.intervention_for(by, intervention_uuid)
    why = kept.why(row, reason, consultation)
    links = InterventionPlace.objects.filter(intervention=row, place__uuid=place_uuid)
    link = links.select_related("place").select_for_update(of=("self",)).first()
    if link is None:
        raise NotFound("place of this intervention")
    links.delete()
    _linked(row, why, by=by, verb="intervention.place_removed", name="works in", was=link.place)


# --- shared with loading ---


def dependency_cycle(titles: Sequence[str], *, field: str = "after") -> Invalid:
    """Make the refusal of a dependency that closes a circle; titles go from what waits to what it awaits."""
    start, *steps = (f"“{title}”" for title in titles)
    sentence = (
        f"An intervention cannot wait for itself: {start} comes after {', which comes after '.join(steps)}."
    )
    return Invalid("dependency_cycle", sentence, field=field, cycle=list(titles))


def build(
    programme: Programme, entry: entries.Entry, references: entries.References, *, at: str = ""
) -> Intervention:
    """Make an intervention of what was entered, checked and not yet saved; ``at`` goes before an error's field.

    Raises:
        Invalid: as for ``add``.
    """
    values = _columns(entry, references, at=at)
    row = Intervention(programme=programme, **values)
    entries.check(row, at=at)
    _check_together(row, at=at)
    return row


def _columns(entry: entries.Entry, references: entries.References, *, at: str = "") -> dict[str, Any]:
    entries.amounts(entry, ["effort"], at=at)
    values = entries.columns(entry, references, at=at)
    if "also_in" in values:
        values["also_in"] = _fields(values["also_in"], at=at)
    return values


def _fields(given: object, *, at: str) -> list[str]:
    """Read further fields of work, each once.

    Raises:
        Invalid: no list, or a field that there is not.
    """
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise Invalid("not_a_list", "Further fields of work must be a list.", field=f"{at}also_in")
    unknown = [item for item in given if item not in Field.values]
    if unknown:
        sentence = f"There is no field of work “{unknown[0]}”; there are {', '.join(Field.values)}."
        raise Invalid("unknown_field_of_work", sentence, field=f"{at}also_in")
    return [str(item) for item in dict.fromkeys(given)]


def _linked(
    row: Intervention,
    why: Why,
    *,
    by: Actor,
    verb: str,
    name: str,
    was: object = None,
    now: object = None,
) -> None:
    """Keep that a link came or went, and tell the ledger."""
    kept.keep(row, {name: was}, {name: now}, why, by=by)
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={**entries.facts({name: now or was}), **why.facts()},
    )


def _check_together(row: Intervention, *, at: str = "") -> None:
    """Check what no field can know alone."""
    if row.field == Field.ANTI_DISCRIMINATION and not row.strand:
        raise Invalid(
            "strand_missing", "Work against discrimination must say its strand.", field=f"{at}strand"
        )
    if row.field != Field.ANTI_DISCRIMINATION and row.strand:
        raise Invalid(
            "strand_elsewhere", "Only work against discrimination has a strand.", field=f"{at}strand"
        )
    if row.field in row.also_in:
        raise Invalid("field_repeated", "Its main field of work is not named again.", field=f"{at}also_in")
    parts.check_dates(row, "The intervention", at=at)
