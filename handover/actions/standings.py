"""Standings: which organisations are let in to a programme, as what, and for how long."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Func, QuerySet

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.permissions import rederive
from handover.errors import Invalid
from handover.models import Organisation, Programme, Standing, Tenure
from handover.models.responsibilities import Capacity
from handover.permissions import Permission, StandingKind

ADMITTED = frozenset({StandingKind.PARTNER, StandingKind.DONOR, StandingKind.COMMUNITY, StandingKind.AUDITOR})
"""Kinds that a steward gives. The others follow from transfers."""


@action
def admit(
    *,
    by: Actor,
    programme_uuid: UUID,
    organisation: Organisation,
    kind: StandingKind,
    until: dt.datetime | None = None,
) -> Standing:
    """Let an organisation in, for ever or until an instant; its access then ends by itself, at its minute.

    Raises:
        NotFound, NotAllowed: the actor may not manage standings.
        Invalid: a kind that only a transfer gives, an end in the past, an auditor without an end, or the
            same standing twice.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.MANAGE_STANDINGS)
    now = clock.now()
    if kind not in ADMITTED:
        raise Invalid("kind_by_transfer", f"Only a transfer makes a {kind.value}.", field="kind")
    if until is not None and until <= now:
        raise Invalid("ends_in_past", "The access would end before it begins.", field="until")
    if kind is StandingKind.AUDITOR and until is None:
        raise Invalid("end_missing", "An auditor's access is for a time: say until when.", field="until")
    if organisation.pk == programme.steward_id or standings_now(programme, organisation, kind).exists():
        # A steward that let itself in as something else would keep that when it hands over.
        raise Invalid(
            "stands_already", f"{organisation.name} has this standing already.", field="organisation"
        )
    standing = begin(programme, organisation, kind, until=until)
    rederive(programme)
    ledger.record(
        verb="standing.admitted",
        by=by,
        programme=programme,
        subject=organisation.uuid,
        data={"organisation_name": organisation.name, "kind": kind.value, "until": until},
    )
    return standing


@action
def dismiss(
    *, by: Actor, programme_uuid: UUID, organisation: Organisation, kind: StandingKind, reason: str
) -> None:
    """End a standing now, with a reason.

    Raises:
        NotFound, NotAllowed: the actor may not manage standings.
        Invalid: a kind that only a transfer ends, no such standing, or no reason.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.MANAGE_STANDINGS)
    if kind not in ADMITTED:
        raise Invalid("kind_by_transfer", f"Only a transfer ends a {kind.value}.", field="kind")
    if not reason.strip():
        raise Invalid("reason_missing", "Ending a standing needs a reason.", field="reason")
    _leaves_no_gap(programme, organisation, kind)
    if not end(programme, organisation, kind):
        raise Invalid("stands_not", f"{organisation.name} has no such standing.", field="organisation")
    rederive(programme)
    ledger.record(
        verb="standing.dismissed",
        by=by,
        programme=programme,
        subject=organisation.uuid,
        data={"organisation_name": organisation.name, "kind": kind.value, "reason": reason},
    )


def _leaves_no_gap(programme: Programme, organisation: Organisation, kind: StandingKind) -> None:
    """Refuse to lock out whoever answers for a responsibility.

    Raises:
        Invalid: the organisation holds one, and no other standing would let it write.
    """
    held = Tenure.objects.filter(
        programme=programme,
        organisation=organisation,
        capacity=Capacity.HOLDER,
        valid__contains=clock.today(),
    )
    others = Standing.objects.filter(
        programme=programme, organisation=organisation, writes=True, valid__contains=clock.now()
    ).exclude(kind=kind.value)
    if held.exists() and not others.exists():
        raise Invalid(
            "still_holds",
            f"{organisation.name} answers for responsibilities: hand them over first.",
            field="kind",
        )


def standings_now(programme: Programme, organisation: Organisation, kind: StandingKind) -> QuerySet[Standing]:
    """Give the standings of a kind that an organisation has at this instant."""
    return Standing.objects.filter(
        programme=programme, organisation=organisation, kind=kind.value, valid__contains=clock.now()
    )


def begin(
    programme: Programme,
    organisation: Organisation,
    kind: StandingKind,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    writes: bool | None = None,
    cutoff: dt.datetime | None = None,
    transfer_uuid: UUID | None = None,
) -> Standing:
    """Begin a standing now or at ``since``, inside an action that records it and re-derives the grants."""
    return Standing.objects.create(
        programme=programme,
        organisation=organisation,
        kind=kind.value,
        valid=DateTimeTZRange(since or clock.now(), until),
        writes=kind.writes if writes is None else writes,
        cutoff=cutoff,
        transfer_uuid=transfer_uuid,
    )


def end(
    programme: Programme, organisation: Organisation, kind: StandingKind, *, given_by: UUID | None = None
) -> bool:
    """End a standing now, inside an action that records it and re-derives the grants; tell whether there was
    one.

    Args:
        given_by: only the standing that this transfer gave.
    """
    rows = standings_now(programme, organisation, kind)
    if given_by is not None:
        rows = rows.filter(transfer_uuid=given_by)
    now = clock.now()
    # A standing that began at this very instant would be left empty: it never was.
    dropped, _ = rows.filter(valid__startswith=now).delete()
    shortened = rows.update(valid=Func(Func(F("valid"), function="lower"), now, function="tstzrange"))
    return bool(dropped or shortened)
