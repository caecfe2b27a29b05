"""Responsibilities: defined, described, and who answers for, delivers and owes each."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.permissions import rederive
from handover.errors import Invalid
from handover.models import Organisation, Place, Programme, Responsibility, Tenure
from handover.models.base import notice_personal_data
from handover.models.responsibilities import Capacity, Phase, ResponsibilityKind, ResponsibilityScope
from handover.permissions import Permission


@action
def define(
    *,
    by: Actor,
    programme_uuid: UUID,
    title: str,
    kind: ResponsibilityKind | str,
    holder: Organisation,
    provider: Organisation | None = None,
    debtor: Organisation | None = None,
    since: dt.date | None = None,
    scope: ResponsibilityScope | str = ResponsibilityScope.PROGRAMME,
    place: Place | None = None,
    intervention_uuid: UUID | None = None,
    phase: Phase | str = Phase.OVER,
    description: str = "",
) -> Responsibility:
    """Define a responsibility, with who holds it, who delivers it (the holder if not said) and who owes the
    donor for it.

    Raises:
        NotFound, NotAllowed: the actor may not define responsibilities.
        Invalid: an unknown kind, a scope without its place or intervention, or a holder without standing.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.MANAGE_RESPONSIBILITIES)
    if kind not in ResponsibilityKind.values:
        raise Invalid("unknown_kind", f"“{kind}” is no kind of responsibility.", field="kind")
    if (scope == ResponsibilityScope.PLACE and place is None) or (
        scope == ResponsibilityScope.INTERVENTION and intervention_uuid is None
    ):
        raise Invalid("scope_missing", f"A responsibility of {scope} must say of which.", field="scope")
    if (place is not None and scope == ResponsibilityScope.PROGRAMME) or (
        intervention_uuid is not None and scope != ResponsibilityScope.INTERVENTION
    ):
        raise Invalid("scope_differs", f"A responsibility of {scope} names nothing smaller.", field="scope")
    if not holder.standings.filter(programme=programme, valid__contains=clock.now()).exists():
        raise Invalid("no_standing", f"{holder.name} has no standing on this programme.", field="holder")
    responsibility = Responsibility.objects.create(
        programme=programme,
        title=title,
        kind=kind,
        scope=scope,
        place=place,
        intervention_uuid=intervention_uuid,
        phase=phase,
        description=description,
    )
    notice_personal_data(responsibility)
    since = since or clock.today()
    duties = {Capacity.HOLDER: holder, Capacity.PROVIDER: provider or holder, Capacity.DEBTOR: debtor}
    Tenure.objects.bulk_create(
        Tenure(
            programme=programme,
            responsibility=responsibility,
            capacity=capacity,
            organisation=organisation,
            valid=DateRange(since, None),
        )
        for capacity, organisation in duties.items()
        if organisation is not None
    )
    rederive(programme)
    ledger.record(
        verb="responsibility.defined",
        by=by,
        programme=programme,
        subject=responsibility.uuid,
        data={
            "title": title,
            "kind": str(kind),
            "since": since,
            **{
                capacity.value: organisation.uuid for capacity, organisation in duties.items() if organisation
            },
        },
    )
    return responsibility


@action
def edit(*, by: Actor, responsibility_uuid: UUID, version: int, **changes: Any) -> Responsibility:
    """Change a responsibility's title, description or phase, or say of which intervention it is (``None``: of
    its place, else of the programme). Its holder may; a handover alone changes the holder.

    Raises:
        NotFound, NotAllowed: the actor may not edit it.
        Stale: somebody else was quicker.
        Invalid: a field that cannot be edited.
    """
    found = access.responsibility_for(by, responsibility_uuid, may=Permission.EDIT_RESPONSIBILITY)
    unknown = set(changes) - {"title", "description", "phase", "intervention_uuid"}
    if unknown:
        raise Invalid("not_editable", f"{', '.join(sorted(unknown))} cannot be edited.", field=min(unknown))
    if "intervention_uuid" in changes:
        changes["scope"] = _scope(found, changes["intervention_uuid"])
    found.change(version=version, **changes)
    ledger.record(
        verb="responsibility.edited", by=by, programme=found.programme, subject=found.uuid, data=changes
    )
    return found


