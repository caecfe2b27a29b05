"""Interventions: what is done, and which needs it answers."""

from __future__ import annotations

import datetime as dt
from typing import Final, TypedDict, Unpack
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import entries
from interventions.actions.entries import Text
from interventions.models import Audience, Field, Intervention, InterventionNeed, Need, Strand

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
    *, by: Actor, intervention_uuid: UUID, version: int, **changes: Unpack[InterventionEntry]
) -> Intervention:
    """Change what is said of an intervention. If its responsibility changes, the old and the new one are asked.

    Raises:
        NotFound, NotAllowed: the actor may not change it.
        Stale: somebody else was quicker.
        Invalid: as for ``add``.
    """
    entries.only(changes, FIELDS)
    row = entries.fetch(by, Intervention, intervention_uuid, may=EDIT)
    references = entries.References(row.programme, [changes])
    entries.asked_also(by, row, changes, references, may=EDIT)
    values = entries.put(row, entries.columns(changes, references))
    _check_together(row)
    row.change(version=version, **values)
    ledger.record(
        verb="intervention.edited",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"version": row.version, "changes": entries.facts(values)},
    )
    return row


@action
def answer(*, by: Actor, intervention_uuid: UUID, need_uuid: UUID) -> InterventionNeed:
    """Say that an intervention answers a need of the same programme.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Invalid: the need is not this programme's, or is answered by it already.
    """
    row = entries.fetch(by, Intervention, intervention_uuid, may=EDIT)
    # Of two that link the same need at once, the second waits here and is told.
    Intervention.objects.select_for_update().get(pk=row.pk)
    need = Need.objects.filter(programme=row.programme, uuid=need_uuid).first()
    if need is None:
        raise Invalid("unknown_need", "There is no such need in this programme.", field="need")
    if InterventionNeed.objects.filter(intervention=row, need=need).exists():
        raise Invalid("already_answered", f"“{row}” answers “{need}” already.", field="need")
    link = InterventionNeed.objects.create(programme=row.programme, intervention=row, need=need)
    ledger.record(
        verb="intervention.need_linked",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data=entries.facts({"need": need}),
    )
    return link


@action
def unlink(*, by: Actor, intervention_uuid: UUID, need_uuid: UUID) -> None:
    """Say that an intervention no longer answers a need.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention, or it does not answer that need.
    """
    row = entries.fetch(by, Intervention, intervention_uuid, may=EDIT)
    gone, _ = InterventionNeed.objects.filter(intervention=row, need__uuid=need_uuid).delete()
    if not gone:
        raise NotFound("link")
    ledger.record(
        verb="intervention.need_unlinked",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"need": need_uuid},
    )


def build(
    programme: Programme, entry: entries.Entry, references: entries.References, *, at: str = ""
) -> Intervention:
    """Make an intervention of what was entered, checked and not yet saved; ``at`` goes before an error's field.

    Raises:
        Invalid: as for ``add``.
    """
    values = entries.columns(entry, references, at=at)
    row = Intervention(programme=programme, **values)
    entries.check(row, at=at)
    _check_together(row, at=at)
    return row


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
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        raise Invalid("dates_reversed", "The intervention ends before it begins.", field=f"{at}ends_on")
