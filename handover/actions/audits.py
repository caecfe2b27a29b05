"""Engagements: an authority opens an audit, a steward lets one in; access begins and ends with it, by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action, lines, standings
from handover.actions.permissions import rederive
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import AuditEngagement, AuditGrant, Grant, Organisation, Programme, Standing
from handover.models.audits import AuditKind
from handover.permissions import Permission, StandingKind
from handover.queries import audits as reads
from handover.queries.audits import State

SAID: Final = ("reference", "title", "purpose", "auditor", "legal_basis", "starts_at", "ends_at", "notice")
"""What is said of an engagement."""


@action
def open_by_authority(
    *, by: Actor, programme_uuid: UUID, auditor: Organisation | UUID, ends_at: dt.datetime,
    reference: str, title: str, purpose: str, legal_basis: str,
    starts_at: dt.datetime | None = None, notice: str = "", grants: Sequence[UUID] = (),
) -> AuditEngagement:  # fmt: skip
    """Open an audit of grants that the actor's organisation funds. Nobody's consent is asked; everybody is told.

    Args:
        auditor: who audits; an auditor's standing is theirs from the first instant up to the last.
        starts_at: a whole minute that is not past; the present one if not said.
        ends_at: a whole minute, at which access ends.
        grants: those that it is about; all that the organisation funds if none is said.

    Raises:
        NotFound, NotAllowed: the actor may not open audits, or no such grant names their organisation.
        Invalid: a field is wrong, instants that cannot be, or an auditor that is not independent.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.OPEN_AUDIT)
    funded = Grant.objects.filter(programme=programme, donor=by.organisation)
    if not legal_basis.strip():
        raise Invalid("basis_missing", "Name the rule by which the audit is opened.", field="legal_basis")
    scope = _scope(funded, grants)
    if not scope:
        raise NotAllowed("not_the_authority", f"No grant of this programme names {by.organisation.name}.")
    return _opened(
        by, programme, AuditKind.AUTHORITY, auditor, scope,
        reference=reference, title=title, purpose=purpose, legal_basis=legal_basis, notice=notice,
        starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip


@action
def open_review(
    *, by: Actor, programme_uuid: UUID, auditor: Organisation | UUID, ends_at: dt.datetime,
    reference: str, title: str, purpose: str, legal_basis: str = "",
    starts_at: dt.datetime | None = None, notice: str = "", grants: Sequence[UUID] = (),
) -> AuditEngagement:  # fmt: skip
    """Let somebody review the programme: the steward's own will, which is its consent. Arguments as for an authority;
    without grants it is about the whole programme.

    Raises:
        NotFound, NotAllowed: the actor may not admit organisations.
        Invalid: as for an authority.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.MANAGE_STANDINGS)
    scope = _scope(Grant.objects.filter(programme=programme), grants) if grants else []
    return _opened(
        by, programme, AuditKind.REVIEW, auditor, scope,
        reference=reference, title=title, purpose=purpose, legal_basis=legal_basis, notice=notice,
        starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip


@action
def extend(
    *, by: Actor, engagement_uuid: UUID, version: int, ends_at: dt.datetime, reason: str
) -> AuditEngagement:
    """Let an audit last longer. One that has ended goes on from now: what lay between stays closed.

    Raises:
        NotFound, NotAllowed: the actor may not, or another organisation opened it.
        Stale: somebody else was quicker.
        Invalid: it was withdrawn, no reason, or an end that is not later.
    """
    row = _mine(by, engagement_uuid)
    _reasoned(reason)
    _minute(ends_at, "ends_at")
    if ends_at <= max(row.ends_at, clock.now()):
        raise Invalid("end_not_later", "The new end is not later than the present one.", field="ends_at")
    before = row.ends_at
    if reads.state(row) is State.ENDED:
        standings.begin(row.programme, row.auditor, StandingKind.AUDITOR, until=ends_at)
    else:
        _lasts(row, ends_at)
    row.change(version=version, ends_at=ends_at)
    rederive(row.programme)
    _record(by, row, "audit.extended", {"before": before, "after": ends_at, "reason": reason})
    return row


@action
def end(*, by: Actor, engagement_uuid: UUID, version: int, reason: str) -> AuditEngagement:
    """End an audit now, or withdraw one that has not begun.

    Raises:
        NotFound, NotAllowed: the actor may not, or another organisation opened it.
        Stale: somebody else was quicker.
        Invalid: it is over already, or no reason.
    """
    row = _mine(by, engagement_uuid)
    _reasoned(reason)
    if reads.state(row) is State.ENDED:
        raise Invalid("audit_over", "This audit has ended already.")
    now = clock.now()
    begun = now > row.starts_at
    _lasts(row, now if begun else None)
    row.change(version=version, **({"ends_at": now} if begun else {"withdrawn_at": now}))
    rederive(row.programme)
    _record(by, row, "audit.ended" if begun else "audit.withdrawn", {"reason": reason})
    return row


def found(key: UUID) -> AuditEngagement:
    """Fetch an engagement behind the wall; the caller asks what the actor may do. For actions alone.

    Raises:
        NotFound: there is none.
    """
    row = (
        AuditEngagement.objects.select_related("programme__steward", "auditor", "opened_by")
        .filter(uuid=key)
        .order_by("id")
        .first()
    )
    if row is None:
        raise NotFound("audit")
    return row


def audits(by: Actor, row: AuditEngagement, *, afterwards: bool = False) -> None:
    """Ask whether an actor is of the auditing side now.

    Args:
        afterwards: after the end, the authority that opened it stands in for the auditor.

    Raises:
        NotFound, NotAllowed: they may not keep this audit.
        Invalid: it is not open.
    """
    where = reads.state(row)
    if (
        afterwards
        and where is State.ENDED
        and row.kind == AuditKind.AUTHORITY
        and row.opened_by_id == by.organisation.pk
    ):
        access.authorise(by, row.programme_id, None, may=Permission.OPEN_AUDIT)
        return
    access.authorise(by, row.programme_id, None, may=Permission.AUDIT)
    if row.auditor_id != by.organisation.pk:
        raise NotAllowed("not_the_auditor", f"{row.auditor.name} audits here, not your organisation.")
    if where is not State.OPEN:
        raise Invalid("audit_not_open", "This audit is not open now.")


def answers(by: Actor, row: AuditEngagement) -> None:
    """Ask whether an actor may answer for the audited side; they may after the end, too.

    Raises:
        NotFound, NotAllowed: they may not.
    """
    programme = access.authorise(by, row.programme_id, None, may=Permission.ANSWER_AUDIT)
    if not reads.is_audited(by, programme):
        raise NotAllowed("not_audited", "Your organisation answers for nothing in this programme today.")


def _mine(by: Actor, key: UUID) -> AuditEngagement:
    row = found(key)
    authority = row.kind == AuditKind.AUTHORITY
    may = Permission.OPEN_AUDIT if authority else Permission.MANAGE_STANDINGS
    access.authorise(by, row.programme_id, None, may=may)
    if authority and row.opened_by_id != by.organisation.pk:
        raise NotAllowed("not_the_opener", f"{row.opened_by.name} opened this audit, not your organisation.")
    if row.withdrawn_at is not None:
        raise Invalid("audit_withdrawn", "This audit was withdrawn.")
    return row


def _scope(known: QuerySet[Grant], asked: Sequence[UUID]) -> list[Grant]:
    rows = list(known.order_by("id"))
    if not asked:
        return rows
    by_uuid = {row.uuid: row for row in rows}
    unknown = [key for key in asked if key not in by_uuid]
    if unknown:
        raise Invalid("unknown_grant", f"This audit cannot be about the grant {unknown[0]}.", field="grants")
    return [by_uuid[key] for key in dict.fromkeys(asked)]


def _opened(
    by: Actor, programme: Programme, kind: AuditKind, auditor: Organisation | UUID, scope: Sequence[Grant], /,
    *, starts_at: dt.datetime | None, ends_at: dt.datetime, **said: str,
) -> AuditEngagement:  # fmt: skip
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    start = starts_at or minute
    _minute(start, "starts_at")
    _minute(ends_at, "ends_at")
    if start < minute:
        raise Invalid("starts_in_past", "Access cannot begin in the past.", field="starts_at")
    if ends_at <= max(start, now):
        raise Invalid("ends_in_past", "The access would end before it begins.", field="ends_at")
    given = lines.filled(AuditEngagement, programme, {**said, "auditor": auditor})
    row = AuditEngagement(
        programme=programme, kind=kind, opened_by=by.organisation, starts_at=start, ends_at=ends_at, **given
    )
    lines.cleaned(row)
    _independent(programme, row.auditor)
    row.save()
    AuditGrant.objects.bulk_create(
        [AuditGrant(programme=programme, engagement=row, grant=grant) for grant in scope]
    )
    standings.begin(programme, row.auditor, StandingKind.AUDITOR, since=start, until=ends_at)
    rederive(programme)
    _record(
        by, row, "audit.opened",
        {
            "kind": row.kind, "reference": row.reference, "auditor": row.auditor.uuid,
            "auditor_name": row.auditor.name, "grants": [grant.uuid for grant in scope],
            "legal_basis": row.legal_basis, "starts_at": start, "ends_at": ends_at,
        },
    )  # fmt: skip
    return row


def _independent(programme: Programme, auditor: Organisation) -> None:
    """Refuse an auditor that keeps the programme itself; who funds it may audit it."""
    writes = Standing.objects.filter(
        programme=programme, organisation=auditor, writes=True, valid__contains=clock.now()
    ).exclude(kind=StandingKind.DONOR.value)
    if programme.steward_id == auditor.pk or writes.exists():
        raise Invalid(
            "auditor_not_independent",
            f"{auditor.name} takes part in this programme: it cannot audit it.",
            field="auditor",
        )


def _lasts(row: AuditEngagement, until: dt.datetime | None) -> None:
    """Move the end of the standing that an engagement gave; ``None`` takes it away."""
    given = (
        Standing.objects.filter(
            programme=row.programme,
            organisation=row.auditor,
            kind=StandingKind.AUDITOR.value,
            valid__endswith=row.ends_at,
        )
        .order_by("-id")
        .first()
    )
    if given is None:
        return
    if until is None:
        given.delete()
    else:
        given.valid = DateTimeTZRange(given.valid.lower, until)
        given.save()


def _minute(instant: dt.datetime, field: str) -> None:
    if instant.tzinfo is None or instant.second or instant.microsecond:
        raise Invalid(
            "not_a_minute", "Access begins and ends at a whole minute, with its offset.", field=field
        )


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason_missing", "Say why.", field="reason")


def _record(by: Actor, row: AuditEngagement, verb: str, data: dict[str, object]) -> None:
    ledger.record(verb=verb, by=by, programme=row.programme, subject=row.uuid, data=data)
