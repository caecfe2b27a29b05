"""Programmes: their birth, their description."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from handover import access, clock, ledger
from handover.access import Actor, custody
from handover.actions import action
from handover.actions.permissions import rederive
from handover.errors import Invalid, NotAllowed
from handover.models import Community, Place, Programme, ProgrammePlace, Standing
from handover.models.base import notice_personal_data
from handover.narratives import Narrative, narratives
from handover.permissions import Permission, Role, StandingKind

FOUNDERS = (Role.MANAGER.value, Role.OFFICER.value)


@action
def create(
    *,
    by: Actor,
    identifier: str,
    title: str | Mapping[str, str] | Sequence[Narrative],
    description: str | Mapping[str, str] | Sequence[Narrative] = "",
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
) -> Programme:
    """Found a programme; the actor's organisation becomes its steward. Its managers and officers may.

    Args:
        identifier: the IATI activity identifier; it never changes, whoever the steward is.

    Raises:
        NotAllowed: the actor is neither manager nor officer.
        Invalid: no identifier, one that the organisation uses already, or dates the wrong way round.
    """
    if not access.seats_now(by.user).filter(organisation=by.organisation, role__in=FOUNDERS).exists():
        raise NotAllowed(
            "not_manager", f"Only managers and officers of {by.organisation.name} may found programmes."
        )
    identifier = identifier.strip()
    if not identifier:
        raise Invalid("identifier_missing", "A programme needs an identifier.", field="identifier")
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid("dates_reversed", "The programme ends before it begins.", field="ends_on")
    stewarded = Standing.objects.filter(
        organisation=by.organisation, kind__in=(StandingKind.STEWARD.value, StandingKind.FORMER_STEWARD.value)
    )
    if Programme.objects.filter(identifier=identifier, standings__in=stewarded).exists():
        raise Invalid(
            "identifier_taken",
            f"{by.organisation.name} has a programme {identifier} already.",
            field="identifier",
        )
    key = _next_key()
    now = clock.now()
    # Nobody stands to a programme that is not born yet: custody of its key lets the first rows in.
    with custody(key):
        programme = Programme.objects.create(
            id=key,
            identifier=identifier,
            title=narratives(title),
            description=narratives(description),
            steward=by.organisation,
            starts_on=starts_on,
            ends_on=ends_on,
            created_at=now,
        )
        notice_personal_data(programme)
        Standing.objects.create(
            programme=programme,
            organisation=by.organisation,
            kind=StandingKind.STEWARD.value,
            valid=DateTimeTZRange(now, None),
            writes=True,
        )
        rederive(programme)
        ledger.record(
            verb="programme.created",
            by=by,
            programme=programme,
            subject=programme.uuid,
            data={"identifier": identifier, "title": programme.title, "steward": by.organisation.uuid},
        )
    return programme


def _next_key() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('handover_programme', 'id'))")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@action
def edit(*, by: Actor, programme_uuid: UUID, version: int, **changes: Any) -> Programme:
    """Change title, description or dates; the identifier and the steward never change this way.

    Raises:
        NotFound, NotAllowed: the actor may not edit it.
        Stale: somebody else was quicker.
        Invalid: a field that cannot be edited.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.EDIT_PROGRAMME)
    unknown = set(changes) - {"title", "description", "starts_on", "ends_on"}
    if unknown:
        raise Invalid("not_editable", f"{', '.join(sorted(unknown))} cannot be edited.", field=min(unknown))
    for name in ("title", "description"):
        if name in changes:
            changes[name] = narratives(changes[name])
    programme.change(version=version, **changes)
    ledger.record(verb="programme.edited", by=by, programme=programme, subject=programme.uuid, data=changes)
    return programme


@action
def serve(
    *,
    by: Actor,
    programme_uuid: UUID,
    name: str,
    place: Place,
    estimated_people: int | None = None,
    source: str = "",
) -> Community:
    """Say which community the programme serves, where, and how many people it is thought to have. An
    estimate, never a list.

    Raises:
        NotFound, NotAllowed: the actor may not edit the programme.
        Invalid: an estimate without a source.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.EDIT_PROGRAMME)
    if estimated_people is not None and not source.strip():
        raise Invalid("source_missing", "An estimate of people needs its source.", field="source")
    ProgrammePlace.objects.get_or_create(programme=programme, place=place)
    community = Community.objects.create(
        programme=programme, name=name, place=place, estimated_people=estimated_people, source=source
    )
    notice_personal_data(community)
    ledger.record(
        verb="community.served",
        by=by,
        programme=programme,
        subject=community.uuid,
        data={"name": name, "place": place.code, "estimated_people": estimated_people, "source": source},
    )
    return community


@action
def work_at(*, by: Actor, programme_uuid: UUID, place: Place) -> None:
    """Say that the programme works at a place.

    Raises:
        NotFound, NotAllowed: the actor may not edit the programme.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.EDIT_PROGRAMME)
    _, new = ProgrammePlace.objects.get_or_create(programme=programme, place=place)
    if new:
        ledger.record(
            verb="programme.placed", by=by, programme=programme, subject=place.uuid, data={"code": place.code}
        )
