"""Programmes and what the kernel hangs on them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

from handover.access import Actor
from handover.actions import programmes, registers, responsibilities, standings
from handover.models import Grant, Organisation, Programme, Responsibility
from handover.models.responsibilities import ResponsibilityKind
from handover.permissions import StandingKind

_numbers = count(1)


def programme(steward: Actor, *, identifier: str = "", title: str = "A programme") -> Programme:
    """Found a programme; the actor's organisation is its steward."""
    return programmes.create(
        by=steward,
        identifier=identifier or f"XX-TEST-{next(_numbers)}",
        title={"en": title},
        starts_on=dt.date(2022, 1, 1),
        ends_on=dt.date(2026, 12, 31),
    )


def admitted(
    programme: Programme,
    guest: Organisation,
    kind: StandingKind,
    *,
    by: Actor,
    until: dt.datetime | None = None,
) -> None:
    """Let an organisation in."""
    standings.admit(by=by, programme_uuid=programme.uuid, organisation=guest, kind=kind, until=until)


def responsibility(
    programme: Programme,
    *,
    by: Actor,
    title: str = "A service",
    kind: ResponsibilityKind = ResponsibilityKind.SERVICE,
    holder: Organisation | None = None,
) -> Responsibility:
    """Define a responsibility, held by the actor's organisation unless another is named; the actor's owes it."""
    return responsibilities.define(
        by=by,
        programme_uuid=programme.uuid,
        title=title,
        kind=kind,
        holder=holder or by.organisation,
        debtor=by.organisation,
        since=dt.date(2022, 1, 1),
    )


def grant(programme: Programme, *, by: Actor, donor: Organisation, **fields: Any) -> Grant:
    """Add a grant of 100,000 EUR for 2022 to 2024, led by the actor's organisation; ``fields`` say the rest."""
    return registers.add_grant(
        by=by,
        programme_uuid=programme.uuid,
        title="A grant",
        donor=donor,
        lead=by.organisation,
        agreement_number="XX-1",
        starts_on=dt.date(2022, 1, 1),
        ends_on=dt.date(2024, 12, 31),
        amount=Decimal(100000),
        currency="EUR",
        **fields,
    )