def _scope(found: Responsibility, intervention_uuid: UUID | None) -> ResponsibilityScope:
    if intervention_uuid is not None:
        return ResponsibilityScope.INTERVENTION
    return ResponsibilityScope.PLACE if found.place_id else ResponsibilityScope.PROGRAMME


@action
def provide(
    *, by: Actor, responsibility_uuid: UUID, provider: Organisation, since: dt.date | None = None
) -> None:
    """Say who delivers a responsibility from a day on: the holder's own decision (own department,
    institution, contract).

    Raises:
        NotFound, NotAllowed: the actor does not hold it.
        Invalid: a day in the past.
    """
    found = access.responsibility_for(by, responsibility_uuid, may=Permission.EDIT_RESPONSIBILITY)
    if since is not None and since < clock.today():
        raise Invalid(
            "since_past", "Who delivered it in the past is history: name a day from today on.", field="since"
        )
    succeed(found.programme, [(found.pk, Capacity.PROVIDER, provider.pk)], on=since or clock.today())
    ledger.record(
        verb="responsibility.provided",
        by=by,
        programme=found.programme,
        subject=found.uuid,
        data={"provider": provider.uuid, "provider_name": provider.name, "since": since or clock.today()},
    )


_SUCCEED = """
WITH turn (responsibility_id, capacity, organisation_id) AS (
  SELECT * FROM unnest(%(responsibilities)s::bigint[], %(capacities)s::text[], %(organisations)s::bigint[])
), dropped AS (
  -- What began on this day or later never came to be.
  DELETE FROM handover_tenure t USING turn
   WHERE t.programme_id = %(programme)s AND t.responsibility_id = turn.responsibility_id AND t.capacity = turn.capacity
     AND lower(t.valid) >= %(on)s::date
), closed AS (
  UPDATE handover_tenure t SET valid = daterange(lower(t.valid), %(on)s::date) FROM turn
   WHERE t.programme_id = %(programme)s AND t.responsibility_id = turn.responsibility_id AND t.capacity = turn.capacity
     AND t.valid @> %(on)s::date AND lower(t.valid) < %(on)s::date
)
SELECT 1
"""

_BEGIN = """
INSERT INTO handover_tenure (uuid, programme_id, responsibility_id, capacity, organisation_id, valid, transfer_uuid)
SELECT gen_random_uuid(), %(programme)s, turn.responsibility_id, turn.capacity, turn.organisation_id,
       daterange(%(on)s::date, NULL), %(transfer)s::uuid
  FROM unnest(%(responsibilities)s::bigint[], %(capacities)s::text[], %(organisations)s::bigint[])
       AS turn (responsibility_id, capacity, organisation_id)
 WHERE turn.organisation_id IS NOT NULL
"""


def succeed(
    programme: Programme,
    turns: list[tuple[int, Capacity, int | None]],
    *,
    on: dt.date,
    transfer_uuid: UUID | None = None,
) -> None:
    """End tenures on a day and begin their successors, for any number of responsibilities in two statements.

    Args:
        turns: (responsibility id, capacity, organisation id or ``None`` where it ends without a successor).

    Inside an action that records it and re-derives the grants.
    """
    if not turns:
        return
    parameters: dict[str, Any] = {
        "programme": programme.pk,
        "responsibilities": [key for key, _, _ in turns],
        "capacities": [capacity.value for _, capacity, _ in turns],
        "organisations": [organisation for _, _, organisation in turns],
        "on": on,
        "transfer": transfer_uuid,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUCCEED, parameters)
        cursor.execute(_BEGIN, parameters)
